/* Who is who across runs: the jobs of a batch that is known. A story for each rule. */
#include "unit/core/enroll_story.h"

/* ---- a batch that was never seen ---- */

static void a_new_batch_and_its_jobs_get_the_next_ids(void **state) {
  (void)state;
  struct story *story =
      story_of(&(struct batch_record){.key = "spring", .named = true, .path = HOME});
  story->snapshot.last_batch = 4;
  story->snapshot.last_job = 40;
  has_job(story, job(1, "id:a", "a.mp4", "Maya"));
  has_job(story, job(2, "clip:b.mp4|v-Maya", "b.mp4", "Maya"));
  read_file(story);
  assert_int_equal(story->result.batch, 5);
  assert_int_equal(story->result.record_count, 3);
  assert_int_equal(story->result.notice_count, 0);
  const struct batch_record *batch = &record_at(story, 0, RECORD_BATCH)->as.batch;
  assert_int_equal(batch->id, 5);
  assert_string_equal(batch->key, "spring");
  assert_true(batch->named);
  assert_string_equal(batch->path, HOME);
  assert_int_equal(batch->created, NOW);
  for (size_t i = 0; i < 2; i++) {
    const struct job_record *made = &record_at(story, 1 + i, RECORD_JOB)->as.job;
    assert_int_equal(made->id, 41 + (int)i);
    assert_int_equal(made->batch, 5);
    assert_string_equal(made->key, story->jobs[i].key);
    assert_string_equal(made->output, story->jobs[i].output);
    assert_string_equal(made->clip_hash, story->jobs[i].clip_hash);
    assert_true(made->listed);
    assert_int_equal(made->state, JOB_QUEUED);
    assert_int_equal(made->result_bytes, -1);
    assert_int_equal(made->changed, NOW);
  }
}

static void the_same_clip_and_voice_twice_are_two_jobs(void **state) {
  (void)state;
  struct story *story = story_of(&at_home);
  for (int64_t i = 1; i <= 3; i++)
    has_job(story, job(i, "clip:a.mp4|v-Maya", "a.mp4", "Maya"));
  read_file(story);
  assert_int_equal(story->result.record_count, 4);
  assert_string_equal(record_at(story, 1, RECORD_JOB)->as.job.key, "clip:a.mp4|v-Maya");
  assert_string_equal(record_at(story, 2, RECORD_JOB)->as.job.key, "clip:a.mp4|v-Maya#2");
  assert_string_equal(record_at(story, 3, RECORD_JOB)->as.job.key, "clip:a.mp4|v-Maya#3");
}

/* ---- the same key is the same job ---- */

static void an_unchanged_file_changes_nothing(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  know_job(story, 1, job(2, "clip:b.mp4|v-Maya", "b.mp4", "Maya"), JOB_QUEUED, 0);
  has_job(story, job(1, "id:a", "a.mp4", "Maya"));
  has_job(story, job(2, "clip:b.mp4|v-Maya", "b.mp4", "Maya"));
  read_file(story);
  assert_int_equal(story->result.batch, 1);
  assert_nothing(story);
}

static void a_clip_that_was_not_looked_at_stays_as_it_was_known(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_RUNNING, 1);
  struct job_record *record = has_job(story, job(1, "id:a", "a.mp4", "Maya"));
  record->clip_hash = record->clip_type = NULL;
  record->clip_bytes = record->clip_mtime_ns = record->clip_ms = 0;
  record->clip_width = record->clip_height = 0;
  read_file(story);
  assert_nothing(story);
}

static void a_job_that_moved_within_the_file_gets_its_new_place(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  know_job(story, 1, job(2, "id:b", "b.mp4", "Maya"), JOB_QUEUED, 0);
  has_job(story, job(1, "id:b", "b.mp4", "Maya"));
  has_job(story, job(2, "id:a", "a.mp4", "Maya"));
  read_file(story);
  assert_int_equal(story->result.record_count, 2);
  assert_int_equal(story->result.notice_count, 0);
  const struct job_record *b = &record_at(story, 0, RECORD_JOB_SPEC)->as.job;
  assert_int_equal(b->id, 2);
  assert_int_equal(b->number, 1);
  assert_int_equal(b->line, 11);
}

