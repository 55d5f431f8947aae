/* Every job, with a link to its result or what became of it. */
#include <stdlib.h>
#include <string.h>

#include "report/page.h"
#include "report/show.h"
#include "util/check.h"
#include "util/text.h"

#define CHUNK 200 /* jobs to a table: browsers lay out only those that are in sight */

/* The task that brought the result, by job: the last that succeeded. */
struct took {
  job_id job;
  duration_ms took_ms;
};

static int by_job(const void *a, const void *b) {
  const struct took *left = a, *right = b;
  return (left->job > right->job) - (left->job < right->job);
}

static struct took *find_times(const struct page *page, size_t *count) {
  struct took *times = calloc(page->source->attempt_count + 1, sizeof *times);
  CHECK(times != NULL && "out of memory");
  *count = 0;
  for (size_t i = 0; i < page->source->attempt_count; i++) {
    const struct attempt_record *attempt = &page->source->attempts[i];
    if (attempt->task_ended == 0 || attempt->opened == 0) continue;
    times[(*count)++] =
        (struct took){.job = attempt->job, .took_ms = attempt->task_ended - attempt->opened};
  }
  if (*count > 1) qsort(times, *count, sizeof *times, by_job);
  return times;
}

/* Each part of the path percent-encoded: whatever a file is called, it is a file beside the page.
 */
static void put_link(struct page *page, const char *path) {
  struct arena arena;
  arena_init(&arena);
  const char *relative = show_relative(&arena, page->source->directory, path);
  char *encoded = arena_alloc(&arena, strlen(relative) * 3 + 1);
  page_put(page, "<a href=\"./");
  for (const char *at = relative; *at != '\0';) {
    size_t size = strcspn(at, "/");
    text_percent_encode(arena_bytes(&arena, at, size), encoded);
    page_text(page, encoded);
    at += size;
    if (*at == '/') page_put(page, "/");
    if (*at == '/') at++;
  }
  const char *slash = strrchr(path, '/');
  page_put(page, "\">");
  page_text(page, slash != NULL ? slash + 1 : path);
  page_put(page, "</a>");
  arena_release(&arena);
}

static void put_outcome(struct page *page, const struct job_record *job) {
  if (job->state == JOB_SUCCEEDED && job->result != NULL) {
    put_link(page, job->result);
    return;
  }
  page_text(page, job->error);
  if (job->advice == NULL) return;
  page_put(page, "%s<span class=\"dim\">", job->error != NULL ? "<br/>" : "");
  page_text(page, job->advice);
  page_put(page, "</span>");
}

static void put_took(struct page *page, const struct job_record *job, const struct took *times,
                     size_t count) {
  const struct took wanted = {.job = job->id};
  const struct took *found = bsearch(&wanted, times, count, sizeof *times, by_job);
  page_put(page, "<td class=\"n\">");
  if (found != NULL) page_duration(page, found->took_ms);
  page_put(page, "</td><td class=\"n\">");
  if (job->ended != 0) page_time(page, job->ended);
  page_put(page, "</td>");
}

static void put_job(struct page *page, const struct job_record *job, const struct took *times,
                    size_t count) {
  page_put(page, "<tr id=\"j%lld\" class=\"%s\"><td>", (long long)job->id, page_class(job->state));
  page_text(page, job->name);
  page_put(page, "</td><td>%s", job_state_name(job->state));
  if (job->attempts > 1)
    page_put(page, " <span class=\"dim\">%d\xc3\x97</span>", (int)job->attempts);
  page_put(page, "</td><td>");
  page_text(page, job->account);
  page_put(page, "</td>");
  put_took(page, job, times, count);
  page_put(page, "<td>");
  put_outcome(page, job);
  page_put(page, "</td></tr>\n");
}

static void put_find(struct page *page) {
  static const char *const states[] = {"",     "succeeded", "failed",  "moderated",
                                       "held", "cancelled", "running", "queued"};
  page_put(page,
           "<form id=\"find\" hidden=\"hidden\" role=\"search\"><input type=\"search\" id=\"q\" "
           "placeholder=\"job, account, cause \xe2\x80\xa6\" aria-label=\"search the jobs\"/> "
           "<select id=\"s\" aria-label=\"state\">");
  for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
    page_put(page, "<option value=\"%s\">%s</option>", states[i],
             i == 0 ? "every state" : states[i]);
  page_put(page, "</select> <output id=\"n\"></output></form>\n");
}

static void put_heads(struct page *page, bool shown) {
  static const char *const titles[] = {"Job",  "State", "Account",
                                       "Took", "Ended", "Result, or cause"};
  page_put(page, "<div class=\"chunk\"><table class=\"jobs\"><thead%s><tr>",
           shown ? "" : " class=\"unseen\"");
  for (size_t i = 0; i < 6; i++)
    page_put(page, "<th scope=\"col\"%s>%s</th>", i == 3 || i == 4 ? " class=\"n\"" : "",
             titles[i]);
  page_put(page, "</tr></thead><tbody>\n");
}

void page_put_jobs(struct page *page) {
  size_t count;
  if (page->job_count == 0) return;
  struct took *times = find_times(page, &count);
  page_put(page, "<section class=\"wide\" id=\"jobs\"><h2>Jobs</h2>\n");
  put_find(page);
  for (size_t i = 0; i < page->job_count; i++) {
    if (i % CHUNK == 0) put_heads(page, i == 0);
    put_job(page, page->jobs[i], times, count);
    if (i % CHUNK == CHUNK - 1 || i + 1 == page->job_count)
      page_put(page, "</tbody></table></div>\n");
  }
  page_put(page, "</section>\n");
  free(times);
}
