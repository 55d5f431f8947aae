/* A Runway account behind a useapi.net token, as a plain value, and its states. */
#ifndef NIGHTSHIFT_ACCOUNT_H
#define NIGHTSHIFT_ACCOUNT_H

#include "nightshift/types.h"

#define ACCOUNT_STATES(X)                                                                          \
  X(ACCOUNT_READY, "ready")                                                                        \
  X(ACCOUNT_COOLING, "cooling") /* said 429; until when is known */                                \
  X(ACCOUNT_EMPTY, "empty")     /* no credits */                                                   \
  X(ACCOUNT_BROKEN, "broken")   /* 596: its session must be signed in again by its owner */        \
  X(ACCOUNT_PAUSED, "paused")   /* by a person or a guard */                                       \
  X(ACCOUNT_LOST, "lost")       /* suspended, or its token is refused */

enum account_state {
#define X(name, text) name,
  ACCOUNT_STATES(X)
#undef X
      ACCOUNT_STATE_COUNT
};

const char *account_state_name(enum account_state state);
bool account_state_parse(const char *text, enum account_state *state);

/* maxJobs of the service: 1..10 (seed page). */
#define MAX_JOBS_LOWEST  1
#define MAX_JOBS_HIGHEST 10

#endif
