/* The core: decides everything, does nothing. A function of (state, time, event) to (state,
 * output).
 *
 * It is stepped; it never calls out, never reads a clock, never draws a random number but from the
 * seed it was given. Time is an argument and never goes back. Its output is a list of records and a
 * list of actions: what one step wants persisted must be durable before any action of that step is
 * carried out, and steps are carried out in order. */
#ifndef NIGHTSHIFT_CORE_H
#define NIGHTSHIFT_CORE_H

#include "nightshift/account.h"
#include "nightshift/call.h"
#include "nightshift/job.h"
#include "nightshift/log.h"
#include "nightshift/outcome.h"
#include "nightshift/record.h"
#include "nightshift/store.h"

struct core;
struct arena;

struct core_options {
  uint64_t seed; /* jitter, and what makes references unique: from the system's random */
  duration_ms retry_wait_low; /* config scheduling.retry_wait */
  duration_ms retry_wait_high;
  duration_ms poll_low; /* config scheduling.poll */
  duration_ms poll_high;
  bool poll_given;  /* the config says it: the longest pause holds even while no task can end */
  int max_attempts; /* config scheduling.max_attempts */
  int upload_ahead; /* config scheduling.upload_ahead */
  duration_ms settle_ms;     /* 120 s at least: rule of the settle protocol */
  int64_t start_limit;       /* --limit: jobs started; 0: no limit */
  int strikes;               /* config moderation.pause_account: so many, */
  duration_ms strike_window; /* in that time; 0 strikes: off */
  int batch_percent;         /* config moderation.pause_batch: such a share, */
  int batch_least;           /* of at least so many; 0 percent: off */
  bool credits_limited;
  int64_t max_credits; /* --max-credits: spent by this run; with credits_limited */
  time_ms until; /* --until: nothing is submitted that would not be home by then; 0: no such time */
  duration_ms stray_ms;  /* how long after the start another process may still submit what it wrote
                          * down (store_stray_ms) */
  bool adopt;            /* --adopt: take over tasks of our batches that another state ordered */
  const char *reply_url; /* given along with submissions: callbacks come; NULL: none */
};

/* From `from` on until just before `until`. */
struct time_window {
  time_ms from, until;
};

/* What a config guards an account by; all zeroes: nothing. */
struct core_guards {
  const struct time_window *hours; /* when jobs are submitted there, in order of time; copied */
  size_t hour_count;               /* 0: always */
  int64_t jobs_per_day;            /* within any 24 h; 0: no limit */
  duration_ms min_gap;             /* between two submissions; 0: none */
  bool credits_limited;
  int64_t max_credits;  /* spent there by this run; with credits_limited */
  int64_t keep_credits; /* left untouched; 0: none */
};

struct core_account {
  const char *email;
  token_index token;
  int max_jobs;    /* the smaller of config and API; 0: neither said */
  int64_t credits; /* as the service said before the run; -1 unknown */
  struct core_guards guards;
};

/* ---- building: before core_start ---- */

struct core *core_new(const struct core_options *options);
void core_free(struct core *core);
/* Accounts in the order they were configured. Returns the account's index. */
account_index core_add_account(struct core *core, const struct core_account *account);
/* The voice known as `voice_id` in jobs is `id_there` on this account. A voice_id never named here
 * is sent as it is, everywhere; one named only for some accounts runs only there. */
void core_add_voice(struct core *core, const char *voice_id, account_index account,
                    const char *id_there);
/* Why the core cannot go on from this snapshot, as "a job has two open attempts"; NULL: it can.
 * What the core wrote is always sound: else the state came to harm, and the run must not begin. */
const char *core_load_fault(const struct store_snapshot *snapshot);
/* Takes over all that the state knows, which core_load_fault has looked at; `batches` are the ids
 * that this run works on (jobs of others are only kept in mind where they hold a slot of an
 * account). event_counts as from store_event_counts, or NULL. The snapshot may be released
 * afterwards. */
void core_load(struct core *core, const struct store_snapshot *snapshot,
               const int64_t *event_counts, const batch_id *batches, size_t batch_count);

/* ---- stepping ---- */

enum fetch_result {
  FETCH_WHOLE,   /* the .part is whole and synced */
  FETCH_EXPIRED, /* the link is no good any more: ask for a fresh one */
  FETCH_FAILED,  /* network or server: try again, resuming */
  FETCH_LENGTH,  /* ended with another length than promised: start over */
  FETCH_FULL,    /* no room on the device: try again later */
  FETCH_OUTPUT   /* the output cannot be written: names the reason */
};

