/* Voices by id or by name, over accounts that may have different ones. */
#include "runtime/voices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct voice_view first[] = {{.id = "v-1", .name = "Maya"}, {.id = "v-2", .name = "Leo"}};
static struct voice_view second[] = {{.id = "v-9", .name = "Maya"}, {.id = "v-2", .name = "Leo"}};
static struct voice_view twins[] = {{.id = "v-3", .name = "Ivy"}, {.id = "v-4", .name = "Ivy"}};

static struct reach_account accounts[3];
static struct reach reach;

static int begin(void **state) {
  (void)state;
  accounts[0] = (struct reach_account){
      .email = "a@b.c", .voices_known = true, .voices = first, .voice_count = 2};
  accounts[1] = (struct reach_account){
      .email = "d@b.c", .voices_known = true, .voices = second, .voice_count = 2};
  accounts[2] = (struct reach_account){.email = "e@b.c"};
  reach = (struct reach){.accounts = accounts, .account_count = 3};
  return 0;
}

static void an_id_that_any_account_has_is_itself(void **state) {
  (void)state;
  struct voice_choice choice;
  voices_resolve(&reach, "v-9", &choice);
  assert_string_equal(choice.id, "v-9");
}

static void a_name_with_an_id_of_its_own_on_each_account_is_known_by_the_smallest(void **state) {
  (void)state;
  struct voice_choice choice;
  voices_resolve(&reach, "Maya", &choice);
  assert_string_equal(choice.id, "v-1");
  assert_string_equal(voices_there(&accounts[1], "Maya"), "v-9");
}

static void a_name_that_two_voices_of_one_account_bear_is_refused(void **state) {
  (void)state;
  struct voice_choice choice;
  accounts[0].voices = twins;
  voices_resolve(&reach, "Ivy", &choice);
  assert_null(choice.id);
  assert_non_null(strstr(choice.fault, "2 voices of a@b.c are named `Ivy`"));
}

static void an_unknown_name_is_told_with_the_nearest(void **state) {
  (void)state;
  struct voice_choice choice;
  voices_resolve(&reach, "Maia", &choice);
  assert_null(choice.id);
  assert_non_null(strstr(choice.fault, "did you mean `Maya`?"));
}

static void an_account_that_could_not_be_asked_gets_what_all_others_agree_on(void **state) {
  (void)state;
  assert_string_equal(voices_everywhere(&reach, "Leo"), "v-2");
  assert_null(voices_everywhere(&reach, "Maya"));
}

static void where_nobody_could_be_asked_a_voice_is_sent_as_written(void **state) {
  (void)state;
  struct voice_choice choice;
  accounts[0].voices_known = accounts[1].voices_known = false;
  voices_resolve(&reach, "Anyone", &choice);
  assert_string_equal(choice.id, "Anyone");
  assert_string_equal(voices_everywhere(&reach, "Anyone"), "Anyone");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(an_id_that_any_account_has_is_itself, begin),
      cmocka_unit_test_setup(a_name_with_an_id_of_its_own_on_each_account_is_known_by_the_smallest,
                             begin),
      cmocka_unit_test_setup(a_name_that_two_voices_of_one_account_bear_is_refused, begin),
      cmocka_unit_test_setup(an_unknown_name_is_told_with_the_nearest, begin),
      cmocka_unit_test_setup(an_account_that_could_not_be_asked_gets_what_all_others_agree_on,
                             begin),
      cmocka_unit_test_setup(where_nobody_could_be_asked_a_voice_is_sent_as_written, begin),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
