/* Callbacks: what the other files of the core ask about them. */
#ifndef CORE_HINT_H
#define CORE_HINT_H

#include "core/state.h"

/* Of an attempt: `calls_back`: submitted by this process with a reply URL; `hinted`: a callback
 * came, and no look at the task was begun since; `hint_looked`: the last look was begun because of
 * one; `looked`: when that was, 0: never; `hint_of_end`: a callback told of its end, and no look
 * has shown it in flight since. */
/* False: no reason to look. */
bool hint_take(struct core *core, const struct task_view *said);
/* When a GET of this task is due, by get_at or by a hint; TIME_NEVER: none is. */
time_ms hint_get_at(const struct attempt *attempt);
void hint_looking(struct core *core, struct attempt *attempt); /* a GET of the task leaves */
/* It was seen to have ended: did a callback bring that about? */
void hint_ended(struct core *core, const struct attempt *attempt);
/* A GET showed how it is, which is in its status. */
void hint_answered(struct core *core, struct attempt *attempt);
/* Whether a task that lists would look for tells of itself. */
bool hint_relied_on(const struct core *core, const struct attempt *attempt);

#endif
