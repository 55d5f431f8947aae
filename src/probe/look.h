/* One clip, looked at with libavformat. */
#ifndef PROBE_LOOK_H
#define PROBE_LOOK_H

#include <stddef.h>

/* Writes the answer of nightshift/probe.h about the clip open at `clip`, with its line end, into
 * `answer`, which has room for PROBE_ANSWER_MAX bytes. Reads by position only; does not close. */
void look_at_clip(int clip, char *answer);

#endif
