/* The config file: where it is found, its defaults, its values, tokens that never show up. */
#include "nightshift/config.h"

#include "nightshift/error.h"
#include "unit/input/files.h"
#include "util/secret.h"

#define CANARY "user:1234-canarysecret"
#define OTHER  "user:99-othercanary"

static struct diag_list *diags;
static struct config config;
static struct config_options options;
static const char *environment[8][2];

static const char *from_environment(void *context, const char *name) {
  (void)context;
  for (size_t i = 0; i < 8 && environment[i][0] != NULL; i++)
    if (strcmp(environment[i][0], name) == 0) return environment[i][1];
  return NULL;
}

static void set(const char *name, const char *value) {
  size_t i = 0;
  while (environment[i][0] != NULL && strcmp(environment[i][0], name) != 0)
    i++;
  assert_true(i < 8);
  environment[i][0] = name;
  environment[i][1] = value;
}

static int begin(void **state) {
  if (files_begin(state) != 0) return -1;
  memset(environment, 0, sizeof environment);
  diags = diag_new();
  options = (struct config_options){.getenv = from_environment, .token_needed = true};
  return 0;
}

static int end(void **state) {
  config_release(&config);
  diag_free(diags);
  return files_end(state);
}

static int load(void) {
  config_release(&config);
  diag_free(diags);
  diags = diag_new();
  int result = config_load(&options, &config, diags);
  char *told = diags_as_text(diags);
  assert_not_in(told, "canary");
  free(told);
  return result;
}

static void good(const char *text) {
  file_write("nightshift.yaml", text);
  if (load() == 0) return;
  char *told = diags_as_text(diags);
  fail_msg("refused:\n%s\n%s", text, told);
}

static void bad(const char *text, const char *told) {
  file_write("nightshift.yaml", text);
  assert_int_equal(load(), ERR_USAGE);
  char *printed = diags_as_text(diags);
  assert_in(printed, told);
  free(printed);
}

#define TOKEN "api: {token: " CANARY "}\n"

/* ---- where it is ---- */

static void without_a_file_the_defaults_and_the_environment_s_token_do(void **state) {
  (void)state;
  set("USEAPI_TOKEN", CANARY);
  assert_int_equal(load(), 0);
  assert_null(config.path);
  assert_string_equal(config.api_url, "https://api.useapi.net/v1/runwayml");
  assert_int_equal(config.timeout, 60000);
  assert_int_equal(config.token_count, 1);
  assert_string_equal(secret_reveal(config.tokens[0]), CANARY);
  assert_int_equal(config.account_count, 0);
  assert_int_equal(config.retry_wait_low, 10000);
  assert_int_equal(config.retry_wait_high, 30000);
  assert_int_equal(config.poll_low, 3000);
  assert_int_equal(config.poll_high, 30000);
  assert_false(config.poll_given);
  assert_int_equal(config.max_attempts, 4);
  assert_int_equal(config.upload_ahead, 1);
  assert_int_equal(config.pause_account_count, 3);
  assert_int_equal(config.pause_account_window, HOUR_MS);
  assert_int_equal(config.pause_batch_percent, 20);
  assert_int_equal(config.pause_batch_least, 10);
  assert_string_equal(config.on_finish, "");
  assert_string_equal(config.on_alert, "");
  assert_string_equal(config.state, "");
  assert_string_equal(config.listen, "");
  assert_string_equal(config.public_url, "");
}

static void without_any_token_the_command_decides(void **state) {
  (void)state;
  assert_int_equal(load(), 0);
  assert_int_equal(config.token_count, 0);
}

