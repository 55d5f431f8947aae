/* Callbacks: what the other files of the core ask about them. */
#ifndef CORE_HINT_H
#define CORE_HINT_H

#include "core/state.h"

/* False: no reason to look. */
bool hint_take(struct core *core, const struct task_view *said);
/* When a look at this task is due because of a hint; TIME_NEVER: none is. */
time_ms hint_look_at(const struct attempt *attempt);
/* Whether a list of its account is that look, or a GET of the task. */
bool hint_wants_list(const struct core *core, const struct attempt *attempt);
void hint_looking(struct core *core, struct attempt *attempt);       /* a GET of the task leaves */
void hint_listing(struct core *core, const struct account *account); /* a list of it does */
void hint_listed(struct core *core, const struct account *account);  /* and was read, or failed */
/* It was seen to have ended: did a callback bring that about? */
void hint_ended(struct core *core, struct attempt *attempt);
/* A GET showed how it is, which is in its status. */
void hint_answered(struct core *core, struct attempt *attempt);
/* Whether callbacks are seen to come. */
bool hint_work(const struct core *core);
/* Whether a task that lists would look for tells of itself. */
bool hint_relied_on(const struct core *core, const struct attempt *attempt);

#endif
