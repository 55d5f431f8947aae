/* How command lines are read: what is accepted where, and what is said of mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "cli/options.h"

#define RUN_OPTIONS                                                                                \
  (OPTION_BIT(OPTION_UNTIL) | OPTION_BIT(OPTION_LIMIT) | OPTION_BIT(OPTION_OVERWRITE) |            \
   OPTION_BIT(OPTION_SPEED))
#define ARGS_MAX 16

/* Words of one line, parted by single spaces. */
struct words {
  char text[512];
  char *args[ARGS_MAX];
  size_t count;
};

static void split(const char *line, struct words *words) {
  words->count = 0;
  snprintf(words->text, sizeof words->text, "%s", line);
  for (char *at = strtok(words->text, " "); at != NULL; at = strtok(NULL, " ")) {
    assert_true(words->count < ARGS_MAX);
    words->args[words->count++] = at;
  }
}

static int parse(struct words *words, const char *line, struct options *options,
                 struct error *error) {
  split(line, words);
  size_t place = options_find_command(words->args, words->count);
  const char *command = place < words->count ? words->args[place] : NULL;
  uint32_t allowed = command != NULL && strcmp(command, "run") == 0 ? RUN_OPTIONS : 0;
  return options_parse(words->args, words->count, place, command, allowed, options, error);
}

static void assert_refused(const char *line, const char *wanted) {
  struct words words;
  struct options options;
  struct error error = {0};
  assert_int_equal(parse(&words, line, &options, &error), ERR_USAGE);
  assert_string_equal(error.text, wanted);
  options_release(&options);
}

static void accept(struct words *words, const char *line, struct options *options) {
  struct error error = {0};
  int result = parse(words, line, options, &error);
  if (result != 0) fail_msg("%s: %s", line, error.text);
}

