#include "runtime/hooks.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/child.h"
#include "util/check.h"
#include "util/text.h"

#define HOOK_LIMIT_MS   60000 /* real: a hook that takes longer is killed */
#define HOOK_STOPPED_MS 10000 /* the same after a signal */
#define HOOK_GAP_MS     60000 /* real: an alert of one kind comes no sooner after the last */

/* What is worth an alert, by the name of its event. */
static const enum log_event alert_events[] = {LOG_ACCOUNT_LOST, LOG_JOB_HELD, LOG_RUN_STALLED,
                                              LOG_STORE_FULL, LOG_STORE_REFUSED};
#define ALERT_KINDS (sizeof alert_events / sizeof alert_events[0])

/* One kind of alert: at most one command of it at work, and one waiting that stands for all that
 * came since. */
struct alert {
  struct hooks *hooks;
  struct child *child;
  uint64_t started; /* uv_now; 0: never */
  int64_t waiting;  /* how many have come and were not told */
  struct arena arena;
  const char *account, *batch, *job, *text, *time; /* of the first of them */
};

struct hooks {
  struct run *run;
  char *on_finish, *on_alert;
  struct alert alerts[ALERT_KINDS];
  struct child *finish;
  uv_timer_t later;
  bool finishing, given_up;
};

/* ---- the environment of a command ---- */

/* Passed on from our own environment; nothing else is, so that no token or password can be. What a
 * command needs beyond it, it reads for itself. */
static const char *const passed_on[] = {"PATH",
                                        "HOME",
                                        "USER",
                                        "LOGNAME",
                                        "SHELL",
                                        "LANG",
                                        "LC_ALL",
                                        "LC_CTYPE",
                                        "TZ",
                                        "TMPDIR",
                                        "DISPLAY",
                                        "WAYLAND_DISPLAY",
                                        "XDG_RUNTIME_DIR",
                                        "DBUS_SESSION_BUS_ADDRESS"};

struct variables {
  struct arena arena;
  const char *list[64]; /* NULL at the end */
  size_t count;
};

static void add(struct variables *variables, const char *name, const char *value) {
  CHECK(variables->count + 1 < sizeof variables->list / sizeof variables->list[0]);
  if (value != NULL)
    variables->list[variables->count++] = arena_printf(&variables->arena, "%s=%s", name, value);
}

static void add_number(struct variables *variables, const char *name, int64_t number) {
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)number);
  add(variables, name, text);
}

static void variables_init(struct variables *variables) {
  *variables = (struct variables){0};
  arena_init(&variables->arena);
  for (size_t i = 0; i < sizeof passed_on / sizeof passed_on[0]; i++)
    add(variables, passed_on[i], getenv(passed_on[i]));
}

/* "NIGHTSHIFT_SUCCEEDED" */
static const char *count_name(struct variables *variables, enum job_state state) {
  char *name = arena_printf(&variables->arena, "NIGHTSHIFT_%s", job_state_name(state));
  for (char *at = name; *at != '\0'; at++)
    *at = (char)toupper((unsigned char)*at);
  return name;
}

static void add_counts(struct variables *variables, const struct core *core) {
  struct core_counts counts = core_count(core, 0);
  int64_t left = 0;
  add_number(variables, "NIGHTSHIFT_JOBS", counts.jobs);
  for (int i = 0; i < JOB_STATE_COUNT; i++) {
    enum job_state state = (enum job_state)i;
    add_number(variables, count_name(variables, state), counts.by_state[i]);
    if (!job_state_ended(state)) left += counts.by_state[i];
  }
  add_number(variables, "NIGHTSHIFT_LEFT", left);
}

/* ---- running them ---- */

static void tell_failure(struct run *run, const char *hook, const char *why) {
  struct log_line line = {
      .time = clock_now(&run->clock), .level = LOG_WARN, .event = LOG_HOOK_FAILED};
  log_text(&line, "hook", hook);
  log_text(&line, "why", why);
  run_log(run, &line);
}

