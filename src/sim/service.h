/* The model's own memory: accounts, assets, tasks and the ledger of one service. Belongs here: what
 * the service_*.c files share; everyone else uses nightshift/sim.h. */
#ifndef SIM_SERVICE_H
#define SIM_SERVICE_H

#include "sim/scenario.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/json_out.h"
#include "util/map.h"
#include "util/prng.h"

#define SIM_BASE_PATH "/v1/runwayml"
/* Requests kept in the ledger; later ones only count in the totals. */
#define SIM_LEDGER_MAX ((size_t)100000)
#define NONE           ((size_t)-1)

enum sim_origin { ORIGIN_ORDERED, ORIGIN_BY_HAND, ORIGIN_BY_PROGRAM };
enum sim_state {
  STATE_WAITING, /* THROTTLED: accepted beyond the capacity */
  STATE_PENDING, /* has a slot, not yet started */
  STATE_RUNNING,
  STATE_SUCCEEDED,
  STATE_FAILED,
  STATE_CANCELLED
};

struct sim_asset {
  const char *id, *uuid, *name, *media_type;
  size_t account;
  int64_t size_bytes;
  uint64_t hash;
  double seconds;        /* 0: not said */
  int64_t width, height; /* 0: not said */
  time_ms created;
  bool deleted;
};

struct sim_task {
  const char *id, *uuid, *name, *reply_ref, *reply_url;
  size_t account, asset; /* asset NONE: not ordered here */
  const char *voice_id;
  enum sim_origin origin;
  bool explore, deleted;
  double seconds, credits;
  time_ms created, slot_at, run_at, ended; /* 0: not yet */
  bool half_told;                          /* reply_url was told of half its work */
  duration_ms start_ms, work_ms;
  enum sim_state state;
  const struct sim_failure_rule *failure; /* NULL: ends well */
  int64_t artifact_bytes;
};

struct sim_indexes {
  size_t *items;
  size_t count, room;
};

/* Where one stream of others' tasks stands. */
struct sim_stream {
  struct prng prng;
  size_t given; /* next of the given ones */
  time_ms drawn_at;
};
struct sim_account {
  const struct sim_account_plan *plan;
  struct sim_step *steps; /* capacity: times absolute, made as far as was asked */
  size_t step_count, step_room;
  struct prng walk;
  double used;
  struct sim_indexes tasks, assets; /* oldest first */
  struct sim_indexes active;        /* tasks not ended, oldest first */
  struct sim_stream by_hand, by_program;
};

/* A submission whose task appears later than it should. */
struct sim_late {
  time_ms due;
  size_t task;
};

/* A callback that is to be POSTed. */
struct sim_told {
  const char *url;
  char *body;
  size_t body_bytes;
};

struct sim_record {
  time_ms at;
  enum sim_call call;
  enum sim_fault fault;
  enum sim_fate fate;
  int status;
  size_t account, task; /* NONE */
  size_t bytes;
  duration_ms delay;
  char method[8];
  char target[168];
  const char *reply_ref; /* in the arena */
};

struct sim_service {
  const struct sim_scenario *scenario;
  struct arena arena;   /* for good */
  struct arena scratch; /* one request */
  time_ms began, now, first_request;
  const char *base; /* of artifact links */
  struct prng ids, latency;
  struct sim_account *accounts;
  struct sim_asset *assets;
  size_t asset_count, asset_room;
  struct sim_task *tasks;
  size_t task_count, task_room;
  struct sim_late *late;
  size_t late_count, late_room;
  struct sim_told *told; /* callbacks, oldest first; those before told_taken are gone */
  size_t told_taken, told_count, told_room;
  struct map assets_by_id, tasks_by_id, tasks_by_uuid;
  struct map refs; /* accepted submissions per replyRef */
  struct map
      pairs; /* submissions per asset name and voice: makes their draws independent of order */
  int64_t *fault_seen, *fault_struck, *failure_seen, *failure_struck; /* per rule */
  struct sim_record *records;
  size_t record_count, record_room, unrecorded;
  struct sim_totals totals; /* counts; the rest is worked out when asked */
};

/* One request on its way through the model. */
struct sim_param {
  const char *name, *value;
};
#define SIM_PARAMS_MAX 16
struct sim_exchange {
  struct sim_service *service;
  const struct sim_request *request;
  enum sim_call call;
  const char *path; /* decoded, below the base */
  const char *id;   /* the last part of paths that name one thing */
  struct sim_param params[SIM_PARAMS_MAX];
  size_t param_count;
  bool wrong_method, malformed;
  size_t token;   /* NONE: not authorized */
  size_t account; /* NONE: not named */
  size_t task;
  const char *reply_ref;
  const struct sim_fault_rule *fault; /* NULL: none */
  struct buffer body;
  struct json_out json;
  struct sim_reply *reply;
};

/* ---- service_target.c: paths, queries ---- */
void sim_target_parse(struct sim_exchange *exchange);
const char *sim_param(const struct sim_exchange *exchange, const char *name);

