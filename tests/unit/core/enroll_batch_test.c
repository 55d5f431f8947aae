/* Who is who across runs: batches that were moved, copied, named or renamed. */
#include "unit/core/enroll_story.h"

/* ---- moved and renamed batches ---- */

/* The whole folder went from /home/me to /elsewhere. */
static struct job_record moved(struct job_record record) {
  record.clip_path = arena_printf(&arena, "/elsewhere/%s", record.clip_source);
  record.output = arena_printf(&arena, "/elsewhere/%s", record.output + strlen("/home/me/"));
  return record;
}

static struct story *moved_away(void) {
  struct story *story = story_of(&(struct batch_record){.key = AWAY, .path = AWAY});
  know_batch(story, 1, HOME, false, HOME);
  files[0] = AWAY;
  return story;
}

static void a_moved_file_goes_on_with_its_batch(void **state) {
  (void)state;
  struct story *story = moved_away();
  know_job(story, 1, job(1, "clip:a.mp4|v-Maya", "a.mp4", "Maya"), JOB_RUNNING, 1);
  know_job(story, 1, job(2, "clip:b.mp4|v-Maya", "b.mp4", "Maya"), JOB_QUEUED, 0);
  has_job(story, moved(job(1, "clip:a.mp4|v-Maya", "a.mp4", "Maya")));
  has_job(story, moved(job(2, "clip:b.mp4|v-Maya", "b.mp4", "Maya")));
  read_file(story);
  assert_int_equal(story->result.batch, 1);
  assert_int_equal(story->result.record_count, 3);
  const struct batch_record *batch = &record_at(story, 0, RECORD_BATCH)->as.batch;
  assert_int_equal(batch->id, 1);
  assert_string_equal(batch->key, AWAY);
  assert_string_equal(batch->path, AWAY);
  assert_int_equal(batch->created, 1);
  assert_string_equal(record_at(story, 1, RECORD_JOB_SPEC)->as.job.output,
                      "/elsewhere/out/a.mp4-Maya.mp4");
  assert_string_equal(record_at(story, 2, RECORD_JOB_SPEC)->as.job.clip_path, "/elsewhere/b.mp4");
  assert_int_equal(story->result.notice_count, 1);
  assert_notice(story, 0, "goes on with the batch known as " HOME);
  assert_notice(story, 0, "results under way go where they were begun");
}

static void an_output_that_did_not_move_along_is_an_edit(void **state) {
  (void)state;
  struct story *story = moved_away();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_RUNNING, 1);
  has_job(story, moved(job(1, "id:a", "a.mp4", "Maya")))->output = "/elsewhere/new/a.mp4";
  read_file(story);
  assert_int_equal(story->result.notice_count, 2);
  assert_notice(story, 1,
                "output /home/me/out/a.mp4-Maya.mp4 (the file says /elsewhere/new/a.mp4)");
}

static void a_copied_file_is_a_batch_of_its_own(void **state) {
  (void)state;
  struct story *story = moved_away();
  files[1] = HOME;
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  has_job(story, moved(job(1, "id:a", "a.mp4", "Maya")));
  read_file(story);
  assert_int_equal(story->result.batch, 2);
  assert_int_equal(record_at(story, 1, RECORD_JOB)->as.job.id, 2);
}

static void a_file_like_one_that_is_gone_but_with_other_clips_is_new(void **state) {
  (void)state;
  struct story *story = moved_away();
  know_job(story, 1, job(1, "clip:1.mp4|v-Maya", "1.mp4", "Maya"), JOB_SUCCEEDED, 1);
  know_job(story, 1, job(2, "clip:2.mp4|v-Maya", "2.mp4", "Maya"), JOB_SUCCEEDED, 1);
  know_job(story, 1, job(3, "clip:intro.mp4|v-Maya", "intro.mp4", "Maya"), JOB_SUCCEEDED, 1);
  has_job(story, moved(job(1, "clip:1.mp4|v-Maya", "1.mp4", "Maya")))->clip_hash = "#today-1";
  has_job(story, moved(job(2, "clip:2.mp4|v-Maya", "2.mp4", "Maya")))->clip_hash = "#today-2";
  has_job(story, moved(job(3, "clip:intro.mp4|v-Maya", "intro.mp4", "Maya")));
  read_file(story);
  assert_int_equal(story->result.batch, 2);
  assert_int_equal(story->result.notice_count, 0);
}

