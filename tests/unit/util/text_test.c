/* Numbers, durations, names and encodings as text: what is read, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/text.h"

static void whole_numbers_are_read_within_their_range(void **state) {
  (void)state;
  int64_t value = 7;
  assert_true(text_to_int64("0", 0, 0, &value));
  assert_int_equal(value, 0);
  assert_true(text_to_int64("-12", -12, 5, &value));
  assert_int_equal(value, -12);
  assert_true(text_to_int64("9223372036854775807", INT64_MIN, INT64_MAX, &value));
  assert_true(value == INT64_MAX);
  assert_true(text_to_int64("-9223372036854775808", INT64_MIN, INT64_MAX, &value));
  assert_true(value == INT64_MIN);
}

static void what_is_no_whole_number_is_refused_and_changes_nothing(void **state) {
  (void)state;
  static const char *const none[] = {"",    " 1",  "\n1", "1 ",  "+1", "1.0",
                                     "0x1", "1e3", "-",   "--1", "a",  "9223372036854775808"};
  int64_t value = 7;
  for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
    assert_false(text_to_int64(none[i], INT64_MIN, INT64_MAX, &value));
  assert_false(text_to_int64(NULL, INT64_MIN, INT64_MAX, &value));
  assert_false(text_to_int64("11", 0, 10, &value));
  assert_false(text_to_int64("-1", 0, 10, &value));
  assert_int_equal(value, 7);
}

static void real_numbers_are_read(void **state) {
  (void)state;
  double value = 0;
  assert_true(text_to_double("0.25", &value) && value > 0.249 && value < 0.251);
  assert_true(text_to_double("-1e3", &value) && value < -999.9 && value > -1000.1);
}

static void what_is_no_finite_number_is_refused(void **state) {
  (void)state;
  static const char *const none[] = {"",    " 1", "1 ", "nan",    "inf", "0x10",
                                     "1,5", "1e", ".",  "1e9999", "e5",  "1-2"};
  double value = 7;
  for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
    assert_false(text_to_double(none[i], &value));
  assert_false(text_to_double(NULL, &value));
  assert_true(value > 6.9 && value < 7.1);
}

static void durations_are_read_in_their_four_units(void **state) {
  (void)state;
  int64_t ms = 0;
  assert_true(text_to_duration("250ms", &ms) && ms == 250);
  assert_true(text_to_duration("10s", &ms) && ms == 10000);
  assert_true(text_to_duration("5m", &ms) && ms == 300000);
  assert_true(text_to_duration("2h", &ms) && ms == 7200000);
  assert_true(text_to_duration("0s", &ms) && ms == 0);
  assert_true(text_to_duration("10000h", &ms) && ms == INT64_C(36000000000));
  assert_true(text_to_duration("36000000000ms", &ms) && ms == INT64_C(36000000000));
}

static void what_is_no_duration_is_refused(void **state) {
  (void)state;
  static const char *const none[] = {"",
                                     "10",
                                     "s",
                                     "1.5s",
                                     "-1s",
                                     "+1s",
                                     " 1s",
                                     "1s ",
                                     "1 s",
                                     "1S",
                                     "1d",
                                     "1hm",
                                     "1h30m",
                                     "10001h",
                                     "36000000001ms",
                                     "600001m",
                                     "99999999999999999999999999s"};
  int64_t ms = 7;
  for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
    assert_false(text_to_duration(none[i], &ms));
  assert_false(text_to_duration(NULL, &ms));
  assert_int_equal(ms, 7);
}

static void durations_are_printed_for_people(void **state) {
  (void)state;
  static const struct {
    int64_t ms;
    const char *text;
  } cases[] = {{-5, "0s"},          {0, "0ms"},
               {999, "999ms"},      {1000, "1s"},
               {59999, "59s"},      {60000, "1m 00s"},
               {125000, "2m 05s"},  {3599999, "59m 59s"},
               {4200000, "1h 10m"}, {INT64_C(360000000), "100h 00m"}};
  char text[32];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    text_from_duration(cases[i].ms, text, sizeof text);
    assert_string_equal(text, cases[i].text);
  }
  text_from_duration(4200000, text, 4); /* cut, never beyond */
  assert_string_equal(text, "1h ");
}

static void the_nearest_name_is_what_was_meant(void **state) {
  (void)state;
  static const char *const names[] = {"video", "voice", "output", "explore", "reference", "id"};
  size_t count = sizeof names / sizeof names[0];
  assert_string_equal(text_nearest("vidoe", names, count), "video");
  assert_string_equal(text_nearest("voce", names, count), "voice");
  assert_string_equal(text_nearest("outputs", names, count), "output");
  assert_string_equal(text_nearest("referrence", names, count), "reference");
  assert_string_equal(text_nearest("ids", names, count), "id");
  assert_string_equal(text_nearest("video", names, count), "video");
}

