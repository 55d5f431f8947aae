/* One log line as a value: a fixed event name and named fields. The core makes lines, report/
 * prints them. Names are the contract's and never change their meaning. */
#ifndef NIGHTSHIFT_LOG_H
#define NIGHTSHIFT_LOG_H

#include "nightshift/types.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
const char *log_level_name(enum log_level level);

#define LOG_EVENTS(X)                                                                              \
  X(LOG_RUN_STARTED, "run.started")                                                                \
  X(LOG_RUN_LISTENING, "run.listening")                                                            \
  X(LOG_JOB_UPLOADING, "job.uploading")                                                            \
  X(LOG_JOB_UPLOADED, "job.uploaded")                                                              \
  X(LOG_JOB_SUBMITTED, "job.submitted")                                                            \
  X(LOG_JOB_RUNNING, "job.running")                                                                \
  X(LOG_JOB_DOWNLOADING, "job.downloading")                                                        \
  X(LOG_JOB_RETRY, "job.retry")                                                                    \
  X(LOG_JOB_UNSURE, "job.unsure")                                                                  \
  X(LOG_JOB_RESOLVED, "job.resolved")                                                              \
  X(LOG_JOB_SUCCEEDED, "job.succeeded")                                                            \
  X(LOG_JOB_FAILED, "job.failed")                                                                  \
  X(LOG_JOB_MODERATED, "job.moderated")                                                            \
  X(LOG_JOB_CANCELLING, "job.cancelling") /* a person wants it; its task is looked at first */     \
  X(LOG_JOB_CANCELLED, "job.cancelled")                                                            \
  X(LOG_JOB_PAUSED, "job.paused")                                                                  \
  X(LOG_JOB_RESUMED, "job.resumed")                                                                \
  X(LOG_JOB_SLOW, "job.slow") /* its task takes far longer than others; it is followed on */       \
  X(LOG_JOB_HELD, "job.held")                                                                      \
  X(LOG_ACCOUNT_THROTTLED, "account.throttled")                                                    \
  X(LOG_ACCOUNT_READY, "account.ready")                                                            \
  X(LOG_ACCOUNT_EMPTY, "account.empty")                                                            \
  X(LOG_ACCOUNT_BROKEN, "account.broken")                                                          \
  X(LOG_ACCOUNT_PAUSED, "account.paused")                                                          \
  X(LOG_ACCOUNT_LOST, "account.lost")                                                              \
  X(LOG_ACCOUNT_SPENT, "account.spent") /* at the end, where credits are guarded: what went */     \
  X(LOG_API_ERROR, "api.error")                                                                    \
  X(LOG_STORE_FULL, "store.full")                                                                  \
  X(LOG_STORE_AWAY, "store.away") /* the server of a shared state */                               \
  X(LOG_STORE_TAKEN, "store.taken")                                                                \
  X(LOG_STORE_REFUSED, "store.refused") /* what was to be written does not go with the rest */     \
  X(LOG_STORE_READY, "store.ready")                                                                \
  X(LOG_CONFIG_RELOADED, "config.reloaded")                                                        \
  X(LOG_BATCH_NOTICE, "batch.notice") /* a warning about the batch: edits, moves, doubles */       \
  X(LOG_BATCH_RESUMED, "batch.resumed")                                                            \
  X(LOG_BATCH_PAUSED, "batch.paused")                                                              \
  X(LOG_PROGRESS, "progress")                                                                      \
  X(LOG_RUN_STALLED, "run.stalled") /* nothing has ended for 30 min */                             \
  X(LOG_RUN_STOPPING, "run.stopping")                                                              \
  X(LOG_RUN_FINISHED, "run.finished")                                                              \
  X(LOG_CONFIG_REFUSED, "config.refused") /* read again, and not taken over for its mistakes */    \
  X(LOG_STATUS_RUN, "run.status")         /* where everything stands, asked for by SIGUSR1 */      \
  X(LOG_STATUS_ACCOUNT, "account.status")                                                          \
  X(LOG_STATUS_JOB, "job.status")                                                                  \
  X(LOG_STATUS_WAITING, "job.waiting") /* so many jobs wait for the same */                        \
  X(LOG_SLEEP, "run.sleep") /* the machine may fall asleep: why it could not be kept from it */    \
  X(LOG_SUMMARY_ACCOUNT, "summary.account") /* at the end of a run: what came of each account */   \
  X(LOG_SUMMARY_SLOWEST, "summary.slowest")                                                        \
  X(LOG_SUMMARY_ADVICE, "summary.advice") /* what to do about jobs that ended not well */          \
  X(LOG_HOOK_FAILED, "hook.failed")       /* on_finish or on_alert */                              \
  X(LOG_LINES_LOST, "log.lost")           /* lines that a full stderr or disk did not take: count */

enum log_event {
#define X(name, text) name,
  LOG_EVENTS(X)
#undef X
      LOG_EVENT_COUNT
};

const char *log_event_name(enum log_event event);

#define LOG_FIELDS_MAX 16

/* `name` is a literal: batch job account task attempt voice video kind wait_ms count running queued
 * capacity error why until … A NULL text leaves the field out. A number named `until`, `eta` or
 * `again` is a time_ms and is printed as a time, or left out when it is 0; one whose name ends in
 * `_ms` is a duration. */
struct log_field {
  const char *name;
  const char *text; /* NULL: the number counts */
  int64_t number;
};

struct log_line {
  time_ms time;
  enum log_level level;
  enum log_event event;
  size_t field_count;
  struct log_field fields[LOG_FIELDS_MAX];
};

/* Append a field; a NULL text is left out, a full line drops it. Strings are not copied. */
void log_text(struct log_line *line, const char *name, const char *text);
void log_number(struct log_line *line, const char *name, int64_t number);

#endif
