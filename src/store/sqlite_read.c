/* Reading from SQLite: everything is copied out in one short transaction, so that no lock is held
 * while anybody prints. */
#include <stdlib.h>
#include <string.h>

#include "store/snapshot.h"
#include "store/sqlite.h"

/* Clips looked up before others get their turn at the state: some milliseconds. */
#define CLIPS_AT_ONCE ((size_t)1000)

/* `before` is the row before this one, NULL: there is none. */
static bool read_column(sqlite3_stmt *statement, int at, const struct column *column, void *row,
                        const void *before, struct row_memory *memory) {
  if (!column_is_text(column))
    return column_set_number(column, row, sqlite3_column_int64(statement, at));
  const char *text = (const char *)sqlite3_column_text(statement, at);
  if (column->type == COLUMN_TEXT) text = row_text(memory, column, text, before);
  return column_set_text(column, row, text);
}

/* False: a value is none that we write. */
static bool read_row(sqlite3_stmt *statement, const struct table *table, void *row,
                     const void *before, struct row_memory *memory) {
  for (size_t i = 0; i < table->column_count; i++)
    if (!read_column(statement, (int)i, &table->columns[i], row, before, memory)) return false;
  return true;
}

/* Steps through all rows of a statement that selects whole rows of the table. */
static int read_rows(struct sqlite_store *store, sqlite3_stmt *statement, enum table_id table,
                     struct row_memory *memory, struct error *error) {
  if (statement == NULL) return sqlite_failed(store, error);
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    bool first = memory->lists[table].count == 0;
    char *row = row_memory_add(memory, table);
    const void *before = first ? NULL : row - table_at(table)->row_size;
    if (!read_row(statement, table_at(table), row, before, memory))
      return sqlite_damaged(store, "it holds a value that nightshift never writes", error);
  }
  return code == SQLITE_DONE ? 0 : sqlite_failed(store, error);
}

static int read_number(struct sqlite_store *store, enum statement_id id, int64_t *number,
                       struct error *error) {
  sqlite3_stmt *statement = sqlite_statement(store, id);
  if (statement == NULL) return sqlite_failed(store, error);
  int code = sqlite3_step(statement);
  if (code == SQLITE_DONE) return sqlite_damaged(store, "its clock is missing", error);
  if (code != SQLITE_ROW) return sqlite_failed(store, error);
  *number = sqlite3_column_int64(statement, 0); /* NULL, of an empty table, reads as 0 */
  sqlite3_reset(
      statement); /* a statement that has not come to its end keeps the transaction open */
  return 0;
}

static int read_tables(struct sqlite_store *store, struct row_memory *memory, struct error *error) {
  static const enum table_id wanted[] = {TABLE_BATCH,    TABLE_JOB,       TABLE_ATTEMPT,
                                         TABLE_UPLOAD,   TABLE_ACCOUNT,   TABLE_STRANGER,
                                         TABLE_PROGRESS, TABLE_MODERATION};
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
    sqlite3_stmt *statement =
        sqlite_statement(store, (enum statement_id)(STATEMENT_READ + (int)wanted[i]));
    int result = read_rows(store, statement, wanted[i], memory, error);
    if (result != 0) return result;
  }
  return 0;
}

/* The file's change counter, which every transaction that writes raises: "Database File Format" on
 * sqlite.org, section 1.3.9. Inside of a transaction nobody else changes it. */
static bool read_version(struct sqlite_store *store, uint64_t *version) {
  sqlite3_file *file = NULL;
  unsigned char bytes[4];
  if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      file == NULL || file->pMethods == NULL ||
      file->pMethods->xRead(file, bytes, sizeof bytes, 24) != SQLITE_OK)
    return false;
  *version = UINT64_C(1) << 32 | (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
             (uint32_t)bytes[2] << 8 | bytes[3];
  return true;
}

bool sqlite_version(struct store *base, uint64_t *version) {
  struct sqlite_store *store = (struct sqlite_store *)base;
  int64_t latest; /* reading begins the transaction */
  bool known = sqlite_ready(store, NULL) == 0 && sqlite_run(store, STATEMENT_BEGIN) &&
               read_number(store, STATEMENT_CLOCK, &latest, NULL) == 0 &&
               read_version(store, version) && sqlite_run(store, STATEMENT_COMMIT);
  if (!known && store->db != NULL) sqlite_disconnect(store);
  return known;
}

static int read_everything(struct sqlite_store *store, struct store_snapshot *snapshot,
                           struct row_memory *memory, struct error *error) {
  if (!sqlite_run(store, STATEMENT_BEGIN)) return sqlite_failed(store, error);
  int result = read_number(store, STATEMENT_CLOCK, &snapshot->latest, error);
  if (result == 0 && !read_version(store, &snapshot->version)) snapshot->version = 0;
  if (result == 0) result = read_number(store, STATEMENT_LAST_BATCH, &snapshot->last_batch, error);
  if (result == 0) result = read_number(store, STATEMENT_LAST_JOB, &snapshot->last_job, error);
  if (result == 0)
    result = read_number(store, STATEMENT_LAST_ATTEMPT, &snapshot->last_attempt, error);
  if (result == 0) result = read_tables(store, memory, error);
  if (result != 0) return result;
  return sqlite_run(store, STATEMENT_COMMIT) ? 0 : sqlite_failed(store, error);
}

