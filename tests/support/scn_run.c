/* Carrying a scenario out: its commands, in order. Each is one entry of a table. */
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario.h"
#include "sim/world_parts.h"
#include "support/scn.h"

void scn_fail(struct scn_night *night, const struct scn_line *line, const char *format, ...) {
  va_list arguments;
  night->failures++;
  printf("  %s:%d: ", night->file->path, line == NULL ? 0 : line->number);
  va_start(arguments, format);
  (void)vprintf(format, arguments);
  va_end(arguments);
  printf("\n");
}

/* ---- what the watcher sees ---- */

static void note_call(struct scn_night *night, const struct world_moment *moment) {
  const struct call *call = moment->call;
  if (moment->kind == WORLD_SENT && night->call_count < SCN_CALLS_MAX)
    night->calls[night->call_count++] =
        (struct scn_call){call->kind, arena_string(&night->arena, call->email),
                          arena_string(&night->arena, scn_call_job(call)), moment->at};
  if (call->kind != CALL_SUBMIT) return;
  int64_t on_wire = 0;
  (void)map_get(&night->on_wire, call->email, &on_wire);
  on_wire += moment->kind == WORLD_SENT ? 1 : -1;
  map_set(&night->on_wire, call->email, on_wire);
  if (on_wire > 1) scn_fail(night, NULL, "two submissions on the wire of %s", call->email);
}

static void note_submitted(struct scn_night *night, const struct log_line *line) {
  if (line->event != LOG_JOB_SUBMITTED) return;
  for (size_t i = 0; i < line->field_count; i++)
    if (strcmp(line->fields[i].name, "job") == 0)
      buffer_printf(&night->order, "%s ", line->fields[i].text);
}

static void forget_wire(struct scn_night *night) {
  for (size_t i = 0; i < night->on_wire.count; i++)
    night->on_wire.entries[i].value = 0;
}

static bool watch(void *context, const struct world_moment *moment) {
  struct scn_night *night = context;
  scn_trace_moment(&night->trace, moment);
  if (moment->call != NULL) note_call(night, moment);
  if (moment->line != NULL) note_submitted(night, moment->line);
  if (moment->kind == WORLD_FATE && strcmp(moment->words, "the process died") == 0)
    forget_wire(night);
  if (night->pattern == NULL || fnmatch(night->pattern, moment->words, 0) != 0) return false;
  if (--night->times > 0) return false;
  night->pattern = NULL;
  return true;
}

/* ---- commands ---- */

static const char *rest(struct scn_night *night, const struct scn_line *line, size_t from,
                        size_t to) {
  char *text = arena_string(&night->arena, "");
  for (size_t i = from; i < to; i++)
    text = arena_printf(&night->arena, "%s%s%s", text, i == from ? "" : " ", line->words[i]);
  return text;
}

static const char *word(const struct scn_line *line, size_t at) {
  return at < line->count ? line->words[at] : NULL;
}

static bool is(const char *a, const char *b) {
  return a != NULL && strcmp(a, b) == 0;
}

/* run | run until TIME | run to MOMENT [xN] */
static void do_run(struct scn_night *night, const struct scn_line *line) {
  duration_ms until = TIME_NEVER;
  forget_wire(night);
  night->pattern = NULL;
  if (is(word(line, 1), "until")) until = scn_time(night->file, line, word(line, 2));
  if (is(word(line, 1), "to")) {
    const char *last = line->words[line->count - 1];
    bool counted = last[0] == 'x' && last[1] >= '0' && last[1] <= '9';
    night->times = counted ? scn_number(night->file, line, last + 1) : 1;
    night->pattern = rest(night, line, 2, line->count - counted);
  }
  night->status = world_run(night->world, until);
  if (is(word(line, 1), "to") && night->pattern != NULL) scn_fail(night, line, "this never came");
  if (line->count == 1 && night->status < 0) scn_fail(night, line, "the run does not end");
  if (line->count > 1 && night->status >= 0)
    scn_fail(night, line, "the run ended before, with %d", night->status);
}

static void do_crash(struct scn_night *night, const struct scn_line *line) {
  static const char *const points[] = {"before", "during", "after"};
  enum store_point point = STORE_BEFORE;
  duration_ms down = SECOND_MS;
  for (size_t i = 0; i < 3; i++)
    if (is(word(line, 1), points[i])) point = (enum store_point)i;
  for (size_t i = 1; i + 1 < line->count; i++)
    if (is(word(line, i), "down")) down = scn_time(night->file, line, word(line, i + 1));
  world_crash(night->world, point, down);
}

