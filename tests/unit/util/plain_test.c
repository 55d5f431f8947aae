/* What people see of text from outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/plain.h"

static void assert_plain(const char *text, const char *wanted) {
  struct buffer out;
  buffer_init(&out, 4096);
  plain_text(&out, text);
  assert_string_equal(buffer_string(&out), wanted);
  buffer_release(&out);
}

static void assert_cell(const char *text, size_t columns, bool right, const char *wanted) {
  struct buffer out;
  buffer_init(&out, 4096);
  plain_cell(&out, text, columns, right);
  assert_string_equal(buffer_string(&out), wanted);
  buffer_release(&out);
}

static void what_would_act_on_a_terminal_is_written_out(void **state) {
  (void)state;
  assert_plain("a\nb\tc\rd", "a\\nb\\tc\\rd");
  assert_plain("\x1b[31mred", "\\u001b[31mred");
  assert_plain("\x7f", "\\u007f");
  assert_plain("\xc2\x9b"
               "1m",
               "\\u009b1m");
  assert_plain("\xe2\x80\xae", "\\u202e");
}

static void bytes_that_are_no_utf8_become_a_sign(void **state) {
  (void)state;
  assert_plain("a\xff"
               "b",
               "a\xef\xbf\xbd"
               "b");
  assert_plain("\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd");
  assert_plain("na\xc3\xafve", "na\xc3\xafve");
}

static void columns_count_what_is_seen(void **state) {
  (void)state;
  assert_int_equal(plain_columns(""), 0);
  assert_int_equal(plain_columns("na\xc3\xafve"), 5);
  assert_int_equal(plain_columns("\xe5\xa3\xb0"), 2);
  assert_int_equal(plain_columns("\n"), 2);
}

static void a_cell_is_as_wide_as_asked(void **state) {
  (void)state;
  assert_cell("abc", 5, false, "abc  ");
  assert_cell("abc", 5, true, "  abc");
  assert_cell("abcde", 5, false, "abcde");
  assert_cell("abcdef", 5, false, "abcd\xe2\x80\xa6");
  assert_cell("", 2, false, "  ");
  /* a wide sign that does not fit before the mark leaves a space */
  assert_cell("a\xe5\xa3\xb0\xe5\xa3\xb0", 3, false, "a\xe2\x80\xa6 ");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_would_act_on_a_terminal_is_written_out),
      cmocka_unit_test(bytes_that_are_no_utf8_become_a_sign),
      cmocka_unit_test(columns_count_what_is_seen),
      cmocka_unit_test(a_cell_is_as_wide_as_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
