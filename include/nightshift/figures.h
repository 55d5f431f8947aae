/* What a run is measured by, as far as the core knows it: what it has counted since it was started,
 * and where it stands. Read at any time between steps, without a walk over jobs. */
#ifndef NIGHTSHIFT_FIGURES_H
#define NIGHTSHIFT_FIGURES_H

#include "nightshift/account.h"
#include "nightshift/job.h"
#include "nightshift/outcome.h"

struct core;

/* What became of EVENT_CALLBACK. A callback that is believed in nothing cannot be told from a
 * forged one; `contradicted` below counts what certainly was wrong. */
#define CALLBACK_FATES(X)                                                                          \
  X(CALLBACK_ACCEPTED, "accepted") /* a reason to look at its task */                              \
  X(CALLBACK_NO_NEWS, "no_news")   /* of a task of ours: progress, told before, or too late */     \
  X(CALLBACK_UNKNOWN, "unknown")   /* of no task of ours */

enum callback_fate {
#define X(name, text) name,
  CALLBACK_FATES(X)
#undef X
      CALLBACK_FATE_COUNT
};
const char *callback_fate_name(enum callback_fate fate);

struct core_figures {
  int64_t jobs[JOB_STATE_COUNT]; /* of this run, by where they are now */
  /* Counted since core_start: */
  int64_t ended[JOB_STATE_COUNT];     /* how often a job ended so; 0 for states that are no end */
  int64_t submissions[OUTCOME_COUNT]; /* answers to paid calls */
  int64_t callbacks[CALLBACK_FATE_COUNT];
  int64_t contradicted; /* callbacks that told of an end where our look found none */
  time_ms eta;          /* as `progress` told it last, a minute ago at most; 0: not known */
};
void core_figures(const struct core *core, struct core_figures *figures);

/* What core_account_at does not tell of an account. Counted since core_start. */
struct core_account_figures {
  int64_t throttled; /* 429s to submissions */
  int64_t moderated; /* tasks and submissions */
  /* Slots that by what is known of its capacity stood empty while a job waited that it might have
   * taken: slots times time. An account that a person or a guard lets rest, or that is out of
   * service, has none. */
  duration_ms slot_idle;
};
void core_account_figures(const struct core *core, account_index index, time_ms now,
                          struct core_account_figures *figures);

#endif
