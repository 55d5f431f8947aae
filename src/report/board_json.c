/* The board as JSON: pieces of what has changed for somebody who knows it up to some change, and
 * one job with its history. Jobs, accounts and lines are arrays without names, for there are many;
 * src/web/page/model.js reads them. */
#include "report/board.h"

#include "nightshift/store.h"
#include "util/json_out.h"

#define PIECE_BYTES ((size_t)12 * 1024) /* about: no further item is begun above it */

struct piece {
  const struct board *board;
  struct board_place *place;
  struct json_out json;
  size_t end; /* of the buffer: above it the piece is full */
};

static bool is_full(const struct piece *piece) {
  return piece->json.out->length >= piece->end;
}

/* The one who is told does not know it yet. */
static bool is_news(const struct piece *piece, uint64_t revision) {
  return revision > piece->place->since;
}

/* -1 and 0 are "not known". */
static void put_count(struct json_out *json, const char *name, int64_t number) {
  if (number < 0)
    json_null(json, name);
  else
    json_number(json, name, number);
}

static void put_time(struct json_out *json, const char *name, time_ms time) {
  put_count(json, name, time == 0 || time == TIME_NEVER ? -1 : time);
}

static void put_counts(struct json_out *json, const struct core_counts *counts) {
  json_open_array(json, "counts");
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    json_number(json, NULL, counts->by_state[state]);
  json_close_array(json);
}

/* ---- part 1: the whole and its batches ---- */

static void put_states(struct json_out *json) {
  json_open_array(json, "states");
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    json_text(json, NULL, job_state_name((enum job_state)state));
  json_close_array(json);
}

static void put_run(struct json_out *json, const struct board_whole *whole) {
  json_open_object(json, "run");
  json_text(json, "phase", whole->over ? "over" : whole->stopping ? "stopping" : "running");
  json_real(json, "speed", whole->speed);
  put_count(json, "per_hour", whole->per_hour);
  put_time(json, "eta", whole->eta);
  if (whole->over) json_number(json, "status", whole->exit_status);
  json_close_object(json);
}

static void put_batch(struct json_out *json, const struct board_batch *batch) {
  json_open_object(json, NULL);
  json_text(json, "key", batch->view.key);
  json_bool(json, "paused", batch->view.paused);
  json_text(json, "why", batch->view.why);
  put_time(json, "eta", batch->view.eta);
  put_counts(json, &batch->counts);
  json_close_object(json);
}

static bool put_whole(struct piece *piece) {
  const struct board *board = piece->board;
  struct json_out *json = &piece->json;
  bool any = false;
  if (piece->place->since == 0) json_bool(json, "reset", true);
  if (piece->place->since == 0) put_states(json);
  if (is_news(piece, board->whole.revision)) put_run(json, &board->whole);
  for (size_t i = 0; i < board->batch_count; i++)
    any |= is_news(piece, board->batches[i].revision);
  if (!any) return true;
  json_open_array(json, "batches");
  for (size_t i = 0; i < board->batch_count; i++)
    put_batch(json, &board->batches[i]);
  json_close_array(json);
  return true;
}

/* ---- part 2: accounts ---- */

static void put_account(struct json_out *json, size_t place, const struct core_account_view *view) {
  json_open_array(json, NULL);
  json_number(json, NULL, (int64_t)place);
  json_text(json, NULL, view->email);
  json_text(json, NULL, account_state_name(view->state));
  put_time(json, NULL, view->until);
  json_number(json, NULL, view->running);
  json_number(json, NULL, view->capacity);
  json_number(json, NULL, view->others);
  put_count(json, NULL, view->credits);
  json_text(json, NULL, view->reason);
  json_close_array(json);
}

static bool put_accounts(struct piece *piece) {
  const struct board *board = piece->board;
  struct board_place *place = piece->place;
  json_open_array(&piece->json, "accounts");
  for (; place->at < board->account_count && !is_full(piece); place->at++)
    if (is_news(piece, board->accounts[place->at].revision))
      put_account(&piece->json, place->at, &board->accounts[place->at].view);
  json_close_array(&piece->json);
  return place->at >= board->account_count;
}

/* ---- part 3: jobs ---- */

enum { FLAG_PAUSED = 1, FLAG_CANCEL_WANTED = 2 };

/* What comes last and says nothing is left out. */
static void put_job(struct json_out *json, const struct board_seat *seat) {
  const struct core_job_view *view = &seat->view;
  int flags = (view->paused ? FLAG_PAUSED : 0) | (view->cancel_wanted ? FLAG_CANCEL_WANTED : 0);
  const int64_t numbers[] = {seat->account, view->changed, view->attempts, flags,
                             view->percent, view->since,   view->until};
  size_t count = sizeof numbers / sizeof numbers[0];
  bool ends_in_words = view->error != NULL || view->advice != NULL;
  while (!ends_in_words && count > 0 && numbers[count - 1] == (count == 1 ? -1 : 0))
    count--;
  json_open_array(json, NULL);
  json_number(json, NULL, view->id);
  json_text(json, NULL, view->name);
  json_number(json, NULL, (int64_t)seat->batch);
  json_number(json, NULL, view->state);
  for (size_t i = 0; i < count; i++)
    json_number(json, NULL, numbers[i]);
  if (ends_in_words) json_text(json, NULL, view->error);
  if (view->advice != NULL) json_text(json, NULL, view->advice);
  json_close_array(json);
}