static void the_file_is_looked_for_in_order(void **state) {
  (void)state;
  file_directory("xdg");
  file_directory("xdg/nightshift");
  file_write("xdg/nightshift/config.yaml", "scheduling: {max_attempts: 7}\n");
  char home[128];
  snprintf(home, sizeof home, "%s/xdg", files_directory);
  set("XDG_CONFIG_HOME", home);
  assert_int_equal(load(), 0);
  assert_int_equal(config.max_attempts, 7);
  good("scheduling: {max_attempts: 8}\n");
  assert_int_equal(config.max_attempts, 8);
  assert_string_equal(config.path, "nightshift.yaml");
  file_write("given.yaml", "scheduling: {max_attempts: 9}\n");
  options.path = "given.yaml";
  assert_int_equal(load(), 0);
  assert_int_equal(config.max_attempts, 9);
}

static void home_stands_in_for_xdg(void **state) {
  (void)state;
  file_directory(".config");
  file_directory(".config/nightshift");
  file_write(".config/nightshift/config.yaml", "scheduling: {max_attempts: 7}\n");
  set("HOME", files_directory);
  assert_int_equal(load(), 0);
  assert_int_equal(config.max_attempts, 7);
}

static void a_file_that_is_named_must_be_there(void **state) {
  (void)state;
  options.path = "no.yaml";
  assert_int_equal(load(), ERR_IO);
  char *told = diags_as_text(diags);
  assert_in(told, "no.yaml: cannot be read: No such file or directory");
  free(told);
}

/* ---- values ---- */

static void every_key_is_read(void **state) {
  (void)state;
  good("api:\n  url: https://example.com/v1/\n  token: " CANARY "\n  timeout: 5m\n"
       "accounts:\n"
       "  - email: one@example.com\n    max_jobs: 5\n    token: " OTHER "\n"
       "    hours: 22:00-07:00\n    max_credits: 100\n    keep_credits: 10\n"
       "    jobs_per_day: 40\n    min_gap: 30s\n"
       "  - email: two@example.com\n"
       "  - three@example.com\n"
       "scheduling:\n  retry_wait: [1s, 2s]\n  poll: [500ms, 1m]\n  max_attempts: 1\n"
       "  upload_ahead: 0\n"
       "moderation:\n  pause_account: off\n  pause_batch: 5% of 100\n"
       "on_finish: echo $NIGHTSHIFT_SUCCEEDED ${HOME} $$\non_alert: \"true\"\n"
       "state: sub/state.db\nlisten: 127.0.0.1:9090\npublic_url: https://me.example\n");
  assert_string_equal(config.api_url, "https://example.com/v1");
  assert_int_equal(config.timeout, 300000);
  assert_int_equal(config.token_count, 2);
  assert_string_equal(secret_reveal(config.tokens[0]), CANARY);
  assert_string_equal(secret_reveal(config.tokens[1]), OTHER);
  assert_int_equal(config.account_count, 3);
  const struct config_account *one = &config.accounts[0], *two = &config.accounts[1];
  assert_string_equal(one->email, "one@example.com");
  assert_int_equal(one->max_jobs, 5);
  assert_int_equal(one->token, 1);
  assert_string_equal(one->hours, "22:00-07:00");
  assert_int_equal(one->max_credits, 100);
  assert_int_equal(one->keep_credits, 10);
  assert_int_equal(one->jobs_per_day, 40);
  assert_int_equal(one->min_gap, 30000);
  assert_int_equal(one->line, 6);
  assert_int_equal(two->token, 0);
  assert_int_equal(two->max_jobs, 0);
  assert_null(two->hours);
  assert_int_equal(two->max_credits, -1);
  assert_int_equal(two->keep_credits, -1);
  assert_int_equal(two->jobs_per_day, -1);
  assert_int_equal(two->min_gap, 0);
  assert_string_equal(config.accounts[2].email, "three@example.com");
  assert_int_equal(config.retry_wait_low, 1000);
  assert_int_equal(config.poll_low, 500);
  assert_int_equal(config.poll_high, 60000);
  assert_true(config.poll_given);
  assert_int_equal(config.upload_ahead, 0);
  assert_int_equal(config.pause_account_count, 0);
  assert_int_equal(config.pause_batch_percent, 5);
  assert_int_equal(config.pause_batch_least, 100);
  assert_string_equal(config.on_finish, "echo $NIGHTSHIFT_SUCCEEDED ${HOME} $$");
  char state_path[128];
  snprintf(state_path, sizeof state_path, "%s/sub/state.db", files_directory);
  assert_string_equal(config.state, state_path);
  assert_string_equal(config.listen, "127.0.0.1:9090");
  assert_string_equal(config.public_url, "https://me.example");
}

