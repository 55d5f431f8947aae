/* The report as one HTML page: its frame, and how it is written. */
#include "report/page.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/show.h"
#include "util/check.h"
#include "util/plain.h"
#include "util/text.h"

#define OUT_BYTES_MAX   ((size_t)4 * 1024 * 1024)
#define OUT_BYTES_DRAIN ((size_t)64 * 1024)

/* ---- writing ---- */

static void drain(struct page *page, size_t above) {
  if (page->out.length <= above) return;
  /* ferror is looked at by the caller */
  (void)fwrite(buffer_string(&page->out), 1, page->out.length, page->stream);
  buffer_clear(&page->out);
}

void page_put(struct page *page, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  CHECK(length >= 0 && (size_t)length < sizeof text);
  buffer_append(&page->out, text, (size_t)length);
  drain(page, OUT_BYTES_DRAIN);
}

static const char *escape_of(const char *character) {
  if (character[1] != '\0') {
    /* U+FFFE and U+FFFF may stand in no document */
    bool none = strcmp(character, "\xef\xbf\xbe") == 0 || strcmp(character, "\xef\xbf\xbf") == 0;
    return none ? "\xef\xbf\xbd" : character;
  }
  switch (character[0]) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  case '\'':
    return "&#39;";
  default:
    return character;
  }
}

void page_text(struct page *page, const char *text) {
  char character[PLAIN_CHAR_MAX];
  if (text == NULL) return;
  while (*text != '\0') {
    text += plain_char(text, character);
    buffer_text(&page->out, escape_of(character));
  }
  drain(page, OUT_BYTES_DRAIN);
}

void page_duration(struct page *page, duration_ms duration) {
  char text[40];
  text_from_duration(duration, text, sizeof text);
  page_put(page, "%s", text);
}

void page_time(struct page *page, time_ms time) {
  char text[40];
  if (page->days)
    show_day_clock(time, text, sizeof text);
  else
    show_clock(time, text, sizeof text);
  page_put(page, "%s", text);
}

/* ---- what all sections ask ---- */

const char *page_class(enum job_state state) {
  static const char *const classes[JOB_STATE_COUNT] = {
      [JOB_QUEUED] = "q",    [JOB_UPLOADING] = "q",   [JOB_SUBMITTING] = "r", [JOB_UNSURE] = "u",
      [JOB_RUNNING] = "r",   [JOB_DOWNLOADING] = "r", [JOB_SUCCEEDED] = "s",  [JOB_FAILED] = "f",
      [JOB_MODERATED] = "m", [JOB_CANCELLED] = "c",   [JOB_HELD] = "u"};
  return classes[state];
}

const char *page_attempt_class(const struct attempt_record *attempt) {
  switch (attempt->state) {
  case ATTEMPT_SUCCEEDED:
    return "s";
  case ATTEMPT_FAILED:
    return "f";
  case ATTEMPT_MODERATED:
    return "m";
  case ATTEMPT_CANCELLED:
    return "c";
  case ATTEMPT_HELD:
  case ATTEMPT_UNSURE:
    return "u";
  case ATTEMPT_OPEN:
  case ATTEMPT_REFUSED:
  case ATTEMPT_NOT_SENT:
  case ATTEMPT_ABSENT:
  case ATTEMPT_ACCEPTED:
  case ATTEMPT_STATE_COUNT:
    return "r";
  }
  return "r";
}

static int by_id(const void *a, const void *b) {
  const struct job_record *const *left = a, *const *right = b;
  return ((*left)->id > (*right)->id) - ((*left)->id < (*right)->id);
}

const struct job_record *page_job(const struct page *page, job_id id) {
  const struct job_record wanted = {.id = id}, *key = &wanted;
  const struct job_record **found =
      bsearch(&key, page->by_id, page->job_count, sizeof *page->by_id, by_id);
  return found == NULL ? NULL : *found;
}

static void find_jobs(struct page *page) {
  const struct store_snapshot *snapshot = page->source->snapshot;
  page->jobs = ARENA_NEW_ARRAY(&page->arena, snapshot->job_count + 1, const struct job_record *);
  page->by_id = ARENA_NEW_ARRAY(&page->arena, snapshot->job_count + 1, const struct job_record *);
  for (size_t i = 0; i < snapshot->job_count; i++) {
    const struct job_record *job = &snapshot->jobs[i];
    if (job->batch != page->source->batch->id || !job->listed) continue;
    page->by_id[page->job_count] = job;
    page->jobs[page->job_count++] = job;
  }
  if (page->job_count > 1) qsort(page->by_id, page->job_count, sizeof *page->by_id, by_id);
}

