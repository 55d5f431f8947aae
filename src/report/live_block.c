/* What a person watches while a run is at work: a line per account and one of the whole, made to
 * fit the terminal. A function of what is known, the size and the time; draws nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nightshift/report.h"
#include "report/color.h"
#include "report/show.h"
#include "util/buffer.h"
#include "util/check.h"
#include "util/plain.h"

#define WIDTH_LEAST   20 /* columns and rows below which there is no block */
#define HEIGHT_LEAST  4
#define BAR_WIDTH     20
#define EMAIL_LONGEST 32
#define LINE_BYTES    2048

/* ---- one line: parts with their colours, cut to the width ---- */

struct line {
  struct buffer *out;
  size_t room; /* columns left */
  bool color;
};

static void put(struct line *line, const char *color, const char *text) {
  size_t columns = plain_columns(text), taken = columns < line->room ? columns : line->room;
  size_t length = strlen(text);
  struct buffer cell;
  if (taken == 0) return;
  while (length > 0 && text[length - 1] == ' ' && columns > taken)
    length--, columns--; /* blanks need not be told to be missing */
  buffer_init(&cell, LINE_BYTES);
  char *solid = strndup(text, length);
  CHECK(solid != NULL && "out of memory");
  plain_cell(&cell, solid, taken, false);
  free(solid);
  color_put(line->out, line->color, color, buffer_string(&cell));
  buffer_release(&cell);
  line->room -= taken;
}

static void put_cell(struct line *line, const char *text, size_t columns) {
  struct buffer cell;
  buffer_init(&cell, LINE_BYTES);
  plain_cell(&cell, text, columns, false);
  put(line, "", buffer_string(&cell));
  buffer_release(&cell);
}

/* ---- an account ---- */

static const char *state_color(enum account_state state) {
  switch (state) {
  case ACCOUNT_READY:
    return "";
  case ACCOUNT_COOLING:
  case ACCOUNT_PAUSED:
    return COLOR_YELLOW;
  case ACCOUNT_EMPTY:
  case ACCOUNT_BROKEN:
  case ACCOUNT_LOST:
  case ACCOUNT_STATE_COUNT:
    return COLOR_RED;
  }
  return "";
}

static void put_running(struct line *line, const struct core_account_view *account) {
  char text[40];
  if (account->capacity > 0)
    snprintf(text, sizeof text, "%d of %d", account->running, account->capacity);
  else
    snprintf(text, sizeof text, "%d", account->running);
  put_cell(line, text, sizeof "10 of 10" + 1);
}

/* What it waits for, and until when. */
static void put_state(struct line *line, const struct core_account_view *account, time_ms now) {
  char text[80];
  if (account->state == ACCOUNT_READY) return;
  put(line, state_color(account->state), account_state_name(account->state));
  if (account->until > now && account->until != TIME_NEVER) {
    char at[40];
    show_hour(account->until, now, at, sizeof at);
    snprintf(text, sizeof text, " until %s", at);
    put(line, "", text);
  }
  if (account->reason == NULL) return;
  put(line, "", ": ");
  put(line, "", account->reason);
}

static void put_account(struct line *line, const struct core_account_view *account,
                        size_t email_columns, time_ms now) {
  put_cell(line, account->email, email_columns);
  put(line, "", "  ");
  put_running(line, account);
  if (account->others > 0 && account->state == ACCOUNT_READY) {
    char text[40];
    snprintf(text, sizeof text, "and %d of others", account->others);
    put(line, COLOR_DIM, text);
  }
  put_state(line, account, now);
}

/* ---- which accounts are shown when not all fit ---- */

/* What a person should know of first: trouble, then what waits, then what is at work. */
static int rank_of(const struct core_account_view *account) {
  switch (account->state) {
  case ACCOUNT_LOST:
  case ACCOUNT_BROKEN:
    return 0;
  case ACCOUNT_EMPTY:
  case ACCOUNT_PAUSED:
    return 1;
  case ACCOUNT_COOLING:
    return 3;
  case ACCOUNT_READY:
  case ACCOUNT_STATE_COUNT:
    break;
  }
  return account->running > 0 ? 2 : 4;
}

/* shown[i]: `rows` of them, in the order of the config. */
static void choose(const struct live_view *view, size_t rows, bool *shown) {
  size_t left = rows;
  for (int rank = 0; rank <= 4; rank++)
    for (size_t i = 0; i < view->account_count && left > 0; i++) {
      if (rank_of(&view->accounts[i]) != rank) continue;
      shown[i] = true;
      left--;
    }
}

