/* What the files of the runtime share: one run, its loop, and what goes round in it.
 *
 *   reply, timer, signal -> run_feed -> core_step -> pipeline: records durable -> perform -> …
 *
 * Steps are carried out strictly in order, each after its records are durable. */
#ifndef RUNTIME_RUN_H
#define RUNTIME_RUN_H

#include <stdio.h>
#include <uv.h>

#include "nightshift/http.h"
#include "nightshift/runtime.h"
#include "runtime/clock.h"
#include "runtime/intake.h"
#include "runtime/measure.h"
#include "runtime/preflight.h"
#include "util/arena.h"

/* What one step wanted, waiting for its turn. */
struct step {
  struct step *next;
  struct core_output output;
};

/* pipeline.c */
struct pipeline {
  struct step *waiting, **waiting_end; /* not given to the store yet */
  struct step *group;                  /* being made durable */
  struct record *records;
  size_t record_count, record_room;
  struct step *spare;
  bool committing, failing;
  int64_t failures;
};

/* An event that arose while a step was being carried out; fed when it is done. */
struct inbox_item {
  struct inbox_item *next;
  struct event event;
  enum outcome_kind outcome; /* ANSWER */
  char *text;
};

struct run {
  const struct run_options *options;
  uv_loop_t loop;
  struct clock clock;
  struct http *http;
  struct store *store;
  struct store_worker *worker;
  struct core *core;
  struct intake intake;
  time_ms begun;        /* when the core was started */
  time_ms finished;     /* when it was over */
  struct log_line last; /* `run.finished`, until all else is told; its texts in `arena` */
  bool has_last, told_last;
  struct reach after; /* what the accounts said at the end: summary.c */
  struct pipeline pipeline;
  struct measure measure;
  struct inbox_item *inbox, **inbox_end;
  bool draining;
  uv_async_t committed;
  uv_poll_t timer; /* for deadlines that are far: wake.c */
  int timer_fd;
  uv_timer_t near;       /* for those in the next seconds */
  FILE *told;            /* what a person is told at the start; NULL: stderr */
  struct config *config; /* in force: the options', until it is read again */
  struct config config_again;
  struct reload *reload; /* reload.c; NULL: nothing is being read again */
  bool reload_wanted;
  uv_timer_t watchdog; /* notify.c */
  bool watchdog_begun;
  struct child *inhibitor;        /* inhibit.c; NULL: the machine may fall asleep */
  struct display *display;        /* display.c; NULL: the run is not at work */
  struct hooks *hooks;            /* hooks.c; NULL: nothing was read yet */
  struct arena arena;             /* of the run's whole life */
  const char **batch_keys;        /* names, or paths of files without one */
  const char **batch_directories; /* of each: their outputs stay in it */
  size_t batch_count;
  struct serve *serve;         /* serve.c; NULL: nothing is served */
  struct control_live *live;   /* control_live.c; NULL: not listening */
  time_ms armed_for, near_for; /* what the two are set to */
  uv_timer_t retry_commit, grace;
  uv_signal_t signals[6];
  int signal_count;
  volatile bool interrupted; /* a signal came: also read by the thread that looks at clips */
  bool open_handles;
  bool ended;
  int exit_status;
  const char *end_why;
};

/* ---- run.c ---- */
void run_feed(struct run *run, const struct event *event);
/* Puts the event aside until the step at work is done. `text` is copied, may be NULL. */
void run_post(struct run *run, const struct event *event, const char *text);
/* An answer that we give in place of the service: a refusal, or OUTCOME_NOT_SENT. */
void run_post_answer(struct run *run, const struct event *event, enum outcome_kind outcome,
                     const char *text);
/* `run.finished` is kept back for run_log_last. */
void run_log(struct run *run, const struct log_line *line);
/* `run.finished`, the last event of every run that was started: after summary and hooks; once. */
void run_log_last(struct run *run);
/* A warning or an error of the runtime itself. */
void run_tell(struct run *run, enum log_level level, enum log_event event, const char *name,
              const char *text);
/* `why` is told with `run.finished` unless the core has told it; lasts as long as the run. */
void run_end(struct run *run, int exit_status, const char *why);

/* Warnings about a batch. */
void run_tell_notices(struct run *run, const struct intake_batch *entry,
                      const struct enroll_result *result);
/* An output that is there already ends its queued job, once the step at work is done. */
void run_find_output(struct run *run, const struct job_record *job);
/* As the core is told of them. */
struct core_options run_core_options(const struct run *run, const struct config *config);
/* With the guards that this config has for it; their memory from `arena`. */
struct core_account run_core_account(const struct run *run, const struct config *config,
                                     const struct reach_account *account, struct arena *arena);
/* Which id each account is sent for a voice that jobs know by `voice_id` and wrote as `voice`. */
void run_each_voice(const struct intake *intake, const struct reach *reach,
                    void (*tell)(void *context, const char *voice_id,
                                 const struct reach_account *account, const char *id_there),
                    void *context);

/* ---- wake.c: the timers ---- */
int wake_open(struct run *run, struct error *error);
/* After each step: sets them by what the core wants next. */
void wake_arm(struct run *run);
void wake_close(struct run *run); /* the loop is still to run */
void wake_free(struct run *run);  /* the loop has ended */

/* ---- pipeline.c ---- */
void pipeline_init(struct pipeline *pipeline);
struct core_output *pipeline_begin(struct run *run); /* an empty output for the next step */
void pipeline_push(struct run *run);                 /* the output of pipeline_begin is filled */
void pipeline_on_committed(struct run *run);
/* The state could not be written or read, or could: told when it changes. A state that is lost to
 * this run ends it. */
void pipeline_state_fails(struct run *run, int result, const struct error *error);
void pipeline_state_works(struct run *run);
bool pipeline_idle(const struct pipeline *pipeline);
void pipeline_release(struct pipeline *pipeline);

/* ---- perform.c ---- */
void perform(struct run *run, const struct core_output *output);

#endif