static void tell_end(struct run *run, const char *hook, const struct child_end *end) {
  char why[400];
  const char *between = end->said[0] == '\0' ? "" : ": ";
  if (end->killed)
    snprintf(why, sizeof why, "it did not end in time and was killed%s%s", between, end->said);
  else if (end->signal != 0)
    snprintf(why, sizeof why, "ended by signal %d%s%s", end->signal, between, end->said);
  else if (end->status != 0)
    snprintf(why, sizeof why, "exit status %d%s%s", end->status, between, end->said);
  else
    return;
  tell_failure(run, hook, why);
}

static struct child *run_command(struct hooks *hooks, const char *hook, const char *command,
                                 const struct variables *variables,
                                 void (*on_end)(void *, const struct child_end *), void *context) {
  const char *const arguments[] = {"/bin/sh", "-c", command, NULL};
  struct child *child = NULL;
  struct child_options options = {
      .arguments = arguments,
      .environment = variables->list,
      .limit_ms = hooks->finishing && hooks->run->interrupted ? HOOK_STOPPED_MS : HOOK_LIMIT_MS,
      .on_end = on_end,
      .context = context};
  int code = child_start(&child, &hooks->run->loop, &options);
  if (code == 0) return child;
  tell_failure(hooks->run, hook, strerror(code));
  return NULL;
}

/* ---- on_alert ---- */

static void tell_waiting(struct hooks *hooks);

static void alert_ended(void *context, const struct child_end *end) {
  struct alert *alert = context;
  alert->child = NULL;
  tell_end(alert->hooks->run, "on_alert", end);
  tell_waiting(alert->hooks);
}

static void start_alert(struct hooks *hooks, size_t kind) {
  struct alert *alert = &hooks->alerts[kind];
  struct variables variables;
  variables_init(&variables);
  add(&variables, "NIGHTSHIFT_ALERT", log_event_name(alert_events[kind]));
  add(&variables, "NIGHTSHIFT_TIME", alert->time);
  add(&variables, "NIGHTSHIFT_ACCOUNT", alert->account);
  add(&variables, "NIGHTSHIFT_BATCH", alert->batch);
  add(&variables, "NIGHTSHIFT_JOB", alert->job);
  add(&variables, "NIGHTSHIFT_TEXT", alert->text);
  add_number(&variables, "NIGHTSHIFT_COUNT", alert->waiting);
  alert->waiting = 0;
  alert->started = uv_now(&hooks->run->loop);
  alert->child = run_command(hooks, "on_alert", hooks->on_alert, &variables, alert_ended, alert);
  arena_reset(&alert->arena);
  arena_release(&variables.arena);
}

static void on_later(uv_timer_t *timer) {
  tell_waiting(timer->data);
}

/* Begins what may begin, and sees to it that the rest does in time. */
static void tell_waiting(struct hooks *hooks) {
  uint64_t now = uv_now(&hooks->run->loop), next = UINT64_MAX;
  for (size_t i = 0; i < ALERT_KINDS; i++) {
    struct alert *alert = &hooks->alerts[i];
    if (alert->waiting == 0 || alert->child != NULL) continue;
    uint64_t at = alert->started == 0 || hooks->finishing ? now : alert->started + HOOK_GAP_MS;
    if (at <= now)
      start_alert(hooks, i);
    else if (at < next)
      next = at;
  }
  if (next != UINT64_MAX) CHECK(uv_timer_start(&hooks->later, on_later, next - now, 0) == 0);
}

static const char *field(struct arena *arena, const struct log_line *line, const char *name) {
  for (size_t i = 0; i < line->field_count; i++)
    if (strcmp(line->fields[i].name, name) == 0) return arena_string(arena, line->fields[i].text);
  return NULL;
}

static void remember(struct alert *alert, const struct log_line *line) {
  static const char *const telling[] = {"why", "error", "output"};
  char time[40];
  if (alert->waiting++ > 0) return;
  text_from_time(line->time, time, sizeof time);
  alert->time = arena_string(&alert->arena, time);
  alert->account = field(&alert->arena, line, "account");
  alert->batch = field(&alert->arena, line, "batch");
  alert->job = field(&alert->arena, line, "job");
  alert->text = NULL;
  for (size_t i = 0; i < sizeof telling / sizeof telling[0] && alert->text == NULL; i++)
    alert->text = field(&alert->arena, line, telling[i]);
}

