/* Code points out of good and broken UTF-8. */
#include "util/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *text, uint32_t code, size_t length) {
  uint32_t got;
  assert_int_equal(utf8_next(text, strlen(text), &got), length);
  assert_int_equal(got, code);
}

static void code_points_of_one_to_four_bytes_are_read(void **state) {
  (void)state;
  expect("a", 'a', 1);
  expect("\xc3\xa9", 0xe9, 2);
  expect("\xe2\x82\xac", 0x20ac, 3);
  expect("\xf0\x9f\x8e\xac!", 0x1f3ac, 4);
}

static void broken_bytes_take_one_each(void **state) {
  (void)state;
  expect("\x80", UTF8_BROKEN, 1);
  expect("\xc3", UTF8_BROKEN, 1);
  expect("\xc0\xaf", UTF8_BROKEN, 1);
  expect("\xed\xa0\x80", UTF8_BROKEN, 1);
  expect("\xff", UTF8_BROKEN, 1);
}

static void wide_and_combining_signs_are_told_apart(void **state) {
  (void)state;
  assert_int_equal(utf8_width('a'), 1);
  assert_int_equal(utf8_width(0x301), 0);
  assert_int_equal(utf8_width(0x4e2d), 2);
  assert_int_equal(utf8_width(0x1f3ac), 2);
  assert_int_equal(utf8_width(0x20ac), 1);
}

static void controls_and_direction_marks_are_known(void **state) {
  (void)state;
  assert_true(utf8_is_control('\t'));
  assert_true(utf8_is_control(0x1b));
  assert_true(utf8_is_control(0x9b));
  assert_true(utf8_is_control(0x202e));
  assert_false(utf8_is_control(' '));
  assert_false(utf8_is_control(0xe9));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(code_points_of_one_to_four_bytes_are_read),
      cmocka_unit_test(broken_bytes_take_one_each),
      cmocka_unit_test(wide_and_combining_signs_are_told_apart),
      cmocka_unit_test(controls_and_direction_marks_are_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
