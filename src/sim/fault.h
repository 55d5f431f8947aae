/* What a seed does to a run: the world it plays in (accounts, jobs, the service's ways) and all
 * that goes wrong there. Drawn once, before the run; changes nothing by itself (sim/soak.c does).
 */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "sim/scenario.h"
#include "sim/world.h"
#include "util/prng.h"

/* Survived means: nothing paid twice, nothing lost, every job ends or is held with evidence. The
 * faults of calls and of tasks are the service's own (sim/scenario.h: SIM_FAULTS, SIM_FAILURES). */
#define HAZARDS(X)                                                                                 \
  X(HAZARD_LATE_TASK, "task created after the connection was cut")                                 \
  X(HAZARD_HELD, "request delivered after the connection was cut")                                 \
  X(HAZARD_LISTING_LAG, "lists that lag")                                                          \
  X(HAZARD_NO_REFS, "lists without references")                                                    \
  X(HAZARD_NO_NAMES, "lists without names")                                                        \
  X(HAZARD_CAPACITY, "capacity changed")                                                           \
  X(HAZARD_BROKEN, "session broken")                                                               \
  X(HAZARD_SUSPENDED, "account suspended")                                                         \
  X(HAZARD_CREDITS, "credits run out")                                                             \
  X(HAZARD_OTHERS, "tasks of others")                                                              \
  X(HAZARD_NETWORK, "network away")                                                                \
  X(HAZARD_SLEEP, "laptop asleep")                                                                 \
  X(HAZARD_COMMIT_FULL, "state: disk full")                                                        \
  X(HAZARD_COMMIT_ERROR, "state: commit fails")                                                    \
  X(HAZARD_COMMIT_UNKNOWN, "state: commit done, error told")                                       \
  X(HAZARD_FETCH, "download fails")                                                                \
  X(HAZARD_CUT_WHOLE, "reply cut that looks whole")                                                \
  X(HAZARD_ASSETS_GONE, "uploads deleted by others")                                               \
  X(HAZARD_TASK_GONE, "task cancelled or deleted by others")                                       \
  X(HAZARD_FILE_APPEARS, "another file at the output")                                             \
  X(HAZARD_UNNAMED, "account taken out of the config")                                             \
  X(HAZARD_STOP, "signal and restart")                                                             \
  X(HAZARD_CRASH_BEFORE, "crash before a commit")                                                  \
  X(HAZARD_CRASH_DURING, "crash during a commit")                                                  \
  X(HAZARD_CRASH_AFTER, "crash after a commit")                                                    \
  X(HAZARD_CRASH_BETWEEN, "crash between commits")                                                 \
  X(HAZARD_CRASH_RECOVERY, "crash while recovering from one")                                      \
  X(HAZARD_RETRY, "a person orders: retry")                                                        \
  X(HAZARD_CANCEL, "a person orders: cancel")                                                      \
  X(HAZARD_PAUSE, "a person orders: pause")                                                        \
  X(HAZARD_RESUME, "a person orders: resume")                                                      \
  X(HAZARD_TOKEN, "token refused, or its subscription over")                                       \
  X(HAZARD_CLOCK, "wall clock set")                                                                \
  X(HAZARD_EDIT, "batch or config edited")                                                         \
  X(HAZARD_RELOAD, "files read again while at work")                                               \
  X(HAZARD_CALLBACK_LOST, "callback lost")                                                         \
  X(HAZARD_CALLBACK_DOUBLED, "callback doubled")                                                   \
  X(HAZARD_CALLBACK_LATE, "callback late, out of order")                                           \
  X(HAZARD_CALLBACK_FORGED, "callback forged, many times over")

enum hazard {
#define X(name, text) name,
  HAZARDS(X)
#undef X
      HAZARD_COUNT
};
const char *hazard_name(enum hazard hazard);

/* Something done from outside at a time. */
struct hand {
  duration_ms at;
  enum hazard kind;
  duration_ms length; /* how long it lasts, where it lasts */
  int number;
  size_t subject; /* a job or an account */
};

/* An order of a person: at its time, or so many moments after it when a process is at work. */
struct person_order {
  duration_ms at;
  int64_t moments;
  enum hazard kind;
  struct request_record request;
  size_t number; /* as drawn */
};

