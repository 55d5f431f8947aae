/* A scenario as it was read: plain values, times as durations since the service began. Belongs
 * here: what the model needs to know of a night, nothing that changes while it passes. */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "nightshift/sim.h"
#include "util/arena.h"

/* Calls of the service as a server tells them apart. */
#define SIM_CALLS(X)                                                                               \
  X(SIM_ACCOUNTS, "accounts")                                                                      \
  X(SIM_FEATURES, "features")                                                                      \
  X(SIM_VOICES, "voices")                                                                          \
  X(SIM_UPLOAD, "upload")                                                                          \
  X(SIM_LIST_ASSETS, "list-assets")                                                                \
  X(SIM_GET_ASSET, "get-asset")                                                                    \
  X(SIM_DELETE_ASSET, "delete-asset")                                                              \
  X(SIM_SUBMIT, "submit")                                                                          \
  X(SIM_LIST_TASKS, "list-tasks")                                                                  \
  X(SIM_GET_TASK, "get-task")                                                                      \
  X(SIM_DELETE_TASK, "delete-task")                                                                \
  X(SIM_SCHEDULER, "scheduler")                                                                    \
  X(SIM_ARTIFACT, "artifact")                                                                      \
  X(SIM_NO_CALL, "other")
enum sim_call {
#define X(name, text) name,
  SIM_CALLS(X)
#undef X
      SIM_CALL_COUNT
};

#define SIM_FAULTS(X)                                                                              \
  X(FAULT_RESET_BEFORE, "reset_before")       /* the service never saw it */                       \
  X(FAULT_LOST_AFTER, "lost_after")           /* executed, closed without a reply */               \
  X(FAULT_5XX_BEFORE, "5xx_before")           /* not executed, `status` */                         \
  X(FAULT_5XX_AFTER, "5xx_after")             /* executed, `status` all the same */                \
  X(FAULT_CUT, "cut")                         /* executed, the body is cut */                      \
  X(FAULT_HANG_BEFORE, "hang_before")         /* not executed, silence */                          \
  X(FAULT_HANG_AFTER, "hang_after")           /* executed, silence */                              \
  X(FAULT_HTML, "html")                       /* not executed, a page instead of JSON */           \
  X(FAULT_429_QUEUE, "429_queue")             /* not executed, form 1 */                           \
  X(FAULT_429_RUNWAY, "429_runway")           /* not executed, form 2 */                           \
  X(FAULT_CLOSE_KEEPALIVE, "close_keepalive") /* a connection's later requests: executed, closed   \
                                               */                                                  \
  X(FAULT_TWICE, "twice")                     /* executed twice, as by a proxy that sends again */
enum sim_fault {
#define X(name, text) name,
  SIM_FAULTS(X)
#undef X
      FAULT_COUNT,
  FAULT_NONE = FAULT_COUNT
};

#define SIM_FAILURES(X)                                                                            \
  X(FAILURE_MODERATION, "moderation")     /* FAILED with SAFETY.* */                               \
  X(FAILURE_SUBMISSION, "submission")     /* 422 instead of a task */                              \
  X(FAILURE_INTERNAL, "internal")         /* FAILED with INTERNAL.* */                             \
  X(FAILURE_NO_ARTIFACTS, "no_artifacts") /* SUCCEEDED with nothing to fetch */                    \
  X(FAILURE_CANCELLED, "cancelled")       /* by somebody else */
enum sim_failure {
#define X(name, text) name,
  SIM_FAILURES(X)
#undef X
      FAILURE_COUNT,
  FAILURE_NONE = FAILURE_COUNT
};

struct sim_range {
  int64_t low, high; /* both included */
};
struct sim_window {
  duration_ms from, until;
};

