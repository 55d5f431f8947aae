/* Building what store_load and store_load_history hand out: rows gathered table by table, with all
 * their texts, in memory of their own. Used by every kind of store. */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "nightshift/store.h"
#include "store/tables.h"
#include "util/arena.h"

struct row_list {
  char *rows; /* structs of the table, one after the other */
  size_t count, room;
};

struct row_memory {
  struct arena texts;
  struct row_list lists[TABLE_COUNT];
};

struct row_memory *row_memory_new(void);
void row_memory_free(struct row_memory *memory);
/* A new row of zeroes at the end of the table's list; valid until the next one. */
void *row_memory_add(struct row_memory *memory, enum table_id table);
/* Makes room for exactly so many more rows: growing by doubling wastes up to half of it. */
void row_memory_reserve(struct row_memory *memory, enum table_id table, size_t more);
/* A text for a row, where the row before it (NULL: none) has the same one shared with it: many rows
 * have texts in common. */
const char *row_text(struct row_memory *memory, const struct column *column, const char *text,
                     const void *before);

/* The table's rows in the order of a snapshot; *count of them. */
void *row_memory_sorted(struct row_memory *memory, enum table_id id, size_t *count);
/* Sorts everything and hands it to the snapshot, which owns `memory` from then on. The latest time
 * and the highest ids are the caller's to fill in. */
void snapshot_finish(struct store_snapshot *snapshot, struct row_memory *memory);
void requests_finish(struct store_requests *requests, struct row_memory *memory);
/* The same, in the order in which they were added. */
void clips_finish(struct store_clips *clips, struct row_memory *memory);
/* Finds clips for a store that reads at most `most` of them at once, by `read`. */
typedef int clips_reader(struct store *store, const char *const *paths, size_t count,
                         struct row_memory *memory, struct error *error);
int clips_find(struct store *store, clips_reader *read, const char *const *paths, size_t count,
               size_t most, struct store_clips *clips, struct error *error);
void history_finish(struct store_history *history, struct row_memory *memory);
void attempts_finish(struct store_attempts *attempts, struct row_memory *memory);

/* Raises numbers[i] of the snapshot's job to `number`; nothing for a job that is not in it. `index`
 * from job_index_new finds the place. */
struct job_place {
  job_id job;
  size_t place;
};
struct job_place *job_index_new(const struct store_snapshot *snapshot);
const struct job_place *job_index_find(const struct job_place *index, size_t count, job_id job);
void job_index_raise(const struct job_place *index, size_t count, job_id job, int64_t number,
                     int64_t *numbers);

#endif
