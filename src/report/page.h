/* What the files of the HTML report share. Only for files named page*.c.
 *
 * The page is one file that asks nothing of anybody: no links outside but to results, a style and a
 * script whose hashes are in its Content-Security-Policy, and readable without the script. It is
 * well-formed XML too, which is how tests read it. Clips may bear any name: every text that comes
 * from outside goes through page_text. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "nightshift/night.h"
#include "nightshift/report.h"
#include "util/arena.h"
#include "util/buffer.h"

/* Time from left to right in AXIS_UNITS, in pieces: hours in which nothing was done are cut out. */
#define AXIS_UNITS 100000
struct axis_piece {
  time_ms from, to;
  int64_t left, right;
};
struct axis {
  struct axis_piece *pieces;
  size_t count;
  duration_ms span_ms; /* of all pieces together */
};

struct page {
  const struct report_source *source;
  FILE *stream;
  struct buffer out;
  struct arena arena;
  struct night night;
  struct axis axis;
  const struct job_record **jobs; /* listed, in the order of the file */
  size_t job_count;
  const struct job_record **by_id; /* the same, by id */
  bool days;                       /* times say the day as well */
};

/* ---- page.c ---- */
void page_put(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_text(struct page *page, const char *text); /* escaped, harmless */
void page_duration(struct page *page, duration_ms duration);
void page_time(struct page *page, time_ms time); /* local */
/* A listed job of the batch; NULL: it is none. Its row in the table has the id "j" and its id. */
const struct job_record *page_job(const struct page *page, job_id id);
/* "s", "f" … : the class that gives a state its colour. */
const char *page_class(enum job_state state);
/* The same of what came of an attempt. */
const char *page_attempt_class(const struct attempt_record *attempt);

/* ---- page_axis.c ---- */
void axis_init(struct page *page);
/* The place of a time; one that was cut out is at the cut. */
int64_t axis_place(const struct axis *axis, time_ms time);
/* Hours (or what suits) as text at `y` and lines from `top` to `bottom`. `finer`: more of them, of
 * the class `fine`, shown when zoomed. */
void axis_put_ticks(struct page *page, int y, int top, int bottom, bool finer);

/* ---- one section each ---- */
void page_put_totals(struct page *page);   /* page_totals.c */
void page_put_advice(struct page *page);   /* page_totals.c */
void page_put_timeline(struct page *page); /* page_timeline.c */
void page_put_flow(struct page *page);     /* page_flow.c: throughput and queue over time */
void page_put_accounts(struct page *page); /* page_accounts.c: with 429s and waits */
void page_put_service(struct page *page);  /* page_service.c: times by clip length */
void page_put_jobs(struct page *page);     /* page_jobs.c */

/* ---- page_style.c ---- */
extern const char page_style[], page_script[];
/* sha256-… of them, as in a Content-Security-Policy; a test holds them to it. */
extern const char page_style_hash[], page_script_hash[];

#endif
