/* Every account's slots over the night: a bar for each task, a mark for each 429. */
#include <stdlib.h>
#include <string.h>

#include "report/page.h"
#include "report/show.h"
#include "util/check.h"
#include "util/text.h"

#define BARS_NAMED                                                                                 \
  20000 /* above that bars have no names of their own: the page would be too heavy */
#define LANE_PX    11
#define BAR_PX     9
#define LABEL_PX   20
#define GAP_PX     10
#define TOP_PX     22 /* of the hours */
#define LANES_MOST 32

struct bar {
  const struct attempt_record *attempt;
  time_ms from, to;
  int lane;
};

struct strip {
  const char *email;
  struct bar *bars; /* by begin */
  size_t bar_count;
  const struct attempt_record **refusals;
  size_t refusal_count;
  int lanes;
};

static int by_from(const void *a, const void *b) {
  const struct bar *left = a, *right = b;
  if (left->from != right->from) return left->from < right->from ? -1 : 1;
  return (left->attempt->id > right->attempt->id) - (left->attempt->id < right->attempt->id);
}

/* Each in the first lane that is free by then. */
static void assign_lanes(struct strip *strip) {
  time_ms busy_until[LANES_MOST] = {0};
  if (strip->bar_count > 1) qsort(strip->bars, strip->bar_count, sizeof *strip->bars, by_from);
  for (size_t i = 0; i < strip->bar_count; i++) {
    struct bar *bar = &strip->bars[i];
    while (bar->lane + 1 < LANES_MOST && busy_until[bar->lane] > bar->from)
      bar->lane++;
    busy_until[bar->lane] = bar->to;
    if (bar->lane + 1 > strip->lanes) strip->lanes = bar->lane + 1;
  }
}

static bool is_of(const struct attempt_record *attempt, const char *email) {
  return strcmp(attempt->account, email) == 0;
}

static bool is_429(const struct attempt_record *attempt) {
  return attempt->state == ATTEMPT_REFUSED && attempt->cause != NULL &&
         (strcmp(attempt->cause, "maxjobs") == 0 || strcmp(attempt->cause, "runway") == 0);
}

static void collect(struct page *page, struct strip *strip) {
  const struct report_source *source = page->source;
  size_t of_it = 0;
  for (size_t i = 0; i < source->attempt_count; i++)
    of_it += is_of(&source->attempts[i], strip->email);
  strip->bars = ARENA_NEW_ARRAY(&page->arena, of_it + 1, struct bar);
  strip->refusals = ARENA_NEW_ARRAY(&page->arena, of_it + 1, const struct attempt_record *);
  for (size_t i = 0; i < source->attempt_count; i++) {
    const struct attempt_record *attempt = &source->attempts[i];
    struct bar bar = {.attempt = attempt};
    if (!is_of(attempt, strip->email)) continue;
    if (is_429(attempt)) strip->refusals[strip->refusal_count++] = attempt;
    if (night_task_span(attempt, page->night.since, page->night.until, &bar.from, &bar.to))
      strip->bars[strip->bar_count++] = bar;
  }
  assign_lanes(strip);
}

static int height_of(const struct strip *strip) {
  return LABEL_PX + strip->lanes * LANE_PX + GAP_PX;
}

/* ---- bars ---- */

static void put_named_bar(struct page *page, const struct bar *bar, int y) {
  const struct attempt_record *attempt = bar->attempt;
  const struct job_record *job = page_job(page, attempt->job);
  int64_t left = axis_place(&page->axis, bar->from);
  int64_t width = axis_place(&page->axis, bar->to) - left;
  if (job != NULL) page_put(page, "<a href=\"#j%lld\">", (long long)job->id);
  page_put(page, "<rect class=\"%s\" x=\"%lld\" y=\"%d\" width=\"%lld\" height=\"%d\"><title>",
           page_attempt_class(attempt), (long long)left, y, (long long)(width > 0 ? width : 1),
           BAR_PX);
  page_text(page, job != NULL ? job->name : "a job that the file has no more");
  page_put(page, ": %s, ", attempt_state_name(attempt->state));
  page_time(page, bar->from);
  page_put(page, " \xe2\x80\x93 ");
  page_time(page, bar->to);
  page_put(page, " (");
  page_duration(page, bar->to - bar->from);
  page_put(page, ")</title></rect>%s\n", job != NULL ? "</a>" : "");
}

/* All bars that came to the same in one path. */
static void put_path(struct page *page, const struct strip *strip, const char *class, int top) {
  bool any = false;
  for (size_t i = 0; i < strip->bar_count; i++) {
    const struct bar *bar = &strip->bars[i];
    if (strcmp(page_attempt_class(bar->attempt), class) != 0) continue;
    int64_t left = axis_place(&page->axis, bar->from);
    int64_t width = axis_place(&page->axis, bar->to) - left;
    if (!any) page_put(page, "<path class=\"bar %s\" d=\"", class);
    any = true;
    page_put(page, "M%lld %dh%lld", (long long)left, top + bar->lane * LANE_PX + BAR_PX / 2,
             (long long)(width > 0 ? width : 1));
  }
  if (any) page_put(page, "\"/>\n");
}

