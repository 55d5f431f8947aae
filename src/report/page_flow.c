/* Throughput and queue over time. */
#include <stdlib.h>
#include <string.h>

#include "report/page.h"
#include "util/check.h"

#define BINS     96
#define TOP_PX   22
#define PLOT_PX  120
#define WHOLE_PX (TOP_PX + PLOT_PX + 4)

struct flow {
  int64_t well[BINS], badly[BINS];
  int64_t ended_before; /* jobs that ended without a time of their own: none are left of them */
};

static size_t bin_of(const struct page *page, time_ms time) {
  int64_t bin = axis_place(&page->axis, time) * BINS / AXIS_UNITS;
  return bin < 0 ? 0 : bin >= BINS ? BINS - 1 : (size_t)bin;
}

static void count(const struct page *page, struct flow *flow) {
  for (size_t i = 0; i < page->job_count; i++) {
    const struct job_record *job = page->jobs[i];
    if (!job_state_ended(job->state)) continue;
    if (job->ended == 0)
      flow->ended_before++;
    else if (job->state == JOB_SUCCEEDED)
      flow->well[bin_of(page, job->ended)]++;
    else
      flow->badly[bin_of(page, job->ended)]++;
  }
}

/* 1, 2 or 5 and zeroes: at least `value`. */
static int64_t round_up(int64_t value) {
  int64_t step = 1;
  while (step * 10 <= value)
    step *= 10;
  if (value <= step) return step;
  if (value <= step * 2) return step * 2;
  return value <= step * 5 ? step * 5 : step * 10;
}

static int level_y(int level) {
  return TOP_PX + level * PLOT_PX / 2;
}

static void open_chart(struct page *page, const char *label) {
  page_put(page, "<svg class=\"chart\" height=\"%d\" role=\"img\" aria-label=\"%s\">\n", WHOLE_PX,
           label);
  axis_put_ticks(page, 12, TOP_PX - 4, WHOLE_PX, false);
  for (int level = 0; level < 2; level++)
    page_put(page, "<line x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/>\n", level_y(level),
             level_y(level));
  page_put(page,
           "<svg class=\"plot\" y=\"%d\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
           "width=\"100%%\" height=\"%d\">\n",
           TOP_PX, AXIS_UNITS, PLOT_PX, PLOT_PX);
}

/* What the levels are comes last, to be read above the rest. */
static void close_chart(struct page *page, int64_t top) {
  page_put(page, "</svg>\n");
  for (int level = 0; level < 2; level++)
    if (level == 0 || top > 1)
      page_put(page, "<text class=\"level\" x=\"3\" y=\"%d\">%lld</text>\n", level_y(level) + 12,
               (long long)(level == 0 ? top : top / 2));
  page_put(page, "</svg></figure>\n");
}

static void put_bar(struct page *page, const char *class, size_t bin, double bottom,
                    double height) {
  if (height <= 0) return;
  page_put(page, "<rect class=\"%s\" x=\"%lld\" width=\"%d\" y=\"%.2f\" height=\"%.2f\"/>\n", class,
           (long long)bin * AXIS_UNITS / BINS, AXIS_UNITS * 9 / 10 / BINS,
           PLOT_PX - bottom - height, height);
}

static void put_throughput(struct page *page, const struct flow *flow) {
  double hours = (double)page->axis.span_ms / HOUR_MS / BINS;
  int64_t most = 1;
  for (size_t i = 0; i < BINS; i++)
    if (flow->well[i] + flow->badly[i] > most) most = flow->well[i] + flow->badly[i];
  int64_t top = round_up((int64_t)((double)most / hours) + 1);
  double scale = PLOT_PX / (double)top / hours;
  page_put(page, "<figure><figcaption>Jobs ended, an hour</figcaption>");
  open_chart(page, "jobs ended an hour, over time");
  for (size_t i = 0; i < BINS; i++) {
    double well = (double)flow->well[i] * scale;
    put_bar(page, "s", i, 0, well);
    put_bar(page, "f", i, well, (double)flow->badly[i] * scale);
  }
  close_chart(page, top);
}

/* Jobs that are not ended at the end of each bin, as a falling edge. */
static void put_queue(struct page *page, const struct flow *flow) {
  int64_t left = (int64_t)page->job_count - flow->ended_before;
  int64_t top = round_up(left);
  page_put(page, "<figure><figcaption>Jobs left to do</figcaption>");
  open_chart(page, "jobs left to do, over time");
  page_put(page, "<path class=\"queue\" d=\"M0 %d", PLOT_PX);
  for (size_t i = 0; i <= BINS; i++) {
    page_put(page, "L%lld %.2f", (long long)i * AXIS_UNITS / BINS,
             PLOT_PX - (double)left * PLOT_PX / (double)top);
    if (i < BINS) left -= flow->well[i] + flow->badly[i];
  }
  page_put(page, "L%d %dz\"/>\n", AXIS_UNITS, PLOT_PX);
  close_chart(page, top);
}

void page_put_flow(struct page *page) {
  struct flow flow = {0};
  if (page->axis.span_ms < MINUTE_MS || page->job_count == 0) return;
  count(page, &flow);
  page_put(page, "<section class=\"wide\"><h2>Throughput</h2><div class=\"pair\">\n");
  put_throughput(page, &flow);
  put_queue(page, &flow);
  page_put(page, "</div></section>\n");
}
