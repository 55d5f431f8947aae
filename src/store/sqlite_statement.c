/* The statements of the SQLite store, prepared once. */
#include "store/sql.h"
#include "store/sqlite.h"
#include "util/buffer.h"
#include "util/check.h"

static const char *const fixed_sql[STATEMENT_WRITE] = {
    [STATEMENT_BEGIN] = "BEGIN",
    [STATEMENT_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_CLOCK_SET] = "UPDATE meta SET value = max(value, ?1) WHERE name = 'latest'",
    [STATEMENT_CLOCK] = "SELECT value FROM meta WHERE name = 'latest'",
    [STATEMENT_LAST_BATCH] = "SELECT max(id) FROM batch",
    [STATEMENT_LAST_JOB] = "SELECT max(id) FROM job",
    [STATEMENT_LAST_ATTEMPT] = "SELECT max(id) FROM attempt",
    [STATEMENT_GIVE_REQUEST] =
        "INSERT INTO request (verb, batch, pattern, account, flags, asked, answered, status)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0)",
    [STATEMENT_FORGET_REQUESTS] = "DELETE FROM request WHERE answered <> 0 AND answered < ?1",
    [STATEMENT_EVENT_COUNTS] = "SELECT job, max(number) FROM event GROUP BY job",
};

static void append_statement(struct buffer *sql, enum statement_id id) {
  if (id >= STATEMENT_READ) {
    enum table_id table = (enum table_id)(id - STATEMENT_READ);
    sql_read(sql, &sql_sqlite, table, sql_wanted(table));
  } else if (id >= STATEMENT_WRITE) {
    sql_write(sql, &sql_sqlite, (enum record_kind)(id - STATEMENT_WRITE));
  } else if (id == STATEMENT_HISTORY) {
    sql_read(sql, &sql_sqlite, TABLE_EVENT, " WHERE job = ?1");
  } else if (id == STATEMENT_ATTEMPTS) {
    sql_attempts(sql, &sql_sqlite);
  } else if (id == STATEMENT_FIND_CLIP) {
    sql_read(sql, &sql_sqlite, TABLE_CLIP, " WHERE path = ?1");
  } else if (id == STATEMENT_FIND_REQUEST) {
    sql_read(sql, &sql_sqlite, TABLE_REQUEST, " WHERE id = ?1");
  } else {
    buffer_text(sql, fixed_sql[id]);
  }
}

sqlite3_stmt *sqlite_statement(struct sqlite_store *store, enum statement_id id) {
  sqlite3_stmt *statement = store->statements[id];
  if (statement != NULL) {
    sqlite3_reset(statement); /* its result repeats the failure that was told by the step */
    return statement;
  }
  struct buffer sql;
  buffer_init(&sql, 16384);
  append_statement(&sql, id);
  CHECK(!sql.overflowed);
  int code = sqlite3_prepare_v3(store->db, buffer_string(&sql), -1, SQLITE_PREPARE_PERSISTENT,
                                &store->statements[id], NULL);
  buffer_release(&sql);
  return code == SQLITE_OK ? store->statements[id] : NULL;
}

bool sqlite_run(struct sqlite_store *store, enum statement_id id) {
  sqlite3_stmt *statement = sqlite_statement(store, id);
  if (statement == NULL || sqlite3_step(statement) != SQLITE_DONE) return false;
  return sqlite3_reset(statement) == SQLITE_OK;
}
