/* Patterns against texts: what each sign takes, and that no pattern takes long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "util/glob.h"

static void check(const char *pattern, const char *matching[], const char *others[]) {
  for (size_t i = 0; matching[i] != NULL; i++)
    if (!glob_matches(pattern, matching[i])) fail_msg("%s: %s", pattern, matching[i]);
  for (size_t i = 0; others[i] != NULL; i++)
    if (glob_matches(pattern, others[i])) fail_msg("%s: not %s", pattern, others[i]);
}
#define TEXTS(...)                                                                                 \
  (const char *[]) {                                                                               \
    __VA_ARGS__, NULL                                                                              \
  }

static void a_text_without_signs_matches_itself_alone(void **state) {
  (void)state;
  check("scene-1", TEXTS("scene-1"), TEXTS("scene-12", "xscene-1", "Scene-1", ""));
  check("", TEXTS(""), TEXTS("a"));
}

static void a_star_takes_any_number(void **state) {
  (void)state;
  check("scene-*", TEXTS("scene-", "scene-1", "scene-1/2*"), TEXTS("scene", "a-scene-1"));
  check("*", TEXTS("", "a", "."), TEXTS(NULL));
  check("*-Maya", TEXTS("-Maya", "a-Maya", "a-Maya-Maya"), TEXTS("a-Maya2", "Maya"));
  check("a*b*c", TEXTS("abc", "a1b2c", "abbcc", "abcbc"), TEXTS("acb", "abcd"));
  check("a**", TEXTS("a", "ab"), TEXTS("b"));
}

static void a_question_mark_takes_one(void **state) {
  (void)state;
  check("a?c", TEXTS("abc", "a?c", "a*c"), TEXTS("ac", "abbc"));
}

static void a_set_takes_one_of_it(void **state) {
  (void)state;
  check("s[0-35]", TEXTS("s0", "s2", "s3", "s5"), TEXTS("s4", "s", "s-", "s01"));
  check("s[!0-3]", TEXTS("s4", "s!"), TEXTS("s0", "s"));
  check("s[^a]", TEXTS("sb"), TEXTS("sa"));
  check("[]]", TEXTS("]"), TEXTS("[", "a"));
  check("[a-]", TEXTS("a", "-"), TEXTS("b"));
  check("[ab", TEXTS("[ab"), TEXTS("a", "b")); /* not closed: itself */
}

static void a_backslash_takes_the_next_as_it_is(void **state) {
  (void)state;
  check("a\\*", TEXTS("a*"), TEXTS("ab", "a\\b"));
  check("a\\", TEXTS("a\\"), TEXTS("a"));
}

static void bytes_beyond_ascii_are_bytes(void **state) {
  (void)state;
  check("é*", TEXTS("é", "éa"), TEXTS("e"));
  check("[\xc3-\xc4]\xa9", TEXTS("é"), TEXTS("a"));
}

/* The pattern on which naive matchers take longer than anybody waits. */
static void many_stars_take_no_time(void **state) {
  (void)state;
  char text[2001];
  memset(text, 'a', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  assert_false(glob_matches("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_text_without_signs_matches_itself_alone),
      cmocka_unit_test(a_star_takes_any_number),
      cmocka_unit_test(a_question_mark_takes_one),
      cmocka_unit_test(a_set_takes_one_of_it),
      cmocka_unit_test(a_backslash_takes_the_next_as_it_is),
      cmocka_unit_test(bytes_beyond_ascii_are_bytes),
      cmocka_unit_test(many_stars_take_no_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
