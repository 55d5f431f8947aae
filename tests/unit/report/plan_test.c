/* What `check` prints, letter by letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "nightshift/report.h"

static struct plan_batch batches[] = {{"spring", 10, 3, 1, 2, 4, 66000},
                                      {"/home/me/films/summer.yaml", 1, 0, 0, 0, 1, 4200}};
static struct plan_voice voices[] = {{"Maya", "voice-maya", NULL},
                                     {"voice-leo", "voice-leo", "only on one@example.com"}};
static struct plan_account accounts[] = {
    {"one@example.com", NULL, 5, 2, 935, 2250, INT64_C(500000000000), INT64_C(499000000000)},
    {"two@example.com", NULL, 0, 0, 7, -1, INT64_C(500000000000), -1},
    {"three@example.com", "broken-session: sign it in", 3, -1, -1, -1, -1, -1},
};

static char *printed(const struct plan *plan) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  assert_non_null(out);
  plan_print(plan, out);
  assert_int_equal(fclose(out), 0);
  return text;
}

static void the_plan_has_jobs_clips_voices_and_accounts(void **state) {
  (void)state;
  const struct plan plan = {batches, 2, voices, 2, accounts, 3, NULL, 5, 2, 96000, 330};
  char *text = printed(&plan);
  assert_string_equal(
      text,
      "BATCH        JOBS  ENDED  AT WORK  PAUSED  TO DO   CLIPS\n"
      "spring         10      3        1       2      4  1m 06s\n"
      "summer.yaml     1      0        0       0      1      4s\n"
      "\n"
      "5 different clips to do (96 kB), each uploaded once to every account that works on it;\n"
      "on an account already: 2\n"
      "\n"
      "VOICE      ID\n"
      "Maya       voice-maya\n"
      "voice-leo  voice-leo   only on one@example.com\n"
      "\n"
      "ACCOUNT            MAX JOBS  RUNNING  CREDITS LEFT      STORAGE LEFT\n"
      "one@example.com           5        2   935 of 2250  1.0 GB of 500 GB\n"
      "two@example.com           -        0             7       ? of 500 GB\n"
      "three@example.com         3        -             -                 -\n"
      "    broken-session: sign it in\n"
      "\n"
      "needs about 330 credits, as clips of these accounts went\n");
  free(text);
}

static void what_could_not_be_asked_is_said(void **state) {
  (void)state;
  const struct plan plan = {.batches = batches,
                            .batch_count = 1,
                            .voices = voices,
                            .voice_count = 2,
                            .not_asked = "there is no\ntoken",
                            .credits_needed = -1};
  char *text = printed(&plan);
  assert_non_null(strstr(text, "\nnot checked: voices and accounts, because there is no"));
  assert_null(strstr(text, "VOICE"));
  assert_null(strstr(text, "ACCOUNT"));
  assert_null(strstr(text, "needs about"));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_plan_has_jobs_clips_voices_and_accounts),
      cmocka_unit_test(what_could_not_be_asked_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