void hooks_see(struct run *run, const struct log_line *line) {
  struct hooks *hooks = run->hooks;
  if (hooks == NULL || hooks->on_alert == NULL) return;
  for (size_t i = 0; i < ALERT_KINDS; i++) {
    if (line->event != alert_events[i]) continue;
    remember(&hooks->alerts[i], line);
    tell_waiting(hooks);
  }
}

/* ---- on_finish ---- */

static bool at_work(const struct hooks *hooks) {
  bool work = hooks->finish != NULL;
  for (size_t i = 0; i < ALERT_KINDS; i++)
    work |= hooks->alerts[i].child != NULL;
  return work;
}

static void finish_ended(void *context, const struct child_end *end) {
  struct hooks *hooks = context;
  hooks->finish = NULL;
  tell_end(hooks->run, "on_finish", end);
}

/* The batches of the run, a line each: names, or paths of files without one. */
static const char *batch_keys(const struct run *run, struct arena *arena) {
  const char *keys = "";
  for (size_t i = 0; i < run->batch_count; i++)
    keys = arena_printf(arena, "%s%s%s", keys, i == 0 ? "" : "\n", run->batch_keys[i]);
  return keys;
}

static void start_finish(struct hooks *hooks, int exit_status) {
  struct variables variables;
  variables_init(&variables);
  add_number(&variables, "NIGHTSHIFT_STATUS", exit_status);
  add(&variables, "NIGHTSHIFT_BATCHES", batch_keys(hooks->run, &variables.arena));
  if (hooks->run->core != NULL) add_counts(&variables, hooks->run->core);
  hooks->finish =
      run_command(hooks, "on_finish", hooks->on_finish, &variables, finish_ended, hooks);
  arena_release(&variables.arena);
}

/* Alerts that were at work when a signal came get the shorter time as well. */
static void shorten(struct hooks *hooks) {
  for (size_t i = 0; i < ALERT_KINDS; i++)
    if (hooks->alerts[i].child != NULL && hooks->run->interrupted)
      child_limit(hooks->alerts[i].child, HOOK_STOPPED_MS);
}

void hooks_finish(struct run *run, int exit_status) {
  struct hooks *hooks = run->hooks;
  if (hooks == NULL) return;
  hooks->finishing = true;
  shorten(hooks);
  tell_waiting(hooks);
  if (hooks->on_finish != NULL) start_finish(hooks, exit_status);
  while (at_work(hooks) && !hooks->given_up)
    (void)uv_run(&run->loop, UV_RUN_ONCE);
}

void hooks_give_up(struct run *run) {
  if (run->hooks != NULL && run->hooks->finishing) run->hooks->given_up = true;
}

/* ---- begin and end ---- */

static char *command_of(const char *text) {
  if (text == NULL || text[0] == '\0') return NULL;
  char *copy = strdup(text);
  CHECK(copy != NULL && "out of memory");
  return copy;
}

void hooks_use(struct run *run, const char *on_finish, const char *on_alert) {
  if (run->hooks == NULL) {
    run->hooks = calloc(1, sizeof *run->hooks);
    CHECK(run->hooks != NULL && "out of memory");
    run->hooks->run = run;
    run->hooks->later.data = run->hooks;
    CHECK(uv_timer_init(&run->loop, &run->hooks->later) == 0);
    for (size_t i = 0; i < ALERT_KINDS; i++) {
      run->hooks->alerts[i].hooks = run->hooks;
      arena_init(&run->hooks->alerts[i].arena);
    }
  }
  free(run->hooks->on_finish);
  free(run->hooks->on_alert);
  run->hooks->on_finish = command_of(on_finish);
  run->hooks->on_alert = command_of(on_alert);
}

void hooks_stop(struct run *run) {
  struct hooks *hooks = run->hooks;
  if (hooks == NULL) return;
  child_kill(hooks->finish);
  for (size_t i = 0; i < ALERT_KINDS; i++)
    child_kill(hooks->alerts[i].child);
}

void hooks_free(struct run *run) {
  struct hooks *hooks = run->hooks;
  if (hooks == NULL) return;
  for (size_t i = 0; i < ALERT_KINDS; i++)
    arena_release(&hooks->alerts[i].arena);
  free(hooks->on_finish);
  free(hooks->on_alert);
  free(hooks);
  run->hooks = NULL;
}