/* When a rule strikes. Every condition that is given must hold; then by number or by chance. */
struct sim_when {
  const char *account, *asset, *voice, *ref; /* patterns (fnmatch), NULL: any */
  struct sim_window window;                  /* until TIME_NEVER: always */
  const int64_t *nth;                        /* the n-th matching calls, from 1 */
  size_t nth_count;
  double rate;   /* 0..1 */
  int64_t times; /* at most so often; 0: no limit */
};
struct sim_fault_rule {
  enum sim_fault kind;
  enum sim_call call; /* SIM_CALL_COUNT: any */
  struct sim_when when;
  int status;       /* 5xx_*, html */
  const char *body; /* "json", "html" or "empty" */
  double cut_at;    /* share of the body that leaves */
  duration_ms late; /* submissions that lose their reply: the task is created so much later */
};
struct sim_failure_rule {
  enum sim_failure kind;
  struct sim_when when;
  const char *reason, *category;
  double at; /* share of the work done by then */
};

struct sim_step {
  duration_ms at;
  int slots;
};
/* Tasks that others start on an account. */
struct sim_other {
  duration_ms at, length;
};
struct sim_others {
  const struct sim_other *given;
  size_t given_count;
  duration_ms every; /* mean pause between starts, drawn 50 % to 150 %; 0: none drawn */
  struct sim_range length;
};

struct sim_account_plan {
  const char *email;
  size_t token; /* into scenario.tokens */
  int max_jobs;
  const struct sim_step *steps; /* capacity at given times; the first at 0 */
  size_t step_count;
  struct sim_range drawn;  /* or a walk between these */
  duration_ms drawn_every; /* 0: by steps */
  double pace;             /* its tasks take so many times as long; 0: as the others' */
  int waiting_room;        /* tasks taken beyond the capacity, THROTTLED until a slot is free */
  double credits;          /* numPlanCredits permitted */
  double storage_gb;       /* permitted; 0: not said */
  bool unlimited;          /* the plan has explore mode */
  const int64_t *voices;   /* into scenario.voices */
  size_t voice_count;      /* 0: all */
  const struct sim_window *broken; /* 596 in between */
  size_t broken_count;
  duration_ms suspended; /* TIME_NEVER: never */
  struct sim_others by_hand, by_program;
};

struct sim_voice {
  const char *id, *name;
};

struct sim_forms {
  bool submit_nested, get_nested; /* the task under `task` */
  bool tasks_object, assets_object, voices_object;
  bool voice_id_key;   /* `voiceId` instead of `id` */
  bool list_refs;      /* lists of tasks carry replyRef */
  bool list_names;     /* and names */
  bool error_object;   /* `error` is an object */
  bool keeps_used;     /* an asset that a task is working on is not deleted */
  int64_t assets_page; /* a list of assets gives no more at a time; 0: as many as asked for */
  enum sim_after { AFTER_NONE, AFTER_SECONDS, AFTER_DATE, AFTER_FIELD } retry_after;
  duration_ms retry_after_ms;
};

struct sim_scenario {
  struct arena arena;
  uint64_t seed;
  const char **tokens; /* tokens[0] is `token` */
  size_t token_count;
  const struct sim_voice *voices;
  size_t voice_count;
  const struct sim_account_plan *accounts;
  size_t account_count;
  const struct sim_fault_rule *faults;
  size_t fault_count;
  const struct sim_failure_rule *failures;
  size_t failure_count;
  struct sim_forms forms;
  duration_ms work_base, work_per_second; /* a task's time in its slot after it started */
  double work_jitter;                     /* 0.2: 80 % to 120 % */
  struct sim_range start;                 /* from acceptance to RUNNING */
  double explore_factor;
  double credits_per_second;
  duration_ms listing_lag;
  duration_ms subscription_ends; /* TIME_NEVER: never */
  struct sim_range latency[SIM_CALL_COUNT];
  struct sim_range artifact_bytes;
  duration_ms artifact_ttl;
  int64_t artifact_bytes_per_second; /* 0: at once */
};

const char *sim_call_name(enum sim_call call);
const char *sim_fault_name(enum sim_fault fault);
const char *sim_failure_name(enum sim_failure failure);

/* The text of the built-in scenario. */
extern const char sim_scenario_builtin[];

#endif