static void the_environment_is_read_into_any_value(void **state) {
  (void)state;
  set("URL", "http://127.0.0.1:8080/v1");
  set("N", "7");
  set("T", CANARY);
  good("api:\n  url: ${URL}/runwayml\n  token: ${T}\nscheduling: {max_attempts: \"${N}\"}\n"
       "listen: \"\"\nstate: \"a$$b$c\"\n");
  assert_string_equal(config.api_url, "http://127.0.0.1:8080/v1/runwayml");
  assert_int_equal(config.max_attempts, 7);
  assert_string_equal(secret_reveal(config.tokens[0]), CANARY);
  assert_string_equal(config.state + strlen(files_directory), "/a$b$c");
}

static void a_variable_that_is_not_set_is_told(void **state) {
  (void)state;
  bad("api:\n  token: ${USEAPI_TOKEN}\n",
      "nightshift.yaml:2:10: the environment variable USEAPI_TOKEN is not set: set it");
  bad("state: ${NOWHERE}\n",
      "nightshift.yaml:1:8: the environment variable NOWHERE is not set: set it, as in `export "
      "NOWHERE=…`\n    state: ${NOWHERE}\n           ^\n");
  bad("state: ${NOT A NAME}\n", "expected ${NAME}");
  bad("state: ${OPEN\n", "expected ${NAME}");
  assert_int_equal(diag_error_count(diags), 1);
}

static void a_token_that_is_not_needed_may_be_unset(void **state) {
  (void)state;
  options.token_needed = false;
  good("api:\n  token: ${USEAPI_TOKEN}\naccounts: [one@example.com]\n");
  assert_int_equal(config.token_count, 0);
  assert_int_equal(config.accounts[0].token, -1);
  bad("state: ${NOWHERE}\n", "NOWHERE is not set");
}

/* ---- tokens ---- */

static void a_token_that_the_file_names_is_not_filled_in_with_another(void **state) {
  (void)state;
  options.token_needed = false;
  set("USEAPI_TOKEN", OTHER);
  good("api:\n  token: ${NIGHT_TOKEN}\n");
  assert_int_equal(config.token_count, 0);
  good("api:\n  timeout: 30s\n");
  assert_int_equal(config.token_count, 1);
}

static void the_environment_s_token_fills_in_only_where_none_is_named(void **state) {
  (void)state;
  set("USEAPI_TOKEN", OTHER);
  good(TOKEN);
  assert_int_equal(config.token_count, 1);
  assert_string_equal(secret_reveal(config.tokens[0]), CANARY);
  good("accounts: [one@example.com, {email: two@example.com, token: " CANARY "}]\n");
  assert_int_equal(config.token_count, 2);
  assert_string_equal(secret_reveal(config.tokens[config.accounts[0].token]), OTHER);
  assert_string_equal(secret_reveal(config.tokens[config.accounts[1].token]), CANARY);
  good("accounts: [{email: two@example.com, token: " CANARY "}]\n");
  assert_int_equal(config.token_count, 1);
  assert_string_equal(secret_reveal(config.tokens[0]), CANARY);
}

static void the_same_token_twice_is_one(void **state) {
  (void)state;
  good("api: {token: " CANARY "}\naccounts: [{email: a@b.c, token: " CANARY "}]\n");
  assert_int_equal(config.token_count, 1);
  assert_int_equal(config.accounts[0].token, 0);
}

