/* What the core remembers. Only src/core includes this. Each field is written by one file, named in
 * the comment of its struct; a job's state only by jobs.c. Jobs, accounts, attempts and clips are
 * known by their place in an array (int32_t, NONE for none), so that arrays may grow. */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "core/courses.h"
#include "core/tally.h"
#include "nightshift/core.h"
#include "util/arena.h"
#include "util/bitset.h"
#include "util/map.h"
#include "util/prng.h"

#define NONE ((int32_t)-1)

/* One clip on one account: upload.c. */
enum upload_state { UPLOAD_NONE, UPLOAD_WIRE, UPLOAD_READY };
struct upload {
  account_index account;
  enum upload_state state;
  const char *asset_id;
  const char *asset_name;
};

struct clip_entry {
  const char *hash;
  struct upload *uploads; /* few: one per account that has or had it */
  int32_t upload_count, upload_room;
};

/* Where a job that is not ended stands: jobs.c. */
enum place {
  PLACE_NONE,    /* ended, on the wire, running, downloading, or not of this run */
  PLACE_READY,   /* may be taken: in core.ready, or in its account's `pinned` */
  PLACE_DELAYED, /* in core.timed until rec.again */
  PLACE_AHEAD    /* bound to rec.account: its clip is there or on its way */
};

struct job {
  struct job_record rec;
  int32_t clip;    /* NONE: an asset job */
  int32_t voice;   /* in core.voices */
  int32_t pin;     /* account, NONE: any. PIN_UNKNOWN: an account that this run does not have */
  int32_t attempt; /* the current one, NONE */
  int32_t account; /* where it is bound or runs, NONE */
  int32_t avoid;   /* where it failed last, NONE */
  int32_t rank;    /* place in the order in which jobs are taken; NONE: not of this run */
  int32_t turn;    /* of its batch among those of its priority: order.c */
  int64_t events;  /* history lines so far */
  enum place place;
  bool ours;   /* of a batch of this run */
  bool dirty;  /* its state part is to be written at the end of the step */
  bool struck; /* something of it was moderated: moderation.c */
  int32_t reuploads;
  time_ms accepted; /* when its current task was known, in this process; 0: not yet */
  /* fetch.c */
  bool fetch_wire; /* a fetch, publish or look for a link is on its way */
  const char *url; /* the link last seen; not written down */
  int64_t url_bytes;
  int32_t fetch_fails; /* in a row, without getting further */
  int64_t fetch_had;   /* most bytes of the .part when one failed */
  time_ms fetch_at;    /* next try; TIME_NEVER: none */
};
#define PIN_UNKNOWN ((int32_t)-2)

struct attempt {
  struct attempt_record rec;
  int32_t job, account;
  int32_t next_there; /* on its account's list, in the order of core.open: attempts.c */
  bool dirty;
  bool holds_slot; /* counted in its account's in_flight, and on its list: attempts.c */
  /* watch.c */
  enum task_status status;
  time_ms accepted; /* when we knew of the task, in this process */
  struct course course;
  int32_t missing;    /* lists in a row that lacked it */
  time_ms lost_since; /* first of the looks that did not find it; 0: none */
  bool get_wire;      /* a GET of the task is on its way */
  time_ms get_at;     /* when to GET it; TIME_NEVER: by lists */
  bool running_told;
  enum { SLOW_NOT, SLOW_ASKED, SLOW_TOLD } slow; /* slow.c */
  struct hint hint;
  /* cancel.c */
  bool cancel_looked; /* asked for since a person wants it cancelled */
  bool delete_wire, delete_sent;
  /* settle.c */
  bool suspicious; /* something speaks for a task, but not clearly: absence cannot be concluded */
  int32_t candidate_count;
  const char
      *late_task; /* believed absent, seen while the job's next one is undecided; in core.late */
  bool scheduler_asked;
};

struct voice {
  const char *id;
  const char **there; /* per account: the id to send, NULL: not there; the array NULL: everywhere */
};

#define FOREIGN_MOST 4

