/* The statements of the SQLite store: made from the description of the tables, prepared once. */
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

/* Writes `pattern` for every column of `parts`, with C for its name and # for its parameter, whose
 * number is the column's place in the table, from 1, in every statement. */
static void append_columns(struct buffer *sql, const struct table *table, unsigned parts,
                           const char *pattern, const char *separator) {
  const char *between = "";
  for (size_t i = 0; i < table->column_count; i++) {
    if ((table->columns[i].part & parts) == 0) continue;
    buffer_text(sql, between);
    between = separator;
    for (const char *at = pattern; *at != '\0'; at++) {
      if (*at == 'C')
        buffer_text(sql, table->columns[i].name);
      else if (*at == '#')
        buffer_printf(sql, "?%zu", i + 1);
      else
        buffer_append(sql, at, 1);
    }
  }
}

static void append_update(struct buffer *sql, const struct table *table, unsigned parts) {
  buffer_printf(sql, "UPDATE %s SET ", table->name);
  append_columns(sql, table, parts & ~(unsigned)PART_KEY, "C = #", ", ");
  buffer_text(sql, " WHERE ");
  append_columns(sql, table, PART_KEY, "C = #", " AND ");
}

/* Fixed columns are compared, not set: a row is never turned into another's, and their indices stay
 * untouched when the rest changes. */
static void append_upsert(struct buffer *sql, const struct table *table) {
  buffer_printf(sql, "INSERT INTO %s (", table->name);
  append_columns(sql, table, PART_ALL, "C", ", ");
  buffer_text(sql, ") VALUES (");
  append_columns(sql, table, PART_ALL, "#", ", ");
  buffer_text(sql, ") ON CONFLICT (");
  append_columns(sql, table, PART_KEY, "C", ", ");
  buffer_text(sql, ") DO UPDATE SET ");
  append_columns(sql, table, PART_SPEC | PART_STATE, "C = excluded.C", ", ");
  buffer_text(sql, " WHERE true");
  append_columns(sql, table, PART_FIXED, " AND C = excluded.C", "");
}

static void append_select(struct buffer *sql, const struct table *table, const char *rest) {
  buffer_text(sql, "SELECT ");
  append_columns(sql, table, PART_ALL, "C", ", ");
  buffer_printf(sql, " FROM %s%s", table->name, rest);
}

/* Without the texts that a report has no use for: they are most of an attempt's bytes. */
static void append_attempts(struct buffer *sql) {
  const struct table *table = table_at(TABLE_ATTEMPT);
  for (size_t i = 0; i < table->column_count; i++)
    buffer_printf(sql, "%s%s", i == 0 ? "SELECT " : ", ",
                  attempt_text_is_reported(&table->columns[i]) ? table->columns[i].name : "NULL");
  buffer_text(sql, " FROM attempt WHERE (?1 = 0 OR job IN (SELECT id FROM job WHERE batch = ?1))"
                   " AND max(opened, settled, task_ended) >= ?2 ORDER BY id");
}

static void append_read(struct buffer *sql, enum table_id table) {
  const char *rest = table == TABLE_ATTEMPT   ? " WHERE state <> 'not-sent' ORDER BY id"
                     : table == TABLE_REQUEST ? " WHERE answered = 0 ORDER BY id"
                                              : "";
  append_select(sql, table_at(table), rest);
}

static void append_statement(struct buffer *sql, enum statement_id id) {
  if (id >= STATEMENT_READ) {
    append_read(sql, (enum table_id)(id - STATEMENT_READ));
  } else if (id >= STATEMENT_WRITE) {
    enum record_kind kind = (enum record_kind)(id - STATEMENT_WRITE);
    const struct table *table = table_at(record_table(kind));
    if (record_is_update(kind))
      append_update(sql, table, record_parts(kind));
    else
      append_upsert(sql, table);
  } else if (id == STATEMENT_HISTORY) {
    append_select(sql, table_at(TABLE_EVENT), " WHERE job = ?1");
  } else if (id == STATEMENT_ATTEMPTS) {
    append_attempts(sql);
  } else if (id == STATEMENT_FIND_CLIP) {
    append_select(sql, table_at(TABLE_CLIP), " WHERE path = ?1");
  } else if (id == STATEMENT_FIND_REQUEST) {
    append_select(sql, table_at(TABLE_REQUEST), " WHERE id = ?1");
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
