/* The table of moves, whole, written down a second time as sentences and as rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nightshift/job.h"
#include "nightshift/outcome.h"
#include "support/fault.h"

/* Every state with all that may follow it. A change of the table must be made here as well, on
 * purpose. */
static const struct {
  enum job_state from;
  const char *to;
} rows[] = {
    {JOB_QUEUED, "uploading submitting running failed moderated cancelled"},
    {JOB_UPLOADING, "queued failed cancelled"},
    {JOB_SUBMITTING, "queued unsure running failed moderated cancelled"},
    {JOB_UNSURE, "queued running held"},
    {JOB_RUNNING, "queued downloading failed moderated cancelled held"},
    {JOB_DOWNLOADING, "running succeeded failed held"},
    {JOB_SUCCEEDED, "queued"},
    {JOB_FAILED, "queued running cancelled"},
    {JOB_MODERATED, "queued"},
    {JOB_CANCELLED, "queued running"},
    {JOB_HELD, "queued running cancelled"},
};

/* What may follow `from`, in the order of the states. */
static void followers(enum job_state from, char *text, size_t size) {
  text[0] = '\0';
  for (int to = 0; to < JOB_STATE_COUNT; to++) {
    if (!job_move_allowed(from, (enum job_state)to)) continue;
    if (text[0] != '\0') strncat(text, " ", size - strlen(text) - 1);
    strncat(text, job_state_name((enum job_state)to), size - strlen(text) - 1);
  }
}

static void every_row_of_the_table_is_as_written_here(void **state) {
  (void)state;
  char text[200];
  assert_int_equal(sizeof rows / sizeof rows[0], JOB_STATE_COUNT);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    assert_int_equal(rows[i].from, i);
    followers(rows[i].from, text, sizeof text);
    assert_string_equal(text, rows[i].to);
  }
}

static void no_state_follows_itself(void **state) {
  (void)state;
  for (int s = 0; s < JOB_STATE_COUNT; s++)
    assert_false(job_move_allowed((enum job_state)s, (enum job_state)s));
}

static void five_states_are_ends(void **state) {
  (void)state;
  for (int s = 0; s < JOB_STATE_COUNT; s++) {
    bool end = s == JOB_SUCCEEDED || s == JOB_FAILED || s == JOB_MODERATED || s == JOB_CANCELLED ||
               s == JOB_HELD;
    assert_int_equal(job_state_ended((enum job_state)s), end);
  }
}

static void doubt_is_left_by_evidence_alone(void **state) {
  (void)state;
  /* found: running; absent: queued; cannot be told: held. No result, no wish, no second sending. */
  for (int to = 0; to < JOB_STATE_COUNT; to++) {
    bool evidence = to == JOB_RUNNING || to == JOB_QUEUED || to == JOB_HELD;
    assert_int_equal(job_move_allowed(JOB_UNSURE, (enum job_state)to), evidence);
  }
}

static void doubt_comes_from_a_submission_alone(void **state) {
  (void)state;
  for (int from = 0; from < JOB_STATE_COUNT; from++)
    assert_int_equal(job_move_allowed((enum job_state)from, JOB_UNSURE), from == JOB_SUBMITTING);
}

static void a_submission_begins_only_in_the_queue(void **state) {
  (void)state;
  for (int from = 0; from < JOB_STATE_COUNT; from++)
    assert_int_equal(job_move_allowed((enum job_state)from, JOB_SUBMITTING), from == JOB_QUEUED);
}

static void success_comes_from_a_download_and_is_left_only_by_paying_again(void **state) {
  (void)state;
  for (int s = 0; s < JOB_STATE_COUNT; s++) {
    assert_int_equal(job_move_allowed((enum job_state)s, JOB_SUCCEEDED), s == JOB_DOWNLOADING);
    assert_int_equal(job_move_allowed(JOB_SUCCEEDED, (enum job_state)s), s == JOB_QUEUED);
  }
}

static void every_state_can_be_reached_from_the_queue(void **state) {
  (void)state;
  bool reached[JOB_STATE_COUNT] = {[JOB_QUEUED] = true};
  for (int round = 0; round < JOB_STATE_COUNT; round++)
    for (int from = 0; from < JOB_STATE_COUNT; from++)
      for (int to = 0; to < JOB_STATE_COUNT; to++)
        if (reached[from] && job_move_allowed((enum job_state)from, (enum job_state)to))
          reached[to] = true;
  for (int s = 0; s < JOB_STATE_COUNT; s++)
    assert_true(reached[s]);
}

static void a_state_that_is_none_is_a_fault(void **state) {
  (void)state;
  EXPECT_FAULT(job_move_allowed(JOB_STATE_COUNT, JOB_QUEUED));
  EXPECT_FAULT(job_move_allowed(JOB_QUEUED, (enum job_state) - 1));
  EXPECT_FAULT(job_state_ended(JOB_STATE_COUNT));
}

static void a_task_is_in_flight_until_it_has_ended(void **state) {
  (void)state;
  assert_true(task_status_in_flight(TASK_PENDING));
  assert_true(task_status_in_flight(TASK_THROTTLED));
  assert_true(task_status_in_flight(TASK_RUNNING));
  assert_true(task_status_in_flight(TASK_UNKNOWN)); /* a word that is new to us proves no end */
  assert_false(task_status_in_flight(TASK_SUCCEEDED));
  assert_false(task_status_in_flight(TASK_FAILED));
  assert_false(task_status_in_flight(TASK_CANCELLED));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_row_of_the_table_is_as_written_here),
      cmocka_unit_test(no_state_follows_itself),
      cmocka_unit_test(five_states_are_ends),
      cmocka_unit_test(doubt_is_left_by_evidence_alone),
      cmocka_unit_test(doubt_comes_from_a_submission_alone),
      cmocka_unit_test(a_submission_begins_only_in_the_queue),
      cmocka_unit_test(success_comes_from_a_download_and_is_left_only_by_paying_again),
      cmocka_unit_test(every_state_can_be_reached_from_the_queue),
      cmocka_unit_test(a_state_that_is_none_is_a_fault),
      cmocka_unit_test(a_task_is_in_flight_until_it_has_ended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
