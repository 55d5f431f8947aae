/* What the service refuses, and with which answer: a client that relies on less finds out here. */
#include "sim_client.h"

#define SCENARIO                                                                                   \
  "seed: 3\n"                                                                                      \
  "accounts:\n"                                                                                    \
  "  - {email: one@example.com, capacity: 3}\n"                                                    \
  "  - {email: two@example.com, capacity: 3, voices: [Maya]}\n"                                    \
  "  - {email: alone@example.com, token: user:99-other, capacity: 3}\n"                            \
  "  - {email: broken@example.com, broken: {from: 0s, until: 10m}}\n"                              \
  "  - {email: gone@example.com, suspended: 0s}\n"

static int set_up(void **state) {
  static struct client client;
  client_begin(&client, SCENARIO);
  *state = &client;
  return 0;
}
static int tear_down(void **state) {
  client_end(*state);
  return 0;
}

static int upload_as(struct client *client, const char *query, const char *type, const char *body) {
  char target[512];
  (void)snprintf(target, sizeof target, "/v1/runwayml/assets/%s", query);
  return client_send(client, "POST", target, type, body, strlen(body));
}

static int submit_with(struct client *client, const char *asset, const char *more) {
  char body[8192];
  (void)snprintf(body, sizeof body, "{\"video_assetId\":\"%s\"%s}", asset, more);
  return client_submit_json(client, body);
}

#define VOICE ",\"voiceId\":\"voice-maya\""

static void a_wrong_or_missing_token_is_unauthorized(void **state) {
  struct client *client = *state;
  client->authorization = "Bearer user:1234-other";
  assert_int_equal(client_get(client, "/accounts"), 401);
  assert_string_equal(client->reply.body, "{\"error\":\"Unauthorized\",\"code\":401}");
  client->authorization = NULL;
  assert_int_equal(client_get(client, "/accounts"), 401);
}

static void the_email_is_required_when_the_token_has_several_accounts(void **state) {
  struct client *client = *state;
  assert_int_equal(upload_as(client, "?name=clip", "video/mp4", "clip"), 400);
  assert_true(client_says(client, "email is required"));
  assert_int_equal(client_get(client, "/tasks/?offset=0&limit=10"), 400);
  client->authorization = "Bearer user:99-other";
  assert_int_equal(upload_as(client, "?name=clip", "video/mp4", "clip"), 200);
  assert_int_equal(client_get(client, "/tasks/?offset=0&limit=10"), 200);
}

static void an_unknown_account_is_not_found(void **state) {
  struct client *client = *state;
  assert_int_equal(upload_as(client, "?email=three@example.com", "video/mp4", "clip"), 404);
  assert_int_equal(upload_as(client, "?email=alone@example.com", "video/mp4", "clip"), 404);
}

static void an_upload_needs_a_known_content_type_and_bytes(void **state) {
  struct client *client = *state;
  assert_int_equal(upload_as(client, "?email=one@example.com", "application/octet-stream", "x"),
                   400);
  assert_int_equal(upload_as(client, "?email=one@example.com", NULL, "x"), 400);
  assert_int_equal(upload_as(client, "?email=one@example.com", "video/mp4", ""), 400);
  assert_int_equal(upload_as(client, "?email=one@example.com&duration=x", "video/mp4", "x"), 400);
  assert_int_equal(upload_as(client, "?email=one@example.com&width=0", "video/mp4", "x"), 400);
  assert_int_equal(upload_as(client, "?email=one@example.com", "video/MP2T", "x"), 200);
}

static void lists_need_offset_and_limit_in_range(void **state) {
  static const char *const wrong[] = {"",
                                      "&offset=0",
                                      "&limit=1",
                                      "&offset=0&limit=0",
                                      "&offset=0&limit=1001",
                                      "&offset=1001&limit=1",
                                      "&offset=-1&limit=1",
                                      "&offset=0&limit=x"};
  struct client *client = *state;
  char path[256];
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    (void)snprintf(path, sizeof path, "/tasks/?email=one@example.com%s", wrong[i]);
    assert_int_equal(client_get(client, path), 400);
    (void)snprintf(path, sizeof path, "/assets/?email=one@example.com%s", wrong[i]);
    assert_int_equal(client_get(client, path), 400);
  }
  assert_int_equal(client_get(client, "/tasks/?email=one@example.com&offset=1000&limit=1000"), 200);
  assert_int_equal(
      client_get(client, "/tasks/?email=one@example.com&offset=0&limit=9&statuses=DONE"), 400);
  assert_int_equal(
      client_get(client, "/assets/?email=one@example.com&offset=0&limit=9&mediaType=film"), 400);
}

