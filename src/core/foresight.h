/* What is foreseen: the order of jobs, how long tasks take, when they end, and what that asks for
 * at the end of the run. A part of core/state.h, which includes it; nobody else does. */
#ifndef CORE_FORESIGHT_H
#define CORE_FORESIGHT_H

#include "core/state.h"

/* ---- tail.c: the end of the run ---- */
/* Whether the job may begin there now, rather than elsewhere later. */
bool tail_fits(const struct core *core, const struct job *job, const struct account *account);
/* Whether a job bound to a busy account ends sooner on this one that has room. */
bool tail_worth_moving(const struct core *core, const struct job *job, const struct account *from,
                       const struct account *to);
/* How many clips are to lie there or be on their way, beyond what has room now. */
int tail_clips_wanted(const struct core *core, const struct account *account);

/* ---- order.c: the order in which jobs are taken ---- */
/* Ranks those in core.by_rank. */
void order_jobs(struct core *core);
/* Sorts places of jobs; `compare` gets two int32_t and the core. */
void order_places(struct core *core, int32_t *places, int32_t count,
                  int (*compare)(const void *, const void *, void *));

/* ---- learn.c: how long tasks take ---- */
/* From acceptance to the end, of a task of this clip there; `account` NULL: anywhere. */
struct expectation learn_expected(const struct core *core, const struct job *job,
                                  const struct account *account, bool explore);
/* How long a job's clip is taken to be: where that is not known, as long as a usual one. */
duration_ms learn_clip(const struct job *job);
/* So many tasks one after the other, of clips that are so long together; anywhere. 0: not known. */
duration_ms learn_total(const struct core *core, bool explore, int64_t count, duration_ms clips);
/* A task of ours ended well, about then. */
void learn_ended(struct core *core, const struct attempt *attempt, time_ms ended);
void learn_load(struct core *core, struct account *account, const struct account_record *record);
void learn_save(const struct account *account, struct account_record *record);

/* ---- foresee.c: when a task will end ---- */
/* It was seen in flight; `percent` -1: no progress told. */
void foresee_sight(const struct core *core, struct course *course, bool throttled, int percent);
/* It was seen to have ended: when that was, by all that is known. */
time_ms foresee_ended(struct core *core, const struct course *course);
struct foresight foresee_end(const struct core *core, const struct attempt *attempt);
/* By its progress alone, as far as that has been right before. */
struct foresight foresee_by_progress(const struct core *core, const struct course *course);
/* When a look may show that it has ended, or tell better when it will. */
time_ms foresee_look(const struct core *core, const struct course *course,
                     const struct foresight *foresight);

/* ---- others.c: tasks of others on an account ---- */
void others_begin(struct account *account); /* a list is being read */
void others_see(struct core *core, struct account *account, const struct task_view *task);
void others_end(struct account *account);
/* When a look may show that one of them has ended; TIME_NEVER: none is there. */
time_ms others_look(const struct core *core, const struct account *account);

#endif
