/* The rows of a state in memory, what may be there only once, and the journal of replacements. */
#include "store/memory_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util/check.h"

#define KEY_BYTES_MAX ((size_t)1024 * 1024)
#define GONE          ((int64_t)-1)

/* ---- the guards ---- */

static bool batch_key_value(const void *row, struct buffer *value) {
  const struct batch_record *batch = row;
  return buffer_printf(value, "%d %s", batch->named, batch->key);
}

static bool reply_ref_value(const void *row, struct buffer *value) {
  return buffer_text(value, ((const struct attempt_record *)row)->reply_ref);
}

static bool task_value(const void *row, struct buffer *value) {
  const struct attempt_record *attempt = row;
  return attempt->task_id != NULL && buffer_text(value, attempt->task_id);
}

static bool undecided_value(const void *row, struct buffer *value) {
  const struct attempt_record *attempt = row;
  return (attempt->state == ATTEMPT_OPEN || attempt->state == ATTEMPT_UNSURE) &&
         buffer_printf(value, "%" PRId64, attempt->job);
}

struct guard {
  const char *name;
  enum table_id table;
  /* Writes the value that must be unique; false: this row has none. */
  bool (*value)(const void *row, struct buffer *value);
};

static const struct guard guards[GUARD_COUNT] = {
    [GUARD_BATCH_KEY] = {"key of a batch", TABLE_BATCH, batch_key_value},
    [GUARD_REPLY_REF] = {"reply_ref of an attempt", TABLE_ATTEMPT, reply_ref_value},
    [GUARD_TASK] = {"task of an attempt", TABLE_ATTEMPT, task_value},
    [GUARD_UNDECIDED] = {"undecided attempt of a job", TABLE_ATTEMPT, undecided_value}};

static bool guard_value(struct memory_rows *all, const struct guard *guard, const void *row) {
  buffer_clear(&all->key);
  return row != NULL && guard->value(row, &all->key);
}

/* Forgets what the row held, so that its successor or another row may hold it. */
static void guards_leave(struct memory_rows *all, enum table_id table, const void *row,
                         size_t place) {
  for (int i = 0; i < GUARD_COUNT; i++) {
    int64_t holder;
    if (guards[i].table != table || !guard_value(all, &guards[i], row)) continue;
    const char *value = buffer_string(&all->key);
    if (map_get(&all->guards[i], value, &holder) && holder == (int64_t)place)
      map_set(&all->guards[i], value, GONE);
  }
}

/* The name of the guard that another row already holds, or NULL: then all are taken. */
static const char *guards_enter(struct memory_rows *all, enum table_id table, const void *row,
                                size_t place) {
  for (int i = 0; i < GUARD_COUNT; i++) {
    int64_t holder;
    if (guards[i].table != table || !guard_value(all, &guards[i], row)) continue;
    const char *value = buffer_string(&all->key);
    if (map_get(&all->guards[i], value, &holder) && holder != GONE && holder != (int64_t)place)
      return guards[i].name;
    map_set(&all->guards[i], value, (int64_t)place);
  }
  return NULL;
}

/* ---- rows ---- */

void memory_rows_init(struct memory_rows *all) {
  *all = (struct memory_rows){0};
  for (int i = 0; i < TABLE_COUNT; i++)
    map_init(&all->tables[i].places);
  for (int i = 0; i < GUARD_COUNT; i++)
    map_init(&all->guards[i]);
  buffer_init(&all->key, KEY_BYTES_MAX);
}

static void table_release(struct memory_table *table) {
  for (size_t i = 0; i < table->count; i++)
    free(table->rows[i]);
  free(table->rows);
  map_release(&table->places);
}

void memory_rows_release(struct memory_rows *all) {
  memory_rows_keep(all);
  for (int i = 0; i < TABLE_COUNT; i++)
    table_release(&all->tables[i]);
  for (int i = 0; i < GUARD_COUNT; i++)
    map_release(&all->guards[i]);
  free(all->journal);
  buffer_release(&all->key);
}

void *memory_row_new(const struct table *table, const void *from) {
  char *block = malloc(table->row_size + row_texts_size(table, from));
  CHECK(block != NULL && "out of memory");
  memcpy(block, from, table->row_size);
  row_move_texts(table, block, block + table->row_size);
  return block;
}

/* Says how long each text is, so that two keys never meet. */
static const char *row_key(struct memory_rows *all, const struct table *table, const void *row) {
  buffer_clear(&all->key);
  for (size_t i = 0; i < table->column_count; i++) {
    const struct column *column = &table->columns[i];
    if (column->part != PART_KEY) continue;
    if (column_is_text(column))
      buffer_printf(&all->key, "%zu:%s", strlen(column_text(column, row)),
                    column_text(column, row));
    else
      buffer_printf(&all->key, "%" PRId64 " ", column_number(column, row));
  }
  CHECK(!all->key.overflowed);
  return buffer_string(&all->key);
}

/* Where the row with this key is or will be. */
static size_t row_place(struct memory_rows *all, enum table_id id, const void *row) {
  struct memory_table *table = &all->tables[id];
  const char *key = row_key(all, table_at(id), row);
  int64_t place;
  if (map_get(&table->places, key, &place)) return (size_t)place;
  if (table->count == table->room) {
    table->room = table->room == 0 ? 16 : table->room * 2;
    table->rows = realloc(table->rows, table->room * sizeof *table->rows);
    CHECK(table->rows != NULL && "out of memory");
  }
  table->rows[table->count] = NULL;
  map_set(&table->places, key, (int64_t)table->count);
  return table->count++;
}

const void *memory_rows_find(struct memory_rows *all, enum table_id id, const void *row) {
  int64_t place;
  if (!map_get(&all->tables[id].places, row_key(all, table_at(id), row), &place)) return NULL;
  return all->tables[id].rows[place];
}

/* ---- the journal ---- */

static void journal_note(struct memory_rows *all, enum table_id table, size_t place) {
  if (all->journal_count == all->journal_room) {
    all->journal_room = all->journal_room == 0 ? 64 : all->journal_room * 2;
    all->journal = realloc(all->journal, all->journal_room * sizeof *all->journal);
    CHECK(all->journal != NULL && "out of memory");
  }
  all->journal[all->journal_count++] = (struct replacement){
      .table = table, .place = place, .before = all->tables[table].rows[place]};
}

void memory_rows_roll_back(struct memory_rows *all) {
  while (all->journal_count > 0) {
    struct replacement undo = all->journal[--all->journal_count];
    void **row = &all->tables[undo.table].rows[undo.place];
    guards_leave(all, undo.table, *row, undo.place);
    free(*row);
    *row = undo.before;
    CHECK(guards_enter(all, undo.table, *row, undo.place) == NULL);
  }
}

void memory_rows_keep(struct memory_rows *all) {
  for (size_t i = 0; i < all->journal_count; i++)
    free(all->journal[i].before);
  all->journal_count = 0;
}

const char *memory_rows_put(struct memory_rows *all, enum table_id id, void *row) {
  size_t place = row_place(all, id, row);
  journal_note(all, id, place);
  guards_leave(all, id, all->tables[id].rows[place], place);
  all->tables[id].rows[place] = row;
  return guards_enter(all, id, row, place);
}

void memory_rows_drop(struct memory_rows *all, enum table_id id, size_t place) {
  journal_note(all, id, place);
  guards_leave(all, id, all->tables[id].rows[place], place);
  all->tables[id].rows[place] = NULL;
}
