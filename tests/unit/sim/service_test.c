/* The model's daily life: what it answers, how tasks live, what it counts. */
#include "sim_client.h"

#define TWO_ACCOUNTS                                                                               \
  "seed: 3\nlatency: 100ms\n"                                                                      \
  "work: {base: 20s, per_second: 1s, jitter: 0%, start: 2s}\n"                                     \
  "accounts:\n"                                                                                    \
  "  - {email: one@example.com, max_jobs: 2, capacity: 3, credits: 1000}\n"                        \
  "  - {email: two@example.com, max_jobs: 5, capacity: 1, unlimited: true}\n"

static int set_up(void **state) {
  static struct client client;
  client_begin(&client, TWO_ACCOUNTS);
  *state = &client;
  return 0;
}
static int tear_down(void **state) {
  client_end(*state);
  return 0;
}

static void a_task_goes_from_pending_over_running_to_its_artifact(void **state) {
  struct client *client = *state;
  char asset[256], task[256] = "";
  client_upload(client, "one@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_submit(client, asset, "b:j:1", task, sizeof task), 200);
  assert_string_equal(client_task_status(client, task), "PENDING");
  assert_string_equal(client_text(client, "progressRatio"), "0");
  client->now += 17 * SECOND_MS;
  assert_string_equal(client_task_status(client, task), "RUNNING");
  assert_string_equal(client_text(client, "progressRatio"), "0.49");
  assert_string_equal(client_text(client, "replyRef"), "b:j:1");
  client->now += 16 * SECOND_MS;
  assert_string_equal(client_task_status(client, task), "SUCCEEDED");
  const cJSON *artifact = cJSON_GetArrayItem(cJSON_GetObjectItem(client->json, "artifacts"), 0);
  assert_true(cJSON_IsString(cJSON_GetObjectItem(artifact, "fileSize")));
  assert_non_null(strstr(cJSON_GetObjectItem(artifact, "url")->valuestring, "token="));
}

static void a_full_queue_answers_the_first_429_with_its_tasks(void **state) {
  struct client *client = *state;
  char asset[256], task[256] = "";
  client_upload(client, "one@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_submit(client, asset, "b:j:1", task, sizeof task), 200);
  assert_int_equal(client_submit(client, asset, "b:k:1", NULL, 0), 200);
  assert_int_equal(client_submit(client, asset, "b:l:1", NULL, 0), 429);
  assert_string_equal(client_text(client, "error"),
                      "Account one@example.com is busy executing 2 tasks");
  const cJSON *running = cJSON_GetObjectItemCaseSensitive(
      cJSON_GetObjectItemCaseSensitive(client->json, "runningTasks"), "one@example.com");
  assert_int_equal(cJSON_GetArraySize(running), 2);
  const cJSON *first = cJSON_GetArrayItem(running, 0);
  assert_string_equal(cJSON_GetObjectItem(first, "taskId")->valuestring, task);
  assert_string_equal(cJSON_GetObjectItem(first, "replyRef")->valuestring, "b:j:1");
  assert_int_equal(cJSON_GetObjectItem(client->json, "code")->valueint, 429);
  assert_int_equal(sim_service_totals(client->service).refused_queue, 1);
}

static void the_requests_own_max_jobs_rules_the_queue(void **state) {
  struct client *client = *state;
  char asset[256], body[1024];
  client_upload(client, "one@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_submit(client, asset, "b:j:1", NULL, 0), 200);
  (void)snprintf(body, sizeof body,
                 "{\"video_assetId\":\"%s\",\"voiceId\":\"voice-leo\",\"maxJobs\":1}", asset);
  assert_int_equal(client_submit_json(client, body), 429);
  assert_true(client_says(client, "busy executing 1 tasks"));
}

static void runways_own_limit_answers_the_second_429(void **state) {
  struct client *client = *state;
  char asset[256];
  client_upload(client, "two@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_submit(client, asset, "b:j:1", NULL, 0), 200);
  assert_int_equal(client_submit(client, asset, "b:k:1", NULL, 0), 429);
  assert_string_equal(client->reply.body,
                      "{\"error\":\"You have too many tasks running or pending. Please wait for "
                      "some of them to finish before starting more.\"}");
  assert_null(client->reply.retry_after);
}

static void a_slot_is_free_again_once_a_task_has_ended(void **state) {
  struct client *client = *state;
  char asset[256];
  client_upload(client, "two@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_submit(client, asset, "b:j:1", NULL, 0), 200);
  client->now += 31 * SECOND_MS;
  assert_int_equal(client_submit(client, asset, "b:k:1", NULL, 0), 429);
  client->now += 2 * SECOND_MS;
  assert_int_equal(client_submit(client, asset, "b:k:1", NULL, 0), 200);
}

static void a_deleted_task_is_cancelled_and_frees_its_slot(void **state) {
  struct client *client = *state;
  char asset[256], task[256] = "";
  client_upload(client, "two@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_submit(client, asset, "b:j:1", task, sizeof task), 200);
  assert_int_equal(client_delete(client, "tasks", task), 200);
  assert_string_equal(client_task_status(client, task), "CANCELLED");
  assert_int_equal(client_submit(client, asset, "b:k:1", NULL, 0), 200);
  assert_int_equal(client_delete(client, "tasks", task), 200);
  assert_int_equal(client_get_one(client, "tasks", task), 404);
}

static void credits_are_counted_by_the_second_and_run_out(void **state) {
  struct client *client = *state;
  char asset[256], task[256] = "";
  client_upload(client, "one@example.com", "clip", 30, asset, sizeof asset);
  for (int i = 0; i < 6; i++) {
    assert_int_equal(client_submit(client, asset, "b:j:1", task, sizeof task), 200);
    client->now += MINUTE_MS;
  }
  assert_int_equal(client_get(client, "/features/?email=one@example.com"), 200);
  assert_true(client_says(client, "\"permitted\":{\"numPlanCredits\":1000"));
  assert_true(client_says(client, "\"used\":{\"numPlanCredits\":900"));
  assert_int_equal(client_submit(client, asset, "b:j:2", NULL, 0), 412);
  assert_string_equal(client_text(client, "error"),
                      "You do not have enough credits to run this task.");
}

static void explore_is_slower_and_costs_nothing_where_the_plan_has_it(void **state) {
  struct client *client = *state;
  char asset[256], body[1024];
  client_upload(client, "two@example.com", "clip", 10, asset, sizeof asset);
  (void)snprintf(body, sizeof body,
                 "{\"video_assetId\":\"%s\",\"voiceId\":\"voice-leo\",\"exploreMode\":true}",
                 asset);
  assert_int_equal(client_submit_json(client, body), 200);
  client->now += 40 * SECOND_MS;
  assert_int_equal(client_get(client, "/tasks/?email=two@example.com&offset=0&limit=1"), 200);
  assert_true(client_says(client, "RUNNING"));
  assert_int_equal(client_get(client, "/features/?email=two@example.com"), 200);
  assert_true(client_says(client, "\"used\":{\"numPlanCredits\":0"));
}

static void lists_are_newest_first_in_pages_and_by_status(void **state) {
  struct client *client = *state;
  char asset[256], first[256] = "", second[256] = "";
  client_upload(client, "one@example.com", "clip", 5, asset, sizeof asset);
  assert_int_equal(client_submit(client, asset, "b:j:1", first, sizeof first), 200);
  client->now += MINUTE_MS;
  assert_int_equal(client_submit(client, asset, "b:k:1", second, sizeof second), 200);
  assert_int_equal(client_get(client, "/tasks/?email=one@example.com&offset=0&limit=10"), 200);
  assert_int_equal(cJSON_GetArraySize(client->json), 2);
  assert_string_equal(
      cJSON_GetObjectItem(cJSON_GetArrayItem(client->json, 0), "taskId")->valuestring, second);
  assert_int_equal(client_get(client, "/tasks/?email=one@example.com&offset=1&limit=10"), 200);
  assert_int_equal(cJSON_GetArraySize(client->json), 1);
  assert_true(client_says(client, first));
  assert_int_equal(
      client_get(client,
                 "/tasks/?email=one%40example.com&offset=0&limit=9&statuses=FAILED,PENDING"),
      200);
  assert_int_equal(cJSON_GetArraySize(client->json), 1);
  assert_true(client_says(client, second));
}

static void the_scheduler_tells_what_runs_on_all_accounts(void **state) {
  struct client *client = *state;
  char one[256], two[256];
  client_upload(client, "one@example.com", "clip", 5, one, sizeof one);
  client_upload(client, "two@example.com", "clip", 5, two, sizeof two);
  assert_int_equal(client_submit(client, one, "b:j:1", NULL, 0), 200);
  assert_int_equal(client_submit(client, two, "b:k:1", NULL, 0), 200);
  assert_int_equal(client_get(client, "/scheduler/"), 200);
  assert_int_equal(cJSON_GetArraySize(client->json), 2);
  assert_true(client_says(client, "\"replyRef\":\"b:k:1\""));
  client->now += MINUTE_MS;
  assert_int_equal(client_get(client, "/scheduler/"), 200);
  assert_int_equal(cJSON_GetArraySize(client->json), 0);
}

static void accounts_are_told_with_canaries_for_secrets(void **state) {
  struct client *client = *state;
  assert_int_equal(client_get(client, "/accounts"), 200);
  const cJSON *one = cJSON_GetObjectItemCaseSensitive(client->json, "one@example.com");
  assert_int_equal(cJSON_GetObjectItem(one, "maxJobs")->valueint, 2);
  assert_non_null(strstr(cJSON_GetObjectItem(one, "jwt")->valuestring, "CANARY-"));
  assert_non_null(strstr(cJSON_GetObjectItem(one, "password")->valuestring, "CANARY-"));
}

static void the_same_artifact_comes_whole_or_in_ranges(void **state) {
  struct client *client = *state;
  char asset[256], task[256] = "", url[512], *whole;
  client_upload(client, "one@example.com", "clip", 5, asset, sizeof asset);
  assert_int_equal(client_submit(client, asset, "b:j:1", task, sizeof task), 200);
  client->now += MINUTE_MS;
  assert_string_equal(client_task_status(client, task), "SUCCEEDED");
  const cJSON *artifact = cJSON_GetArrayItem(cJSON_GetObjectItem(client->json, "artifacts"), 0);
  (void)snprintf(url, sizeof url, "%s",
                 strstr(cJSON_GetObjectItem(artifact, "url")->valuestring, "/artifacts/"));
  size_t size = (size_t)strtoul(cJSON_GetObjectItem(artifact, "fileSize")->valuestring, NULL, 10);
  client->authorization = NULL;
  assert_int_equal(client_send(client, "GET", url, NULL, NULL, 0), 200);
  assert_int_equal(client->reply.body_bytes, size);
  assert_memory_equal(client->reply.body + 4, "ftyp", 4);
  assert_non_null(whole = malloc(size));
  memcpy(whole, client->reply.body, size);
  client->range = "bytes=100-";
  assert_int_equal(client_send(client, "GET", url, NULL, NULL, 0), 206);
  assert_int_equal(client->reply.range_start, 100);
  assert_int_equal(client->reply.range_total, size);
  assert_int_equal(client->reply.body_bytes, size - 100);
  assert_memory_equal(client->reply.body, whole + 100, size - 100);
  client->if_range = "\"another\"";
  assert_int_equal(client_send(client, "GET", url, NULL, NULL, 0), 200);
  client->if_range = NULL;
  client->range = "bytes=999999999-";
  assert_int_equal(client_send(client, "GET", url, NULL, NULL, 0), 416);
  client->range = NULL;
  client->now += 2 * HOUR_MS;
  assert_int_equal(client_send(client, "GET", url, NULL, NULL, 0), 403);
  free(whole);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_task_goes_from_pending_over_running_to_its_artifact),
      TEST(a_full_queue_answers_the_first_429_with_its_tasks),
      TEST(the_requests_own_max_jobs_rules_the_queue),
      TEST(runways_own_limit_answers_the_second_429),
      TEST(a_slot_is_free_again_once_a_task_has_ended),
      TEST(a_deleted_task_is_cancelled_and_frees_its_slot),
      TEST(credits_are_counted_by_the_second_and_run_out),
      TEST(explore_is_slower_and_costs_nothing_where_the_plan_has_it),
      TEST(lists_are_newest_first_in_pages_and_by_status),
      TEST(the_scheduler_tells_what_runs_on_all_accounts),
      TEST(accounts_are_told_with_canaries_for_secrets),
      TEST(the_same_artifact_comes_whole_or_in_ranges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
