/* The virtual world: the shipped core, wire and recovery code against the model of the service,
 * with a virtual clock, a network that delays and loses as the scenario says, a disk of names and
 * numbers, and a store in memory or in a real file. No thread, no socket; the same seed gives the
 * same bytes of trace. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "nightshift/core.h"
#include "nightshift/sim.h"
#include "util/buffer.h"

struct wire_request;
struct wire_reply;

/* A job of the world's one batch, "night". */
struct world_job {
  const char *name;
  const char *clip;      /* its content hash and path are made from it; NULL: `asset` */
  duration_ms length_ms; /* of the clip */
  const char *asset;     /* "hand:EMAIL": uploaded there by hand before the night */
  const char *voice;     /* a voice's id */
  const char *pin;       /* email, NULL: any account */
  enum explore_mode explore;
  int32_t priority;
  const char *reference; /* NULL: none */
};

/* Something that happened, told as it happens. Pointers are valid during the call only. */
enum world_moment_kind {
  WORLD_LOGGED,     /* line */
  WORLD_COMMITTING, /* words: a group is on its way to the disk */
  WORLD_COMMITTED,
  WORLD_SENT,     /* call; words "fetch" and "publish" have job alone */
  WORLD_ANSWERED, /* call, answer */
  WORLD_FATE      /* of the process; words alone: "the process died" */
};
struct world_moment {
  enum world_moment_kind kind;
  duration_ms at; /* since the start */
  /* "log job.submitted a", "committing attempt=open job=submitting", "sent submit one@example.com",
   * "answered submit one@example.com ok", "sent publish a", "the process died". */
  const char *words;
  const struct log_line *line;
  const struct call *call;
  const struct answer *answer;
  const struct record *records; /* COMMITTING, COMMITTED */
  size_t record_count;
  const struct wire_request *bytes; /* SENT, a call: as it left */
  const struct wire_reply *reply;   /* ANSWERED: as it came */
  job_id job;                       /* SENT, a fetch or publish; 0: another */
  const char *url;                  /* SENT, a fetch */
};
/* True: world_run returns after this. */
typedef bool world_watcher(void *context, const struct world_moment *moment);

/* What becomes of the service's callbacks on their way to the client, and who else knows where they
 * go. Shares are in percent of the callbacks that the service sends. */
struct world_callbacks {
  bool on;
  uint64_t seed; /* a stream of its own */
  int lost, doubled, late, forged;
  duration_ms late_most; /* late ones, and the second of doubled ones, by up to so much */
  int burst;             /* a forged one comes so many times in a row */
};

struct world_options {
  const struct sim_scenario *scenario; /* must outlive the world */
  uint64_t seed;
  const char *state_path; /* the state's file; NULL: in memory */
  const struct world_job *jobs;
  size_t job_count;
  size_t first_jobs; /* so many the file has at first, and it may be edited; 0: all, and it stays */
  struct core_options
      core; /* zeroes: the contract's defaults, no guards; the seed is the world's */
  struct world_callbacks callbacks; /* on: reply_url is set by the world, anew for each process */
  /* What a config says of accounts, by email; the service's max_jobs and credits are put in. */
  const struct core_account *accounts;
  size_t account_count;
  const struct core_guards *guards; /* of each account of the scenario; NULL: as above */
  time_ms start;                    /* when it begins; 0: a day that is always the same */
  bool trace_debug;                 /* debug lines too */
  bool lean; /* a quick one, see world_lean.c: one process, no trace, its state unread */
  world_watcher *watcher; /* NULL: none */
  void *context;
  /* Fills the service before the first process; NULL: it begins empty. Gets `context`. */
  void (*prepare)(void *context, struct sim_service *service, time_ms now);
};

struct world;
struct world *world_new(const struct world_options *options);
void world_free(struct world *world);

/* Goes on until the run ends, or until `until` after the start (TIME_NEVER: two weeks), or until
 * the watcher says so. Returns the exit status of the run, or -1 when it has not ended. After the
 * end of a run (or a crash) the next call begins a new process, which goes on where that one was.
 */
int world_run(struct world *world, duration_ms until);
/* The process is gone at once, with all that was on the wire; what was durable stays. The next
 * world_run begins with a new process `after` later. `point` says whether the commit under way, if
 * there is one, happened. */
void world_crash(struct world *world, enum store_point point, duration_ms after);
/* The state is lost: what the next process finds is empty. Between processes. */
void world_lose_state(struct world *world);
/* A signal: 10 s later the process ends whatever is still under way, as the program does. */
void world_stop(struct world *world);
/* A person's order (verb, pattern, account, flags; for the world's batch unless an account is
 * named). It is written down; a process at work carries it out, else it is applied at rest. */
