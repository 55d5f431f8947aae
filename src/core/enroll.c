/* Who is who across runs: a batch file read against the state. Finds the stored batch, writes down
 * new and changed jobs, and tells a person where the file and the state disagree.
 *
 * A batch is found by its key. When the key is unknown, the file may still be a stored batch: one
 * last run from this very path (its name was given, changed or taken away), or one without a name
 * whose file is gone (it was moved). Either has to share begun work with the file; it then goes on
 * under the new key. */
#include "core/enroll.h"

#include <stdlib.h>
#include <string.h>

#include "util/check.h"

struct enroll {
  struct arena *arena;
  const struct store_snapshot *snapshot;
  const struct batch_record *batch;
  const struct batch_record *known; /* NULL: a new batch */
  struct enroll_file file;
  struct enroll_stored stored;
  struct enroll_move move;
  time_ms now;
  struct enroll_result *result;
  size_t record_room, notice_room;
};

/* ---- what comes out ---- */

static void *grown(struct arena *arena, void *old, size_t count, size_t *room, size_t size) {
  if (count < *room) return old;
  *room = *room == 0 ? 64 : *room * 2;
  void *array = arena_alloc_array(arena, *room, size);
  if (count > 0) memcpy(array, old, count * size);
  return array;
}

static struct record *add_record(struct enroll *enroll, enum record_kind kind) {
  struct enroll_result *result = enroll->result;
  result->records = grown(enroll->arena, result->records, result->record_count,
                          &enroll->record_room, sizeof *result->records);
  struct record *record = &result->records[result->record_count++];
  record->kind = kind;
  return record;
}

static void add_notice(struct enroll *enroll, int32_t line, int32_t column, const char *text) {
  struct enroll_result *result = enroll->result;
  result->notices = grown(enroll->arena, result->notices, result->notice_count,
                          &enroll->notice_room, sizeof *result->notices);
  result->notices[result->notice_count++] =
      (struct enroll_notice){.line = line, .column = column, .text = text};
}

static void add_job(struct enroll *enroll, enum record_kind kind, const struct job_record *job) {
  add_record(enroll, kind)->as.job = *job;
}

/* ---- which batch ---- */

static const struct batch_record *batch_by_key(const struct store_snapshot *snapshot,
                                               const char *key) {
  for (size_t i = 0; i < snapshot->batch_count; i++)
    if (strcmp(snapshot->batches[i].key, key) == 0) return &snapshot->batches[i];
  return NULL;
}

/* The batch last begun from this path. */
static const struct batch_record *batch_by_path(const struct store_snapshot *snapshot,
                                                const char *path) {
  const struct batch_record *latest = NULL;
  for (size_t i = 0; i < snapshot->batch_count; i++)
    if (enroll_same_text(snapshot->batches[i].path, path) &&
        (latest == NULL || snapshot->batches[i].id > latest->id))
      latest = &snapshot->batches[i];
  return latest;
}

static bool shares_work(struct enroll *enroll, const struct batch_record *batch) {
  return enroll_shares_work(&enroll->file, enroll_stored_of(enroll->snapshot, batch->id));
}

static const struct batch_record *
batch_moved_here(struct enroll *enroll, bool (*file_exists)(void *, const char *), void *context) {
  const struct batch_record *found = NULL;
  for (size_t i = 0; i < enroll->snapshot->batch_count; i++) {
    const struct batch_record *batch = &enroll->snapshot->batches[i];
    if (batch->named || (found != NULL && batch->id < found->id)) continue;
    if (!file_exists(context, batch->key) && shares_work(enroll, batch)) found = batch;
  }
  return found;
}

static void find_batch(struct enroll *enroll, bool (*file_exists)(void *, const char *),
                       void *context) {
  enroll->known = batch_by_key(enroll->snapshot, enroll->batch->key);
  if (enroll->known != NULL) return;
  const struct batch_record *here = batch_by_path(enroll->snapshot, enroll->batch->path);
  if (here != NULL && shares_work(enroll, here))
    enroll->known = here;
  else
    enroll->known = batch_moved_here(enroll, file_exists, context);
}

/* Results of tasks under way go where they were begun, wherever the file is now. */
static bool has_results_under_way(const struct enroll *enroll) {
  for (size_t i = 0; i < enroll->stored.count; i++)
    if (enroll_may_have_task(&enroll->stored.jobs[i])) return true;
  return false;
}

