/* The listener of a run (nightshift/web.h): its health, and callbacks as events for the core. */
#ifndef RUNTIME_SERVE_H
#define RUNTIME_SERVE_H

#include "nightshift/web.h"
#include "runtime/run.h"

/* Where `listen` is given: listens from now on, and where `public_url` is given, makes the address
 * that submissions carry, with a secret of its own in each run. */
int serve_begin(struct run *run, struct error *error);
/* That address; NULL: callbacks are off. Belongs to the run. */
const char *serve_reply_url(const struct run *run);
/* What the listener has counted; all 0 while there is none. */
struct web_figures serve_figures(const struct run *run);
/* The loop has to run once more. */
void serve_end(struct run *run);

#endif
