/* Tasks in every form that is known: the seed page's reply, bare or wrapped, lists, the scheduler,
 * a 429's list. */
#include "reply.h"

#include <stdio.h>

/* The seed page's reply to a submission, with its blanks filled in. */
#define SEED_TASK                                                                                  \
  "{\"id\":\"6e7d8c9b-0000-4000-8000-000000000001\",\"name\":\"Maya_hello\",\"image\":null,"       \
  "\"createdAt\":\"2025-09-08T06:52:26.378Z\",\"updatedAt\":\"2025-09-08T06:52:26.468Z\","         \
  "\"taskType\":\"workflow_s2s_video\",\"options\":{\"name\":\"Maya_hello\",\"video\":\"https://"  \
  "v.example/x?sig=1\",\"voiceId\":\"voice-1\",\"seconds\":15,\"exploreMode\":false,"              \
  "\"assetGroupId\":\"g\"},\"status\":\"PENDING\",\"error\":null,\"progressText\":null,"           \
  "\"progressRatio\":\"0\",\"estimatedTimeToStartSeconds\":0,\"artifacts\":[],\"sharedAsset\":"    \
  "null,\"sourceAssetId\":null,\"replyRef\":\"ns:1\",\"taskId\":\"" TASK_1 "\",\"code\":200}"

static void assert_seed_task(const struct answer *answer) {
  assert_outcome(*answer, OUTCOME_OK);
  assert_string_equal(answer->outcome.text, "");
  assert_int_equal(answer->task_count, 1);
  assert_true(answer->whole);
  const struct task_view *task = answer->tasks;
  assert_string_equal(task->task_id, TASK_1);
  assert_string_equal(task->name, "Maya_hello");
  assert_string_equal(task->voice_id, "voice-1");
  assert_string_equal(task->reply_ref, "ns:1");
  assert_int_equal(task->status, TASK_PENDING);
  assert_string_equal(task->status_text, "PENDING");
  assert_int_equal(task->failure, TASK_FAILURE_NONE);
  assert_null(task->failure_text);
  assert_int_equal(task->progress_percent, 0);
  assert_int_equal(task->starts_in_ms, 0);
  assert_null(task->artifact_url);
  assert_int_equal(task->artifact_bytes, -1);
}

static void a_submissions_task_is_read_under_task_or_at_top_level(void **state) {
  (void)state;
  struct answer answer = decode_kind(CALL_SUBMIT, 200, "{\"task\":" SEED_TASK "}");
  assert_seed_task(&answer);
  answer = decode_kind(CALL_SUBMIT, 201, SEED_TASK);
  assert_seed_task(&answer);
}

static void a_task_looked_at_is_read_under_task_or_at_top_level(void **state) {
  (void)state;
  struct call call = {.kind = CALL_GET_TASK, .task_id = TASK_1};
  struct answer answer = decode(call, 200, "{\"task\":" SEED_TASK "}");
  assert_seed_task(&answer);
  answer = decode(call, 200, SEED_TASK);
  assert_seed_task(&answer);
}

static void a_look_at_a_task_fills_in_the_id_that_was_asked_for(void **state) {
  (void)state;
  struct call call = {.kind = CALL_GET_TASK, .task_id = TASK_1};
  static const char *const bodies[] = {
      "{\"status\":\"RUNNING\"}",
      "{\"id\":\"6e7d8c9b-0000-4000-8000-000000000001\",\"status\":\"RUNNING\"}"};
  for (int i = 0; i < 2; i++) {
    struct answer answer = decode(call, 200, bodies[i]);
    assert_outcome(answer, OUTCOME_OK);
    assert_string_equal(answer.tasks[0].task_id, TASK_1);
  }
}

static void another_tasks_reply_is_no_answer(void **state) {
  (void)state;
  struct call call = {.kind = CALL_GET_TASK, .task_id = TASK_1};
  struct answer answer = decode(call, 200, "{\"taskId\":\"" TASK_2 "\",\"status\":\"FAILED\"}");
  assert_outcome(answer, OUTCOME_UNREADABLE);
  assert_int_equal(answer.task_count, 0);
  assert_null(answer.tasks);
}

