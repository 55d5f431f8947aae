/* `rehearse` for people: when the night ends, which account does how much, and what limits it. */
#include <math.h>
#include <string.h>

#include "nightshift/report.h"
#include "report/color.h"
#include "report/forecast_words.h"
#include "report/show.h"
#include "report/table.h"
#include "util/buffer.h"
#include "util/text.h"

#define FORECAST_BYTES_MAX ((size_t)1024 * 1024)

struct page {
  const struct prospect *night;
  const struct forecast *forecast;
  struct arena arena;
  struct buffer out;
};

static const char *clock_at(struct page *page, duration_ms after_ms) {
  char text[32];
  show_hour(page->night->start + after_ms, page->night->start, text, sizeof text);
  return arena_string(&page->arena, text);
}

static const char *length(struct page *page, duration_ms duration) {
  char text[32];
  duration_ms whole =
      duration < HOUR_MS ? duration : (duration + MINUTE_MS / 2) / MINUTE_MS * MINUTE_MS;
  text_from_duration((whole + SECOND_MS - 1) / SECOND_MS * SECOND_MS, text, sizeof text);
  return arena_string(&page->arena, text);
}

static void say(struct page *page, const char *text, size_t indent) {
  table_wrap(&page->out, text, indent);
}

static void put_jobs(struct page *page) {
  const struct prospect *night = page->night;
  struct buffer text;
  buffer_init(&text, 4096);
  buffer_printf(&text, "%zu job%s to do", night->job_count, night->job_count == 1 ? "" : "s");
  if (night->running > 0)
    buffer_printf(&text, ", %lld with the service", (long long)night->running);
  if (night->done > 0) buffer_printf(&text, ", %lld ended already", (long long)night->done);
  if (night->paused > 0)
    buffer_printf(&text, ", %lld paused (not counted in)", (long long)night->paused);
  say(page, buffer_string(&text), 0);
  buffer_release(&text);
}

static void put_middle(struct page *page, duration_ms end_ms) {
  if (end_ms > 0)
    say(page,
        arena_printf(&page->arena, "ends about %s (in %s)", clock_at(page, end_ms),
                     length(page, end_ms)),
        0);
  else if (page->night->job_count > 0)
    say(page, "does not come to an end", 0);
}

static void put_end(struct page *page) {
  const struct forecast *forecast = page->forecast;
  struct arena *arena = &page->arena;
  put_middle(page, forecast->middle_ms);
  if (forecast->middle_ms == 0) return;
  if (forecast->late_ms > 0)
    say(page,
        arena_printf(arena, "one night in ten by %s, nine in ten by %s",
                     clock_at(page, forecast->early_ms), clock_at(page, forecast->late_ms)),
        2);
  else
    say(page,
        arena_printf(arena, "only %d of %d nights come to an end", forecast->ended, forecast->runs),
        2);
}

static void put_credits(struct page *page) {
  if (page->forecast->credits >= 0)
    say(page,
        arena_printf(&page->arena, "spends about %.0f credits", round(page->forecast->credits)), 0);
}

static void put_accounts(struct page *page, bool color) {
  static const struct table_column columns[] = {
      {"ACCOUNT", 40, false}, {"JOBS", 7, true},     {"LAST ENDS", 11, true},
      {"BUSY", 5, true},      {"CREDITS", 10, true},
  };
  const struct forecast *forecast = page->forecast;
  struct arena *arena = &page->arena;
  struct table table;
  if (page->night->job_count == 0) return;
  buffer_text(&page->out, "\n");
  table_init(&table, arena, columns, sizeof columns / sizeof columns[0], forecast->account_count);
  for (size_t i = 0; i < forecast->account_count; i++) {
    const struct forecast_account *account = &forecast->accounts[i];
    struct table_row *row = table_add(&table);
    bool works = account->jobs > 0;
    row->cells[0] = account->email;
    row->cells[1] = arena_printf(arena, "%lld", (long long)account->jobs);
    row->cells[2] = works ? clock_at(page, account->end_ms) : NULL;
    row->cells[3] = works ? arena_printf(arena, "%.0f%%", account->busy * 100) : NULL;
    row->cells[4] = account->credits >= 0 ? arena_printf(arena, "%.0f", account->credits) : NULL;
    row->note = account->out;
    row->color = "";
  }
  table_print(&table, color, &page->out);
}

static const char *limit_words(struct page *page, const struct forecast_limit *limit) {
  struct arena *arena = &page->arena;
  const char *at = limit->at_ms > 0 ? clock_at(page, limit->at_ms) : "";
  switch (limit->kind) {
  case FORECAST_ANOTHER:
    return arena_printf(arena, "one more account like these would end it at %s", at);
  case FORECAST_SLOWEST:
    return arena_printf(arena, "%s does the fewest jobs, %lld; without it the night ends at %s",
                        limit->email, (long long)limit->count, at);
  case FORECAST_ONLY_THERE:
    return arena_printf(arena,
                        "the end waits for what only %s may run (`account`, an asset or a voice "
                        "that it alone has); all else has ended by %s",
                        limit->email, at);
  case FORECAST_LONGEST:
    return "there is room for all jobs at once: the end is that of the longest one";
  case FORECAST_LEFT:
    return arena_printf(arena, "%lld %s not end: %s", (long long)limit->count,
                        limit->count == 1 ? "job does" : "jobs do",
                        limit->text == NULL ? "they are started later than that" : limit->text);
  }
  return "";
}

static void put_limits(struct page *page) {
  const struct forecast *forecast = page->forecast;
  if (forecast->limit_count > 0) buffer_text(&page->out, "\n");
  for (size_t i = 0; i < forecast->limit_count; i++)
    say(page, limit_words(page, &forecast->limits[i]), 0);
  if (forecast->failed > 0)
    say(page,
        arena_printf(&page->arena, "%lld of them fail or are moderated, as often as so far",
                     (long long)forecast->failed),
        0);
}

static void put_assumed(struct page *page) {
  const char *words[FORECAST_ASSUMED_MAX];
  size_t count = forecast_assumed(page->night, &page->arena, words);
  if (page->night->job_count == 0 || count == 0) return;
  buffer_text(&page->out, "\nassumed, because nothing better is known:\n");
  for (size_t i = 0; i < count; i++)
    say(page, words[i], 2);
}

void forecast_print(const struct prospect *night, const struct forecast *forecast, bool color,
                    FILE *stream) {
  struct page page = {.night = night, .forecast = forecast};
  arena_init(&page.arena);
  buffer_init(&page.out, FORECAST_BYTES_MAX);
  put_jobs(&page);
  put_end(&page);
  put_credits(&page);
  put_accounts(&page, color);
  put_limits(&page);
  put_assumed(&page);
  (void)fwrite(buffer_string(&page.out), 1, page.out.length, stream);
  buffer_release(&page.out);
  arena_release(&page.arena);
}

void forecast_print_glance(const struct prospect *night, duration_ms end_ms, FILE *stream) {
  struct page page = {.night = night};
  arena_init(&page.arena);
  buffer_init(&page.out, FORECAST_BYTES_MAX);
  put_middle(&page, end_ms);
  (void)fwrite(buffer_string(&page.out), 1, page.out.length, stream);
  buffer_release(&page.out);
  arena_release(&page.arena);
}
