/* Callbacks: a reason to look at a task that is watched, and nothing more, however many come. */
#include "core/hint.h"
#include "core_story.h"

#define TASK "user:1-runwayml:one@example.com-task:1"

static struct story story;
static struct request_memory {
  request_id id;
  struct call call;
} last; /* of the kind that was asked for last */

/* How many calls of this kind the last step ordered; the newest is kept in `last`. */
static int ordered(enum call_kind kind) {
  int count = 0;
  for (size_t i = 0; i < story.output.action_count; i++) {
    const struct action *action = &story.output.actions[i];
    if (action->kind != ACTION_CALL || action->call.kind != kind) continue;
    last = (struct request_memory){action->request, action->call};
    count++;
  }
  return count;
}

static void step(const struct event *event) {
  core_output_reset(&story.output);
  core_step(story.core, story.now, event, &story.output);
}

static void answer(const struct answer *answer) {
  step(&(struct event){
      .kind = EVENT_ANSWER, .request = last.id, .begun = story.now, .answer = answer});
}

static struct answer well(void) {
  return (struct answer){.outcome = {.kind = OUTCOME_OK, .http_status = 200, .retry_after_ms = -1},
                         .whole = true,
                         .credits = -1};
}

static void answer_task(enum task_status status) {
  struct task_view task = {.task_id = TASK,
                           .status = status,
                           .artifact_url = "https://a.invalid/x",
                           .artifact_bytes = 10,
                           .progress_percent = -1};
  struct answer said = well();
  said.tasks = &task;
  said.task_count = 1;
  answer(&said);
}

static bool call_back(const char *task_id, const char *reply_ref, enum task_status status) {
  struct task_view said = {.task_id = task_id, .reply_ref = reply_ref, .status = status};
  step(&(struct event){.kind = EVENT_CALLBACK, .said = &said});
  return story.output.action_count > 0;
}

static void pass(duration_ms time) {
  story.now += time;
  step(&(struct event){.kind = EVENT_TICK});
}

/* One job, which runs on account one as TASK; callbacks are on. */
static int begin(void **state) {
  (void)state;
  story_begin(&story);
  story.core->options.reply_url = "https://me.invalid/x";
  story_job(&story, "a")->pin = ONE;
  story_start(&story);
  story_list_empty(&story, TWO);
  core_output_reset(&story.output);
  struct answer empty = well();
  step(&(struct event){.kind = EVENT_ANSWER, .request = 1, .begun = story.now, .answer = &empty});
  assert_int_equal(ordered(CALL_UPLOAD), 1);
  struct asset_view asset = {.asset_id = "user:1-runwayml:one@example.com-asset:1"};
  struct answer uploaded = well();
  uploaded.assets = &asset;
  uploaded.asset_count = 1;
  answer(&uploaded);
  assert_int_equal(ordered(CALL_SUBMIT), 1);
  assert_string_equal(last.call.reply_url, "https://me.invalid/x");
  answer_task(TASK_PENDING);
  assert_int_equal(story.core->counts[JOB_RUNNING], 1);
  return 0;
}

static int end(void **state) {
  (void)state;
  story_end(&story);
  return 0;
}

static void a_callback_has_its_task_looked_at_at_once(void **state) {
  (void)state;
  assert_true(call_back(TASK, NULL, TASK_SUCCEEDED));
  assert_int_equal(ordered(CALL_GET_TASK), 1);
  assert_string_equal(last.call.task_id, TASK);
}

static void the_reference_names_the_task_as_well(void **state) {
  (void)state;
  const char *ref = story.core->attempts[0].rec.reply_ref;
  assert_true(call_back(NULL, ref, TASK_SUCCEEDED));
  assert_int_equal(ordered(CALL_GET_TASK), 1);
}

static void what_it_claims_changes_nothing(void **state) {
  (void)state;
  call_back(TASK, NULL, TASK_FAILED);
  assert_int_equal(story.core->counts[JOB_RUNNING], 1);
  assert_int_equal(story.output.record_count, 0);
  ordered(CALL_GET_TASK);
  answer_task(TASK_RUNNING);
  assert_int_equal(story.core->counts[JOB_RUNNING], 1);
}

