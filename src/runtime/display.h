/* What a person watches while a run is at work: the block below the log, drawn anew when something
 * has happened, once a second at most. While nothing happens it wakes nobody. */
#ifndef RUNTIME_DISPLAY_H
#define RUNTIME_DISPLAY_H

#include "runtime/run.h"

/* When the core has been started. */
void display_start(struct run *run);
/* Something has happened. */
void display_touch(struct run *run);
/* A line was logged: what a slow terminal did not take goes out when it has room. */
void display_on_log(struct run *run);
/* The terminal has another size; it was used by others. */
void display_resized(struct run *run);
void display_continued(struct run *run);
/* Takes the block away. */
void display_stop(struct run *run);

#endif
