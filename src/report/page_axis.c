/* Time from left to right, without the hours in which nothing was done. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/page.h"
#include "report/show.h"
#include "util/check.h"

#define IDLE_MS    HOUR_MS /* longer pauses are cut out */
#define CUT_UNITS  1500    /* how wide a cut is */
#define TICKS_MOST 9
#define TICKS_FINE 4 /* times as many when zoomed */

struct stretch {
  time_ms from, to;
};

static int by_from(const void *a, const void *b) {
  const struct stretch *left = a, *right = b;
  return (left->from > right->from) - (left->from < right->from);
}

static size_t find_stretches(const struct page *page, struct stretch *stretches) {
  const struct report_source *source = page->source;
  size_t count = 0;
  for (size_t i = 0; i < source->attempt_count; i++) {
    const struct attempt_record *attempt = &source->attempts[i];
    struct stretch *stretch = &stretches[count++];
    *stretch = (struct stretch){attempt->opened, attempt->opened};
    if (attempt->settled > stretch->to) stretch->to = attempt->settled;
    if (attempt->task_ended > stretch->to) stretch->to = attempt->task_ended;
    if (attempt->state == ATTEMPT_ACCEPTED) stretch->to = page->night.until;
  }
  for (size_t i = 0; i < page->job_count; i++)
    if (page->jobs[i]->ended != 0)
      stretches[count++] = (struct stretch){page->jobs[i]->ended, page->jobs[i]->ended};
  if (count > 1) qsort(stretches, count, sizeof *stretches, by_from);
  return count;
}

/* Of all times together those with no more than IDLE_MS between them are one piece. */
static void join(struct page *page, const struct stretch *stretches, size_t count) {
  struct axis *axis = &page->axis;
  axis->pieces = ARENA_NEW_ARRAY(&page->arena, count + 1, struct axis_piece);
  for (size_t i = 0; i < count; i++) {
    struct axis_piece *last = axis->count > 0 ? &axis->pieces[axis->count - 1] : NULL;
    if (last == NULL || stretches[i].from > last->to + IDLE_MS)
      axis->pieces[axis->count++] =
          (struct axis_piece){.from = stretches[i].from, .to = stretches[i].to};
    else if (stretches[i].to > last->to)
      last->to = stretches[i].to;
  }
}

static void lay_out(struct axis *axis) {
  int64_t cuts = (int64_t)(axis->count - 1) * CUT_UNITS, left = 0;
  if (cuts > AXIS_UNITS / 2) cuts = 0; /* a batch of very many nights: cuts without width */
  int64_t cut = axis->count > 1 ? cuts / (int64_t)(axis->count - 1) : 0;
  for (size_t i = 0; i < axis->count; i++)
    axis->span_ms += axis->pieces[i].to - axis->pieces[i].from;
  duration_ms span = axis->span_ms > 0 ? axis->span_ms : 1;
  for (size_t i = 0; i < axis->count; i++) {
    struct axis_piece *piece = &axis->pieces[i];
    piece->left = left;
    piece->right = left + (piece->to - piece->from) * (AXIS_UNITS - cuts) / span;
    left = piece->right + cut;
  }
}

void axis_init(struct page *page) {
  size_t room = page->source->attempt_count + page->job_count + 1;
  struct stretch *stretches = calloc(room, sizeof *stretches);
  CHECK(stretches != NULL && "out of memory");
  size_t count = find_stretches(page, stretches);
  join(page, stretches, count);
  free(stretches);
  if (page->axis.count > 0) lay_out(&page->axis);
}

int64_t axis_place(const struct axis *axis, time_ms time) {
  size_t low = 0, high = axis->count;
  while (low < high) { /* the first piece that ends at this time or later */
    size_t middle = low + (high - low) / 2;
    if (axis->pieces[middle].to < time)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == axis->count) return axis->count == 0 ? 0 : axis->pieces[axis->count - 1].right;
  const struct axis_piece *piece = &axis->pieces[low];
  if (time <= piece->from) return piece->left;
  return piece->left +
         (time - piece->from) * (piece->right - piece->left) / (piece->to - piece->from);
}

/* ---- ticks ---- */

static duration_ms step_for(duration_ms span, int most) {
  static const duration_ms steps[] = {MINUTE_MS,      2 * MINUTE_MS,  5 * MINUTE_MS, 10 * MINUTE_MS,
                                      15 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS,       2 * HOUR_MS,
                                      3 * HOUR_MS,    6 * HOUR_MS,    12 * HOUR_MS,  24 * HOUR_MS};
  size_t last = sizeof steps / sizeof steps[0] - 1;
  for (size_t i = 0; i < last; i++)
    if (span / steps[i] <= most) return steps[i];
  duration_ms step = steps[last];
  while (span / step > most)
    step *= 2;
  return step;
}

static void put_tick(struct page *page, time_ms at, const char *class, int y, int top, int bottom) {
  char clock[40];
  double percent = (double)axis_place(&page->axis, at) * 100 / AXIS_UNITS;
  show_hour(at, at, clock, sizeof clock);
  page_put(page, "<g class=\"%s\"><line x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"%d\" y2=\"%d\"/>", class,
           percent, percent, top, bottom);
  page_put(page, "<text x=\"%.3f%%\" y=\"%d\"%s>%s</text></g>\n", percent, y,
           percent > 96  ? " text-anchor=\"end\""
           : percent < 3 ? ""
                         : " text-anchor=\"middle\"",
           clock);
}

/* Every other one is left out on a phone. */
static void put_piece_ticks(struct page *page, const struct axis_piece *piece, duration_ms step,
                            duration_ms coarse, int y, int top, int bottom) {
  duration_ms offset = show_offset(piece->from);
  time_ms first = (piece->from + offset + step - 1) / step * step - offset;
  for (time_ms at = first; at <= piece->to; at += step) {
    bool fine = (at + offset) % coarse != 0;
    bool odd = (at + offset) / coarse % 2 != 0;
    put_tick(page, at, fine ? "fine" : odd ? "odd" : "tick", y, top, bottom);
  }
}

/* What a cut left out. */
static void put_cut(struct page *page, const struct axis_piece *before, int top, int bottom) {
  const struct axis_piece *after = before + 1;
  page_put(
      page,
      "<rect class=\"cut\" x=\"%.3f%%\" width=\"%.3f%%\" y=\"%d\" height=\"%d\"><title>nothing "
      "to do for ",
      (double)before->right * 100 / AXIS_UNITS,
      (double)(after->left - before->right) * 100 / AXIS_UNITS, top, bottom - top);
  page_duration(page, after->from - before->to);
  page_put(page, "</title></rect>\n");
}

void axis_put_ticks(struct page *page, int y, int top, int bottom, bool finer) {
  const struct axis *axis = &page->axis;
  duration_ms coarse = step_for(axis->span_ms, TICKS_MOST);
  duration_ms step = finer ? step_for(axis->span_ms, TICKS_MOST * TICKS_FINE) : coarse;
  if (coarse % step != 0) step = coarse;
  for (size_t i = 0; i < axis->count; i++)
    put_piece_ticks(page, &axis->pieces[i], step, coarse, y, top, bottom);
  for (size_t i = 0; i + 1 < axis->count; i++)
    put_cut(page, &axis->pieces[i], top, bottom);
}
