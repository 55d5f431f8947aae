/* Reading what the helper program says about a clip. */
#ifndef MEDIA_ANSWER_H
#define MEDIA_ANSWER_H

#include <stddef.h>

#include "nightshift/job.h"

/* Takes one answer line (nightshift/probe.h), without trust: fills length, size, streams and
 * content type of *clip, whose `path` is set; or writes why it is no clip for the service into
 * `fault`, which is else left alone. */
void answer_read(const char *line, struct clip *clip, char *fault, size_t size);

#endif