static void do_stop(struct scn_night *night, const struct scn_line *line) {
  (void)line;
  world_stop(night->world);
}

/* retry, cancel, pause, resume: [JOB…] [--account ACCOUNT] [--force] [--again] [--all] */
static void do_order(struct scn_night *night, const struct scn_line *line) {
  struct request_record order = {.verb = word(line, 0)};
  struct buffer pattern, flags;
  buffer_init(&pattern, 4096);
  buffer_init(&flags, 4096);
  for (size_t i = 1; i < line->count; i++) {
    if (is(word(line, i), "--account"))
      order.account = scn_email(&night->arena, word(line, ++i));
    else if (strncmp(word(line, i), "--", 2) == 0)
      buffer_printf(&flags, "%s ", word(line, i) + 2);
    else
      buffer_printf(&pattern, "%s%s", pattern.length > 0 ? "\n" : "", word(line, i));
  }
  if (pattern.length > 0) order.pattern = buffer_string(&pattern);
  if (flags.length > 0) order.flags = buffer_string(&flags);
  world_order(night->world, &order);
  buffer_release(&flags);
  buffer_release(&pattern);
}

static void do_lose_state(struct scn_night *night, const struct scn_line *line) {
  (void)line;
  world_lose_state(night->world);
}

static void do_fail_commits(struct scn_night *night, const struct scn_line *line) {
  world_fail_commits(night->world, ERR_FULL, (int)scn_number(night->file, line, word(line, 1)));
}

static void do_network(struct scn_night *night, const struct scn_line *line) {
  world_set_network(night->world, is(word(line, 1), "up"));
}

static enum call_kind call_named(struct scn_night *night, const struct scn_line *line,
                                 const char *name) {
  for (int kind = 0; kind < CALL_COUNT; kind++)
    if (is(name, call_name((enum call_kind)kind))) return (enum call_kind)kind;
  scn_mistake(night->file, line, "no call is called so");
}

/* rewrite CALL FROM TO [until TIME] | cut CALL FROM [until TIME] */
static void do_rewrite(struct scn_night *night, const struct scn_line *line) {
  bool cut = is(word(line, 0), "cut");
  size_t at = cut ? 3 : 4;
  if (line->count < at) scn_mistake(night->file, line, "rewrite CALL FROM TO, or cut CALL FROM");
  duration_ms until =
      is(word(line, at), "until") ? scn_time(night->file, line, word(line, at + 1)) : TIME_NEVER;
  world_rewrite(night->world, call_named(night, line, word(line, 1)), word(line, 2),
                cut ? NULL : word(line, 3), until);
}

