/* Calls and commits are counted by what came back and how long it took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/clock.h"
#include "runtime/measure.h"

static struct measure measure;

static int begin(void **state) {
  (void)state;
  measure_init(&measure);
  return 0;
}

static int64_t now_ms(void) {
  return clock_boot_ns() / 1000000;
}

static void replied(int status) {
  struct wire_reply reply = {.transport = WIRE_REPLIED, .status = status};
  measure_call(&measure, CALL_SUBMIT, &reply, now_ms());
}

static void replies_are_counted_by_their_kind(void **state) {
  (void)state;
  static const int statuses[] = {200, 201, 302, 400, 404, 429, 500, 596};
  for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
    replied(statuses[i]);
  const int64_t *count = measure.replies[CALL_SUBMIT];
  assert_int_equal(count[REPLY_2XX], 2);
  assert_int_equal(count[REPLY_3XX], 1);
  assert_int_equal(count[REPLY_4XX], 2);
  assert_int_equal(count[REPLY_429], 1);
  assert_int_equal(count[REPLY_5XX], 2);
  assert_int_equal(count[REPLY_NONE], 0);
  assert_int_equal(measure.replies[CALL_UPLOAD][REPLY_2XX], 0);
  assert_int_equal(histogram_count(&measure.calls[CALL_SUBMIT]), 8);
  assert_int_equal(histogram_count(&measure.calls[CALL_UPLOAD]), 0);
}

static void a_call_without_reply_has_a_duration_and_one_that_never_left_has_none(void **state) {
  (void)state;
  struct wire_reply lost = {.transport = WIRE_NO_REPLY}, unsent = {.transport = WIRE_NOT_SENT};
  measure_call(&measure, CALL_LIST_TASKS, &lost, now_ms());
  measure_call(&measure, CALL_LIST_TASKS, &unsent, now_ms());
  assert_int_equal(measure.replies[CALL_LIST_TASKS][REPLY_NONE], 2);
  assert_int_equal(histogram_count(&measure.calls[CALL_LIST_TASKS]), 1);
}

static void durations_are_seconds_and_never_less_than_none(void **state) {
  (void)state;
  struct wire_reply reply = {.transport = WIRE_REPLIED, .status = 200};
  measure_call(&measure, CALL_UPLOAD, &reply, now_ms() - 7000);
  assert_true(measure.calls[CALL_UPLOAD].sum >= 7 && measure.calls[CALL_UPLOAD].sum < 60);
  measure_call(&measure, CALL_SCHEDULER, &reply, now_ms() + 7000);
  assert_true(measure.calls[CALL_SCHEDULER].sum >= 0);
}

static void commits_are_timed(void **state) {
  (void)state;
  measure_commit_begun(&measure);
  measure_commit_done(&measure);
  assert_int_equal(histogram_count(&measure.commits), 1);
  assert_true(measure.commits.sum >= 0 && measure.commits.sum < 10);
  assert_true(measure.started > 1577836800); /* some time after 2020 */
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, begin)
  const struct CMUnitTest tests[] = {
      TEST(replies_are_counted_by_their_kind),
      TEST(a_call_without_reply_has_a_duration_and_one_that_never_left_has_none),
      TEST(durations_are_seconds_and_never_less_than_none),
      TEST(commits_are_timed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