enum publish_result {
  PUBLISH_DONE,  /* under its final name, directory synced */
  PUBLISH_TAKEN, /* another file had appeared: kept beside it, `path` says where */
  PUBLISH_LOST,  /* the .part is not the one that was fetched: fetch again */
  PUBLISH_FAILED /* the system refused: try again later */
};

enum event_kind {
  EVENT_TICK,         /* core_deadline has come, or nothing */
  EVENT_ANSWER,       /* a call has ended: answer */
  EVENT_OUTPUT_TAKEN, /* SUBMIT was not sent: a file not ours stands where the result shall be */
  EVENT_OUTPUT_FOUND, /* at start: the same, found before anything was sent (job) */
  EVENT_FETCHED,
  EVENT_PUBLISHED,
  EVENT_CONTROL,  /* a person's order: control */
  EVENT_RELOAD,   /* config and batches were read again: reload */
  EVENT_STATUS,   /* a person wants to know where everything stands: told as log lines */
  EVENT_CALLBACK, /* somebody says how a task is: said. At most a reason to look at it sooner */
  EVENT_STOP      /* a signal: submit nothing new, finish what is on the wire */
};

/* What a person orders: `retry`, `cancel`, `pause`, `resume`; and, for `assets --clean`, uploads to
 * be forgotten. The answer has a line for each of those: its id, a tab, and CORE_FORGOTTEN or who
 * needs it. */
enum control_verb { CONTROL_RETRY, CONTROL_CANCEL, CONTROL_PAUSE, CONTROL_RESUME, CONTROL_FORGET };
#define CORE_FORGOTTEN "forgotten"
struct control {
  enum control_verb verb;
  const char *batch;   /* its key; NULL: an account is meant, or uploads are */
  const char *pattern; /* job ids and globs, one a line; NULL: the whole batch. FORGET: an account,
                        * a tab and an assetId a line */
  const char *account; /* pause, resume: its e-mail address */
  bool force;          /* retry: moderated clips too */
  bool again;          /* retry: pays again for a job whose task finished */
  bool all;            /* cancel: the whole batch, where no pattern is given */
  int64_t request;     /* the request that is answered, in the same output; 0: none */
};

/* Config and batches that were read again and have no mistakes. Strings are the caller's. */
struct core_voice {
  const char *email; /* one of `accounts` */
  const char *voice_id, *id_there;
};
struct core_reload {
  /* Seed, settle_ms, start_limit, adopt and reply_url stay as they were. */
  const struct core_options *options;
  const struct core_account *accounts; /* all that the config has now */
  size_t account_count;
  const struct core_voice *voices; /* as core_add_voice */
  size_t voice_count;
  /* Of core_enroll, for the snapshot that core_refresh brought up to date: written by this step, so
   * their strings have to last until it is durable. */
  const struct record *records;
  size_t record_count;
  const char *settings; /* what else has changed, for the log; NULL: nothing */
  /* The state as it is now: what it knows of accounts that join. NULL: nothing. */
  const struct store_snapshot *known;
};

struct event {
  enum event_kind kind;
  request_id request; /* ANSWER, OUTPUT_TAKEN, FETCHED, PUBLISHED: the action's */
  job_id job;         /* OUTPUT_FOUND */
  time_ms begun;      /* ANSWER: when its first byte was let go */
  const struct answer *answer;
  const struct control *control;    /* CONTROL */
  const struct core_reload *reload; /* RELOAD */
  const struct task_view *said;     /* CALLBACK: its id or its replyRef, and the status it claims */
  enum fetch_result fetch;
  enum publish_result publish;
  int64_t bytes, inode; /* FETCHED WHOLE; FAILED: bytes that are there so far */
  const char *path;     /* PUBLISHED TAKEN */
  const char *text;     /* FETCHED, PUBLISHED, STOP: what went wrong, or the signal's name */
};

enum action_kind {
  ACTION_CALL,  /* request, call; for SUBMIT look at `path` first and send OUTPUT_TAKEN if there */
  ACTION_FETCH, /* request: download `url` to `path`.part, `bytes` expected (-1 unknown) */
  ACTION_PUBLISH, /* request: rename `path`.part, which has `bytes` and `inode`, to `path` */
  ACTION_DISCARD, /* remove `path`.part */
  ACTION_LOG,     /* print `line` */
  ACTION_END      /* the run is over: exit_status, `text` says why */
};

struct action {
  enum action_kind kind;
  request_id request;
  job_id job;
  struct call call;
  const char *url;
  const char *path;
  int64_t bytes, inode;
  time_ms not_after; /* SUBMIT: from then on answered as not sent; 0: no such time */
  struct log_line line;
  int exit_status;
  const char *text;
};

/* What went on an account in this run by its credits now, against what our tasks there cost by the
 * price that is known. */