static void lists_come_bare_or_wrapped(void **state) {
  (void)state;
  static const char *const bodies[] = {"[" SEED_TASK "]", "{\"tasks\":[" SEED_TASK "]}",
                                       "{\"data\":[" SEED_TASK "],\"code\":200}"};
  struct call call = {.kind = CALL_LIST_TASKS, .limit = 1000};
  for (int i = 0; i < 3; i++) {
    struct answer answer = decode(call, 200, bodies[i]);
    assert_seed_task(&answer);
  }
}

static void an_empty_list_is_whole(void **state) {
  (void)state;
  struct answer answer = decode((struct call){.kind = CALL_LIST_TASKS, .limit = 5}, 200, "[]");
  assert_outcome(answer, OUTCOME_OK);
  assert_int_equal(answer.task_count, 0);
  assert_true(answer.whole);
}

static void what_is_no_list_is_unreadable(void **state) {
  (void)state;
  static const char *const bodies[] = {"{}",
                                       "null",
                                       "1",
                                       "\"[]\"",
                                       "{\"tasks\":null}",
                                       "{\"tasks\":{\"0\":{}}}",
                                       "{\"Tasks\":[]}",
                                       "[] []",
                                       ""};
  for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
    struct answer answer = decode_kind(CALL_LIST_TASKS, 200, bodies[i]);
    assert_outcome(answer, OUTCOME_UNREADABLE);
    assert_false(answer.whole);
  }
}

static void a_list_with_an_unreadable_item_is_not_whole(void **state) {
  (void)state;
  static const char *const bodies[] = {"[{\"taskId\":\"a\"},7]",
                                       "[{\"taskId\":\"a\"},{}]",
                                       "[{\"taskId\":\"a\"},null]",
                                       "[{\"taskId\":\"a\"},{\"taskId\":\"\"}]",
                                       "[{\"taskId\":\"a\"},{\"taskId\":\"b\\nc\"}]",
                                       "[{\"taskId\":\"a\"},{\"taskId\":{}}]"};
  for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
    struct answer answer =
        decode((struct call){.kind = CALL_LIST_TASKS, .limit = 10}, 200, bodies[i]);
    assert_outcome(answer, OUTCOME_OK);
    assert_int_equal(answer.task_count, 1);
    assert_false(answer.whole);
  }
}

static void a_list_longer_than_asked_for_is_not_whole(void **state) {
  (void)state;
  const char *body = "[{\"taskId\":\"a\"},{\"taskId\":\"b\"}]";
  assert_true(decode((struct call){.kind = CALL_LIST_TASKS, .limit = 2}, 200, body).whole);
  struct answer answer = decode((struct call){.kind = CALL_LIST_TASKS, .limit = 1}, 200, body);
  assert_false(answer.whole);
  assert_int_equal(answer.task_count, 2);
}

static void a_task_listed_twice_is_read_once(void **state) {
  (void)state;
  struct answer answer = decode((struct call){.kind = CALL_LIST_TASKS, .limit = 9}, 200,
                                "[{\"taskId\":\"a\",\"status\":\"RUNNING\"},{\"taskId\":\"b\"},"
                                "{\"taskId\":\"a\",\"status\":\"PENDING\"}]");
  assert_int_equal(answer.task_count, 2);
  assert_true(answer.whole);
  assert_int_equal(answer.tasks[0].status, TASK_RUNNING);
  assert_string_equal(answer.tasks[1].task_id, "b");
}

static void a_listed_task_without_a_task_id_keeps_its_uuid(void **state) {
  (void)state;
  struct answer answer = decode_kind(CALL_LIST_TASKS, 200, "[{\"id\":\"u-1\"}]");
  assert_string_equal(answer.tasks[0].task_id, "u-1");
}