/* In every fourth seed a person gives orders. All else is drawn without them, so the other seeds
 * (those of tests/sim/seeds.txt that tell nothing of orders are among them) keep their stories. */
bool fault_has_orders(uint64_t seed);

/* Some seeds have guards, as a config may: the same holds of them. */
bool fault_has_guards(uint64_t seed);
/* In two of eight seeds callbacks are on, drawn apart for the same reason; in one of the two a
 * person gives orders as well. */
bool fault_has_callbacks(uint64_t seed);
/* In four of sixteen the files are edited and read again, alone or with tokens, callbacks, clocks.
 */
bool fault_has_edits(uint64_t seed);

/* Every tenth seed is of FAULT_BEYOND: it lets lists lag by more than the settle time, and every
 * twentieth has a proxy deliver submissions twice. No protocol without the service's help can keep
 * from paying twice there, so that is only counted; all else must hold. */
enum fault_class { FAULT_WITHIN, FAULT_BEYOND };
enum fault_class fault_class_of(uint64_t seed);
bool fault_doubles_paid(uint64_t seed);

struct fault_plan {
  uint64_t seed;
  enum fault_class class;
  struct sim_scenario *scenario;
  struct sim_account_plan *accounts; /* the scenario's, to be mended */
  struct world_job *jobs;
  size_t job_count;
  size_t first_jobs;   /* in the file at first, where it is edited; else 0 */
  const char **assets; /* "EMAIL NAME" of what lies there before the first process */
  size_t asset_count;
  struct core_options core;
  struct core_guards *guards; /* per account; NULL: none. Lifted when everything is mended */
  struct world_callbacks callbacks;
  duration_ms safety_ms; /* faults until then */
  duration_ms bound_ms;  /* so long after, everything has ended */
  struct hand *hands;    /* in order of time */
  size_t hand_count;
  struct person_order *orders; /* in order of time */
  size_t order_count;
  int crashes_most;
  int64_t crash_gap; /* moments between crashes: up to so many */
  int recovery_percent;
  int64_t drawn[HAZARD_COUNT]; /* those that are there from the beginning */
};

/* `small`: fewer accounts and jobs, for many seeds in little time. */
struct fault_plan *fault_plan_new(uint64_t seed, bool small);
void fault_plan_free(struct fault_plan *plan);
/* Everything is mended: from here on the service and its accounts are as they should be. */
void fault_plan_mend(struct fault_plan *plan);
/* Puts the plan's assets there. */
void fault_plan_prepare(struct fault_plan *plan, struct sim_service *service, time_ms now);
/* One line: what was drawn. */
void fault_plan_describe(const struct fault_plan *plan, char *text, size_t size);

/* ---- fault_service.c: the service's side ---- */
void fault_draw_service(struct fault_plan *plan, struct prng *prng, size_t account_count);
/* ---- fault_orders.c: what a person orders ---- */
void fault_draw_orders(struct fault_plan *plan);
/* ---- fault_streams.c: tokens, clocks, requests that arrive twice ---- */
void fault_draw_tokens(struct fault_plan *plan); /* once the accounts are there, before the jobs */
void fault_draw_beside(struct fault_plan *plan); /* last */
void fault_add_hands(struct fault_plan *plan, const struct hand *more, size_t count);
/* ---- fault_edits.c: files that are edited and read again ---- */
enum edit { EDIT_NOTHING, EDIT_TAKE_OUT, EDIT_PUT_BACK, EDIT_ADD, EDIT_ACCOUNT, EDIT_COUNT };
void fault_draw_edits(struct fault_plan *plan);
/* ---- fault_guards.c: guards of a config ---- */
void fault_draw_guards(struct fault_plan *plan);
/* ---- fault_callbacks.c: what befalls callbacks ---- */
void fault_draw_callbacks(struct fault_plan *plan);
/* ---- what these files draw with ---- */
static inline bool fault_chance(struct prng *prng, int percent) {
  return prng_between(prng, 0, 99) < percent;
}
/* Small numbers as often as large ones. */
int64_t fault_scale(struct prng *prng, int64_t low, int64_t high);

#endif
