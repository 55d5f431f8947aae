/* What watchers of the page are shown: the run is looked at a few times a second at most, when
 * something may have changed and somebody watches; between two looks nothing is done for any of
 * them. */
#include <stdlib.h>

#include "runtime/serve.h"

#define GAP_MS 400 /* real: between looks */

static void look(struct run *run, bool over) {
  struct serve *serve = run->serve;
  const struct board_source source = {.core = run->core,
                                      .now = clock_now(&run->clock),
                                      .real_ms = (int64_t)uv_now(&run->loop),
                                      .speed = run->options->speed,
                                      .stopping = run->interrupted,
                                      .over = over,
                                      .exit_status = run->exit_status};
  if (serve->timers > 0) (void)uv_timer_stop(&serve->later);
  serve->looked_ms = uv_now(&run->loop);
  serve->looked = true;
  if (board_update(serve->board, &source)) web_news(serve->web);
}

static bool is_at_work(const struct run *run) {
  return run->serve != NULL && run->serve->web != NULL && run->begun != 0 && run->core != NULL;
}

static void on_later(uv_timer_t *timer) {
  struct run *run = timer->data;
  if (is_at_work(run)) look(run, run->ended);
}

static void look_soon(struct run *run) {
  struct serve *serve = run->serve;
  uint64_t now = uv_now(&run->loop), next = serve->looked_ms + GAP_MS;
  if (!serve->looked || now >= next)
    look(run, run->ended);
  else if (serve->timers > 0 && !uv_is_active((uv_handle_t *)&serve->later))
    (void)uv_timer_start(&serve->later, on_later, next - now, 0); /* the next step looks again */
}

void serve_touch(struct run *run) {
  if (is_at_work(run) && web_watchers(run->serve->web) > 0) look_soon(run);
}

void serve_on_watcher(void *context) {
  struct run *run = context;
  if (is_at_work(run)) look_soon(run);
}

bool serve_next(void *context, struct web_place *place, struct buffer *piece) {
  const struct run *run = context;
  struct board_place at = {
      .since = place->since, .goal = place->goal, .part = place->part, .at = place->at};
  bool news = board_next(run->serve->board, &at, piece);
  *place = (struct web_place){.since = at.since, .goal = at.goal, .part = at.part, .at = at.at};
  return news;
}

void serve_on_log(struct run *run, const struct log_line *line) {
  if (run->serve != NULL && run->serve->board != NULL) board_log(run->serve->board, line);
}

void serve_tell_end(struct run *run) {
  if (!is_at_work(run)) return;
  look(run, true);
  web_flush(run->serve->web);
}