struct core_spent {
  int64_t credits, expected, count; /* gone; of our tasks; so many */
  const char *not_ours;             /* tasks of others that came meanwhile; NULL: none were seen */
};

/* What a step wants. Reused: core_output_reset empties it. The arena owns every string in it. */
struct core_output {
  struct arena *arena;
  struct record *records;
  size_t record_count, record_room;
  struct action *actions;
  size_t action_count, action_room;
};
void core_output_init(struct core_output *output);
void core_output_reset(struct core_output *output);
void core_output_release(struct core_output *output);

/* Once, after building: what was open becomes unsure, what runs is watched, finished results are
 * fetched first. */
void core_start(struct core *core, time_ms now, struct core_output *output);
void core_step(struct core *core, time_ms now, const struct event *event,
               struct core_output *output);
/* A person's order while no run is at work: applied to what is loaded, before or instead of
 * core_start. What needs the service is only written down, for the next run. Of the output only the
 * records count. May be called several times. */
void core_control(struct core *core, time_ms now, const struct control *control,
                  struct core_output *output);
/* A core for that: of all that the snapshot knows, all batches and accounts. event_counts as for
 * core_load. */
struct core *core_at_rest(const struct store_snapshot *snapshot, const int64_t *event_counts);
/* A request as an order. Strings are the request's. */
struct control core_control_of(const struct request_record *request);
/* Brings a snapshot that was read before to what the core knows by now, for core_enroll. Its texts
 * may be the core's, valid until the next step. */
void core_refresh(const struct core *core, struct store_snapshot *snapshot);
/* How often core_step may be given callbacks is not limited here: one that is no reason to look
 * costs two look-ups and changes nothing, the others lead to one GET of the task in 5 s at most. */
/* When core_step wants a TICK; TIME_NEVER: only events matter. */
time_ms core_deadline(const struct core *core);

/* ---- asking ---- */

#define WAITS(X)                                                                                   \
  X(WAIT_NONE, "")                                                                                 \
  X(WAIT_TURN, "waits for a free slot")                                                            \
  X(WAIT_UPLOAD, "its clip is being uploaded")                                                     \
  X(WAIT_WIRE, "its submission is on the wire")                                                    \
  X(WAIT_TASK, "the service is at work on it")                                                     \
  X(WAIT_FETCH, "its result is being fetched")                                                     \
  X(WAIT_EVIDENCE, "whether its submission made a task is being found out")                        \
  X(WAIT_AGAIN, "waits before the next try")                                                       \
  X(WAIT_SAME_CLIP, "the same clip and voice is in doubt on this account")                         \
  X(WAIT_LISTING, "the account's tasks have not been listed yet")                                  \
  X(WAIT_COOLING, "the account takes no more now")                                                 \
  X(WAIT_EMPTY, "the account has no credits")                                                      \
  X(WAIT_BROKEN, "the account's session is broken: sign it in again")                              \
  X(WAIT_PAUSED, "the account is paused")                                                          \
  X(WAIT_STRIKES, "the account rests: too many of its tasks were moderated")                       \
  X(WAIT_CAUTION, "as many tasks are in flight there as may yet be moderated")                     \
  X(WAIT_HOURS, "outside the account's hours")                                                     \
  X(WAIT_DAY, "the account has begun its jobs_per_day")                                            \
  X(WAIT_GAP, "the account's min_gap is not over")                                                 \
  X(WAIT_PRICE, "what a clip costs there is being found out: one at a time")                       \
  X(WAIT_CREDITS, "a guard of credits allows no more: --max-credits, max_credits or "              \
                  "keep_credits")                                                                  \
  X(WAIT_RUN_OVER, "this run begins no more: run again to go on")                                  \
  X(WAIT_BATCH, "its batch is paused: too many of its clips were moderated; look at them, then "   \
                "`nightshift resume`")                                                             \
  X(WAIT_PERSON, "paused by a person; `nightshift resume` lets it go on")                          \
  X(WAIT_CANCEL, "is being cancelled: its task is looked at first")                                \
  X(WAIT_LOST, "no account that may run it is left")                                               \
  X(WAIT_STOPPING, "the run is stopping")

enum wait_reason {
#define X(name, text) name,
  WAITS(X)
#undef X
      WAIT_COUNT
};

/* Why a job does not go on right now, where, and until when (0: not known). */
struct wait {
  enum wait_reason reason;
  const char *account; /* NULL: no certain one */
  time_ms until;
};
struct wait core_why(const struct core *core, job_id job, time_ms now);
/* "waits for a free slot", "the account takes no more now (one@example.com, until 22:14:05Z)" */
const char *wait_words(enum wait_reason reason);
void wait_describe(const struct wait *wait, char *text, size_t size);