static void a_moved_file_with_renamed_ids_is_known_by_its_work(void **state) {
  (void)state;
  struct story *story = moved_away();
  know_job(story, 1, job(1, "id:old", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  has_job(story, moved(job(1, "id:new", "a.mp4", "Maya")));
  read_file(story);
  assert_int_equal(story->result.batch, 1);
  assert_int_equal(record_at(story, 1, RECORD_JOB_SPEC)->as.job.id, 1);
}

static void a_gone_batch_where_nothing_has_begun_is_left_alone(void **state) {
  (void)state;
  struct story *story = moved_away();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_QUEUED, 0);
  has_job(story, moved(job(1, "id:a", "a.mp4", "Maya")));
  read_file(story);
  assert_int_equal(story->result.batch, 2);
}

static void of_several_gone_batches_the_latest_goes_on(void **state) {
  (void)state;
  struct story *story = moved_away();
  know_batch(story, 2, "/other/night.yaml", false, "/other/night.yaml");
  know_batch(story, 3, "a name", true, "/third/night.yaml");
  for (batch_id batch = 1; batch <= 3; batch++)
    know_job(story, batch, job(1, "id:a", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  has_job(story, moved(job(1, "id:a", "a.mp4", "Maya")));
  read_file(story);
  assert_int_equal(story->result.batch, 2);
}

static void a_batch_that_was_given_a_name_goes_on(void **state) {
  (void)state;
  struct story *story =
      story_of(&(struct batch_record){.key = "spring", .named = true, .path = HOME});
  know_batch(story, 1, HOME, false, HOME);
  files[0] = HOME;
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  has_job(story, job(1, "id:a", "a.mp4", "Maya"))->clip_hash = NULL;
  read_file(story);
  assert_int_equal(story->result.batch, 1);
  assert_int_equal(story->result.record_count, 1);
  assert_string_equal(record_at(story, 0, RECORD_BATCH)->as.batch.key, "spring");
  assert_true(record_at(story, 0, RECORD_BATCH)->as.batch.named);
  assert_notice(story, 0, "goes on with the batch known as " HOME);
}

static void a_renamed_batch_goes_on_and_so_does_one_whose_name_was_taken_away(void **state) {
  (void)state;
  static const struct batch_record now[] = {{.key = "summer", .named = true, .path = HOME},
                                            {.key = HOME, .named = false, .path = HOME}};
  for (size_t i = 0; i < 2; i++) {
    struct story *story = story_of(&now[i]);
    know_batch(story, 1, "spring", true, HOME);
    files[0] = HOME;
    know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_RUNNING, 1);
    has_job(story, job(1, "id:a", "a.mp4", "Maya"));
    read_file(story);
    assert_int_equal(story->result.batch, 1);
    assert_string_equal(record_at(story, 0, RECORD_BATCH)->as.batch.key, now[i].key);
    assert_int_equal(record_at(story, 0, RECORD_BATCH)->as.batch.named, now[i].named);
  }
}

static void a_named_batch_in_the_same_file_with_other_work_is_new(void **state) {
  (void)state;
  struct story *story =
      story_of(&(struct batch_record){.key = "summer", .named = true, .path = HOME});
  know_batch(story, 1, "spring", true, HOME);
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  has_job(story, job(1, "id:a", "z.mp4", "Maya"));
  read_file(story);
  assert_int_equal(story->result.batch, 2);
}

static void a_named_batch_run_from_another_file_is_the_same(void **state) {
  (void)state;
  struct story *story =
      story_of(&(struct batch_record){.key = "spring", .named = true, .path = AWAY});
  know_batch(story, 1, "spring", true, HOME);
  files[0] = HOME;
  files[1] = AWAY;
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_QUEUED, 1);
  has_job(story, moved(job(1, "id:a", "a.mp4", "Maya")));
  read_file(story);
  assert_int_equal(story->result.batch, 1);
  assert_string_equal(record_at(story, 0, RECORD_BATCH)->as.batch.path, AWAY);
  /* A copy, not a move: the begun job's result goes where it was begun. */
  assert_notice(story, 0, "output /home/me/out/a.mp4-Maya.mp4");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_moved_file_goes_on_with_its_batch),
      cmocka_unit_test(an_output_that_did_not_move_along_is_an_edit),
      cmocka_unit_test(a_copied_file_is_a_batch_of_its_own),
      cmocka_unit_test(a_file_like_one_that_is_gone_but_with_other_clips_is_new),
      cmocka_unit_test(a_moved_file_with_renamed_ids_is_known_by_its_work),
      cmocka_unit_test(a_gone_batch_where_nothing_has_begun_is_left_alone),
      cmocka_unit_test(of_several_gone_batches_the_latest_goes_on),
      cmocka_unit_test(a_batch_that_was_given_a_name_goes_on),
      cmocka_unit_test(a_renamed_batch_goes_on_and_so_does_one_whose_name_was_taken_away),
      cmocka_unit_test(a_named_batch_in_the_same_file_with_other_work_is_new),
      cmocka_unit_test(a_named_batch_run_from_another_file_is_the_same),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