static struct task_view read_task(const char *fields) {
  char body[2048];
  snprintf(body, sizeof body, "{\"taskId\":\"t\"%s%s}", fields[0] == '\0' ? "" : ",", fields);
  struct answer answer = decode_kind(CALL_GET_TASK, 200, body);
  assert_outcome(answer, OUTCOME_OK);
  return answer.tasks[0];
}

static void status_words_are_read_in_any_case_and_others_stay_in_flight(void **state) {
  (void)state;
  static const struct {
    const char *word;
    enum task_status status;
  } cases[] = {
      {"PENDING", TASK_PENDING},     {"THROTTLED", TASK_THROTTLED}, {"running", TASK_RUNNING},
      {"Succeeded", TASK_SUCCEEDED}, {"FAILED", TASK_FAILED},       {"CANCELLED", TASK_CANCELLED},
      {"CANCELED", TASK_CANCELLED},  {"REHEARSING", TASK_UNKNOWN},  {"SUCCEEDED ", TASK_UNKNOWN}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char field[64];
    snprintf(field, sizeof field, "\"status\":\"%s\"", cases[i].word);
    assert_int_equal(read_task(field).status, cases[i].status);
  }
  assert_string_equal(read_task("\"status\":\"REHEARSING\"").status_text, "REHEARSING");
  assert_int_equal(read_task("\"status\":7").status, TASK_UNKNOWN);
  assert_null(read_task("").status_text);
  assert_int_equal(read_task("").status, TASK_UNKNOWN);
}

static void a_failure_is_moderation_worth_a_retry_or_final(void **state) {
  (void)state;
  static const struct {
    const char *error;
    enum task_failure failure;
    const char *text;
  } cases[] = {
      {"{\"errorMessage\":\"No\",\"reason\":\"SAFETY.INPUT.VIDEO\",\"message\":\"m\"}",
       TASK_FAILURE_MODERATED, "SAFETY.INPUT.VIDEO: No"},
      {"{\"reason\":\"INTERNAL.X\",\"moderation_category\":\"sexual\"}", TASK_FAILURE_MODERATED,
       "INTERNAL.X"},
      {"{\"reason\":\"INTERNAL.X\",\"moderation_category\":\"\"}", TASK_FAILURE_RETRY,
       "INTERNAL.X"},
      {"{\"reason\":\"INTERNAL.X\",\"moderation_category\":null}", TASK_FAILURE_RETRY,
       "INTERNAL.X"},
      {"{\"moderation_category\":[\"a\"]}", TASK_FAILURE_MODERATED, NULL},
      {"{\"errorMessage\":\"Blocked by content Moderation\"}", TASK_FAILURE_MODERATED,
       "Blocked by content Moderation"},
      {"{\"message\":\"It was moderated\"}", TASK_FAILURE_MODERATED, "It was moderated"},
      {"{\"reason\":\"INTERNAL.BAD_OUTPUT.CODE01\",\"message\":\"Try again\"}", TASK_FAILURE_RETRY,
       "INTERNAL.BAD_OUTPUT.CODE01: Try again"},
      {"{\"reason\":\"INPUT.BAD_LENGTH\",\"message\":\"Too short\"}", TASK_FAILURE_FINAL,
       "INPUT.BAD_LENGTH: Too short"},
      {"{\"reason\":\"INTERNALLY\"}", TASK_FAILURE_FINAL, "INTERNALLY"},
      {"{\"reason\":\"UNSAFETY.\"}", TASK_FAILURE_FINAL, "UNSAFETY."},
      {"\"INTERNAL.BAD_OUTPUT\"", TASK_FAILURE_RETRY, "INTERNAL.BAD_OUTPUT"},
      {"\"SAFETY.INPUT\"", TASK_FAILURE_MODERATED, "SAFETY.INPUT"},
      {"null", TASK_FAILURE_FINAL, NULL},
      {"7", TASK_FAILURE_FINAL, NULL},
      {"{\"reason\":[1],\"message\":{}}", TASK_FAILURE_FINAL, NULL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char fields[512];
    snprintf(fields, sizeof fields, "\"status\":\"FAILED\",\"error\":%s", cases[i].error);
    struct task_view task = read_task(fields);
    if (task.failure != cases[i].failure) fail_msg("%s: %d", cases[i].error, (int)task.failure);
    if (cases[i].text == NULL)
      assert_null(task.failure_text);
    else
      assert_string_equal(task.failure_text, cases[i].text);
  }
}

static void only_a_failed_task_has_a_failure(void **state) {
  (void)state;
  struct task_view task = read_task("\"status\":\"RUNNING\",\"error\":{\"reason\":\"SAFETY.X\"}");
  assert_int_equal(task.failure, TASK_FAILURE_NONE);
}

static void numbers_come_as_numbers_or_as_text(void **state) {
  (void)state;
  struct task_view task = read_task("\"progressRatio\":\"0.37\",\"estimatedTimeToStartSeconds\":"
                                    "\"12.5\",\"artifacts\":[{\"url\":\"https://r.example/a.mp4?"
                                    "sig=abc\",\"fileSize\":\"2048\"}]");
  assert_int_equal(task.progress_percent, 37);
  assert_int_equal(task.starts_in_ms, 12500);
  assert_int_equal(task.artifact_bytes, 2048);
  assert_string_equal(task.artifact_url, "https://r.example/a.mp4?sig=abc");
  task = read_task("\"progressRatio\":1,\"estimatedTimeToStartSeconds\":3,"
                   "\"artifacts\":[{\"url\":\"http://127.0.0.1:1/a\",\"fileSize\":4096}]");
  assert_int_equal(task.progress_percent, 100);
  assert_int_equal(task.starts_in_ms, 3000);
  assert_int_equal(task.artifact_bytes, 4096);
}

static void numbers_that_make_no_sense_are_unknown(void **state) {
  (void)state;
  static const char *const odd[] = {"\"\"", "\"abc\"", "-1",   "\"-1\"",   "1e999",   "\"1e999\"",
                                    "{}",   "[]",      "true", "\"0x10\"", "\"nan\"", "null"};
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    char fields[256];
    snprintf(fields, sizeof fields,
             "\"progressRatio\":%s,\"estimatedTimeToStartSeconds\":%s,\"artifacts\":[{\"fileSize\":"
             "%s}]",
             odd[i], odd[i], odd[i]);
    struct task_view task = read_task(fields);
    assert_int_equal(task.progress_percent, -1);
    assert_int_equal(task.starts_in_ms, -1);
    assert_int_equal(task.artifact_bytes, -1);
  }
}

