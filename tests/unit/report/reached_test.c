/* What `accounts` and `voices` print, letter by letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "nightshift/report.h"

static const char *both[] = {"one@example.com", "two@example.com"};
static struct reached_account accounts[] = {
    {"one@example.com", true, ACCOUNT_READY, 5, 1234, 2, NULL},
    {"two@example.com", true, ACCOUNT_BROKEN, 0, -1, -1, "sign it in again"},
    {"three@example.com", false, ACCOUNT_READY, 2, -1, -1, "upstream: bad \"gateway\""},
};
static struct reached_voice voices[] = {
    {"voice-leo", "Leo", both, 2},
    {"voice-maya", "Maya", both, 1},
    {"v-nameless", NULL, both, 2},
};

static struct reached reached(void) {
  return (struct reached){accounts, 3, 2, voices, 3};
}

/* Runs `body` with a stream `out`, then gives what it wrote as `text`. */
#define PRINTED(text, body)                                                                        \
  char *text = NULL;                                                                               \
  size_t text##_size = 0;                                                                          \
  FILE *out = open_memstream(&text, &text##_size);                                                 \
  assert_non_null(out);                                                                            \
  body;                                                                                            \
  assert_int_equal(fclose(out), 0)

static void accounts_are_a_table_with_their_troubles(void **state) {
  (void)state;
  struct reached all = reached();
  PRINTED(text, reached_print_accounts(&all, false, out));
  assert_string_equal(text,
                      "ACCOUNT            STATE   MAX JOBS  CREDITS  VOICES\n"
                      "one@example.com    ready          5     1234       2\n"
                      "two@example.com    broken         -        -       -  sign it in again\n"
                      "three@example.com  -              2        -       -  upstream: bad "
                      "\"gateway\"\n");
  free(text);
}

static void json_of_accounts_has_null_for_what_is_not_known(void **state) {
  (void)state;
  struct reached all = reached();
  PRINTED(text, reached_print_accounts_json(&all, out));
  assert_string_equal(
      text, "{\"accounts\":[{\"email\":\"one@example.com\",\"max_jobs\":5,\"credits\":1234,"
            "\"trouble\":null},{\"email\":\"two@example.com\",\"max_jobs\":null,\"credits\":null,"
            "\"trouble\":\"sign it in again\"},{\"email\":\"three@example.com\",\"max_jobs\":2,"
            "\"credits\":null,\"trouble\":\"upstream: bad \\\"gateway\\\"\"}]}\n");
  free(text);
}

static void a_voice_that_not_all_have_says_where_it_is(void **state) {
  (void)state;
  struct reached all = reached();
  PRINTED(text, reached_print_voices(&all, out));
  assert_string_equal(text, "VOICE  ID\n"
                            "Leo    voice-leo\n"
                            "Maya   voice-maya  only on one@example.com\n"
                            "-      v-nameless\n");
  free(text);
}

static void json_of_voices_names_their_accounts(void **state) {
  (void)state;
  struct reached all = reached();
  all.voice_count = 2;
  PRINTED(text, reached_print_voices_json(&all, out));
  assert_string_equal(
      text, "{\"voices\":[{\"id\":\"voice-leo\",\"name\":\"Leo\",\"accounts\":[\"one@example.com\","
            "\"two@example.com\"]},{\"id\":\"voice-maya\",\"name\":\"Maya\",\"accounts\":["
            "\"one@example.com\"]}]}\n");
  free(text);
}

/* Names of any length, and ones that would act on a terminal. */
static void no_line_is_wider_than_a_terminal(void **state) {
  (void)state;
  char name[200], long_name[200];
  memset(name, 'n', sizeof name - 1);
  memset(long_name, 'i', sizeof long_name - 1);
  name[sizeof name - 1] = long_name[sizeof long_name - 1] = '\0';
  memcpy(name, "\x1b[31m", 5);
  const char *there[] = {"one@example.com"};
  struct reached_voice voice = {long_name, name, there, 1};
  struct reached_account account = {long_name, true, ACCOUNT_READY, 10, 999999999, 100000, NULL};
  struct reached all = {&account, 1, 2, &voice, 1};
  PRINTED(text, {
    reached_print_accounts(&all, false, out);
    reached_print_voices(&all, out);
  });
  assert_null(strchr(text, '\x1b'));
  for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    size_t columns = 0;
    for (const char *at = line; *at != '\0'; at++)
      if (((unsigned char)*at & 0xc0) != 0x80) columns++;
    assert_true(columns <= 80);
  }
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accounts_are_a_table_with_their_troubles),
      cmocka_unit_test(json_of_accounts_has_null_for_what_is_not_known),
      cmocka_unit_test(a_voice_that_not_all_have_says_where_it_is),
      cmocka_unit_test(json_of_voices_names_their_accounts),
      cmocka_unit_test(no_line_is_wider_than_a_terminal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
