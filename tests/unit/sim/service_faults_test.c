/* Faults per call, tasks that end badly, and the forms that replies can take. */
#include "sim_client.h"

#define HEAD "seed: 3\nwork: {base: 20s, per_second: 1s, jitter: 0, start: 0s}\n"
#define ONE  "accounts: [{email: one@example.com, capacity: 5, max_jobs: 10}]\n"

static void begin(struct client *client, const char *more, char *asset, size_t size) {
  char yaml[2048];
  (void)snprintf(yaml, sizeof yaml, HEAD "%s%s", strstr(more, "accounts:") == NULL ? ONE : "",
                 more);
  client_begin(client, yaml);
  if (asset != NULL) client_upload(client, "one@example.com", "clip", 10, asset, size);
}

static size_t accepted(const struct client *client) {
  return sim_service_task_count(client->service);
}

static void what_is_struck_before_is_not_executed(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  begin(&client,
        "faults:\n  - {call: submit, kind: reset_before, nth: 1}\n"
        "  - {call: submit, kind: 5xx_before, nth: 2, status: 503}\n"
        "  - {call: submit, kind: hang_before, nth: 3}\n"
        "  - {call: submit, kind: html, nth: 4}\n"
        "  - {call: submit, kind: 429_runway, nth: 5}\n"
        "  - {call: submit, kind: 429_queue, nth: 6}\n",
        asset, sizeof asset);
  (void)client_submit(&client, asset, "b:j:1", NULL, 0);
  assert_int_equal(client.reply.fate, SIM_RESET_BEFORE);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 503);
  assert_non_null(client.json);
  (void)client_submit(&client, asset, "b:j:1", NULL, 0);
  assert_int_equal(client.reply.fate, SIM_HANG);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 503);
  assert_true(client_says(&client, "<html>"));
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 429);
  assert_true(client_says(&client, "too many tasks"));
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 429);
  assert_true(client_says(&client, "is busy executing"));
  assert_int_equal(accepted(&client), 0);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 200);
  assert_int_equal(sim_service_totals(client.service).faults, 6);
  client_end(&client);
}

static void what_is_struck_after_has_been_executed(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  begin(&client,
        "faults:\n  - {call: submit, kind: lost_after, nth: 1}\n"
        "  - {call: submit, kind: 5xx_after, nth: 2, body: html}\n"
        "  - {call: submit, kind: hang_after, nth: 3}\n"
        "  - {call: submit, kind: cut, nth: 4, cut_at: 50%}\n",
        asset, sizeof asset);
  (void)client_submit(&client, asset, "b:j:1", NULL, 0);
  assert_int_equal(client.reply.fate, SIM_LOST_AFTER);
  assert_int_equal(client_submit(&client, asset, "b:k:1", NULL, 0), 502);
  assert_true(client_says(&client, "<html>"));
  (void)client_submit(&client, asset, "b:l:1", NULL, 0);
  assert_int_equal(client.reply.fate, SIM_HANG);
  assert_int_equal(client_submit(&client, asset, "b:m:1", NULL, 0), 200);
  assert_int_equal(client.reply.fate, SIM_CUT);
  assert_int_equal(client.reply.sent_bytes, client.reply.body_bytes / 2);
  assert_int_equal(accepted(&client), 4);
  client_end(&client);
}

static void a_later_request_of_a_connection_can_be_executed_and_closed(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  begin(&client, "faults: [{call: submit, kind: close_keepalive, times: 1}]\n", asset,
        sizeof asset);
  (void)client_submit(&client, asset, "b:j:1", NULL, 0);
  assert_int_equal(client.reply.fate, SIM_REPLY);
  client.earlier_on_connection = 1;
  (void)client_submit(&client, asset, "b:k:1", NULL, 0);
  assert_int_equal(client.reply.fate, SIM_LOST_AFTER);
  assert_int_equal(accepted(&client), 2);
  (void)client_submit(&client, asset, "b:l:1", NULL, 0);
  assert_int_equal(client.reply.fate, SIM_REPLY);
  client_end(&client);
}

static void a_request_can_arrive_twice(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  begin(&client, "faults: [{call: submit, kind: twice, times: 1}]\n", asset, sizeof asset);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 200);
  assert_int_equal(client.reply.fate, SIM_REPLY);
  assert_int_equal(accepted(&client), 2);
  assert_int_equal(sim_service_totals(client.service).refs_twice, 1);
  assert_int_equal(sim_service_totals(client.service).submissions, 2);
  (void)client_submit(&client, asset, "b:k:1", NULL, 0);
  assert_int_equal(accepted(&client), 3);
  client_end(&client);
}

