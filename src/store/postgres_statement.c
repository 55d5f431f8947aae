/* The statements of the PostgreSQL store. */
#include "store/postgres.h"
#include "store/sql.h"

static const char *const fixed_sql[POSTGRES_WRITE] = {
    [POSTGRES_BEGIN] = "BEGIN",
    [POSTGRES_CLOCK_SET] =
        "UPDATE meta SET value = CASE name WHEN 'latest' THEN greatest(value, $1) ELSE value + 1"
        " END WHERE name IN ('latest', 'changes')",
    [POSTGRES_CHANGES] = "SELECT value FROM meta WHERE name = 'changes'",
    [POSTGRES_HIGHEST] = "SELECT (SELECT value FROM meta WHERE name = 'latest'),"
                         " (SELECT value FROM meta WHERE name = 'changes'),"
                         " coalesce((SELECT max(id) FROM batch), 0),"
                         " coalesce((SELECT max(id) FROM job), 0),"
                         " coalesce((SELECT max(id) FROM attempt), 0)",
    [POSTGRES_EVENT_COUNTS] = "SELECT job, max(number) FROM event GROUP BY job",
    [POSTGRES_GIVE_REQUEST] =
        "INSERT INTO request (verb, batch, pattern, account, flags, asked, answered, status)"
        " VALUES ($1, $2, $3, $4, $5, $6, 0, 0) RETURNING id",
    [POSTGRES_FORGET_REQUESTS] = "DELETE FROM request WHERE answered <> 0 AND answered < $1",
    [POSTGRES_WRITER_READ] =
        "SELECT number, ended, (extract(epoch FROM clock_timestamp() - seen) * 1000)::bigint,"
        " place, shown FROM writer",
    [POSTGRES_WRITER_TAKE] =
        "UPDATE writer SET number = number + 1, ended = 0, seen = clock_timestamp(),"
        " stray = greatest(stray, clock_timestamp() + $3::bigint * interval '1 ms'),"
        " place = $1, shown = $2 RETURNING number,"
        " greatest(0, ceil(extract(epoch FROM stray - clock_timestamp()) * 1000))::bigint",
    [POSTGRES_WRITER_SEEN] =
        "UPDATE writer SET seen = clock_timestamp() WHERE number = $1 AND ended = 0",
    [POSTGRES_WRITER_ENDS] = "UPDATE writer SET ended = 1 WHERE number = $1",
};

void postgres_statement_text(struct buffer *sql, enum postgres_statement_id id) {
  if (id >= POSTGRES_READ) {
    enum table_id table = (enum table_id)(id - POSTGRES_READ);
    sql_read(sql, &sql_postgres, table, sql_wanted(table));
  } else if (id >= POSTGRES_WRITE) {
    sql_write(sql, &sql_postgres, (enum record_kind)(id - POSTGRES_WRITE));
  } else if (id == POSTGRES_HISTORY) {
    sql_read(sql, &sql_postgres, TABLE_EVENT, " WHERE job = $1");
  } else if (id == POSTGRES_ATTEMPTS) {
    sql_attempts(sql, &sql_postgres);
  } else if (id == POSTGRES_FIND_CLIP) {
    sql_read(sql, &sql_postgres, TABLE_CLIP, " WHERE path = $1");
  } else if (id == POSTGRES_FIND_REQUEST) {
    sql_read(sql, &sql_postgres, TABLE_REQUEST, " WHERE id = $1");
  } else {
    buffer_text(sql, fixed_sql[id]);
  }
}