static void one_about_a_stranger_is_passed_over(void **state) {
  (void)state;
  time_ms deadline = core_deadline(story.core);
  assert_false(call_back("user:1-runwayml:one@example.com-task:2", "nobody's", TASK_SUCCEEDED));
  assert_false(call_back(NULL, NULL, TASK_SUCCEEDED));
  assert_int_equal(core_deadline(story.core), deadline);
}

static void a_burst_costs_one_look_in_five_seconds(void **state) {
  (void)state;
  int looks = 0;
  for (int i = 0; i < 100000; i++) {
    if (!call_back(TASK, NULL, TASK_SUCCEEDED)) continue;
    looks += ordered(CALL_GET_TASK);
  }
  assert_int_equal(looks, 1);
  answer_task(TASK_RUNNING);
  story.core->hints.came = true; /* no look but because of them */
  pass(4900);
  assert_int_equal(ordered(CALL_GET_TASK) + ordered(CALL_LIST_TASKS), 0);
  pass(100);
  assert_int_equal(ordered(CALL_LIST_TASKS), 1); /* one that came while it was looked at */
}

static void that_a_task_gets_on_is_no_news(void **state) {
  (void)state;
  assert_false(call_back(TASK, NULL, TASK_RUNNING));
  assert_false(call_back(TASK, NULL, TASK_UNKNOWN));
  assert_true(call_back(TASK, NULL, TASK_SUCCEEDED));
}

static void that_one_held_back_runs_is_looked_at(void **state) {
  (void)state;
  story.core->attempts[0].status = TASK_THROTTLED;
  assert_false(call_back(TASK, NULL, TASK_THROTTLED));
  assert_true(call_back(TASK, NULL, TASK_RUNNING));
  assert_int_equal(ordered(CALL_GET_TASK), 1);
}

static void a_task_that_has_ended_is_not_looked_at_again(void **state) {
  (void)state;
  call_back(TASK, NULL, TASK_SUCCEEDED);
  ordered(CALL_GET_TASK);
  answer_task(TASK_SUCCEEDED);
  assert_int_equal(story.core->counts[JOB_DOWNLOADING], 1);
  pass(10 * SECOND_MS);
  assert_false(call_back(TASK, NULL, TASK_SUCCEEDED));
}

static struct attempt *the_attempt(void) {
  return &story.core->attempts[0];
}

static void once_one_came_callbacks_are_relied_on(void **state) {
  (void)state;
  assert_false(hint_relied_on(story.core, the_attempt()));
  call_back(TASK, NULL, TASK_RUNNING);
  assert_true(hint_relied_on(story.core, the_attempt()));
}

static void one_of_a_task_of_others_is_no_reason_to_rely_on_them(void **state) {
  (void)state;
  call_back("user:1-runwayml:one@example.com-task:2", NULL, TASK_RUNNING);
  assert_false(hint_relied_on(story.core, the_attempt()));
}

static void where_the_account_was_not_just_listed_a_list_answers_for_all_of_it(void **state) {
  (void)state;
  story.core->hints.came = true;
  pass(3 * SECOND_MS);
  assert_true(call_back(TASK, NULL, TASK_SUCCEEDED));
  assert_int_equal(ordered(CALL_GET_TASK), 0);
  assert_int_equal(ordered(CALL_LIST_TASKS), 1);
  answer_task(TASK_SUCCEEDED);
  assert_int_equal(story.core->counts[JOB_DOWNLOADING], 1);
  assert_int_equal(story.core->hints.untold, 0);
}

/* A callback spoke of the end, a list showed the task at work. */
static void list_lags(void) {
  story.core->hints.came = true;
  pass(3 * SECOND_MS);
  call_back(TASK, NULL, TASK_SUCCEEDED);
  assert_int_equal(ordered(CALL_LIST_TASKS), 1);
  answer_task(TASK_RUNNING);
}

