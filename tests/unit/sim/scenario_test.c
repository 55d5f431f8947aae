/* Scenarios: the shipped ones are good, and mistakes are told with their place, all in one go. */
#include "sim_client.h"

static struct diag_list *mistakes(const char *yaml) {
  struct diag_list *diags = diag_new();
  struct sim_scenario *scenario = NULL;
  assert_int_equal(sim_scenario_parse(yaml, strlen(yaml), "s.yaml", &scenario, diags), ERR_USAGE);
  assert_null(scenario);
  assert_true(diag_error_count(diags) > 0);
  return diags;
}

static void told(const char *yaml, int32_t line, const char *words) {
  struct diag_list *diags = mistakes(yaml);
  bool found = false;
  for (size_t i = 0; i < diag_count(diags); i++)
    found |= diag_at(diags, i)->line == line && strstr(diag_at(diags, i)->message, words) != NULL;
  if (!found) {
    diag_print(diags, stderr);
    fail_msg("no mistake at line %d says \"%s\"", (int)line, words);
  }
  diag_free(diags);
}

#define ONE "accounts: [{email: one@example.com}]\n"

static void load(const char *path) {
  struct diag_list *diags = diag_new();
  struct sim_scenario *scenario = NULL;
  int rc = sim_scenario_load(path, &scenario, diags);
  diag_print(diags, stderr);
  assert_int_equal(rc, 0);
  sim_scenario_free(scenario);
  diag_free(diags);
}

static void the_built_in_and_the_shipped_scenarios_are_good(void **state) {
  (void)state;
  load(NULL);
  load(TEST_SOURCE_DIR "/conf/demo/scenario.yaml");
  load(TEST_SOURCE_DIR "/conf/scenarios/night-6.yaml");
  load(TEST_SOURCE_DIR "/conf/scenarios/lost-replies.yaml");
}

static void a_file_that_is_not_there_is_told(void **state) {
  struct diag_list *diags = diag_new();
  struct sim_scenario *scenario = NULL;
  (void)state;
  assert_int_equal(sim_scenario_load("/nowhere/s.yaml", &scenario, diags), ERR_IO);
  assert_int_equal(diag_error_count(diags), 1);
  diag_free(diags);
}

static void a_scenario_without_accounts_is_none(void **state) {
  (void)state;
  told("", 1, "accounts");
  told("seed: 1\n", 1, "accounts");
  told("accounts: []\n", 1, "accounts");
}

static void unknown_keys_and_values_name_the_nearest(void **state) {
  (void)state;
  told(ONE "sed: 1\n", 2, "seed");
  told("accounts:\n  - {email: a@b.c, max_job: 3}\n", 2, "max_jobs");
  told(ONE "faults:\n  - {call: submit, kind: lost_aftr}\n", 3, "lost_after");
  told(ONE "faults:\n  - {call: sumbit, kind: cut}\n", 3, "submit");
  told(ONE "failures:\n  - {kind: nothing like it}\n", 3, "one of");
}

static void values_out_of_range_are_told(void **state) {
  (void)state;
  told("accounts:\n  - {email: a@b.c, max_jobs: 11}\n", 2, "max_jobs");
  told("accounts:\n  - {email: a@b.c, capacity: -1}\n", 2, "capacity");
  told("accounts:\n  - {email: a@b.c, capacity: {between: [3, 1]}}\n", 2, "above the high");
  told("accounts:\n  - {email: a@b.c, capacity: [{at: 5s, slots: 1}]}\n", 2, "begin at 0s");
  told("accounts:\n  - {email: a@b.c, capacity: [{at: 0s}]}\n", 2, "slots");
  told(ONE "faults: [{call: any, kind: cut, rate: 101%}]\n", 2, "rate");
  told(ONE "faults: [{call: any, kind: cut, nth: 0}]\n", 2, "nth");
  told(ONE "faults: [{call: any, kind: cut, from: 2m, until: 1m}]\n", 2, "later");
  told(ONE "latency: [1s, 2s, 3s]\n", 2, "latency");
  told(ONE "work: {base: soon}\n", 2, "base");
}

static void rules_need_their_kind_and_accounts_their_address(void **state) {
  (void)state;
  told(ONE "faults: [{call: any}]\n", 2, "kind");
  told(ONE "faults: [{kind: cut}]\n", 2, "call");
  told(ONE "failures: [{nth: 1}]\n", 2, "kind");
  told("accounts: [{max_jobs: 3}]\n", 1, "email");
  told("accounts: [{email: nobody}]\n", 1, "address");
  told("accounts:\n  - email: a@b.c\n  - email: a@b.c\n", 3, "already");
  told("accounts: [{email: a@b.c, voices: [Nobody]}]\n", 1, "voice");
  told("voices: [{id: x}]\n" ONE, 1, "id and a name");
  told("accounts:\n  - 5\n  - {email: a@b.c}\n", 2, "mapping");
}

static void all_mistakes_are_told_in_one_go(void **state) {
  struct diag_list *diags =
      mistakes("seed: x\naccounts:\n  - {email: nobody}\n  - [1]\nlatency: soon\n"
               "faults: [{call: any}]\nwhat: 1\n");
  (void)state;
  assert_true(diag_error_count(diags) >= 6);
  for (size_t i = 0; i < diag_count(diags); i++) {
    assert_true(diag_at(diags, i)->line > 0);
    assert_true(diag_at(diags, i)->column > 0);
    assert_string_equal(diag_at(diags, i)->file, "s.yaml");
  }
  diag_free(diags);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_built_in_and_the_shipped_scenarios_are_good),
      cmocka_unit_test(a_file_that_is_not_there_is_told),
      cmocka_unit_test(a_scenario_without_accounts_is_none),
      cmocka_unit_test(unknown_keys_and_values_name_the_nearest),
      cmocka_unit_test(values_out_of_range_are_told),
      cmocka_unit_test(rules_need_their_kind_and_accounts_their_address),
      cmocka_unit_test(all_mistakes_are_told_in_one_go),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
