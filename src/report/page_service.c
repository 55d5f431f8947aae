/* How long the service took, by the length of the clip. */
#include <stdlib.h>
#include <string.h>

#include "report/page.h"
#include "util/check.h"

#define BUCKETS  9 /* of three seconds each: 3 to 30 */
#define WIDTH_MS (3 * SECOND_MS)
#define ROW_PX   26
#define LABEL_PC 16 /* percent of the width */
#define COUNT_PC 14

struct sample {
  size_t bucket;
  duration_ms took_ms;
};

static int by_bucket(const void *a, const void *b) {
  const struct sample *left = a, *right = b;
  if (left->bucket != right->bucket) return left->bucket < right->bucket ? -1 : 1;
  return (left->took_ms > right->took_ms) - (left->took_ms < right->took_ms);
}

static size_t bucket_of(duration_ms clip_ms) {
  int64_t bucket = (clip_ms - CLIP_SHORTEST_MS) / WIDTH_MS;
  return bucket < 0 ? 0 : bucket >= BUCKETS ? BUCKETS - 1 : (size_t)bucket;
}

static size_t collect(const struct page *page, struct sample *samples) {
  size_t count = 0;
  for (size_t i = 0; i < page->source->attempt_count; i++) {
    const struct attempt_record *attempt = &page->source->attempts[i];
    const struct job_record *job = page_job(page, attempt->job);
    if (attempt->state != ATTEMPT_SUCCEEDED || attempt->task_ended == 0) continue;
    if (job == NULL || job->clip_ms == 0) continue; /* an asset's length is not known */
    samples[count++] = (struct sample){.bucket = bucket_of(job->clip_ms),
                                       .took_ms = attempt->task_ended - attempt->opened};
  }
  if (count > 1) qsort(samples, count, sizeof *samples, by_bucket);
  return count;
}

static duration_ms at_percent(const struct sample *samples, size_t count, size_t percent) {
  return samples[(count - 1) * percent / 100].took_ms;
}

/* Where a time lies between label and count, in percent of the width. */
static double place(duration_ms time, duration_ms most) {
  return LABEL_PC + (double)time * (100 - LABEL_PC - COUNT_PC) / (double)most;
}

static void put_row(struct page *page, const struct sample *samples, size_t count, int y,
                    duration_ms most) {
  int from =
      (int)(CLIP_SHORTEST_MS / SECOND_MS) + (int)samples->bucket * (int)(WIDTH_MS / SECOND_MS);
  double p10 = place(at_percent(samples, count, 10), most);
  double p25 = place(at_percent(samples, count, 25), most);
  double p75 = place(at_percent(samples, count, 75), most);
  double p90 = place(at_percent(samples, count, 90), most);
  double middle = place(at_percent(samples, count, 50), most);
  page_put(page, "<text x=\"0\" y=\"%d\">%d\xe2\x80\x93%d s</text>", y + 12, from,
           from + (int)(WIDTH_MS / SECOND_MS));
  page_put(page, "<line class=\"whisker\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" y2=\"%d\"/>", p10,
           p90, y + 8, y + 8);
  page_put(page,
           "<rect class=\"box\" x=\"%.2f%%\" width=\"%.2f%%\" y=\"%d\" height=\"12\" rx=\"2\"/>",
           p25, p75 - p25, y + 2);
  page_put(page, "<line class=\"middle\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%d\" y2=\"%d\"/>", middle,
           middle, y, y + 16);
  page_put(page, "<text class=\"value\" x=\"100%%\" text-anchor=\"end\" y=\"%d\">", y + 12);
  page_duration(page, at_percent(samples, count, 50));
  page_put(page, "</text><title>%zu tasks: ", count);
  page_duration(page, at_percent(samples, count, 10));
  page_put(page, " to ");
  page_duration(page, at_percent(samples, count, 90));
  page_put(page, " (from the 10th to the 90th percent)</title>\n");
}

static duration_ms longest(const struct sample *samples, size_t count) {
  duration_ms most = 1;
  for (size_t i = 0, end; i < count; i = end) {
    for (end = i + 1; end < count && samples[end].bucket == samples[i].bucket;)
      end++;
    duration_ms p90 = at_percent(&samples[i], end - i, 90);
    if (p90 > most) most = p90;
  }
  return most;
}

static int count_rows(const struct sample *samples, size_t count) {
  int rows = 0;
  for (size_t i = 0; i < count; i++)
    rows += i == 0 || samples[i].bucket != samples[i - 1].bucket;
  return rows;
}

/* Round times, five at most. */
static duration_ms step_for(duration_ms most) {
  static const int seconds[] = {5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600};
  size_t last = sizeof seconds / sizeof seconds[0] - 1, i = 0;
  while (i < last && most / (seconds[i] * SECOND_MS) >= 5)
    i++;
  duration_ms step = seconds[i] * SECOND_MS;
  while (most / step >= 5)
    step *= 2;
  return step;
}

static void put_scale(struct page *page, duration_ms most, int height) {
  duration_ms step = step_for(most);
  for (duration_ms time = 0; time <= most; time += step) {
    double at = place(time, most);
    page_put(page,
             "<g class=\"tick\"><line x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"18\" y2=\"%d\"/><text "
             "x=\"%.2f%%\" y=\"12\" text-anchor=\"middle\">",
             at, at, height, at);
    if (time == 0)
      page_put(page, "0");
    else
      page_duration(page, time);
    page_put(page, "</text></g>\n");
  }
}

static void put_chart(struct page *page, const struct sample *samples, size_t count) {
  duration_ms most = longest(samples, count);
  int height = 26 + count_rows(samples, count) * ROW_PX, y = 26;
  page_put(page,
           "<section><h2>How long the service took</h2>\n<svg class=\"chart service\" "
           "height=\"%d\" role=\"img\" aria-label=\"task times by clip length\">\n",
           height);
  put_scale(page, most, height);
  for (size_t i = 0, end; i < count; i = end, y += ROW_PX) {
    for (end = i + 1; end < count && samples[end].bucket == samples[i].bucket;)
      end++;
    page_put(page, "<g>");
    put_row(page, &samples[i], end - i, y, most);
    page_put(page, "</g>\n");
  }
  page_put(page,
           "</svg>\n<p class=\"dim\">By the length of the clip, from submission to the end of the "
           "task: the median (also at the right), the middle half, and the tenth to ninetieth "
           "percent.</p></section>\n");
}

void page_put_service(struct page *page) {
  struct sample *samples = calloc(page->source->attempt_count + 1, sizeof *samples);
  CHECK(samples != NULL && "out of memory");
  size_t count = collect(page, samples);
  if (count > 0) put_chart(page, samples, count);
  free(samples);
}