static void only_a_link_is_an_artifact(void **state) {
  (void)state;
  static const char *const odd[] = {"[]",
                                    "{}",
                                    "\"https://x\"",
                                    "[null]",
                                    "[{}]",
                                    "[{\"url\":7}]",
                                    "[{\"url\":\"\"}]",
                                    "[{\"url\":\"file:///etc/passwd\"}]",
                                    "[{\"url\":\"https://a b\"}]",
                                    "[{\"url\":\"https://a\\r\\nX: y\"}]"};
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    char fields[256];
    snprintf(fields, sizeof fields, "\"status\":\"SUCCEEDED\",\"artifacts\":%s", odd[i]);
    assert_null(read_task(fields).artifact_url);
  }
  assert_string_equal(read_task("\"artifacts\":[\"https://x/y\"]").artifact_url, "https://x/y");
}

static void the_scheduler_names_tasks_and_their_references(void **state) {
  (void)state;
  static const char *const bodies[] = {
      "[{\"taskId\":\"" TASK_1 "\",\"replyUrl\":\"u\",\"replyRef\":\"ns:1\"},"
      "{\"taskId\":\"" TASK_2 "\",\"replyUrl\":null,\"replyRef\":null}]",
      "{\"scheduler\":[{\"taskId\":\"" TASK_1 "\",\"replyRef\":\"ns:1\"},"
      "{\"taskId\":\"" TASK_2 "\"}]}"};
  for (int i = 0; i < 2; i++) {
    struct answer answer = decode_kind(CALL_SCHEDULER, 200, bodies[i]);
    assert_outcome(answer, OUTCOME_OK);
    assert_true(answer.whole);
    assert_int_equal(answer.task_count, 2);
    assert_string_equal(answer.tasks[0].reply_ref, "ns:1");
    assert_string_equal(answer.tasks[1].task_id, TASK_2);
    assert_null(answer.tasks[1].reply_ref);
    assert_int_equal(answer.tasks[1].status, TASK_UNKNOWN);
  }
}

