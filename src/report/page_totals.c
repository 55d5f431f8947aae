/* The report's beginning: totals, and what to do about what did not end well. */
#include <string.h>

#include "report/page.h"

#define CAUSES_SHOWN 20 /* of each remedy */

static int64_t count_of(const struct page *page, enum job_state state) {
  return page->night.counts.by_state[state];
}

static int64_t not_well(const struct page *page) {
  return count_of(page, JOB_FAILED) + count_of(page, JOB_MODERATED) +
         count_of(page, JOB_CANCELLED) + count_of(page, JOB_HELD);
}

static void put_tile(struct page *page, const char *class, int64_t number, const char *label) {
  page_put(page, "<div class=\"tile %s\"><b>%lld</b><span>%s</span></div>", class,
           (long long)number, label);
}

static void put_bar(struct page *page) {
  static const enum job_state order[] = {
      JOB_SUCCEEDED, JOB_DOWNLOADING, JOB_RUNNING, JOB_SUBMITTING, JOB_UNSURE, JOB_UPLOADING,
      JOB_QUEUED,    JOB_CANCELLED,   JOB_HELD,    JOB_MODERATED,  JOB_FAILED};
  double all = (double)page->night.counts.jobs, left = 0;
  page_put(page, "<svg class=\"share\" role=\"img\" aria-label=\"jobs by state\">");
  for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
    int64_t count = count_of(page, order[i]);
    if (count == 0) continue;
    double width = (double)count * 100 / all;
    page_put(page,
             "<rect class=\"%s\" x=\"%.3f%%\" width=\"%.3f%%\" height=\"14\"><title>%lld %s</title>"
             "</rect>",
             page_class(order[i]), left, width, (long long)count, job_state_name(order[i]));
    left += width;
  }
  page_put(page, "</svg>\n<ul class=\"legend\">");
  for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
    if (count_of(page, order[i]) > 0)
      page_put(page, "<li class=\"%s\">%lld %s</li>", page_class(order[i]),
               (long long)count_of(page, order[i]), job_state_name(order[i]));
  page_put(page, "</ul>\n");
}

void page_put_totals(struct page *page) {
  const struct night *night = &page->night;
  int64_t left = 0, throttled = 0;
  duration_ms made = 0;
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    if (!job_state_ended((enum job_state)state)) left += night->counts.by_state[state];
  for (size_t i = 0; i < night->account_count; i++)
    throttled += night->accounts[i].busy_queue + night->accounts[i].busy_runway;
  for (size_t i = 0; i < page->job_count; i++)
    if (page->jobs[i]->state == JOB_SUCCEEDED) made += page->jobs[i]->clip_ms;
  page_put(page, "<section aria-label=\"totals\"><div class=\"tiles\">");
  page_put(page, "<div class=\"tile s\"><b>%lld<i>/%lld</i></b><span>succeeded</span></div>",
           (long long)count_of(page, JOB_SUCCEEDED), (long long)night->counts.jobs);
  put_tile(page, not_well(page) > 0 ? "f" : "q", not_well(page), "did not end well");
  put_tile(page, left > 0 ? "r" : "q", left, "left to do");
  if (page->axis.span_ms >= MINUTE_MS)
    put_tile(page, "q", count_of(page, JOB_SUCCEEDED) * HOUR_MS / page->axis.span_ms,
             "succeeded an hour");
  page_put(page, "<div class=\"tile q\"><b>");
  page_duration(page, made);
  page_put(page, "</b><span>of clips made</span></div>");
  put_tile(page, "q", throttled, "times told to wait (429)");
  page_put(page, "</div>\n");
  if (night->counts.jobs > 0) put_bar(page);
  page_put(page, "</section>\n");
}

/* ---- what to do ---- */

static void put_cause(struct page *page, const struct night_cause *cause) {
  page_put(page, "<li>");
  page_text(page, cause->error != NULL ? cause->error : "no cause was told");
  page_put(page, "<br/><span class=\"dim\">");
  for (size_t i = 0; i < cause->named; i++) {
    page_put(page, "%s<a href=\"#j%lld\">", i > 0 ? ", " : "", (long long)cause->jobs[i]->id);
    page_text(page, cause->jobs[i]->name);
    page_put(page, "</a>");
  }
  if (cause->count > (int64_t)cause->named)
    page_put(page, " and %lld more", (long long)(cause->count - (int64_t)cause->named));
  page_put(page, "</span></li>\n");
}

static void put_group(struct page *page, const struct night_group *group) {
  size_t shown = group->cause_count < CAUSES_SHOWN ? group->cause_count : CAUSES_SHOWN;
  page_put(page, "<article class=\"%s\"><h3>%lld %s</h3><p class=\"remedy\">",
           page_class(group->state), (long long)group->count, job_state_name(group->state));
  page_text(page, group->advice != NULL ? group->advice : "nothing is to be done about it");
  page_put(page, "</p><ul>\n");
  for (size_t i = 0; i < shown; i++)
    put_cause(page, &group->causes[i]);
  if (shown < group->cause_count)
    page_put(page, "<li class=\"dim\">and %zu other causes: see the jobs</li>\n",
             group->cause_count - shown);
  page_put(page, "</ul></article>\n");
}

static bool out_of_service(const struct night_account *account) {
  return account->state != ACCOUNT_READY && account->state != ACCOUNT_COOLING;
}

static void put_account(struct page *page, const struct night_account *account) {
  page_put(page, "<article class=\"f\"><h3>");
  page_text(page, account->email);
  page_put(page, " is %s</h3><p class=\"remedy\">", account_state_name(account->state));
  page_text(page, account->reason != NULL ? account->reason : "look at it at useapi.net");
  page_put(page, "</p></article>\n");
}

void page_put_advice(struct page *page) {
  const struct night *night = &page->night;
  size_t accounts = 0;
  for (size_t i = 0; i < night->account_count; i++)
    accounts += out_of_service(&night->accounts[i]);
  if (night->group_count == 0 && accounts == 0) return;
  page_put(page, "<section><h2>What to do next</h2><div class=\"cards\">\n");
  for (size_t i = 0; i < night->account_count; i++)
    if (out_of_service(&night->accounts[i])) put_account(page, &night->accounts[i]);
  for (size_t i = 0; i < night->group_count; i++)
    put_group(page, &night->groups[i]);
  page_put(page, "</div></section>\n");
}
