/* What another machine wrote down and may still submit: an attempt found in doubt at start is over
 * for us no sooner than that machine can have sent it. */
#include "unit/core/core_story.h"

/* One job whose attempt the process before left in this state, over at `over`. */
static void begin(struct story *story, duration_ms stray_ms, enum attempt_state state,
                  time_ms over) {
  struct batch_record batch = {.id = 1, .key = "night", .named = true};
  struct attempt_record attempt = {.id = 1,
                                   .job = 1,
                                   .number = 1,
                                   .account = ONE,
                                   .reply_ref = "ref-1",
                                   .state = state,
                                   .opened = START - SECOND_MS,
                                   .over = over};
  story_begin(story);
  core_free(story->core);
  struct core_options options = {.seed = 1, .max_attempts = 4, .stray_ms = stray_ms};
  story->core = core_new(&options);
  (void)core_add_account(story->core,
                         &(struct core_account){.email = ONE, .max_jobs = 5, .credits = -1});
  struct job_record *job = story_job(story, "a");
  job->state = state == ATTEMPT_OPEN ? JOB_SUBMITTING : JOB_UNSURE;
  job->account = ONE;
  struct store_snapshot snapshot = {.latest = START,
                                    .batches = &batch,
                                    .batch_count = 1,
                                    .jobs = story->jobs,
                                    .job_count = 1,
                                    .attempts = &attempt,
                                    .attempt_count = 1,
                                    .last_batch = 1,
                                    .last_job = 1,
                                    .last_attempt = 1};
  core_load(story->core, &snapshot, NULL, &batch.id, 1);
  core_start(story->core, START, &story->output);
}

/* What is written down of the attempt by the first step. */
static const struct attempt_record *written(const struct story *story) {
  const struct attempt_record *found = NULL;
  for (size_t i = 0; i < story->output.record_count; i++)
    if (story->output.records[i].kind == RECORD_ATTEMPT)
      found = &story->output.records[i].as.attempt;
  assert_non_null(found);
  return found;
}

static void an_open_attempt_of_this_machine_is_over_at_once(void **state) {
  struct story story;
  (void)state;
  begin(&story, 0, ATTEMPT_OPEN, 0);
  assert_int_equal(written(&story)->state, ATTEMPT_UNSURE);
  assert_int_equal(written(&story)->over, START);
  story_end(&story);
}

static void one_that_may_still_be_sent_is_over_when_it_no_longer_can(void **state) {
  struct story story;
  (void)state;
  begin(&story, 40 * SECOND_MS, ATTEMPT_OPEN, 0);
  assert_int_equal(written(&story)->over, START + 40 * SECOND_MS);
  story_end(&story);
  begin(&story, 40 * SECOND_MS, ATTEMPT_UNSURE, START - MINUTE_MS);
  assert_int_equal(written(&story)->over, START + 40 * SECOND_MS);
  story_end(&story);
}

/* The process before counted on another one, and let go in order itself. */
static void what_was_counted_on_before_still_holds(void **state) {
  struct story story;
  (void)state;
  begin(&story, 0, ATTEMPT_UNSURE, START + 30 * SECOND_MS);
  assert_int_equal(written(&story)->over, START + 30 * SECOND_MS);
  story_end(&story);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_open_attempt_of_this_machine_is_over_at_once),
      cmocka_unit_test(one_that_may_still_be_sent_is_over_when_it_no_longer_can),
      cmocka_unit_test(what_was_counted_on_before_still_holds),
  };
  return cmocka_run_group_tests_name("core/stray", tests, NULL, NULL);
}
