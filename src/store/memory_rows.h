/* The rows of a state in memory: put, found by key, and taken back.
 *
 * Rows are blocks of their own that are replaced, never changed. Every replacement is noted in a
 * journal until it is kept, so that a group goes in whole or not at all, and so that what a crash
 * left half done is there to be rolled back, as in a file. */
#ifndef STORE_MEMORY_ROWS_H
#define STORE_MEMORY_ROWS_H

#include "store/tables.h"
#include "util/buffer.h"
#include "util/map.h"

struct memory_table {
  void **rows; /* NULL: rolled back */
  size_t count, room;
  struct map places; /* key as text -> place in rows */
};

/* What may be there only once: the same as the schema's unique indices. */
enum { GUARD_BATCH_KEY, GUARD_REPLY_REF, GUARD_TASK, GUARD_UNDECIDED, GUARD_COUNT };

struct replacement {
  enum table_id table;
  size_t place;
  void *before; /* NULL: it was not there */
};

struct memory_rows {
  struct memory_table tables[TABLE_COUNT];
  struct map guards[GUARD_COUNT]; /* value -> place of the row that holds it */
  struct replacement *journal;
  size_t journal_count, journal_room;
  struct buffer key;
};

void memory_rows_init(struct memory_rows *all);
void memory_rows_release(struct memory_rows *all);

/* A copy of the row and its texts in one block. */
void *memory_row_new(const struct table *table, const void *from);
/* The row of that key; NULL: none. Valid until it is replaced. */
const void *memory_rows_find(struct memory_rows *all, enum table_id table, const void *row);
/* Puts a block of memory_row_new in the place of its key. Returns NULL, or the name of what another
 * row has already: then the group has to be rolled back. */
const char *memory_rows_put(struct memory_rows *all, enum table_id table, void *row);
/* Takes away the row at a place of the table's list. */
void memory_rows_drop(struct memory_rows *all, enum table_id table, size_t place);
/* Ends a group: nothing or all of what was put since the last end stays. */
void memory_rows_roll_back(struct memory_rows *all);
void memory_rows_keep(struct memory_rows *all);

#endif
