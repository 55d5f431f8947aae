/* Orders of a person (`retry`, `cancel`, `pause`, `resume`) as requests of the state: applied to a
 * state that nobody works on, and by a run at work. control_give (nightshift/runtime.h) is the
 * command's end. */
#ifndef RUNTIME_CONTROL_H
#define RUNTIME_CONTROL_H

#include "nightshift/core.h"
#include "nightshift/store.h"

/* Applies all open requests to a state that is open for writing, each with its answer in one group.
 * Whoever calls holds the run's lock. */
int control_apply(struct store *store, struct error *error);
/* The same before anything is read, where there are any and the lock is free; an older nightshift's
 * state is brought up to date by it. Says nothing of failures: what reads the state next meets
 * them.
 */
void control_apply_before(const char *state);

/* ---- a run at work: control_live.c ---- */
struct run;
/* Without the socket the run goes on, and says that commands do not reach it. */
void control_listen(struct run *run);
/* On the loop, when the store's thread has done something. */
void control_on_looked(struct run *run);
void control_close(struct run *run);

#endif