/* One that is no longer shown is its id alone. */
static void put_seat(struct json_out *json, const struct board_seat *seat) {
  if (seat->there) {
    put_job(json, seat);
    return;
  }
  json_open_array(json, NULL);
  json_number(json, NULL, seat->view.id);
  json_close_array(json);
}

static bool put_jobs(struct piece *piece) {
  const struct board *board = piece->board;
  struct board_place *place = piece->place;
  json_open_array(&piece->json, "jobs");
  for (; place->at < board->seat_count && !is_full(piece); place->at++)
    if (is_news(piece, board->seats[place->at].revision))
      put_seat(&piece->json, &board->seats[place->at]);
  json_close_array(&piece->json);
  return place->at >= board->seat_count;
}

/* ---- part 4: lines of the log ---- */

static void put_line(struct json_out *json, uint64_t number, const struct board_line *line) {
  json_open_array(json, NULL);
  json_number(json, NULL, (int64_t)number);
  json_number(json, NULL, line->time);
  json_text(json, NULL, log_level_name(line->level));
  json_text(json, NULL, log_event_name(line->event));
  json_text(json, NULL, line->job);
  json_text(json, NULL, line->account);
  json_text(json, NULL, line->words);
  json_close_array(json);
}

/* place->at: the number of the next line. Those that were dropped meanwhile are passed over. */
static bool put_lines(struct piece *piece) {
  const struct board *board = piece->board;
  struct board_place *place = piece->place;
  uint64_t first = board->line_count > BOARD_LINES ? board->line_count - BOARD_LINES : 0;
  if (place->at < first) place->at = (size_t)first;
  json_open_array(&piece->json, "lines");
  for (; place->at < board->line_count && !is_full(piece); place->at++) {
    const struct board_line *line = &board->lines[place->at % BOARD_LINES];
    if (is_news(piece, line->revision)) put_line(&piece->json, place->at, line);
  }
  json_close_array(&piece->json);
  return place->at >= board->line_count;
}

/* ---- a piece ---- */

/* Each writes what there is room for, and returns whether that was all of it. */
static bool (*const parts[])(struct piece *piece) = {put_whole, put_accounts, put_jobs, put_lines};
#define PARTS (sizeof parts / sizeof parts[0])

bool board_next(const struct board *board, struct board_place *place, struct buffer *out) {
  if (place->since > board->revision || place->goal > board->revision || place->part >= PARTS)
    *place = (struct board_place){0};
  if (place->goal == 0 && place->since == board->revision) return false;
  if (place->goal == 0)
    *place = (struct board_place){.since = place->since, .goal = board->revision};
  struct piece piece = {.board = board, .place = place, .end = out->length + PIECE_BYTES};
  json_begin(&piece.json, out);
  json_open_object(&piece.json, NULL);
  json_number(&piece.json, "now", board->now);
  while (place->part < PARTS && !is_full(&piece) && parts[place->part](&piece)) {
    place->part++;
    place->at = 0;
  }
  if (place->part == PARTS) *place = (struct board_place){.since = place->goal};
  if (place->goal != 0) json_bool(&piece.json, "more", true);
  json_close_object(&piece.json);
  return true;
}

/* ---- one job ---- */

static void put_history(struct json_out *json, const struct store_history *history) {
  json_open_array(json, "history");
  for (size_t i = 0; i < history->count; i++) {
    const struct event_record *event = &history->events[i];
    json_open_array(json, NULL);
    json_number(json, NULL, event->time);
    json_text(json, NULL, log_event_name(event->event));
    json_text(json, NULL, event->account);
    json_text(json, NULL, event->text);
    json_close_array(json);
  }
  json_close_array(json);
}

static void put_why(struct json_out *json, const struct core *core, const struct job_record *job,
                    time_ms now) {
  struct wait wait = core_why(core, job->id, now);
  bool waits = !job_state_ended(job->state) && wait.reason != WAIT_NONE;
  json_text(json, "why", waits ? wait_words(wait.reason) : NULL);
  json_text(json, "why_account", waits ? wait.account : NULL);
  put_time(json, "why_until", waits ? wait.until : 0);
}

void board_job(const struct core *core, const struct job_record *job, time_ms now,
               const struct store_history *history, struct buffer *out) {
  struct json_out json;
  json_begin(&json, out);
  json_open_object(&json, NULL);
  json_number(&json, "id", job->id);
  json_text(&json, "name", job->name);
  json_text(&json, "state", job_state_name(job->state));
  put_why(&json, core, job, now);
  json_text(&json, "clip", job->clip_source);
  put_count(&json, "clip_ms", job->clip_ms == 0 ? -1 : job->clip_ms);
  json_text(&json, "voice", job->voice);
  json_text(&json, "account", job->account);
  json_text(&json, "task", job->task_id);
  json_text(&json, "output", job->result != NULL ? job->result : job->output);
  json_text(&json, "reference", job->reference);
  json_text(&json, "error", job->error);
  json_text(&json, "advice", job->advice);
  put_history(&json, history);
  json_close_object(&json);
}