/* ---- edits ---- */

static void edits_of_a_job_that_has_not_begun_are_taken(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_UPLOADING, 0);
  struct job_record *edited = has_job(story, job(1, "id:a", "z.mp4", "Leo"));
  edited->pin = "one@example.com";
  edited->priority = 3;
  edited->explore = EXPLORE_AUTO;
  edited->reference = "take 3";
  edited->reply_url = "https://example.com/done";
  read_file(story);
  assert_int_equal(story->result.record_count, 1);
  assert_int_equal(story->result.notice_count, 0);
  const struct job_record *now = &record_at(story, 0, RECORD_JOB_SPEC)->as.job;
  assert_int_equal(now->id, 1);
  assert_string_equal(now->clip_source, "z.mp4");
  assert_string_equal(now->clip_hash, "#z.mp4");
  assert_string_equal(now->voice_id, "v-Leo");
  assert_string_equal(now->output, "/home/me/out/z.mp4-Leo.mp4");
  assert_string_equal(now->pin, "one@example.com");
  assert_int_equal(now->priority, 3);
  assert_int_equal(now->explore, EXPLORE_AUTO);
  assert_string_equal(now->reference, "take 3");
  assert_string_equal(now->reply_url, "https://example.com/done");
}

static void a_begun_job_keeps_clip_voice_and_output(void **state) {
  (void)state;
  static const enum job_state begun[] = {JOB_QUEUED,    JOB_UNSURE, JOB_RUNNING,
                                         JOB_SUCCEEDED, JOB_FAILED, JOB_HELD};
  for (size_t i = 0; i < sizeof begun / sizeof begun[0]; i++) {
    struct story *story = at_home_before();
    know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), begun[i], 1);
    struct job_record *edited = has_job(story, job(1, "id:a", "z.mp4", "Leo"));
    edited->priority = 3;
    read_file(story);
    const struct job_record *now = &record_at(story, 0, RECORD_JOB_SPEC)->as.job;
    assert_string_equal(now->clip_source, "a.mp4");
    assert_string_equal(now->clip_path, "/home/me/a.mp4");
    assert_string_equal(now->clip_hash, "#a.mp4");
    assert_string_equal(now->voice, "Maya");
    assert_string_equal(now->voice_id, "v-Maya");
    assert_string_equal(now->output, "/home/me/out/a.mp4-Maya.mp4");
    assert_int_equal(now->priority, 3);
    assert_int_equal(story->result.notice_count, 1);
    assert_notice(story, 0, "job a has begun");
    assert_notice(story, 0, "clip a.mp4 (the file says z.mp4), voice Maya (the file says Leo)");
    assert_notice(story, 0, "the file says /home/me/out/z.mp4-Leo.mp4");
    assert_notice(story, 0, "`nightshift retry` takes the edit up");
    assert_int_equal(story->result.notices[0].line, 11);
    assert_int_equal(story->result.notices[0].column, 5);
  }
}

static void a_begun_clip_with_new_content_is_an_edit(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_QUEUED, 1);
  has_job(story, job(1, "id:a", "a.mp4", "Maya"))->clip_hash = "#other";
  read_file(story);
  assert_int_equal(story->result.record_count, 0);
  assert_notice(story, 0, "clip a.mp4 as it was (it has changed)");
}

static void a_begun_clip_found_elsewhere_is_no_edit(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_QUEUED, 1);
  struct job_record *moved = has_job(story, job(1, "id:a", "a.mp4", "Maya"));
  moved->clip_path = "/home/me/sub/a.mp4";
  moved->clip_source = "sub/a.mp4";
  moved->clip_mtime_ns = 8;
  read_file(story);
  assert_int_equal(story->result.notice_count, 0);
  const struct job_record *now = &record_at(story, 0, RECORD_JOB_SPEC)->as.job;
  assert_string_equal(now->clip_path, "/home/me/sub/a.mp4");
  assert_int_equal(now->clip_mtime_ns, 8);
  assert_string_equal(now->clip_hash, "#a.mp4");
}

