/* What guards a person's accounts, clips and money: moderation, hours, slow tasks, credits. Only
 * core/state.h includes this. */
#ifndef CORE_GUARDS_H
#define CORE_GUARDS_H

#include "nightshift/core.h"

struct account;
struct attempt;
struct job;

/* ---- moderation.c: what was moderated, and what follows from it ---- */
void moderation_restore(struct core *core, const struct moderation_record *record);
/* It counts against an account that was not known when it was restored. */
void moderation_rejoin(struct core *core, int64_t id, int32_t account);
/* A task or a submission of the job was moderated, or its upload (account NULL). After its end. */
void moderation_struck(struct core *core, struct job *job, const struct account *account,
                       const char *words);
/* Whether the job must not be sent because its clip was moderated before; and as whose. */
bool moderation_forbids(const struct core *core, const struct job *job);
const char *moderation_words(struct core *core, const struct job *job);
/* Ends such a job. */
void moderation_end(struct core *core, struct job *job);
/* Until when the account rests; 0: it does not. */
time_ms moderation_rest(const struct core *core, const struct account *account);
const char *moderation_rest_words(struct core *core);
/* Whether one more task in flight keeps the limit even when all are moderated. *until: when that
 * changes by itself, 0: with a task's end. */
bool moderation_allows(const struct core *core, const struct account *account, time_ms *until);
/* Pauses batches of which too large a share was moderated. */
void moderation_wake(struct core *core);
/* Of a batch paused so, and what to do; NULL: none is. */
const char *moderation_batch_words(struct core *core);

/* ---- hours.c: guards of time ---- */
/* Whether it is within the account's hours; else *until: when the next begin, 0: never. */
bool hours_open(const struct core *core, const struct account *account, time_ms *until);
time_ms hours_close(const struct core *core, const struct account *account); /* TIME_NEVER: never */
/* Whether jobs_per_day and min_gap allow one more now; else *until: when they do. */
bool hours_day_allows(const struct core *core, const struct account *account, time_ms *until);
bool hours_gap_allows(const struct core *core, const struct account *account, time_ms *until);
/* Whether the job's task would be home by --until, by what is known. */
bool hours_home_in_time(const struct core *core, const struct job *job,
                        const struct account *account);
/* Whether --until holds a job back. */
bool hours_until_reached(const struct core *core);

/* ---- money.c: guards of money ---- */
bool money_guards(const struct core *core, const struct account *account);
/* WAIT_NONE: nothing speaks against it; WAIT_PRICE: not now; WAIT_CREDITS: it would cross a guard.
 */
enum wait_reason money_allows(const struct core *core, const struct account *account,
                              const struct job *job);
/* What the job has cost, as far as that is known; -1: not known. */
int64_t money_cost(const struct core *core, const struct job *job);
void money_left(struct core *core, const struct attempt *attempt);
void money_ended(struct core *core, const struct attempt *attempt);
void money_read(struct core *core, struct account *account, int64_t credits);
void money_start(struct core *core);
void money_join(struct core *core, struct account *account); /* the same of one that comes later */
void money_wake(struct core *core);
time_ms money_deadline(const struct core *core, const struct account *account);
/* Whether a reading is still to come that may let more jobs leave. */
bool money_is_open(const struct core *core, const struct account *account);
/* A task of others was seen there. */
void money_see_other(struct core *core, struct account *account, const char *task_id);
/* Whether the last reading of a run is worth a moment. */
bool money_last_reading(const struct core *core);
/* At the end: what went on each guarded account, and whether our tasks account for it. */
void money_tell(struct core *core);
/* Why the run ends when guards of money hold back what is left; NULL: they do not. */
const char *money_words(const struct core *core);

/* ---- slow.c: tasks that take far longer than others ---- */
void slow_wake(struct core *core);
time_ms slow_deadline(const struct core *core, const struct attempt *attempt);

/* ---- guard.c: guards that a person set for an account ---- */
void guard_wake(struct core *core);
/* Whether the account may be given a job now as to its guards; else why not, and until when. */
bool guard_allows(const struct core *core, const struct account *account, struct wait *wait);
/* The same of this very job there. */
bool guard_allows_job(const struct core *core, const struct account *account,
                      const struct job *job);
/* Whether a guard lets an account rest for this reason. */
bool guard_is_rest(enum wait_reason reason);
/* When a guard's answer changes by itself. */
time_ms guard_deadline(const struct core *core, const struct account *account);

#endif
