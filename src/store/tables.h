/* What a record looks like as a row: each table's columns, their types and parts, where they lie in
 * the record's struct. The kinds of store read, write and compare rows by this description alone,
 * so that a new column is one line here and one migration in schema.c. */
#ifndef STORE_TABLES_H
#define STORE_TABLES_H

#include "nightshift/record.h"

enum column_type {
  COLUMN_INT64,
  COLUMN_INT32,
  COLUMN_BOOL,
  COLUMN_TEXT,
  /* enums, stored as their printed names */
  COLUMN_JOB_STATE,
  COLUMN_ATTEMPT_STATE,
  COLUMN_ACCOUNT_STATE,
  COLUMN_EXPLORE_MODE,
  COLUMN_LOG_EVENT
};

/* The part of a row that a column belongs to. */
enum column_part {
  PART_KEY = 1,   /* says which row it is */
  PART_FIXED = 2, /* given when the row is made; another value later is refused */
  PART_SPEC = 4,
  PART_STATE = 8
};
#define PART_ALL 15u

enum table_id {
  TABLE_BATCH,
  TABLE_JOB,
  TABLE_ATTEMPT,
  TABLE_UPLOAD,
  TABLE_ACCOUNT,
  TABLE_STRANGER,
  TABLE_EVENT,
  TABLE_PROGRESS,
  TABLE_REQUEST,
  TABLE_CLIP,
  TABLE_MODERATION,
  TABLE_COUNT
};

struct column {
  const char *name; /* in the table and in the struct */
  enum column_type type;
  enum column_part part;
  size_t offset;
  bool required;        /* a text that is never NULL; an id that is never 0 */
  bool has_parent;      /* the id of a row of `parent`, which must be there */
  enum table_id parent; /* TABLE_BATCH or TABLE_JOB, whose key is `id` */
};

struct table {
  const char *name;
  size_t row_size;
  const struct column *columns;
  size_t column_count;
};

const struct table *table_at(enum table_id id);

#define RECORD_KIND_COUNT ((int)RECORD_CLIP + 1)
enum table_id record_table(enum record_kind kind);
/* Which parts a record of this kind writes; PART_KEY always. */
unsigned record_parts(enum record_kind kind);
/* RECORD_JOB_SPEC, RECORD_JOB_STATE and RECORD_REQUEST_ANSWER: the row must be there. */
bool record_is_update(enum record_kind kind);
/* The struct inside the record. */
const void *record_row(const struct record *record);
/* Ends the program when a required value of the record is missing: a fault of our own. */
void record_check(const struct record *record);

bool column_is_text(const struct column *column); /* texts and enums */
/* The value in a row: a text (NULL allowed; an enum's name) or a number. */
const char *column_text(const struct column *column, const void *row);
int64_t column_number(const struct column *column, const void *row);
/* Sets the value; false when it is no value of this type. The text is not copied. */
bool column_set_text(const struct column *column, void *row, const char *text);
bool column_set_number(const struct column *column, void *row, int64_t number);
/* Copies the value of one column from row to row; a text stays the owner's. */
void column_copy(const struct column *column, void *to, const void *from);
bool column_equal(const struct column *column, const void *a, const void *b);

/* Orders two rows of a table by their key. */
int row_compare(const struct table *table, const void *a, const void *b);
/* How many bytes the texts of a row take, and: puts copies of them at `space` and lets the row
 * point there. */
size_t row_texts_size(const struct table *table, const void *row);
void row_move_texts(const struct table *table, void *row, char *space);

/* Whether reports are given this column of an attempt: all but the texts that only settling needs.
 */
bool attempt_text_is_reported(const struct column *column);

#endif
