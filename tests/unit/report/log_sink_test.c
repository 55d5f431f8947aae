/* Where lines go, and that a stderr or file that takes no more never stops a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nightshift/report.h"

/* While a test runs, fd 2 is `pipe_in`'s other end. */
static int saved_stderr, pipe_out;
static char path[64];

static int redirect(void **state) {
  (void)state;
  int ends[2];
  if (pipe(ends) != 0) return -1;
  saved_stderr = dup(STDERR_FILENO);
  if (saved_stderr < 0 || dup2(ends[1], STDERR_FILENO) < 0) return -1;
  close(ends[1]);
  pipe_out = ends[0];
  if (fcntl(pipe_out, F_SETFL, O_NONBLOCK) != 0) return -1;
  snprintf(path, sizeof path, "/tmp/nightshift-log-%ld", (long)getpid());
  return 0;
}

static int restore(void **state) {
  (void)state;
  (void)unlink(path);
  if (pipe_out >= 0) close(pipe_out);
  int result = dup2(saved_stderr, STDERR_FILENO) < 0 ? -1 : 0;
  close(saved_stderr);
  return result;
}

static struct log_sink *open_sink(struct log_sink_options options) {
  struct log_sink *sink = NULL;
  struct error error = {0};
  options.patience_ms = 1;
  options.color = COLOR_NEVER;
  assert_int_equal(log_sink_open(&sink, &options, &error), 0);
  return sink;
}

static void write_line(struct log_sink *sink, enum log_level level, enum log_event event) {
  struct log_line line = {.time = 1000, .level = level, .event = event};
  log_sink_write(sink, &line);
}

static const char *read_pipe(void) {
  static char text[1 << 20];
  size_t used = 0;
  ssize_t got;
  while ((got = read(pipe_out, text + used, sizeof text - 1 - used)) > 0)
    used += (size_t)got;
  text[used] = '\0';
  return text;
}

static const char *read_file(void) {
  static char text[4096];
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  return text;
}

static void levels_below_the_chosen_one_are_left_out(void **state) {
  (void)state;
  struct log_sink *sink = open_sink((struct log_sink_options){.level = LOG_WARN});
  write_line(sink, LOG_INFO, LOG_PROGRESS);
  write_line(sink, LOG_WARN, LOG_STORE_FULL);
  log_sink_close(sink);
  assert_string_equal(read_pipe(), "ts=1970-01-01T00:00:01.000Z level=warn event=store.full\n");
}

static void the_file_has_what_a_quiet_stderr_has_not(void **state) {
  (void)state;
  struct log_sink *sink = open_sink((struct log_sink_options){.level = LOG_WARN, .file = path});
  write_line(sink, LOG_DEBUG, LOG_PROGRESS);
  write_line(sink, LOG_INFO, LOG_PROGRESS);
  log_sink_close(sink);
  assert_string_equal(read_pipe(), "");
  assert_string_equal(read_file(), "ts=1970-01-01T00:00:01.000Z level=info event=progress\n");
}

static void the_file_is_appended_to_and_private(void **state) {
  (void)state;
  struct stat facts;
  for (int i = 0; i < 2; i++) {
    struct log_sink *sink = open_sink(
        (struct log_sink_options){.level = LOG_INFO, .format = LOG_FORMAT_JSON, .file = path});
    write_line(sink, LOG_INFO, LOG_PROGRESS);
    log_sink_close(sink);
  }
  assert_string_equal(read_file(),
                      "{\"ts\":\"1970-01-01T00:00:01.000Z\",\"level\":\"info\",\"event\":"
                      "\"progress\"}\n{\"ts\":\"1970-01-01T00:00:01.000Z\",\"level\":\"info\","
                      "\"event\":\"progress\"}\n");
  assert_int_equal(stat(path, &facts), 0);
  assert_int_equal(facts.st_mode & 07777, 0600);
}

