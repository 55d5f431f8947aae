/* The one loop and the one clock: joins core, wire, store, http and log into a run. */
#ifndef NIGHTSHIFT_RUNTIME_H
#define NIGHTSHIFT_RUNTIME_H

#include <sys/types.h>

#include "nightshift/batch.h"
#include "nightshift/config.h"
#include "nightshift/core.h"
#include "nightshift/error.h"
#include "nightshift/media.h"
#include "nightshift/report.h"

/* Held by the one process that may write the state: flock on a file beside it. */
struct run_lock;
/* ERR_BUSY names who holds it. A shared state is taken by store_open instead: then *lock is NULL.
 */
int run_lock_take(struct run_lock **lock, const char *state, struct error *error);
/* Whether some process holds it, without taking it. */
bool run_lock_is_held(const char *state);
void run_lock_release(struct run_lock *lock);

/* The state's path: `given` (--state or config), else $XDG_STATE_HOME/nightshift/state.db, else
 * ~/.local/state/nightshift/state.db. Refuses a URL with a password, and kinds that are not there.
 */
int state_path(const char *given, char *path, size_t size, struct error *error);
/* store_load, and ERR_DAMAGED for a state that the core could not go on from (core_load_fault). */
struct store;
struct store_snapshot;
int state_read(struct store *store, struct store_snapshot *snapshot, struct error *error);

/* What became of an order. */
struct control_answer {
  bool answered; /* else it is written down, and carried out by the run at work or the next one */
  bool poked;    /* a run at work was told of it */
  int status;    /* the command's exit status */
  char *text;    /* what was done, a line per job */
};
/* Gives an order (of *order: verb, batch, pattern, account, flags, asked) to the run at work and
 * waits 2 s at most for its answer; with no run at work carries it out. The state has to be there.
 * Errors: as store_open and store_commit. Release in any case. */
int control_give(const char *state, const struct request_record *order,
                 struct control_answer *answer, struct error *error);
void control_answer_release(struct control_answer *answer);

struct prospect;
struct run_options {
  const char *const *batch_paths;
  size_t batch_count;
  struct config *config;
  /* The config has errors, which are in `diags`: read the batches for their mistakes too, print all
   * and end with 2. Nothing else of *config may be used then. */
  bool config_failed;
  const char *state; /* resolved path; with config_failed the one that would be without a config */
  const char *api_url;
  double speed; /* 1 unless --speed */
  bool overwrite;
  bool adopt; /* --adopt: core.h */
  bool allow_absolute_output;
  int64_t limit;       /* --limit; 0: none */
  int64_t max_credits; /* --max-credits; -1: not given */
  const char *until;   /* --until: HH:MM or a duration; NULL: not given */
  /* Reads the config anew (SIGHUP); on the thread that reads it. Errors as config_load. */
  int (*read_config)(void *context, struct config *config, struct diag_list *diags);
  void *read_context;
  const char *listen; /* ADDR:PORT; "": nothing is served */
  const char
      *public_url; /* where the service reaches it, without a trailing slash; "": callbacks off
                    */
  struct log_sink *log;
  struct diag_list *diags; /* config's warnings so far; batch mistakes are added */
  const char *probe_path;  /* NULL: as media.h says */
  /* `check`: how long what is left will take, 0: it will not end; NULL: that is not told. */
  duration_ms (*expected)(const struct prospect *night);
  bool quiet;
  mode_t mask; /* of results, as umask gives it; all else is for its owner alone */
};

/* `run`: the exit status of the contract. Messages for a person go to stderr, events to the log. */
int runtime_run(const struct run_options *options);
/* `check`: every mistake, then the plan on standard output. Exit status 0, 2, 4, 70. */
int runtime_check(const struct run_options *options, FILE *out);
/* `rehearse`: what is left of the batches and with which accounts, as a run would begin now; asks
 * the service where it can, spends and writes nothing. Every mistake goes to stderr. Exit status 0,
 * 2, 3 (interrupted), 4, 70; memory from `arena`. */
struct arena;
int runtime_prospect(const struct run_options *options, struct arena *arena,
                     struct prospect *prospect);
/* `accounts` and `voices`: asks every token once, spends nothing, reads no state and no batch.
 * Voices come by name. Exit status 0, 2, 3 (interrupted), 4, told on stderr; memory from `arena`.
 */
int runtime_reach(const struct run_options *options, struct arena *arena, struct reached *reached);
/* `assets`: what is uploaded to every account, or to the one of this e-mail address. `snapshot` is
 * what the state knows, for telling which of it is ours. With `clean` deletes what is ours and what
 * no job needs by the word of whoever holds the state, who forgets it first. Exit status 0, 1 (no
 * such account), 2, 3 (interrupted), 4 (asked in vain, or not all could be deleted), 70; told on
 * stderr.
 */
int runtime_assets(const struct run_options *options, const char *email,
                   const struct store_snapshot *snapshot, bool clean, struct arena *arena,
                   struct stored_assets *assets);

#endif
