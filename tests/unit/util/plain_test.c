/* What people see of text from outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/plain.h"
#include "util/utf8.h"

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

/* C0, DEL, C1; what turns the direction of writing, what cannot be seen, and ends of lines. */
static void every_control_and_direction_mark_is_written_out(void **state) {
  (void)state;
  static const uint32_t others[] = {0x61c,  0x200e, 0x200f, 0x2028, 0x2029, 0x202a,  0x202b,
                                    0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068,  0x2069,
                                    0x206a, 0x206f, 0xfeff, 0xfff9, 0xfffb, 0xe0001, 0xe007f};
  for (uint32_t code = 1; code < 0xa0; code++)
    assert_int_equal(utf8_is_control(code), code < 0x20 || code > 0x7e);
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
    assert_true(utf8_is_control(others[i]));
  assert_plain("\xf3\xa0\x81\x81", "\\ue0041");
  assert_plain("\xd8\x9c", "\\u061c");
  assert_plain("\x1b]52;c;aGk=\x07", "\\u001b]52;c;aGk=\\u0007"); /* the clipboard */
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
      cmocka_unit_test(every_control_and_direction_mark_is_written_out),
      cmocka_unit_test(bytes_that_are_no_utf8_become_a_sign),
      cmocka_unit_test(columns_count_what_is_seen),
      cmocka_unit_test(a_cell_is_as_wide_as_asked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
