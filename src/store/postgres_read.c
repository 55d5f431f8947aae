/* Reading from PostgreSQL: what belongs together comes from one moment, and is copied out. */
#include <stdlib.h>
#include <string.h>

#include "store/postgres.h"
#include "store/snapshot.h"
#include "util/check.h"
#include "util/text.h"

struct reading {
  struct row_memory *memory;
  enum table_id table;
};

/* `before` is the row before this one, NULL: there is none. */
static bool read_column(const PGresult *result, int at, int field, const struct column *column,
                        void *row, const void *before, struct row_memory *memory) {
  bool null = PQgetisnull(result, at, field) != 0;
  char *value = PQgetvalue(result, at, field);
  int64_t number;
  if (!column_is_text(column))
    return !null && text_to_int64(value, INT64_MIN, INT64_MAX, &number) &&
           column_set_number(column, row, number);
  if (column->type != COLUMN_TEXT) return column_set_text(column, row, null ? NULL : value);
  /* the result's memory is ours */
  const char *text = null ? NULL : postgres_text_in(value);
  return column_set_text(column, row, row_text(memory, column, text, before));
}

static bool add_row(void *context, const PGresult *result, int at) {
  const struct reading *reading = context;
  const struct table *table = table_at(reading->table);
  bool first = reading->memory->lists[reading->table].count == 0;
  char *row = row_memory_add(reading->memory, reading->table);
  const void *before = first ? NULL : row - table->row_size;
  for (size_t i = 0; i < table->column_count; i++)
    if (!read_column(result, at, (int)i, &table->columns[i], row, before, reading->memory))
      return false;
  return true;
}

static int told(struct postgres_store *store, enum postgres_rows rows, struct error *error) {
  if (rows == POSTGRES_ROWS_READ) return 0;
  if (rows == POSTGRES_ROWS_FAILED) return postgres_failed(store, error);
  return postgres_damaged(store, "it holds a value that nightshift never writes", error);
}

static int read_rows(struct postgres_store *store, enum postgres_statement_id id,
                     const char *const *values, int count, enum table_id table,
                     struct row_memory *memory, struct error *error) {
  struct reading reading = {.memory = memory, .table = table};
  return told(store, postgres_each_row(store, id, values, count, add_row, &reading), error);
}

/* ---- everything ---- */

/* How many changes there were, from 1: 0 is "not known". */
static uint64_t version_of(const PGresult *result, int field) {
  return strtoull(PQgetvalue(result, 0, field), NULL, 10) + 1;
}

bool postgres_version(struct store *base, uint64_t *version) {
  struct postgres_store *store = (struct postgres_store *)base;
  if (postgres_ready(store, NULL) != 0) return false;
  PGresult *result = postgres_run(store, POSTGRES_CHANGES, NULL, 0);
  bool known = result != NULL && PQntuples(result) == 1;
  if (known) *version = version_of(result, 0);
  PQclear(result);
  if (!known) postgres_disconnect(store);
  return known;
}

static int read_highest(struct postgres_store *store, struct store_snapshot *snapshot,
                        struct error *error) {
  PGresult *result = postgres_run(store, POSTGRES_HIGHEST, NULL, 0);
  if (result == NULL) return postgres_failed(store, error);
  bool clock = PQgetisnull(result, 0, 0) == 0;
  snapshot->latest = atoll(PQgetvalue(result, 0, 0));
  snapshot->version = version_of(result, 1);
  snapshot->last_batch = atoll(PQgetvalue(result, 0, 2));
  snapshot->last_job = atoll(PQgetvalue(result, 0, 3));
  snapshot->last_attempt = atoll(PQgetvalue(result, 0, 4));
  PQclear(result);
  return clock ? 0 : postgres_damaged(store, "its clock is missing", error);
}

static int read_tables(struct postgres_store *store, struct row_memory *memory,
                       struct error *error) {
  static const enum table_id wanted[] = {TABLE_BATCH,    TABLE_JOB,       TABLE_ATTEMPT,
                                         TABLE_UPLOAD,   TABLE_ACCOUNT,   TABLE_STRANGER,
                                         TABLE_PROGRESS, TABLE_MODERATION};
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
    enum postgres_statement_id id = (enum postgres_statement_id)(POSTGRES_READ + (int)wanted[i]);
    int result = read_rows(store, id, NULL, 0, wanted[i], memory, error);
    if (result != 0) return result;
  }
  return 0;
}