static void a_voice_written_otherwise_is_no_edit(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_RUNNING, 1);
  has_job(story, job(1, "id:a", "a.mp4", "Maya"))->voice = "v-Maya";
  read_file(story);
  assert_int_equal(story->result.notice_count, 0);
  assert_string_equal(record_at(story, 0, RECORD_JOB_SPEC)->as.job.voice, "v-Maya");
}

static void a_begun_asset_job_keeps_asset_and_account(void **state) {
  (void)state;
  struct story *story = at_home_before();
  struct job_record before = job(1, "id:a", "asset-1", "Maya"), after = before;
  before.clip_path = before.clip_hash = NULL;
  before.asset = before.clip_source = "asset-1";
  before.pin = "one@example.com";
  after = before;
  after.asset = after.clip_source = "asset-2";
  after.pin = "two@example.com";
  know_job(story, 1, before, JOB_RUNNING, 1);
  has_job(story, after);
  read_file(story);
  assert_int_equal(story->result.record_count, 0);
  assert_notice(story, 0, "asset asset-1 (the file says asset-2)");
}

/* ---- jobs that leave and come back ---- */

static void a_removed_job_that_has_not_begun_is_just_not_listed(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_QUEUED, 0);
  read_file(story);
  assert_int_equal(story->result.record_count, 1);
  assert_int_equal(story->result.notice_count, 0);
  assert_false(record_at(story, 0, RECORD_JOB_SPEC)->as.job.listed);
}

static void a_removed_job_with_a_task_is_followed_to_its_end(void **state) {
  (void)state;
  static const enum job_state states[] = {JOB_SUBMITTING, JOB_UNSURE, JOB_RUNNING, JOB_DOWNLOADING};
  for (size_t i = 0; i < 4; i++) {
    struct story *story = at_home_before();
    know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), states[i], 1);
    read_file(story);
    assert_false(record_at(story, 0, RECORD_JOB_SPEC)->as.job.listed);
    assert_int_equal(story->result.notice_count, 1);
    assert_notice(story, 0, "job a is no longer in the file");
    assert_notice(story, 0, job_state_name(states[i]));
  }
}

static void a_job_that_was_removed_earlier_is_not_written_again(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_SUCCEEDED, 1)->listed = false;
  read_file(story);
  assert_nothing(story);
}

static void a_job_that_comes_back_is_listed_again(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_RUNNING, 1)->listed = false;
  has_job(story, job(1, "id:a", "a.mp4", "Maya"));
  read_file(story);
  assert_int_equal(story->result.record_count, 1);
  assert_int_equal(story->result.notice_count, 0);
  assert_true(record_at(story, 0, RECORD_JOB_SPEC)->as.job.listed);
}

/* ---- renamed ids ---- */

static void a_renamed_paid_job_goes_on(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:old", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  has_job(story, job(1, "id:new", "a.mp4", "Maya"));
  read_file(story);
  assert_int_equal(story->result.record_count, 1);
  const struct job_record *now = &record_at(story, 0, RECORD_JOB_SPEC)->as.job;
  assert_int_equal(now->id, 1);
  assert_string_equal(now->key, "id:new");
  assert_string_equal(now->name, "new");
  assert_true(now->listed);
  assert_int_equal(story->result.notice_count, 1);
  assert_notice(story, 0, "job new goes on with the job known as old (succeeded)");
}

static void a_paid_job_whose_clip_was_moved_goes_on(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "clip:a.mp4|v-Maya", "a.mp4", "Maya"), JOB_RUNNING, 1);
  struct job_record *moved = has_job(story, job(1, "clip:sub/a.mp4|v-Maya", "sub/a.mp4", "Maya"));
  moved->clip_hash = "#a.mp4";
  moved->output = "/home/me/out/a.mp4-Maya.mp4";
  read_file(story);
  assert_int_equal(story->result.record_count, 1);
  assert_int_equal(record_at(story, 0, RECORD_JOB_SPEC)->as.job.id, 1);
  assert_string_equal(record_at(story, 0, RECORD_JOB_SPEC)->as.job.clip_source, "sub/a.mp4");
}

