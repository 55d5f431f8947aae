/* `rehearse --json`. */
#include <math.h>

#include "nightshift/report.h"
#include "report/forecast_words.h"
#include "util/buffer.h"
#include "util/json_out.h"
#include "util/text.h"

#define FORECAST_BYTES_MAX ((size_t)1024 * 1024)

/* A time so long after the start; null for none. */
static void put_time(struct json_out *json, const char *name, const struct prospect *night,
                     duration_ms after_ms) {
  char text[40];
  if (after_ms <= 0) {
    json_null(json, name);
    return;
  }
  text_from_time(night->start + after_ms, text, sizeof text);
  json_text(json, name, text);
}

static void put_credits(struct json_out *json, double credits) {
  if (credits >= 0)
    json_number(json, "credits", (int64_t)llround(credits));
  else
    json_null(json, "credits");
}

static void put_jobs(struct json_out *json, const struct prospect *night,
                     const struct forecast *forecast) {
  json_open_object(json, "jobs");
  json_number(json, "to_do", (int64_t)night->job_count);
  json_number(json, "with_service", night->running);
  json_number(json, "ended", night->done);
  json_number(json, "paused", night->paused);
  json_close_object(json);
  json_open_object(json, "expected");
  json_number(json, "succeeded", forecast->succeeded);
  json_number(json, "failed", forecast->failed);
  json_number(json, "left", forecast->left);
  json_close_object(json);
}

static void put_accounts(struct json_out *json, const struct prospect *night,
                         const struct forecast *forecast) {
  json_open_array(json, "accounts");
  for (size_t i = 0; i < forecast->account_count; i++) {
    const struct forecast_account *account = &forecast->accounts[i];
    json_open_object(json, NULL);
    json_text(json, "email", account->email);
    json_number(json, "jobs", account->jobs);
    put_time(json, "end", night, account->end_ms);
    json_real(json, "busy", round(account->busy * 1000) / 1000);
    put_credits(json, account->credits);
    json_text(json, "out", account->out);
    json_close_object(json);
  }
  json_close_array(json);
}

static void put_limits(struct json_out *json, const struct prospect *night,
                       const struct forecast *forecast) {
  static const char *const names[] = {"another-account", "slowest-account", "only-there",
                                      "longest-job", "left"};
  json_open_array(json, "limits");
  for (size_t i = 0; i < forecast->limit_count; i++) {
    const struct forecast_limit *limit = &forecast->limits[i];
    json_open_object(json, NULL);
    json_text(json, "kind", names[limit->kind]);
    json_text(json, "account", limit->email);
    put_time(json, "end", night, limit->at_ms);
    json_number(json, "jobs", limit->count);
    json_text(json, "why", limit->text);
    json_close_object(json);
  }
  json_close_array(json);
}

static void put_assumed(struct json_out *json, const struct prospect *night, struct arena *arena) {
  const char *words[FORECAST_ASSUMED_MAX];
  size_t count = forecast_assumed(night, arena, words);
  json_open_array(json, "assumed");
  for (size_t i = 0; i < count; i++)
    json_text(json, NULL, words[i]);
  json_close_array(json);
}

void forecast_print_json(const struct prospect *night, const struct forecast *forecast,
                         FILE *stream) {
  struct arena arena;
  struct buffer out;
  struct json_out json;
  char start[40];
  arena_init(&arena);
  buffer_init(&out, FORECAST_BYTES_MAX);
  json_begin(&json, &out);
  json_open_object(&json, NULL);
  text_from_time(night->start, start, sizeof start);
  json_text(&json, "start", start);
  put_time(&json, "end", night, forecast->middle_ms);
  put_time(&json, "end_early", night, forecast->early_ms);
  put_time(&json, "end_late", night, forecast->late_ms);
  json_number(&json, "nights", forecast->runs);
  json_number(&json, "nights_ended", forecast->ended);
  put_jobs(&json, night, forecast);
  put_credits(&json, forecast->credits);
  put_accounts(&json, night, forecast);
  put_limits(&json, night, forecast);
  put_assumed(&json, night, &arena);
  json_close_object(&json);
  buffer_text(&out, "\n");
  (void)fwrite(buffer_string(&out), 1, out.length, stream);
  buffer_release(&out);
  arena_release(&arena);
}
