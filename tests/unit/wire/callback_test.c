/* Callbacks: what somebody claims about a task. Nothing of it but a name and a status is read. */
#include <stdio.h>
#include <stdlib.h>

#include "reply.h"

static bool reads(const char *body, struct task_view *said) {
  return wire_read_callback(body, strlen(body), &arena, said);
}

static void a_task_is_read_at_top_level_or_under_task(void **state) {
  (void)state;
  static const char *const forms[] = {
      "{\"taskId\":\"" TASK_1 "\",\"replyRef\":\"ns:1\",\"status\":\"SUCCEEDED\"}",
      "{\"task\":{\"taskId\":\"" TASK_1 "\",\"replyRef\":\"ns:1\",\"status\":\"SUCCEEDED\"}}"};
  for (size_t i = 0; i < 2; i++) {
    struct task_view said;
    assert_true(reads(forms[i], &said));
    assert_string_equal(said.task_id, TASK_1);
    assert_string_equal(said.reply_ref, "ns:1");
    assert_int_equal(said.status, TASK_SUCCEEDED);
  }
}

static void a_reference_alone_is_a_name(void **state) {
  (void)state;
  struct task_view said;
  assert_true(reads("{\"replyRef\":\"ns:1\"}", &said));
  assert_null(said.task_id);
  assert_int_equal(said.status, TASK_UNKNOWN);
}

static void results_and_failures_that_it_claims_are_left_behind(void **state) {
  (void)state;
  struct task_view said;
  assert_true(reads("{\"taskId\":\"" TASK_1 "\",\"status\":\"FAILED\",\"error\":{\"reason\":"
                    "\"SAFETY.X\"},\"artifacts\":[{\"url\":\"https://evil.invalid/x\"}]}",
                    &said));
  assert_null(said.artifact_url);
  assert_null(said.failure_text);
  assert_int_equal(said.failure, TASK_FAILURE_NONE);
}

static void what_names_no_task_is_none(void **state) {
  (void)state;
  static const char *const bodies[] = {"",  "null", "[]",    "{}",           "{\"taskId\":1.5}",
                                       "{", "1234", "\"x\"", "{\"task\":7}", "{\"taskId\":\"\"}"};
  for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
    struct task_view said;
    assert_false(reads(bodies[i], &said));
  }
}

static void a_body_beyond_the_limit_is_not_read(void **state) {
  (void)state;
  static const char start[] = "{\"taskId\":\"" TASK_1 "\"}";
  char *body = malloc(WIRE_CALLBACK_MAX + 1);
  struct task_view said;
  assert_non_null(body);
  memset(body, ' ', WIRE_CALLBACK_MAX + 1);
  memcpy(body, start, sizeof start - 1);
  assert_true(wire_read_callback(body, WIRE_CALLBACK_MAX, &arena, &said));
  assert_false(wire_read_callback(body, WIRE_CALLBACK_MAX + 1, &arena, &said));
  free(body);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_task_is_read_at_top_level_or_under_task),
      cmocka_unit_test(a_reference_alone_is_a_name),
      cmocka_unit_test(results_and_failures_that_it_claims_are_left_behind),
      cmocka_unit_test(what_names_no_task_is_none),
      cmocka_unit_test(a_body_beyond_the_limit_is_not_read),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
