/* Printed names: the contract's words, there and back, each once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nightshift/account.h"
#include "nightshift/call.h"
#include "nightshift/job.h"
#include "nightshift/log.h"
#include "nightshift/outcome.h"
#include "nightshift/record.h"
#include "support/fault.h"

static void the_states_of_a_job_are_the_contracts_words(void **state) {
  (void)state;
  static const char *const words[] = {"queued",    "uploading",   "submitting", "unsure",
                                      "running",   "downloading", "succeeded",  "failed",
                                      "moderated", "cancelled",   "held"};
  assert_int_equal(sizeof words / sizeof words[0], JOB_STATE_COUNT);
  for (int i = 0; i < JOB_STATE_COUNT; i++) {
    enum job_state read = JOB_STATE_COUNT;
    assert_string_equal(job_state_name((enum job_state)i), words[i]);
    assert_true(job_state_parse(words[i], &read));
    assert_int_equal(read, i);
  }
}

static void the_states_of_an_account_are_the_contracts_words(void **state) {
  (void)state;
  static const char *const words[] = {"ready", "cooling", "empty", "broken", "paused", "lost"};
  assert_int_equal(sizeof words / sizeof words[0], ACCOUNT_STATE_COUNT);
  for (int i = 0; i < ACCOUNT_STATE_COUNT; i++) {
    enum account_state read = ACCOUNT_STATE_COUNT;
    assert_string_equal(account_state_name((enum account_state)i), words[i]);
    assert_true(account_state_parse(words[i], &read));
    assert_int_equal(read, i);
  }
}

static void attempts_and_explore_modes_go_there_and_back(void **state) {
  (void)state;
  for (int i = 0; i < ATTEMPT_STATE_COUNT; i++) {
    enum attempt_state read = ATTEMPT_STATE_COUNT;
    assert_true(attempt_state_parse(attempt_state_name((enum attempt_state)i), &read));
    assert_int_equal(read, i);
  }
  for (int i = 0; i < 3; i++) {
    enum explore_mode read = EXPLORE_OFF;
    assert_true(explore_mode_parse(explore_mode_name((enum explore_mode)i), &read));
    assert_int_equal(read, i);
  }
}

static void a_word_that_is_no_state_is_refused_and_changes_nothing(void **state) {
  (void)state;
  static const char *const none[] = {"", "Queued", "queued ", "queue", "done", "true "};
  enum job_state job = JOB_HELD;
  enum account_state account = ACCOUNT_LOST;
  enum attempt_state attempt = 0;
  enum explore_mode explore = EXPLORE_AUTO;
  for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
    assert_false(job_state_parse(none[i], &job));
    assert_false(account_state_parse(none[i], &account));
    assert_false(attempt_state_parse(none[i], &attempt));
    assert_false(explore_mode_parse(none[i], &explore));
  }
  assert_int_equal(job, JOB_HELD);
  assert_int_equal(account, ACCOUNT_LOST);
  assert_int_equal(explore, EXPLORE_AUTO);
}

static void the_events_of_the_log_are_the_contracts_words(void **state) {
  (void)state;
  static const char *const words[] = {
      "run.started",   "job.uploading",   "job.submitted",  "job.running",       "job.downloading",
      "job.retry",     "job.unsure",      "job.resolved",   "job.succeeded",     "job.failed",
      "job.moderated", "job.cancelled",   "job.held",       "account.throttled", "account.ready",
      "account.empty", "account.broken",  "account.paused", "account.lost",      "api.error",
      "store.full",    "config.reloaded", "batch.paused",   "progress",          "run.stopping",
      "run.finished"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    int found = 0;
    for (int event = 0; event < LOG_EVENT_COUNT; event++)
      found += strcmp(log_event_name((enum log_event)event), words[i]) == 0;
    assert_int_equal(found, 1);
  }
}

static const char *outcome_at(int i) {
  return outcome_name((enum outcome_kind)i);
}
static const char *call_at(int i) {
  return call_name((enum call_kind)i);
}
static const char *event_at(int i) {
  return log_event_name((enum log_event)i);
}
static const char *level_at(int i) {
  return log_level_name((enum log_level)i);
}

static void no_list_has_a_name_twice_or_an_empty_one(void **state) {
  (void)state;
  static const struct {
    const char *(*name)(int);
    int count;
  } lists[] = {{outcome_at, OUTCOME_COUNT},
               {call_at, CALL_COUNT},
               {event_at, LOG_EVENT_COUNT},
               {level_at, 4}};
  for (size_t list = 0; list < 4; list++)
    for (int i = 0; i < lists[list].count; i++) {
      assert_true(lists[list].name(i)[0] != '\0');
      for (int k = 0; k < i; k++)
        assert_string_not_equal(lists[list].name(i), lists[list].name(k));
    }
}

static void a_value_outside_its_list_is_a_fault(void **state) {
  (void)state;
  EXPECT_FAULT(job_state_name(JOB_STATE_COUNT));
  EXPECT_FAULT(outcome_name((enum outcome_kind) - 1));
  EXPECT_FAULT(call_name(CALL_COUNT));
  EXPECT_FAULT(log_event_name(LOG_EVENT_COUNT));
}

static void fields_join_a_log_line_in_order(void **state) {
  (void)state;
  struct log_line line = {.event = LOG_PROGRESS};
  log_text(&line, "job", "a");
  log_text(&line, "error", NULL); /* left out */
  log_number(&line, "count", -4);
  assert_int_equal(line.field_count, 2);
  assert_string_equal(line.fields[0].name, "job");
  assert_string_equal(line.fields[0].text, "a");
  assert_null(line.fields[1].text);
  assert_int_equal(line.fields[1].number, -4);
}

static void a_full_log_line_drops_what_comes_then(void **state) {
  (void)state;
  struct log_line line = {.event = LOG_PROGRESS};
  for (int i = 0; i < LOG_FIELDS_MAX + 3; i++)
    log_number(&line, "n", i);
  assert_int_equal(line.field_count, LOG_FIELDS_MAX);
  assert_int_equal(line.fields[LOG_FIELDS_MAX - 1].number, LOG_FIELDS_MAX - 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_states_of_a_job_are_the_contracts_words),
      cmocka_unit_test(the_states_of_an_account_are_the_contracts_words),
      cmocka_unit_test(attempts_and_explore_modes_go_there_and_back),
      cmocka_unit_test(a_word_that_is_no_state_is_refused_and_changes_nothing),
      cmocka_unit_test(the_events_of_the_log_are_the_contracts_words),
      cmocka_unit_test(no_list_has_a_name_twice_or_an_empty_one),
      cmocka_unit_test(a_value_outside_its_list_is_a_fault),
      cmocka_unit_test(fields_join_a_log_line_in_order),
      cmocka_unit_test(a_full_log_line_drops_what_comes_then),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
