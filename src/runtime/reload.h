/* SIGHUP: config and batches are read again while the run is at work. Reading, asking the service
 * and looking at clips is done on a thread of its own; what comes of it reaches the core as one
 * event. What has a mistake is refused whole, and the old stays. */
#ifndef RUNTIME_RELOAD_H
#define RUNTIME_RELOAD_H

#include "runtime/run.h"

/* A person wants it. One that comes while another is at work is done after it. */
void reload_ask(struct run *run);
/* On the loop, when the thread of the state has done something. */
void reload_on_committed(struct run *run);
/* The run has ended and the state's thread with it: waits 2 s at most for our own. */
void reload_stop(struct run *run);

#endif
