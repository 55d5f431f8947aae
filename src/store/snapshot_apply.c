/* A snapshot brought to what the state holds after a commit, without reading it again: what a batch
 * file changes, which may be a row for every job. */
#include <stdlib.h>

#include "store/snapshot.h"
#include "util/check.h"

struct applying {
  struct store_snapshot *snapshot;
  struct row_memory *memory;
  struct job_place *index; /* made for the first job that is changed */
  size_t indexed;
};

/* The columns of the record's parts, with texts of the snapshot's own. */
static void write_row(struct row_memory *memory, void *row, const void *before,
                      const struct record *record) {
  const struct table *table = table_at(record_table(record->kind));
  unsigned parts = record_parts(record->kind);
  for (size_t i = 0; i < table->column_count; i++) {
    const struct column *column = &table->columns[i];
    if ((column->part & parts) == 0) continue;
    if (column->type != COLUMN_TEXT) {
      column_copy(column, row, record_row(record));
      continue;
    }
    const char *text = column_text(column, record_row(record));
    (void)column_set_text(column, row, row_text(memory, column, text, before));
  }
}

static void apply_batch(struct applying *applying, const struct record *record) {
  struct row_list *list = &applying->memory->lists[TABLE_BATCH];
  struct batch_record *batches = (void *)list->rows, *row = NULL;
  for (size_t i = 0; i < list->count; i++)
    if (batches[i].id == record->as.batch.id) row = &batches[i];
  if (row == NULL) row = row_memory_add(applying->memory, TABLE_BATCH);
  write_row(applying->memory, row, NULL, record);
  if (row->id > applying->snapshot->last_batch) applying->snapshot->last_batch = row->id;
}

static void add_job(struct applying *applying, const struct record *record) {
  CHECK(record->as.job.id > applying->snapshot->last_job);
  bool first = applying->memory->lists[TABLE_JOB].count == 0;
  struct job_record *row = row_memory_add(applying->memory, TABLE_JOB);
  write_row(applying->memory, row, first ? NULL : row - 1, record);
  applying->snapshot->last_job = row->id;
}

/* Jobs that were there before the group; a new one is not changed in the group that makes it. */
static void change_job(struct applying *applying, const struct record *record) {
  if (applying->index == NULL) {
    applying->index = job_index_new(applying->snapshot);
    applying->indexed = applying->snapshot->job_count;
  }
  const struct job_place *found =
      job_index_find(applying->index, applying->indexed, record->as.job.id);
  CHECK(found != NULL);
  struct job_record *jobs = (void *)applying->memory->lists[TABLE_JOB].rows;
  write_row(applying->memory, &jobs[found->place], &jobs[found->place], record);
}

static void apply_record(struct applying *applying, const struct record *record) {
  switch (record->kind) {
  case RECORD_BATCH:
    apply_batch(applying, record);
    return;
  case RECORD_JOB:
    add_job(applying, record);
    return;
  case RECORD_JOB_SPEC:
    change_job(applying, record);
    return;
  case RECORD_JOB_STATE:
  case RECORD_ATTEMPT:
  case RECORD_UPLOAD:
  case RECORD_ACCOUNT:
  case RECORD_STRANGER:
  case RECORD_EVENT:
  case RECORD_PROGRESS:
  case RECORD_MODERATION:
  case RECORD_REQUEST_ANSWER:
  case RECORD_CLIP:
    break;
  }
  CHECK_UNREACHABLE();
}

void store_snapshot_apply(struct store_snapshot *snapshot, time_ms now,
                          const struct record *records, size_t count) {
  size_t added = 0;
  if (snapshot->memory == NULL) snapshot->memory = row_memory_new();
  struct applying applying = {.snapshot = snapshot, .memory = snapshot->memory};
  for (size_t i = 0; i < count; i++)
    added += records[i].kind == RECORD_JOB;
  /* The index is of the snapshot's own jobs, which do not move by it, but the array may. */
  row_memory_reserve(applying.memory, TABLE_JOB, added);
  snapshot->jobs = (void *)applying.memory->lists[TABLE_JOB].rows;
  for (size_t i = 0; i < count; i++)
    apply_record(&applying, &records[i]);
  free(applying.index);
  snapshot->batches = row_memory_sorted(applying.memory, TABLE_BATCH, &snapshot->batch_count);
  snapshot->jobs = row_memory_sorted(applying.memory, TABLE_JOB, &snapshot->job_count);
  if (now > snapshot->latest) snapshot->latest = now;
  snapshot->version = 0;
}