static void a_rule_can_be_for_one_account_and_a_time(void **state) {
  struct client client;
  (void)state;
  begin(&client,
        "accounts: [{email: one@example.com}, {email: two@example.com}]\n"
        "faults: [{call: features, kind: 5xx_before, account: two@*, from: 1m, until: 2m}]\n",
        NULL, 0);
  assert_int_equal(client_get(&client, "/features/?email=two@example.com"), 200);
  client.now += MINUTE_MS;
  assert_int_equal(client_get(&client, "/features/?email=two@example.com"), 502);
  assert_int_equal(client_get(&client, "/features/?email=one@example.com"), 200);
  client.now += MINUTE_MS;
  assert_int_equal(client_get(&client, "/features/?email=two@example.com"), 200);
  client_end(&client);
}

static void a_rate_is_met_in_the_long_run(void **state) {
  struct client client;
  int lost = 0;
  (void)state;
  begin(&client, "faults: [{call: any, kind: lost_after, rate: 5%}]\n", NULL, 0);
  for (int i = 0; i < 2000; i++) {
    (void)client_get(&client, "/accounts");
    lost += client.reply.fate == SIM_LOST_AFTER;
  }
  assert_in_range(lost, 70, 130);
  client_end(&client);
}

static const cJSON *error_of(struct client *client, const char *task, const char *status) {
  assert_string_equal(client_task_status(client, task), status);
  return cJSON_GetObjectItemCaseSensitive(client->json, "error");
}

static void tasks_fail_by_what_they_are(void **state) {
  struct client client;
  char asset[256], task[4][256] = {""};
  (void)state;
  begin(&client,
        "failures:\n  - {kind: moderation, ref: 'b:bad*'}\n"
        "  - {kind: internal, nth: 2, at: 50%}\n"
        "  - {kind: no_artifacts, ref: '*:hollow:*'}\n"
        "  - {kind: cancelled, asset: cl?p, voice: voice-maya, ref: '*:gone:*'}\n",
        asset, sizeof asset);
  assert_int_equal(client_submit(&client, asset, "b:bad:1", task[0], 256), 200);
  assert_int_equal(client_submit(&client, asset, "b:weak:1", task[1], 256), 200);
  assert_int_equal(client_submit(&client, asset, "b:hollow:1", task[2], 256), 200);
  assert_int_equal(client_submit(&client, asset, "b:gone:1", task[3], 256), 200);
  client.now += 16 * SECOND_MS;
  const cJSON *internal = error_of(&client, task[1], "FAILED");
  assert_non_null(
      strstr(cJSON_GetObjectItem(internal, "reason")->valuestring, "INTERNAL.BAD_OUTPUT"));
  client.now += MINUTE_MS;
  const cJSON *moderated = error_of(&client, task[0], "FAILED");
  assert_non_null(strstr(cJSON_GetObjectItem(moderated, "reason")->valuestring, "SAFETY."));
  assert_non_null(cJSON_GetObjectItem(moderated, "moderation_category"));
  assert_true(cJSON_IsNull(error_of(&client, task[2], "SUCCEEDED")));
  assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(client.json, "artifacts")), 0);
  assert_true(cJSON_IsNull(error_of(&client, task[3], "CANCELLED")));
  client_end(&client);
}

static void moderation_at_submission_answers_422_and_creates_nothing(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  begin(&client, "failures: [{kind: submission, nth: 1}]\n", asset, sizeof asset);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 422);
  assert_int_equal(accepted(&client), 0);
  assert_int_equal(client_submit(&client, asset, "b:j:2", NULL, 0), 200);
  client_end(&client);
}

static void failed_tasks_give_their_credits_back(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  begin(&client, "failures: [{kind: internal, nth: 1}]\n", asset, sizeof asset);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 200);
  assert_int_equal(client_get(&client, "/features/"), 200);
  assert_true(client_says(&client, "\"used\":{\"numPlanCredits\":50"));
  client.now += MINUTE_MS;
  assert_int_equal(client_get(&client, "/features/"), 200);
  assert_true(client_says(&client, "\"used\":{\"numPlanCredits\":0"));
  client_end(&client);
}

static void replies_can_take_their_other_forms(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  begin(&client,
        "replies: {submit: top, task: nested, tasks: object, assets: object, voices: object,\n"
        "          voice_key: voiceId, list_refs: false, error: object}\n",
        asset, sizeof asset);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 200);
  char task[256];
  (void)snprintf(task, sizeof task, "%s", client_text(&client, "taskId"));
  assert_int_equal(client_get_one(&client, "tasks", task), 200);
  assert_non_null(cJSON_GetObjectItem(client.json, "task"));
  assert_int_equal(client_get(&client, "/tasks/?offset=0&limit=5"), 200);
  assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(client.json, "tasks")), 1);
  assert_false(client_says(&client, "b:j:1"));
  assert_int_equal(client_get(&client, "/assets/?offset=0&limit=5"), 200);
  assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(client.json, "assets")), 1);
  assert_int_equal(client_get(&client, "/lipsync/voices/"), 200);
  assert_true(client_says(&client, "{\"voices\":[{\"voiceId\":\"voice-maya\""));
  assert_int_equal(client_get_one(&client, "tasks", "nonsense"), 400);
  assert_true(cJSON_IsObject(cJSON_GetObjectItem(client.json, "error")));
  client_end(&client);
}

