/* Which job an account takes next: the order, and what makes a job pass it by. */
#include "core_story.h"

static int32_t place_of(const struct story *story, const char *name) {
  for (int32_t i = 0; i < story->core->job_count; i++)
    if (strcmp(story->core->jobs[i].rec.name, name) == 0) return i;
  return NONE;
}

static const char *picked(const struct story *story, int account) {
  int32_t place = pick_for(story->core, &story->core->accounts[account]);
  return place == NONE ? "none" : story->core->jobs[place].rec.name;
}

static void take_out(struct story *story, const char *name) {
  job_unplace(story->core, &story->core->jobs[place_of(story, name)]);
}

static void the_order_is_priority_then_length_then_the_file(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "short")->clip_ms = 4 * SECOND_MS;
  story_job(&story, "long")->clip_ms = 30 * SECOND_MS;
  story_job(&story, "urgent")->priority = 1;
  (void)story_job(&story, "first");
  (void)story_job(&story, "second");
  story_job(&story, "never-mind")->priority = -1;
  story_start(&story);
  static const char *const order[] = {"urgent", "long", "first", "second", "short", "never-mind"};
  for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
    assert_string_equal(picked(&story, 0), order[i]);
    take_out(&story, order[i]);
  }
  assert_string_equal(picked(&story, 0), "none");
  story_end(&story);
}

static void a_job_whose_clip_nobody_looked_at_ends_before_it_is_taken(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "unseen")->clip_hash = NULL;
  (void)story_job(&story, "seen");
  story_start(&story);
  const struct job *unseen = &story.core->jobs[place_of(&story, "unseen")];
  assert_int_equal(unseen->rec.state, JOB_FAILED);
  assert_string_equal(unseen->rec.error, "its clip was not there when the run looked at the clips");
  assert_string_equal(picked(&story, 0), "seen");
  story_end(&story);
}

static void of_like_length_the_one_whose_clip_is_there_goes_first(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "a")->clip_ms = 10000;
  story_job(&story, "b")->clip_ms = 9500;
  story_job(&story, "c")->clip_ms = 5000;
  story_start(&story);
  struct upload_record there = {
      .account = ONE, .clip_hash = "b", .asset_id = "asset-b", .asset_name = "b"};
  upload_restore(story.core, &there);
  assert_string_equal(picked(&story, 0), "b");
  assert_string_equal(picked(&story, 1), "a");
  there = (struct upload_record){
      .account = TWO, .clip_hash = "c", .asset_id = "asset-c", .asset_name = "c"};
  upload_restore(story.core, &there);
  assert_string_equal(picked(&story, 1), "a"); /* half as long: not alike */
  story_end(&story);
}

static void a_pinned_job_is_taken_by_its_account_alone_and_first_of_its_priority(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "free")->clip_ms = 30 * SECOND_MS;
  story_job(&story, "pinned")->pin = TWO;
  story_start(&story);
  assert_string_equal(picked(&story, 0), "free");
  assert_string_equal(picked(&story, 1), "pinned");
  take_out(&story, "free");
  assert_string_equal(picked(&story, 0), "none");
  story_end(&story);
}

static void a_higher_priority_beats_a_pin(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "free")->priority = 1;
  story_job(&story, "pinned")->pin = TWO;
  story_start(&story);
  assert_string_equal(picked(&story, 1), "free");
  story_end(&story);
}

static void a_voice_named_for_one_account_runs_only_there(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  core_add_voice(story.core, "maya", 1, "maya-there");
  (void)story_job(&story, "a");
  story_start(&story);
  assert_string_equal(picked(&story, 0), "none");
  assert_string_equal(picked(&story, 1), "a");
  const struct job *job = &story.core->jobs[0];
  assert_string_equal(voice_there(story.core, job, &story.core->accounts[1]), "maya-there");
  story_end(&story);
}

static void explore_alone_passes_by_an_account_without_it(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "only")->explore = EXPLORE_ON;
  story_start(&story);
  story.core->accounts[0].explore_missing = true;
  assert_string_equal(picked(&story, 0), "none");
  assert_string_equal(picked(&story, 1), "only");
  story.core->jobs[0].rec.explore = EXPLORE_AUTO;
  assert_string_equal(picked(&story, 0), "only");
  story_end(&story);
}

static void where_it_failed_it_goes_again_only_when_nobody_else_can(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  (void)story_job(&story, "a");
  story_start(&story);
  story.core->jobs[0].avoid = 0;
  assert_string_equal(picked(&story, 0), "none");
  assert_string_equal(picked(&story, 1), "a");
  story.core->accounts[1].state = ACCOUNT_LOST;
  assert_string_equal(picked(&story, 0), "a");
  story_end(&story);
}

static void the_limit_holds_back_only_what_never_began(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  (void)story_job(&story, "new");
  story_job(&story, "begun")->attempts = 1;
  story_start(&story);
  story.core->options.start_limit = 3;
  story.core->begun = 2;
  assert_string_equal(picked(&story, 0), "new");
  story.core->begun = 3;
  assert_string_equal(picked(&story, 0), "begun");
  assert_true(pick_limit_reached(story.core));
  story_end(&story);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_order_is_priority_then_length_then_the_file),
      cmocka_unit_test(a_job_whose_clip_nobody_looked_at_ends_before_it_is_taken),
      cmocka_unit_test(of_like_length_the_one_whose_clip_is_there_goes_first),
      cmocka_unit_test(a_pinned_job_is_taken_by_its_account_alone_and_first_of_its_priority),
      cmocka_unit_test(a_higher_priority_beats_a_pin),
      cmocka_unit_test(a_voice_named_for_one_account_runs_only_there),
      cmocka_unit_test(explore_alone_passes_by_an_account_without_it),
      cmocka_unit_test(where_it_failed_it_goes_again_only_when_nobody_else_can),
      cmocka_unit_test(the_limit_holds_back_only_what_never_began),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