static void a_renamed_job_with_other_content_or_voice_is_new(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:old", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  has_job(story, job(1, "id:new", "a.mp4", "Maya"))->clip_hash = "#other";
  has_job(story, job(2, "id:newer", "a.mp4", "Leo"));
  read_file(story);
  assert_int_equal(story->result.record_count, 3);
  assert_false(record_at(story, 0, RECORD_JOB_SPEC)->as.job.listed);
  assert_int_equal(record_at(story, 1, RECORD_JOB)->as.job.id, 2);
  assert_int_equal(record_at(story, 2, RECORD_JOB)->as.job.id, 3);
}

static void a_job_still_in_the_file_is_not_taken_over(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:old", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  has_job(story, job(1, "id:old", "a.mp4", "Maya"));
  has_job(story, job(2, "id:new", "a.mp4", "Maya"));
  read_file(story);
  assert_int_equal(story->result.record_count, 1);
  assert_int_equal(record_at(story, 0, RECORD_JOB)->as.job.id, 2);
  assert_int_equal(story->result.notice_count, 0);
}

static void a_renamed_job_that_was_never_paid_is_new(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:old", "a.mp4", "Maya"), JOB_QUEUED, 0);
  know_job(story, 1, job(2, "id:older", "a.mp4", "Maya"), JOB_FAILED, 0);
  has_job(story, job(1, "id:new", "a.mp4", "Maya"));
  read_file(story);
  assert_int_equal(story->result.record_count, 3);
  assert_int_equal(record_at(story, 2, RECORD_JOB)->as.job.id, 3);
}