struct account {
  const char *email;
  token_index token;
  int max_jobs; /* 1..10 */
  /* accounts.c */
  enum account_state state; /* READY, EMPTY, BROKEN, PAUSED, LOST; cooling is capacity.c's */
  const char *reason;
  bool suspended;       /* LOST for good: its owner's token still works */
  bool removed;         /* taken out of the config while the run is at work: reload.c */
  const char *paused;   /* by a person: why, NULL: not; outweighs the state */
  time_ms probe_at;     /* EMPTY, BROKEN: when to look again */
  time_ms broken_since; /* 0: not broken */
  duration_ms probe_pause;
  int64_t credits;
  bool explore_missing;
  bool dirty;
  /* moderation.c, guard.c */
  time_ms pardoned;      /* strikes before do not count */
  enum wait_reason rest; /* a guard lets it rest: why; WAIT_NONE: none */
  time_ms rest_until;    /* 0: not known */
  const char *rest_why;
  struct core_guards guards; /* hours.c; its windows are the core's */
  time_ms submitted;         /* when a submission last left; 0: never */
  /* money.c; _s: seconds of clips that are paid for */
  double price;          /* learned: credits for a second; 0: not known */
  double spent;          /* in this run, by readings */
  double unread_s;       /* ended since the last reading was asked for */
  double unread_asked_s; /* of them, before the one on its way was */
  double paid_s;         /* ended well since the last clean reading */
  double refund_s;       /* ended badly since the last reading */
  time_ms unread_since, read_at;
  double ours_s;                     /* ended well in this run, */
  int64_t ours;                      /* so many tasks */
  bool ours_before;                  /* some of them left before this run */
  const char *foreign[FOREIGN_MOST]; /* tasks of others that came during this run */
  int foreign_count;
  int64_t clean_credits; /* by the last reading with nothing in flight; -1: none */
  time_ms clean_at;      /* and when that was; 0: not known */
  bool is_clean;         /* nothing was in flight since the reading on its way was asked for */
  bool is_spoiled;       /* since the last clean one something ended whose cost cannot be told */
  /* capacity.c */
  int in_flight;         /* our attempts that hold a slot */
  int32_t first_there;   /* the list of them: attempts.c; go on by their next_there */
  int undecided;         /* of them those not known to have a task: attempts.c */
  int others;            /* tasks of others believed in flight */
  int others_listed;     /* of them in the last list */
  int sent_with;         /* how many held slots when the last submission left */
  int known;             /* how many it takes, all programs together, by what has been seen */
  int most;              /* the most that it ever took */
  time_ms try_at;        /* one more than `known` is not tried before */
  time_ms tried_at;      /* when that was last tried, or `known` last changed; 0: not yet */
  time_ms changed_at;    /* when `known` last changed */
  time_ms not_before;    /* Retry-After: nothing at all before */
  int tries;             /* refused in a row beyond `known` */
  double rises;          /* how often one more was taken, older times fading */
  double rises_expected; /* how often it would have been at the usual rate, in the same time */
  bool proven;      /* `known` comes from a refusal; before the first, one more is tried at once */
  int64_t refusals; /* in a row, since the last acceptance */
  int64_t refusals_total;
  /* submit.c, upload.c */
  int32_t submit_wire; /* attempt, NONE */
  int uploads_wire;
  time_ms upload_at;       /* after a failed upload: not before */
  time_ms submit_at;       /* after a submission that could not be sent: not before */
  duration_ms doubt_pause; /* after doubt in a row: it may be an outage */
  duration_ms submit_pause, upload_pause;
  int32_t *ahead; /* jobs with PLACE_AHEAD here */
  int32_t ahead_count, ahead_room;
  struct bitset pinned; /* ranks of PLACE_READY jobs that run only here */
  /* watch.c */
  bool list_wire, features_wire;
  int64_t list_limit; /* of the list on its way */
  time_ms look_at;
  time_ms look_asked; /* by look_soon: no later; TIME_NEVER: not */
  time_ms last_look;
  bool listed;    /* at least one whole list in this process */
  bool ever_task; /* a task was ever seen here */
  int32_t list_fails;
  struct {
    int open, on_wire, undecided;
  } seen;                                /* invariant.c counts here */
  const char *anchors[8];                /* newest task ids known here, newest first */
  struct pace pace[2];                   /* learn.c: without and with explore mode */
  struct other others_seen[OTHERS_MOST]; /* others.c */
  int others_count;
  struct account_tally tally;
};

/* Something that was moderated: moderation.c. */
struct moderation {
  int64_t id;
  job_id job;
  int32_t account; /* NONE: counts against none */
  time_ms time;
};