static void an_account_without_a_token_beside_others_is_told(void **state) {
  (void)state;
  bad("accounts:\n  - {email: a@b.c, token: " CANARY "}\n  - email: d@e.f\n",
      "nightshift.yaml:3:5: the account d@e.f has no token");
}

static void a_token_file_is_read_from_the_config_s_directory(void **state) {
  (void)state;
  file_directory("etc");
  file_write("etc/token", CANARY "\r\n");
  assert_int_equal(chmod("etc/token", 0600), 0);
  file_write("etc/c.yaml", "api: {token_file: token}\n");
  options.path = "etc/c.yaml";
  assert_int_equal(load(), 0);
  assert_string_equal(secret_reveal(config.tokens[0]), CANARY);
}

static void a_token_file_that_others_can_read_is_refused(void **state) {
  (void)state;
  file_write("token", CANARY "\n");
  static const mode_t modes[] = {0640, 0604, 0620, 0601};
  for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
    assert_int_equal(chmod("token", modes[i]), 0);
    bad("api:\n  token_file: token\n", "nightshift.yaml:2:15: api.token_file: others can read ");
    char *told = diags_as_text(diags);
    assert_in(told, "chmod 600 ");
    assert_in(told, "      token_file: token\n");
    free(told);
  }
  assert_int_equal(chmod("token", 0400), 0);
  good("api:\n  token_file: token\n");
}

static void token_files_that_hold_none_are_refused(void **state) {
  (void)state;
  bad("api: {token_file: no}\n", "no cannot be used: No such file or directory");
  bad("api: {token_file: .}\n", "it is not a regular file");
  file_write("token", "\n");
  assert_int_equal(chmod("token", 0600), 0);
  bad("api: {token_file: token}\n", "the token is empty");
  file_write("token", CANARY "\n" OTHER "\n");
  bad("api: {token_file: token}\n", "holds blanks");
  file_write_bytes("token", "user:1-\0canary", 14);
  bad("api: {token_file: token}\n", "it is not a text file");
  assert_int_equal(mkfifo("fifo", 0600), 0);
  bad("api: {token_file: fifo}\n", "it is not a regular file");
  bad("api: {token_file: token, token: " CANARY "}\n", "there is a `token` as well");
}

static void tokens_of_another_shape_are_told(void **state) {
  (void)state;
  good("api: {token: canary}\n");
  assert_int_equal(diag_warning_count(diags), 1);
  bad("api: {token: \"canary two\"}\n", "the token holds blanks");
  bad("api: {token: \"\"}\n", "the token is empty");
  bad("api: {token: [canary]}\n", "api.token: expected text, found a list");
  set("USEAPI_TOKEN", "canary x");
  file_write("nightshift.yaml", "state: x\n");
  assert_int_equal(load(), ERR_USAGE);
  char *told = diags_as_text(diags);
  assert_in(told, "USEAPI_TOKEN: the token holds blanks");
  free(told);
}

/* Every load of this file looks for the canary in what is told. */
static void no_mistake_shows_a_token(void **state) {
  (void)state;
  set("T", CANARY);
  bad("tokn: " CANARY "\n", "unknown key `tokn`");
  bad("api:\n  tokn: canary\n  token: x\n", "did you mean `token`");
  bad("api: {token: " CANARY ", nope: 1}\n", "unknown key `nope`");
  bad("api: {token: " CANARY "\n", "never closed");
  bad("api:\n  token: " CANARY "\n  " CANARY ": x\n", "unknown key `…`");
  bad("state: ${T}\nscheduling: {max_attempts: \"${T}\"}\n", "a text that is not shown here");
  bad("accounts: [" CANARY "]\n", "expected an e-mail address");
  bad("api: {token_file: " CANARY "}\n", "cannot be used");
  bad("listen: " CANARY "\n", "expected ADDR:PORT");
  bad("api:\n  token: \"canary\n", "this quote is never closed");
  bad("api:\n  token:\n    canary x\n    canary y: z\n", "nightshift.yaml:4");
  bad("api: " CANARY "\n", "api: expected a mapping");
  bad(CANARY "\n", "config: expected a mapping");
}

