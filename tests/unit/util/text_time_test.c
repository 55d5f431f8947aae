/* Times as text: RFC 3339 read and printed, leap years and offsets included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/text.h"

struct pair {
  int64_t ms;
  const char *text;
};

/* Checked with date(1). */
static const struct pair known[] = {
    {0, "1970-01-01T00:00:00.000Z"},
    {INT64_C(1757314346378), "2025-09-08T06:52:26.378Z"},
    {-1, "1969-12-31T23:59:59.999Z"},
    {INT64_C(951782400000), "2000-02-29T00:00:00.000Z"}, /* a leap year: divisible by 400 */
    {INT64_C(4107542399999), "2100-02-28T23:59:59.999Z"},
    {INT64_C(4107542400000), "2100-03-01T00:00:00.000Z"}, /* none: divisible by 100 */
    {INT64_C(1709164800000), "2024-02-29T00:00:00.000Z"},
    {INT64_C(253402300799999), "9999-12-31T23:59:59.999Z"},
    {INT64_C(-62167219200000), "0000-01-01T00:00:00.000Z"},
};

static void known_times_are_printed(void **state) {
  (void)state;
  char text[40];
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    text_from_time(known[i].ms, text, sizeof text);
    assert_string_equal(text, known[i].text);
  }
}

static void known_times_are_read(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    int64_t ms = 0;
    assert_true(text_to_time(known[i].text, &ms));
    assert_true(ms == known[i].ms);
  }
}

static void every_day_of_four_centuries_goes_there_and_back(void **state) {
  (void)state;
  char text[40], before[40] = "";
  for (int64_t day = -25567; day < 146097 - 25567; day++) {
    int64_t ms = 0;
    text_from_time(day * 86400000 + 43200000, text, sizeof text);
    assert_true(strcmp(before, text) < 0); /* later days sort later */
    assert_true(text_to_time(text, &ms));
    assert_true(ms == day * 86400000 + 43200000);
    memcpy(before, text, sizeof before);
  }
}

static void an_offset_is_taken_away(void **state) {
  (void)state;
  static const struct pair cases[] = {
      {INT64_C(1757314346000), "2025-09-08T08:52:26+02:00"},
      {INT64_C(1757314346000), "2025-09-08T08:52:26+0200"},
      {INT64_C(1757314346000), "2025-09-07T23:22:26-07:30"},
      {INT64_C(1757314346000), "2025-09-08T06:52:26-00:00"},
      {INT64_C(1757314346000), "2025-09-08t06:52:26z"},
      {INT64_C(1757314346000), "2025-09-08 06:52:26Z"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t ms = 0;
    assert_true(text_to_time(cases[i].text, &ms));
    assert_true(ms == cases[i].ms);
  }
}

static void fractions_of_any_length_are_cut_to_milliseconds(void **state) {
  (void)state;
  static const struct pair cases[] = {
      {500, "1970-01-01T00:00:00.5Z"}, {50, "1970-01-01T00:00:00.05Z"},
      {5, "1970-01-01T00:00:00.005Z"}, {999, "1970-01-01T00:00:00.9999999999999999999999Z"},
      {0, "1970-01-01T00:00:00Z"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    int64_t ms = -1;
    assert_true(text_to_time(cases[i].text, &ms));
    assert_true(ms == cases[i].ms);
  }
}

static void what_is_no_time_is_refused_and_changes_nothing(void **state) {
  (void)state;
  static const char *const none[] = {"",
                                     "2025",
                                     "2025-09-08",
                                     "2025-09-08T06:52:26", /* whose time? */
                                     "2025-09-08T06:52Z",
                                     "2025-9-8T06:52:26Z",
                                     "2025-13-08T06:52:26Z",
                                     "2025-00-08T06:52:26Z",
                                     "2025-01-00T06:52:26Z",
                                     "2025-01-32T06:52:26Z",
                                     "2025-02-29T06:52:26Z",
                                     "2100-02-29T06:52:26Z",
                                     "2025-04-31T06:52:26Z",
                                     "2025-09-08T24:00:00Z",
                                     "2025-09-08T06:60:26Z",
                                     "2025-09-08T06:52:61Z",
                                     "2025-09-08T06:52:26.Z",
                                     "2025-09-08T06:52:26+2:00",
                                     "2025-09-08T06:52:26+24:00",
                                     "2025-09-08T06:52:26+02:60",
                                     "2025-09-08T06:52:26Zulu",
                                     " 2025-09-08T06:52:26Z",
                                     "Mon, 08 Sep 2025 06:52:26 GMT"};
  int64_t ms = 7;
  for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
    assert_false(text_to_time(none[i], &ms));
  assert_false(text_to_time(NULL, &ms));
  assert_int_equal(ms, 7);
}

static void a_leap_second_is_the_next_second(void **state) {
  (void)state;
  int64_t leap = 0, next = 0;
  assert_true(text_to_time("2016-12-31T23:59:60Z", &leap));
  assert_true(text_to_time("2017-01-01T00:00:00Z", &next));
  assert_true(leap == next);
}

static void a_time_too_long_for_its_room_is_cut(void **state) {
  (void)state;
  char text[5];
  text_from_time(0, text, sizeof text);
  assert_string_equal(text, "1970");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_times_are_printed),
      cmocka_unit_test(known_times_are_read),
      cmocka_unit_test(every_day_of_four_centuries_goes_there_and_back),
      cmocka_unit_test(an_offset_is_taken_away),
      cmocka_unit_test(fractions_of_any_length_are_cut_to_milliseconds),
      cmocka_unit_test(what_is_no_time_is_refused_and_changes_nothing),
      cmocka_unit_test(a_leap_second_is_the_next_second),
      cmocka_unit_test(a_time_too_long_for_its_room_is_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