enum request_kind {
  REQUEST_SUBMIT,
  REQUEST_UPLOAD,
  REQUEST_LIST,
  REQUEST_GET_TASK,
  REQUEST_SCHEDULER,
  REQUEST_FEATURES,
  REQUEST_FETCH,
  REQUEST_PUBLISH,
  REQUEST_DELETE, /* of a task that a person wants cancelled */
  REQUEST_LINK    /* a GET of the task for a fresh link */
};

struct request {
  request_id id;
  enum request_kind kind;
  int32_t account, attempt, job, clip;
  int64_t limit;
  token_index token;
  time_ms sent;
};

/* How often one more was taken when what is known was so old, all accounts together: capacity.c. */
#define CAPACITY_AGES 5
struct capacity_age {
  double rises, expected;
};

/* From 100 ms to over an hour, each 1.25 times the one before. */
#define SETTLE_LATENCIES 48

struct core {
  struct core_options options;
  struct prng prng;
  time_ms now;
  struct core_output *out; /* during a step */
  bool started, stopping, over;
  const char *stop_why;
  int stop_status; /* exit status of a run that is stopping */
  bool all_listed; /* each account was listed once, or could not be: submissions may begin */
  struct arena strings;
  struct map interned; /* strings that come often */

  struct job *jobs;
  int32_t job_count;
  int32_t *by_id; /* job places sorted by id */
  int32_t *by_rank;
  int32_t rank_count;
  struct bitset ready;
  int32_t *timed; /* jobs with PLACE_DELAYED or a fetch_at */
  int32_t timed_count, timed_room;
  int64_t counts[JOB_STATE_COUNT]; /* of this run's jobs */
  struct {
    int64_t count, clips_ms;
  } waiting[2];  /* of them those not begun, without and with explore: jobs.c */
  int64_t begun; /* jobs begun in this run, for --limit; a first submission on the wire counts */

  struct attempt *attempts;
  int32_t attempt_count, attempt_room;
  attempt_id last_attempt;
  int32_t *open; /* attempts that are open, unsure, or accepted and not ended */
  int32_t open_count, open_room;
  struct map by_task;      /* task id to attempt */
  struct map by_ref;       /* replyRef to attempt */
  struct map assets;       /* our asset names to 1 */
  struct map strangers;    /* task id to when it was first seen */
  struct map foreign;      /* tasks of others on guarded accounts, to 1: money.c */
  struct map odd_statuses; /* statuses that nobody knows, told already */

  struct account *accounts;
  int32_t account_count;
  struct map account_by_email;
  struct voice *voices;
  int32_t voice_count;
  struct map voice_by_id;
  struct clip_entry *clips;
  int32_t clip_count, clip_room;
  struct map clip_by_hash;

  struct {
    batch_id id;
    const char *key;
    bool worked_on;
    struct batch_record rec;
  } * batches;
  int32_t batch_count;

  struct moderation *moderations; /* oldest first */
  int32_t moderation_count, moderation_room;
  struct map flagged; /* clips' hashes and assets that were moderated, to the first of them */
  bool ended_stale;   /* jobs have ended since batches were weighed */

  int32_t *wished; /* jobs that a person wants cancelled as soon as may be: cancel.c */
  int32_t wished_count, wished_room;

  struct request *requests;
  int32_t request_count, request_room;
  request_id last_request;

  int32_t *dirty_jobs;
  int32_t dirty_job_count, dirty_job_room;
  int32_t *dirty_attempts;
  int32_t dirty_attempt_count, dirty_attempt_room;

  /* How long answers to paid calls took: counts by doubling length, from 100 ms on. settle.c */
  int32_t latency[SETTLE_LATENCIES];
  int32_t *late; /* attempts whose task turned up late and is not decided on */
  int32_t late_count, late_room;
  time_ms answered_at; /* when a submission last got a definite answer, on any account; 0: never */
  int carries_ref; /* lists show replyRef, learned from our own tasks: 1 yes, 0 no, -1 not known */

  struct run_tally tally;
  struct hints hints;
  duration_ms others_ms; /* how long tasks of others take: others.c; 0: not known */
  time_ms started_at;
  int64_t succeeded_before; /* jobs that had before this run */
  time_ms progress_at;
  time_ms stall_at;    /* when it is told that nothing has ended; TIME_NEVER: it was told */
  struct pace pace[2]; /* all accounts together, without and with explore: learn.c */
  struct capacity_age ages[CAPACITY_AGES];
  duration_ms upload_ms; /* how long uploads take: upload.c; 0: not known */
  double
      progress_off; /* squares of how far off ends told by progress were, in spreads: foresee.c */
};

