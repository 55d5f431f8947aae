/* The end of a run, told: as a text for people, and as log lines for programs. */
#include <stdio.h>
#include <string.h>

#include "nightshift/night.h"
#include "report/color.h"
#include "report/table.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/plain.h"
#include "util/text.h"

#define JOBS_NAMED 3 /* of each group, in the text */

/* ---- for people ---- */

static const char *number(struct arena *arena, int64_t value) {
  return value < 0 ? NULL : arena_printf(arena, "%lld", (long long)value);
}

static const char *credits(struct arena *arena, const struct night_account *account) {
  int64_t before = account->credits_before, after = account->credits_after;
  if (before < 0 || after < 0 || before == after) return number(arena, after >= 0 ? after : before);
  return arena_printf(arena, "%lld \xe2\x86\x92 %lld", (long long)before, (long long)after);
}

static bool out_of_service(const struct night_account *account) {
  return account->state != ACCOUNT_READY && account->state != ACCOUNT_COOLING;
}

static int64_t ended_now(const struct night *night) {
  int64_t count = 0;
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    count += night->ended[state];
  return count;
}

static void put_head(const struct night *night, struct buffer *out) {
  char took[40];
  duration_ms span = night->until - night->since;
  int64_t ended = ended_now(night);
  text_from_duration(span, took, sizeof took);
  buffer_printf(out, "\n%lld of %lld jobs succeeded",
                (long long)night->counts.by_state[JOB_SUCCEEDED], (long long)night->counts.jobs);
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    if (state != JOB_SUCCEEDED && night->counts.by_state[state] > 0)
      buffer_printf(out, ", %lld %s", (long long)night->counts.by_state[state],
                    job_state_name((enum job_state)state));
  buffer_printf(out, "\nthis run: %lld ended in %s", (long long)ended, took);
  if (span >= MINUTE_MS && ended > 0)
    buffer_printf(out, ", %lld an hour", (long long)(ended * HOUR_MS / span));
  buffer_text(out, "\n");
}

static void put_accounts(const struct night *night, struct arena *arena, bool color,
                         struct buffer *out) {
  static const struct table_column columns[] = {
      {"ACCOUNT", 22, false}, {"DONE", 5, true},     {"FAILED", 6, true}, {"MODERATED", 9, true},
      {"429S", 5, true},      {"CREDITS", 16, true}, {"BUSY", 4, true}};
  struct table table;
  if (night->account_count == 0) return;
  table_init(&table, arena, columns, sizeof columns / sizeof columns[0], night->account_count);
  for (size_t i = 0; i < night->account_count; i++) {
    const struct night_account *account = &night->accounts[i];
    struct table_row *row = table_add(&table);
    int busy = night_busy_percent(night, account);
    row->cells[0] = account->email;
    row->cells[1] = number(arena, account->succeeded);
    row->cells[2] = number(arena, account->failed);
    row->cells[3] = number(arena, account->moderated);
    row->cells[4] = number(arena, account->busy_queue + account->busy_runway);
    row->cells[5] = credits(arena, account);
    row->cells[6] = busy < 0 ? NULL : arena_printf(arena, "%d%%", busy);
    if (out_of_service(account))
      row->note = arena_printf(arena, "%s%s%s", account_state_name(account->state),
                               account->reason != NULL ? ": " : "",
                               account->reason != NULL ? account->reason : "");
  }
  buffer_text(out, "\n");
  table_print(&table, color, out);
}

static void put_slowest(const struct night *night, struct arena *arena, struct buffer *out) {
  struct buffer text;
  if (night->slow_count == 0) return;
  buffer_init(&text, 64 * 1024);
  for (size_t i = 0; i < night->slow_count && i < JOBS_NAMED; i++) {
    char took[40];
    text_from_duration(night->slowest[i].took_ms, took, sizeof took);
    buffer_printf(&text, "%s %s in %s", i == 0 ? "slowest:" : ",", night->slowest[i].job->name,
                  took);
  }
  buffer_text(out, "\n");
  table_wrap(out, arena_string(arena, buffer_string(&text)), 0);
  buffer_release(&text);
}

