/* The order of jobs: priority, turns of batches, length; and where a job goes at the end of the
 * run. */
#include "core_story.h"

static int rank_of(struct story *story, const char *name) {
  for (int32_t i = 0; i < story->core->job_count; i++)
    if (strcmp(story->core->jobs[i].rec.name, name) == 0) return story->core->jobs[i].rank;
  return -1;
}

/* As story_start, with a second batch. */
static void start_two(struct story *story) {
  struct batch_record batches[] = {{.id = 1, .key = "night", .named = true},
                                   {.id = 2, .key = "other", .named = true}};
  const batch_id ids[] = {1, 2};
  struct store_snapshot snapshot = {.latest = START,
                                    .batches = batches,
                                    .batch_count = 2,
                                    .jobs = story->jobs,
                                    .job_count = story->job_count,
                                    .last_batch = 2,
                                    .last_job = (job_id)story->job_count};
  core_load(story->core, &snapshot, NULL, ids, 2);
  core_start(story->core, story->now, &story->output);
}

static void the_longest_comes_first(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "short")->clip_ms = 5 * SECOND_MS;
  story_job(&story, "long")->clip_ms = 20 * SECOND_MS;
  story_start(&story);
  assert_int_equal(rank_of(&story, "long"), 0);
  story_end(&story);
}

static void a_large_batch_does_not_keep_a_small_one_waiting(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  for (int i = 0; i < 5; i++) {
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    story_job(&story, names[i])->clip_ms = 30 * SECOND_MS - i * SECOND_MS;
  }
  struct job_record *small = story_job(&story, "small");
  small->batch = 2;
  small->clip_ms = 4 * SECOND_MS;
  struct job_record *smaller = story_job(&story, "smaller");
  smaller->batch = 2;
  smaller->clip_ms = 3 * SECOND_MS;
  start_two(&story);
  assert_int_equal(rank_of(&story, "a"), 0);
  assert_int_equal(rank_of(&story, "small"), 1);
  assert_int_equal(rank_of(&story, "b"), 2);
  assert_int_equal(rank_of(&story, "smaller"), 3);
  assert_int_equal(rank_of(&story, "e"), 6);
  story_end(&story);
}

static void what_has_ended_takes_no_turn(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "done")->state = JOB_SUCCEEDED;
  story_job(&story, "done too")->state = JOB_SUCCEEDED;
  story_job(&story, "left")->clip_ms = 4 * SECOND_MS;
  story_job(&story, "new")->batch = 2;
  story_job(&story, "newer")->batch = 2;
  start_two(&story);
  assert_true(rank_of(&story, "left") < rank_of(&story, "newer"));
  story_end(&story);
}

static void priority_comes_before_turns(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "a");
  story_job(&story, "urgent")->batch = 2;
  story.jobs[1].priority = 1;
  story_job(&story, "urgent too")->batch = 2;
  story.jobs[2].priority = 1;
  start_two(&story);
  assert_int_equal(rank_of(&story, "a"), 2);
  story_end(&story);
}

/* One account is slow: it was seen to take this long for a clip of 10 s, the other 100 s. A task
 * began on the quick one so long ago; one job waits. */
static void begin_tail(struct story *story, duration_ms slow_ms, duration_ms ago_ms) {
  story_begin(story);
  (void)story_job(story, "running");
  (void)story_job(story, "waiting");
  story_start(story);
  struct core *core = story->core;
  core->now = story->now;
  core->out = &story->output;
  for (int i = 0; i < 40; i++)
    for (int account = 0; account < 2; account++) {
      struct attempt attempt = {.job = 0, .account = account, .course = {.since = START}};
      learn_ended(core, &attempt, START + (account == 0 ? slow_ms : 100 * SECOND_MS));
    }
  struct job *job = &core->jobs[0];
  struct attempt *attempt;
  job_unplace(core, job);
  core->voices[job->voice].there = NULL;
  job->clip = NONE;
  job->rec.asset = "asset";
  job->account = 1;
  attempt = attempt_add(core, job, &core->accounts[1]);
  job_move(core, job, JOB_SUBMITTING);
  attempt_accept(core, attempt, "task");
  job_move(core, job, JOB_RUNNING);
  attempt->course.since = story->now - ago_ms;
  for (int account = 0; account < 2; account++) {
    core->accounts[account].listed = true;
    core->accounts[account].proven = true;
    core->accounts[account].known = 1;
    core->accounts[account].try_at = TIME_NEVER;
  }
}