/* Grows an array to hold one more. */
#define GROW(array, count, room) ((array) = core_grow((array), sizeof *(array), (count), &(room)))
void *core_grow(void *array, size_t size, int32_t count, int32_t *room);

static inline struct job *job_at(struct core *core, int32_t place) {
  return place == NONE ? NULL : &core->jobs[place];
}
static inline struct attempt *attempt_at(const struct core *core, int32_t place) {
  return place == NONE ? NULL : &core->attempts[place];
}
static inline int32_t job_place(const struct core *core, const struct job *job) {
  return (int32_t)(job - core->jobs);
}
static inline int32_t account_place(const struct core *core, const struct account *account) {
  return (int32_t)(account - core->accounts);
}
static inline int32_t attempt_place(const struct core *core, const struct attempt *attempt) {
  return (int32_t)(attempt - core->attempts);
}

/* ---- actions.c: what a step wants ---- */
const char *core_keep(struct core *core, const char *text);   /* copied, for the core's life */
const char *core_intern(struct core *core, const char *text); /* the same, one copy of each */
struct action *action_add(struct core *core, enum action_kind kind);
struct record *record_add(struct core *core, enum record_kind kind);
struct request *request_add(struct core *core, enum request_kind kind, struct action *action);
bool request_take(struct core *core, request_id id, struct request *taken);
void job_touch(struct core *core, struct job *job);
void attempt_touch(struct core *core, struct attempt *attempt);
void core_flush(struct core *core); /* writes what was touched */
/* A log line that the caller may add fields to until the next action is added. */
struct log_line *log_add(struct core *core, enum log_level level, enum log_event event);
/* The same about a job, also kept in its history (`cause` says why, may be NULL). */
struct log_line *job_log(struct core *core, struct job *job, enum log_level level,
                         enum log_event event, const char *cause);
const char *batch_key(const struct core *core, batch_id id); /* NULL: none */
struct log_line *account_log(struct core *core, struct account *account, enum log_level level,
                             enum log_event event);
void account_save(struct core *core, struct account *account);

/* ---- jobs.c: the only writer of a job's state ---- */
void job_move(struct core *core, struct job *job, enum job_state to);
/* Into what is counted of this run's jobs, or out of it (`by` -1): before and after each change. */
void job_count(struct core *core, const struct job *job, int by);
void job_place_ready(struct core *core, struct job *job);
void job_place_delayed(struct core *core, struct job *job, time_ms until);
void job_place_ahead(struct core *core, struct job *job, int32_t account);
void job_unplace(struct core *core, struct job *job);
void job_timed(struct core *core, struct job *job); /* keep an eye on its times */
/* Ends it. `advice` may be NULL. */
void job_end(struct core *core, struct job *job, enum job_state state, const char *error,
             const char *advice);
/* Back to the queue, at once or at rec.again. */
void job_requeue(struct core *core, struct job *job);
/* Where a queued job of this run stands: nowhere while it or its batch is paused. */
void job_place_queued(struct core *core, struct job *job);
bool job_is_paused(const struct core *core, const struct job *job);
void jobs_ready_again(struct core *core); /* after ranking: into the new sets */
void jobs_wake(struct core *core);        /* delayed ones whose time has come */
struct job *job_by_id(struct core *core, job_id id);

/* ---- load.c ---- */
void job_load(struct core *core, struct job *job, const struct job_record *record, int64_t events);
/* Another spec part for a job that is in no place; ranks are to be made anew after it. */
void job_take_spec(struct core *core, struct job *job, const struct job_record *record);
void job_copy_spec(struct job_record *to, const struct job_record *from);
/* The order of priority and length, and where jobs are found by id. */
void jobs_rank(struct core *core);

/* ---- status.c: where everything stands ---- */
void status_on_event(struct core *core);

/* ---- reload.c ---- */
void reload_on_event(struct core *core, const struct core_reload *given);
#include "core/guards.h"

/* ---- accounts.c ---- */
void account_ask_credits(struct core *core, struct account *account);
/* What a config guards it by from now on; copied. */
void account_take_guards(struct account *account, const struct core_guards *given);
/* Jobs that were bound to it ahead of need may run elsewhere. */
void account_release_ahead(struct core *core, struct account *account);
bool account_usable(const struct account *account); /* may take submissions as to its state */
void account_mark_lost(struct core *core, struct account *account, const char *reason,
                       bool suspended);
