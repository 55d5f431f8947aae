/* How mistakes look. */
#include "unit/input/files.h"

static struct diag_list *diags;

static int begin(void **state) {
  (void)state;
  diags = diag_new();
  return 0;
}

static int end(void **state) {
  (void)state;
  diag_free(diags);
  return 0;
}

static void expect(const char *text) {
  char *printed = diags_as_text(diags);
  assert_string_equal(printed, text);
  free(printed);
}

static void a_mistake_is_shown_with_its_line_and_a_caret(void **state) {
  (void)state;
  diag_error(diags, "a.yaml", 3, 5, "    x: 1", "bad %s", "x");
  expect("a.yaml:3:5: bad x\n        x: 1\n        ^\n");
}

static void a_warning_says_so(void **state) {
  (void)state;
  diag_warning(diags, "a.yaml", 3, 1, NULL, "twice");
  expect("a.yaml:3:1: warning: twice\n");
  assert_int_equal(diag_error_count(diags), 0);
  assert_int_equal(diag_warning_count(diags), 1);
}

static void a_file_as_a_whole_has_no_place(void **state) {
  (void)state;
  diag_error(diags, "a.yaml", 0, 0, "x", "not there");
  expect("a.yaml: not there\n");
}

static void mistakes_are_sorted_by_place_and_files_stay_together(void **state) {
  (void)state;
  diag_error(diags, "b", 9, 1, NULL, "third");
  diag_error(diags, "a", 1, 1, NULL, "fourth");
  diag_error(diags, "b", 2, 7, NULL, "second");
  diag_error(diags, "b", 2, 3, NULL, "first");
  expect("b:2:3: first\nb:2:7: second\nb:9:1: third\na:1:1: fourth\n");
}

static void the_caret_counts_code_points_and_keeps_tabs(void **state) {
  (void)state;
  diag_error(diags, "a", 1, 4, "\t\xc3\xa9\xe4\xb8\xadx", "x");
  expect("a:1:4: x\n    \t\xc3\xa9\xe4\xb8\xadx\n    \t   ^\n");
}

static void control_characters_are_made_harmless(void **state) {
  (void)state;
  diag_error(diags, "a\033[m", 1, 2, "\033]x\x80", "say \"\r\"");
  expect("a\xef\xbf\xbd[m:1:2: say \"\xef\xbf\xbd\"\n    \xef\xbf\xbd]x\xef\xbf\xbd\n     ^\n");
}

static void of_a_long_line_the_part_around_the_caret_is_shown(void **state) {
  (void)state;
  char line[4001], *printed;
  memset(line, 'a', 4000);
  line[4000] = '\0';
  line[2999] = 'X';
  diag_error(diags, "a", 1, 3000, line, "x");
  printed = diags_as_text(diags);
  char *source = strchr(printed, '\n') + 1, *caret = strchr(source, '\n') + 1;
  assert_true(strlen(printed) < 300);
  assert_true(strncmp(source, "    \xe2\x80\xa6", 7) == 0);
  /* The ellipsis is three bytes and one cell. */
  assert_int_equal(strchr(source, 'X') - source - 2, strchr(caret, '^') - caret);
  free(printed);
}

static void a_caret_far_out_is_left_away_with_its_line(void **state) {
  (void)state;
  diag_error(diags, "a", 1, 20000, "abc", "x");
  expect("a:1:20000: x\n");
}

static void beyond_two_hundred_they_are_counted(void **state) {
  (void)state;
  for (int i = 0; i < 250; i++)
    diag_error(diags, "a", i + 1, 1, NULL, "x");
  assert_int_equal(diag_count(diags), 200);
  assert_int_equal(diag_error_count(diags), 250);
  char *printed = diags_as_text(diags);
  assert_in(printed, "a:200:1: x\nand 50 more\n");
  free(printed);
}

static void an_error_is_kept_where_warnings_fill_the_list(void **state) {
  (void)state;
  for (int i = 0; i < 300; i++)
    diag_warning(diags, "a", i + 1, 1, NULL, "w");
  diag_error(diags, "a", 999, 1, NULL, "the error");
  char *printed = diags_as_text(diags);
  assert_in(printed, "a:999:1: the error\n");
  free(printed);
  assert_int_equal(diag_count(diags), 200);
  assert_string_equal(diag_at(diags, 199)->message, "the error");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_mistake_is_shown_with_its_line_and_a_caret, begin, end),
      cmocka_unit_test_setup_teardown(a_warning_says_so, begin, end),
      cmocka_unit_test_setup_teardown(a_file_as_a_whole_has_no_place, begin, end),
      cmocka_unit_test_setup_teardown(mistakes_are_sorted_by_place_and_files_stay_together, begin,
                                      end),
      cmocka_unit_test_setup_teardown(the_caret_counts_code_points_and_keeps_tabs, begin, end),
      cmocka_unit_test_setup_teardown(control_characters_are_made_harmless, begin, end),
      cmocka_unit_test_setup_teardown(of_a_long_line_the_part_around_the_caret_is_shown, begin,
                                      end),
      cmocka_unit_test_setup_teardown(a_caret_far_out_is_left_away_with_its_line, begin, end),
      cmocka_unit_test_setup_teardown(beyond_two_hundred_they_are_counted, begin, end),
      cmocka_unit_test_setup_teardown(an_error_is_kept_where_warnings_fill_the_list, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