static void a_file_that_was_moved_away_is_made_anew(void **state) {
  (void)state;
  char moved[80];
  snprintf(moved, sizeof moved, "%s.1", path);
  struct log_sink *sink = open_sink((struct log_sink_options){.level = LOG_INFO, .file = path});
  write_line(sink, LOG_INFO, LOG_PROGRESS);
  assert_int_equal(rename(path, moved), 0);
  assert_int_equal(log_sink_reopen(sink, NULL), 0);
  write_line(sink, LOG_INFO, LOG_RUN_FINISHED);
  log_sink_close(sink);
  assert_int_equal(unlink(moved), 0);
  assert_string_equal(read_file(), "ts=1970-01-01T00:00:01.000Z level=info event=run.finished\n");
}

static void a_file_that_cannot_be_opened_is_told(void **state) {
  (void)state;
  struct log_sink *sink = NULL;
  struct error error = {0};
  struct log_sink_options options = {.file = "/nowhere/at/all.log"};
  assert_int_equal(log_sink_open(&sink, &options, &error), ERR_IO);
  assert_non_null(strstr(error.text, "/nowhere/at/all.log"));
  assert_null(sink);
}

static void a_reader_that_went_away_is_no_matter(void **state) {
  (void)state;
  struct log_sink *sink = open_sink((struct log_sink_options){.level = LOG_INFO, .file = path});
  close(pipe_out);
  pipe_out = -1;
  write_line(sink, LOG_INFO, LOG_RUN_STARTED);
  write_line(sink, LOG_INFO, LOG_RUN_FINISHED);
  log_sink_close(sink);
  assert_non_null(strstr(read_file(), "run.finished"));
}

static void a_reader_that_does_not_read_loses_lines_and_learns_it(void **state) {
  (void)state;
  struct log_sink *sink = open_sink((struct log_sink_options){.level = LOG_INFO});
  for (int i = 0; i < 9000; i++) /* more than a pipe and we hold */
    write_line(sink, LOG_INFO, LOG_PROGRESS);
  assert_int_not_equal(log_sink_waiting_fd(sink), -1);
  size_t lines = 0;
  for (const char *text; *(text = read_pipe()) != '\0'; log_sink_flush(sink))
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
      lines++;
  assert_int_equal(log_sink_waiting_fd(sink), -1);
  assert_in_range(lines, 3000, 8999);
  write_line(sink, LOG_INFO, LOG_RUN_FINISHED);
  log_sink_close(sink);
  char wanted[160];
  snprintf(wanted, sizeof wanted,
           "ts=1970-01-01T00:00:01.000Z level=info event=run.finished\n"
           "ts=1970-01-01T00:00:01.000Z level=warn event=log.lost count=%zu\n",
           9000 - lines);
  assert_string_equal(read_pipe(), wanted);
}

static void the_last_lines_are_kept_for_faults(void **state) {
  (void)state;
  struct log_sink *sink = open_sink((struct log_sink_options){.level = LOG_ERROR});
  write_line(sink, LOG_INFO, LOG_RUN_STARTED);
  for (int i = 0; i < 15; i++)
    write_line(sink, LOG_DEBUG, LOG_PROGRESS);
  write_line(sink, LOG_INFO, LOG_RUN_FINISHED);
  log_sink_print_recent(sink, STDERR_FILENO);
  log_sink_close(sink);
  const char *text = read_pipe();
  assert_null(strstr(text, "run.started"));
  assert_non_null(strstr(text, "event=run.finished\n"));
  assert_true(strstr(text, "progress") < strstr(text, "run.finished"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, redirect, restore)
  const struct CMUnitTest tests[] = {
      TEST(levels_below_the_chosen_one_are_left_out),
      TEST(the_file_has_what_a_quiet_stderr_has_not),
      TEST(the_file_is_appended_to_and_private),
      TEST(a_file_that_was_moved_away_is_made_anew),
      TEST(a_file_that_cannot_be_opened_is_told),
      TEST(a_reader_that_went_away_is_no_matter),
      TEST(a_reader_that_does_not_read_loses_lines_and_learns_it),
      TEST(the_last_lines_are_kept_for_faults),
  };
  if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) return 1;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