static void a_name_too_far_from_all_was_not_meant(void **state) {
  (void)state;
  static const char *const names[] = {"video", "voice", "id", "x"};
  assert_null(text_nearest("priority", names, 4));
  assert_null(text_nearest("ab", names, 4));
  assert_null(text_nearest("y", names, 4)); /* every letter differs */
  assert_null(text_nearest("", names, 4));
  assert_null(text_nearest("video", names, 0));
}

static void the_distance_counts_edits(void **state) {
  (void)state;
  assert_int_equal(text_distance("", ""), 0);
  assert_int_equal(text_distance("", "abc"), 3);
  assert_int_equal(text_distance("abc", ""), 3);
  assert_int_equal(text_distance("kitten", "sitting"), 3);
  assert_int_equal(text_distance("flaw", "lawn"), 2);
  assert_int_equal(text_distance("rnu", "run"), 1);
  assert_int_equal(text_distance("ca", "abc"), 3);
}

static void very_long_texts_are_far_from_everything(void **state) {
  (void)state;
  char at_limit[65], beyond[66];
  memset(at_limit, 'a', 64);
  at_limit[64] = '\0';
  memset(beyond, 'a', 65);
  beyond[65] = '\0';
  assert_int_equal(text_distance(at_limit, at_limit), 0);
  assert_int_equal(text_distance(at_limit, beyond), 1000);
  assert_int_equal(text_distance(beyond, "a"), 1000);
}

static void all_but_plain_letters_is_percent_encoded(void **state) {
  (void)state;
  const char *text = "user:1234-runwayml:one+x@example.com/\xc3\xbc %~_.-AZaz09\x01";
  char out[200];
  text_percent_encode(text, out);
  assert_string_equal(out,
                      "user%3A1234-runwayml%3Aone%2Bx%40example.com%2F%C3%BC%20%25~_.-AZaz09%01");
  text_percent_encode("", out);
  assert_string_equal(out, "");
}

static void starts_and_ends_are_compared_whole(void **state) {
  (void)state;
  assert_true(text_starts_with("SAFETY.INPUT", "SAFETY."));
  assert_false(text_starts_with("SAFE", "SAFETY."));
  assert_true(text_starts_with("x", ""));
  assert_true(text_ends_with("clip.part", ".part"));
  assert_false(text_ends_with("part", ".part"));
  assert_false(text_ends_with("clip.parts", ".part"));
  assert_true(text_ends_with("", ""));
}

static void utf8_of_every_length_is_valid(void **state) {
  (void)state;
  static const char *const valid[] = {"",
                                      "plain",
                                      "\x7f",
                                      "\xc2\x80",
                                      "\xdf\xbf",
                                      "\xe0\xa0\x80",
                                      "\xed\x9f\xbf",
                                      "\xee\x80\x80",
                                      "\xef\xbf\xbf",
                                      "\xf0\x90\x80\x80",
                                      "\xf4\x8f\xbf\xbf"};
  for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++)
    assert_true(text_is_utf8(valid[i], strlen(valid[i])));
  assert_true(text_is_utf8("a\0b", 3));
}

static void broken_utf8_is_refused(void **state) {
  (void)state;
  static const char *const broken[] = {"\x80",
                                       "\xc0\x80",
                                       "\xc1\xbf",
                                       "\xe0\x9f\xbf",
                                       "\xed\xa0\x80",
                                       "\xed\xbf\xbf",
                                       "\xf0\x8f\xbf\xbf",
                                       "\xf4\x90\x80\x80",
                                       "\xf5\x80\x80\x80",
                                       "\xff",
                                       "\xc3",
                                       "\xe2\x82",
                                       "\xf0\x9f\x8e",
                                       "\xc3(",
                                       "ok\xe2(\xa1"};
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
    assert_false(text_is_utf8(broken[i], strlen(broken[i])));
  assert_false(text_is_utf8("\xc3\xbc", 1)); /* the end counts, not the byte behind it */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(whole_numbers_are_read_within_their_range),
      cmocka_unit_test(what_is_no_whole_number_is_refused_and_changes_nothing),
      cmocka_unit_test(real_numbers_are_read),
      cmocka_unit_test(what_is_no_finite_number_is_refused),
      cmocka_unit_test(durations_are_read_in_their_four_units),
      cmocka_unit_test(what_is_no_duration_is_refused),
      cmocka_unit_test(durations_are_printed_for_people),
      cmocka_unit_test(the_nearest_name_is_what_was_meant),
      cmocka_unit_test(a_name_too_far_from_all_was_not_meant),
      cmocka_unit_test(the_distance_counts_edits),
      cmocka_unit_test(very_long_texts_are_far_from_everything),
      cmocka_unit_test(all_but_plain_letters_is_percent_encoded),
      cmocka_unit_test(starts_and_ends_are_compared_whole),
      cmocka_unit_test(utf8_of_every_length_is_valid),
      cmocka_unit_test(broken_utf8_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
