/* Tables of at most 80 columns: aligned, long cells cut with "…", and a note per row that stands at
 * its end when it fits and else below it, wrapped. */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include <stdbool.h>

#include "util/arena.h"
#include "util/buffer.h"

#define TABLE_WIDTH       80
#define TABLE_COLUMNS_MAX 8

struct table_column {
  const char *title;
  size_t most; /* columns of a terminal */
  bool right;
};

struct table_row {
  const char *cells[TABLE_COLUMNS_MAX]; /* NULL is "-" */
  const char *note;                     /* NULL: none */
  const char *color;                    /* of the second cell, the state; "" none */
};

struct table {
  const struct table_column *columns;
  size_t column_count;
  struct table_row *rows;
  size_t row_count;
};

/* Room for `rows` rows from `arena`. */
void table_init(struct table *table, struct arena *arena, const struct table_column *columns,
                size_t column_count, size_t rows);
/* The next row, to be filled in; strings are not copied. */
struct table_row *table_add(struct table *table);
void table_print(const struct table *table, bool color, struct buffer *out);

/* `text` in lines of at most TABLE_WIDTH columns, each begun with `indent` spaces; words longer
 * than a line stay whole. Ends with a newline. */
void table_wrap(struct buffer *out, const char *text, size_t indent);

#endif
