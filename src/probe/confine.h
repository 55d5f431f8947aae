/* The fence around the helper: what it may use of the machine. */
#ifndef PROBE_CONFINE_H
#define PROBE_CONFINE_H

#include <stdbool.h>

/* Takes away what reading clips does not need: other files, child processes, writing, core dumps,
 * new privileges; and bounds memory. Dies with its parent. False when the system refuses. */
bool confine_process(void);
/* Gives the next clip its seconds of processor time; the process is killed when they are used up.
 */
bool confine_next_clip(void);

#endif