static void a_submission_must_be_json_or_a_form(void **state) {
  struct client *client = *state;
  static const char path[] = "/v1/runwayml/gen4/act-two-voice";
  char asset[256], body[512];
  client_upload(client, "one@example.com", "clip", 10, asset, sizeof asset);
  (void)snprintf(body, sizeof body, "{\"video_assetId\":\"%s\"" VOICE "}", asset);
  assert_int_equal(client_send(client, "POST", path, "text/plain", body, strlen(body)), 400);
  assert_int_equal(client_send(client, "POST", path, NULL, body, strlen(body)), 400);
  assert_int_equal(client_submit_json(client, "{\"video_assetId\":"), 400);
  assert_int_equal(client_submit_json(client, "[]"), 400);
  (void)snprintf(body, sizeof body, "{\"video_assetId\":\"%s\"" VOICE "} trailing", asset);
  assert_int_equal(client_submit_json(client, body), 400);
  assert_int_equal(sim_service_totals(client->service).accepted, 0);
}

static void a_form_is_as_good_as_json(void **state) {
  struct client *client = *state;
  char asset[256], body[1024];
  client_upload(client, "one@example.com", "clip", 10, asset, sizeof asset);
  (void)snprintf(body, sizeof body,
                 "--xx\r\nContent-Disposition: form-data; name=\"video_assetId\"\r\n\r\n%s\r\n"
                 "--xx\r\nContent-Disposition: form-data; name=\"voiceId\"\r\n\r\nvoice-leo\r\n"
                 "--xx\r\nContent-Disposition: form-data; name=\"maxJobs\"\r\n\r\n%s\r\n--xx--\r\n",
                 asset, "3");
  static const char path[] = "/v1/runwayml/gen4/act-two-voice";
  static const char type[] = "multipart/form-data; boundary=xx";
  assert_int_equal(client_send(client, "POST", path, type, body, strlen(body)), 200);
  *strchr(strstr(body, "maxJobs"), '3') = '0';
  assert_int_equal(client_send(client, "POST", path, type, body, strlen(body)), 400);
  assert_int_equal(client_send(client, "POST", path, type, body, strlen(body) - 8), 400);
}

static void parameters_are_checked_one_by_one(void **state) {
  struct client *client = *state;
  char asset[256];
  client_upload(client, "one@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(submit_with(client, asset, ""), 400);
  assert_int_equal(submit_with(client, asset, ",\"voiceId\":5"), 400);
  assert_int_equal(submit_with(client, asset, VOICE ",\"maxJobs\":0"), 400);
  assert_int_equal(submit_with(client, asset, VOICE ",\"maxJobs\":11"), 400);
  assert_int_equal(submit_with(client, asset, VOICE ",\"maxJobs\":1.5"), 400);
  assert_int_equal(submit_with(client, asset, VOICE ",\"maxJobs\":\"5\""), 400);
  assert_int_equal(submit_with(client, asset, VOICE ",\"exploreMode\":\"yes\""), 400);
  assert_int_equal(submit_with(client, asset, VOICE ",\"maxJobs\":10,\"exploreMode\":false"), 200);
}

static void a_reply_ref_may_have_1024_characters_and_no_more(void **state) {
  struct client *client = *state;
  char asset[256], more[4096];
  client_upload(client, "one@example.com", "clip", 10, asset, sizeof asset);
  (void)snprintf(more, sizeof more, VOICE ",\"replyRef\":\"%0*d\"", 1025, 1);
  assert_int_equal(submit_with(client, asset, more), 400);
  (void)snprintf(more, sizeof more, VOICE ",\"replyRef\":\"%0*d\xc3\xa4\"", 1023, 1);
  assert_int_equal(submit_with(client, asset, more), 200);
}

static void an_unknown_voice_is_refused_also_when_another_account_has_it(void **state) {
  struct client *client = *state;
  char asset[256];
  client_upload(client, "two@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(submit_with(client, asset, ",\"voiceId\":\"Maya\""), 400);
  assert_int_equal(submit_with(client, asset, ",\"voiceId\":\"voice-leo\""), 400);
  assert_int_equal(submit_with(client, asset, VOICE), 200);
}

static void explore_mode_needs_the_plan_and_the_refusal_names_it(void **state) {
  struct client *client = *state;
  char asset[256];
  client_upload(client, "one@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(submit_with(client, asset, VOICE ",\"exploreMode\":true"), 400);
  assert_true(client_says(client, "explore"));
}

