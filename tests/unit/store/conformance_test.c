/* What every kind of store promises: one list of tests, run against memory, SQLite and PostgreSQL.
 */
#include "unit/store/every_kind.h"

static void a_new_state_is_empty(void **state) {
  struct fixture *fixture = *state;
  struct store_snapshot snapshot;
  open_again(fixture);
  load_or_fail(fixture->store, &snapshot);
  assert_int_equal(snapshot.latest, 0);
  assert_int_equal(snapshot.job_count + snapshot.batch_count + snapshot.attempt_count, 0);
  assert_int_equal(snapshot.last_attempt + snapshot.last_job + snapshot.last_batch, 0);
  store_snapshot_release(&snapshot);
}

/* Every kind of record, filled by the description of its table. */
struct everything {
  struct record records[10];
  struct sample_texts texts[10];
};

static void fill_everything(struct everything *all) {
  static const enum record_kind kinds[] = {
      RECORD_BATCH,    RECORD_JOB,   RECORD_ATTEMPT,  RECORD_UPLOAD, RECORD_ACCOUNT,
      RECORD_STRANGER, RECORD_EVENT, RECORD_PROGRESS, RECORD_CLIP,   RECORD_MODERATION};
  memset(all, 0, sizeof *all);
  for (size_t i = 0; i < COUNT(kinds); i++) {
    all->records[i].kind = kinds[i];
    sample_fill(table_at(record_table(kinds[i])), &all->records[i].as, (int64_t)i + 1,
                &all->texts[i]);
  }
  /* children name their parents */
  all->records[1].as.job.batch = all->records[0].as.batch.id;
  all->records[2].as.attempt.job = all->records[1].as.job.id;
  all->records[6].as.event.job = all->records[1].as.job.id;
  all->records[7].as.progress.batch = all->records[0].as.batch.id;
  all->records[9].as.moderation.job = all->records[1].as.job.id;
}

static void assert_everything(struct fixture *fixture, const struct everything *all) {
  struct store_snapshot snapshot;
  struct store_history history;
  struct store_clips clips;
  struct error error = {0};
  const struct record *records = all->records;
  load_or_fail(fixture->store, &snapshot);
  assert_int_equal(snapshot.batch_count, 1);
  assert_rows_equal(TABLE_BATCH, snapshot.batches, &records[0].as);
  assert_int_equal(snapshot.job_count, 1);
  assert_rows_equal(TABLE_JOB, snapshot.jobs, &records[1].as);
  assert_int_equal(snapshot.attempt_count, 1);
  assert_rows_equal(TABLE_ATTEMPT, snapshot.attempts, &records[2].as);
  assert_int_equal(snapshot.upload_count, 1);
  assert_rows_equal(TABLE_UPLOAD, snapshot.uploads, &records[3].as);
  assert_int_equal(snapshot.account_count, 1);
  assert_rows_equal(TABLE_ACCOUNT, snapshot.accounts, &records[4].as);
  assert_int_equal(snapshot.stranger_count, 1);
  assert_rows_equal(TABLE_STRANGER, snapshot.strangers, &records[5].as);
  assert_int_equal(snapshot.progress_count, 1);
  assert_rows_equal(TABLE_PROGRESS, snapshot.progress, &records[7].as);
  assert_int_equal(snapshot.moderation_count, 1);
  assert_rows_equal(TABLE_MODERATION, snapshot.moderations, &records[9].as);
  assert_int_equal(store_load_history(fixture->store, records[1].as.job.id, &history, &error), 0);
  assert_int_equal(history.count, 1);
  assert_rows_equal(TABLE_EVENT, history.events, &records[6].as);
  const struct clip *wanted = &records[8].as.clip;
  assert_int_equal(store_find_clips(fixture->store, &wanted->path, 1, &clips, &error), 0);
  assert_int_equal(clips.count, 1);
  assert_rows_equal(TABLE_CLIP, clips.clips, wanted);
  store_clips_release(&clips);
  store_history_release(&history);
  store_snapshot_release(&snapshot);
}

static void every_field_of_every_record_comes_back(void **state) {
  struct fixture *fixture = *state;
  struct everything all;
  fill_everything(&all);
  commit(fixture, all.records, COUNT(all.records));
  open_again(fixture);
  assert_everything(fixture, &all);
}

