/* Why a job waits, for every reason, and the words for it. */
#include "core_story.h"

static void words_name_the_account_and_the_time_where_they_are_known(void **state) {
  char text[200];
  (void)state;
  wait_describe(&(struct wait){.reason = WAIT_TURN}, text, sizeof text);
  assert_string_equal(text, "waits for a free slot");
  wait_describe(&(struct wait){.reason = WAIT_EMPTY, .account = ONE}, text, sizeof text);
  assert_string_equal(text, "the account has no credits (one@example.com)");
  wait_describe(&(struct wait){.reason = WAIT_AGAIN, .until = START}, text, sizeof text);
  assert_string_equal(text, "waits before the next try (until 2026-01-01T00:00:00.000Z)");
  wait_describe(&(struct wait){.reason = WAIT_COOLING, .account = ONE, .until = START}, text,
                sizeof text);
  assert_string_equal(
      text, "the account takes no more now (one@example.com, until 2026-01-01T00:00:00.000Z)");
  wait_describe(&(struct wait){.reason = WAIT_COOLING, .until = TIME_NEVER}, text, sizeof text);
  assert_string_equal(text, "the account takes no more now");
  char small[8];
  wait_describe(&(struct wait){.reason = WAIT_TURN}, small, sizeof small);
  assert_string_equal(small, "waits f");
}

static void begin(struct story *story) {
  story_begin(story);
  (void)story_job(story, "a");
  story_job(story, "b")->pin = ONE;
  story_start(story);
}

static void an_unlisted_account_is_the_reason_until_it_is_listed(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  assert_string_equal(story_why(&story, 2),
                      "the account's tasks have not been listed yet (one@example.com)");
  assert_int_equal(core_why(story.core, 99, story.now).reason, WAIT_NONE);
  story_end(&story);
}

static void a_pinned_job_says_what_is_wrong_with_its_account(void **state) {
  static const struct {
    enum account_state state;
    enum wait_reason reason;
  } cases[] = {{ACCOUNT_EMPTY, WAIT_EMPTY},
               {ACCOUNT_BROKEN, WAIT_BROKEN},
               {ACCOUNT_PAUSED, WAIT_PAUSED},
               {ACCOUNT_LOST, WAIT_LOST}};
  struct story story;
  (void)state;
  begin(&story);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    story.core->accounts[0].state = cases[i].state;
    struct wait wait = core_why(story.core, 2, story.now);
    assert_int_equal(wait.reason, cases[i].reason);
    assert_string_equal(wait.account, ONE);
  }
  story_end(&story);
}

static void an_unpinned_job_names_an_account_only_when_no_other_would_take_it(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  for (int i = 0; i < 2; i++)
    story.core->accounts[i].listed = true;
  story.core->accounts[0].state = ACCOUNT_BROKEN;
  assert_string_equal(story_why(&story, 1), "waits for a free slot");
  story.core->accounts[1].state = ACCOUNT_EMPTY;
  assert_string_equal(story_why(&story, 1),
                      "the account's session is broken: sign it in again (one@example.com)");
  story.core->accounts[0].state = ACCOUNT_LOST;
  assert_string_equal(story_why(&story, 1), "the account has no credits (two@example.com)");
  story_end(&story);
}

static void an_account_that_this_run_does_not_have_is_named(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "a")->pin = "three@example.com";
  story_start(&story);
  assert_string_equal(story_why(&story, 1),
                      "no account that may run it is left (three@example.com)");
  story_end(&story);
}

static const struct answer uploaded = {
    .outcome = {.kind = OUTCOME_OK, .http_status = 200},
    .assets = &(struct asset_view){.asset_id = "asset", .name = "asset"},
    .asset_count = 1};

