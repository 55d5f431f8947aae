/* What the pretend service tells a replyUrl. */
#include "sim_client.h"

#define ONE_ACCOUNT                                                                                \
  "work: {base: 20s, per_second: 1s, jitter: 0%, start: 2s}\n"                                     \
  "accounts: [{email: one@example.com, max_jobs: 2, capacity: 3}]\n"
#define URL "http://127.0.0.1:9/secret"

static char task[256];

static void submit(struct client *client, const char *more) {
  char asset[256], body[1024];
  client_upload(client, "one@example.com", "clip", 10, asset, sizeof asset);
  (void)snprintf(body, sizeof body,
                 "{\"video_assetId\":\"%s\",\"voiceId\":\"voice-maya\",\"replyRef\":\"b:j:1\"%s}",
                 asset, more);
  assert_int_equal(client_submit_json(client, body), 200);
  const cJSON *said = cJSON_GetObjectItemCaseSensitive(client->json, "task");
  (void)snprintf(task, sizeof task, "%s",
                 cJSON_GetObjectItemCaseSensitive(said, "taskId")->valuestring);
}

static int set_up(void **state) {
  static struct client client;
  client_begin(&client, ONE_ACCOUNT);
  *state = &client;
  return 0;
}
static int tear_down(void **state) {
  client_end(*state);
  return 0;
}

/* So many seconds after the submission the service tells this status and progress, and no more. */
static void assert_told(struct client *client, int seconds, const char *status,
                        const char *progress) {
  struct sim_callback callback, another;
  sim_service_advance(client->service, CLIENT_BEGAN + seconds * SECOND_MS);
  assert_true(sim_service_take_callback(client->service, &callback));
  assert_string_equal(callback.url, URL);
  cJSON *json = cJSON_ParseWithLength(callback.body, callback.body_bytes);
  assert_string_equal(cJSON_GetObjectItemCaseSensitive(json, "taskId")->valuestring, task);
  assert_string_equal(cJSON_GetObjectItemCaseSensitive(json, "replyRef")->valuestring, "b:j:1");
  assert_string_equal(cJSON_GetObjectItemCaseSensitive(json, "status")->valuestring, status);
  assert_string_equal(cJSON_GetObjectItemCaseSensitive(json, "progressRatio")->valuestring,
                      progress);
  cJSON_Delete(json);
  free(callback.body);
  assert_false(sim_service_take_callback(client->service, &another));
}

static void a_reply_url_hears_of_start_half_and_end(void **state) {
  struct client *client = *state;
  submit(client, ",\"replyUrl\":\"" URL "\"");
  assert_told(client, 2, "RUNNING", "0");
  assert_told(client, 20, "RUNNING", "0.49"); /* as it was then */
  assert_told(client, 40, "SUCCEEDED", "1");
  assert_int_equal(sim_service_totals(client->service).callbacks, 3);
}

static void the_model_says_when_it_will_tell(void **state) {
  struct client *client = *state;
  submit(client, ",\"replyUrl\":\"" URL "\"");
  assert_int_equal(sim_service_next(client->service), CLIENT_BEGAN + 2000);
  assert_told(client, 2, "RUNNING", "0");
  assert_int_equal(sim_service_next(client->service), CLIENT_BEGAN + 17000);
  assert_told(client, 17, "RUNNING", "0.49");
  assert_int_equal(sim_service_next(client->service), CLIENT_BEGAN + 32001);
}

static void who_cancels_a_task_is_told_so_too(void **state) {
  struct client *client = *state;
  submit(client, ",\"replyUrl\":\"" URL "\"");
  client->now += SECOND_MS;
  assert_int_equal(client_delete(client, "tasks", task), 200);
  assert_told(client, 1, "CANCELLED", "0");
}

static void without_a_reply_url_nobody_is_told(void **state) {
  struct client *client = *state;
  struct sim_callback callback;
  submit(client, "");
  sim_service_advance(client->service, CLIENT_BEGAN + HOUR_MS);
  assert_false(sim_service_take_callback(client->service, &callback));
}

static void what_nobody_takes_is_let_go_with_the_service(void **state) {
  struct client *client = *state;
  submit(client, ",\"replyUrl\":\"" URL "\"");
  sim_service_advance(client->service, CLIENT_BEGAN + HOUR_MS);
  assert_int_equal(sim_service_totals(client->service).callbacks, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_reply_url_hears_of_start_half_and_end, set_up, tear_down),
      cmocka_unit_test_setup_teardown(the_model_says_when_it_will_tell, set_up, tear_down),
      cmocka_unit_test_setup_teardown(who_cancels_a_task_is_told_so_too, set_up, tear_down),
      cmocka_unit_test_setup_teardown(without_a_reply_url_nobody_is_told, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_nobody_takes_is_let_go_with_the_service, set_up,
                                      tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
