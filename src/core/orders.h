/* What a person orders, and jobs that are to be cancelled. Only core/state.h includes this. */
#ifndef CORE_ORDERS_H
#define CORE_ORDERS_H

#include "nightshift/core.h"

struct answer;
struct attempt;
struct buffer;
struct job;
struct request;

/* ---- control.c: what a person orders ---- */
void control_on_event(struct core *core, const struct control *control);
/* `why` is a guard's reason; NULL: a person's order. */
void batch_set_paused(struct core *core, int32_t batch, bool paused, const char *why);

/* ---- forget.c: uploads that a person wants deleted ---- */
/* The answer, a line for each, to `out`. */
void forget_uploads(struct core *core, const char *pattern, struct buffer *out);

/* ---- cancel.c: jobs that a person wants cancelled ---- */
/* At once where no task can be. */
void cancel_now(struct core *core, struct job *job);
/* Kept in mind, and carried out as soon as it is known to what. */
void cancel_wish(struct core *core, struct job *job, const char *cause);
void cancel_remember(struct core *core, struct job *job); /* a wish that was loaded */
void cancel_wake(struct core *core);
/* Its task was looked at just now and is still in flight. */
void cancel_task(struct core *core, struct attempt *attempt);
void cancel_done(struct core *core, struct attempt *attempt);
void cancel_on_answer(struct core *core, const struct request *request,
                      const struct answer *answer);

#endif