struct core_counts {
  int64_t jobs;
  int64_t by_state[JOB_STATE_COUNT];
};
/* All jobs of the run, or of one batch. */
struct core_counts core_count(const struct core *core, batch_id batch_or_0);

/* At the end of a run, for an account without guards of money (of others the core tells itself):
 * whether more credits are gone by this reading than our tasks there can have cost. False as well
 * when that cannot be told: no price is known, or tasks were paid for before this run. Memory from
 * `arena`. */
struct arena;
bool core_spent_more(const struct core *core, struct arena *arena, const char *email,
                     int64_t credits, struct core_spent *spent);
/* When everything will have ended, by what is known; 0: not known. */
time_ms core_eta(const struct core *core, time_ms now);

/* Jobs that succeed an hour, over the whole run; -1: not known yet. */
int64_t core_per_hour(const struct core *core, time_ms now);

struct core_account_view {
  const char *email;
  enum account_state state;
  time_ms until;
  int running;  /* our slots in use, doubt included */
  int others;   /* tasks of others seen there */
  int capacity; /* believed */
  int64_t credits;
  const char *reason;
};
size_t core_account_count(const struct core *core);
struct core_account_view core_account_at(const struct core *core, account_index index, time_ms now);

/* ---- what people watch of a run at work: view.c ---- */

/* A job as it stands; its texts are the core's, valid until the next step. */
struct core_job_view {
  job_id id;
  batch_id batch;
  const char *name;
  enum job_state state;
  const char *account; /* where it is or was; NULL: nowhere yet */
  const char *error, *advice;
  int percent; /* that its task was last seen at; 0: not known */
  int32_t attempts;
  bool paused, cancel_wanted; /* by a person */
  time_ms since;   /* RUNNING: when its attempt was decided on; DOWNLOADING: when its task ended */
  time_ms until;   /* RUNNING: when the task is expected to end; 0: not known */
  time_ms changed; /* when the state part last changed */
};
/* Jobs have a place from 0 on, which they keep; their number only grows. */
size_t core_job_count(const struct core *core);
/* False: the job there is none of this run, or is no longer in its file and not under way. */
bool core_job_at(const struct core *core, size_t place, struct core_job_view *view);
/* All that the state's row has of it, as of the last step; NULL: there is no such job. */
const struct job_record *core_job_record(const struct core *core, job_id id);

struct core_batch_view {
  batch_id id;
  const char *key, *path;
  bool paused;
  const char *why; /* what paused it: a guard's words; NULL: a person */
  time_ms eta;     /* when its last job will have ended, by the order in which jobs are taken and
                      by what is known; 0: not known */
};
size_t core_batch_count(const struct core *core);
/* Fills the places of batches that this run works on, in the order of the run's; returns how many.
 * Costs a walk over all jobs. */
size_t core_batches(const struct core *core, time_ms now, struct core_batch_view *views);

/* ---- who is who across runs: reading a batch against the state; pure, before core_load ---- */

/* A job as the batch has it, resolved. `record` carries key, name, number and the spec part; its
 * clip_hash may be NULL when the clip was not needed. */
struct enroll_notice {
  int32_t line, column;
  const char *text;
};
struct enroll_result {
  struct record *records; /* to be committed before the run: batch, new jobs, changed specs */
  size_t record_count;
  struct enroll_notice *notices; /* warnings: edits of begun jobs, renamed or moved jobs */
  size_t notice_count;
  batch_id batch;
};
/* `file_exists` tells whether the file of a batch known by its path is still there. Memory from
 * `arena`; the records' strings stay those of the snapshot, the batch and the jobs. */
void core_enroll(struct arena *arena, const struct store_snapshot *snapshot,
                 const struct batch_record *batch, const struct job_record *jobs, size_t job_count,
                 bool (*file_exists)(void *, const char *path), void *context, time_ms now,
                 struct enroll_result *result);
/* What the state knows of one batch, for questions about many jobs of its file. The snapshot must
 * outlive it. */
struct enroll_known;
struct enroll_known *core_enroll_known(const struct store_snapshot *snapshot,
                                       const struct batch_record *batch);
void core_enroll_known_free(struct enroll_known *known);
/* Whether the stored job of this identity still needs its clip for an upload (true for a new job).
 */
bool core_enroll_needs_clip(const struct enroll_known *known, const struct job_record *job);
/* Whether the batch goes by another key in the state, or is not there: it may turn out to be a new
 * one, by what its clips are. Then those of finished work are looked at as well, if they are there;
 * a new job of a clip that nobody looked at ends `failed` when the core starts. */
bool core_enroll_may_be_new(const struct enroll_known *known);

#endif
