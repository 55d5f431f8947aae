/* Hours on the wall made into times, on days of 23 and 25 hours too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "runtime/hours.h"

/* 2026-03-28T12:00:00Z: in Berlin the clocks are set forward in the night that follows, at 02:00.
 */
#define SPRING INT64_C(1774699200000)
/* 2026-10-24T12:00:00Z: and set back in this one, at 03:00. */
#define AUTUMN INT64_C(1792843200000)

static int set_up(void **state) {
  static struct arena arena;
  arena_init(&arena);
  *state = &arena;
  return setenv("TZ", "Europe/Berlin", 1);
}

static int tear_down(void **state) {
  arena_release(*state);
  return setenv("TZ", "UTC", 1);
}

static void a_night_is_as_long_as_it_is_on_the_wall(void **state) {
  struct time_window *windows;
  assert_true(hours_windows("22:00-07:00", SPRING, *state, &windows) > 366);
  assert_int_equal(windows[0].from, SPRING + 9 * HOUR_MS); /* 22:00 in winter: 21:00Z */
  assert_int_equal(windows[0].until - windows[0].from, 8 * HOUR_MS);
  assert_int_equal(windows[1].from - windows[0].from, 23 * HOUR_MS);
  assert_int_equal(windows[1].until - windows[1].from, 9 * HOUR_MS);
  (void)hours_windows("22:00-07:00", AUTUMN, *state, &windows);
  assert_int_equal(windows[0].until - windows[0].from, 10 * HOUR_MS);
  assert_int_equal(windows[1].from - windows[0].from, 25 * HOUR_MS);
}

static void a_night_that_has_begun_counts(void **state) {
  struct time_window *windows;
  time_ms midnight = AUTUMN + 12 * HOUR_MS; /* 02:00 in Berlin */
  (void)hours_windows("22:00-07:00", midnight, *state, &windows);
  assert_true(windows[0].from < midnight && windows[0].until > midnight);
  (void)hours_windows("08:00-17:30", midnight, *state, &windows);
  assert_true(windows[0].from > midnight);
  assert_int_equal(windows[0].until - windows[0].from, 9 * HOUR_MS + 30 * MINUTE_MS);
}

static void a_time_that_is_left_out_that_day_is_an_hour_off(void **state) {
  struct time_window *windows;
  (void)hours_windows("02:30-04:00", SPRING, *state, &windows);
  duration_ms length = windows[0].until - windows[0].from;
  assert_true(length == 30 * MINUTE_MS || length == 90 * MINUTE_MS);
  assert_int_equal(windows[1].until - windows[1].from, 90 * MINUTE_MS);
}

static void until_is_a_time_of_day_or_a_duration(void **state) {
  (void)state;
  assert_int_equal(hours_until(NULL, SPRING), 0);
  assert_int_equal(hours_until("8h", SPRING), SPRING + 8 * HOUR_MS);
  assert_int_equal(hours_until("13:30", SPRING), SPRING + 30 * MINUTE_MS);
  assert_int_equal(hours_until("13:00", SPRING), SPRING + 23 * HOUR_MS); /* tomorrow, in summer */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_night_is_as_long_as_it_is_on_the_wall, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_night_that_has_begun_counts, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_time_that_is_left_out_that_day_is_an_hour_off, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(until_is_a_time_of_day_or_a_duration, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
