/* Writing to SQLite: one transaction per group, whole or not at all. */
#include <stdio.h>

#include "store/sqlite.h"

static bool bind_column(sqlite3_stmt *statement, int at, const struct column *column,
                        const void *row) {
  if (!column_is_text(column))
    return sqlite3_bind_int64(statement, at, column_number(column, row)) == SQLITE_OK;
  const char *text = column_text(column, row);
  if (text == NULL) return sqlite3_bind_null(statement, at) == SQLITE_OK;
  /* The group outlives the step, and everything is bound again before the next. */
  return sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC) == SQLITE_OK;
}

static bool bind_record(sqlite3_stmt *statement, const struct record *record) {
  const struct table *table = table_at(record_table(record->kind));
  unsigned parts = record_parts(record->kind);
  int number = 0;
  for (size_t i = 0; i < table->column_count; i++) {
    const struct column *column = &table->columns[i];
    if ((column->part & parts) == 0) continue;
    if (!bind_column(statement, ++number, column, record_row(record))) return false;
  }
  return true;
}

/* No row was written: it is missing, or it is another's. */
static int refused(struct sqlite_store *store, const struct record *record, struct error *error) {
  const struct table *table = table_at(record_table(record->kind));
  const struct column *key = &table->columns[0];
  char what[160];
  snprintf(what, sizeof what, "the %s with %s %lld is %s", table->name, key->name,
           (long long)column_number(key, record_row(record)),
           record_is_update(record->kind) ? "missing" : "there with another identity");
  return sqlite_damaged(store, what, error);
}

static int write_record(struct sqlite_store *store, const struct record *record,
                        struct error *error) {
  sqlite3_stmt *statement =
      sqlite_statement(store, (enum statement_id)(STATEMENT_WRITE + (int)record->kind));
  if (statement == NULL || !bind_record(statement, record) ||
      sqlite3_step(statement) != SQLITE_DONE)
    return sqlite_failed(store, error);
  /* Only an update of a missing row, or fixed columns that differ, change nothing; both are in
   * tables whose key is one number. */
  if (sqlite3_changes(store->db) != 1) return refused(store, record, error);
  return 0;
}

static int write_clock(struct sqlite_store *store, time_ms now, struct error *error) {
  sqlite3_stmt *statement = sqlite_statement(store, STATEMENT_CLOCK_SET);
  if (statement == NULL || sqlite3_bind_int64(statement, 1, now) != SQLITE_OK ||
      sqlite3_step(statement) != SQLITE_DONE)
    return sqlite_failed(store, error);
  if (sqlite3_changes(store->db) != 1) return sqlite_damaged(store, "its clock is missing", error);
  return 0;
}

int sqlite_commit(struct store *base, time_ms now, const struct record *records, size_t count,
                  struct error *error) {
  struct sqlite_store *store = (struct sqlite_store *)base;
  int result = sqlite_ready(store, error);
  if (result != 0) return result;
  if (!sqlite_run(store, STATEMENT_BEGIN_WRITE)) return sqlite_failed(store, error);
  for (size_t i = 0; i < count; i++) {
    result = write_record(store, &records[i], error);
    if (result != 0) return result;
  }
  result = write_clock(store, now, error);
  if (result != 0) return result;
  return sqlite_run(store, STATEMENT_COMMIT) ? 0 : sqlite_failed(store, error);
}

static bool bind_request(sqlite3_stmt *statement, const struct request_record *request) {
  const char *const texts[] = {request->verb, request->batch, request->pattern, request->account,
                               request->flags};
  for (int i = 0; i < 5; i++)
    if (sqlite3_bind_text(statement, i + 1, texts[i], -1, SQLITE_STATIC) != SQLITE_OK) return false;
  return sqlite3_bind_int64(statement, 6, request->asked) == SQLITE_OK;
}

static bool forget_requests(struct sqlite_store *store, time_ms before) {
  sqlite3_stmt *statement = sqlite_statement(store, STATEMENT_FORGET_REQUESTS);
  return statement != NULL && sqlite3_bind_int64(statement, 1, before) == SQLITE_OK &&
         sqlite3_step(statement) == SQLITE_DONE;
}

static bool add_request(struct sqlite_store *store, const struct request_record *request) {
  sqlite3_stmt *statement = sqlite_statement(store, STATEMENT_GIVE_REQUEST);
  return statement != NULL && bind_request(statement, request) &&
         sqlite3_step(statement) == SQLITE_DONE;
}

int sqlite_give_request(struct store *base, const struct request_record *request, int64_t *id,
                        struct error *error) {
  struct sqlite_store *store = (struct sqlite_store *)base;
  int result = sqlite_ready(store, error);
  if (result != 0) return result;
  if (!sqlite_run(store, STATEMENT_BEGIN_WRITE) ||
      !forget_requests(store, request->asked - STORE_REQUESTS_KEPT_MS) ||
      !add_request(store, request) || !sqlite_run(store, STATEMENT_COMMIT))
    return sqlite_failed(store, error);
  *id = sqlite3_last_insert_rowid(store->db);
  return 0;
}
