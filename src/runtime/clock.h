/* The program's clock: never goes back, counts a suspended machine's sleep, and runs `speed` times
 * as fast as the world. CLOCK_BOOTTIME below; the wall clock is read once, at the start. */
#ifndef RUNTIME_CLOCK_H
#define RUNTIME_CLOCK_H

#include "nightshift/types.h"

struct clock {
  time_ms base;         /* program time at the start */
  int64_t boot_base_ns; /* CLOCK_BOOTTIME then */
  double speed;
};

/* Starts no earlier than `latest`, the latest time written in the state. */
void clock_start(struct clock *clock, double speed, time_ms latest);
/* A run learns of `latest` only after the clock was started. */
void clock_not_before(struct clock *clock, time_ms latest);
time_ms clock_now(const struct clock *clock);
/* Program time of a reading of CLOCK_BOOTTIME in ms. */
time_ms clock_from_boot(const struct clock *clock, int64_t boot_ms);
/* Real nanoseconds from now until `at`; at least one millisecond, so that a timer never spins. */
int64_t clock_real_ns_until(const struct clock *clock, time_ms at);
int64_t clock_boot_ns(void);

#endif