static void put_fold(struct line *line, const struct live_view *view, const bool *shown) {
  size_t states[ACCOUNT_STATE_COUNT] = {0}, count = 0, running = 0;
  char text[80];
  for (size_t i = 0; i < view->account_count; i++) {
    if (shown[i]) continue;
    count++;
    states[view->accounts[i].state]++;
    running += (size_t)view->accounts[i].running;
  }
  snprintf(text, sizeof text, "and %zu more: %zu at work", count, running);
  put(line, COLOR_DIM, text);
  for (int state = 0; state < ACCOUNT_STATE_COUNT; state++) {
    if (states[state] == 0) continue;
    snprintf(text, sizeof text, ", %zu %s", states[state],
             account_state_name((enum account_state)state));
    put(line, COLOR_DIM, text);
  }
}

/* ---- the whole ---- */

static int64_t ended_of(const struct core_counts *counts) {
  int64_t ended = 0;
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    if (job_state_ended((enum job_state)state)) ended += counts->by_state[state];
  return ended;
}

static void put_bar(struct line *line, int64_t ended, int64_t jobs) {
  char bar[BAR_WIDTH + 4];
  size_t filled = jobs == 0 ? BAR_WIDTH : (size_t)(ended * BAR_WIDTH / jobs);
  bar[0] = '[';
  for (size_t i = 0; i < BAR_WIDTH; i++)
    bar[i + 1] = i < filled ? '#' : '-';
  snprintf(bar + 1 + BAR_WIDTH, sizeof bar - 1 - BAR_WIDTH, "] ");
  put(line, COLOR_GREEN, bar);
}

static void put_count(struct line *line, const char *color, int64_t count, const char *words) {
  char text[80];
  if (count <= 0) return;
  put(line, "", ", ");
  snprintf(text, sizeof text, "%lld %s", (long long)count, words);
  put(line, color, text);
}

static void put_whole(struct line *line, const struct live_view *view, time_ms now) {
  const struct core_counts *counts = &view->counts;
  int64_t ended = ended_of(counts);
  char text[120];
  if (line->room >= 60) put_bar(line, ended, counts->jobs);
  snprintf(text, sizeof text, "%lld of %lld ended", (long long)ended, (long long)counts->jobs);
  put(line, COLOR_BOLD, text);
  put_count(line, "", counts->by_state[JOB_SUBMITTING] + counts->by_state[JOB_RUNNING], "at work");
  put_count(line, COLOR_YELLOW, counts->by_state[JOB_UNSURE], "unsure");
  put_count(line, "", counts->by_state[JOB_DOWNLOADING], "being fetched");
  put_count(line, COLOR_RED, counts->by_state[JOB_FAILED], "failed");
  put_count(line, COLOR_RED, counts->by_state[JOB_MODERATED], "moderated");
  put_count(line, COLOR_RED, counts->by_state[JOB_HELD], "held");
  if (view->stopping) {
    put(line, COLOR_YELLOW, ", stopping");
    return;
  }
  put_count(line, "", view->per_hour, "an hour");
  if (view->eta <= now) return;
  char at[40];
  show_hour(view->eta, now, at, sizeof at);
  snprintf(text, sizeof text, ", done about %s", at);
  put(line, "", text);
}

/* ---- all of it ---- */

static size_t email_columns(const struct live_view *view, size_t width) {
  size_t longest = 0, most = width / 2 < EMAIL_LONGEST ? width / 2 : EMAIL_LONGEST;
  for (size_t i = 0; i < view->account_count; i++) {
    size_t columns = plain_columns(view->accounts[i].email);
    if (columns > longest) longest = columns;
  }
  return longest < 1 ? 1 : longest < most ? longest : most;
}

static struct line line_begin(struct buffer *out, size_t width, bool color) {
  if (out->length > 0) buffer_text(out, "\n");
  return (struct line){.out = out, .room = width - 1, .color = color};
}

static void put_accounts(const struct live_view *view, size_t rows, size_t width, time_ms now,
                         bool color, struct buffer *out) {
  bool folded = view->account_count > rows;
  bool *shown = calloc(view->account_count + 1, sizeof *shown);
  if (shown == NULL) return; /* the run goes on without the picture */
  choose(view, folded ? rows - 1 : rows, shown);
  size_t columns = email_columns(view, width);
  for (size_t i = 0; i < view->account_count; i++) {
    if (!shown[i]) continue;
    struct line line = line_begin(out, width, color);
    put_account(&line, &view->accounts[i], columns, now);
  }
  if (folded) {
    struct line line = line_begin(out, width, color);
    put_fold(&line, view, shown);
  }
  free(shown);
}

void live_block(const struct live_view *view, size_t width, size_t height, time_ms now, bool color,
                struct buffer *out) {
  if (width < WIDTH_LEAST || height < HEIGHT_LEAST) return;
  size_t rows = height / 2 - 1; /* half of the terminal is for the log */
  if (rows > 0 && view->account_count > 0) put_accounts(view, rows, width, now, color, out);
  struct line line = line_begin(out, width, color);
  put_whole(&line, view, now);
}
