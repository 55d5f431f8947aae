/* What a service manager is told, by a datagram to $NOTIFY_SOCKET (sd_notify(3)): that the run is
 * at work, reads its config again, stops, where it stands, and that its loop is alive. */
#ifndef RUNTIME_NOTIFY_H
#define RUNTIME_NOTIFY_H

#include "runtime/run.h"

/* At work, or done with reading again. From the first on the watchdog is told that the loop is
 * alive, where the manager asks for it ($WATCHDOG_USEC). */
void notify_ready(struct run *run);
void notify_reloading(struct run *run);
void notify_stopping(struct run *run);
/* "99 of 200 ended, 12 at work" */
void notify_status(struct run *run);

#endif