void token_mark_lost(struct core *core, token_index token, const char *reason);
void account_mark_empty(struct core *core, struct account *account, const char *reason);
void account_mark_broken(struct core *core, struct account *account, const char *reason);
/* By a person, until a person resumes it. */
void account_pause(struct core *core, struct account *account, const char *why);
void account_resume(struct core *core, struct account *account);
void account_mark_ready(struct core *core, struct account *account);
/* Lost for its token, it has another one. */
void account_mark_found(struct core *core, struct account *account);
/* Outcomes that speak of the account or its token whatever the call was. True: it was one. */
bool account_on_outcome(struct core *core, struct account *account, const struct outcome *outcome);
void accounts_wake(struct core *core);
void account_on_features(struct core *core, struct account *account, const struct answer *answer);

/* ---- capacity.c: what an account takes now ---- */
enum room { ROOM_FREE, ROOM_PROBE, ROOM_FULL };
enum room capacity_room(const struct core *core, const struct account *account, time_ms *until);
void capacity_accepted(struct core *core, struct account *account);
/* The same of a task that was found to run there; says nothing of what it takes now. */
void capacity_found(struct core *core, struct account *account);
void capacity_refused(struct core *core, struct account *account, const struct answer *answer);
void capacity_load(struct account *account, const struct account_record *record);
void capacity_save(const struct account *account, struct account_record *record);
void capacity_start(struct core *core, struct account *account);
void capacity_take(struct account *account);
void capacity_give(struct core *core, struct account *account);
/* So many tasks hold slots there, all programs together, as a list shows. */
void capacity_seen(struct core *core, struct account *account, int running);
/* Tasks of others in flight there: by a list, by a 429. */
void capacity_others_listed(struct core *core, struct account *account, int listed);
void capacity_others_told(struct core *core, struct account *account, int told);

/* ---- core.c ---- */
/* As it is by itself, taken out of the config or not. */
struct core_account_view account_view(const struct core *core, const struct account *account,
                                      time_ms now);
int account_max_jobs(const struct core_account *given);
int32_t account_add(struct core *core, const struct core_account *given);
int32_t voice_for(struct core *core, const char *id); /* its place, made when new */

/* ---- pick.c: which job for this account, or why none; changes nothing ---- */
int32_t pick_for(const struct core *core, const struct account *account);
/* A job bound ahead to a busy account that this idle one should run instead. */
int32_t pick_steal(const struct core *core, const struct account *account);
/* As to what the job asks for and the account has, whatever its state. */
bool pick_suits(const struct core *core, const struct job *job, const struct account *account);
bool pick_eligible(const struct core *core, const struct job *job, const struct account *account);
const char *voice_there(const struct core *core, const struct job *job,
                        const struct account *account);
bool doubt_blocks(const struct core *core, const struct job *job, const struct account *account);
/* Whether the job may be submitted as to --limit and a stop. */
bool pick_may_begin(const struct core *core, const struct job *job);
bool pick_limit_reached(const struct core *core);

/* ---- upload.c ---- */
struct upload *upload_find(const struct core *core, int32_t clip, int32_t account);
bool upload_ready(const struct core *core, const struct job *job, int32_t account);
void upload_start(struct core *core, struct job *job, struct account *account);
void upload_on_answer(struct core *core, const struct request *request,
                      const struct answer *answer);
void upload_forget(struct core *core, int32_t clip, int32_t account);
void upload_restore(struct core *core, const struct upload_record *record);

/* ---- adopt.c ---- */
/* A task that nothing of ours owns. True: it is of a batch of this run, ordered by another state.
 */
bool adopt_see(struct core *core, struct account *account, const struct task_view *task);

/* ---- submit.c ---- */
/* Where the result goes: `{account}` in an output is known only when the account is. */
const char *submit_result_path(struct core *core, const struct job *job,
                               const struct account *account);
void submit_start(struct core *core, struct job *job, struct account *account);
void submit_on_answer(struct core *core, const struct request *request,
                      const struct answer *answer);
void submit_on_output_taken(struct core *core, const struct request *request, const char *path);

/* ---- attempts.c: the life of an attempt ---- */
struct attempt *attempt_add(struct core *core, struct job *job, struct account *account);
/* One for a task that another state ordered under this reference. */
struct attempt *attempt_adopt(struct core *core, struct job *job, struct account *account,
                              const char *reply_ref);