/* The seed page's form 1, with its blanks filled in. */
#define BUSY(key)                                                                                  \
  "{\"error\":\"Account " EMAIL " is busy executing 2 tasks\",\"runningTasks\":{\"" key            \
  "\":[{\"email\":\"" EMAIL "\",\"taskId\":\"" TASK_1                                              \
  "\",\"id\":\"1\",\"replyUrl\":\"\",\"replyRef\":\"ns:1\"},{\"email\":\"" EMAIL                   \
  "\",\"taskId\":\"" TASK_2 "\",\"id\":\"2\"}]},\"code\":429}"

static struct answer busy(const char *body) {
  struct answer answer =
      decode((struct call){.kind = CALL_SUBMIT, .email = EMAIL, .asset_id = ASSET_1}, 429, body);
  assert_outcome(answer, OUTCOME_BUSY_QUEUE);
  assert_true(answer.outcome.refused);
  return answer;
}

static void a_full_queue_lists_what_it_executes(void **state) {
  (void)state;
  struct answer answer = busy(BUSY(EMAIL));
  assert_int_equal(answer.busy_limit, 2);
  assert_true(answer.busy_listed);
  assert_int_equal(answer.busy_count, 2);
  assert_string_equal(answer.busy[0].task_id, TASK_1);
  assert_string_equal(answer.busy[0].reply_ref, "ns:1");
  assert_string_equal(answer.busy[1].task_id, TASK_2);
  assert_null(answer.busy[1].reply_ref);
  assert_string_equal(answer.outcome.text, "Account " EMAIL " is busy executing 2 tasks");
}

static void the_accounts_key_counts_in_any_case_and_others_do_not(void **state) {
  (void)state;
  assert_int_equal(busy(BUSY("ONE@Example.COM")).busy_count, 2);
  struct answer answer = busy(BUSY("two@example.com"));
  assert_int_equal(answer.busy_count, 0);
  assert_false(answer.busy_listed);
  assert_int_equal(answer.busy_limit, 2);
}

static void the_account_of_a_full_queue_is_known_by_the_asset(void **state) {
  (void)state;
  struct answer answer =
      decode((struct call){.kind = CALL_SUBMIT, .asset_id = ASSET_1}, 429, BUSY(EMAIL));
  assert_int_equal(answer.busy_count, 2);
}

static void a_full_queue_with_an_empty_list_is_listed(void **state) {
  (void)state;
  struct answer answer = busy("{\"error\":\"Account x is busy executing 3 tasks\",\"runningTasks\":"
                              "{\"" EMAIL "\":[]}}");
  assert_true(answer.busy_listed);
  assert_int_equal(answer.busy_count, 0);
  assert_int_equal(answer.busy_limit, 3);
}

static void a_full_queue_without_a_readable_list_says_so(void **state) {
  (void)state;
  static const char *const bodies[] = {
      "{\"error\":\"Account " EMAIL " is busy executing 3 tasks\"}",
      "{\"error\":\"Account " EMAIL " is busy executing 3 tasks\",\"runningTasks\":7}",
      "{\"error\":\"Account " EMAIL " is busy executing 3 tasks\",\"runningTasks\":{\"" EMAIL
      "\":null}}",
      "{\"error\":\"Account " EMAIL " is busy executing 3 tasks\",\"runningTasks\":{\"" EMAIL
      "\":[{\"taskId\":\"a\"},{}]}}",
      "{\"error\":\"Account " EMAIL " is busy executing 3 tasks\",\"runningTasks\":[{}]}"};
  for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
    struct answer answer = busy(bodies[i]);
    assert_false(answer.busy_listed);
    assert_int_equal(answer.busy_limit, 3);
  }
}

