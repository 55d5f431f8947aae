/* How long the service asks us to wait, in every form it may say so. */
#include "reply.h"

#define NOW INT64_C(1757314346000) /* 2025-09-08T06:52:26Z */

static duration_ms delay(const char *header, const char *date, const char *body) {
  struct call call = {.kind = CALL_SUBMIT};
  struct wire_reply reply = {.transport = WIRE_REPLIED,
                             .status = 429,
                             .retry_after = header,
                             .date = date,
                             .body = body,
                             .body_bytes = strlen(body)};
  struct answer answer;
  wire_decode(&call, &reply, NOW, &arena, &answer);
  return answer.outcome.retry_after_ms;
}

static void seconds_are_taken_as_they_are(void **state) {
  (void)state;
  assert_int_equal(delay("10", NULL, ""), 10000);
  assert_int_equal(delay("0", NULL, ""), 0);
  assert_int_equal(delay("1.5", NULL, ""), 1500);
}

static void a_date_counts_against_the_replys_own_date(void **state) {
  (void)state;
  assert_int_equal(delay("Mon, 08 Sep 2025 12:00:30 GMT", "Mon, 08 Sep 2025 12:00:00 GMT", ""),
                   30000);
  assert_int_equal(delay("Mon, 08 Sep 2025 06:52:41 GMT", NULL, ""), 15000);
  assert_int_equal(delay("Mon, 08 Sep 2025 06:52:41 GMT", "no date", ""), 15000);
}

static void a_date_that_has_passed_means_at_once(void **state) {
  (void)state;
  assert_int_equal(delay("Mon, 08 Sep 2025 06:00:00 GMT", NULL, ""), 0);
}

static void long_waits_are_cut_to_an_hour(void **state) {
  (void)state;
  assert_int_equal(delay("3600", NULL, ""), HOUR_MS);
  assert_int_equal(delay("99999999999999999999", NULL, ""), HOUR_MS);
  assert_int_equal(delay("Tue, 08 Sep 2026 06:52:41 GMT", NULL, ""), HOUR_MS);
  assert_int_equal(delay(NULL, NULL, "{\"retryAfter\":\"2999-01-01T00:00:00Z\"}"), HOUR_MS);
}

static void the_body_may_say_it_too(void **state) {
  (void)state;
  assert_int_equal(delay(NULL, NULL, "{\"retryAfter\":\"2025-09-08T06:52:46.500Z\"}"), 20500);
  assert_int_equal(
      delay(NULL, "Mon, 08 Sep 2025 06:52:36 GMT", "{\"retryAfter\":\"2025-09-08T06:52:46Z\"}"),
      10000);
  assert_int_equal(delay(NULL, NULL, "{\"retryAfter\":12}"), 12000);
  assert_int_equal(delay(NULL, NULL, "{\"retryAfter\":\"12\"}"), 12000);
  assert_int_equal(delay(NULL, NULL, "{\"error\":{\"message\":\"m\",\"retryAfter\":7}}"), 7000);
}

static void a_readable_header_comes_before_the_body(void **state) {
  (void)state;
  assert_int_equal(delay("5", NULL, "{\"retryAfter\":12}"), 5000);
  assert_int_equal(delay("soon", NULL, "{\"retryAfter\":12}"), 12000);
}

static void what_cannot_be_read_is_not_said(void **state) {
  (void)state;
  static const char *const headers[] = {"",
                                        "soon",
                                        "-5",
                                        "10 s",
                                        "Mon, 08 Sep 2025 06:52:41 CET",
                                        "Mon, 08 Foo 2025 06:52:41 GMT",
                                        "Mon, xx Sep 2025 06:52:41 GMT",
                                        "Mon, 08 Sep 2025 25:52:41 GMT",
                                        "Monday, 08-Sep-25 06:52:41 GMT"};
  for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
    assert_int_equal(delay(headers[i], NULL, ""), -1);
  assert_int_equal(delay(NULL, NULL, ""), -1);
  assert_int_equal(delay(NULL, NULL, "{\"retryAfter\":-3}"), -1);
  assert_int_equal(delay(NULL, NULL, "{\"retryAfter\":{}}"), -1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(seconds_are_taken_as_they_are),
      cmocka_unit_test(a_date_counts_against_the_replys_own_date),
      cmocka_unit_test(a_date_that_has_passed_means_at_once),
      cmocka_unit_test(long_waits_are_cut_to_an_hour),
      cmocka_unit_test(the_body_may_say_it_too),
      cmocka_unit_test(a_readable_header_comes_before_the_body),
      cmocka_unit_test(what_cannot_be_read_is_not_said),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
