/* Commands of the person's own: `on_alert` while the run is at work, `on_finish` when it has ended.
 * Never waited for by the scheduling; bounded in number and time; their failure is a warning. */
#ifndef RUNTIME_HOOKS_H
#define RUNTIME_HOOKS_H

#include "runtime/run.h"

/* Takes the commands of the config over; may be called again (the config was read again). */
void hooks_use(struct run *run, const char *on_finish, const char *on_alert);
/* A log line that was just written: some are worth an alert. */
void hooks_see(struct run *run, const struct log_line *line);
/* The run has ended: runs what waits, then on_finish, and lets the loop go on until they are done,
 * 60 s at most, 10 s after a signal. */
void hooks_finish(struct run *run, int exit_status);
/* A signal while hooks_finish waits: it waits no longer. */
void hooks_give_up(struct run *run);
/* Ends what is still at work, before the loop is closed; the rest after it. */
void hooks_stop(struct run *run);
void hooks_free(struct run *run);

#endif