/* What goes along as replyRef: our own id of the attempt, then a blank and the job's `reference`,
 * as much of it as fits. Our own id has no blank, so it is found again whatever follows it. */
const char *attempt_full_ref(struct core *core, const struct attempt *attempt);
/* The attempt of a replyRef that the service shows; NULL: none of ours. */
struct attempt *attempt_of_ref(struct core *core, const char *reply_ref);
/* A part of a reference: percent-encoded, so that ':' only separates, and cut when too long. */
const char *attempt_ref_part(struct core *core, const char *text);
/* Open attempts on an account that was not of this run and now is. */
void attempts_rejoin(struct core *core, int32_t account);
void account_load(struct core *core, const struct account_record *record);
void attempt_restore(struct core *core, const struct attempt_record *record);
void attempt_accept(struct core *core, struct attempt *attempt, const char *task_id);
void attempt_close(struct core *core, struct attempt *attempt, enum attempt_state state,
                   const char *cause);
bool attempt_is_open(const struct attempt *attempt); /* open, unsure or accepted */

/* ---- settle.c: attempts in doubt ---- */
void settle_begin(struct core *core, struct attempt *attempt, const char *cause);
/* A task that no attempt owns was seen on this account. True: it belongs to an attempt of ours. */
bool settle_see(struct core *core, struct account *account, const struct task_view *task);
void settle_on_list(struct core *core, struct account *account, const struct answer *answer,
                    time_ms begun, int64_t limit);
/* When this attempt wants its account listed next; *complete: by a whole page. */
time_ms settle_look_at(const struct core *core, const struct attempt *attempt, bool *complete);
void settle_wake(struct core *core);
/* What runs or may run on a suspended account cannot be looked at any more: a person must tell. */
void settle_hold_suspended(struct core *core);
/* Twice the 99.9th percentile of the time that paid calls took, options.settle_ms at least. */
duration_ms settle_time(const struct core *core);
void settle_note_latency(struct core *core, duration_ms latency);
#define LIST_COMPLETE     1000 /* service.md: limit at most 1000 */
#define SETTLE_LEAST_MS   (120 * SECOND_MS)
#define SETTLE_BETWEEN_MS (30 * SECOND_MS)
#define SETTLE_GIVE_UP_MS HOUR_MS
#define SETTLE_WATCH_MS   (24 * HOUR_MS)

/* ---- watch.c: what was seen of running tasks ---- */
void watch_on_list(struct core *core, const struct request *request, const struct answer *answer,
                   time_ms begun);
void watch_on_task(struct core *core, const struct request *request, const struct answer *answer);
void watch_on_scheduler(struct core *core, const struct request *request,
                        const struct answer *answer);
void watch_see(struct core *core, struct attempt *attempt, const struct task_view *task);

/* ---- look.c: when to look at an account, and asking ---- */
void look_wake(struct core *core);
void look_soon(struct core *core, struct account *account, duration_ms delay);

/* ---- fetch.c ---- */
void fetch_begin(struct core *core, struct job *job, const struct task_view *task);
void fetch_resume(struct core *core, struct job *job); /* after a restart */
void fetch_wake(struct core *core);
void fetch_on_link(struct core *core, const struct request *request, const struct answer *answer);
void fetch_on_fetched(struct core *core, const struct request *request, const struct event *event);
void fetch_on_published(struct core *core, const struct request *request,
                        const struct event *event);

/* ---- retry.c: outcome and attempt to again when, elsewhere, never ---- */
void retry_after_failure(struct core *core, struct job *job, struct attempt *attempt,
                         const char *cause);
duration_ms retry_backoff(struct core *core, duration_ms *pause, duration_ms first,
                          duration_ms most);

#include "core/orders.h"

/* ---- schedule.c: fills the slots at the end of each step ---- */
void schedule_fill(struct core *core);
void schedule_end(struct core *core);

/* ---- progress.c ---- */
void progress_wake(struct core *core);
duration_ms progress_work_left(const struct core *core, const struct job *job);
int progress_slots(const struct core *core); /* that are worth counting on */
void progress_on_end(struct core *core);     /* a job of this run has ended */

/* ---- invariant.c ---- */
void core_check(struct core *core);

#include "core/foresight.h"

#endif
