/* Every kind of call as a request, byte for byte as service.md has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nightshift/wire.h"
#include "util/arena.h"

#define ASSET "user:1234-runwayml:one@example.com-asset:6e7d8c9b-0000-4000-8000-000000000001"
#define TASK  "user:1234-runwayml:one@example.com-task:6e7d8c9b-0000-4000-8000-000000000002"
#define ASSET_ENCODED                                                                              \
  "user%3A1234-runwayml%3Aone%40example.com-asset%3A6e7d8c9b-0000-4000-8000-000000000001"
#define TASK_ENCODED                                                                               \
  "user%3A1234-runwayml%3Aone%40example.com-task%3A6e7d8c9b-0000-4000-8000-000000000002"

static struct arena arena;

static struct wire_request encode(struct call call) {
  struct wire_request request;
  wire_encode(&call, &arena, &request);
  return request;
}

static void assert_bare(struct wire_request request, const char *method, const char *path) {
  assert_string_equal(request.method, method);
  assert_string_equal(request.path, path);
  assert_null(request.content_type);
  assert_null(request.body);
  assert_null(request.body_path);
  assert_int_equal(request.body_bytes, 0);
}

static void reads_have_no_body_and_encode_the_email(void **state) {
  (void)state;
  const char *email = "a+b@example.com";
  assert_bare(encode((struct call){.kind = CALL_ACCOUNTS}), "GET", "/accounts");
  assert_bare(encode((struct call){.kind = CALL_SCHEDULER}), "GET", "/scheduler/");
  assert_bare(encode((struct call){.kind = CALL_VOICES, .email = email}), "GET",
              "/lipsync/voices/?email=a%2Bb%40example.com");
  assert_bare(encode((struct call){.kind = CALL_VOICES}), "GET", "/lipsync/voices/");
  assert_bare(encode((struct call){.kind = CALL_FEATURES, .email = email}), "GET",
              "/features/?email=a%2Bb%40example.com");
}

static void lists_always_say_offset_and_limit(void **state) {
  (void)state;
  assert_bare(encode((struct call){.kind = CALL_LIST_TASKS, .email = "o@e.com", .limit = 1000}),
              "GET", "/tasks/?email=o%40e.com&offset=0&limit=1000");
  assert_bare(encode((struct call){.kind = CALL_LIST_TASKS, .offset = 1000, .limit = 1}), "GET",
              "/tasks/?offset=1000&limit=1");
  assert_bare(encode((struct call){
                  .kind = CALL_LIST_ASSETS, .email = "o@e.com", .offset = 20, .limit = 10}),
              "GET", "/assets/?email=o%40e.com&offset=20&limit=10&mediaType=video");
}

static void ids_are_percent_encoded_in_paths(void **state) {
  (void)state;
  assert_bare(encode((struct call){.kind = CALL_GET_TASK, .task_id = TASK}), "GET",
              "/tasks/" TASK_ENCODED);
  assert_bare(encode((struct call){.kind = CALL_DELETE_TASK, .task_id = TASK}), "DELETE",
              "/tasks/" TASK_ENCODED);
  assert_bare(encode((struct call){.kind = CALL_DELETE_ASSET, .asset_id = ASSET}), "DELETE",
              "/assets/" ASSET_ENCODED);
  assert_bare(encode((struct call){.kind = CALL_GET_TASK, .task_id = "../accounts?x#y"}), "GET",
              "/tasks/..%2Faccounts%3Fx%23y");
}

static void an_upload_is_the_files_bytes_with_what_is_known_in_the_query(void **state) {
  (void)state;
  struct wire_request request = encode((struct call){.kind = CALL_UPLOAD,
                                                     .email = "o@e.com",
                                                     .name = "ns-1 é",
                                                     .path = "/clips/hello.mp4",
                                                     .content_type = "video/mp4",
                                                     .size_bytes = 4711,
                                                     .length_ms = 12345,
                                                     .width_px = 640,
                                                     .height_px = 360});
  assert_string_equal(request.method, "POST");
  assert_string_equal(
      request.path,
      "/assets/?email=o%40e.com&name=ns-1%20%C3%A9&duration=12.345&width=640&height=360");
  assert_string_equal(request.content_type, "video/mp4");
  assert_string_equal(request.body_path, "/clips/hello.mp4");
  assert_int_equal(request.body_path_bytes, 4711);
  assert_null(request.body);
}

static void an_upload_says_nothing_of_what_is_not_known(void **state) {
  (void)state;
  struct wire_request request = encode((struct call){
      .kind = CALL_UPLOAD, .path = "/c", .content_type = "video/quicktime", .email = "o@e.com"});
  assert_string_equal(request.path, "/assets/?email=o%40e.com");
}

static void durations_are_seconds_without_idle_zeros(void **state) {
  (void)state;
  static const struct {
    duration_ms duration;
    const char *text;
  } cases[] = {{3000, "3"},      {30000, "30"},     {10000, "10"},    {12500, "12.5"},
               {12050, "12.05"}, {12005, "12.005"}, {30030, "30.03"}, {1, "0.001"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct wire_request request = encode((struct call){.kind = CALL_UPLOAD,
                                                       .path = "/c",
                                                       .content_type = "video/mp4",
                                                       .length_ms = cases[i].duration});
    assert_string_equal(request.path, arena_printf(&arena, "/assets/?duration=%s", cases[i].text));
  }
}

static void a_submission_is_json_with_only_what_was_asked_for(void **state) {
  (void)state;
  struct wire_request request =
      encode((struct call){.kind = CALL_SUBMIT, .asset_id = ASSET, .voice_id = "maya"});
  assert_string_equal(request.method, "POST");
  assert_string_equal(request.path, "/gen4/act-two-voice");
  assert_string_equal(request.content_type, "application/json");
  assert_string_equal(request.body, "{\"video_assetId\":\"" ASSET "\",\"voiceId\":\"maya\"}");
  assert_int_equal(request.body_bytes, strlen(request.body));
}

static void a_submission_carries_all_that_was_asked_for(void **state) {
  (void)state;
  struct wire_request request = encode((struct call){.kind = CALL_SUBMIT,
                                                     .email = "one@example.com",
                                                     .asset_id = ASSET,
                                                     .voice_id = "ma\"ya",
                                                     .explore = true,
                                                     .reply_url = "https://me.example/x",
                                                     .reply_ref = "ns:b:1",
                                                     .max_jobs = 5});
  assert_string_equal(request.path, "/gen4/act-two-voice");
  assert_string_equal(request.body,
                      "{\"video_assetId\":\"" ASSET
                      "\",\"voiceId\":\"ma\\\"ya\",\"exploreMode\":true,\"replyUrl\":\"https://"
                      "me.example/x\",\"replyRef\":\"ns:b:1\",\"maxJobs\":5}");
}

static void a_reply_url_that_is_too_long_is_left_out(void **state) {
  (void)state;
  char url[1026];
  memset(url, 'u', sizeof url);
  url[1025] = '\0';
  struct call call = {.kind = CALL_SUBMIT, .asset_id = "a", .voice_id = "v", .reply_url = url};
  assert_null(strstr(encode(call).body, "replyUrl"));
  url[1024] = '\0';
  assert_non_null(strstr(encode(call).body, "replyUrl"));
}

static void the_account_is_read_out_of_an_id(void **state) {
  (void)state;
  char email[64];
  assert_true(wire_account_of(ASSET, email, sizeof email));
  assert_string_equal(email, "one@example.com");
  assert_true(wire_account_of(TASK, email, sizeof email));
  assert_string_equal(email, "one@example.com");
  assert_true(wire_account_of("user:1-runwayml:my-task@x-y.org-task:1", email, sizeof email));
  assert_string_equal(email, "my-task@x-y.org");
}

static void an_id_without_an_account_gives_none(void **state) {
  (void)state;
  char email[64] = "before";
  assert_false(wire_account_of(NULL, email, sizeof email));
  assert_false(wire_account_of("", email, sizeof email));
  assert_false(wire_account_of("6e7d8c9b-0000-4000", email, sizeof email));
  assert_false(wire_account_of("user:1-runwayml:one@example.com", email, sizeof email));
  assert_false(wire_account_of("user:1-runwayml:-asset:1", email, sizeof email));
  assert_false(wire_account_of("user:1-runwayml:nobody-asset:1", email, sizeof email));
  assert_false(wire_account_of(ASSET, email, strlen("one@example.com")));
  assert_string_equal(email, "before");
}

static int open_arena(void **state) {
  (void)state;
  arena_init(&arena);
  return 0;
}
static int close_arena(void **state) {
  (void)state;
  arena_release(&arena);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_have_no_body_and_encode_the_email),
      cmocka_unit_test(lists_always_say_offset_and_limit),
      cmocka_unit_test(ids_are_percent_encoded_in_paths),
      cmocka_unit_test(an_upload_is_the_files_bytes_with_what_is_known_in_the_query),
      cmocka_unit_test(an_upload_says_nothing_of_what_is_not_known),
      cmocka_unit_test(durations_are_seconds_without_idle_zeros),
      cmocka_unit_test(a_submission_is_json_with_only_what_was_asked_for),
      cmocka_unit_test(a_submission_carries_all_that_was_asked_for),
      cmocka_unit_test(a_reply_url_that_is_too_long_is_left_out),
      cmocka_unit_test(the_account_is_read_out_of_an_id),
      cmocka_unit_test(an_id_without_an_account_gives_none),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
