/* The smallest words that every folder shares: time, ids and sizes.
 *
 * Times are milliseconds. `time_ms` is a point on the program's own clock: milliseconds since the
 * epoch in UTC, never going back within one state, running --speed times as fast as the world's.
 * A duration is a `duration_ms`. Ids are positive; 0 is "none". */
#ifndef NIGHTSHIFT_TYPES_H
#define NIGHTSHIFT_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t time_ms;
typedef int64_t duration_ms;

#define TIME_NEVER INT64_MAX /* a deadline that never comes */

#define SECOND_MS ((duration_ms)1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)

typedef int64_t batch_id;   /* row of a batch in the state */
typedef int64_t job_id;     /* row of a job in the state */
typedef int64_t attempt_id; /* row of an attempt in the state */
typedef int64_t request_id; /* one call on its way; unique within a process */

/* An account or a token is known by its place in the list that the run began with. */
typedef int32_t account_index;
typedef int32_t token_index;
#define NO_ACCOUNT ((account_index)-1)

#endif
