/* What a night came to, made from what is written down: for the summary at the end of a run and for
 * the report. Pure: no clock, nothing asked. */
#ifndef NIGHTSHIFT_NIGHT_H
#define NIGHTSHIFT_NIGHT_H

#include "nightshift/core.h"
#include "nightshift/store.h"

struct night_source {
  const struct store_snapshot *snapshot;
  const struct attempt_record *attempts; /* of these batches, as from store_load_attempts */
  size_t attempt_count;
  const batch_id *batches;
  size_t batch_count;
  time_ms since, until; /* what ended before, or ran on after, is cut off; since 0: all */
};

struct night_account {
  const char *email;
  enum account_state state;
  const char *reason;           /* of the state, in words; NULL */
  int64_t succeeded, moderated; /* jobs that ended so there */
  int64_t failed;               /* tasks that failed there, also when the job went on elsewhere */
  int64_t busy_queue, busy_runway;       /* 429s, by kind */
  int most;                              /* tasks at once */
  duration_ms slot_ms;                   /* times of all tasks together */
  int64_t credits_before, credits_after; /* -1 unknown: the caller's to fill in */
};

/* Jobs that ended in one way with one remedy, and what each of the causes was. */
#define NIGHT_JOBS_NAMED 12
struct night_cause {
  const char *error; /* NULL: none was told */
  int64_t count;
  const struct job_record *jobs[NIGHT_JOBS_NAMED]; /* the first of them */
  size_t named;
};
struct night_group {
  enum job_state state;
  const char *advice; /* NULL: none */
  int64_t count;
  struct night_cause *causes; /* the most frequent first */
  size_t cause_count;
};

struct night_slow {
  const struct job_record *job;
  const char *account;
  duration_ms took_ms;
};
#define NIGHT_SLOWEST 5

struct night {
  time_ms since, until;
  struct core_counts counts;      /* all jobs that the files list, whenever they ended */
  int64_t ended[JOB_STATE_COUNT]; /* those that ended in this time */
  struct night_account *accounts; /* in the state's order; those that something was tried on, or
                                     that are out of service */
  size_t account_count;
  struct night_group *groups; /* of listed jobs that ended not well, the most first */
  size_t group_count;
  struct night_slow slowest[NIGHT_SLOWEST]; /* tasks that succeeded, the slowest first */
  size_t slow_count;
};

/* Memory from `arena` and of the source, which must outlive it. */
struct arena;
void night_build(const struct night_source *source, struct arena *arena, struct night *night);

/* From when to when an attempt had a task, as we saw it; false: it never had one, or not between
 * `since` and `until`. */
bool night_task_span(const struct attempt_record *attempt, time_ms since, time_ms until,
                     time_ms *from, time_ms *to);
/* The share of an account's slots (as many as were ever in use at once) that had a task, in
 * percent; -1: there were none. */
int night_busy_percent(const struct night *night, const struct night_account *account);

/* ---- telling it at the end of a run ---- */

/* For people: lines of at most 80 columns. */
struct buffer;
void night_print(const struct night *night, bool color, struct buffer *out);
/* The same as log lines, one by one: `summary.account`, `summary.slowest`, `summary.advice`. */
void night_log(const struct night *night, time_ms now,
               void (*write)(void *context, const struct log_line *line), void *context);

#endif