static void do_fail_fetches(struct scn_night *night, const struct scn_line *line) {
  static const char *const names[] = {"whole", "expired", "failed", "length", "full", "output"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (is(word(line, 2), names[i])) {
      world_fail_fetches(night->world, (enum fetch_result)i,
                         (int)scn_number(night->file, line, word(line, 1)));
      return;
    }
  scn_mistake(night->file, line, "fail-fetches N failed|expired|length|full|output");
}

static void do_put_file(struct scn_night *night, const struct scn_line *line) {
  world_put_file(night->world, arena_printf(&night->arena, "/out/%s.mp4", word(line, 1)));
}

static void do_delete_assets(struct scn_night *night, const struct scn_line *line) {
  if (!world_delete_assets(night->world, scn_job(night->file, line, word(line, 1))))
    scn_fail(night, line, "no asset of it is known");
}

static void do_delete_task(struct scn_night *night, const struct scn_line *line) {
  if (!world_delete_task(night->world, scn_job(night->file, line, word(line, 1))))
    scn_fail(night, line, "no task of it is known");
}

static void do_twin(struct scn_night *night, const struct scn_line *line) {
  if (!world_make_twin(night->world, scn_job(night->file, line, word(line, 1))))
    scn_fail(night, line, "no asset of it is known");
}

static void do_unname(struct scn_night *night, const struct scn_line *line) {
  world_name_account(night->world, scn_email(&night->arena, word(line, 1)), false);
}

static void do_option(struct scn_night *night, const struct scn_line *line) {
  struct core_options *options = world_next_options(night->world);
  const char *name = word(line, 0);
  if (is(name, "limit")) options->start_limit = scn_number(night->file, line, word(line, 1));
  if (is(name, "max_attempts"))
    options->max_attempts = (int)scn_number(night->file, line, word(line, 1));
  if (is(name, "adopt")) options->adopt = true;
  if (is(name, "max_credits")) {
    options->credits_limited = true;
    options->max_credits = scn_number(night->file, line, word(line, 1));
  }
  if (is(name, "upload_ahead"))
    options->upload_ahead = (int)scn_number(night->file, line, word(line, 1));
}

static struct core_guards *scn_guards_of(struct scn_night *night, const char *email) {
  for (size_t i = 0; i < night->scenario->account_count; i++)
    if (is(night->scenario->accounts[i].email, email)) return &night->guards[i];
  return NULL;
}

#define SCN_DAYS 20
static void scn_set_hours(struct scn_night *night, const struct scn_line *line,
                          struct core_guards *guards, const char *value) {
  char from[32];
  const char *dash = strchr(value, '-');
  if (dash == NULL) scn_mistake(night->file, line, "hours=FROM-TO");
  snprintf(from, sizeof from, "%.*s", (int)(dash - value), value);
  struct time_window *windows = ARENA_NEW_ARRAY(&night->arena, SCN_DAYS, struct time_window);
  for (int day = 0; day < SCN_DAYS; day++)
    windows[day] = (struct time_window){
        WORLD_START + day * 24 * HOUR_MS + scn_time(night->file, line, from),
        WORLD_START + day * 24 * HOUR_MS + scn_time(night->file, line, dash + 1)};
  guards->hours = windows;
  guards->hour_count = SCN_DAYS;
}

/* "strikes 3 1h", "pause_batch 20 10" */
static void do_moderation(struct scn_night *night, const struct scn_line *line) {
  struct core_options *options = world_next_options(night->world);
  int count = (int)scn_number(night->file, line, word(line, 1));
  if (is(word(line, 0), "strikes")) {
    options->strikes = count;
    options->strike_window = scn_time(night->file, line, word(line, 2));
  } else {
    options->batch_percent = count;
    options->batch_least = (int)scn_number(night->file, line, word(line, 2));
  }
}

/* "guard one hours=1h-2h jobs_per_day=3 min_gap=30s": from the next process on; times since the
 * start, every 24 h anew. */
static void do_guard(struct scn_night *night, const struct scn_line *line) {
  struct core_guards *guards = scn_guards_of(night, scn_email(&night->arena, word(line, 1)));
  if (guards == NULL) scn_mistake(night->file, line, "no such account");
  for (size_t i = 2; i < line->count; i++) {
    const char *value = strchr(word(line, i), '=');
    if (value++ == NULL) scn_mistake(night->file, line, "guard ACCOUNT KEY=VALUE…");
    if (strncmp(word(line, i), "jobs_per_day=", 13) == 0)
      guards->jobs_per_day = scn_number(night->file, line, value);
    else if (strncmp(word(line, i), "keep_credits=", 13) == 0)
      guards->keep_credits = scn_number(night->file, line, value);
    else if (strncmp(word(line, i), "max_credits=", 12) == 0) {
      guards->credits_limited = true;
      guards->max_credits = scn_number(night->file, line, value);
    } else if (strncmp(word(line, i), "min_gap=", 8) == 0)
      guards->min_gap = scn_time(night->file, line, value);
    else
      scn_set_hours(night, line, guards, value);
  }
}

static void do_until(struct scn_night *night, const struct scn_line *line) {
  world_next_options(night->world)->until =
      WORLD_START + world_now(night->world) + scn_time(night->file, line, word(line, 1));
}

static void do_show(struct scn_night *night, const struct scn_line *line) {
  for (size_t i = 1; i < line->count; i++)
    if (is(word(line, i), "debug"))
      night->trace.debug = true;
    else if (is(word(line, i), "progress"))
      night->trace.progress = true;
    else
      night->trace.shown |= 1u << call_named(night, line, word(line, i));
}

static void do_hide(struct scn_night *night, const struct scn_line *line) {
  for (size_t i = 1; i < line->count; i++) {
    int event = 0;
    while (event < LOG_EVENT_COUNT && !is(word(line, i), log_event_name((enum log_event)event)))
      event++;
    if (event == LOG_EVENT_COUNT) scn_mistake(night->file, line, "no event is called so");
    night->trace.hidden[event] = true;
  }
}

static void do_refuse(struct scn_night *night, const struct scn_line *line) {
  duration_ms until =
      is(word(line, 4), "until") ? scn_time(night->file, line, word(line, 5)) : TIME_NEVER;
  if (line->count < 4) scn_mistake(night->file, line, "refuse CALL STATUS TEXT");
  world_refuse(night->world, call_named(night, line, word(line, 1)),
               (int)scn_number(night->file, line, word(line, 2)), word(line, 3), until);
}

/* refuse-token N STATUS [until TIME]: the N-th token of the scenario, from 1 */
static void do_refuse_token(struct scn_night *night, const struct scn_line *line) {
  duration_ms until =
      is(word(line, 3), "until") ? scn_time(night->file, line, word(line, 4)) : TIME_NEVER;
  int64_t token = scn_number(night->file, line, word(line, 1));
  world_refuse_token(night->world, (token_index)(token - 1),
                     (int)scn_number(night->file, line, word(line, 2)), until);
}

/* clock on|back TIME */
static void do_clock(struct scn_night *night, const struct scn_line *line) {
  duration_ms by = scn_time(night->file, line, word(line, 2));
  world_set_clock(night->world, is(word(line, 1), "back") ? -by : by);
}

static const struct {
  const char *name;
  void (*run)(struct scn_night *night, const struct scn_line *line);
} commands[] = {{"run", do_run},
                {"expect", scn_expect},
                {"crash", do_crash},
                {"stop", do_stop},
                {"retry", do_order},
                {"cancel", do_order},
                {"pause", do_order},
                {"resume", do_order},
                {"fail-commits", do_fail_commits},
                {"refuse-token", do_refuse_token},
                {"clock", do_clock},
                {"network", do_network},
                {"rewrite", do_rewrite},
                {"cut", do_rewrite},
                {"fail-fetches", do_fail_fetches},
                {"put-file", do_put_file},
                {"delete-assets", do_delete_assets},
                {"delete-task", do_delete_task},
                {"twin", do_twin},
                {"unname-account", do_unname},
                {"limit", do_option},
                {"max_attempts", do_option},
                {"upload_ahead", do_option},
                {"adopt", do_option},
                {"max_credits", do_option},
                {"strikes", do_moderation},
                {"guard", do_guard},
                {"until", do_until},
                {"pause_batch", do_moderation},
                {"lose-state", do_lose_state},
                {"refuse", do_refuse},
                {"hide", do_hide},
                {"show", do_show}};

static void carry_out(struct scn_night *night, const struct scn_line *line) {
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
    if (is(word(line, 0), commands[i].name)) {
      commands[i].run(night, line);
      return;
    }
  scn_mistake(night->file, line, "no command is called so");
}

/* ---- the whole ---- */

static struct sim_scenario *read_scenario(const struct scn_file *file) {
  struct sim_scenario *scenario = NULL;
  struct diag_list *diags = diag_new();
  if (sim_scenario_parse(file->service, strlen(file->service), file->path, &scenario, diags) != 0) {
    diag_print(diags, stderr);
    exit(2);
  }
  diag_free(diags);
  return scenario;
}

static void add_truth(struct scn_night *night) {
  struct sim_totals totals = sim_service_totals(world_service(night->world));
  buffer_printf(&night->trace.text,
                "truth: accepted %lld, duplicates %lld, 429s %lld maxjobs and %lld runway\n",
                (long long)totals.accepted, (long long)totals.duplicates,
                (long long)totals.refused_queue, (long long)totals.refused_runway);
}

int scn_run(const struct scn_file *file, struct buffer *trace) {
  struct scn_night night = {.file = file, .status = -1};
  arena_init(&night.arena);
  map_init(&night.on_wire);
  buffer_init(&night.order, (size_t)1 << 20);
  scn_trace_init(&night.trace);
  night.calls = calloc(SCN_CALLS_MAX, sizeof *night.calls);
  night.scenario = read_scenario(file);
  night.guards = ARENA_NEW_ARRAY(&night.arena, night.scenario->account_count, struct core_guards);
  struct world_options options = {.scenario = night.scenario,
                                  .guards = night.guards,
                                  .seed = 7,
                                  .jobs = file->jobs,
                                  .job_count = file->job_count,
                                  .watcher = watch,
                                  .context = &night};
  night.world = world_new(&options);
  for (size_t i = 0; i < file->night_count; i++)
    carry_out(&night, &file->night[i]);
  scn_expect_always(&night);
  add_truth(&night);
  buffer_text(trace, buffer_string(&night.trace.text));
  world_free(night.world);
  sim_scenario_free(night.scenario);
  free(night.calls);
  scn_trace_release(&night.trace);
  buffer_release(&night.order);
  map_release(&night.on_wire);
  arena_release(&night.arena);
  return night.failures;
}
