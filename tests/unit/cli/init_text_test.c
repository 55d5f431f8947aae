/* What `init` writes is read by the program as it is meant: the config changes nothing, the batch
 * lacks its voice alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/init_text.h"
#include "nightshift/batch.h"
#include "nightshift/config.h"
#include "nightshift/diag.h"
#include "util/buffer.h"

static char directory[64], file[96], clip[96];

static void write_file(const char *path, const char *text) {
  FILE *stream = fopen(path, "w");
  assert_non_null(stream);
  assert_true(fputs(text, stream) >= 0);
  assert_int_equal(fclose(stream), 0);
}

static int set_up(void **state) {
  (void)state;
  snprintf(directory, sizeof directory, "/tmp/nightshift-init-XXXXXX");
  if (mkdtemp(directory) == NULL) return -1;
  snprintf(file, sizeof file, "%s/file.yaml", directory);
  snprintf(clip, sizeof clip, "%s/a.mp4", directory);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  (void)unlink(file);
  (void)unlink(clip);
  return rmdir(directory);
}

static const char *no_environment(void *context, const char *name) {
  (void)context;
  (void)name;
  return NULL;
}

static void the_config_says_what_holds_without_it(void **state) {
  (void)state;
  struct buffer text;
  struct config with = {0}, without = {0};
  struct diag_list *diags = diag_new();
  buffer_init(&text, 100000);
  init_write_config(&text, "");
  assert_true(strncmp(buffer_string(&text), "# What stands here", 18) == 0);
  write_file(file, buffer_string(&text));
  const struct config_options options = {.path = file, .getenv = no_environment};
  assert_int_equal(config_load(&options, &with, diags), 0);
  write_file(file, "{}\n");
  assert_int_equal(config_load(&options, &without, diags), 0);
  assert_int_equal(diag_count(diags), 0);
  assert_string_equal(with.api_url, without.api_url);
  assert_int_equal(with.timeout, without.timeout);
  assert_int_equal(with.retry_wait_low, without.retry_wait_low);
  assert_int_equal(with.retry_wait_high, without.retry_wait_high);
  assert_int_equal(with.poll_low, without.poll_low);
  assert_int_equal(with.max_attempts, without.max_attempts);
  assert_int_equal(with.pause_account_count, without.pause_account_count);
  assert_int_equal(with.pause_batch_percent, without.pause_batch_percent);
  assert_int_equal(with.account_count, 0);
  assert_string_equal(with.state, without.state);
  assert_string_equal(with.on_finish, without.on_finish);
  config_release(&with);
  config_release(&without);
  diag_free(diags);
  buffer_release(&text);
}

static void every_key_stands_in_the_config(void **state) {
  (void)state;
  struct config_option option;
  struct buffer text;
  buffer_init(&text, 100000);
  init_write_config(&text, "/usr/share/nightshift");
  const char *said = buffer_string(&text);
  assert_true(strncmp(said,
                      "# yaml-language-server: $schema=/usr/share/nightshift/config.schema.json\n",
                      73) == 0);
  for (size_t i = 0; config_option_at(i, &option); i++) {
    const char *dot = strchr(option.name, '.'), *key = dot == NULL ? option.name : dot + 1;
    char line[64];
    snprintf(line, sizeof line, "%s:", key);
    if (strstr(said, line) == NULL) fail_msg("%s is not there", option.name);
    if (strstr(said, option.help) == NULL) fail_msg("%s is not explained", option.name);
  }
  buffer_release(&text);
}

static void the_batch_lacks_its_voice_alone(void **state) {
  (void)state;
  struct buffer text;
  const struct init_clips clips = {.endings = {{"mp4", 1}}, .ending_count = 1, .count = 1};
  const struct batch_options options = {0};
  struct diag_list *diags = diag_new();
  struct batch batch = {0};
  buffer_init(&text, 100000);
  init_write_batch(&text, &clips, "two\nlines"); /* is not named then */
  assert_null(strstr(buffer_string(&text), "language-server"));
  write_file(clip, "clip");
  write_file(file, buffer_string(&text));
  assert_int_not_equal(batch_load(file, &options, &batch, diags), 0);
  assert_int_equal(diag_count(diags), 1);
  assert_non_null(strstr(diag_at(diags, 0)->message, "no voice"));
  batch_release(&batch);
  diag_free(diags);
  diags = diag_new();
  char *voice = strstr(buffer_string(&text), "# voice: Maya");
  assert_non_null(voice);
  memcpy(voice, "voice: Maya  ", 13);
  write_file(file, buffer_string(&text));
  assert_int_equal(batch_load(file, &options, &batch, diags), 0);
  assert_int_equal(batch.job_count, 1);
  batch_release(&batch);
  diag_free(diags);
  buffer_release(&text);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(the_config_says_what_holds_without_it),
      TEST(every_key_stands_in_the_config),
      TEST(the_batch_lacks_its_voice_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