static void an_asset_that_is_foreign_unknown_or_deleted_is_not_found(void **state) {
  struct client *client = *state;
  char asset[256], foreign[256];
  client->authorization = "Bearer user:99-other";
  client_upload(client, "alone@example.com", "clip", 10, foreign, sizeof foreign);
  client->authorization = CLIENT_TOKEN;
  assert_int_equal(submit_with(client, foreign, VOICE), 404);
  assert_int_equal(submit_with(client, "user:1234-runwayml:one@example.com-asset:nothing", VOICE),
                   404);
  assert_true(client_says(client, "Unable to retrieve assetId nothing (Not found.)"));
  assert_int_equal(submit_with(client, "nothing", VOICE), 400);
  client_upload(client, "one@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_get_one(client, "assets", asset), 200);
  assert_int_equal(client_delete(client, "assets", asset), 200);
  assert_int_equal(client_get_one(client, "assets", asset), 404);
  assert_int_equal(submit_with(client, asset, VOICE), 404);
}

static void a_clip_must_last_3_to_30_seconds(void **state) {
  struct client *client = *state;
  char asset[256];
  client_upload(client, "one@example.com", "clip", 2, asset, sizeof asset);
  assert_int_equal(submit_with(client, asset, VOICE), 400);
  client_upload(client, "one@example.com", "clip", 31, asset, sizeof asset);
  assert_int_equal(submit_with(client, asset, VOICE), 400);
  client_upload(client, "one@example.com", "clip", 30, asset, sizeof asset);
  assert_int_equal(submit_with(client, asset, VOICE), 200);
}

static void a_broken_session_answers_596_until_it_is_mended(void **state) {
  struct client *client = *state;
  char asset[256];
  assert_int_equal(upload_as(client, "?email=broken@example.com", "video/mp4", "clip"), 596);
  assert_int_equal(client_get(client, "/features/?email=broken@example.com"), 596);
  assert_int_equal(client_get(client, "/tasks/?email=broken@example.com&offset=0&limit=9"), 596);
  client->now += 10 * MINUTE_MS;
  client_upload(client, "broken@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(submit_with(client, asset, VOICE), 200);
}

static void a_suspended_account_answers_401_and_says_so(void **state) {
  struct client *client = *state;
  assert_int_equal(client_get(client, "/lipsync/voices/?email=gone@example.com"), 401);
  assert_string_equal(client_text(client, "error"), "This account has been suspended.");
  assert_int_equal(client_get(client, "/lipsync/voices/?email=one@example.com"), 200);
}

static void unknown_paths_methods_and_ids_are_refused(void **state) {
  struct client *client = *state;
  assert_int_equal(client_get(client, "/nothing"), 404);
  assert_int_equal(client_get(client, "/gen4/act-two-voice"), 405);
  assert_int_equal(client_get(client, "/tasks/?email=%zz&offset=0&limit=1"), 400);
  assert_int_equal(client_get(client, "/tasks/nonsense"), 400);
  assert_int_equal(client_get_one(client, "tasks", "user:1234-runwayml:one@example.com-task:no"),
                   404);
  assert_int_equal(client_send(client, "GET", "/elsewhere", NULL, NULL, 0), 404);
  assert_int_equal(client_send(client, "GET", "/artifacts/nothing?token=1", NULL, NULL, 0), 404);
  assert_int_equal(sim_service_totals(client->service).bad_requests, 7);
}

static void a_subscription_that_ran_out_answers_402_to_everything(void **state) {
  struct client client;
  (void)state;
  client_begin(&client, "subscription_ends: 1h\naccounts: [{email: one@example.com}]\n");
  assert_int_equal(client_get(&client, "/accounts"), 200);
  client.now += HOUR_MS;
  assert_int_equal(client_get(&client, "/accounts"), 402);
  client_end(&client);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_wrong_or_missing_token_is_unauthorized),
      TEST(the_email_is_required_when_the_token_has_several_accounts),
      TEST(an_unknown_account_is_not_found),
      TEST(an_upload_needs_a_known_content_type_and_bytes),
      TEST(lists_need_offset_and_limit_in_range),
      TEST(a_submission_must_be_json_or_a_form),
      TEST(a_form_is_as_good_as_json),
      TEST(parameters_are_checked_one_by_one),
      TEST(a_reply_ref_may_have_1024_characters_and_no_more),
      TEST(an_unknown_voice_is_refused_also_when_another_account_has_it),
      TEST(explore_mode_needs_the_plan_and_the_refusal_names_it),
      TEST(an_asset_that_is_foreign_unknown_or_deleted_is_not_found),
      TEST(a_clip_must_last_3_to_30_seconds),
      TEST(a_broken_session_answers_596_until_it_is_mended),
      TEST(a_suspended_account_answers_401_and_says_so),
      TEST(unknown_paths_methods_and_ids_are_refused),
      cmocka_unit_test(a_subscription_that_ran_out_answers_402_to_everything),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