/* From the first submission to the last thing that happened. */
static void find_night(struct page *page) {
  const struct report_source *source = page->source;
  struct night_source night = {.snapshot = source->snapshot,
                               .attempts = source->attempts,
                               .attempt_count = source->attempt_count,
                               .batches = &source->batch->id,
                               .batch_count = 1,
                               .until = source->now};
  time_ms first = source->now, last = 0;
  for (size_t i = 0; i < source->attempt_count; i++) {
    const struct attempt_record *attempt = &source->attempts[i];
    const time_ms seen[] = {attempt->opened, attempt->settled, attempt->task_ended};
    if (attempt->opened < first) first = attempt->opened;
    for (size_t k = 0; k < 3; k++)
      if (seen[k] > last) last = seen[k];
    if (source->run_at_work && attempt->state == ATTEMPT_ACCEPTED) last = source->now;
  }
  for (size_t i = 0; i < page->job_count; i++) {
    if (page->jobs[i]->ended > last) last = page->jobs[i]->ended;
    if (page->jobs[i]->ended != 0 && page->jobs[i]->ended < first) first = page->jobs[i]->ended;
  }
  night.since = first;
  night.until = last > first ? last : first;
  night_build(&night, &page->arena, &page->night);
  page->days = show_days_differ(night.since, night.until);
}

/* ---- the frame ---- */

static void put_head(struct page *page) {
  const struct report_source *source = page->source;
  page_put(page, "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\"><head>"
                 "<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" "
                 "content=\"width=device-width, initial-scale=1\"/>\n"
                 "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
                 "<meta name=\"referrer\" content=\"no-referrer\"/>\n");
  page_put(page,
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri "
           "'none'; form-action 'none'; style-src '%s'; script-src '%s'\"/>\n",
           page_style_hash, page_script_hash);
  page_put(page, "<title>");
  page_text(page, show_name(source->batch->key));
  page_put(page, " \xc2\xb7 nightshift</title>\n<style>");
  buffer_text(&page->out, page_style);
  page_put(page, "</style></head>\n<body>\n");
}

static void put_title(struct page *page) {
  const struct report_source *source = page->source;
  char when[64], zone[64];
  page_put(page, "<header><p class=\"brand\">nightshift</p><h1>");
  page_text(page, show_name(source->batch->key));
  page_put(page, "</h1><p class=\"sub\">");
  if (page->axis.count == 0) {
    page_put(page, "Nothing was submitted yet.");
  } else {
    show_day_clock(page->night.since, when, sizeof when);
    page_put(page, "%s \xe2\x80\x93 ", when);
    show_day_clock(page->night.until, when, sizeof when);
    page_put(page, "%s, at work for ", when);
    page_duration(page, page->axis.span_ms);
  }
  show_day(source->now, when, sizeof when);
  show_zone(source->now, zone, sizeof zone);
  page_put(page, " <span class=\"dim\">Written %s%s; times are ", when,
           source->run_at_work ? " while a run was at work" : "");
  page_text(page, zone);
  page_put(page, ".</span></p></header>\n<main>\n");
}

static void put_foot(struct page *page) {
  page_put(page, "</main>\n<footer>Made from what nightshift has written down");
  if (page->source->batch->path != NULL) {
    page_put(page, " of ");
    page_text(page, page->source->batch->path);
  }
  page_put(page, ". This page loads nothing from anywhere.</footer>\n<script>");
  buffer_text(&page->out, page_script);
  page_put(page, "</script>\n</body></html>\n");
}

void report_print(const struct report_source *source, FILE *stream) {
  struct page page = {.source = source, .stream = stream};
  arena_init(&page.arena);
  buffer_init(&page.out, OUT_BYTES_MAX);
  find_jobs(&page);
  find_night(&page);
  axis_init(&page);
  put_head(&page);
  put_title(&page);
  page_put_totals(&page);
  page_put_advice(&page);
  page_put_timeline(&page);
  page_put_flow(&page);
  page_put_accounts(&page);
  page_put_service(&page);
  page_put_jobs(&page);
  put_foot(&page);
  drain(&page, 0);
  buffer_release(&page.out);
  arena_release(&page.arena);
}
