/* The listener of a run (nightshift/web.h): its health, callbacks as events for the core, and the
 * page: the run's picture for those who watch, orders of those who have the token. */
#ifndef RUNTIME_SERVE_H
#define RUNTIME_SERVE_H

#include "nightshift/board.h"
#include "nightshift/web.h"
#include "runtime/run.h"

#define SERVE_SECRET_BYTES 16
#define SERVE_SECRET_TEXT  (2 * SERVE_SECRET_BYTES + 1)

struct serve_question;
struct serve {
  struct web *web;
  char secret[SERVE_SECRET_TEXT];
  char token[SERVE_SECRET_TEXT]; /* "": there is none */
  char reply_url[1025];          /* service.md: at most 1,024 characters */
  struct board *board;
  uv_timer_t later; /* serve_page.c: the next look at the run */
  uint64_t looked_ms;
  bool looked;
  uv_timer_t patience; /* serve_orders.c */
  struct serve_question *questions;
  int timers; /* of the two, those that the loop knows */
};

/* ---- serve.c ---- */
/* Where `listen` is given: listens from now on, and where `public_url` is given, makes the address
 * that submissions carry, with a secret of its own in each run. */
int serve_begin(struct run *run, struct error *error);
/* That address; NULL: callbacks are off. Belongs to the run. */
const char *serve_reply_url(const struct run *run);
/* What the listener has counted; all 0 while there is none. */
struct web_figures serve_figures(const struct run *run);
/* The loop has to run once more. */
void serve_end(struct run *run);

/* ---- serve_token.c: what a person shows who orders by the page ---- */
void serve_draw_secret(char secret[SERVE_SECRET_TEXT]);
/* Reads it from its file beside the state, which is made (0600) when it is not there. `path`
 * becomes where that is. */
int serve_read_token(const char *state, char *path, size_t path_size, char token[SERVE_SECRET_TEXT],
                     struct error *error);

/* ---- serve_page.c: what watchers are shown ---- */
bool serve_next(void *context, struct web_place *place, struct buffer *piece);
void serve_on_watcher(void *context);
/* Something may have changed: looked at a few times a second at most, and only when somebody
 * watches. */
void serve_touch(struct run *run);
void serve_on_log(struct run *run, const struct log_line *line);
/* The run has ended: those who watch are told at once. */
void serve_tell_end(struct run *run);

/* ---- serve_orders.c: orders, and questions about one job ---- */
void serve_on_order(void *context, const struct web_order *order, web_ticket ticket);
void serve_on_job(void *context, int64_t job, web_ticket ticket);
/* The store's thread has done something. */
void serve_on_store(struct run *run);
/* What a step wanted is durable: answers to orders are among it. */
void serve_on_durable(struct run *run, const struct core_output *output);
/* The store's thread has stopped. */
void serve_drop_questions(struct run *run);

#endif