static void a_full_queue_may_list_all_accounts_in_one_array(void **state) {
  (void)state;
  struct answer answer =
      busy("{\"error\":\"busy\",\"runningTasks\":[{\"email\":\"One@example.com\",\"taskId\":\"a\"},"
           "{\"email\":\"two@example.com\",\"taskId\":\"b\"},{\"taskId\":\"" TASK_1 "\"}]}");
  assert_true(answer.busy_listed);
  assert_int_equal(answer.busy_count, 2);
  assert_string_equal(answer.busy[0].task_id, "a");
  assert_string_equal(answer.busy[1].task_id, TASK_1);
  assert_int_equal(answer.busy_limit, 2);
}

static void runways_own_429_has_no_list(void **state) {
  (void)state;
  struct answer answer = decode_kind(CALL_SUBMIT, 429,
                                     "{\"error\":\"You have too many tasks running or pending. "
                                     "Please wait for some of them to finish before starting "
                                     "more.\"}");
  assert_outcome(answer, OUTCOME_BUSY_RUNWAY);
  assert_int_equal(answer.busy_limit, 0);
  assert_false(answer.busy_listed);
}

static void names_with_case_or_an_escaped_nul_are_other_names(void **state) {
  (void)state;
  assert_outcome(decode_kind(CALL_SUBMIT, 200, "{\"TaskId\":\"a\"}"), OUTCOME_UNREADABLE);
  assert_outcome(decode_kind(CALL_SUBMIT, 200, "{\"taskId\\u0000x\":\"a\"}"), OUTCOME_UNREADABLE);
  struct answer answer =
      decode_kind(CALL_SUBMIT, 200, "{\"taskId\":\"a\",\"replyRef\":\"b\\u0000c\\\\u0000\"}");
  assert_string_equal(answer.tasks[0].reply_ref, "b\xef\xbf\xbd"
                                                 "c\\u0000");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_submissions_task_is_read_under_task_or_at_top_level),
      cmocka_unit_test(a_task_looked_at_is_read_under_task_or_at_top_level),
      cmocka_unit_test(a_look_at_a_task_fills_in_the_id_that_was_asked_for),
      cmocka_unit_test(another_tasks_reply_is_no_answer),
      cmocka_unit_test(lists_come_bare_or_wrapped),
      cmocka_unit_test(an_empty_list_is_whole),
      cmocka_unit_test(what_is_no_list_is_unreadable),
      cmocka_unit_test(a_list_with_an_unreadable_item_is_not_whole),
      cmocka_unit_test(a_list_longer_than_asked_for_is_not_whole),
      cmocka_unit_test(a_task_listed_twice_is_read_once),
      cmocka_unit_test(a_listed_task_without_a_task_id_keeps_its_uuid),
      cmocka_unit_test(status_words_are_read_in_any_case_and_others_stay_in_flight),
      cmocka_unit_test(a_failure_is_moderation_worth_a_retry_or_final),
      cmocka_unit_test(only_a_failed_task_has_a_failure),
      cmocka_unit_test(numbers_come_as_numbers_or_as_text),
      cmocka_unit_test(numbers_that_make_no_sense_are_unknown),
      cmocka_unit_test(only_a_link_is_an_artifact),
      cmocka_unit_test(the_scheduler_names_tasks_and_their_references),
      cmocka_unit_test(a_full_queue_lists_what_it_executes),
      cmocka_unit_test(the_accounts_key_counts_in_any_case_and_others_do_not),
      cmocka_unit_test(the_account_of_a_full_queue_is_known_by_the_asset),
      cmocka_unit_test(a_full_queue_with_an_empty_list_is_listed),
      cmocka_unit_test(a_full_queue_without_a_readable_list_says_so),
      cmocka_unit_test(a_full_queue_may_list_all_accounts_in_one_array),
      cmocka_unit_test(runways_own_429_has_no_list),
      cmocka_unit_test(names_with_case_or_an_escaped_nul_are_other_names),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
