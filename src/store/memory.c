/* A state in memory that keeps the same promises as one on disk, for the simulator and for tests:
 * groups whole or not at all, the same guards, and crashes and failures where they are asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "store/memory_rows.h"
#include "store/snapshot.h"
#include "store/store_kind.h"
#include "util/check.h"

struct memory_store {
  struct store store;
  time_ms latest;
  uint64_t version;
  struct memory_rows rows;
  bool crash_asked, crashed;
  enum store_point crash_point;
  int fail_code, fail_commits;
  enum store_point fail_point;
};

/* ---- writing ---- */

static int refused(const char *what, const char *name, struct error *error) {
  return error_set(error, ERR_DAMAGED,
                   "the state in memory refuses what does not go with the rest of it (%s %s): this "
                   "is a fault of nightshift; nothing of it was written",
                   what, name);
}

/* The row as it will be, in a block of its own: what this kind of record writes over what is there.
 * NULL: what is there has another identity. */
static void *merged_row(const struct record *record, const void *before) {
  const struct table *table = table_at(record_table(record->kind));
  unsigned parts = record_parts(record->kind);
  union {
    struct job_record job;
    struct record any;
  } merged;
  memcpy(&merged, before != NULL ? before : record_row(record), table->row_size);
  for (size_t i = 0; i < table->column_count; i++) {
    const struct column *column = &table->columns[i];
    if ((column->part & parts) == 0) continue;
    if (column->part == PART_FIXED && !column_equal(column, &merged, record_row(record)))
      return NULL;
    column_copy(column, &merged, record_row(record));
  }
  return memory_row_new(table, &merged);
}

static int apply(struct memory_store *store, const struct record *record, struct error *error) {
  enum table_id id = record_table(record->kind);
  const void *before = memory_rows_find(&store->rows, id, record_row(record));
  if (before == NULL && record_is_update(record->kind))
    return refused("missing:", table_at(id)->name, error);
  void *row = merged_row(record, before);
  if (row == NULL) return refused("there with another identity:", table_at(id)->name, error);
  const char *guard = memory_rows_put(&store->rows, id, row);
  return guard == NULL ? 0 : refused("only one", guard, error);
}

/* Looked at when the whole group is there: its order does not matter for this. */
static int check_parents(struct memory_store *store, const struct record *record,
                         struct error *error) {
  const struct table *table = table_at(record_table(record->kind));
  for (size_t i = 0; i < table->column_count; i++) {
    const struct column *column = &table->columns[i];
    if (!column->has_parent || (column->part & record_parts(record->kind)) == 0) continue;
    union {
      struct batch_record batch;
      struct job_record job;
    } parent = {0};
    int64_t id = column_number(column, record_row(record));
    column_set_number(&table_at(column->parent)->columns[0], &parent, id);
    if (memory_rows_find(&store->rows, column->parent, &parent) == NULL)
      return refused("no such", table_at(column->parent)->name, error);
  }
  return 0;
}

static int apply_group(struct memory_store *store, const struct record *records, size_t count,
                       struct error *error) {
  for (size_t i = 0; i < count; i++) {
    int result = apply(store, &records[i], error);
    if (result != 0) return result;
  }
  for (size_t i = 0; i < count; i++) {
    int result = check_parents(store, &records[i], error);
    if (result != 0) return result;
  }
  return 0;
}

static int commit_whole(struct memory_store *store, time_ms now, const struct record *records,
                        size_t count, struct error *error) {
  int result = apply_group(store, records, count, error);
  if (result != 0) {
    memory_rows_roll_back(&store->rows);
    return result;
  }
  memory_rows_keep(&store->rows);
  if (now > store->latest) store->latest = now;
  store->version++;
  return 0;
}

static int crash(struct memory_store *store, time_ms now, const struct record *records,
                 size_t count, struct error *error) {
  int result = 0;
  if (store->crash_point == STORE_AFTER)
    result = commit_whole(store, now, records, count, error);
  else if (store->crash_point == STORE_DURING)
    result = apply_group(store, records, count / 2 + count % 2, error);
  store->crash_asked = false;
  store->crashed = true;
  if (result != 0 && store->crash_point == STORE_AFTER) return result;
  return error_set(error, ERR_IO, "the state in memory crashed in a commit, as asked");
}

static int fail(struct memory_store *store, time_ms now, const struct record *records, size_t count,
                struct error *error) {
  store->fail_commits--;
  if (store->fail_point == STORE_AFTER) {
    int result = commit_whole(store, now, records, count, error);
    if (result != 0) return result;
  }
  return error_set(error, store->fail_code, "the state in memory failed a commit, as asked");
}

static int check_alive(const struct memory_store *store, struct error *error) {
  if (!store->crashed) return 0;
  return error_set(error, ERR_IO, "the state in memory has crashed and was not opened again");
}

