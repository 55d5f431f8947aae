/* Keeps the machine awake while a run is at work, where logind has a say in it: a lock of
 * systemd-inhibit(1), held by a child whose input ends with us, so that the lock goes however we
 * end. */
#ifndef RUNTIME_INHIBIT_H
#define RUNTIME_INHIBIT_H

#include "runtime/run.h"

void inhibit_start(struct run *run);
void inhibit_stop(struct run *run);

#endif
