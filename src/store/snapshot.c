/* Building what store_load and store_load_history hand out, and letting it go again. */
#include "store/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "util/check.h"

struct row_memory *row_memory_new(void) {
  struct row_memory *memory = calloc(1, sizeof *memory);
  CHECK(memory != NULL && "out of memory");
  arena_init(&memory->texts);
  return memory;
}

void row_memory_free(struct row_memory *memory) {
  if (memory == NULL) return;
  for (int i = 0; i < TABLE_COUNT; i++)
    free(memory->lists[i].rows);
  arena_release(&memory->texts);
  free(memory);
}

void row_memory_reserve(struct row_memory *memory, enum table_id table, size_t more) {
  struct row_list *list = &memory->lists[table];
  size_t size = table_at(table)->row_size;
  if (list->count + more <= list->room) return;
  CHECK(more < SIZE_MAX / 2 / size - list->count);
  list->room = list->count + more;
  list->rows = realloc(list->rows, list->room * size);
  CHECK(list->rows != NULL && "out of memory");
}

const char *row_text(struct row_memory *memory, const struct column *column, const char *text,
                     const void *before) {
  if (text == NULL) return NULL;
  const char *same = before == NULL ? NULL : column_text(column, before);
  return same != NULL && strcmp(same, text) == 0 ? same : arena_string(&memory->texts, text);
}

void *row_memory_add(struct row_memory *memory, enum table_id table) {
  struct row_list *list = &memory->lists[table];
  size_t size = table_at(table)->row_size;
  if (list->count == list->room) {
    list->room = list->room == 0 ? 16 : list->room * 2;
    CHECK(list->room < SIZE_MAX / 2 / size);
    list->rows = realloc(list->rows, list->room * size);
    CHECK(list->rows != NULL && "out of memory");
  }
  return memset(list->rows + size * list->count++, 0, size);
}

typedef int row_order(const void *a, const void *b, void *table);

static int by_key(const void *a, const void *b, void *table) {
  return row_compare(table, a, b);
}

static int by_place(const void *a, const void *b, void *table) {
  (void)table;
  const struct job_record *left = a, *right = b;
  if (left->batch != right->batch) return left->batch < right->batch ? -1 : 1;
  if (left->number != right->number) return left->number < right->number ? -1 : 1;
  return (left->id > right->id) - (left->id < right->id);
}

/* As rows mostly come: moving large ones about takes longer than looking. */
static bool is_sorted(const struct row_list *list, const struct table *table, row_order *order) {
  for (size_t i = 1; i < list->count; i++) {
    const char *row = list->rows + i * table->row_size;
    if (order(row - table->row_size, row, (void *)(uintptr_t)table) > 0) return false;
  }
  return true;
}

void *row_memory_sorted(struct row_memory *memory, enum table_id id, size_t *count) {
  const struct table *table = table_at(id);
  struct row_list *list = &memory->lists[id];
  row_order *order = id == TABLE_JOB ? by_place : by_key;
  *count = list->count;
  if (list->count == 0) return NULL;
  if (!is_sorted(list, table, order))
    qsort_r(list->rows, list->count, table->row_size, order, (void *)(uintptr_t)table);
  return list->rows;
}

void snapshot_finish(struct store_snapshot *snapshot, struct row_memory *memory) {
  snapshot->batches = row_memory_sorted(memory, TABLE_BATCH, &snapshot->batch_count);
  snapshot->jobs = row_memory_sorted(memory, TABLE_JOB, &snapshot->job_count);
  snapshot->attempts = row_memory_sorted(memory, TABLE_ATTEMPT, &snapshot->attempt_count);
  snapshot->uploads = row_memory_sorted(memory, TABLE_UPLOAD, &snapshot->upload_count);
  snapshot->accounts = row_memory_sorted(memory, TABLE_ACCOUNT, &snapshot->account_count);
  snapshot->strangers = row_memory_sorted(memory, TABLE_STRANGER, &snapshot->stranger_count);
  snapshot->progress = row_memory_sorted(memory, TABLE_PROGRESS, &snapshot->progress_count);
  snapshot->moderations = row_memory_sorted(memory, TABLE_MODERATION, &snapshot->moderation_count);
  snapshot->memory = memory;
}

void history_finish(struct store_history *history, struct row_memory *memory) {
  history->events = row_memory_sorted(memory, TABLE_EVENT, &history->count);
  history->memory = memory;
}

void attempts_finish(struct store_attempts *attempts, struct row_memory *memory) {
  attempts->attempts = row_memory_sorted(memory, TABLE_ATTEMPT, &attempts->count);
  attempts->memory = memory;
}

void requests_finish(struct store_requests *requests, struct row_memory *memory) {
  requests->requests = row_memory_sorted(memory, TABLE_REQUEST, &requests->count);
  requests->memory = memory;
}

void clips_finish(struct store_clips *clips, struct row_memory *memory) {
  const struct row_list *list = &memory->lists[TABLE_CLIP];
  *clips = (struct store_clips){
      .clips = (struct clip *)(void *)list->rows, .count = list->count, .memory = memory};
}

int clips_find(struct store *store, clips_reader *read, const char *const *paths, size_t count,
               size_t most, struct store_clips *clips, struct error *error) {
  struct row_memory *memory = row_memory_new();
  int result = 0;
  for (size_t done = 0, some; result == 0 && done < count; done += some) {
    some = count - done < most ? count - done : most;
    result = read(store, paths + done, some, memory, error);
  }
  if (result != 0)
    row_memory_free(memory);
  else
    clips_finish(clips, memory);
  return result;
}

void store_snapshot_release(struct store_snapshot *snapshot) {
  row_memory_free(snapshot->memory);
  *snapshot = (struct store_snapshot){0};
}

void store_history_release(struct store_history *history) {
  row_memory_free(history->memory);
  *history = (struct store_history){0};
}

void store_attempts_release(struct store_attempts *attempts) {
  row_memory_free(attempts->memory);
  *attempts = (struct store_attempts){0};
}

void store_clips_release(struct store_clips *clips) {
  row_memory_free(clips->memory);
  *clips = (struct store_clips){0};
}

void store_requests_release(struct store_requests *requests) {
  row_memory_free(requests->memory);
  *requests = (struct store_requests){0};
}

/* ---- events of the snapshot's jobs ---- */

static int by_job(const void *a, const void *b) {
  const struct job_place *left = a, *right = b;
  return (left->job > right->job) - (left->job < right->job);
}

struct job_place *job_index_new(const struct store_snapshot *snapshot) {
  struct job_place *index = calloc(snapshot->job_count + 1, sizeof *index);
  CHECK(index != NULL && "out of memory");
  bool sorted = true;
  for (size_t i = 0; i < snapshot->job_count; i++) {
    index[i] = (struct job_place){.job = snapshot->jobs[i].id, .place = i};
    sorted = sorted && (i == 0 || index[i - 1].job < index[i].job);
  }
  if (!sorted) qsort(index, snapshot->job_count, sizeof *index, by_job);
  return index;
}

const struct job_place *job_index_find(const struct job_place *index, size_t count, job_id job) {
  struct job_place wanted = {.job = job};
  return bsearch(&wanted, index, count, sizeof *index, by_job);
}

void job_index_raise(const struct job_place *index, size_t count, job_id job, int64_t number,
                     int64_t *numbers) {
  const struct job_place *found = job_index_find(index, count, job);
  if (found != NULL && numbers[found->place] < number) numbers[found->place] = number;
}