static int memory_commit(struct store *base, time_ms now, const struct record *records,
                         size_t count, struct error *error) {
  struct memory_store *store = (struct memory_store *)base;
  int result = check_alive(store, error);
  if (result != 0) return result;
  if (store->crash_asked) return crash(store, now, records, count, error);
  if (store->fail_commits > 0) return fail(store, now, records, count, error);
  return commit_whole(store, now, records, count, error);
}

/* ---- reading ---- */

/* What a snapshot leaves out. */
static bool is_past(enum table_id table, const void *row) {
  if (table == TABLE_EVENT || table == TABLE_CLIP || table == TABLE_REQUEST) return true;
  if (table != TABLE_ATTEMPT) return false;
  enum attempt_state state = ((const struct attempt_record *)row)->state;
  return state == ATTEMPT_NOT_SENT;
}

static void copy_row(struct row_memory *memory, enum table_id id, const void *row) {
  const struct table *table = table_at(id);
  void *copy = row_memory_add(memory, id);
  memcpy(copy, row, table->row_size);
  row_move_texts(table, copy, arena_alloc(&memory->texts, row_texts_size(table, row)));
}

static int64_t last_id(const struct memory_store *store, enum table_id id) {
  const struct memory_table *table = &store->rows.tables[id];
  int64_t last = 0;
  for (size_t i = 0; i < table->count; i++) {
    if (table->rows[i] == NULL) continue;
    int64_t this = column_number(&table_at(id)->columns[0], table->rows[i]);
    if (this > last) last = this;
  }
  return last;
}

static int memory_load(struct store *base, struct store_snapshot *snapshot, struct error *error) {
  struct memory_store *store = (struct memory_store *)base;
  int result = check_alive(store, error);
  if (result != 0) return result;
  *snapshot = (struct store_snapshot){.latest = store->latest,
                                      .version = store->version,
                                      .last_batch = last_id(store, TABLE_BATCH),
                                      .last_job = last_id(store, TABLE_JOB),
                                      .last_attempt = last_id(store, TABLE_ATTEMPT)};
  struct row_memory *memory = row_memory_new();
  for (int id = 0; id < TABLE_COUNT; id++) {
    const struct memory_table *table = &store->rows.tables[id];
    for (size_t i = 0; i < table->count; i++)
      if (table->rows[i] != NULL && !is_past((enum table_id)id, table->rows[i]))
        copy_row(memory, (enum table_id)id, table->rows[i]);
  }
  snapshot_finish(snapshot, memory);
  return 0;
}

static const struct event_record *event_at(const struct memory_store *store, size_t place) {
  return store->rows.tables[TABLE_EVENT].rows[place];
}

static bool memory_version(struct store *base, uint64_t *version) {
  *version = ((const struct memory_store *)base)->version;
  return true;
}

static int memory_load_history(struct store *base, job_id job, struct store_history *history,
                               struct error *error) {
  struct memory_store *store = (struct memory_store *)base;
  int result = check_alive(store, error);
  if (result != 0) return result;
  struct row_memory *memory = row_memory_new();
  for (size_t i = 0; i < store->rows.tables[TABLE_EVENT].count; i++)
    if (event_at(store, i) != NULL && event_at(store, i)->job == job)
      copy_row(memory, TABLE_EVENT, event_at(store, i));
  history_finish(history, memory);
  return 0;
}

static bool is_wanted(struct memory_store *store, const struct attempt_record *attempt,
                      batch_id batch, time_ms since) {
  const struct job_record wanted = {.id = attempt->job};
  const struct job_record *job = memory_rows_find(&store->rows, TABLE_JOB, &wanted);
  if (batch != 0 && (job == NULL || job->batch != batch)) return false;
  return attempt->opened >= since || attempt->settled >= since || attempt->task_ended >= since;
}

static int memory_load_attempts(struct store *base, batch_id batch, time_ms since,
                                struct store_attempts *attempts, struct error *error) {
  struct memory_store *store = (struct memory_store *)base;
  const struct table *table = table_at(TABLE_ATTEMPT);
  int result = check_alive(store, error);
  if (result != 0) return result;
  struct row_memory *memory = row_memory_new();
  for (size_t i = 0; i < store->rows.tables[TABLE_ATTEMPT].count; i++) {
    const void *row = store->rows.tables[TABLE_ATTEMPT].rows[i];
    if (row == NULL || !is_wanted(store, row, batch, since)) continue;
    struct attempt_record narrow;
    memcpy(&narrow, row, sizeof narrow);
    for (size_t c = 0; c < table->column_count; c++)
      if (!attempt_text_is_reported(&table->columns[c]))
        (void)column_set_text(&table->columns[c], &narrow, NULL);
    copy_row(memory, TABLE_ATTEMPT, &narrow);
  }
  attempts_finish(attempts, memory);
  return 0;
}