void world_order(struct world *world, const struct request_record *order);
/* Between processes: orders that the last one left open are applied at rest by those who gave them,
 * who wait for their answers. */
void world_apply_orders(struct world *world);
/* What was said to the last order, "" when it is not answered yet; its exit status. Valid until the
 * next order or answer. */
const char *world_answer(struct world *world, int *status);
/* A line in the trace, of what was done to the world. */
void world_note(struct world *world, const char *words);
/* For a watcher: what this step still orders is not carried out. To be followed by world_crash. */
void world_die(struct world *world);
/* A laptop asleep: time passes, nothing moves. What was on the wire comes in afterwards, or with
 * `cut` all of it is lost on the way back. */
void world_sleep(struct world *world, duration_ms length, bool cut);
/* The next `count` commits fail with `code`. */
void world_fail_commits(struct world *world, int code, int count);

/* ---- what can go wrong between the client and the service, and on disk ---- */

/* Whether requests get through; while they do not, not one byte leaves. */
void world_set_network(struct world *world, bool up);
/* From now until `until` after the start: in the replies to these calls `from` reads `to`, as often
 * as it is there; with `to` NULL the reply ends before it, and looks whole. */
void world_rewrite(struct world *world, enum call_kind kind, const char *from, const char *to,
                   duration_ms until);
/* From now until `until` such calls are not carried out but answered with this status and error. */
void world_refuse(struct world *world, enum call_kind kind, int status, const char *text,
                  duration_ms until);
/* From now until `until` the service takes this token (a place in the scenario) for wrong (401), or
 * its subscription has run out (402). */
void world_refuse_token(struct world *world, token_index token, int status, duration_ms until);
/* The next paid call gets stuck in the network: the client waits in vain, and whatever becomes of
 * it, world_deliver hands the request over to the service one day. Nobody hears the reply. */
void world_hold_submit(struct world *world);
bool world_holds(const struct world *world); /* one is stuck */
void world_deliver(struct world *world);
/* The next `count` downloads end like this. */
void world_fail_fetches(struct world *world, enum fetch_result result, int count);
/* Somebody puts a file there. */
void world_put_file(struct world *world, const char *path);
/* Somebody deletes, by the service's own calls, what is known of the job's clip on every account;
 * or the job's task (cancels it when it is not ended, forgets it when it is). False: none known. */
bool world_delete_assets(struct world *world, size_t job);
bool world_delete_task(struct world *world, size_t job);
/* Somebody submits the job's clip and voice by other means, without a reference. False: no asset.
 */
bool world_make_twin(struct world *world, size_t job);
/* Somebody sets the wall clock, on by so much or back. The next process begins with it, unless the
 * state has a later time; what is at work does not see it. */
void world_set_clock(struct world *world, duration_ms by);
/* From the next process on the config does not name (`named` false), or names again, the account.
 */
void world_name_account(struct world *world, const char *email, bool named);
/* The batch's file is edited: a job is taken out or put back, more of the jobs are added, up to so
 * many in all. The next process reads it, or the one at work when it is told to. */
void world_list_job(struct world *world, size_t job, bool listed);
void world_write_jobs(struct world *world, size_t count);
/* SIGHUP: what the files say now is read, which takes its time, and taken over. */
void world_reload(struct world *world);
/* From now on callbacks come as the service sends them. */
void world_calm_callbacks(struct world *world);
/* How many callbacks were lost, doubled, late, forged so far. */
struct world_callback_counts {
  int64_t lost, doubled, late, forged;
  int64_t taken; /* given to the core */
};
struct world_callback_counts world_callback_counts(const struct world *world);
/* The options of the next process. */
struct core_options *world_next_options(struct world *world);

/* ---- asking ---- */

duration_ms world_now(const struct world *world); /* since the start */
time_ms world_clock(const struct world *world);   /* the program's */
/* The log lines so far, "  12.345s event key=value …". */
const char *world_trace(const struct world *world);
const struct sim_service *world_service(const struct world *world);
/* What the job's row in the state says, NULL where it has none yet; strings valid until the next
 * call. */
const struct job_record *world_job_record(struct world *world, size_t job);
struct wait world_job_why(const struct world *world, size_t job);
const struct core *world_core(const struct world *world);
/* The state, to be read between calls of world_run; its faults may be asked for. */
struct store *world_store(struct world *world);
/* How many steps the core took, for benchmarks. */
int64_t world_steps(const struct world *world);
/* How often the job's result was published. */
int world_published(const struct world *world, size_t job);
/* Whether a .part of the job's result lies there. */
bool world_part_lies(const struct world *world, size_t job);

#endif