static void what_the_list_does_not_show_is_asked_of_the_task_itself(void **state) {
  (void)state;
  list_lags();
  assert_int_equal(ordered(CALL_GET_TASK), 0);
  pass(4900);
  assert_int_equal(ordered(CALL_GET_TASK), 0);
  pass(100);
  assert_int_equal(ordered(CALL_GET_TASK), 1);
  answer_task(TASK_SUCCEEDED);
  assert_int_equal(story.core->counts[JOB_DOWNLOADING], 1);
}

static void where_lists_were_behind_tasks_are_asked_for_themselves(void **state) {
  (void)state;
  list_lags();
  pass(5 * SECOND_MS);
  assert_int_equal(ordered(CALL_GET_TASK), 1);
  answer_task(TASK_SUCCEEDED);
  struct attempt another = *the_attempt();
  assert_true(hint_wants_list(story.core, &another) == false);
  story.core->hints.lists_lag = false;
  another.hint.doubted = false;
  story.core->accounts[0].list_wire = false;
  assert_true(hint_wants_list(story.core, &another));
}

static void a_lie_costs_one_look_in_five_seconds_by_lists_as_well(void **state) {
  (void)state;
  list_lags();
  pass(5 * SECOND_MS);
  assert_int_equal(ordered(CALL_GET_TASK), 1);
  answer_task(TASK_RUNNING);
  assert_false(story.core->hints.lists_lag);
  pass(4 * SECOND_MS);
  assert_int_equal(ordered(CALL_GET_TASK) + ordered(CALL_LIST_TASKS), 0);
  call_back(TASK, NULL, TASK_SUCCEEDED);
  assert_int_equal(ordered(CALL_GET_TASK) + ordered(CALL_LIST_TASKS), 0);
  pass(SECOND_MS);
  assert_int_equal(ordered(CALL_LIST_TASKS), 1);
}

static void a_list_that_fails_leaves_the_callback_to_be_answered(void **state) {
  (void)state;
  story.core->hints.came = true;
  pass(3 * SECOND_MS);
  call_back(TASK, NULL, TASK_SUCCEEDED);
  assert_int_equal(ordered(CALL_LIST_TASKS), 1);
  struct answer failed = well();
  failed.outcome = (struct outcome){
      .kind = OUTCOME_UPSTREAM, .http_status = 502, .text = "", .retry_after_ms = -1};
  failed.whole = false;
  answer(&failed);
  pass(5 * SECOND_MS);
  assert_int_equal(ordered(CALL_GET_TASK), 1);
}

static void two_ends_in_a_row_that_none_told_of_end_the_reliance(void **state) {
  (void)state;
  struct attempt *attempt = the_attempt();
  call_back(TASK, NULL, TASK_RUNNING);
  hint_ended(story.core, attempt);
  assert_true(hint_relied_on(story.core, attempt));
  hint_ended(story.core, attempt);
  assert_false(hint_relied_on(story.core, attempt));
  attempt->hint.looked = true;
  hint_ended(story.core, attempt);
  assert_true(hint_relied_on(story.core, attempt));
}

static void a_lost_one_is_missed_at_the_net(void **state) {
  (void)state;
  call_back(TASK, NULL, TASK_RUNNING);
  pass(119 * SECOND_MS);
  assert_int_equal(ordered(CALL_LIST_TASKS), 0);
  pass(SECOND_MS);
  assert_int_equal(ordered(CALL_LIST_TASKS), 1);
  answer_task(TASK_SUCCEEDED);
  assert_int_equal(story.core->counts[JOB_DOWNLOADING], 1);
  assert_int_equal(story.core->hints.untold, 1);
}

static void one_that_comes_a_little_later_than_our_look_still_told(void **state) {
  (void)state;
  story.core->hints.came = true;
  pass(120 * SECOND_MS);
  assert_int_equal(ordered(CALL_LIST_TASKS), 1);
  answer_task(TASK_SUCCEEDED);
  assert_int_equal(story.core->hints.untold, 1);
  story.now += 5 * SECOND_MS;
  call_back(TASK, NULL, TASK_SUCCEEDED);
  assert_int_equal(story.core->hints.untold, 0);
  story.core->hints.untold = 1;
  story.now += 1;
  call_back(TASK, NULL, TASK_SUCCEEDED);
  assert_int_equal(story.core->hints.untold, 1);
}