static int read_everything(struct postgres_store *store, struct store_snapshot *snapshot,
                           struct row_memory *memory, struct error *error) {
  if (!postgres_execute(store, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    return postgres_failed(store, error);
  int result = read_highest(store, snapshot, error);
  if (result == 0) result = read_tables(store, memory, error);
  if (result != 0) return result;
  return postgres_execute(store, "COMMIT") ? 0 : postgres_failed(store, error);
}

int postgres_load(struct store *base, struct store_snapshot *snapshot, struct error *error) {
  struct postgres_store *store = (struct postgres_store *)base;
  int result = postgres_ready(store, error);
  if (result != 0) return result;
  struct store_snapshot found = {0};
  struct row_memory *memory = row_memory_new();
  result = read_everything(store, &found, memory, error);
  if (result != 0) {
    row_memory_free(memory);
    return result;
  }
  snapshot_finish(&found, memory);
  *snapshot = found;
  return 0;
}

/* ---- parts ---- */

/* Rows of one table by one statement with up to two numbers. NULL: see the result. */
static struct row_memory *read_part(struct store *base, enum postgres_statement_id id,
                                    int64_t first, int64_t second, int count, enum table_id table,
                                    int *result, struct error *error) {
  struct postgres_store *store = (struct postgres_store *)base;
  struct arena arena;
  *result = postgres_ready(store, error);
  if (*result != 0) return NULL;
  arena_init(&arena);
  const char *const values[] = {arena_printf(&arena, "%lld", (long long)first),
                                arena_printf(&arena, "%lld", (long long)second)};
  struct row_memory *memory = row_memory_new();
  *result = read_rows(store, id, values, count, table, memory, error);
  arena_release(&arena);
  if (*result == 0) return memory;
  row_memory_free(memory);
  return NULL;
}

int postgres_load_history(struct store *base, job_id job, struct store_history *history,
                          struct error *error) {
  int result;
  struct row_memory *memory =
      read_part(base, POSTGRES_HISTORY, job, 0, 1, TABLE_EVENT, &result, error);
  if (memory != NULL) history_finish(history, memory);
  return result;
}

int postgres_load_attempts(struct store *base, batch_id batch, time_ms since,
                           struct store_attempts *attempts, struct error *error) {
  int result;
  struct row_memory *memory =
      read_part(base, POSTGRES_ATTEMPTS, batch, since, 2, TABLE_ATTEMPT, &result, error);
  if (memory != NULL) attempts_finish(attempts, memory);
  return result;
}

int postgres_load_requests(struct store *base, int64_t id, struct store_requests *requests,
                           struct error *error) {
  enum postgres_statement_id open_ones =
      (enum postgres_statement_id)(POSTGRES_READ + (int)TABLE_REQUEST);
  struct postgres_store *store = (struct postgres_store *)base;
  int result = postgres_ready(store, error);
  if (result == 0 && base->writable) result = postgres_writer_show(store, error);
  if (result != 0) return result;
  struct row_memory *memory = read_part(base, id == 0 ? open_ones : POSTGRES_FIND_REQUEST, id, 0,
                                        id == 0 ? 0 : 1, TABLE_REQUEST, &result, error);
  if (memory != NULL) requests_finish(requests, memory);
  return result;
}

struct counting {
  const struct job_place *index;
  size_t count;
  int64_t *numbers;
};

static bool raise(void *context, const PGresult *row, int at) {
  const struct counting *counting = context;
  job_index_raise(counting->index, counting->count, atoll(PQgetvalue(row, at, 0)),
                  atoll(PQgetvalue(row, at, 1)), counting->numbers);
  return true;
}

int postgres_event_counts(struct store *base, const struct store_snapshot *snapshot,
                          int64_t *numbers, struct error *error) {
  struct postgres_store *store = (struct postgres_store *)base;
  int result = postgres_ready(store, error);
  if (result != 0) return result;
  for (size_t i = 0; i < snapshot->job_count; i++)
    numbers[i] = 0;
  struct job_place *index = job_index_new(snapshot);
  struct counting counting = {.index = index, .count = snapshot->job_count, .numbers = numbers};
  enum postgres_rows rows =
      postgres_each_row(store, POSTGRES_EVENT_COUNTS, NULL, 0, raise, &counting);
  free(index);
  return told(store, rows, error);
}

/* ---- clips ---- */

static bool give_paths(struct postgres_store *store, const char *const *paths, size_t count) {
  struct arena arena;
  bool good = true;
  arena_init(&arena);
  for (size_t i = 0; good && i < count; i++) {
    const char *path = postgres_text_out(paths[i], &arena);
    good = postgres_many_give(store, POSTGRES_FIND_CLIP, &path, 1);
  }
  arena_release(&arena);
  return good;
}

static int read_clips(struct store *base, const char *const *paths, size_t count,
                      struct row_memory *memory, struct error *error) {
  struct postgres_store *store = (struct postgres_store *)base;
  struct reading reading = {.memory = memory, .table = TABLE_CLIP};
  if (!postgres_prepare(store, POSTGRES_FIND_CLIP) || !postgres_many_begin(store) ||
      !give_paths(store, paths, count) || !postgres_many_sent(store))
    return postgres_failed(store, error);
  for (size_t i = 0; i < count; i++) {
    PGresult *result = postgres_many_next(store);
    if (result == NULL) return postgres_failed(store, error);
    bool good = PQntuples(result) == 0 || add_row(&reading, result, 0);
    PQclear(result);
    if (!good) return told(store, POSTGRES_ROWS_DAMAGED, error);
  }
  return postgres_many_end(store) ? 0 : postgres_failed(store, error);
}

int postgres_find_clips(struct store *base, const char *const *paths, size_t count,
                        struct store_clips *clips, struct error *error) {
  struct postgres_store *store = (struct postgres_store *)base;
  int result = postgres_ready(store, error);
  if (result != 0) return result;
  return clips_find(base, read_clips, paths, count, POSTGRES_AT_ONCE, clips, error);
}
