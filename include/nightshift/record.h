/* What is written down: one struct per table of the state. docs/store.md says why a job is never
 * submitted twice because of them.
 *
 * A `struct record` is an upsert of one row, whole or a named part; applying it twice is the same
 * as once, so a commit whose end is unknown may be repeated. Strings belong to the arena that the
 * record came in; NULL is stored as NULL. */
#ifndef NIGHTSHIFT_RECORD_H
#define NIGHTSHIFT_RECORD_H

#include "nightshift/account.h"
#include "nightshift/job.h"
#include "nightshift/log.h"
#include "nightshift/types.h"

struct batch_record {
  batch_id id;
  const char *key;  /* its name, or the canonical path of its file */
  bool named;       /* the key is a name */
  const char *path; /* canonical path of the file last run */
  time_ms created;
  bool paused;      /* none of its jobs is submitted */
  const char *why;  /* what paused it: a guard's words; NULL: a person */
  time_ms pardoned; /* when a person last resumed it: what ended before is not held against it */
};

/* The spec part (RECORD_JOB_SPEC) is written when a batch is read; the state part by the core. */
struct job_record {
  job_id id;
  batch_id batch;
  const char *key;  /* identity in the batch: "id:<id>", or "clip:<path>|<voice id>" (or asset:) */
  const char *name; /* the id people see */
  int64_t number;   /* place in the file, from 1 */
  bool listed;      /* still in the file */
  int32_t line, column;    /* where in the file */
  const char *clip_path;   /* absolute; NULL for an asset job */
  const char *clip_source; /* the clip's normalised path as the batch has it, or the asset id */
  const char *clip_hash;   /* NULL for an asset job */
  int64_t clip_bytes;
  int64_t clip_mtime_ns;
  duration_ms clip_ms; /* 0 unknown (asset jobs) */
  int32_t clip_width, clip_height;
  const char *clip_type; /* Content-Type */
  const char *asset;     /* asset jobs: the assetId from the batch */
  const char *voice;     /* as written */
  const char *voice_id;  /* resolved */
  const char *output;    /* absolute path of the result; may hold {account} */
  enum explore_mode explore;
  int32_t priority;
  const char *pin; /* email, NULL: any account */
  const char *reference;

  /* the state part: RECORD_JOB_STATE */
  enum job_state state;
  const char *account;  /* where it is or was, NULL: nowhere yet */
  const char *task_id;  /* of the current attempt */
  int32_t attempts;     /* attempts that were not refused */
  int32_t failures;     /* of those, how many ended in a failure worth another try */
  const char *error;    /* why it ended so, or what happened last */
  const char *advice;   /* what to do about it, NULL: nothing */
  const char *result;   /* absolute path where the result is or will be; NULL: none yet */
  int64_t result_bytes; /* of the whole .part, written before the rename; -1 none */
  int64_t result_inode;
  bool explore_used;
  bool paused;        /* by a person: not submitted until it is resumed */
  bool cancel_wanted; /* a person wants it cancelled; carried out when it is known to what */
  bool renewed;       /* a person's retry: until it is submitted it takes up edits of the batch */
  time_ms changed;    /* when the state part last changed */
  time_ms again;      /* not submitted again before; 0: at once */
  time_ms ended;      /* 0: not yet */

  /* of the spec part too, added later */
  const char *reply_url; /* goes along with submissions of a run without callbacks; NULL: none */
  /* of the state part too */
  bool forced; /* a person's `retry --force`: submitted although its clip was moderated */
};

#define ATTEMPT_STATES(X)                                                                          \
  X(ATTEMPT_OPEN, "open")         /* written down; the POST may leave at any time */               \
  X(ATTEMPT_REFUSED, "refused")   /* definite refusal */                                           \
  X(ATTEMPT_NOT_SENT, "not-sent") /* certainly no byte left */                                     \
  X(ATTEMPT_UNSURE, "unsure")                                                                      \
  X(ATTEMPT_ABSENT, "absent")     /* settled: no task was made */                                  \
  X(ATTEMPT_ACCEPTED, "accepted") /* the service has a task */                                     \
  X(ATTEMPT_SUCCEEDED, "succeeded")                                                                \
  X(ATTEMPT_FAILED, "failed")                                                                      \
  X(ATTEMPT_MODERATED, "moderated")                                                                \
  X(ATTEMPT_CANCELLED, "cancelled")                                                                \
  X(ATTEMPT_HELD, "held")

enum attempt_state {
#define X(name, text) name,
  ATTEMPT_STATES(X)
#undef X
      ATTEMPT_STATE_COUNT
};
const char *attempt_state_name(enum attempt_state state);
bool attempt_state_parse(const char *text, enum attempt_state *state);

