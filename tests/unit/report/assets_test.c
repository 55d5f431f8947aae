/* What `assets` prints, letter by letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "nightshift/report.h"

#define ID "user:1-runwayml:one@example.com-asset:"

static struct stored_asset stored[] = {
    {ID "1", "hello-1", "one@example.com", 4200, 33000, true, ASSET_DELETED, NULL},
    {ID "2", "hello-2", "one@example.com", 0, -1, true, ASSET_KEPT,
     "job a, which is queued, needs it"},
    {ID "3", NULL, "two@example.com", 12000, 5, true, ASSET_GONE, NULL},
    {ID "4", "theirs\x1b", "two@example.com", 0, 1, false, ASSET_LISTED, NULL},
};
static const struct stored_assets all = {stored, 4, true};

static char *printed(void (*print)(const struct stored_assets *, FILE *),
                     const struct stored_assets *assets) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  assert_non_null(out);
  print(assets, out);
  assert_int_equal(fclose(out), 0);
  return text;
}

static void the_list_has_the_ids_that_a_batch_can_name(void **state) {
  (void)state;
  char *text = printed(assets_print, &all);
  assert_string_equal(text, "NAME          LENGTH   SIZE  OURS\n"
                            "hello-1        4.2 s  33 kB  yes   " ID "1\n"
                            "hello-2            -      -  yes   " ID "2\n"
                            "-             12.0 s    5 B  yes   " ID "3\n"
                            "theirs\\u001b       -    1 B  no    " ID "4\n");
  free(text);
}

static void json_has_null_for_what_is_not_known(void **state) {
  (void)state;
  const struct stored_assets two = {stored, 2, false};
  char *text = printed(assets_print_json, &two);
  assert_string_equal(
      text,
      "{\"assets\":[{\"asset\":\"" ID "1\",\"name\":\"hello-1\",\"account\":\"one@example.com\","
      "\"seconds\":4.2,\"bytes\":33000,\"ours\":true},{\"asset\":\"" ID
      "2\",\"name\":\"hello-2\",\"account\":\"one@example.com\",\"seconds\":null,\"bytes\":null,"
      "\"ours\":true,\"why\":\"job a, which is queued, needs it\"}]}\n");
  free(text);
}

static void cleaning_says_what_went_what_stayed_and_why(void **state) {
  (void)state;
  char *text = printed(assets_print_cleaned, &all);
  assert_string_equal(text,
                      "hello-1 on one@example.com: deleted\n"
                      "hello-2 on one@example.com: kept: job a, which is queued, needs it\n" ID
                      "3 on two@example.com: gone already\n"
                      "1 deleted (33 kB), 1 kept; 1 of others were left alone\n");
  free(text);
}

static void json_of_cleaning_has_a_list_for_each_fate(void **state) {
  (void)state;
  char *text = printed(assets_print_cleaned_json, &all);
  assert_non_null(strstr(text, "{\"deleted\":[{\"asset\":\"" ID "1\""));
  assert_non_null(strstr(text, "\"gone\":[{\"asset\":\"" ID "3\",\"name\":null"));
  assert_non_null(strstr(text, "\"kept\":[{\"asset\":\"" ID "2\""));
  assert_non_null(strstr(text, "\"others\":1}\n"));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_list_has_the_ids_that_a_batch_can_name),
      cmocka_unit_test(json_has_null_for_what_is_not_known),
      cmocka_unit_test(cleaning_says_what_went_what_stayed_and_why),
      cmocka_unit_test(json_of_cleaning_has_a_list_for_each_fate),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
