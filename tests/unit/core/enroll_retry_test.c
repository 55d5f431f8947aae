/* What a person ordered, when the batch is read next: edits of retried jobs are taken up, pauses
 * stay. */
#include "enroll_story.h"

static struct story *retried(enum job_state state, struct job_record edited) {
  struct story *story = at_home_before();
  struct job_record *stored = know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), state, 1);
  stored->renewed = true;
  stored->task_id = state == JOB_DOWNLOADING ? "task" : NULL;
  has_job(story, edited);
  read_file(story);
  return story;
}

static void a_retried_job_takes_up_every_edit(void **state) {
  (void)state;
  struct story *story = retried(JOB_QUEUED, job(1, "id:a", "z.mp4", "Leo"));
  const struct job_record *now = &record_at(story, 0, RECORD_JOB_SPEC)->as.job;
  assert_int_equal(now->id, 1);
  assert_string_equal(now->clip_source, "z.mp4");
  assert_string_equal(now->clip_hash, "#z.mp4");
  assert_string_equal(now->voice_id, "v-Leo");
  assert_string_equal(now->output, "/home/me/out/z.mp4-Leo.mp4");
  assert_int_equal(story->result.notice_count, 0);
}

static void one_that_is_under_way_again_keeps_what_it_began_with(void **state) {
  (void)state;
  static const enum job_state begun[] = {JOB_SUBMITTING, JOB_UNSURE, JOB_RUNNING, JOB_FAILED};
  for (size_t i = 0; i < sizeof begun / sizeof begun[0]; i++) {
    struct story *story = retried(begun[i], job(1, "id:a", "z.mp4", "Leo"));
    assert_int_equal(story->result.record_count, 0);
    assert_notice(story, 0, "job a has begun");
  }
}

/* Its order came after the clips were looked at. */
static void a_clip_that_nobody_looked_at_is_taken_up_the_next_time(void **state) {
  (void)state;
  struct job_record edited = job(1, "id:a", "z.mp4", "Maya");
  edited.clip_hash = NULL;
  struct story *story = retried(JOB_QUEUED, edited);
  assert_int_equal(story->result.record_count, 0);
  assert_notice(story, 0, "clip a.mp4 (the file says z.mp4)");
}

/* The clip was not needed and is the same: what is known of it stays. */
static void another_voice_for_the_same_clip_is_taken_up(void **state) {
  (void)state;
  struct job_record edited = job(1, "id:a", "a.mp4", "Leo");
  edited.clip_hash = NULL;
  struct story *story = retried(JOB_QUEUED, edited);
  const struct job_record *now = &record_at(story, 0, RECORD_JOB_SPEC)->as.job;
  assert_string_equal(now->voice_id, "v-Leo");
  assert_string_equal(now->clip_hash, "#a.mp4");
}

/* Its task is done with its clip and voice; only where the result goes can still be changed. */
static void one_that_is_only_to_be_fetched_takes_up_the_output_alone(void **state) {
  (void)state;
  struct story *story = retried(JOB_DOWNLOADING, job(1, "id:a", "z.mp4", "Leo"));
  const struct job_record *now = &record_at(story, 0, RECORD_JOB_SPEC)->as.job;
  assert_string_equal(now->clip_source, "a.mp4");
  assert_string_equal(now->voice_id, "v-Maya");
  assert_string_equal(now->output, "/home/me/out/z.mp4-Leo.mp4");
  assert_int_equal(story->result.notice_count, 1);
}

static void a_retried_job_needs_its_clip(void **state) {
  (void)state;
  struct story *story = at_home_before();
  struct job_record *stored = know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_FAILED, 1);
  struct job_record edited = job(1, "id:a", "z.mp4", "Maya");
  assert_false(needs_clip(story, &story->batch, &edited));
  stored->state = JOB_QUEUED;
  stored->renewed = true;
  assert_true(needs_clip(story, &story->batch, &edited));
}

static void a_paused_batch_that_has_moved_stays_paused(void **state) {
  (void)state;
  struct story *story =
      story_of(&(struct batch_record){.key = "spring", .named = true, .path = AWAY});
  know_batch(story, 1, "spring", true, HOME);
  story->batches[0].paused = true;
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_QUEUED, 0);
  has_job(story, job(1, "id:a", "a.mp4", "Maya"));
  read_file(story);
  assert_true(record_at(story, 0, RECORD_BATCH)->as.batch.paused);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_retried_job_takes_up_every_edit),
      cmocka_unit_test(one_that_is_under_way_again_keeps_what_it_began_with),
      cmocka_unit_test(a_clip_that_nobody_looked_at_is_taken_up_the_next_time),
      cmocka_unit_test(another_voice_for_the_same_clip_is_taken_up),
      cmocka_unit_test(one_that_is_only_to_be_fetched_takes_up_the_output_alone),
      cmocka_unit_test(a_retried_job_needs_its_clip),
      cmocka_unit_test(a_paused_batch_that_has_moved_stays_paused),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