/* ---- mistakes ---- */

static void addresses_are_checked(void **state) {
  (void)state;
  static const char *const fine[] = {"https://x.example/v1", "http://localhost:80/v1",
                                     "http://127.8.9.1:1", "http://[::1]:8080/v1"};
  static const char *const wrong[] = {"ftp://x",
                                      "x.example",
                                      "http://x.example",
                                      "http://127.evil.example",
                                      "http://localhost.example",
                                      "https://u:p@x.example",
                                      "http://127.0.0.1@x.example/",
                                      "https://x.example?a",
                                      "https://x.example/#a",
                                      "https:// x",
                                      "https://",
                                      "https:///v1",
                                      ""};
  for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
    assert_null(config_url_fault(fine[i]));
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    assert_non_null(config_url_fault(wrong[i]));
  bad("api: {url: \"http://x.example\"}\n", "nightshift.yaml:1:12: api.url: http is for loopback");
}

static void a_password_for_the_state_is_refused_unseen(void **state) {
  (void)state;
  bad("state: postgresql://me:canary@host/db\n",
      "nightshift.yaml:1:8: state: a password is refused");
  bad("state: postgresql://host/db?password=canary\n", "a password is refused");
  good("state: postgresql://me@host/db\n");
  assert_string_equal(config.state, "postgresql://me@host/db");
}

static void values_out_of_range_are_all_told(void **state) {
  (void)state;
  bad("api: {timeout: 0s}\n"
      "accounts:\n"
      "  - {email: nobody, max_jobs: 11}\n"
      "  - {max_jobs: 1}\n"
      "  - {email: a@b.c, hours: 7-22}\n"
      "  - {email: A@b.c, min_gap: soon}\n"
      "  - {email: d@e.f, hours: \"07:00-07:00\", hous: x}\n"
      "scheduling:\n  retry_wait: [30s, 10s]\n  poll: 3s\n  max_attempts: 0\n  upload_ahead: x\n"
      "moderation:\n  pause_account: 3 of 1h\n  pause_batch: 120% of 10\n"
      "listen: 9090\npublic_url: ftp://x\npoll: [1s, 2s]\nmax_jobs: 3\nmoderaton: {}\n",
      "nightshift.yaml:1:16: api.timeout: expected a duration from 1s to 1h, found `0s`");
  static const char *const all[] = {
      ":3:13: accounts.email: expected an e-mail address, found `nobody`",
      ":3:31: accounts.max_jobs: expected a whole number from 1 to 10, found `11`",
      ":4:5: an account needs its `email`",
      ":5:27: accounts.hours: expected hours such as 22:00-07:00, found `7-22`",
      ":6:5: the account A@b.c comes twice: it is already on line 5",
      ":6:29: accounts.min_gap: expected a duration",
      ":7:27: accounts.hours: expected hours",
      ":7:42: unknown key `hous`: did you mean `hours`?",
      ":9:15: scheduling.retry_wait: the first duration is longer than the second",
      ":10:9: scheduling.poll: expected two durations",
      ":11:17: scheduling.max_attempts: expected a whole number from 1 to 100, found `0`",
      ":12:17: scheduling.upload_ahead: expected a whole number",
      ":14:18: moderation.pause_account: expected something like 3 in 1h, or off; found `3 of 1h`",
      ":15:16: moderation.pause_batch: expected something like 20% of 10, or off",
      ":16:9: listen: expected ADDR:PORT",
      ":17:13: public_url: expected a URL",
      ":18:1: `poll` belongs under `scheduling:`",
      ":19:1: `max_jobs` belongs under `accounts:`",
      ":20:1: unknown key `moderaton`: did you mean `moderation`?"};
  char *told = diags_as_text(diags);
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    assert_in(told, all[i]);
  free(told);
  assert_int_equal(diag_error_count(diags), sizeof all / sizeof all[0] + 1);
}