int sqlite_load(struct store *base, struct store_snapshot *snapshot, struct error *error) {
  struct sqlite_store *store = (struct sqlite_store *)base;
  int result = sqlite_ready(store, error);
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

int sqlite_load_history(struct store *base, job_id job, struct store_history *history,
                        struct error *error) {
  struct sqlite_store *store = (struct sqlite_store *)base;
  int result = sqlite_ready(store, error);
  if (result != 0) return result;
  sqlite3_stmt *statement = sqlite_statement(store, STATEMENT_HISTORY);
  if (statement == NULL || sqlite3_bind_int64(statement, 1, job) != SQLITE_OK)
    return sqlite_failed(store, error);
  struct row_memory *memory = row_memory_new();
  result = read_rows(store, statement, TABLE_EVENT, memory, error);
  if (result != 0)
    row_memory_free(memory);
  else
    history_finish(history, memory);
  return result;
}

int sqlite_load_attempts(struct store *base, batch_id batch, time_ms since,
                         struct store_attempts *attempts, struct error *error) {
  struct sqlite_store *store = (struct sqlite_store *)base;
  int result = sqlite_ready(store, error);
  if (result != 0) return result;
  sqlite3_stmt *statement = sqlite_statement(store, STATEMENT_ATTEMPTS);
  if (statement == NULL || sqlite3_bind_int64(statement, 1, batch) != SQLITE_OK ||
      sqlite3_bind_int64(statement, 2, since) != SQLITE_OK)
    return sqlite_failed(store, error);
  struct row_memory *memory = row_memory_new();
  result = read_rows(store, statement, TABLE_ATTEMPT, memory, error);
  if (result != 0)
    row_memory_free(memory);
  else
    attempts_finish(attempts, memory);
  return result;
}

static int read_event_counts(struct sqlite_store *store, const struct job_place *index,
                             size_t count, int64_t *numbers, struct error *error) {
  sqlite3_stmt *statement = sqlite_statement(store, STATEMENT_EVENT_COUNTS);
  if (statement == NULL) return sqlite_failed(store, error);
  int code;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW)
    job_index_raise(index, count, sqlite3_column_int64(statement, 0),
                    sqlite3_column_int64(statement, 1), numbers);
  return code == SQLITE_DONE ? 0 : sqlite_failed(store, error);
}

int sqlite_event_counts(struct store *base, const struct store_snapshot *snapshot, int64_t *numbers,
                        struct error *error) {
  struct sqlite_store *store = (struct sqlite_store *)base;
  int result = sqlite_ready(store, error);
  if (result != 0) return result;
  for (size_t i = 0; i < snapshot->job_count; i++)
    numbers[i] = 0;
  struct job_place *index = job_index_new(snapshot);
  result = read_event_counts(store, index, snapshot->job_count, numbers, error);
  free(index);
  return result;
}

/* The clips of `paths` that are known, in one short transaction. */
static int read_clips(struct store *base, const char *const *paths, size_t count,
                      struct row_memory *memory, struct error *error) {
  struct sqlite_store *store = (struct sqlite_store *)base;
  if (!sqlite_run(store, STATEMENT_BEGIN)) return sqlite_failed(store, error);
  for (size_t i = 0; i < count; i++) {
    sqlite3_stmt *statement = sqlite_statement(store, STATEMENT_FIND_CLIP);
    if (statement == NULL ||
        sqlite3_bind_text(statement, 1, paths[i], -1, SQLITE_TRANSIENT) != SQLITE_OK)
      return sqlite_failed(store, error);
    int result = read_rows(store, statement, TABLE_CLIP, memory, error);
    if (result != 0) return result;
  }
  return sqlite_run(store, STATEMENT_COMMIT) ? 0 : sqlite_failed(store, error);
}

int sqlite_find_clips(struct store *base, const char *const *paths, size_t count,
                      struct store_clips *clips, struct error *error) {
  struct sqlite_store *store = (struct sqlite_store *)base;
  int result = sqlite_ready(store, error);
  if (result != 0) return result;
  return clips_find(base, read_clips, paths, count, CLIPS_AT_ONCE, clips, error);
}

int sqlite_load_requests(struct store *base, int64_t id, struct store_requests *requests,
                         struct error *error) {
  struct sqlite_store *store = (struct sqlite_store *)base;
  int result = sqlite_ready(store, error);
  if (result != 0) return result;
  sqlite3_stmt *statement =
      sqlite_statement(store, id == 0 ? (enum statement_id)(STATEMENT_READ + (int)TABLE_REQUEST)
                                      : STATEMENT_FIND_REQUEST);
  if (statement == NULL || (id != 0 && sqlite3_bind_int64(statement, 1, id) != SQLITE_OK))
    return sqlite_failed(store, error);
  struct row_memory *memory = row_memory_new();
  result = read_rows(store, statement, TABLE_REQUEST, memory, error);
  if (result != 0)
    row_memory_free(memory);
  else
    requests_finish(requests, memory);
  return result;
}