/* "scene-1-Leo, scene-2-Leo and 7 more" */
static const char *names_of(const struct night_group *group, struct arena *arena) {
  const char *names = "";
  int64_t named = 0;
  for (size_t c = 0; c < group->cause_count && named < JOBS_NAMED; c++)
    for (size_t i = 0; i < group->causes[c].named && named < JOBS_NAMED; i++)
      names = arena_printf(arena, "%s%s%s", names, named++ > 0 ? ", " : "",
                           group->causes[c].jobs[i]->name);
  if (group->count == named) return names;
  return arena_printf(arena, "%s and %lld more", names, (long long)(group->count - named));
}

static const char *advice_of(const struct night_group *group) {
  return group->advice != NULL ? group->advice : "nothing is to be done about it";
}

static void put_advice(const struct night *night, struct arena *arena, bool color,
                       struct buffer *out) {
  if (night->group_count == 0) return;
  buffer_text(out, "\nwhat to do next:\n");
  for (size_t i = 0; i < night->group_count; i++) {
    const struct night_group *group = &night->groups[i];
    const char *count =
        arena_printf(arena, "%lld %s", (long long)group->count, job_state_name(group->state));
    buffer_text(out, "  ");
    color_put(out, color, COLOR_YELLOW, count);
    buffer_text(out, "\n");
    table_wrap(out, advice_of(group), 4);
    table_wrap(out, arena_printf(arena, "(%s)", names_of(group, arena)), 4);
  }
}

void night_print(const struct night *night, bool color, struct buffer *out) {
  struct arena arena;
  arena_init(&arena);
  put_head(night, out);
  put_accounts(night, &arena, color, out);
  put_slowest(night, &arena, out);
  put_advice(night, &arena, color, out);
  arena_release(&arena);
}

/* ---- for programs ---- */

static void add_known(struct log_line *line, const char *name, int64_t value) {
  if (value >= 0) log_number(line, name, value);
}

static struct log_line account_line(const struct night *night, const struct night_account *account,
                                    time_ms now) {
  struct log_line line = {.time = now, .level = LOG_INFO, .event = LOG_SUMMARY_ACCOUNT};
  log_text(&line, "account", account->email);
  log_text(&line, "state", account_state_name(account->state));
  if (out_of_service(account)) log_text(&line, "reason", account->reason);
  log_number(&line, "succeeded", account->succeeded);
  log_number(&line, "failed", account->failed);
  log_number(&line, "moderated", account->moderated);
  log_number(&line, "throttled", account->busy_queue + account->busy_runway);
  add_known(&line, "credits_before", account->credits_before);
  add_known(&line, "credits_after", account->credits_after);
  add_known(&line, "busy_percent", night_busy_percent(night, account));
  add_known(&line, "slots", account->most > 0 ? account->most : -1);
  return line;
}

void night_log(const struct night *night, time_ms now,
               void (*write)(void *context, const struct log_line *line), void *context) {
  struct arena arena;
  arena_init(&arena);
  for (size_t i = 0; i < night->account_count; i++) {
    struct log_line line = account_line(night, &night->accounts[i], now);
    write(context, &line);
  }
  for (size_t i = 0; i < night->slow_count && i < JOBS_NAMED; i++) {
    struct log_line line = {.time = now, .level = LOG_INFO, .event = LOG_SUMMARY_SLOWEST};
    log_text(&line, "job", night->slowest[i].job->name);
    log_text(&line, "account", night->slowest[i].account);
    log_number(&line, "took_ms", night->slowest[i].took_ms);
    write(context, &line);
  }
  for (size_t i = 0; i < night->group_count; i++) {
    const struct night_group *group = &night->groups[i];
    struct log_line line = {.time = now, .level = LOG_INFO, .event = LOG_SUMMARY_ADVICE};
    log_text(&line, "state", job_state_name(group->state));
    log_number(&line, "count", group->count);
    log_text(&line, "advice", advice_of(group));
    log_text(&line, "jobs", names_of(group, &arena));
    write(context, &line);
  }
  arena_release(&arena);
}