static int64_t counted(enum callback_fate fate) {
  struct core_figures figures;
  core_figures(story.core, &figures);
  return figures.callbacks[fate];
}

static void what_they_are_good_for_is_counted(void **state) {
  (void)state;
  call_back(TASK, NULL, TASK_RUNNING);
  call_back(TASK, NULL, TASK_SUCCEEDED); /* looked at */
  call_back(TASK, NULL, TASK_SUCCEEDED); /* while it is: another look must follow */
  call_back(TASK, NULL, TASK_SUCCEEDED);
  call_back("user:1-runwayml:one@example.com-task:2", NULL, TASK_SUCCEEDED);
  assert_int_equal(counted(CALLBACK_ACCEPTED), 2);
  assert_int_equal(counted(CALLBACK_NO_NEWS), 1 + 1);
  assert_int_equal(counted(CALLBACK_UNKNOWN), 1);
}

static int64_t contradicted(void) {
  struct core_figures figures;
  core_figures(story.core, &figures);
  return figures.contradicted;
}

static void an_end_that_a_look_does_not_find_is_counted_as_a_lie(void **state) {
  (void)state;
  call_back(TASK, NULL, TASK_FAILED);
  ordered(CALL_GET_TASK);
  answer_task(TASK_RUNNING);
  assert_int_equal(contradicted(), 1);
  pass(5 * SECOND_MS);
  call_back(TASK, NULL, TASK_SUCCEEDED);
  assert_int_equal(ordered(CALL_LIST_TASKS), 1);
  answer_task(TASK_SUCCEEDED);
  assert_int_equal(contradicted(), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_callback_has_its_task_looked_at_at_once, begin, end),
      cmocka_unit_test_setup_teardown(the_reference_names_the_task_as_well, begin, end),
      cmocka_unit_test_setup_teardown(what_it_claims_changes_nothing, begin, end),
      cmocka_unit_test_setup_teardown(one_about_a_stranger_is_passed_over, begin, end),
      cmocka_unit_test_setup_teardown(a_burst_costs_one_look_in_five_seconds, begin, end),
      cmocka_unit_test_setup_teardown(that_a_task_gets_on_is_no_news, begin, end),
      cmocka_unit_test_setup_teardown(that_one_held_back_runs_is_looked_at, begin, end),
      cmocka_unit_test_setup_teardown(a_task_that_has_ended_is_not_looked_at_again, begin, end),
      cmocka_unit_test_setup_teardown(once_one_came_callbacks_are_relied_on, begin, end),
      cmocka_unit_test_setup_teardown(one_of_a_task_of_others_is_no_reason_to_rely_on_them, begin,
                                      end),
      cmocka_unit_test_setup_teardown(
          where_the_account_was_not_just_listed_a_list_answers_for_all_of_it, begin, end),
      cmocka_unit_test_setup_teardown(what_the_list_does_not_show_is_asked_of_the_task_itself,
                                      begin, end),
      cmocka_unit_test_setup_teardown(where_lists_were_behind_tasks_are_asked_for_themselves, begin,
                                      end),
      cmocka_unit_test_setup_teardown(a_lie_costs_one_look_in_five_seconds_by_lists_as_well, begin,
                                      end),
      cmocka_unit_test_setup_teardown(a_list_that_fails_leaves_the_callback_to_be_answered, begin,
                                      end),
      cmocka_unit_test_setup_teardown(two_ends_in_a_row_that_none_told_of_end_the_reliance, begin,
                                      end),
      cmocka_unit_test_setup_teardown(a_lost_one_is_missed_at_the_net, begin, end),
      cmocka_unit_test_setup_teardown(one_that_comes_a_little_later_than_our_look_still_told, begin,
                                      end),
      cmocka_unit_test_setup_teardown(what_they_are_good_for_is_counted, begin, end),
      cmocka_unit_test_setup_teardown(an_end_that_a_look_does_not_find_is_counted_as_a_lie, begin,
                                      end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