static void a_null_comes_back_as_a_null(void **state) {
  struct fixture *fixture = *state;
  struct everything all;
  fill_everything(&all);
  commit(fixture, all.records, COUNT(all.records)); /* so that NULL also replaces a text */
  for (size_t i = 0; i < COUNT(all.records); i++)
    sample_without_texts(table_at(record_table(all.records[i].kind)), &all.records[i].as);
  commit(fixture, all.records, COUNT(all.records));
  open_again(fixture);
  assert_everything(fixture, &all);
}

/* Names of files are whatever they are; the last is what another kind makes of the bytes itself. */
static void texts_of_any_bytes_come_back_as_they_were(void **state) {
  struct fixture *fixture = *state;
  static const char *const texts[] = {
      "caf\xE9.mp4",      "\xFF\xC0\x80\xED\xA0\x80", "\xF0\x9F\x8E",        "a\xF4\x8F\xBA\x80z",
      "\xF4\x90\x80\x80", "\xF4\x8F\xBF\xBF",         "\x01\x7F\\\\x00 ''$1"};
  for (size_t i = 0; i < COUNT(texts); i++) {
    struct record records[] = {sample_batch((batch_id)i + 1, texts[i]),
                               {.kind = RECORD_CLIP, .as.clip = {.path = texts[i], .hash = "aa"}}};
    struct store_snapshot snapshot;
    struct store_clips clips;
    commit(fixture, records, COUNT(records));
    load_or_fail(fixture->store, &snapshot);
    assert_string_equal(snapshot.batches[i].key, texts[i]);
    assert_int_equal(store_find_clips(fixture->store, &texts[i], 1, &clips, NULL), 0);
    assert_int_equal(clips.count, 1);
    assert_string_equal(clips.clips[0].path, texts[i]);
    store_clips_release(&clips);
    store_snapshot_release(&snapshot);
  }
}

static void a_group_written_twice_is_there_once(void **state) {
  struct fixture *fixture = *state;
  struct everything all;
  fill_everything(&all);
  commit(fixture, all.records, COUNT(all.records));
  commit(fixture, all.records, COUNT(all.records));
  open_again(fixture);
  assert_everything(fixture, &all);
}

static void a_later_record_of_a_key_replaces_the_earlier(void **state) {
  struct fixture *fixture = *state;
  struct everything all, other;
  fill_everything(&all);
  fill_everything(&other);
  for (size_t i = 0; i < COUNT(all.records); i++) {
    const struct table *table = table_at(record_table(all.records[i].kind));
    other.texts[i].count = 0;
    sample_fill(table, &other.records[i].as, 50, &other.texts[i]);
    for (size_t at = 0; at < table->column_count; at++)
      if (table->columns[at].part == PART_KEY || table->columns[at].part == PART_FIXED)
        column_copy(&table->columns[at], &other.records[i].as, &all.records[i].as);
  }
  commit(fixture, all.records, COUNT(all.records));
  commit(fixture, other.records, COUNT(other.records));
  open_again(fixture);
  assert_everything(fixture, &other);
}

static void the_spec_and_the_state_of_a_job_are_written_apart(void **state) {
  struct fixture *fixture = *state;
  struct everything all, other;
  struct store_snapshot snapshot;
  fill_everything(&all);
  commit(fixture, all.records, COUNT(all.records));
  for (int turn = 0; turn < 2; turn++) {
    unsigned part = turn == 0 ? PART_STATE : PART_SPEC;
    fill_everything(&other);
    struct record record = {.kind = turn == 0 ? RECORD_JOB_STATE : RECORD_JOB_SPEC};
    other.texts[1].count = 0;
    sample_fill(table_at(TABLE_JOB), &record.as, 60 + turn, &other.texts[1]);
    record.as.job.id = all.records[1].as.job.id;
    record.as.job.state = JOB_HELD;
    commit(fixture, &record, 1);
    open_again(fixture);
    struct job_record wanted = all.records[1].as.job;
    for (size_t i = 0; i < table_at(TABLE_JOB)->column_count; i++)
      if ((table_at(TABLE_JOB)->columns[i].part & part) != 0)
        column_copy(&table_at(TABLE_JOB)->columns[i], &wanted, &record.as);
    load_or_fail(fixture->store, &snapshot);
    assert_rows_equal(TABLE_JOB, snapshot.jobs, &wanted);
    store_snapshot_release(&snapshot);
    commit(fixture, all.records, COUNT(all.records));
  }
}

