/* The world's own memory, and what the world_*.c files share. Everyone else uses sim/world.h. */
#ifndef SIM_WORLD_PARTS_H
#define SIM_WORLD_PARTS_H

#include "nightshift/wire.h"
#include "sim/world.h"
#include "util/arena.h"
#include "util/map.h"
#include "util/prng.h"

#define WORLD_START INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define HANG_MS     (60 * SECOND_MS)

enum happening_kind {
  HAPPENS_COMMIT,
  HAPPENS_REPLY,
  HAPPENS_EVENT,
  HAPPENS_CALLBACK,
  HAPPENS_RELOAD
};

/* Something that will happen to the client at a time. */
struct happening {
  time_ms at;
  int64_t order; /* equal times keep the order in which they were caused */
  enum happening_kind kind;
  request_id request;
  struct call call;
  struct wire_reply reply;
  struct answer *answer; /* what `reply` says, where nobody wrote its bytes; else NULL */
  time_ms begun;
  struct event event;           /* EVENT */
  const char *url;              /* CALLBACK; its body is reply.body */
  struct core_output *output;   /* COMMIT */
  struct store_snapshot *known; /* RELOAD: the state as it was read for it; NULL: not yet */
  struct arena arena;
};

struct rewrite {
  enum call_kind kind;
  int status; /* 0: of what the service says; else instead of it, `to` is the error */
  const char *from, *to;
  time_ms until;
};
#define REWRITES_MAX 16

struct refused_token {
  token_index token;
  int status;
  time_ms until;
};
#define REFUSED_TOKENS_MAX 8

struct world {
  struct world_options options;
  struct sim_service *service;
  struct store *store;
  struct core *core;
  struct prng prng;
  time_ms start, now;
  duration_ms ahead, wall_ahead; /* by how much the program's clock and the wall's are off */
  struct happening **queue;      /* a heap by time and order */
  size_t count, room;
  int64_t order, steps;
  time_ms second;               /* in which the last steps were taken */
  int64_t second_steps;         /* and how many: see check_pace */
  struct core_output **waiting; /* steps behind a commit */
  size_t waiting_count, waiting_room;
  bool committing, commit_failing;
  time_ms timer; /* when the core wants to be woken */
  time_ms grace; /* after a signal: when the process ends anyway */
  int exit_status;
  bool ended, paused;
  bool dying; /* see world_die */
  /* outside */
  bool network_down;
  struct rewrite rewrites[REWRITES_MAX];
  size_t rewrite_count;
  struct refused_token refused_tokens[REFUSED_TOKENS_MAX];
  size_t refused_token_count;
  enum fetch_result fetch_failure;
  int fetch_failures;
  bool hold_next, holds; /* a paid call that is stuck, its bytes copied */
  struct wire_request held;
  token_index held_token;
  const char *reply_url; /* of this process; NULL: callbacks are off */
  int64_t urls;          /* made so far */
  struct prng callback_prng;
  struct world_callback_counts callback_counts;
  size_t written; /* so many of the jobs the batch's file has, */
  bool *dropped;  /* but these, per job */
  bool edited;    /* files may change: each process enrolls anew */
  bool reloading, reload_again;
  struct store_snapshot *taken_over; /* its texts are needed until the records are on disk */
  struct map nameless;               /* accounts that the config does not name, to 1 */
  int64_t inodes;
  struct map files, parts; /* path to inode, 0: gone */
  const char **assets;     /* per job; NULL: it has a clip */
  const char **outputs;    /* per job */
  int *published;
  struct store_snapshot last_read; /* by world_job_record */
  int64_t last_order;
  struct store_requests last_answer;
  struct buffer trace;
  struct arena arena;
};

/* ---- world.c ---- */
/* A step, and what comes of it. */
void world_feed(struct world *world, const struct event *event);

/* ---- world_setup.c: what a process reads before it works ---- */
struct setup {
  struct core_account *accounts;
  size_t account_count;
  struct core_voice *voices;
  size_t voice_count, voice_room;
};
void setup_assets(struct world *world);
struct core_options setup_options(struct world *world);
/* The jobs of the file against what is known of them; the strings last as long as the world. */
struct enroll_result setup_enrolled(struct world *world, const struct store_snapshot *snapshot);
void setup_enroll(struct world *world);
struct setup setup_reach(struct world *world, struct arena *arena);

/* ---- world_reload.c ---- */
void reload_goes_on(struct world *world, struct happening *happening);
void reload_known_free(struct store_snapshot *known);

/* ---- world_queue.c ---- */
struct happening *happening_new(enum happening_kind kind);
void happening_free(struct happening *happening);
void happening_plan(struct world *world, struct happening *happening, time_ms at);
struct happening *happening_next(struct world *world);

/* ---- world_tell.c ---- */
void tell_line(struct world *world, const struct log_line *line);
void tell_commit(struct world *world, enum world_moment_kind kind,
                 const struct core_output *output);
void tell_sent(struct world *world, const struct call *call, const struct wire_request *bytes);
void tell_answered(struct world *world, const struct call *call, const struct answer *answer,
                   const struct wire_reply *reply);
void tell_file(struct world *world, const char *what, job_id job, const char *url);
/* A line that is not the core's, in the trace alone: what befell the process. */
void tell_fate(struct world *world, enum world_moment_kind kind, const char *words);

/* ---- world_callbacks.c ---- */
/* Where the callbacks of a new process go. */
void callbacks_begin(struct world *world);
/* Takes what the service has to tell, and plans what comes of it. */
void callbacks_take(struct world *world);
/* Reads one that arrives. False: it is not for this process, or nothing that can be read. */
bool callbacks_read(struct world *world, struct happening *happening, struct task_view *said);

/* ---- world_order.c ---- */
/* What the process does first: orders that nobody has answered. */
void order_apply_open(struct world *world);

/* ---- world_lean.c ---- */
/* What the service lists, as a value of the happening. Returns how long the reply takes. */
duration_ms lean_list(struct world *world, struct happening *happening);
void lean_download(struct world *world, const struct action *action, struct event *event);

/* ---- world_outside.c: what the core orders, carried out ---- */
void outside_carry_out(struct world *world, const struct core_output *output);
/* Behind which token of the scenario the account is. */
token_index world_token_of(const struct world *world, const char *email);
/* Asks the service at once, as the program does before it has a core. */
void outside_ask(struct world *world, const struct call *call, struct arena *arena,
                 struct answer *answer);

#endif