static void several_renamed_jobs_are_paired_in_order(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:gone", "a.mp4", "Maya"), JOB_SUCCEEDED, 1)->listed = false;
  know_job(story, 1, job(2, "id:one", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  know_job(story, 1, job(3, "id:two", "a.mp4", "Maya"), JOB_RUNNING, 1);
  has_job(story, job(2, "id:uno", "a.mp4", "Maya"));
  has_job(story, job(3, "id:due", "a.mp4", "Maya"));
  has_job(story, job(4, "id:tre", "a.mp4", "Maya"));
  has_job(story, job(5, "id:quattro", "a.mp4", "Maya"));
  read_file(story);
  assert_int_equal(story->result.record_count, 4);
  static const struct {
    job_id id;
    const char *key;
  } expected[] = {{2, "id:uno"}, {3, "id:due"}, {1, "id:tre"}};
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(record_at(story, i, RECORD_JOB_SPEC)->as.job.id, expected[i].id);
    assert_string_equal(record_at(story, i, RECORD_JOB_SPEC)->as.job.key, expected[i].key);
  }
  assert_int_equal(record_at(story, 3, RECORD_JOB)->as.job.id, 4);
  assert_int_equal(story->result.notice_count, 3);
}

/* Without an id, then with one under which it was paid for, then without it again. */
static void an_id_that_came_and_went_does_not_make_a_paid_job_new(void **state) {
  (void)state;
  struct story *story = at_home_before();
  struct job_record *before =
      know_job(story, 1, job(1, "clip:a.mp4|v-Maya", "a.mp4", "Maya"), JOB_QUEUED, 0);
  before->listed = false;
  know_job(story, 1, job(1, "id:x", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  has_job(story, job(1, "clip:a.mp4|v-Maya", "a.mp4", "Maya"));
  read_file(story);
  assert_int_equal(story->result.record_count, 2);
  const struct job_record *paid = &record_at(story, 0, RECORD_JOB_SPEC)->as.job;
  assert_int_equal(paid->id, 2);
  assert_string_equal(paid->key, "clip:a.mp4|v-Maya");
  assert_true(paid->listed);
  /* No key is there twice: the two change theirs. */
  const struct job_record *left = &record_at(story, 1, RECORD_JOB_SPEC)->as.job;
  assert_int_equal(left->id, 1);
  assert_string_equal(left->key, "id:x");
  assert_false(left->listed);
  assert_notice(story, 0, "goes on with the job known as x (succeeded)");
}

static void a_job_that_left_unpaid_comes_back_where_the_paid_one_stayed(void **state) {
  (void)state;
  struct story *story = at_home_before();
  struct job_record *before =
      know_job(story, 1, job(2, "clip:a.mp4|v-Maya", "a.mp4", "Maya"), JOB_QUEUED, 0);
  before->listed = false;
  know_job(story, 1, job(1, "id:x", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  has_job(story, job(1, "id:x", "a.mp4", "Maya"));
  has_job(story, job(2, "clip:a.mp4|v-Maya", "a.mp4", "Maya"));
  read_file(story);
  assert_int_equal(story->result.record_count, 1);
  const struct job_record *back = &record_at(story, 0, RECORD_JOB_SPEC)->as.job;
  assert_int_equal(back->id, 1);
  assert_true(back->listed);
}

static void a_renamed_asset_job_is_known_by_its_asset(void **state) {
  (void)state;
  struct story *story = at_home_before();
  struct job_record before = job(1, "asset:asset-1|v-Maya", "asset-1", "Maya");
  before.clip_path = before.clip_hash = NULL;
  before.asset = "asset-1";
  know_job(story, 1, before, JOB_RUNNING, 1);
  before.key = "id:new";
  has_job(story, before);
  read_file(story);
  assert_int_equal(story->result.record_count, 1);
  assert_int_equal(record_at(story, 0, RECORD_JOB_SPEC)->as.job.id, 1);
}

/* ---- clips ---- */

static void a_clip_is_needed_only_by_jobs_that_may_still_upload(void **state) {
  (void)state;
  static const bool needed[JOB_STATE_COUNT] = {[JOB_QUEUED] = true, [JOB_UPLOADING] = true};
  for (int s = 0; s < JOB_STATE_COUNT; s++) {
    struct story *story = at_home_before();
    know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), (enum job_state)s, 1);
    struct job_record wanted = job(1, "id:a", "a.mp4", "Maya");
    assert_int_equal(needs_clip(story, &at_home, &wanted), needed[s]);
  }
}

static void a_new_job_or_batch_needs_its_clips(void **state) {
  (void)state;
  struct story *story = at_home_before();
  struct job_record wanted = job(1, "id:new", "a.mp4", "Maya");
  assert_true(needs_clip(story, &at_home, &wanted));
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  assert_true(needs_clip(story, &at_home, &wanted));
  wanted.key = "id:a";
  const struct batch_record away = {.key = AWAY, .path = AWAY};
  assert_true(needs_clip(story, &away, &wanted));
}

static void a_job_is_found_wherever_it_went_in_the_file(void **state) {
  (void)state;
  struct story *story = at_home_before();
  for (int64_t i = 1; i <= 5; i++)
    know_job(story, 1, job(i, arena_printf(&arena, "id:%d", (int)i), "a.mp4", "Maya"),
             JOB_SUCCEEDED, 1);
  for (int64_t number = 0; number <= 7; number++)
    for (int i = 1; i <= 5; i++) {
      struct job_record wanted = job(number, arena_printf(&arena, "id:%d", i), "a.mp4", "Maya");
      assert_false(needs_clip(story, &at_home, &wanted));
    }
}

static void a_renamed_batch_needs_no_clip_of_the_same_finished_work(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "id:a", "a.mp4", "Maya"), JOB_SUCCEEDED, 1);
  const struct batch_record named = {.key = "spring", .named = true, .path = HOME};
  struct job_record wanted = job(1, "id:a", "a.mp4", "Maya");
  wanted.clip_hash = NULL;
  assert_false(needs_clip(story, &named, &wanted));
  wanted = job(1, "id:a", "z.mp4", "Maya");
  assert_true(needs_clip(story, &named, &wanted));
}

static void a_batch_by_another_key_may_be_new(void **state) {
  (void)state;
  struct story *story = at_home_before();
  const struct batch_record named = {.key = "spring", .named = true, .path = HOME};
  struct enroll_known *same = core_enroll_known(&story->snapshot, &at_home);
  struct enroll_known *other = core_enroll_known(&story->snapshot, &named);
  assert_false(core_enroll_may_be_new(same));
  assert_true(core_enroll_may_be_new(other));
  core_enroll_known_free(same);
  core_enroll_known_free(other);
}

/* ---- size ---- */

#define MANY ((size_t)100000)

static void a_hundred_thousand_jobs_renamed_one_and_all_are_read_in_passing(void **state) {
  (void)state;
  struct job_record *stored = ARENA_NEW_ARRAY(&arena, MANY, struct job_record);
  struct job_record *jobs = ARENA_NEW_ARRAY(&arena, MANY, struct job_record);
  struct batch_record batch = at_home;
  batch.id = 1;
  for (size_t i = 0; i < MANY; i++) {
    const char *clip = arena_printf(&arena, "clips/%zu.mp4", i);
    stored[i] = jobs[i] = (struct job_record){.key = arena_printf(&arena, "id:%zu", i),
                                              .name = clip,
                                              .number = (int64_t)i + 1,
                                              .listed = true,
                                              .clip_source = clip,
                                              .clip_hash = clip,
                                              .voice = "Maya",
                                              .voice_id = "v-Maya",
                                              .output = clip};
    stored[i].id = (job_id)i + 1;
    stored[i].batch = 1;
    stored[i].attempts = 1;
    stored[i].state = JOB_SUCCEEDED;
  }
  struct store_snapshot snapshot = {.batches = &batch,
                                    .batch_count = 1,
                                    .jobs = stored,
                                    .job_count = MANY,
                                    .last_batch = 1,
                                    .last_job = (job_id)MANY};
  struct enroll_result result;
  struct enroll_known *known = core_enroll_known(&snapshot, &at_home);
  for (size_t i = 0; i < MANY; i++)
    assert_false(core_enroll_needs_clip(known, &jobs[i]));
  for (size_t i = 0; i < MANY; i++) {
    struct job_record other = jobs[i];
    other.key = arena_printf(&arena, "id:other-%zu", i);
    assert_true(core_enroll_needs_clip(known, &other));
  }
  core_enroll_known_free(known);
  core_enroll(&arena, &snapshot, &at_home, jobs, MANY, file_exists, NULL, NOW, &result);
  assert_int_equal(result.record_count, 0);
  for (size_t i = 0; i < MANY; i++) {
    jobs[i].name = arena_printf(&arena, "new-%zu", i);
    jobs[i].key = arena_printf(&arena, "id:%s", jobs[i].name);
  }
  core_enroll(&arena, &snapshot, &at_home, jobs, MANY, file_exists, NULL, NOW, &result);
  assert_int_equal(result.record_count, MANY);
  assert_int_equal(result.notice_count, MANY);
  assert_int_equal(result.records[MANY - 1].kind, RECORD_JOB_SPEC);
  assert_int_equal(result.records[MANY - 1].as.job.id, MANY);
}

/* ---- an id that was there anyway ---- */

static void an_id_that_is_written_out_keeps_its_job(void **state) {
  (void)state;
  struct story *story = at_home_before();
  struct job_record *waits =
      know_job(story, 1, job(1, "clip:a.mp4|v-Maya", "a.mp4", "Maya"), JOB_QUEUED, 0);
  waits->paused = true;
  struct job_record *now = has_job(story, job(1, "id:a.mp4-Maya", "../me/a.mp4", "Maya"));
  now->clip_hash = "#a.mp4";
  read_file(story);
  const struct job_record *spec = &record_at(story, 0, RECORD_JOB_SPEC)->as.job;
  assert_int_equal(spec->id, waits->id);
  assert_string_equal(spec->key, "id:a.mp4-Maya");
  assert_int_equal(story->result.record_count, 1);
  assert_int_equal(story->result.notice_count, 0); /* to a person nothing has changed */
}

static void the_same_id_with_another_clip_or_voice_is_another_job(void **state) {
  (void)state;
  struct story *story = at_home_before();
  know_job(story, 1, job(1, "clip:a.mp4|v-Maya", "a.mp4", "Maya"), JOB_QUEUED, 0);
  know_job(story, 1, job(2, "clip:b.mp4|v-Maya", "b.mp4", "Maya"), JOB_QUEUED, 0);
  has_job(story, job(1, "id:a.mp4-Maya", "c.mp4", "Maya"));
  has_job(story, job(2, "id:b.mp4-Maya", "b.mp4", "Leo"));
  read_file(story);
  assert_int_equal(story->result.record_count, 4); /* two taken off, two new */
  assert_false(record_at(story, 0, RECORD_JOB_SPEC)->as.job.listed);
  assert_false(record_at(story, 1, RECORD_JOB_SPEC)->as.job.listed);
}

static void of_two_that_bore_the_name_the_listed_one_counts(void **state) {
  (void)state;
  struct story *story = at_home_before();
  struct job_record *gone =
      know_job(story, 1, job(1, "clip:a.mp4|v-Maya", "a.mp4", "Maya"), JOB_QUEUED, 0);
  gone->listed = false;
  struct job_record *there =
      know_job(story, 1, job(2, "clip:x/a.mp4|v-Maya", "a.mp4", "Maya"), JOB_QUEUED, 0);
  has_job(story, job(1, "id:a.mp4-Maya", "a.mp4", "Maya"));
  read_file(story);
  assert_int_equal(record_at(story, 0, RECORD_JOB_SPEC)->as.job.id, there->id);
  assert_int_equal(story->result.record_count, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_batch_and_its_jobs_get_the_next_ids),
      cmocka_unit_test(the_same_clip_and_voice_twice_are_two_jobs),
      cmocka_unit_test(an_unchanged_file_changes_nothing),
      cmocka_unit_test(a_clip_that_was_not_looked_at_stays_as_it_was_known),
      cmocka_unit_test(a_job_that_moved_within_the_file_gets_its_new_place),
      cmocka_unit_test(edits_of_a_job_that_has_not_begun_are_taken),
      cmocka_unit_test(a_begun_job_keeps_clip_voice_and_output),
      cmocka_unit_test(a_begun_clip_with_new_content_is_an_edit),
      cmocka_unit_test(a_begun_clip_found_elsewhere_is_no_edit),
      cmocka_unit_test(a_voice_written_otherwise_is_no_edit),
      cmocka_unit_test(a_begun_asset_job_keeps_asset_and_account),
      cmocka_unit_test(a_removed_job_that_has_not_begun_is_just_not_listed),
      cmocka_unit_test(a_removed_job_with_a_task_is_followed_to_its_end),
      cmocka_unit_test(a_job_that_was_removed_earlier_is_not_written_again),
      cmocka_unit_test(a_job_that_comes_back_is_listed_again),
      cmocka_unit_test(a_renamed_paid_job_goes_on),
      cmocka_unit_test(a_paid_job_whose_clip_was_moved_goes_on),
      cmocka_unit_test(a_renamed_job_with_other_content_or_voice_is_new),
      cmocka_unit_test(a_job_still_in_the_file_is_not_taken_over),
      cmocka_unit_test(a_renamed_job_that_was_never_paid_is_new),
      cmocka_unit_test(several_renamed_jobs_are_paired_in_order),
      cmocka_unit_test(an_id_that_came_and_went_does_not_make_a_paid_job_new),
      cmocka_unit_test(a_job_that_left_unpaid_comes_back_where_the_paid_one_stayed),
      cmocka_unit_test(a_renamed_asset_job_is_known_by_its_asset),
      cmocka_unit_test(a_clip_is_needed_only_by_jobs_that_may_still_upload),
      cmocka_unit_test(a_new_job_or_batch_needs_its_clips),
      cmocka_unit_test(a_job_is_found_wherever_it_went_in_the_file),
      cmocka_unit_test(a_renamed_batch_needs_no_clip_of_the_same_finished_work),
      cmocka_unit_test(a_batch_by_another_key_may_be_new),
      cmocka_unit_test(a_hundred_thousand_jobs_renamed_one_and_all_are_read_in_passing),
      cmocka_unit_test(an_id_that_is_written_out_keeps_its_job),
      cmocka_unit_test(the_same_id_with_another_clip_or_voice_is_another_job),
      cmocka_unit_test(of_two_that_bore_the_name_the_listed_one_counts),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