static void sections_left_empty_keep_their_defaults(void **state) {
  (void)state;
  good("api:\nscheduling:\n  poll:\nmoderation: ~\naccounts:\nstate:\n");
  assert_int_equal(config.poll_low, 3000);
  assert_string_equal(config.state, "");
  bad("accounts: []\n", "accounts: the list is empty");
}

/* All that `init` writes may be commented out. */
static void a_file_of_comments_keeps_all_defaults(void **state) {
  (void)state;
  good("");
  assert_int_equal(config.poll_low, 3000);
  good("# api:\n#   token: ${USEAPI_TOKEN}\n");
  assert_int_equal(config.max_attempts, 4);
  good("---\n");
}

static void durations_are_numbers_with_a_unit(void **state) {
  (void)state;
  duration_ms duration = 0;
  assert_true(duration_parse("250ms", &duration));
  assert_int_equal(duration, 250);
  assert_true(duration_parse("2h", &duration));
  assert_int_equal(duration, 2 * HOUR_MS);
  assert_false(duration_parse("10", &duration));
}

static void more_than_a_thousand_accounts_are_refused(void **state) {
  (void)state;
  static char text[64 * 1024] = TOKEN "accounts:\n";
  for (int i = 0; i < 1001; i++)
    snprintf(text + strlen(text), 32, "  - a%d@b.example\n", i);
  bad(text, "accounts: more than 1000");
  *strstr(text, "  - a1000@") = '\0';
  good(text);
  assert_int_equal(config.account_count, 1000);
}

/* ---- the reference page ---- */

static void every_key_is_on_the_reference_page(void **state) {
  (void)state;
  struct config_option option;
  static char page[65536], row[2048];
  FILE *file = fopen(TEST_SOURCE_DIR "/docs/config.md", "r");
  assert_non_null(file);
  page[fread(page, 1, sizeof page - 1, file)] = '\0';
  assert_int_equal(fclose(file), 0);
  size_t count = 0;
  for (; config_option_at(count, &option); count++) {
    snprintf(row, sizeof row, "| `%s` | %s | %s%s%s | %s |\n", option.name, option.type,
             option.initial != NULL ? "`" : "", option.initial != NULL ? option.initial : "",
             option.initial != NULL ? "`" : "", option.help);
    assert_in(page, row);
  }
  assert_true(count > 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(without_a_file_the_defaults_and_the_environment_s_token_do),
      TEST(a_token_that_the_file_names_is_not_filled_in_with_another),
      TEST(without_any_token_the_command_decides),
      TEST(the_file_is_looked_for_in_order),
      TEST(home_stands_in_for_xdg),
      TEST(a_file_that_is_named_must_be_there),
      TEST(every_key_is_read),
      TEST(the_environment_is_read_into_any_value),
      TEST(a_variable_that_is_not_set_is_told),
      TEST(a_token_that_is_not_needed_may_be_unset),
      TEST(the_environment_s_token_fills_in_only_where_none_is_named),
      TEST(the_same_token_twice_is_one),
      TEST(an_account_without_a_token_beside_others_is_told),
      TEST(a_token_file_is_read_from_the_config_s_directory),
      TEST(a_token_file_that_others_can_read_is_refused),
      TEST(token_files_that_hold_none_are_refused),
      TEST(tokens_of_another_shape_are_told),
      TEST(no_mistake_shows_a_token),
      TEST(addresses_are_checked),
      TEST(a_password_for_the_state_is_refused_unseen),
      TEST(values_out_of_range_are_all_told),
      TEST(sections_left_empty_keep_their_defaults),
      TEST(a_file_of_comments_keeps_all_defaults),
      TEST(durations_are_numbers_with_a_unit),
      TEST(more_than_a_thousand_accounts_are_refused),
      TEST(every_key_is_on_the_reference_page),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
