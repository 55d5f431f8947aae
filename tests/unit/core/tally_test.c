/* What is counted for those who measure a run: jobs, submissions, and slots that stand empty. */
#include "core_story.h"

#include "nightshift/figures.h"

static struct story story;

static struct core_figures figures(void) {
  struct core_figures figures;
  core_figures(story.core, &figures);
  return figures;
}

static struct core_account_figures of_account(account_index index) {
  struct core_account_figures figures;
  core_account_figures(story.core, index, story.now, &figures);
  return figures;
}

static struct answer ok(void) {
  return (struct answer){.outcome = {.kind = OUTCOME_OK, .http_status = 200, .retry_after_ms = -1},
                         .whole = true,
                         .credits = -1};
}

/* Answers the call of that kind on account one, which the last step ordered. */
static void answered(enum call_kind kind, const struct answer *answer) {
  struct core_output output;
  core_output_init(&output);
  request_id request = 0;
  for (size_t i = 0; i < story.output.action_count; i++) {
    const struct action *action = &story.output.actions[i];
    if (action->kind == ACTION_CALL && action->call.kind == kind) request = action->request;
  }
  assert_true(request != 0);
  struct event event = {
      .kind = EVENT_ANSWER, .request = request, .begun = story.now, .answer = answer};
  core_step(story.core, story.now, &event, &output);
  core_output_release(&story.output);
  story.output = output;
}

static void uploaded(void) {
  struct asset_view asset = {.asset_id = "user:1-runwayml:one@example.com-asset:1"};
  struct answer answer = ok();
  answer.assets = &asset;
  answer.asset_count = 1;
  answered(CALL_UPLOAD, &answer);
}

static void pass(duration_ms time) {
  core_output_reset(&story.output);
  story_tick(&story, time);
}

/* Two jobs that run only on account one, whose list has just come; two is listed as well. */
static int begin(void **state) {
  (void)state;
  story_begin(&story);
  story_job(&story, "a")->pin = ONE;
  story_job(&story, "b")->pin = ONE;
  story_start(&story);
  story_list_empty(&story, TWO);
  core_output_reset(&story.output);
  struct answer empty = ok();
  core_step(
      story.core, story.now,
      &(struct event){.kind = EVENT_ANSWER, .request = 1, .begun = story.now, .answer = &empty},
      &story.output);
  return 0;
}

static int end(void **state) {
  (void)state;
  story_end(&story);
  return 0;
}

static void jobs_are_where_a_walk_over_them_finds_them(void **state) {
  (void)state;
  uploaded();
  struct core_counts counts = core_count(story.core, 0);
  struct core_figures kept = figures();
  for (int i = 0; i < JOB_STATE_COUNT; i++)
    assert_int_equal(kept.jobs[i], counts.by_state[i]);
  assert_int_equal(kept.jobs[JOB_SUBMITTING], 1);
}

static void a_slot_is_idle_while_the_clip_goes_up_and_no_longer(void **state) {
  (void)state;
  story.now += 4 * SECOND_MS;
  assert_int_equal(of_account(0).slot_idle, 4 * SECOND_MS);
  uploaded();
  pass(9 * SECOND_MS);
  assert_int_equal(of_account(0).slot_idle, 4 * SECOND_MS);
}

static void an_account_for_which_no_job_waits_is_not_idle(void **state) {
  (void)state;
  pass(4 * SECOND_MS);
  assert_int_equal(of_account(1).slot_idle, 0);
}

static void nothing_is_idle_that_a_person_has_paused(void **state) {
  (void)state;
  pass(SECOND_MS);
  struct control control = {.verb = CONTROL_PAUSE, .account = ONE};
  core_output_reset(&story.output);
  core_step(story.core, story.now, &(struct event){.kind = EVENT_CONTROL, .control = &control},
            &story.output);
  pass(HOUR_MS);
  assert_int_equal(of_account(0).slot_idle, SECOND_MS);
}

static void known_slots_count_each(void **state) {
  (void)state;
  struct account *account = &story.core->accounts[0];
  pass(0);
  account->proven = true;
  account->known = 3;
  pass(0);
  pass(2 * SECOND_MS);
  assert_int_equal(of_account(0).slot_idle, 3 * 2 * SECOND_MS);
  account->others = 1;
  pass(0);
  pass(2 * SECOND_MS);
  assert_int_equal(of_account(0).slot_idle, (3 + 2) * 2 * SECOND_MS);
}

static void the_end_of_a_run_leaves_no_slot_idle(void **state) {
  (void)state;
  core_output_reset(&story.output);
  core_step(story.core, story.now, &(struct event){.kind = EVENT_STOP, .text = "SIGTERM"},
            &story.output);
  pass(HOUR_MS);
  assert_int_equal(of_account(0).slot_idle, 0);
}

static void answers_to_submissions_are_counted_by_what_they_say(void **state) {
  (void)state;
  uploaded();
  struct answer busy = ok();
  busy.outcome =
      (struct outcome){.kind = OUTCOME_BUSY_RUNWAY, .refused = true, .retry_after_ms = -1};
  answered(CALL_SUBMIT, &busy);
  assert_int_equal(figures().submissions[OUTCOME_BUSY_RUNWAY], 1);
  assert_int_equal(figures().submissions[OUTCOME_OK], 0);
  assert_int_equal(of_account(0).throttled, 1);
  assert_int_equal(of_account(1).throttled, 0);
}

static void ends_and_moderation_are_counted(void **state) {
  (void)state;
  uploaded();
  struct answer moderated = ok();
  moderated.outcome =
      (struct outcome){.kind = OUTCOME_MODERATED, .refused = true, .retry_after_ms = -1};
  answered(CALL_SUBMIT, &moderated);
  assert_int_equal(figures().ended[JOB_MODERATED], 1);
  assert_int_equal(figures().jobs[JOB_MODERATED], 1);
  assert_int_equal(of_account(0).moderated, 1);
  assert_int_equal(of_account(1).moderated, 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(jobs_are_where_a_walk_over_them_finds_them),
      TEST(a_slot_is_idle_while_the_clip_goes_up_and_no_longer),
      TEST(an_account_for_which_no_job_waits_is_not_idle),
      TEST(nothing_is_idle_that_a_person_has_paused),
      TEST(known_slots_count_each),
      TEST(the_end_of_a_run_leaves_no_slot_idle),
      TEST(answers_to_submissions_are_counted_by_what_they_say),
      TEST(ends_and_moderation_are_counted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