struct attempt_record {
  attempt_id id;
  job_id job;
  int32_t number; /* 1 for the job's first */
  const char *account;
  const char *reply_ref; /* unique in the world; carries batch and job */
  const char *asset_id;
  const char *asset_name; /* NULL: an asset that we did not upload, whose name is not ours */
  const char *voice_id;   /* as sent */
  bool explore;
  const char *anchors; /* up to 8 task ids known on the account before, newest first, by spaces */
  enum attempt_state state;
  const char *task_id;
  time_ms opened;      /* when it was decided and written down */
  time_ms over;        /* when it was over for us and in doubt; 0: not in doubt */
  time_ms absent_once; /* when the first complete listing without it was begun; 0: none yet */
  time_ms settled;     /* when it left `open` or `unsure`; 0: not yet */
  time_ms task_ended;  /* when we saw the task's end; 0: not yet */
  const char *cause;   /* the outcome in words */
};

/* One clip on one account. */
struct upload_record {
  const char *account;
  const char *clip_hash;
  const char *asset_id; /* NULL: gone, to be uploaded again */
  const char *asset_name;
  time_ms uploaded;
};

struct account_record {
  const char *email;
  enum account_state state;
  time_ms until;        /* cooling or probing again; 0: not known */
  const char *reason;   /* in words */
  int32_t max_jobs;     /* the smaller of config and API; 0 unknown */
  int32_t capacity;     /* what it is believed to take now, all programs together; 0 unknown */
  int32_t others;       /* tasks of others seen running there */
  int64_t credits;      /* -1 unknown */
  bool explore_missing; /* its plan refused explore mode */
  int64_t refused;      /* 429s, for the report */
  time_ms changed;
  /* Learned: a task takes task_base_ms and task_per_second_ms for each second of its clip, from
   * acceptance to its end, give or take the spread (a standard deviation, of the whole). The count
   * is of the tasks that this rests on, at most 40; 0: nothing is known. The same for explore mode.
   */
  int64_t task_base_ms, task_per_second_ms;
  int32_t task_spread_permille, task_count;
  int64_t explore_base_ms, explore_per_second_ms;
  int32_t explore_spread_permille, explore_count;
  int32_t capacity_most; /* the most that it ever took */
  /* Learned: how often one more than `capacity` was taken, and how often it would have been at the
   * usual rate (capacity.c), in thousandths; and how many tries in a row were refused. */
  int64_t rises_milli, rises_expected_milli;
  int32_t tries_refused;
  time_ms pardoned;      /* when a person last resumed it: moderation before does not count */
  time_ms submitted;     /* when a submission last left; 0: never */
  int64_t price_micro;   /* learned: credits for a second of a clip, in millionths; 0 unknown */
  int64_t quiet_credits; /* what was left when nothing paid was in flight, */
  time_ms quiet_at;      /* and when that was; 0: not known */
};

/* Something of ours was moderated: a task, a submission, or the upload of a clip. */
struct moderation_record {
  int64_t id;
  job_id job;
  const char *account; /* against which it counts; NULL: an upload counts against none */
  const char *subject; /* the clip's hash, or the asset: not sent again anywhere */
  time_ms time;
  const char *words; /* the service's */
};

/* A task on an account that bears our asset's name but belongs to no attempt. */
struct stranger_record {
  const char *task_id;
  const char *account;
  const char *name;
  time_ms seen;
};

/* History: one line of what happened to a job, for people. */
struct event_record {
  job_id job;
  int64_t number; /* 1, 2, 3 … within the job: makes the upsert repeatable */
  time_ms time;
  enum log_event event;
  const char *account;
  attempt_id attempt;
  const char *text; /* fields as logfmt */
};

/* What the progress line last said, for `status` of a run at work. */
struct progress_record {
  batch_id batch;
  time_ms eta; /* 0 unknown */
  time_ms time;
};

/* A person's order for whoever holds the state: applied exactly once, for its answer is in the same
 * group as its effects. Given by store_give_request; RECORD_REQUEST_ANSWER writes id and answer. */
struct request_record {
  int64_t id;
  const char *verb;    /* pause, resume, cancel, retry, forget */
  const char *batch;   /* key; NULL: an account is meant */
  const char *pattern; /* job ids and globs, one a line; NULL: the whole batch */
  const char *account; /* NULL: none */
  const char *flags;   /* of "force again all", by spaces; NULL: none */
  time_ms asked;
  time_ms answered; /* 0: not yet */
  int32_t status;   /* the exit status of the command that asked */
  const char *answer;
};

enum record_kind {
  RECORD_BATCH,
  RECORD_JOB,       /* insert: both parts */
  RECORD_JOB_SPEC,  /* id, key and the spec part of a job that is there */
  RECORD_JOB_STATE, /* id and the state part of a job that is there */
  RECORD_ATTEMPT,
  RECORD_UPLOAD,
  RECORD_ACCOUNT,
  RECORD_STRANGER,
  RECORD_EVENT,
  RECORD_PROGRESS,
  RECORD_MODERATION,
  RECORD_REQUEST_ANSWER, /* id and the answer of a request that is there */
  RECORD_CLIP            /* what probing and hashing found, by path, size and time */
};

struct record {
  enum record_kind kind;
  union {
    struct batch_record batch;
    struct job_record job;
    struct attempt_record attempt;
    struct upload_record upload;
    struct account_record account;
    struct stranger_record stranger;
    struct event_record event;
    struct progress_record progress;
    struct request_record request;
    struct moderation_record moderation;
    struct clip clip;
  } as;
};

#endif
