/* One seed, one run: first the safety phase, in which things go wrong as the seed says, then the
 * liveness phase: the faults stop, everything is mended, and all must end within a bound. */
#ifndef SIM_SOAK_H
#define SIM_SOAK_H

#include "sim/fault.h"

#define SOAK_VERDICTS(X)                                                                           \
  X(SOAK_CLEAN, "clean")                                                                           \
  X(SOAK_SAFETY, "safety")     /* something that must never happen did */                          \
  X(SOAK_LIVENESS, "liveness") /* something that must happen did not, in time */
enum soak_verdict {
#define X(name, text) name,
  SOAK_VERDICTS(X)
#undef X
      SOAK_VERDICT_COUNT
};
const char *soak_verdict_name(enum soak_verdict verdict);

struct soak_options {
  uint64_t seed;
  bool small;
  bool trace_debug;
  const char *state_path; /* a file that is not there yet; NULL: the state is in memory */
};

struct soak_result {
  enum soak_verdict verdict;
  char text[600]; /* what is wrong; "" when clean */
  char described[400];
  uint64_t trace_hash;
  char *trace; /* yours to free */
  duration_ms simulated_ms;
  enum fault_class class;
  int64_t steps, processes, paid_again;
  int64_t doubled; /* submissions that a proxy delivered twice */
  size_t accounts;
  int64_t hazards[HAZARD_COUNT];
  int64_t faults[FAULT_COUNT];
  int64_t failures[FAILURE_COUNT];
  int64_t jobs[JOB_STATE_COUNT];
};
/* Never returns when the program breaks a promise to itself (util/check.h). */
void soak_run(const struct soak_options *options, struct soak_result *result);
void soak_result_release(struct soak_result *result);
/* The trace of the run under way, for the handler of a failed check; "" when there is none. */
const char *soak_trace_now(void);
/* The last lines of a trace. */
const char *soak_tail(const char *trace, size_t lines);

#endif
