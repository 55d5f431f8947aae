/* How long the service asks us to wait. */
#ifndef WIRE_DELAY_H
#define WIRE_DELAY_H

#include "nightshift/wire.h"

struct cJSON;

/* Longer wishes are cut: a wrong date must not put an account to sleep for the night. */
#define DELAY_LONGEST_MS HOUR_MS

/* From the Retry-After header (seconds or a date), else the body's retryAfter (a date or seconds);
 * dates count against the reply's Date, else `now`. From 0 to DELAY_LONGEST_MS; -1 when neither
 * says anything readable. */
duration_ms delay_read(const struct wire_reply *reply, const struct cJSON *root, time_ms now);

#endif