static void assert_as_begun(struct fixture *fixture) {
  struct store_snapshot snapshot;
  struct error error;
  int64_t numbers[2];
  load_or_fail(fixture->store, &snapshot);
  assert_int_equal(snapshot.job_count, 2);
  assert_int_equal(snapshot.last_job, 2);
  assert_int_equal(snapshot.jobs[0].state, JOB_QUEUED);
  assert_int_equal(snapshot.jobs[1].state, JOB_QUEUED);
  assert_int_equal(snapshot.latest, 1);
  assert_int_equal(store_event_counts(fixture->store, &snapshot, numbers, &error), 0);
  assert_int_equal(numbers[0], 0);
  store_snapshot_release(&snapshot);
}

static void a_group_that_is_refused_leaves_nothing(void **state) {
  struct fixture *fixture = *state;
  begin(fixture);
  const struct record group[] = {sample_state(1, JOB_UPLOADING), sample_job(3, 1, 3),
                                 sample_event(1, 1, 5), sample_state(77, JOB_RUNNING),
                                 sample_state(2, JOB_UPLOADING)};
  assert_refused(fixture, group, COUNT(group));
  assert_as_begun(fixture);
  open_again(fixture);
  assert_as_begun(fixture);
}

static void a_group_that_is_refused_claims_and_frees_nothing(void **state) {
  struct fixture *fixture = *state;
  begin(fixture);
  const struct record unsure = sample_attempt(1, 1, "ref-1", ATTEMPT_UNSURE);
  const struct record group[] = {sample_attempt(1, 1, "ref-1", ATTEMPT_ABSENT),
                                 sample_attempt(2, 2, "ref-2", ATTEMPT_OPEN),
                                 sample_state(77, JOB_RUNNING)};
  const struct record second = sample_attempt(3, 1, "ref-3", ATTEMPT_OPEN);
  const struct record same_ref = sample_attempt(4, 2, "ref-2", ATTEMPT_OPEN);
  commit(fixture, &unsure, 1);
  assert_refused(fixture, group, COUNT(group));
  assert_refused(fixture, &second, 1); /* the first is still in doubt */
  commit(fixture, &same_ref, 1);
}

static void after_a_refusal_the_state_goes_on(void **state) {
  struct fixture *fixture = *state;
  struct store_snapshot snapshot;
  begin(fixture);
  const struct record missing = sample_state(77, JOB_RUNNING);
  const struct record good = sample_state(2, JOB_UPLOADING);
  assert_refused(fixture, &missing, 1);
  commit(fixture, &good, 1);
  load_or_fail(fixture->store, &snapshot);
  assert_int_equal(snapshot.jobs[1].state, JOB_UPLOADING);
  store_snapshot_release(&snapshot);
}

static void records_take_effect_in_their_order(void **state) {
  struct fixture *fixture = *state;
  struct store_snapshot snapshot;
  begin(fixture);
  const struct record group[] = {
      sample_attempt(1, 1, "ref-1", ATTEMPT_OPEN), sample_state(1, JOB_SUBMITTING),
      sample_attempt(1, 1, "ref-1", ATTEMPT_ABSENT), sample_attempt(2, 1, "ref-2", ATTEMPT_OPEN),
      sample_state(1, JOB_RUNNING)};
  commit(fixture, group, COUNT(group));
  open_again(fixture);
  load_or_fail(fixture->store, &snapshot);
  assert_int_equal(snapshot.jobs[0].state, JOB_RUNNING);
  assert_int_equal(snapshot.attempts[0].state, ATTEMPT_ABSENT);
  assert_int_equal(snapshot.attempts[1].state, ATTEMPT_OPEN);
  store_snapshot_release(&snapshot);
}