static void upload_wire_and_doubt_are_told_in_turn(void **state) {
  struct story story;
  struct answer lost = {.outcome = {.kind = OUTCOME_NO_REPLY, .retry_after_ms = -1}};
  (void)state;
  begin(&story);
  story_list_empty(&story, ONE);
  story_list_empty(&story, TWO);
  assert_int_equal(core_why(story.core, 2, story.now).reason, WAIT_UPLOAD);
  assert_true(story_answer(&story, CALL_UPLOAD, ONE, &uploaded));
  assert_int_equal(core_why(story.core, 2, story.now).reason, WAIT_WIRE);
  assert_true(story_answer(&story, CALL_SUBMIT, ONE, &lost));
  struct wait wait = core_why(story.core, 2, story.now);
  assert_int_equal(wait.reason, WAIT_EVIDENCE);
  assert_string_equal(wait.account, ONE);
  assert_true(wait.until >= story.now + 120 * SECOND_MS);
  story_end(&story);
}

static void a_task_at_work_and_its_end_are_told(void **state) {
  struct story story;
  struct task_view task = {.task_id = "task-b", .status = TASK_RUNNING};
  struct answer ok = {.outcome = {.kind = OUTCOME_OK, .http_status = 200},
                      .tasks = &task,
                      .task_count = 1,
                      .whole = true};
  (void)state;
  begin(&story);
  story_list_empty(&story, ONE);
  story_list_empty(&story, TWO);
  assert_true(story_answer(&story, CALL_UPLOAD, ONE, &uploaded));
  assert_true(story_answer(&story, CALL_SUBMIT, ONE, &ok));
  assert_int_equal(core_why(story.core, 2, story.now).reason, WAIT_TASK);
  task.status = TASK_SUCCEEDED;
  task.artifact_url = "https://artifacts.invalid/b";
  task.artifact_bytes = 5;
  core_output_reset(&story.output);
  story_tick(&story, MINUTE_MS);
  assert_true(story_answer(&story, CALL_LIST_TASKS, ONE, &ok));
  assert_int_equal(core_why(story.core, 2, story.now).reason, WAIT_FETCH);
  story_end(&story);
}

static void the_same_clip_and_voice_in_doubt_is_told(void **state) {
  struct story story;
  struct answer lost = {.outcome = {.kind = OUTCOME_NO_REPLY, .retry_after_ms = -1}};
  (void)state;
  story_begin(&story);
  for (int i = 0; i < 2; i++) {
    struct job_record *job = story_job(&story, i == 0 ? "a" : "b");
    job->clip_hash = "same";
    job->pin = ONE;
  }
  story_start(&story);
  story_list_empty(&story, ONE);
  story_list_empty(&story, TWO);
  assert_true(story_answer(&story, CALL_UPLOAD, ONE, &uploaded));
  assert_true(story_answer(&story, CALL_SUBMIT, ONE, &lost));
  assert_string_equal(story_why(&story, 2),
                      "the same clip and voice is in doubt on this account (one@example.com)");
  story_end(&story);
}

static void a_wait_before_the_next_try_has_its_time(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "a")->again = START + MINUTE_MS;
  story_start(&story);
  struct wait wait = core_why(story.core, 1, story.now);
  assert_int_equal(wait.reason, WAIT_AGAIN);
  assert_true(wait.until == START + MINUTE_MS);
  assert_true(core_deadline(story.core) <= START + MINUTE_MS);
  story_end(&story);
}

static void a_stopping_run_is_the_reason(void **state) {
  struct story story;
  struct event stop = {.kind = EVENT_STOP, .text = "SIGTERM"};
  (void)state;
  begin(&story);
  core_step(story.core, story.now, &stop, &story.output);
  assert_string_equal(story_why(&story, 1), "the run is stopping");
  story_end(&story);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(words_name_the_account_and_the_time_where_they_are_known),
      cmocka_unit_test(an_unlisted_account_is_the_reason_until_it_is_listed),
      cmocka_unit_test(a_pinned_job_says_what_is_wrong_with_its_account),
      cmocka_unit_test(an_unpinned_job_names_an_account_only_when_no_other_would_take_it),
      cmocka_unit_test(an_account_that_this_run_does_not_have_is_named),
      cmocka_unit_test(upload_wire_and_doubt_are_told_in_turn),
      cmocka_unit_test(a_task_at_work_and_its_end_are_told),
      cmocka_unit_test(the_same_clip_and_voice_in_doubt_is_told),
      cmocka_unit_test(a_wait_before_the_next_try_has_its_time),
      cmocka_unit_test(a_stopping_run_is_the_reason),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
