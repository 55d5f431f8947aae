/* How long tasks take, when one will end, and when a look is worth its call. */
#include "core_story.h"

static void begin(struct story *story) {
  story_begin(story);
  (void)story_job(story, "a");
  story_start(story);
  story->core->now = story->now;
  story->core->out = &story->output;
}

static void pass(struct story *story, duration_ms time) {
  story->core->now = story->now += time;
}

/* A task of a clip of so many seconds that ended after so long. */
static void one_ended(struct story *story, duration_ms clip_ms, duration_ms length) {
  struct attempt attempt = {.job = 0, .account = 0, .course = {.since = story->now}};
  story->core->jobs[0].rec.clip_ms = clip_ms;
  learn_ended(story->core, &attempt, story->now + length);
}

static struct expectation expected(struct story *story, duration_ms clip_ms, int account) {
  story->core->jobs[0].rec.clip_ms = clip_ms;
  return learn_expected(story->core, &story->core->jobs[0], &story->core->accounts[account], false);
}

static void a_base_and_a_part_for_each_second_are_learned(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  assert_int_equal(expected(&story, 10000, 0).length, 0);
  for (int i = 0; i < 40; i++)
    one_ended(&story, (3 + i % 25) * 1000, 45000 + (3 + i % 25) * 6000);
  assert_in_range(expected(&story, 4000, 0).length, 66000, 74000);
  assert_in_range(expected(&story, 25000, 0).length, 188000, 202000);
  assert_true(expected(&story, 25000, 0).spread < 20000);
  story_end(&story);
}

static void the_spread_says_how_far_off_it_was(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  for (int i = 0; i < 40; i++)
    one_ended(&story, 10000, i % 2 == 0 ? 70000 : 130000);
  struct expectation of = expected(&story, 10000, 0);
  assert_in_range(of.length, 90000, 110000);
  assert_in_range(of.spread, 20000, 45000);
  story_end(&story);
}

static void an_account_that_knows_nothing_goes_by_all_the_others(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  for (int i = 0; i < 10; i++)
    one_ended(&story, 10000, 100000);
  assert_in_range(expected(&story, 10000, 1).length, 95000, 105000);
  story_end(&story);
}

static void what_was_learned_is_known_to_the_next_run(void **state) {
  struct story story, next;
  struct account_record record = {0};
  (void)state;
  begin(&story);
  for (int i = 0; i < 20; i++)
    one_ended(&story, (3 + i) * 1000, 30000 + (3 + i) * 4000 + (i % 2 == 0 ? 4000 : -4000));
  learn_save(&story.core->accounts[0], &record);
  assert_int_equal(record.task_count, 20);
  assert_int_equal(record.explore_count, 0);
  begin(&next);
  learn_load(next.core, &next.core->accounts[0], &record);
  struct expectation before = expected(&story, 20000, 0), after = expected(&next, 20000, 0);
  assert_in_range(after.length, before.length - 500, before.length + 500);
  assert_in_range(after.spread, before.spread - 500, before.spread + 500);
  story_end(&story);
  story_end(&next);
}

static void explore_mode_is_learned_apart(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  one_ended(&story, 10000, 100000);
  assert_int_equal(
      learn_expected(story.core, &story.core->jobs[0], &story.core->accounts[0], true).length, 0);
  story_end(&story);
}

static void progress_tells_the_end_to_a_second_or_so(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct course course = {.since = story.now};
  pass(&story, 72 * SECOND_MS); /* 70 of 100 s since it ran */
  foresee_sight(story.core, &course, false, 70);
  struct foresight of = foresee_by_progress(story.core, &course);
  assert_in_range(of.end - story.now, 27 * SECOND_MS, 32 * SECOND_MS);
  assert_true(of.spread < 3 * SECOND_MS);
  story_end(&story);
}

static void nothing_is_told_by_a_task_that_does_not_get_on(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct course course = {.since = story.now};
  pass(&story, MINUTE_MS);
  foresee_sight(story.core, &course, false, 0);
  assert_int_equal(foresee_by_progress(story.core, &course).end, 0);
  foresee_sight(story.core, &course, false, -1);
  assert_int_equal(foresee_by_progress(story.core, &course).end, 0);
  story_end(&story);
}