static void children_may_come_before_their_parents(void **state) {
  struct fixture *fixture = *state;
  const struct record group[] = {sample_event(1, 1, 5), sample_attempt(1, 1, "ref-1", ATTEMPT_OPEN),
                                 sample_job(1, 1, 1), sample_batch(1, "night")};
  commit(fixture, group, COUNT(group));
}

static void jobs_come_by_batch_and_number_and_attempts_by_id(void **state) {
  struct fixture *fixture = *state;
  struct store_snapshot snapshot;
  const struct record group[] = {sample_batch(2, "late"),
                                 sample_batch(1, "early"),
                                 sample_job(4, 2, 2),
                                 sample_job(1, 2, 7),
                                 sample_job(3, 1, 9),
                                 sample_job(2, 1, 10),
                                 sample_attempt(12, 1, "l", ATTEMPT_OPEN),
                                 sample_attempt(3, 2, "k", ATTEMPT_OPEN)};
  commit(fixture, group, COUNT(group));
  open_again(fixture);
  load_or_fail(fixture->store, &snapshot);
  const job_id wanted[] = {3, 2, 4, 1};
  assert_int_equal(snapshot.job_count, COUNT(wanted));
  for (size_t i = 0; i < COUNT(wanted); i++)
    assert_int_equal(snapshot.jobs[i].id, wanted[i]);
  assert_int_equal(snapshot.batches[0].id, 1);
  assert_int_equal(snapshot.attempts[0].id, 3);
  assert_int_equal(snapshot.attempts[1].id, 12);
  assert_int_equal(snapshot.last_attempt, 12);
  assert_int_equal(snapshot.last_job, 4);
  assert_int_equal(snapshot.last_batch, 2);
  store_snapshot_release(&snapshot);
}

static void unsent_attempts_are_left_out_but_counted(void **state) {
  struct fixture *fixture = *state;
  struct store_snapshot snapshot;
  begin(fixture);
  struct record group[ATTEMPT_STATE_COUNT];
  char refs[ATTEMPT_STATE_COUNT][16];
  for (int i = 0; i < ATTEMPT_STATE_COUNT; i++) {
    snprintf(refs[i], sizeof refs[i], "ref-%d", i);
    /* two are undecided: one for each job */
    job_id job = i == ATTEMPT_UNSURE ? 2 : 1;
    group[i] = sample_attempt(i + 1, job, refs[i], (enum attempt_state)i);
  }
  const struct record last[] = {sample_attempt(40, 1, "ref-40", ATTEMPT_REFUSED),
                                sample_attempt(41, 1, "ref-41", ATTEMPT_NOT_SENT)};
  commit(fixture, group, COUNT(group));
  commit(fixture, last, COUNT(last));
  open_again(fixture);
  load_or_fail(fixture->store, &snapshot);
  assert_int_equal(snapshot.attempt_count, ATTEMPT_STATE_COUNT - 1 + 1); /* and one of `last` */
  for (size_t i = 0; i < snapshot.attempt_count; i++)
    assert_int_not_equal(snapshot.attempts[i].state, ATTEMPT_NOT_SENT);
  assert_int_equal(snapshot.last_attempt, 41);
  store_snapshot_release(&snapshot);
}

static void assert_attempts(struct fixture *fixture, batch_id batch, time_ms since,
                            const attempt_id *wanted, size_t count) {
  struct store_attempts found;
  struct error error;
  assert_int_equal(store_load_attempts(fixture->store, batch, since, &found, &error), 0);
  assert_int_equal(found.count, count);
  for (size_t i = 0; i < count; i++)
    assert_int_equal(found.attempts[i].id, wanted[i]);
  store_attempts_release(&found);
}

static void a_report_is_given_every_attempt_of_its_time(void **state) {
  struct fixture *fixture = *state;
  begin(fixture);
  struct record group[] = {sample_batch(2, "other"),
                           sample_job(3, 2, 1),
                           sample_attempt(1, 1, "a", ATTEMPT_REFUSED),
                           sample_attempt(2, 1, "b", ATTEMPT_SUCCEEDED),
                           sample_attempt(3, 2, "c", ATTEMPT_NOT_SENT),
                           sample_attempt(4, 3, "d", ATTEMPT_FAILED)};
  group[2].as.attempt.opened = 100;
  group[3].as.attempt.opened = 100;
  group[3].as.attempt.task_ended = 900;
  group[4].as.attempt.opened = 500;
  group[5].as.attempt.opened = 100;
  group[5].as.attempt.settled = 600;
  commit(fixture, group, COUNT(group));
  open_again(fixture);
  assert_attempts(fixture, 0, 0, (attempt_id[]){1, 2, 3, 4}, 4);
  assert_attempts(fixture, 1, 0, (attempt_id[]){1, 2, 3}, 3);
  assert_attempts(fixture, 0, 500, (attempt_id[]){2, 3, 4}, 3);
  assert_attempts(fixture, 2, 601, NULL, 0);
}