static void assets_come_by_small_pages_and_stay_while_a_task_uses_them(void **state) {
  struct client client;
  char asset[256], other[256], task[256] = "";
  (void)state;
  begin(&client, "replies: {assets_page: 1, used_asset: kept}\n", asset, sizeof asset);
  client_upload(&client, "one@example.com", "other", 10, other, sizeof other);
  assert_int_equal(client_get(&client, "/assets/?offset=0&limit=5"), 200);
  assert_int_equal(cJSON_GetArraySize(client.json), 1);
  assert_int_equal(client_get(&client, "/assets/?offset=1&limit=5"), 200);
  assert_int_equal(cJSON_GetArraySize(client.json), 1);
  assert_int_equal(client_get(&client, "/assets/?offset=2&limit=5"), 200);
  assert_int_equal(cJSON_GetArraySize(client.json), 0);
  assert_int_equal(client_submit(&client, asset, "b:j:1", task, sizeof task), 200);
  assert_int_equal(client_delete(&client, "assets", asset), 400);
  assert_int_equal(client_delete(&client, "assets", other), 200);
  assert_int_equal(client_delete(&client, "tasks", task), 200);
  assert_int_equal(client_delete(&client, "assets", asset), 200);
  client_end(&client);
}

static void a_429_can_say_when_to_come_again(void **state) {
  static const char *const forms[] = {"seconds", "date", "field"};
  struct client client;
  char asset[256], yaml[512];
  (void)state;
  for (size_t i = 0; i < 3; i++) {
    (void)snprintf(yaml, sizeof yaml,
                   "faults: [{call: submit, kind: 429_runway}]\n"
                   "replies: {retry_after: %s, retry_wait: 20s}\n",
                   forms[i]);
    begin(&client, yaml, asset, sizeof asset);
    client.now = CLIENT_BEGAN + 622; /* 2025-09-08T06:12:27.000Z */
    assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 429);
    if (i == 0) assert_string_equal(client.reply.retry_after, "20");
    if (i == 1) assert_string_equal(client.reply.retry_after, "Mon, 08 Sep 2025 06:12:47 GMT");
    if (i == 2) assert_string_equal(client_text(&client, "retryAfter"), "2025-09-08T06:12:47.000Z");
    client_end(&client);
  }
}

static void the_ledger_has_neither_tokens_nor_signed_links(void **state) {
  struct client client;
  char asset[256], *text = NULL;
  size_t size;
  (void)state;
  begin(&client, "", asset, sizeof asset);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 200);
  assert_int_equal(client_send(&client, "GET", "/artifacts/x?token=sesame", NULL, NULL, 0), 404);
  FILE *stream = open_memstream(&text, &size);
  assert_non_null(stream);
  sim_service_print_ledger(client.service, stream);
  assert_int_equal(fclose(stream), 0);
  assert_non_null(strstr(text, "\"target\":\"/artifacts/x\""));
  assert_null(strstr(text, "sesame"));
  assert_null(strstr(text, "secret"));
  assert_non_null(strstr(text, "\"ref\":\"b:j:1\""));
  free(text);
  client_end(&client);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_struck_before_is_not_executed),
      cmocka_unit_test(what_is_struck_after_has_been_executed),
      cmocka_unit_test(a_later_request_of_a_connection_can_be_executed_and_closed),
      cmocka_unit_test(a_request_can_arrive_twice),
      cmocka_unit_test(a_rule_can_be_for_one_account_and_a_time),
      cmocka_unit_test(a_rate_is_met_in_the_long_run),
      cmocka_unit_test(tasks_fail_by_what_they_are),
      cmocka_unit_test(moderation_at_submission_answers_422_and_creates_nothing),
      cmocka_unit_test(failed_tasks_give_their_credits_back),
      cmocka_unit_test(replies_can_take_their_other_forms),
      cmocka_unit_test(assets_come_by_small_pages_and_stay_while_a_task_uses_them),
      cmocka_unit_test(a_429_can_say_when_to_come_again),
      cmocka_unit_test(the_ledger_has_neither_tokens_nor_signed_links),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
