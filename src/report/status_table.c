/* `status` for people: where a batch stands, its accounts, and the jobs worth a look. */
#include <string.h>

#include "nightshift/report.h"
#include "report/color.h"
#include "report/show.h"
#include "report/table.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/plain.h"
#include "util/text.h"

#define STATUS_BYTES_MAX ((size_t)1024 * 1024 * 1024)
#define BATCH_COLUMNS    32

static const char *const phases[] = {"idle", "running", "finished"};

static const char *job_color(enum job_state state) {
  switch (state) {
  case JOB_SUCCEEDED:
    return COLOR_GREEN;
  case JOB_FAILED:
  case JOB_MODERATED:
  case JOB_HELD:
    return COLOR_RED;
  case JOB_UNSURE:
  case JOB_CANCELLED:
    return COLOR_YELLOW;
  case JOB_UPLOADING:
  case JOB_SUBMITTING:
  case JOB_RUNNING:
  case JOB_DOWNLOADING:
    return COLOR_CYAN;
  case JOB_QUEUED:
  case JOB_STATE_COUNT:
    return "";
  }
  return "";
}

static const char *account_color(enum account_state state) {
  if (state == ACCOUNT_READY) return COLOR_GREEN;
  return state == ACCOUNT_COOLING || state == ACCOUNT_PAUSED ? COLOR_YELLOW : COLOR_RED;
}

static const char *known(struct arena *arena, int64_t number) {
  return number < 0 ? NULL : arena_printf(arena, "%lld", (long long)number);
}

/* "02:14 (in 3h 40m)", or NULL. */
static const char *ending(struct arena *arena, time_ms eta, time_ms now) {
  char clock[32], left[32];
  if (eta == 0) return NULL;
  show_hour(eta, now, clock, sizeof clock);
  if (eta <= now) return arena_string(arena, clock);
  text_from_duration(eta - now, left, sizeof left);
  return arena_printf(arena, "%s (in %s)", clock, left);
}

/* A path too wide for its column loses its beginning, for its end tells more. */
static const char *short_name(struct arena *arena, const char *name, size_t columns) {
  const char *tail = show_path(name);
  if (plain_columns(tail) <= columns || tail[0] != '/') return tail;
  while (plain_columns(tail) + 1 > columns) {
    const char *next = strchr(tail + 1, '/');
    if (next == NULL) return tail;
    tail = next;
  }
  return arena_printf(arena, "\xe2\x80\xa6%s", tail);
}

static int64_t ended_count(const struct core_counts *counts) {
  int64_t ended = 0;
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    if (job_state_ended((enum job_state)state)) ended += counts->by_state[state];
  return ended;
}

static void put_head(struct buffer *out, struct arena *arena, const struct status_batch *batch,
                     time_ms now) {
  const char *ends = ending(arena, batch->eta, now);
  plain_text(out, short_name(arena, batch->batch, TABLE_WIDTH));
  buffer_printf(out, "\n  %s, %lld of %lld jobs ended", phases[batch->phase],
                (long long)ended_count(&batch->counts), (long long)batch->counts.jobs);
  if (ends != NULL) buffer_printf(out, "; the last about %s", ends);
  buffer_text(out, "\n");
}

static void put_counts(struct buffer *out, const struct core_counts *counts) {
  struct buffer text;
  buffer_init(&text, 4096);
  for (int state = 0; state < JOB_STATE_COUNT; state++) {
    if (counts->by_state[state] == 0) continue;
    buffer_printf(&text, "%s%lld %s", text.length > 0 ? ", " : "",
                  (long long)counts->by_state[state], job_state_name((enum job_state)state));
  }
  if (text.length > 0) table_wrap(out, buffer_string(&text), 2);
  buffer_release(&text);
}

static const char *slots(struct arena *arena, const struct status_account *account) {
  if (account->running < 0) return NULL;
  if (account->capacity < 0) return known(arena, account->running);
  return arena_printf(arena, "%lld/%lld", (long long)account->running,
                      (long long)account->capacity);
}