static void a_report_is_given_the_texts_of_an_attempt_that_it_tells(void **state) {
  struct fixture *fixture = *state;
  struct store_attempts found;
  struct error error;
  begin(fixture);
  struct record record = sample_attempt(1, 1, "a", ATTEMPT_FAILED);
  record.as.attempt.cause = "no face";
  record.as.attempt.anchors = "t1 t2 t3";
  commit(fixture, &record, 1);
  open_again(fixture);
  assert_int_equal(store_load_attempts(fixture->store, 0, 0, &found, &error), 0);
  assert_string_equal(found.attempts[0].cause, "no face");
  assert_string_equal(found.attempts[0].account, record.as.attempt.account);
  assert_int_equal(found.attempts[0].state, ATTEMPT_FAILED);
  assert_null(found.attempts[0].anchors);
  assert_null(found.attempts[0].reply_ref);
  store_attempts_release(&found);
}

static void a_history_is_one_jobs_events_in_order(void **state) {
  struct fixture *fixture = *state;
  struct store_history history;
  struct error error;
  begin(fixture);
  const struct record events[] = {sample_event(1, 2, 20), sample_event(2, 1, 15),
                                  sample_event(1, 1, 10), sample_event(1, 10, 100),
                                  sample_event(1, 2, 20)};
  commit(fixture, events, COUNT(events));
  open_again(fixture);
  assert_int_equal(store_load_history(fixture->store, 1, &history, &error), 0);
  assert_int_equal(history.count, 3);
  assert_int_equal(history.events[0].time, 10);
  assert_int_equal(history.events[1].time, 20);
  assert_int_equal(history.events[2].number, 10);
  store_history_release(&history);
  assert_int_equal(store_load_history(fixture->store, 5, &history, &error), 0);
  assert_int_equal(history.count, 0);
  store_history_release(&history);
}

static void the_next_event_of_every_job_can_be_numbered(void **state) {
  struct fixture *fixture = *state;
  struct store_snapshot snapshot;
  struct error error;
  begin(fixture);
  /* the jobs' order in the snapshot is not that of their ids */
  const struct record group[] = {sample_job(3, 1, 0), sample_event(1, 1, 1), sample_event(3, 1, 1),
                                 sample_event(1, 2, 1), sample_event(1, 3, 1)};
  int64_t numbers[3] = {-1, -1, -1};
  commit(fixture, group, COUNT(group));
  open_again(fixture);
  load_or_fail(fixture->store, &snapshot);
  assert_int_equal(store_event_counts(fixture->store, &snapshot, numbers, &error), 0);
  assert_int_equal(snapshot.jobs[0].id, 3);
  assert_int_equal(numbers[0], 1);
  assert_int_equal(numbers[1], 3);
  assert_int_equal(numbers[2], 0);
  store_snapshot_release(&snapshot);
}

static void assert_latest(struct fixture *fixture, time_ms wanted) {
  struct store_snapshot snapshot;
  open_again(fixture);
  load_or_fail(fixture->store, &snapshot);
  assert_int_equal(snapshot.latest, wanted);
  store_snapshot_release(&snapshot);
}

static void the_clock_never_goes_back(void **state) {
  struct fixture *fixture = *state;
  const struct record batch = sample_batch(1, "night");
  commit_or_fail(fixture->store, 5000, &batch, 1);
  assert_latest(fixture, 5000);
  commit_or_fail(fixture->store, 4000, &batch, 1);
  assert_latest(fixture, 5000);
  commit_or_fail(fixture->store, 6000, NULL, 0); /* an empty group moves it too */
  assert_latest(fixture, 6000);
}

