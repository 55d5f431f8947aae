/* SQL made from the description of the tables (tables.h), for every kind of store that speaks it.
 * Parameters are numbered from 1 without a gap, in the order of the table's columns. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include "store/tables.h"
#include "util/buffer.h"

struct sql_dialect {
  char parameter;      /* what a parameter's number follows: ?1, $1 */
  const char *quote;   /* around names; "" for none */
  const char *highest; /* the function that gives the highest of its arguments */
};
extern const struct sql_dialect sql_sqlite, sql_postgres;

/* Writes a record: parameters are the columns of record_parts(kind). An update of a row that is not
 * there, and a row whose fixed columns differ, change nothing. */
void sql_write(struct buffer *sql, const struct sql_dialect *dialect, enum record_kind kind);
/* Reads whole rows of a table; `rest` follows. */
void sql_read(struct buffer *sql, const struct sql_dialect *dialect, enum table_id table,
              const char *rest);
/* What a snapshot reads of a table; of requests, the open ones. */
const char *sql_wanted(enum table_id table);
/* Whole attempts for reports: parameter 1 is the batch (0: all), 2 the time since. */
void sql_attempts(struct buffer *sql, const struct sql_dialect *dialect);

#endif