static void tell_continued(struct enroll *enroll) {
  const struct batch_record *known = enroll->known;
  bool moved = strcmp(enroll->move.from, enroll->move.to) != 0;
  add_notice(enroll, 0, 0,
             arena_printf(enroll->arena, "goes on with the batch known as %s%s", known->key,
                          moved && has_results_under_way(enroll)
                              ? "; results under way go where they were begun"
                              : ""));
}

static void write_batch(struct enroll *enroll) {
  const struct batch_record *known = enroll->known, *batch = enroll->batch;
  enroll->result->batch = known != NULL ? known->id : enroll->snapshot->last_batch + 1;
  if (known != NULL && strcmp(known->key, batch->key) != 0) tell_continued(enroll);
  if (known != NULL && strcmp(known->key, batch->key) == 0 && known->named == batch->named &&
      enroll_same_text(known->path, batch->path))
    return;
  add_record(enroll, RECORD_BATCH)->as.batch =
      (struct batch_record){.id = enroll->result->batch,
                            .key = batch->key,
                            .named = batch->named,
                            .path = batch->path,
                            .created = known != NULL ? known->created : enroll->now,
                            .paused = known != NULL && known->paused,
                            .why = known != NULL ? known->why : NULL,
                            .pardoned = known != NULL ? known->pardoned : 0};
}

/* ---- its jobs ---- */

static void add_new_job(struct enroll *enroll, size_t place, job_id id) {
  struct job_record job = enroll->file.jobs[place];
  job.id = id;
  job.batch = enroll->result->batch;
  job.key = enroll->file.keys[place];
  job.listed = true;
  job.state = JOB_QUEUED;
  job.result_bytes = -1;
  job.changed = enroll->now;
  add_job(enroll, RECORD_JOB, &job);
}

static void update_job(struct enroll *enroll, size_t place, const struct job_record *stored) {
  const struct job_record *job = &enroll->file.jobs[place];
  const char *key = enroll->file.keys[place], *edits;
  struct job_record now = enroll_take_over(enroll->arena, stored, job, key, enroll->move, &edits);
  if (!enroll_same_spec(stored, &now)) add_job(enroll, RECORD_JOB_SPEC, &now);
  if (strcmp(stored->key, key) != 0 && strcmp(stored->name, job->name) != 0)
    add_notice(enroll, job->line, job->column,
               arena_printf(enroll->arena,
                            "job %s goes on with the job known as %s (%s): the same clip and voice",
                            job->name, stored->name, job_state_name(stored->state)));
  if (edits != NULL)
    add_notice(enroll, job->line, job->column,
               arena_printf(enroll->arena,
                            "job %s has begun (%s) and keeps its %s; `nightshift retry` takes the "
                            "edit up",
                            job->name, job_state_name(stored->state), edits));
}

/* A job that the file has no more. When another one goes on under its key, it gets that one's old
 * key in exchange: no key is there twice. */
static void take_off(struct enroll *enroll, const size_t *of_job, const struct job_record *stored) {
  struct job_record gone = *stored;
  int64_t place;
  gone.listed = false;
  if (map_get(&enroll->file.by_key, stored->key, &place) && of_job[place] != NO_JOB)
    gone.key = enroll->stored.jobs[of_job[place]].key;
  if (!enroll_same_spec(stored, &gone)) add_job(enroll, RECORD_JOB_SPEC, &gone);
  if (enroll_may_have_task(stored))
    add_notice(enroll, 0, 0,
               arena_printf(enroll->arena,
                            "job %s is no longer in the file; it is %s and is followed to its end",
                            stored->name, job_state_name(stored->state)));
}

/* Growing by doubling would leave as much again in the arena. */
static void reserve_records(struct enroll *enroll, size_t count) {
  struct enroll_result *result = enroll->result;
  struct record *records =
      arena_alloc_array(enroll->arena, result->record_count + count, sizeof *records);
  if (result->record_count > 0)
    memcpy(records, result->records, result->record_count * sizeof *records);
  result->records = records;
  enroll->record_room = result->record_count + count;
}