static int memory_event_counts(struct store *base, const struct store_snapshot *snapshot,
                               int64_t *numbers, struct error *error) {
  struct memory_store *store = (struct memory_store *)base;
  int result = check_alive(store, error);
  if (result != 0) return result;
  for (size_t i = 0; i < snapshot->job_count; i++)
    numbers[i] = 0;
  struct job_place *index = job_index_new(snapshot);
  for (size_t i = 0; i < store->rows.tables[TABLE_EVENT].count; i++) {
    const struct event_record *event = event_at(store, i);
    if (event != NULL)
      job_index_raise(index, snapshot->job_count, event->job, event->number, numbers);
  }
  free(index);
  return 0;
}

static int memory_find_clips(struct store *base, const char *const *paths, size_t count,
                             struct store_clips *clips, struct error *error) {
  struct memory_store *store = (struct memory_store *)base;
  int result = check_alive(store, error);
  if (result != 0) return result;
  struct row_memory *memory = row_memory_new();
  for (size_t i = 0; i < count; i++) {
    struct clip wanted = {.path = paths[i]};
    const void *found = memory_rows_find(&store->rows, TABLE_CLIP, &wanted);
    if (found != NULL) copy_row(memory, TABLE_CLIP, found);
  }
  clips_finish(clips, memory);
  return 0;
}

/* ---- requests ---- */

static void forget_requests(struct memory_store *store, time_ms before) {
  const struct memory_table *table = &store->rows.tables[TABLE_REQUEST];
  for (size_t i = 0; i < table->count; i++) {
    const struct request_record *request = table->rows[i];
    if (request != NULL && request->answered != 0 && request->answered < before)
      memory_rows_drop(&store->rows, TABLE_REQUEST, i);
  }
}

static int memory_give_request(struct store *base, const struct request_record *request,
                               int64_t *id, struct error *error) {
  struct memory_store *store = (struct memory_store *)base;
  int result = check_alive(store, error);
  if (result != 0) return result;
  struct request_record row = *request;
  row.id = last_id(store, TABLE_REQUEST) + 1;
  row.answered = 0;
  row.status = 0;
  row.answer = NULL;
  forget_requests(store, request->asked - STORE_REQUESTS_KEPT_MS);
  CHECK(memory_rows_put(&store->rows, TABLE_REQUEST,
                        memory_row_new(table_at(TABLE_REQUEST), &row)) == NULL);
  memory_rows_keep(&store->rows);
  store->version++;
  *id = row.id;
  return 0;
}

static int memory_load_requests(struct store *base, int64_t id, struct store_requests *requests,
                                struct error *error) {
  struct memory_store *store = (struct memory_store *)base;
  int result = check_alive(store, error);
  if (result != 0) return result;
  struct row_memory *memory = row_memory_new();
  const struct memory_table *table = &store->rows.tables[TABLE_REQUEST];
  for (size_t i = 0; i < table->count; i++) {
    const struct request_record *request = table->rows[i];
    if (request != NULL && (id == 0 ? request->answered == 0 : request->id == id))
      copy_row(memory, TABLE_REQUEST, request);
  }
  requests_finish(requests, memory);
  return 0;
}

/* ---- faults on request ---- */

static void memory_crash_next(struct store *base, enum store_point point) {
  struct memory_store *store = (struct memory_store *)base;
  store->crash_asked = true;
  store->crash_point = point;
}

static void memory_fail_next(struct store *base, int code, int commits, enum store_point point) {
  struct memory_store *store = (struct memory_store *)base;
  store->fail_code = code;
  store->fail_commits = commits;
  store->fail_point = point;
}

static bool memory_crashed(const struct store *store) {
  return ((const struct memory_store *)store)->crashed;
}

static void memory_reopen(struct store *base) {
  struct memory_store *store = (struct memory_store *)base;
  memory_rows_roll_back(&store->rows);
  store->crashed = false;
  store->crash_asked = false;
  store->fail_commits = 0;
}

/* ---- the kind of store ---- */

static void memory_close(struct store *base) {
  struct memory_store *store = (struct memory_store *)base;
  memory_rows_release(&store->rows);
  free(store);
}

static const struct store_methods methods = {.commit = memory_commit,
                                             .load = memory_load,
                                             .version = memory_version,
                                             .load_history = memory_load_history,
                                             .load_attempts = memory_load_attempts,
                                             .event_counts = memory_event_counts,
                                             .find_clips = memory_find_clips,
                                             .give_request = memory_give_request,
                                             .load_requests = memory_load_requests,
                                             .close = memory_close,
                                             .crash_next = memory_crash_next,
                                             .crashed = memory_crashed,
                                             .reopen = memory_reopen,
                                             .fail_next = memory_fail_next};

int store_open_memory(struct store **store, struct error *error) {
  struct memory_store *new = calloc(1, sizeof *new);
  if (new == NULL) return error_set(error, ERR_NOMEM, "no memory for a state in memory");
  new->store = (struct store){.methods = &methods, .writable = true, .may_ask = true};
  new->version = 1;
  memory_rows_init(&new->rows);
  *store = &new->store;
  return 0;
}
