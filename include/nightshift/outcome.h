/* What the service said, as data. A refusal is an outcome, never an error.
 *
 * `wire` reads a reply into a `struct answer`; the core decides on it. Which answers to the paid
 * POST are definite refusals is service.md's list and stands in wire/classify alone: the rest is
 * doubt, and doubt is never submitted again without evidence. */
#ifndef NIGHTSHIFT_OUTCOME_H
#define NIGHTSHIFT_OUTCOME_H

#include "nightshift/types.h"

#define OUTCOMES(X)                                                                                \
  X(OUTCOME_OK, "ok")                                                                              \
  X(OUTCOME_BUSY_QUEUE, "maxjobs")              /* 429 form 1: the API's own queue is full */      \
  X(OUTCOME_BUSY_RUNWAY, "runway")              /* 429 form 2: Runway's own limit */               \
  X(OUTCOME_BAD_REQUEST, "bad-request")         /* 400 */                                          \
  X(OUTCOME_NO_EXPLORE, "no-explore")           /* 400 that names explore mode or the plan */      \
  X(OUTCOME_BAD_TOKEN, "bad-token")             /* 401 */                                          \
  X(OUTCOME_SUSPENDED, "suspended")             /* 401 that says the account is suspended */       \
  X(OUTCOME_NO_SUBSCRIPTION, "no-subscription") /* 402 */                                          \
  X(OUTCOME_NOT_FOUND, "not-found")             /* 404 */                                          \
  X(OUTCOME_EXPIRED, "expired")                 /* 410 */                                          \
  X(OUTCOME_NO_CREDITS, "no-credits")           /* 412, or the credits text */                     \
  X(OUTCOME_MODERATED, "moderated")             /* 422 at submission */                            \
  X(OUTCOME_BROKEN_SESSION, "broken-session")   /* 596 */                                          \
  X(OUTCOME_UPSTREAM, "upstream")               /* 5xx, 52x: may have been executed */             \
  X(OUTCOME_UNREADABLE, "unreadable") /* a 2xx or a refusal whose body says nothing usable */      \
  X(OUTCOME_UNEXPECTED, "unexpected") /* any other status */                                       \
  X(OUTCOME_NO_REPLY, "no-reply")     /* bytes left, no whole reply came */                        \
  X(OUTCOME_NOT_SENT, "not-sent")     /* not one byte of the request left: safe to send again */

enum outcome_kind {
#define X(name, text) name,
  OUTCOMES(X)
#undef X
      OUTCOME_COUNT
};

const char *outcome_name(enum outcome_kind kind);

struct outcome {
  enum outcome_kind kind;
  bool refused; /* for the paid POST: a definite refusal, so that certainly no task was created */
  int http_status;            /* 0 when there was no reply */
  duration_ms retry_after_ms; /* from Retry-After or retryAfter; -1 when not said */
  char text[240];             /* the service's or the transport's words, redacted, one line */
};

enum task_status {
  TASK_PENDING,
  TASK_THROTTLED,
  TASK_RUNNING,
  TASK_SUCCEEDED,
  TASK_FAILED,
  TASK_CANCELLED,
  TASK_UNKNOWN /* treated as in flight; status_text has the word */
};
bool task_status_in_flight(enum task_status status);

/* What a FAILED task means for its job; decided by wire/classify's table. */
enum task_failure {
  TASK_FAILURE_NONE,
  TASK_FAILURE_MODERATED, /* reason SAFETY.*, or a moderation_category */
  TASK_FAILURE_RETRY,     /* INTERNAL.*: worth another try elsewhere */
  TASK_FAILURE_FINAL      /* anything else */
};

/* A task as read from any listing or reply. Absent strings are NULL. */
struct task_view {
  /* user:…-runwayml:<email>-task:<uuid>; NULL only in what a callback says */
  const char *task_id;
  const char *name; /* "<voice name>_<asset name>" */
  const char *voice_id;
  const char *reply_ref;
  enum task_status status;
  const char *status_text;
  enum task_failure failure;
  const char *failure_text; /* reason and message, for people */
  int progress_percent;     /* -1 unknown */
  duration_ms starts_in_ms; /* estimatedTimeToStartSeconds; -1 unknown */
  const char *artifact_url; /* signed: never stored, never logged */
  int64_t artifact_bytes;   /* fileSize; -1 unknown */
};

struct account_view {
  const char *email;
  int max_jobs; /* 0 when not said */
};

struct voice_view {
  const char *id;
  const char *name; /* NULL when not said */
};

struct asset_view {
  const char *asset_id;
  const char *name;
  int64_t size_bytes;    /* -1 unknown */
  duration_ms length_ms; /* 0 unknown */
};

/* One reply, read. Which arrays are filled depends on the call. All memory belongs to `wire`'s
 * caller-given arena. */
struct answer {
  struct outcome outcome;
  struct task_view *tasks; /* LIST_TASKS; GET_TASK and SUBMIT: one; SCHEDULER: id and replyRef */
  size_t task_count;
  bool whole; /* a list whose every item was read: nothing unreadable, not more than asked for */
  int busy_limit;         /* 429 form 1: n, else 0 */
  struct task_view *busy; /* 429 form 1: what the API is executing on this account */
  size_t busy_count;
  bool busy_listed; /* the 429 carried a readable list, even if empty */
  struct account_view *accounts;
  size_t account_count;
  struct voice_view *voices;
  size_t voice_count;
  struct asset_view *assets; /* UPLOAD: one; LIST_ASSETS */
  size_t asset_count;
  int64_t credits; /* FEATURES: permitted - used; -1 unknown, as all of these */
  int64_t credits_permitted;
  int64_t storage_bytes, storage_used_bytes;
};

#endif
