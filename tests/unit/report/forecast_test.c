/* What `rehearse` prints, letter by letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nightshift/report.h"

#define START INT64_C(1795557600000) /* 2026-11-24T22:00:00Z */

static struct prospect_account accounts[2];
static struct prospect_job jobs[3];
static struct forecast_account shares[] = {
    {"one@example.com", NULL, 2, 3 * HOUR_MS, 0.974, 2, 120},
    {"two@example.com", "paused", 0, 0, 0, 0, 0},
};

static struct prospect night_of(void) {
  accounts[0] = (struct prospect_account){.core.email = "one@example.com", .capacity = 2};
  accounts[1] = (struct prospect_account){.core.email = "two@example.com", .out = "paused"};
  for (size_t i = 0; i < 3; i++)
    jobs[i] = (struct prospect_job){.length_ms = 10000};
  return (struct prospect){.start = START,
                           .accounts = accounts,
                           .account_count = 2,
                           .jobs = jobs,
                           .job_count = 3,
                           .done = 7,
                           .running = 1,
                           .asked = true,
                           .timed = true,
                           .credits_per_second = 5};
}

static struct forecast forecast_of(void) {
  return (struct forecast){.runs = 30,
                           .ended = 30,
                           .early_ms = 2 * HOUR_MS + 50 * MINUTE_MS,
                           .middle_ms = 3 * HOUR_MS + 1500,
                           .late_ms = 3 * HOUR_MS + 30 * MINUTE_MS,
                           .succeeded = 3,
                           .credits = 120.4,
                           .accounts = shares,
                           .account_count = 2,
                           .limits = {{.kind = FORECAST_ANOTHER, .at_ms = 100 * MINUTE_MS}},
                           .limit_count = 1};
}

/* Runs `body` with a stream `out`, then gives what it wrote as `text`. */
#define PRINTED(text, body)                                                                        \
  char *text = NULL;                                                                               \
  size_t text##_size = 0;                                                                          \
  FILE *out = open_memstream(&text, &text##_size);                                                 \
  assert_non_null(out);                                                                            \
  body;                                                                                            \
  assert_int_equal(fclose(out), 0)

static void the_night_is_told_with_its_end_and_what_limits_it(void **state) {
  (void)state;
  struct prospect night = night_of();
  struct forecast forecast = forecast_of();
  PRINTED(text, forecast_print(&night, &forecast, false, out));
  assert_string_equal(text, "3 jobs to do, 1 with the service, 7 ended already\n"
                            "ends about Wed 01:00 (in 3h 00m)\n"
                            "  one night in ten by Wed 00:50, nine in ten by Wed 01:30\n"
                            "spends about 120 credits\n"
                            "\n"
                            "ACCOUNT          JOBS  LAST ENDS  BUSY  CREDITS\n"
                            "one@example.com     2  Wed 01:00   97%      120\n"
                            "two@example.com     0          -     -        0  paused\n"
                            "\n"
                            "one more account like these would end it at 23:40\n");
  free(text);
}

static void what_was_assumed_is_said(void **state) {
  (void)state;
  struct prospect night = night_of();
  struct forecast forecast = forecast_of();
  night.asked = night.timed = false;
  night.task_base_ms = 20 * SECOND_MS;
  night.task_ms_per_second = 6 * SECOND_MS;
  night.credits_per_second = -1;
  jobs[0].length_ms = 0;
  jobs[1].explore = EXPLORE_AUTO;
  accounts[0].capacity = 0;
  PRINTED(text, forecast_print(&night, &forecast, false, out));
  const char *assumed = strstr(text, "\nassumed");
  assert_non_null(assumed);
  assert_string_equal(
      assumed, "\nassumed, because nothing better is known:\n"
               "  the accounts are as config and state have them (the service was not asked)\n"
               "  accounts take two tasks at a time, some one or three (not known of 1)\n"
               "  a task takes 20s and 6s per second of its clip, 30 % more or less\n"
               "  assets last 10 s (nobody told of 1)\n"
               "  credits last to the end (what a second costs has not been seen)\n"
               "  explore mode takes three times as long, on every plan that did not refuse it\n");
  free(text);
}

static void a_night_without_an_end_says_what_is_left(void **state) {
  (void)state;
  struct prospect night = night_of();
  struct forecast forecast = forecast_of();
  forecast.early_ms = forecast.middle_ms = forecast.late_ms = 0;
  forecast.limits[0] =
      (struct forecast_limit){.kind = FORECAST_LEFT, .count = 2, .text = "the account is paused"};
  PRINTED(text, forecast_print(&night, &forecast, false, out));
  assert_non_null(strstr(text, "does not come to an end\n"));
  assert_non_null(strstr(text, "2 jobs do not end: the account is paused\n"));
  free(text);
}

static void a_glance_is_one_line(void **state) {
  (void)state;
  struct prospect night = night_of();
  PRINTED(text, forecast_print_glance(&night, 3 * HOUR_MS, out));
  assert_string_equal(text, "ends about Wed 01:00 (in 3h 00m)\n");
  free(text);
}

static void a_glance_at_a_night_without_an_end_says_so(void **state) {
  (void)state;
  struct prospect night = night_of();
  PRINTED(text, forecast_print_glance(&night, 0, out));
  assert_string_equal(text, "does not come to an end\n");
  free(text);
}

static void json_has_times_in_utc_and_null_for_none(void **state) {
  (void)state;
  struct prospect night = night_of();
  struct forecast forecast = forecast_of();
  forecast.late_ms = 0;
  forecast.credits = -1;
  PRINTED(text, forecast_print_json(&night, &forecast, out));
  assert_string_equal(
      text,
      "{\"start\":\"2026-11-24T22:00:00.000Z\",\"end\":\"2026-11-25T01:00:01.500Z\","
      "\"end_early\":\"2026-11-25T00:50:00.000Z\",\"end_late\":null,\"nights\":30,"
      "\"nights_ended\":30,\"jobs\":{\"to_do\":3,\"with_service\":1,\"ended\":7,\"paused\":0},"
      "\"expected\":{\"succeeded\":3,\"failed\":0,\"left\":0},\"credits\":null,\"accounts\":["
      "{\"email\":\"one@example.com\",\"jobs\":2,\"end\":\"2026-11-25T01:00:00.000Z\","
      "\"busy\":0.974,\"credits\":120,\"out\":null},{\"email\":\"two@example.com\",\"jobs\":0,"
      "\"end\":null,\"busy\":0,\"credits\":0,\"out\":\"paused\"}],\"limits\":[{\"kind\":"
      "\"another-account\",\"account\":null,\"end\":\"2026-11-24T23:40:00.000Z\",\"jobs\":0,"
      "\"why\":null}],\"assumed\":[]}\n");
  free(text);
}

int main(void) {
  (void)setenv("TZ", "UTC", 1);
  tzset();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_night_is_told_with_its_end_and_what_limits_it),
      cmocka_unit_test(what_was_assumed_is_said),
      cmocka_unit_test(a_night_without_an_end_says_what_is_left),
      cmocka_unit_test(a_glance_is_one_line),
      cmocka_unit_test(a_glance_at_a_night_without_an_end_says_so),
      cmocka_unit_test(json_has_times_in_utc_and_null_for_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