static void write_jobs(struct enroll *enroll) {
  struct enroll_file *file = &enroll->file;
  size_t *of_job = ARENA_NEW_ARRAY(&file->scratch, file->count, size_t);
  bool *is_there = ARENA_NEW_ARRAY(&file->scratch, enroll->stored.count, bool);
  enroll_match(file, enroll->stored, of_job);
  for (size_t i = 0; i < file->count; i++) {
    if (of_job[i] == NO_JOB) continue;
    is_there[of_job[i]] = true;
    update_job(enroll, i, &enroll->stored.jobs[of_job[i]]);
  }
  for (size_t i = 0; i < enroll->stored.count; i++)
    if (!is_there[i]) take_off(enroll, of_job, &enroll->stored.jobs[i]);
  size_t new_count = 0;
  for (size_t i = 0; i < file->count; i++)
    new_count += of_job[i] == NO_JOB;
  reserve_records(enroll, new_count);
  job_id next = enroll->snapshot->last_job + 1;
  for (size_t i = 0; i < file->count; i++)
    if (of_job[i] == NO_JOB) add_new_job(enroll, i, next++);
}

static const char *directory_of(struct arena *arena, const char *path) {
  const char *slash = path == NULL ? NULL : strrchr(path, '/');
  return slash == NULL ? "" : arena_bytes(arena, path, (size_t)(slash - path));
}

/* A file whose old self is still there was copied, not moved. */
static struct enroll_move move_of(const struct enroll *enroll,
                                  bool (*file_exists)(void *, const char *), void *context) {
  const struct batch_record *known = enroll->known;
  const char *to = directory_of(enroll->arena, enroll->batch->path);
  if (known == NULL || known->path == NULL || enroll_same_text(known->path, enroll->batch->path) ||
      file_exists(context, known->path))
    return (struct enroll_move){.from = to, .to = to};
  return (struct enroll_move){.from = directory_of(enroll->arena, known->path), .to = to};
}

void core_enroll(struct arena *arena, const struct store_snapshot *snapshot,
                 const struct batch_record *batch, const struct job_record *jobs, size_t job_count,
                 bool (*file_exists)(void *, const char *path), void *context, time_ms now,
                 struct enroll_result *result) {
  struct enroll enroll = {
      .arena = arena, .snapshot = snapshot, .batch = batch, .now = now, .result = result};
  *result = (struct enroll_result){0};
  enroll_file_init(&enroll.file, arena, jobs, job_count);
  find_batch(&enroll, file_exists, context);
  if (enroll.known != NULL) enroll.stored = enroll_stored_of(snapshot, enroll.known->id);
  enroll.move = move_of(&enroll, file_exists, context);
  write_batch(&enroll);
  write_jobs(&enroll);
  enroll_file_release(&enroll.file);
}

/* ---- whether a clip is needed ---- */

struct enroll_known {
  struct enroll_stored stored;
  struct map by_key; /* to the place in stored */
  bool by_path;      /* the batch goes by another key there: only the same work proves it */
};

struct enroll_known *core_enroll_known(const struct store_snapshot *snapshot,
                                       const struct batch_record *batch) {
  struct enroll_known *known = calloc(1, sizeof *known);
  CHECK(known != NULL && "out of memory");
  map_init(&known->by_key);
  const struct batch_record *found = batch_by_key(snapshot, batch->key);
  known->by_path = found == NULL;
  if (found == NULL) found = batch_by_path(snapshot, batch->path);
  if (found != NULL) known->stored = enroll_stored_of(snapshot, found->id);
  map_reserve(&known->by_key, known->stored.count);
  for (size_t i = 0; i < known->stored.count; i++)
    map_set_kept(&known->by_key, known->stored.jobs[i].key, (int64_t)i);
  return known;
}

void core_enroll_known_free(struct enroll_known *known) {
  if (known != NULL) map_release(&known->by_key);
  free(known);
}

bool core_enroll_may_be_new(const struct enroll_known *known) {
  return known->by_path;
}

bool core_enroll_needs_clip(const struct enroll_known *known, const struct job_record *job) {
  int64_t place;
  if (!map_get(&known->by_key, job->key, &place)) return true;
  const struct job_record *stored = &known->stored.jobs[place];
  if (known->by_path &&
      !(enroll_same_text(stored->clip_source, job->clip_source) && enroll_same_voice(stored, job)))
    return true;
  return !job_state_ended(stored->state) && !enroll_may_have_task(stored);
}
