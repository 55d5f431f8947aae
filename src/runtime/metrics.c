/* From what the core, the store's pipeline and the listener have counted to metrics. Each family
 * has one function or line, in the order of docs/metrics.md. Labels have few values: states,
 * outcomes, calls, and the accounts of the run; nothing of jobs, tasks or clips. */
#include "runtime/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "nightshift/figures.h"
#include "nightshift/web.h"
#include "runtime/serve.h"
#include "util/check.h"

static double seconds(int64_t ms) {
  return (double)ms / 1000;
}

/* ---- the process ---- */

static void write_process(struct metric_out *out, const struct measure *measure) {
  uv_rusage_t used;
  size_t resident;
  metric_family(out, METRIC_INFO, "nightshift_build", NULL, "Which nightshift this is.");
  metric_sample(out, METRIC_ONE("version", NIGHTSHIFT_VERSION), 1);
  metric_single(out, METRIC_GAUGE, "process_start_time_seconds", "seconds",
                "When the process began, in seconds since 1970.", measure->started);
  if (uv_getrusage(&used) == 0)
    metric_single(out, METRIC_COUNTER, "process_cpu_seconds", "seconds",
                  "Processor time of the process.",
                  (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                      (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
  if (uv_resident_set_memory(&resident) == 0)
    metric_single(out, METRIC_GAUGE, "process_resident_memory_bytes", "bytes",
                  "Memory of the process.", (double)resident);
}

/* ---- jobs ---- */

static void write_jobs(struct metric_out *out, const struct core_figures *figures) {
  metric_family(out, METRIC_GAUGE, "nightshift_jobs", NULL, "Jobs of this run, by state.");
  for (int i = 0; i < JOB_STATE_COUNT; i++)
    metric_sample(out, METRIC_ONE("state", job_state_name((enum job_state)i)),
                  (double)figures->jobs[i]);
  metric_family(out, METRIC_COUNTER, "nightshift_jobs_ended", NULL,
                "Jobs that ended since this run began, by how.");
  for (int i = 0; i < JOB_STATE_COUNT; i++)
    if (job_state_ended((enum job_state)i))
      metric_sample(out, METRIC_ONE("state", job_state_name((enum job_state)i)),
                    (double)figures->ended[i]);
  metric_family(out, METRIC_GAUGE, "nightshift_eta_timestamp_seconds", "seconds",
                "When all will have ended, as it looked within the last minute. NaN: not known.");
  metric_sample(out, METRIC_NONE, figures->eta == 0 ? (double)NAN : seconds(figures->eta));
  metric_family(out, METRIC_COUNTER, "nightshift_submissions", NULL,
                "Submissions of this run, by what was answered.");
  for (int i = 0; i < OUTCOME_COUNT; i++)
    metric_sample(out, METRIC_ONE("outcome", outcome_name((enum outcome_kind)i)),
                  (double)figures->submissions[i]);
}

/* ---- accounts ---- */

struct account_row {
  struct core_account_view view;
  struct core_account_figures figures;
};

struct account_table {
  struct account_row *rows;
  size_t count;
};

static struct account_table account_table(const struct run *run) {
  time_ms now = clock_now(&run->clock);
  struct account_table table = {.count = core_account_count(run->core)};
  table.rows = calloc(table.count + 1, sizeof *table.rows);
  CHECK(table.rows != NULL && "out of memory");
  for (size_t i = 0; i < table.count; i++) {
    struct account_row *row = &table.rows[i];
    row->view = core_account_at(run->core, (account_index)i, now);
    core_account_figures(run->core, (account_index)i, now, &row->figures);
  }
  return table;
}

static void write_states(struct metric_out *out, const struct account_table *table) {
  metric_family(out, METRIC_GAUGE, "nightshift_account_state", NULL,
                "1 for the state that the account is in, 0 for the others.");
  for (size_t i = 0; i < table->count; i++)
    for (int state = 0; state < ACCOUNT_STATE_COUNT; state++)
      metric_sample(out,
                    METRIC_TWO("account", table->rows[i].view.email, "state",
                               account_state_name((enum account_state)state)),
                    table->rows[i].view.state == (enum account_state)state ? 1 : 0);
}

static double running(const struct account_row *row) {
  return row->view.running;
}
static double others(const struct account_row *row) {
  return row->view.others;
}
static double capacity(const struct account_row *row) {
  return row->view.capacity > 0 ? (double)row->view.capacity : (double)NAN;
}
static double credits(const struct account_row *row) {
  return row->view.credits >= 0 ? (double)row->view.credits : (double)NAN;
}
static double throttled(const struct account_row *row) {
  return (double)row->figures.throttled;
}
static double moderated(const struct account_row *row) {
  return (double)row->figures.moderated;
}
static double slot_idle(const struct account_row *row) {
  return seconds(row->figures.slot_idle);
}

static const struct {
  enum metric_kind kind;
  const char *name, *unit, *help;
  double (*value)(const struct account_row *row);
} account_families[] = {
    {METRIC_GAUGE, "nightshift_account_running", NULL,
     "Slots of the account that this run uses; in doubt is in use.", running},
    {METRIC_GAUGE, "nightshift_account_others", NULL, "Tasks of others seen on the account.",
     others},
    {METRIC_GAUGE, "nightshift_account_capacity", NULL,
     "How many tasks the account takes at a time, by what has been seen. NaN: not known yet.",
     capacity},
    {METRIC_GAUGE, "nightshift_account_credits", NULL,
     "Credits left, as the service said last. NaN: not known.", credits},
    {METRIC_COUNTER, "nightshift_account_throttled", NULL,
     "Submissions that were answered by 429 since this run began.", throttled},
    {METRIC_COUNTER, "nightshift_account_moderated", NULL,
     "Tasks and submissions that were moderated since this run began.", moderated},
    {METRIC_COUNTER, "nightshift_account_slot_idle_seconds", "seconds",
     "Time that slots stood empty while a job waited, summed over slots.", slot_idle},
};

static void write_accounts(struct metric_out *out, const struct account_table *table) {
  write_states(out, table);
  for (size_t i = 0; i < sizeof account_families / sizeof account_families[0]; i++) {
    metric_family(out, account_families[i].kind, account_families[i].name, account_families[i].unit,
                  account_families[i].help);
    for (size_t row = 0; row < table->count; row++)
      metric_sample(out, METRIC_ONE("account", table->rows[row].view.email),
                    account_families[i].value(&table->rows[row]));
  }
}

/* ---- calls and the state ---- */

/* A kind of call is told of once it was made. */
static void write_calls(struct metric_out *out, const struct measure *measure) {
  metric_family(
      out, METRIC_HISTOGRAM, "nightshift_http_request_duration_seconds", "seconds",
      "How long calls of the service took, from their first byte to the end of the reply.");
  for (int i = 0; i < CALL_COUNT; i++)
    if (histogram_count(&measure->calls[i]) > 0)
      metric_histogram(out, METRIC_ONE("call", call_name((enum call_kind)i)), &measure->calls[i]);
  metric_family(out, METRIC_COUNTER, "nightshift_http_replies", NULL,
                "Calls of the service, by what came back.");
  for (int i = 0; i < CALL_COUNT; i++)
    for (int kind = 0; kind < REPLY_KIND_COUNT; kind++)
      if (measure->replies[i][kind] > 0)
        metric_sample(out,
                      METRIC_TWO("call", call_name((enum call_kind)i), "code",
                                 reply_kind_name((enum reply_kind)kind)),
                      (double)measure->replies[i][kind]);
}

static void write_store(struct metric_out *out, const struct run *run) {
  metric_family(out, METRIC_HISTOGRAM, "nightshift_store_commit_duration_seconds", "seconds",
                "How long it took to make the state durable.");
  metric_histogram(out, METRIC_NONE, &run->measure.commits);
  metric_single(out, METRIC_COUNTER, "nightshift_store_commit_failures", NULL,
                "Times that the state could not be written.", (double)run->pipeline.failures);
}

/* ---- callbacks ---- */

static void write_callbacks(struct metric_out *out, const struct run *run,
                            const struct core_figures *figures) {
  struct web_figures web = serve_figures(run);
  metric_family(out, METRIC_COUNTER, "nightshift_callbacks", NULL,
                "Callbacks that came in, by what they were good for.");
  for (int i = 0; i < CALLBACK_FATE_COUNT; i++)
    metric_sample(out, METRIC_ONE("outcome", callback_fate_name((enum callback_fate)i)),
                  (double)figures->callbacks[i]);
  metric_sample(out, METRIC_ONE("outcome", "unreadable"), (double)run->measure.unreadable);
  metric_sample(out, METRIC_ONE("outcome", "too_large"), (double)web.too_large);
  metric_sample(out, METRIC_ONE("outcome", "wrong_path"), (double)web.wrong_path);
  metric_single(out, METRIC_COUNTER, "nightshift_callbacks_contradicted", NULL,
                "Callbacks that told of an end where a look at the task found none.",
                (double)figures->contradicted);
}

/* Of a run that has a core. */
static void write_run(struct metric_out *out, const struct run *run) {
  struct core_figures figures;
  struct account_table table = account_table(run);
  core_figures(run->core, &figures);
  write_jobs(out, &figures);
  write_accounts(out, &table);
  write_calls(out, &run->measure);
  write_store(out, run);
  write_callbacks(out, run, &figures);
  free(table.rows);
}

void metrics_write(const struct run *run, enum metric_form form, struct buffer *out) {
  struct metric_out metrics;
  metric_begin(&metrics, form, out);
  write_process(&metrics, &run->measure);
  if (run->core != NULL) write_run(&metrics, run);
  metric_end(&metrics);
}
