/* What came of each account, and how long it made us wait. */
#include <stdlib.h>
#include <string.h>

#include "report/page.h"
#include "util/check.h"

/* From a 429 to the next submission there. */
struct waits {
  int64_t count;
  duration_ms all_ms, longest_ms;
  time_ms since; /* of the first 429 in a row; 0: none is open */
};

static bool is_429(const struct attempt_record *attempt) {
  return attempt->state == ATTEMPT_REFUSED && attempt->cause != NULL &&
         (strcmp(attempt->cause, "maxjobs") == 0 || strcmp(attempt->cause, "runway") == 0);
}

/* Attempts come by id, which is the order in which they were made. */
static struct waits waits_of(const struct page *page, const char *email) {
  struct waits waits = {0};
  for (size_t i = 0; i < page->source->attempt_count; i++) {
    const struct attempt_record *attempt = &page->source->attempts[i];
    if (strcmp(attempt->account, email) != 0) continue;
    if (waits.since != 0 && attempt->opened >= waits.since) {
      duration_ms waited = attempt->opened - waits.since;
      waits.count++;
      waits.all_ms += waited;
      if (waited > waits.longest_ms) waits.longest_ms = waited;
      waits.since = 0;
    }
    if (is_429(attempt)) waits.since = attempt->settled != 0 ? attempt->settled : attempt->opened;
  }
  return waits;
}

static void put_number(struct page *page, const char *label, int64_t number) {
  if (number < 0)
    page_put(page, "<td data-of=\"%s\" class=\"n\">\xe2\x80\x93</td>", label);
  else
    page_put(page, "<td data-of=\"%s\" class=\"n\">%lld</td>", label, (long long)number);
}

static void put_busy(struct page *page, const struct night_account *account) {
  duration_ms room = page->axis.span_ms * account->most; /* nights of a batch, without the days */
  int busy = room <= 0 ? -1 : (int)(account->slot_ms * 100 / room);
  if (busy < 0) {
    page_put(page, "<td data-of=\"busy\" class=\"n\">\xe2\x80\x93</td>");
    return;
  }
  page_put(
      page,
      "<td data-of=\"busy\" class=\"n\">%d%% of %d <svg class=\"mini\" width=\"48\" height=\"8\">"
      "<rect class=\"lane\" width=\"48\" height=\"8\"/><rect class=\"s\" width=\"%d\" "
      "height=\"8\"/></svg></td>",
      busy, account->most, busy * 48 / 100);
}

static void put_waits(struct page *page, const struct waits *waits) {
  page_put(page, "<td data-of=\"waited\" class=\"n\">");
  if (waits->count == 0) {
    page_put(page, "\xe2\x80\x93</td>");
    return;
  }
  page_duration(page, waits->all_ms / waits->count);
  page_put(page, ", longest ");
  page_duration(page, waits->longest_ms);
  page_put(page, "</td>");
}

static void put_account(struct page *page, const struct night_account *account) {
  struct waits waits = waits_of(page, account->email);
  page_put(page, "<tr><td>");
  page_text(page, account->email);
  page_put(page, "</td><td data-of=\"state\">%s</td>", account_state_name(account->state));
  put_number(page, "done", account->succeeded);
  put_number(page, "tasks failed", account->failed);
  put_number(page, "moderated", account->moderated);
  put_number(page, "429, queue full", account->busy_queue);
  put_number(page, "429, Runway", account->busy_runway);
  put_waits(page, &waits);
  put_busy(page, account);
  put_number(page, "credits", account->credits_after);
  page_put(page, "</tr>\n");
}

void page_put_accounts(struct page *page) {
  static const char *const titles[] = {"Account",
                                       "State",
                                       "Done",
                                       "Tasks failed",
                                       "Moderated",
                                       "429: queue full",
                                       "429: Runway busy",
                                       "Waited after one",
                                       "Slots busy",
                                       "Credits left"};
  if (page->night.account_count == 0) return;
  page_put(page,
           "<section class=\"wide\"><h2>Accounts</h2>\n<table class=\"cards-on-phone\"><thead>"
           "<tr>");
  for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++)
    page_put(page, "<th scope=\"col\"%s>%s</th>", i > 1 ? " class=\"n\"" : "", titles[i]);
  page_put(page, "</tr></thead><tbody>\n");
  for (size_t i = 0; i < page->night.account_count; i++)
    put_account(page, &page->night.accounts[i]);
  page_put(page,
           "</tbody></table>\n<p class=\"dim\">\xe2\x80\x9cSlots busy\xe2\x80\x9d: the share of "
           "the slots (as many as were in use at once) that had a task, from the first "
           "submission to the last end. A 429 is the usual way of being told that an account "
           "takes no more just now.</p></section>\n");
}