static void a_task_held_back_counts_from_when_it_is_not(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct course course = {.since = story.now};
  pass(&story, MINUTE_MS);
  foresee_sight(story.core, &course, true, 0);
  assert_true(course.since == story.now);
  pass(&story, 20 * SECOND_MS);
  foresee_sight(story.core, &course, false, 10);
  assert_int_equal(course.end, 0); /* one sight alone: when it began is not known */
  pass(&story, 20 * SECOND_MS);
  foresee_sight(story.core, &course, false, 30);
  assert_in_range(course.end - story.now, 68 * SECOND_MS, 71 * SECOND_MS);
  story_end(&story);
}

static void no_look_comes_before_the_task_can_have_ended(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct course course = {.since = story.now};
  struct foresight of = {.end = story.now + 100 * SECOND_MS, .spread = 10 * SECOND_MS};
  assert_in_range(foresee_look(story.core, &course, &of) - story.now, 70 * SECOND_MS,
                  90 * SECOND_MS);
  of.spread = SECOND_MS; /* known closely: when it will have ended */
  assert_in_range(foresee_look(story.core, &course, &of) - story.now, 100 * SECOND_MS,
                  102 * SECOND_MS);
  story_end(&story);
}

static void looks_are_close_where_an_end_is_likely_and_rarer_when_it_is_late(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct course course = {.since = story.now};
  struct foresight of = {.end = story.now + 100 * SECOND_MS, .spread = 10 * SECOND_MS};
  course.seen = of.end;
  assert_in_range(foresee_look(story.core, &course, &of) - course.seen, 3 * SECOND_MS,
                  8 * SECOND_MS);
  course.seen = of.end + 60 * SECOND_MS;
  assert_in_range(foresee_look(story.core, &course, &of) - course.seen, 15 * SECOND_MS,
                  30 * SECOND_MS);
  course.seen = of.end + HOUR_MS;
  assert_true(foresee_look(story.core, &course, &of) - course.seen == 30 * SECOND_MS);
  story_end(&story);
}

static void progress_that_misleads_loses_its_say(void **state) {
  struct story story;
  struct attempt attempt = {.job = 0, .account = 0, .course = {.since = START}};
  (void)state;
  begin(&story);
  for (int i = 0; i < 30; i++)
    one_ended(&story, 10000, 100000);
  attempt.course.end = START + 200 * SECOND_MS; /* so says its progress */
  attempt.course.spread = SECOND_MS;
  attempt.course.seen = START + 20 * SECOND_MS;
  assert_true(foresee_end(story.core, &attempt).end == START + 200 * SECOND_MS);
  for (int i = 0; i < 30; i++) {
    story.core->now = START + 100 * SECOND_MS;
    (void)foresee_ended(story.core, &attempt.course);
  }
  assert_in_range(foresee_end(story.core, &attempt).end, START + 90 * SECOND_MS,
                  START + 110 * SECOND_MS);
  story_end(&story);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_base_and_a_part_for_each_second_are_learned),
      cmocka_unit_test(the_spread_says_how_far_off_it_was),
      cmocka_unit_test(an_account_that_knows_nothing_goes_by_all_the_others),
      cmocka_unit_test(what_was_learned_is_known_to_the_next_run),
      cmocka_unit_test(explore_mode_is_learned_apart),
      cmocka_unit_test(progress_tells_the_end_to_a_second_or_so),
      cmocka_unit_test(nothing_is_told_by_a_task_that_does_not_get_on),
      cmocka_unit_test(a_task_held_back_counts_from_when_it_is_not),
      cmocka_unit_test(no_look_comes_before_the_task_can_have_ended),
      cmocka_unit_test(looks_are_close_where_an_end_is_likely_and_rarer_when_it_is_late),
      cmocka_unit_test(progress_that_misleads_loses_its_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
