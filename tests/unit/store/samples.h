/* Records to write down in the tests of the store, made from the description of the tables, so that
 * a new column is tested without a new line here. */
#ifndef TESTS_STORE_SAMPLES_H
#define TESTS_STORE_SAMPLES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nightshift/store.h"
#include "store/schema.h"
#include "store/tables.h"

#define SAMPLE_TEXTS 64
struct sample_texts {
  char text[SAMPLE_TEXTS][96];
  size_t count;
};

/* A different value in every column, other ones for every seed; ids and states that must fit other
 * rows are the caller's. Texts are UTF-8 of one to four bytes, with quotes. */
static inline void sample_fill(const struct table *table, void *row, int64_t seed,
                               struct sample_texts *texts) {
  for (size_t i = 0; i < table->column_count; i++) {
    const struct column *column = &table->columns[i];
    int64_t number = seed * 1000 + (int64_t)i;
    if (column->type == COLUMN_TEXT) {
      assert_true(texts->count < SAMPLE_TEXTS);
      char *text = texts->text[texts->count++];
      snprintf(text, sizeof texts->text[0], "%s %d é 夜 🎬 \"'%%\n", column->name, (int)number);
      assert_true(column_set_text(column, row, text));
    } else if (column->type == COLUMN_INT64) {
      assert_true(column_set_number(column, row, ((int64_t)1 << 53) + number));
    } else if (column->type == COLUMN_INT32) {
      assert_true(column_set_number(column, row, -number));
    } else if (column->type == COLUMN_BOOL) {
      assert_true(column_set_number(column, row, seed % 2));
    } else if (column->type == COLUMN_JOB_STATE) {
      assert_true(column_set_text(column, row, "downloading"));
    } else if (column->type == COLUMN_ATTEMPT_STATE) {
      assert_true(column_set_text(column, row, "absent"));
    } else if (column->type == COLUMN_ACCOUNT_STATE) {
      assert_true(column_set_text(column, row, "broken"));
    } else if (column->type == COLUMN_EXPLORE_MODE) {
      assert_true(column_set_text(column, row, "auto"));
    } else {
      assert_true(column_set_text(column, row, "job.resolved"));
    }
  }
}

/* All texts that may be NULL are. */
static inline void sample_without_texts(const struct table *table, void *row) {
  for (size_t i = 0; i < table->column_count; i++)
    if (table->columns[i].type == COLUMN_TEXT && !table->columns[i].required)
      column_set_text(&table->columns[i], row, NULL);
}

static inline void assert_rows_equal(enum table_id id, const void *found, const void *wanted) {
  const struct table *table = table_at(id);
  for (size_t i = 0; i < table->column_count; i++)
    if (!column_equal(&table->columns[i], found, wanted))
      fail_msg("%s.%s differs", table->name, table->columns[i].name);
}

static inline struct record sample_batch(batch_id id, const char *key) {
  return (struct record){.kind = RECORD_BATCH,
                         .as.batch = {.id = id, .key = key, .named = true, .created = 1}};
}

static inline struct record sample_job(job_id id, batch_id batch, int64_t number) {
  return (struct record){.kind = RECORD_JOB,
                         .as.job = {.id = id,
                                    .batch = batch,
                                    .key = "clip:a.mp4|voice",
                                    .name = "a-Maya",
                                    .number = number,
                                    .listed = true,
                                    .voice = "Maya",
                                    .state = JOB_QUEUED}};
}

static inline struct record sample_state(job_id id, enum job_state state) {
  return (struct record){.kind = RECORD_JOB_STATE, .as.job = {.id = id, .state = state}};
}

static inline struct record sample_attempt(attempt_id id, job_id job, const char *reply_ref,
                                           enum attempt_state state) {
  return (struct record){.kind = RECORD_ATTEMPT,
                         .as.attempt = {.id = id,
                                        .job = job,
                                        .number = 1,
                                        .account = "one@example.com",
                                        .reply_ref = reply_ref,
                                        .state = state}};
}

static inline struct record sample_event(job_id job, int64_t number, time_ms time) {
  return (struct record){
      .kind = RECORD_EVENT,
      .as.event = {.job = job, .number = number, .time = time, .event = LOG_JOB_RUNNING}};
}

static inline void commit_or_fail(struct store *store, time_ms now, const struct record *records,
                                  size_t count) {
  struct error error = {0};
  if (store_commit(store, now, records, count, &error) != 0) fail_msg("%s", error.text);
}

static inline void load_or_fail(struct store *store, struct store_snapshot *snapshot) {
  struct error error = {0};
  if (store_load(store, snapshot, &error) != 0) fail_msg("%s", error.text);
}

/* The schema with one more migration at its end. */
static inline struct schema with_one_more(const char *last) {
  static const char *steps[64];
  int count = schema_current.version;
  memcpy(steps, schema_current.migrations, (size_t)count * sizeof *steps);
  steps[count] = last;
  return (struct schema){.migrations = steps, .version = count + 1};
}

/* A directory of the test's own; removed with all that is in it. */
static inline void directory_make(char path[64]) {
  strcpy(path, "/tmp/nightshift-store-XXXXXX");
  assert_non_null(mkdtemp(path));
}
static inline void directory_remove(const char *path) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", path);
  assert_int_equal(system(command), 0);
}

#endif