static void mistakes_are_told_with_the_way_out(void **state) {
  (void)state;
  static const struct {
    const char *line, *text;
  } cases[] = {
      {"run --limt 3 a", "unknown option '--limt' (did you mean '--limit'?)"},
      {"run --limt=3 a", "unknown option '--limt' (did you mean '--limit'?)"},
      {"run --nonsense", "unknown option '--nonsense'"},
      {"run -x", "unknown option '-x'"},
      {"status --limit 3", "'--limit' is no option of 'status'"},
      {"--limit 3", "'--limit' needs a command"},
      {"run --limit", "--limit needs a value: --limit N"},
      {"run -c", "--config needs a value: --config FILE"},
      {"run --config=", "--config: its value is empty"},
      {"run --limit 0", "--limit: a number of jobs from 1 on is wanted, not '0'"},
      {"run --limit 3x", "--limit: a number of jobs from 1 on is wanted, not '3x'"},
      {"run --speed 0", "--speed: a number above 0 and up to 10000 is wanted, not '0'"},
      {"run --speed -1", "--speed: a number above 0 and up to 10000 is wanted, not '-1'"},
      {"run --speed 10001", "--speed: a number above 0 and up to 10000 is wanted, not '10001'"},
      {"run --speed nan", "--speed: a number above 0 and up to 10000 is wanted, not 'nan'"},
      {"run --overwrite=yes", "--overwrite takes no value"},
      {"run --until 24:00",
       "--until: a time such as 06:30 or a duration such as 8h is wanted, not '24:00'"},
      {"run --until=7:30",
       "--until: a time such as 06:30 or a duration such as 8h is wanted, not '7:30'"},
      {"run --until 0s",
       "--until: a time such as 06:30 or a duration such as 8h is wanted, not '0s'"},
      {"run --log-format xml", "--log-format: auto, pretty, logfmt or json is wanted, not 'xml'"},
      {"run --color no", "--color: auto, always or never is wanted, not 'no'"},
      {"run --api example.com",
       "--api: an http:// or https:// address is wanted, not 'example.com'"},
      {"run --api https://me:pw@example.com/",
       "--api: an address with a name or password in it is refused; the token comes from "
       "USEAPI_TOKEN or the config"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_refused(cases[i].line, cases[i].text);
}

static void every_option_reaches_its_place(void **state) {
  (void)state;
  struct words words;
  struct options options;
  accept(&words,
         "run -c a.yaml --state=s.db --api http://127.0.0.1:1/x --log-format json --log-file l",
         &options);
  assert_string_equal(options.config, "a.yaml");
  assert_string_equal(options.state, "s.db");
  assert_string_equal(options.api, "http://127.0.0.1:1/x");
  assert_int_equal(options.log_format, LOG_FORMAT_JSON);
  assert_string_equal(options.log_file, "l");
  options_release(&options);
  accept(&words, "run --limit 7 --speed 2.5 --overwrite --until 06:30 --color never b.yaml c.yaml",
         &options);
  assert_string_equal(options.until, "06:30");
  assert_int_equal(options.limit, 7);
  assert_true(options.speed == 2.5);
  assert_true(options.overwrite);
  assert_int_equal(options.color, COLOR_NEVER);
  assert_int_equal(options.arg_count, 2);
  assert_string_equal(options.args[0], "b.yaml");
  assert_string_equal(options.args[1], "c.yaml");
  options_release(&options);
}

static void what_is_not_given_has_its_default(void **state) {
  (void)state;
  struct words words;
  struct options options;
  accept(&words, "run b.yaml", &options);
  assert_null(options.config);
  assert_null(options.state);
  assert_int_equal(options.log_format, LOG_FORMAT_AUTO);
  assert_int_equal(options.level, LOG_INFO);
  assert_int_equal(options.limit, 0);
  assert_true(options.speed == 1);
  assert_false(options.help || options.version || options.json || options.overwrite);
  options_release(&options);
}

static void options_stand_before_or_after_the_command(void **state) {
  (void)state;
  static const char *const lines[] = {
      "-v -c x.yaml run b.yaml",
      "run -v -c x.yaml b.yaml",
      "run b.yaml -v -c x.yaml",
      "-vc x.yaml run b.yaml",
      "-vcx.yaml run b.yaml",
      "--config x.yaml -v run b.yaml",
      "--config=x.yaml run b.yaml --verbose",
  };
  struct words words;
  struct options options;
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    accept(&words, lines[i], &options);
    assert_string_equal(options.config, "x.yaml");
    assert_int_equal(options.level, LOG_DEBUG);
    assert_int_equal(options.arg_count, 1);
    assert_string_equal(options.args[0], "b.yaml");
    options_release(&options);
  }
}

static void the_last_of_verbose_and_quiet_counts(void **state) {
  (void)state;
  struct words words;
  struct options options;
  accept(&words, "run -v -q b.yaml", &options);
  assert_int_equal(options.level, LOG_WARN);
  options_release(&options);
  accept(&words, "run -qv b.yaml", &options);
  assert_int_equal(options.level, LOG_DEBUG);
  options_release(&options);
}

static void two_dashes_end_the_options(void **state) {
  (void)state;
  struct words words;
  struct options options;
  accept(&words, "run -- --overwrite -v", &options);
  assert_false(options.overwrite);
  assert_int_equal(options.arg_count, 2);
  assert_string_equal(options.args[0], "--overwrite");
  options_release(&options);
  accept(&words, "run - b.yaml", &options);
  assert_string_equal(options.args[0], "-");
  options_release(&options);
}

static void the_commands_name_is_found_among_options(void **state) {
  (void)state;
  static const struct {
    const char *line;
    size_t place;
  } cases[] = {
      {"run", 0},
      {"-v run", 1},
      {"-c run status", 2},
      {"--state=run status", 1},
      {"--state run st", 2},
      {"-vq --json st", 2},
      {"-v", 1},
      {"-- run", 1},
      {"--", 1},
      {"-c", 1},
  };
  struct words words;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    split(cases[i].line, &words);
    assert_int_equal(options_find_command(words.args, words.count), cases[i].place);
  }
}

static void no_arguments_are_no_mistake_of_options(void **state) {
  (void)state;
  struct words words;
  struct options options;
  accept(&words, "", &options);
  assert_int_equal(options.arg_count, 0);
  options_release(&options);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(mistakes_are_told_with_the_way_out),
      cmocka_unit_test(every_option_reaches_its_place),
      cmocka_unit_test(what_is_not_given_has_its_default),
      cmocka_unit_test(options_stand_before_or_after_the_command),
      cmocka_unit_test(the_last_of_verbose_and_quiet_counts),
      cmocka_unit_test(two_dashes_end_the_options),
      cmocka_unit_test(the_commands_name_is_found_among_options),
      cmocka_unit_test(no_arguments_are_no_mistake_of_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
