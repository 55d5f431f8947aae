/* A night to come, and what is expected of it: plain values. The runtime makes a `struct prospect`
 * of batches, state and service; sim_forecast (sim.h) lets it pass in virtual time; report prints
 * the `struct forecast`. */
#ifndef NIGHTSHIFT_FORECAST_H
#define NIGHTSHIFT_FORECAST_H

#include "nightshift/core.h"

struct prospect_account {
  struct core_account core;           /* max_jobs 0: nobody said; credits -1: not known */
  const struct account_record *known; /* what the state has of it, NULL: nothing */
  int capacity;       /* tasks that it took last, all programs together; 0: not known */
  double pace;        /* its tasks take so many times as long as others do; 0: not known */
  const bool *voices; /* per voice of the night: whether it has it */
  const char *out;    /* why it takes no part, in words; NULL: it does */
};

struct prospect_job {
  const char *clip;      /* what jobs of the same clip share; NULL: an asset, already uploaded */
  duration_ms length_ms; /* 0: not known */
  int32_t voice;         /* into the night's voices */
  account_index pin;     /* only there; NO_ACCOUNT: anywhere */
  enum explore_mode explore;
  int32_t priority;
};

/* A task that is under way when the night begins, ours or another's. */
struct prospect_task {
  account_index account;
  duration_ms age_ms, length_ms; /* since it was submitted; of its clip, 0: not known */
  bool ours;
};

struct prospect {
  time_ms start;
  struct prospect_account *accounts;
  size_t account_count;
  size_t voice_count;
  struct prospect_job *jobs; /* those that are to be submitted */
  size_t job_count;
  int64_t done, running,
      paused; /* jobs that have ended; are with the service; that wait for `resume` */
  struct prospect_task *tasks;
  size_t task_count;
  struct core_options core; /* as a run would get them */
  /* How long a task takes from its acceptance on: so much and so much per second of clip, give or
   * take a share. */
  duration_ms task_base_ms, task_ms_per_second;
  double task_spread;
  bool timed;                /* by tasks that were seen; else that is assumed */
  double credits_per_second; /* of clip; -1: not known */
  /* Of tasks that have ended: how many, and how many of them failed in vain or were moderated. */
  int64_t tasks_ended, tasks_failed, tasks_moderated;
  bool accounts_assumed; /* nobody named an account: one is made up */
  bool asked;            /* the service was asked what accounts there are */
};

/* ---- what is expected ---- */

struct forecast_account {
  const char *email;
  const char *out;    /* as in the night */
  int64_t jobs;       /* succeeded there, in the middle run */
  duration_ms end_ms; /* when the last of them ends, after the start; 0: none */
  double busy;        /* share of its slots in use until then */
  int capacity;       /* as believed; 0: not known */
  double credits;     /* spent there; -1: not known */
};

enum forecast_limit_kind {
  FORECAST_ANOTHER,    /* with one more account like the middle one it would end at `at_ms` */
  FORECAST_SLOWEST,    /* `email` does the fewest jobs in an hour; without it: at `at_ms` */
  FORECAST_ONLY_THERE, /* jobs that only `email` may run last until the end; all else ends at
                          `at_ms` */
  FORECAST_LONGEST, /* there are slots for all that is left: the end is that of its longest task */
  FORECAST_LEFT     /* `count` jobs do not end, because of `text` */
};
struct forecast_limit {
  enum forecast_limit_kind kind;
  const char *email, *text;
  duration_ms at_ms;
  int64_t count;
};
#define FORECAST_LIMITS_MAX 6

struct forecast {
  int runs;  /* virtual nights, each from a seed of its own */
  int ended; /* of those, how many came to the end of their jobs */
  /* When the last job ends, after the start: one night in ten is over by `early_ms`, half by
   * `middle_ms`, nine in ten by `late_ms`. 0: fewer than that come to an end. */
  duration_ms early_ms, middle_ms, late_ms;
  /* In the night in the middle: */
  int64_t succeeded, failed, left; /* of the jobs to be submitted; `left`: not ended */
  int64_t submissions, refused;
  double credits; /* -1: not known */
  struct forecast_account *accounts;
  size_t account_count;
  struct forecast_limit limits[FORECAST_LIMITS_MAX];
  size_t limit_count;
};

#endif
