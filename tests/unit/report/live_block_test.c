/* The block below the log, as golden text: what is in it, what is left out where there is no room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nightshift/report.h"
#include "util/buffer.h"
#include "util/plain.h"

#define NOW ((time_ms)1767225600000) /* 2026-01-01T00:00:00Z */

static const struct core_account_view three[] = {
    {.email = "one@example.com", .running = 2, .capacity = 5, .others = 1, .credits = 10},
    {.email = "two@example.com",
     .state = ACCOUNT_COOLING,
     .until = NOW + 90 * SECOND_MS,
     .running = 10,
     .capacity = 10},
    {.email = "three@example.com",
     .state = ACCOUNT_LOST,
     .reason = "suspended by Runway (401: gone\x1b[2J\n)"}};

static struct live_view view_of(const struct core_account_view *accounts, size_t count) {
  struct live_view view = {.accounts = accounts, .account_count = count, .per_hour = -1};
  view.counts.jobs = 200;
  view.counts.by_state[JOB_QUEUED] = 90;
  view.counts.by_state[JOB_RUNNING] = 12;
  view.counts.by_state[JOB_SUCCEEDED] = 95;
  view.counts.by_state[JOB_FAILED] = 3;
  return view;
}

static const char *drawn(const struct live_view *view, size_t width, size_t height, bool color) {
  static struct buffer out;
  buffer_release(&out);
  buffer_init(&out, 1 << 20);
  live_block(view, width, height, NOW, color, &out);
  return buffer_string(&out);
}

static void a_line_for_each_account_and_one_of_the_whole(void **state) {
  struct live_view view = view_of(three, 3);
  (void)state;
  view.counts.by_state[JOB_UNSURE] = 1;
  view.counts.by_state[JOB_HELD] = 1;
  view.per_hour = 62;
  view.eta = NOW + 90 * MINUTE_MS;
  assert_string_equal(
      drawn(&view, 120, 24, false),
      "one@example.com    2 of 5    and 1 of others\n"
      "two@example.com    10 of 10  cooling until 00:01\n"
      "three@example.com  0         lost: suspended by Runway (401: gone\\u001b[2J\\n)\n"
      "[#########-----------] 99 of 200 ended, 12 at work, 1 unsure, 3 failed, 1 held, "
      "62 an hour, done about 01:30");
}

static void a_narrow_terminal_cuts_lines_and_has_no_bar(void **state) {
  struct live_view view = view_of(three, 3);
  (void)state;
  assert_string_equal(drawn(&view, 40, 24, false), "one@example.com    2 of 5    and 1 of …\n"
                                                   "two@example.com    10 of 10  cooling u…\n"
                                                   "three@example.com  0         lost: sus…\n"
                                                   "98 of 200 ended, 12 at work, 3 failed");
  assert_string_equal(drawn(&view, 20, 24, false), "one@examp…  2 of 5 \n"
                                                   "two@examp…  10 of …\n"
                                                   "three@exa…  0      \n"
                                                   "98 of 200 ended, 1…");
}

static void a_terminal_that_is_too_small_has_none(void **state) {
  struct live_view view = view_of(three, 3);
  (void)state;
  assert_string_equal(drawn(&view, 19, 24, false), "");
  assert_string_equal(drawn(&view, 80, 3, false), "");
  assert_string_equal(drawn(&view, 80, 5, false),
                      "and 3 more: 12 at work, 1 ready, 1 cooling, 1 lost\n"
                      "[#########-----------] 98 of 200 ended, 12 at work, 3 failed");
}

static void of_many_accounts_those_in_trouble_come_first_and_the_rest_is_counted(void **state) {
  static struct core_account_view many[200];
  static char emails[200][24];
  (void)state;
  for (size_t i = 0; i < 200; i++) {
    snprintf(emails[i], sizeof emails[i], "a%03zu@example.com", i);
    many[i] = (struct core_account_view){
        .email = emails[i], .running = i % 2 == 0 ? 3 : 0, .capacity = 3};
    if (i % 50 == 49) many[i].state = ACCOUNT_EMPTY;
    if (i % 10 == 5) many[i].state = ACCOUNT_COOLING;
  }
  many[150].state = ACCOUNT_BROKEN;
  struct live_view view = view_of(many, 200);
  assert_string_equal(drawn(&view, 80, 18, false),
                      "a000@example.com  3 of 3    \n"
                      "a002@example.com  3 of 3    \n"
                      "a049@example.com  0 of 3    empty\n"
                      "a099@example.com  0 of 3    empty\n"
                      "a149@example.com  0 of 3    empty\n"
                      "a150@example.com  3 of 3    broken\n"
                      "a199@example.com  0 of 3    empty\n"
                      "and 193 more: 291 at work, 173 ready, 20 cooling\n"
                      "[#########-----------] 98 of 200 ended, 12 at work, 3 failed");
}

/* At any size: fewer rows than half, narrower than the terminal. */
static void it_always_fits(void **state) {
  struct live_view view = view_of(three, 3);
  (void)state;
  view.per_hour = 1000000;
  view.eta = NOW + 30 * HOUR_MS;
  for (size_t width = 1; width < 140; width++)
    for (size_t height = 1; height < 12; height++) {
      char *text = strdup(drawn(&view, width, height, false)), *save = NULL;
      size_t rows = 0;
      assert_non_null(text);
      for (char *line = strtok_r(text, "\n", &save); line != NULL;
           line = strtok_r(NULL, "\n", &save), rows++)
        assert_true(plain_columns(line) < width);
      assert_true(rows <= height / 2);
      free(text);
    }
}

static void colours_tell_trouble(void **state) {
  struct live_view view = view_of(three, 3);
  (void)state;
  const char *text = drawn(&view, 80, 24, true);
  assert_non_null(strstr(text, "\x1b[33mcooling\x1b[0m until"));
  assert_non_null(strstr(text, "\x1b[31mlost\x1b[0m: "));
  assert_non_null(strstr(text, "\x1b[31m3 failed\x1b[0m"));
  assert_null(strstr(text, "\x1b[2J"));
  view.stopping = true;
  assert_non_null(strstr(drawn(&view, 80, 24, false), "3 failed, stopping"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_for_each_account_and_one_of_the_whole),
      cmocka_unit_test(a_narrow_terminal_cuts_lines_and_has_no_bar),
      cmocka_unit_test(a_terminal_that_is_too_small_has_none),
      cmocka_unit_test(of_many_accounts_those_in_trouble_come_first_and_the_rest_is_counted),
      cmocka_unit_test(it_always_fits),
      cmocka_unit_test(colours_tell_trouble),
  };
  if (setenv("TZ", "UTC", 1) != 0) return 1;
  tzset();
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  return failed;
}