static void put_bars(struct page *page, const struct strip *strip, int top, bool named) {
  static const char *const classes[] = {"s", "f", "m", "c", "u", "r"};
  for (size_t i = 0; i < strip->bar_count && named; i++)
    put_named_bar(page, &strip->bars[i], top + strip->bars[i].lane * LANE_PX);
  for (size_t i = 0; i < sizeof classes / sizeof classes[0] && !named; i++)
    put_path(page, strip, classes[i], top);
}

/* One mark for those that would lie on each other. */
static void put_refusals(struct page *page, const struct strip *strip, int y) {
  int64_t last = -1;
  if (strip->refusal_count == 0) return;
  page_put(page, "<path class=\"busy\" d=\"");
  for (size_t i = 0; i < strip->refusal_count; i++) {
    int64_t at = axis_place(&page->axis, strip->refusals[i]->opened);
    if (at / 40 == last / 40 && last >= 0) continue;
    page_put(page, "M%lld %dv5", (long long)at, y);
    last = at;
  }
  page_put(page, "\"><title>told to wait (429)</title></path>\n");
}

/* ---- the whole ---- */

static void put_names(struct page *page, const struct strip *strips, size_t count, int height) {
  int y = TOP_PX;
  page_put(page, "<svg class=\"names\" width=\"420\" height=\"%d\" aria-hidden=\"true\">", height);
  for (size_t i = 0; i < count; i++) {
    page_put(page, "<text x=\"4\" y=\"%d\">", y + 12);
    page_text(page, strips[i].email);
    page_put(page, "</text>");
    y += height_of(&strips[i]);
  }
  page_put(page, "</svg>\n");
}

static void put_zoom(struct page *page) {
  static const struct {
    const char *id, *label;
  } zooms[] = {{"z1", "whole night"},
               {"z4", "\xc3\x97"
                      "4"},
               {"z16", "\xc3\x97"
                       "16"}};
  for (size_t i = 0; i < 3; i++)
    page_put(page, "<input type=\"radio\" name=\"zoom\" id=\"%s\"%s/><label for=\"%s\">%s</label>",
             zooms[i].id, i == 0 ? " checked=\"checked\"" : "", zooms[i].id, zooms[i].label);
}

static void put_key(struct page *page) {
  page_put(page, "<ul class=\"legend\"><li class=\"s\">succeeded</li><li class=\"f\">failed</li>"
                 "<li class=\"m\">moderated</li><li class=\"r\">still running</li>"
                 "<li class=\"u\">in doubt</li><li class=\"b\">told to wait (429)</li></ul>\n");
}

static void put_strips(struct page *page, const struct strip *strips, size_t count, bool named) {
  int height = TOP_PX + 4, y = TOP_PX;
  for (size_t i = 0; i < count; i++)
    height += height_of(&strips[i]);
  page_put(page,
           "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"timeline\">"
           "<svg class=\"time\" height=\"%d\">\n",
           height);
  axis_put_ticks(page, 12, TOP_PX - 4, height, true);
  page_put(page,
           "<svg class=\"plot\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
           "width=\"100%%\" height=\"%d\">\n",
           AXIS_UNITS, height, height);
  for (size_t i = 0; i < count; i++) {
    for (int lane = 0; lane < strips[i].lanes; lane++)
      page_put(page, "<rect class=\"lane\" x=\"0\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
               y + LABEL_PX + lane * LANE_PX, AXIS_UNITS, BAR_PX);
    put_bars(page, &strips[i], y + LABEL_PX, named);
    put_refusals(page, &strips[i], y + LABEL_PX - 6);
    y += height_of(&strips[i]);
  }
  page_put(page, "</svg></svg>\n");
  put_names(page, strips, count, height);
  page_put(page, "</div>\n");
}

void page_put_timeline(struct page *page) {
  const struct night *night = &page->night;
  struct strip *strips = ARENA_NEW_ARRAY(&page->arena, night->account_count + 1, struct strip);
  size_t count = 0, bars = 0;
  for (size_t i = 0; i < night->account_count; i++) {
    struct strip *strip = &strips[count];
    strip->email = night->accounts[i].email;
    collect(page, strip);
    bars += strip->bar_count;
    if (strip->bar_count + strip->refusal_count > 0) count++;
  }
  if (count == 0) return;
  page_put(page, "<section class=\"wide\"><h2>Timeline</h2>\n<div class=\"timeline\">");
  put_zoom(page);
  put_strips(page, strips, count, bars <= BARS_NAMED);
  page_put(page, "</div>\n");
  put_key(page);
  if (bars > BARS_NAMED)
    page_put(page, "<p class=\"dim\">%zu tasks: too many for each to bear its name here.</p>\n",
             bars);
  page_put(page, "</section>\n");
}