static void clips_are_known_by_their_paths_as_they_were_last(void **state) {
  struct fixture *fixture = *state;
  struct record records[] = {
      {.kind = RECORD_CLIP,
       .as.clip = {.path = "/clips/a.mp4", .size_bytes = 10, .mtime_ns = 20, .hash = "aa"}},
      {.kind = RECORD_CLIP,
       .as.clip = {.path = "/clips/b.mp4", .size_bytes = 30, .mtime_ns = 40, .hash = "bb"}}};
  const char *const paths[] = {"/clips/b.mp4", "/clips/other.mp4", "/clips/a.mp4"};
  struct store_clips clips;
  struct error error = {0};
  commit(fixture, records, 2);
  records[0].as.clip.mtime_ns = 21;
  commit(fixture, records, 1);
  assert_int_equal(store_find_clips(fixture->store, paths, 3, &clips, &error), 0);
  assert_int_equal(clips.count, 2);
  assert_rows_equal(TABLE_CLIP, &clips.clips[0], &records[1].as);
  assert_rows_equal(TABLE_CLIP, &clips.clips[1], &records[0].as);
  store_clips_release(&clips);
}

/* More than are looked up in one transaction. */
static void thousands_of_clips_are_found_in_one_go(void **state) {
  struct fixture *fixture = *state;
  enum { MANY = 2500 };
  static char names[MANY][24];
  static const char *paths[MANY];
  static struct record records[MANY];
  struct store_clips clips;
  struct error error = {0};
  for (int i = 0; i < MANY; i++) {
    snprintf(names[i], sizeof names[i], "/clips/%d.mp4", i);
    paths[i] = names[i];
    records[i] = (struct record){.kind = RECORD_CLIP,
                                 .as.clip = {.path = paths[i], .size_bytes = i, .hash = "aa"}};
  }
  commit(fixture, records, MANY);
  assert_int_equal(store_find_clips(fixture->store, paths, MANY, &clips, &error), 0);
  assert_int_equal(clips.count, MANY);
  for (int i = 0; i < MANY; i++)
    assert_int_equal(clips.clips[i].size_bytes, i);
  store_clips_release(&clips);
}

static void a_job_of_no_batch_is_refused(void **state) {
  struct fixture *fixture = *state;
  const struct record orphans[] = {sample_job(1, 9, 1), sample_attempt(1, 9, "r", ATTEMPT_OPEN),
                                   sample_event(9, 1, 1)};
  for (size_t i = 0; i < COUNT(orphans); i++)
    assert_refused(fixture, &orphans[i], 1);
  const struct record progress = {.kind = RECORD_PROGRESS, .as.progress = {.batch = 9}};
  assert_refused(fixture, &progress, 1);
}

static void an_update_of_a_job_that_is_not_there_is_refused(void **state) {
  struct fixture *fixture = *state;
  begin(fixture);
  struct record spec = sample_job(9, 1, 1);
  spec.kind = RECORD_JOB_SPEC;
  assert_refused(fixture, &spec, 1);
}

static void a_second_undecided_attempt_of_a_job_is_refused(void **state) {
  struct fixture *fixture = *state;
  begin(fixture);
  const struct record first = sample_attempt(1, 1, "ref-1", ATTEMPT_UNSURE);
  const struct record second = sample_attempt(2, 1, "ref-2", ATTEMPT_OPEN);
  const struct record other_job = sample_attempt(3, 2, "ref-3", ATTEMPT_OPEN);
  const struct record settled = sample_attempt(1, 1, "ref-1", ATTEMPT_ABSENT);
  commit(fixture, &first, 1);
  assert_refused(fixture, &second, 1);
  commit(fixture, &other_job, 1);
  commit(fixture, &settled, 1);
  commit(fixture, &second, 1);
  assert_refused(fixture, &first, 1); /* and back to doubt only while no other is */
}