static void a_slow_account_gets_no_long_job_at_the_end(void **state) {
  struct story story;
  (void)state;
  begin_tail(&story, 400 * SECOND_MS, 90 * SECOND_MS);
  assert_false(tail_fits(story.core, &story.core->jobs[1], &story.core->accounts[0]));
  story_end(&story);
}

static void a_slow_account_is_better_than_waiting_for_long(void **state) {
  struct story story;
  (void)state;
  begin_tail(&story, 130 * SECOND_MS, 10 * SECOND_MS);
  assert_true(tail_fits(story.core, &story.core->jobs[1], &story.core->accounts[0]));
  story_end(&story);
}

static void a_slow_account_takes_its_share_while_many_wait(void **state) {
  struct story story;
  (void)state;
  begin_tail(&story, 400 * SECOND_MS, 90 * SECOND_MS);
  story.core->counts[JOB_QUEUED] += 20;
  assert_true(tail_fits(story.core, &story.core->jobs[1], &story.core->accounts[0]));
  story.core->counts[JOB_QUEUED] -= 20;
  story_end(&story);
}

static void an_uploaded_job_moves_to_an_idle_account_where_that_ends_it_sooner(void **state) {
  struct story story;
  (void)state;
  begin_tail(&story, 100 * SECOND_MS, 10 * SECOND_MS); /* 90 s left on the busy one */
  struct core *core = story.core;
  struct job *job = &core->jobs[1];
  job_place_ahead(core, job, 1);
  assert_true(tail_worth_moving(core, job, &core->accounts[1], &core->accounts[0]));
  assert_int_equal(pick_steal(core, &core->accounts[0]), 1);
  core->attempts[0].course.since = story.now - 98 * SECOND_MS; /* about to end there */
  assert_false(tail_worth_moving(core, job, &core->accounts[1], &core->accounts[0]));
  assert_int_equal(pick_steal(core, &core->accounts[0]), NONE);
  job_place_ready(core, job);
  story_end(&story);
}

static void no_clip_is_uploaded_for_a_slot_that_will_not_be_needed(void **state) {
  struct story story;
  (void)state;
  begin_tail(&story, 100 * SECOND_MS, 50 * SECOND_MS);
  struct core *core = story.core;
  assert_int_equal(tail_clips_wanted(core, &core->accounts[0]), 1);
  /* All that waits will be taken by slots that are free sooner. */
  core->counts[JOB_QUEUED]--;
  assert_int_equal(tail_clips_wanted(core, &core->accounts[1]), 0);
  core->counts[JOB_QUEUED]++;
  story_end(&story);
}

static void two_ends_that_are_near_want_two_clips(void **state) {
  struct story story;
  (void)state;
  begin_tail(&story, 100 * SECOND_MS, 99 * SECOND_MS);
  struct core *core = story.core;
  core->counts[JOB_QUEUED] += 20;
  core->options.upload_ahead = 0;
  assert_int_equal(tail_clips_wanted(core, &core->accounts[1]), 1); /* in time, not ahead */
  core->attempts[0].course.since = story.now;
  assert_int_equal(tail_clips_wanted(core, &core->accounts[1]), 0);
  core->counts[JOB_QUEUED] -= 20;
  story_end(&story);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_longest_comes_first),
      cmocka_unit_test(a_large_batch_does_not_keep_a_small_one_waiting),
      cmocka_unit_test(what_has_ended_takes_no_turn),
      cmocka_unit_test(priority_comes_before_turns),
      cmocka_unit_test(a_slow_account_gets_no_long_job_at_the_end),
      cmocka_unit_test(a_slow_account_is_better_than_waiting_for_long),
      cmocka_unit_test(a_slow_account_takes_its_share_while_many_wait),
      cmocka_unit_test(an_uploaded_job_moves_to_an_idle_account_where_that_ends_it_sooner),
      cmocka_unit_test(no_clip_is_uploaded_for_a_slot_that_will_not_be_needed),
      cmocka_unit_test(two_ends_that_are_near_want_two_clips),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
