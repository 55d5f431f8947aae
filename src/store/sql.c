#include "store/sql.h"

const struct sql_dialect sql_sqlite = {.parameter = '?', .quote = "", .highest = "max"};
const struct sql_dialect sql_postgres = {.parameter = '$', .quote = "\"", .highest = "greatest"};

/* Writes `pattern` for every column of `parts`, with C for its name and # for its parameter; the
 * parameters of `numbered` have numbers. */
static void append_columns(struct buffer *sql, const struct sql_dialect *dialect,
                           const struct table *table, unsigned parts, unsigned numbered,
                           const char *pattern, const char *separator) {
  const char *between = "";
  int number = 0;
  for (size_t i = 0; i < table->column_count; i++) {
    const struct column *column = &table->columns[i];
    if ((column->part & numbered) != 0) number++;
    if ((column->part & parts) == 0) continue;
    buffer_text(sql, between);
    between = separator;
    for (const char *at = pattern; *at != '\0'; at++) {
      if (*at == 'C')
        buffer_printf(sql, "%s%s%s", dialect->quote, column->name, dialect->quote);
      else if (*at == '#')
        buffer_printf(sql, "%c%d", dialect->parameter, number);
      else
        buffer_append(sql, at, 1);
    }
  }
}

static void append_update(struct buffer *sql, const struct sql_dialect *dialect,
                          const struct table *table, unsigned parts) {
  buffer_printf(sql, "UPDATE %s SET ", table->name);
  append_columns(sql, dialect, table, parts & ~(unsigned)PART_KEY, parts, "C = #", ", ");
  buffer_text(sql, " WHERE ");
  append_columns(sql, dialect, table, PART_KEY, parts, "C = #", " AND ");
}

/* Fixed columns are compared, not set: a row is never turned into another's, and their indices stay
 * untouched when the rest changes. */
static void append_upsert(struct buffer *sql, const struct sql_dialect *dialect,
                          const struct table *table) {
  buffer_printf(sql, "INSERT INTO %s AS present (", table->name);
  append_columns(sql, dialect, table, PART_ALL, PART_ALL, "C", ", ");
  buffer_text(sql, ") VALUES (");
  append_columns(sql, dialect, table, PART_ALL, PART_ALL, "#", ", ");
  buffer_text(sql, ") ON CONFLICT (");
  append_columns(sql, dialect, table, PART_KEY, PART_ALL, "C", ", ");
  buffer_text(sql, ") DO UPDATE SET ");
  append_columns(sql, dialect, table, PART_SPEC | PART_STATE, PART_ALL, "C = excluded.C", ", ");
  buffer_text(sql, " WHERE true");
  append_columns(sql, dialect, table, PART_FIXED, PART_ALL, " AND present.C = excluded.C", "");
}

void sql_write(struct buffer *sql, const struct sql_dialect *dialect, enum record_kind kind) {
  const struct table *table = table_at(record_table(kind));
  if (record_is_update(kind))
    append_update(sql, dialect, table, record_parts(kind));
  else
    append_upsert(sql, dialect, table);
}

void sql_read(struct buffer *sql, const struct sql_dialect *dialect, enum table_id table,
              const char *rest) {
  buffer_text(sql, "SELECT ");
  append_columns(sql, dialect, table_at(table), PART_ALL, PART_ALL, "C", ", ");
  buffer_printf(sql, " FROM %s%s", table_at(table)->name, rest);
}

const char *sql_wanted(enum table_id table) {
  if (table == TABLE_ATTEMPT) return " WHERE state <> 'not-sent' ORDER BY id";
  return table == TABLE_REQUEST ? " WHERE answered = 0 ORDER BY id" : "";
}

/* Without the texts that a report has no use for: they are most of an attempt's bytes. */
void sql_attempts(struct buffer *sql, const struct sql_dialect *dialect) {
  const struct table *table = table_at(TABLE_ATTEMPT);
  char sign = dialect->parameter;
  for (size_t i = 0; i < table->column_count; i++)
    buffer_printf(sql, "%s%s", i == 0 ? "SELECT " : ", ",
                  attempt_text_is_reported(&table->columns[i]) ? table->columns[i].name : "NULL");
  buffer_printf(sql,
                " FROM attempt WHERE (job IN (SELECT id FROM job WHERE batch = %c1) OR %c1 = 0)"
                " AND %s(opened, settled, task_ended) >= %c2 ORDER BY id",
                sign, sign, dialect->highest, sign);
}
