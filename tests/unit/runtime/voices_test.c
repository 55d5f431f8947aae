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

static void resolve(const char *text, const char *pin, const char *known,
                    struct voice_choice *choice) {
  struct voice_wish wish = {.text = text, .pin = pin, .known = known};
  voices_resolve(&reach, &wish, choice);
}

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
  resolve("v-9", NULL, NULL, &choice);
  assert_string_equal(choice.id, "v-9");
}

static void a_name_with_an_id_of_its_own_on_each_account_is_known_by_the_smallest(void **state) {
  (void)state;
  struct voice_choice choice;
  resolve("Maya", NULL, NULL, &choice);
  assert_string_equal(choice.id, "v-1");
  assert_string_equal(voices_there(&accounts[1], "Maya"), "v-9");
}

static void a_name_that_two_voices_of_one_account_bear_is_refused(void **state) {
  (void)state;
  struct voice_choice choice;
  accounts[0].voices = twins;
  resolve("Ivy", NULL, NULL, &choice);
  assert_null(choice.id);
  assert_non_null(strstr(choice.fault, "2 voices of a@b.c are named `Ivy`"));
}

static void an_unknown_name_is_told_with_the_nearest(void **state) {
  (void)state;
  struct voice_choice choice;
  resolve("Maia", NULL, NULL, &choice);
  assert_null(choice.id);
  assert_non_null(strstr(choice.fault, "did you mean `Maya`?"));
}

static void an_account_that_could_not_be_asked_gets_what_all_others_agree_on(void **state) {
  (void)state;
  assert_string_equal(voices_everywhere(&reach, "Leo"), "v-2");
  assert_null(voices_everywhere(&reach, "Maya"));
}

static void a_job_for_one_account_means_a_voice_of_that_account(void **state) {
  (void)state;
  struct voice_choice choice;
  accounts[0].voices = twins;
  resolve("Maya", "D@b.c", NULL, &choice);
  assert_string_equal(choice.id, "v-9");
  resolve("Maya", "a@b.c", NULL, &choice);
  assert_null(choice.id);
  assert_non_null(strstr(choice.fault, "the account a@b.c has no voice `Maya`"));
  resolve("v-9", "a@b.c", NULL, &choice);
  assert_null(choice.id);
}

static void several_of_a_name_elsewhere_do_not_matter_to_it(void **state) {
  (void)state;
  struct voice_choice choice;
  accounts[0].voices = twins;
  second[1].name = "Ivy";
  resolve("Ivy", "d@b.c", NULL, &choice);
  assert_string_equal(choice.id, "v-2");
  second[1].name = "Leo";
}

static void what_identified_a_name_goes_on_when_accounts_come_and_go(void **state) {
  (void)state;
  struct voice_choice choice;
  resolve("Maya", NULL, "v-9", &choice);
  assert_string_equal(choice.id, "v-9");
  resolve("Maya", NULL, "v-of-an-account-that-is-away", &choice);
  assert_string_equal(choice.id, "v-of-an-account-that-is-away");
}

static void an_id_that_is_another_voice_by_now_identifies_the_name_no_more(void **state) {
  (void)state;
  struct voice_choice choice;
  resolve("Maya", NULL, "v-2", &choice); /* which is Leo */
  assert_string_equal(choice.id, "v-1");
}

static void where_nobody_could_be_asked_a_voice_is_sent_as_written(void **state) {
  (void)state;
  struct voice_choice choice;
  accounts[0].voices_known = accounts[1].voices_known = false;
  resolve("Anyone", NULL, NULL, &choice);
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
      cmocka_unit_test_setup(a_job_for_one_account_means_a_voice_of_that_account, begin),
      cmocka_unit_test_setup(several_of_a_name_elsewhere_do_not_matter_to_it, begin),
      cmocka_unit_test_setup(what_identified_a_name_goes_on_when_accounts_come_and_go, begin),
      cmocka_unit_test_setup(an_id_that_is_another_voice_by_now_identifies_the_name_no_more, begin),
      cmocka_unit_test_setup(where_nobody_could_be_asked_a_voice_is_sent_as_written, begin),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
