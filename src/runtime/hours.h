/* Hours on the wall made into times: the core knows no time zone. */
#ifndef RUNTIME_HOURS_H
#define RUNTIME_HOURS_H

#include "nightshift/core.h"
#include "util/arena.h"

/* The windows of "22:00-07:00" that end after `now`, over a year and more, each day by the local
 * time of that day. Memory from `arena`. Returns how many. */
size_t hours_windows(const char *hours, time_ms now, struct arena *arena,
                     struct time_window **windows);
/* --until as a time: "HH:MM", when the clock on the wall next shows that, or a duration from now; 0
 * for NULL. */
time_ms hours_until(const char *until, time_ms now);

#endif