static void put_accounts(struct buffer *out, struct arena *arena, const struct status_batch *batch,
                         time_ms now, bool color) {
  static const struct table_column columns[] = {
      {"ACCOUNT", 36, false}, {"STATE", 8, false},   {"UNTIL", 9, false},
      {"RUNNING", 9, true},   {"CREDITS", 10, true},
  };
  struct table table;
  if (batch->account_count == 0) return;
  table_init(&table, arena, columns, sizeof columns / sizeof columns[0], batch->account_count);
  for (size_t i = 0; i < batch->account_count; i++) {
    const struct status_account *account = &batch->accounts[i];
    struct table_row *row = table_add(&table);
    char until[32];
    row->cells[0] = account->email;
    row->cells[1] = account_state_name(account->state);
    if (account->until != 0) {
      show_hour(account->until, now, until, sizeof until);
      row->cells[2] = arena_string(arena, until);
    }
    row->cells[3] = slots(arena, account);
    row->cells[4] = known(arena, account->credits);
    row->color = account_color(account->state);
  }
  buffer_text(out, "\n");
  table_print(&table, color, out);
}

/* What happened, and what to do about it or where it went. */
static const char *note_of(struct arena *arena, const struct status_job *job) {
  if (job->state == JOB_SUCCEEDED) return job->output != NULL ? show_path(job->output) : NULL;
  if (job->error == NULL || job->why == NULL) return job->error != NULL ? job->error : job->why;
  if (strcmp(job->error, job->why) == 0) return job->error;
  return arena_printf(arena, "%s; %s", job->error, job->why);
}

static void put_jobs(struct buffer *out, struct arena *arena, const struct status_batch *batch,
                     bool verbose, bool color) {
  static const struct table_column columns[] = {
      {"JOB", 32, false}, {"STATE", 11, false}, {"ACCOUNT", 30, false}};
  struct table table;
  table_init(&table, arena, columns, sizeof columns / sizeof columns[0], batch->job_count);
  for (size_t i = 0; i < batch->job_count; i++) {
    const struct status_job *job = &batch->jobs[i];
    if (!verbose && (job->state == JOB_QUEUED || job->state == JOB_SUCCEEDED)) continue;
    struct table_row *row = table_add(&table);
    row->cells[0] = job->id;
    row->cells[1] = job_state_name(job->state);
    row->cells[2] = job->account;
    row->note = note_of(arena, job);
    row->color = job_color(job->state);
  }
  if (table.row_count == 0) return;
  buffer_text(out, "\n");
  table_print(&table, color, out);
}

static void print(struct buffer *out, struct arena *arena, FILE *stream) {
  (void)fwrite(buffer_string(out), 1, out->length, stream); /* the caller looks at ferror */
  buffer_release(out);
  arena_release(arena);
}

void status_print(const struct status_batch *batch, time_ms now, bool verbose, bool color,
                  FILE *stream) {
  struct arena arena;
  struct buffer out;
  arena_init(&arena);
  buffer_init(&out, STATUS_BYTES_MAX);
  put_head(&out, &arena, batch, now);
  put_counts(&out, &batch->counts);
  put_accounts(&out, &arena, batch, now, color);
  put_jobs(&out, &arena, batch, verbose, color);
  print(&out, &arena, stream);
}

void status_print_all(const struct status_batch *batches, size_t count, time_ms now, bool color,
                      FILE *stream) {
  static const struct table_column columns[] = {
      {"BATCH", BATCH_COLUMNS, false},
      {"PHASE", 8, false},
      {"JOBS", 7, true},
      {"DONE", 7, true},
      {"LEFT", 7, true},
      {"ENDS", 9, false},
  };
  struct arena arena;
  struct buffer out;
  struct table table;
  arena_init(&arena);
  buffer_init(&out, STATUS_BYTES_MAX);
  table_init(&table, &arena, columns, sizeof columns / sizeof columns[0], count);
  for (size_t i = 0; i < count; i++) {
    const struct status_batch *batch = &batches[i];
    struct table_row *row = table_add(&table);
    char ends[32];
    show_hour(batch->eta, now, ends, sizeof ends);
    row->cells[0] = short_name(&arena, batch->batch, BATCH_COLUMNS);
    row->cells[1] = phases[batch->phase];
    row->cells[2] = known(&arena, batch->counts.jobs);
    row->cells[3] = known(&arena, batch->counts.by_state[JOB_SUCCEEDED]);
    row->cells[4] = known(&arena, batch->counts.jobs - ended_count(&batch->counts));
    row->cells[5] = batch->eta != 0 ? arena_string(&arena, ends) : NULL;
    row->color = batch->phase == PHASE_RUNNING ? COLOR_CYAN : "";
  }
  table_print(&table, color, &out);
  print(&out, &arena, stream);
}