/* ---- service_account.c: accounts over time ---- */
void sim_accounts_init(struct sim_service *service);
void sim_accounts_release(struct sim_service *service);
/* Runway's slots at a time. */
int sim_account_capacity(const struct sim_service *service, size_t account, time_ms at);
/* The next time after `at` when the capacity changes; TIME_NEVER. */
time_ms sim_account_next_step(const struct sim_service *service, size_t account, time_ms at);
bool sim_account_broken(const struct sim_service *service, size_t account, time_ms at);
bool sim_account_suspended(const struct sim_service *service, size_t account, time_ms at);
/* Active tasks on Runway: all, or those that the API started. */
size_t sim_account_running(const struct sim_service *service, size_t account);
size_t sim_account_queued(const struct sim_service *service, size_t account);

/* ---- service_tasks.c: from acceptance to the end ---- */
struct sim_task_order {
  size_t account, asset;
  const char *voice_id, *reply_ref, *reply_url;
  enum sim_origin origin;
  bool explore;
  duration_ms length; /* others' tasks; 0: by the clip */
  duration_ms late;
};
size_t sim_task_create(struct sim_service *service, const struct sim_task_order *order);
void sim_task_cancel(struct sim_service *service, size_t task);
bool sim_task_active(const struct sim_task *task);
const char *sim_task_status(const struct sim_task *task);
double sim_task_progress(const struct sim_task *task, time_ms now);
void sim_indexes_add(struct sim_indexes *indexes, size_t index);
const char *sim_new_uuid(struct sim_service *service, struct arena *arena);
/* A number from the seed and a name: the same whatever happened before. */
uint64_t sim_hash(uint64_t seed, const char *name, int64_t number);

/* ---- service_callbacks.c: what replyUrl is told ---- */
/* When a task is to be told of although nothing else happens to it; TIME_NEVER. */
time_ms sim_callback_next(const struct sim_task *task);
/* The task got on or ended, now: its replyUrl, if it has one, is to hear of it. */
void sim_callback_add(struct sim_service *service, struct sim_task *task);
void sim_callbacks_release(struct sim_service *service);

/* ---- service_others.c: tasks that others start ---- */
void sim_others_init(struct sim_service *service);
time_ms sim_others_next(const struct sim_service *service, size_t account);
/* Starts what is due at `now`. */
void sim_others_step(struct sim_service *service, size_t account, time_ms now);

/* ---- service_faults.c: which rule strikes ---- */
const struct sim_fault_rule *sim_fault_draw(struct sim_exchange *exchange);
enum sim_stage { STAGE_SUBMISSION, STAGE_TASK };
/* `asset` and `ref` may be NULL. */
const struct sim_failure_rule *sim_failure_draw(struct sim_service *service, enum sim_stage stage,
                                                const char *email, const char *asset,
                                                const char *voice, const char *ref);

/* ---- service_answer.c: replies ---- */
void sim_refuse(struct sim_exchange *exchange, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Without a code field, as the service does for what comes from Runway itself. */
void sim_refuse_bare(struct sim_exchange *exchange, int status, const char *text);
void sim_answer_429_queue(struct sim_exchange *exchange, size_t account, int max_jobs);
void sim_answer_429_runway(struct sim_exchange *exchange);
enum sim_detail { DETAIL_ALONE, DETAIL_LISTED, DETAIL_NO_REF };
/* The task as an object named `name` (NULL: in an array, or at the top). */
void sim_write_task(struct sim_exchange *exchange, struct json_out *json, const char *name,
                    const struct sim_task *task, enum sim_detail detail);
const char *sim_artifact_url(struct sim_exchange *exchange, const struct sim_task *task);

/* ---- service_codec.c: what comes in ---- */
struct sim_submission {
  const char *asset_id, *voice_id, *reply_url, *reply_ref;
  bool explore;
  int max_jobs; /* 0: not said */
};
/* False with `problem` set when the body is not what the service takes. Memory is the arena's. */
bool sim_read_submission(struct arena *arena, const char *content_type, const char *body,
                         size_t size, struct sim_submission *submission, const char **problem);

/* ---- service_calls.c, service_submit.c, service_lists.c, service_artifact.c ---- */
/* NONE: a token that nobody was given. */
size_t sim_token_of(const struct sim_service *service, const char *authorization);
void sim_call_execute(struct sim_exchange *exchange);
/* Finds the account that `email` names, or the only one of the token; refuses otherwise. */
bool sim_require_account(struct sim_exchange *exchange);
/* Whether the account can be reached; refuses otherwise. */
bool sim_require_reachable(struct sim_exchange *exchange, size_t account);
bool sim_split_id(struct arena *arena, const char *id, const char *kind, const char **email,
                  const char **uuid);
size_t sim_account_by_email(const struct sim_service *service, size_t token, const char *email);
void sim_call_submit(struct sim_exchange *exchange);
void sim_call_upload(struct sim_exchange *exchange);
void sim_call_list_assets(struct sim_exchange *exchange);
void sim_call_one_asset(struct sim_exchange *exchange);
void sim_call_list_tasks(struct sim_exchange *exchange);
void sim_call_one_task(struct sim_exchange *exchange);
void sim_call_scheduler(struct sim_exchange *exchange);
void sim_call_artifact(struct sim_exchange *exchange);

/* ---- service_bound.c ---- */
/* Milliseconds from the first request that `busy_ms` of slot time take at least; 0: see sim.h. */
double sim_fluid_bound(const struct sim_service *service, double busy_ms);

/* ---- service_ledger.c ---- */
void sim_record_add(struct sim_exchange *exchange);

#endif
