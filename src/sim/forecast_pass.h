/* One virtual night of a forecast, and what came of it. */
#ifndef SIM_FORECAST_PASS_H
#define SIM_FORECAST_PASS_H

#include "nightshift/forecast.h"
#include "util/arena.h"

struct pass_share {
  int64_t jobs;
  duration_ms end_ms;       /* of its last task, after the start; 0: none */
  double busy_ms, slots_ms; /* slot time used, and had until its end */
  double credits;
};
struct pass_end {
  bool ended; /* every job has */
  duration_ms end_ms;
  int64_t succeeded, failed, left;
  int64_t submissions, refused;
  double credits;
  struct pass_share *shares; /* per account of the night */
  const char *why;           /* why what is left does not go on; NULL: nothing is left */
};

/* The night as the seed has it. Memory from `arena`. */
void forecast_pass(const struct prospect *night, uint64_t seed, struct arena *arena,
                   struct pass_end *end);

/* What a task of such a clip is expected to take in its slot. */
duration_ms forecast_task_ms(const struct prospect *night, duration_ms length_ms);

#endif