static void a_reply_ref_belongs_to_one_attempt(void **state) {
  struct fixture *fixture = *state;
  begin(fixture);
  const struct record first = sample_attempt(1, 1, "ref-1", ATTEMPT_REFUSED);
  const struct record thief = sample_attempt(2, 2, "ref-1", ATTEMPT_OPEN);
  const struct record renamed = sample_attempt(1, 1, "ref-2", ATTEMPT_REFUSED);
  const struct record moved = sample_attempt(1, 2, "ref-1", ATTEMPT_REFUSED);
  commit(fixture, &first, 1);
  assert_refused(fixture, &thief, 1);
  assert_refused(fixture, &renamed, 1);
  assert_refused(fixture, &moved, 1);
}

static void a_task_belongs_to_one_attempt(void **state) {
  struct fixture *fixture = *state;
  begin(fixture);
  struct record first = sample_attempt(1, 1, "ref-1", ATTEMPT_ACCEPTED);
  struct record second = sample_attempt(2, 2, "ref-2", ATTEMPT_ACCEPTED);
  first.as.attempt.task_id = second.as.attempt.task_id = "task-1";
  commit(fixture, &first, 1);
  assert_refused(fixture, &second, 1);
  second.as.attempt.task_id = "task-2";
  commit(fixture, &second, 1);
}

static void a_job_stays_in_its_batch(void **state) {
  struct fixture *fixture = *state;
  begin(fixture);
  const struct record group[] = {sample_batch(2, "other"), sample_job(1, 2, 1)};
  assert_refused(fixture, group, COUNT(group));
}

static void two_batches_cannot_have_one_name(void **state) {
  struct fixture *fixture = *state;
  begin(fixture);
  struct record second = sample_batch(2, "night");
  assert_refused(fixture, &second, 1);
  second.as.batch.named = false; /* a path that reads like the name is another batch */
  commit(fixture, &second, 1);
}

static void two_jobs_can_change_keys_in_one_group(void **state) {
  struct fixture *fixture = *state;
  struct store_snapshot snapshot;
  begin(fixture);
  struct record group[] = {sample_job(1, 1, 1), sample_job(2, 1, 2)};
  group[0].kind = group[1].kind = RECORD_JOB_SPEC;
  group[0].as.job.key = "clip:b.mp4|voice"; /* a file was moved onto another's old name */
  group[1].as.job.key = "clip:c.mp4|voice";
  commit(fixture, group, COUNT(group));
  load_or_fail(fixture->store, &snapshot);
  assert_string_equal(snapshot.jobs[0].key, "clip:b.mp4|voice");
  store_snapshot_release(&snapshot);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_new_state_is_empty),
      TEST(every_field_of_every_record_comes_back),
      TEST(a_null_comes_back_as_a_null),
      TEST(texts_of_any_bytes_come_back_as_they_were),
      TEST(a_group_written_twice_is_there_once),
      TEST(a_later_record_of_a_key_replaces_the_earlier),
      TEST(the_spec_and_the_state_of_a_job_are_written_apart),
      TEST(a_group_that_is_refused_leaves_nothing),
      TEST(a_group_that_is_refused_claims_and_frees_nothing),
      TEST(after_a_refusal_the_state_goes_on),
      TEST(records_take_effect_in_their_order),
      TEST(children_may_come_before_their_parents),
      TEST(jobs_come_by_batch_and_number_and_attempts_by_id),
      TEST(unsent_attempts_are_left_out_but_counted),
      TEST(a_report_is_given_every_attempt_of_its_time),
      TEST(a_report_is_given_the_texts_of_an_attempt_that_it_tells),
      TEST(a_history_is_one_jobs_events_in_order),
      TEST(the_next_event_of_every_job_can_be_numbered),
      TEST(the_clock_never_goes_back),
      TEST(clips_are_known_by_their_paths_as_they_were_last),
      TEST(thousands_of_clips_are_found_in_one_go),
      TEST(a_job_of_no_batch_is_refused),
      TEST(an_update_of_a_job_that_is_not_there_is_refused),
      TEST(a_second_undecided_attempt_of_a_job_is_refused),
      TEST(a_reply_ref_belongs_to_one_attempt),
      TEST(a_task_belongs_to_one_attempt),
      TEST(a_job_stays_in_its_batch),
      TEST(two_batches_cannot_have_one_name),
      TEST(two_jobs_can_change_keys_in_one_group),
  };
  return run_against_every_kind(tests, COUNT(tests)) == 0 ? 0 : 1;
}
