/* Log lines above, the block below: the very bytes that a terminal gets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "nightshift/report.h"
#include "report/shown.h"

static struct shown shown;
static struct buffer out;

static int begin(void **state) {
  (void)state;
  shown_init(&shown);
  buffer_init(&out, 1 << 20);
  return 0;
}

static int end(void **state) {
  (void)state;
  shown_release(&shown);
  buffer_release(&out);
  return 0;
}

static const char *put(size_t width, const char *text) {
  buffer_clear(&out);
  shown_put(&shown, width, text, &out);
  shown_is_drawn(&shown, width);
  return buffer_string(&out);
}

static void show(const char *lines) {
  buffer_clear(&shown.lines);
  buffer_text(&shown.lines, lines);
}

static void a_log_line_goes_above_the_block(void **state) {
  (void)state;
  assert_string_equal(put(80, "one\n"), "one\n");
  show("a\nb");
  assert_string_equal(put(80, ""), "a\nb\n");
  assert_string_equal(put(80, "two\n"), "\r\x1b[2A\x1b[Jtwo\na\nb\n");
  show("c");
  assert_string_equal(put(80, ""), "\r\x1b[2A\x1b[Jc\n");
  show("");
  assert_string_equal(put(80, ""), "\r\x1b[1A\x1b[J");
  assert_string_equal(put(80, "three\n"), "three\n");
}

static void a_narrower_terminal_has_wrapped_what_stands_there(void **state) {
  (void)state;
  show("\x1b[31m0123456789\x1b[0m\n01234567\n");
  put(20, "");
  assert_string_equal(put(8, ""), "\r\x1b[4A\x1b[J\x1b[31m0123456789\x1b[0m\n01234567\n\n");
  show("0123\n45");
  put(8, "");
  assert_string_equal(put(40, ""), "\r\x1b[2A\x1b[J0123\n45\n"); /* wider: lines stay lines */
}

static void what_others_scroll_away_is_not_erased(void **state) {
  (void)state;
  show("a\nb");
  put(80, "");
  shown_forget(&shown);
  assert_string_equal(put(80, "one\n"), "one\na\nb\n");
}

/* ---- a real terminal ---- */

static int saved, terminal;

static int open_terminal(void **state) {
  (void)state;
  struct winsize size = {.ws_row = 24, .ws_col = 50};
  terminal = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) return -1;
  int other = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  saved = dup(STDERR_FILENO);
  if (other < 0 || saved < 0 || ioctl(terminal, TIOCSWINSZ, &size) != 0) return -1;
  return dup2(other, STDERR_FILENO) < 0 || close(other) != 0 ? -1 : 0;
}

static int close_terminal(void **state) {
  (void)state;
  close(terminal);
  int result = dup2(saved, STDERR_FILENO) < 0 ? -1 : 0;
  close(saved);
  return result;
}

static const char *read_terminal(void) {
  static char text[1 << 20];
  size_t used = 0;
  ssize_t got;
  while ((got = read(terminal, text + used, sizeof text - 1 - used)) > 0)
    used += (size_t)got;
  text[used] = '\0';
  return text;
}

static struct log_sink *open_sink(enum log_level level, enum log_format format) {
  struct log_sink *sink = NULL;
  struct log_sink_options options = {
      .level = level, .format = format, .color = COLOR_NEVER, .patience_ms = 1};
  assert_int_equal(log_sink_open(&sink, &options, NULL), 0);
  return sink;
}

static void write_line(struct log_sink *sink, enum log_event event) {
  struct log_line line = {.time = 1000, .level = LOG_INFO, .event = event};
  log_sink_write(sink, &line);
}

static void a_terminal_shows_it_below_the_log(void **state) {
  (void)state;
  size_t width, height;
  struct log_sink *sink = open_sink(LOG_INFO, LOG_FORMAT_AUTO);
  assert_true(log_sink_can_show(sink));
  log_sink_size(sink, &width, &height);
  assert_int_equal(width, 50);
  assert_int_equal(height, 24);
  log_sink_show(sink, "block", false);
  log_sink_show(sink, "block", false); /* the same is not written again */
  assert_string_equal(read_terminal(), "block\r\n");
  write_line(sink, LOG_RUN_STARTED);
  assert_string_equal(read_terminal(), "\r\x1b[1A\x1b[J00:00:01 run.started\r\nblock\r\n");
  write_line(sink, LOG_PROGRESS); /* the block says it */
  assert_string_equal(read_terminal(), "");
  log_sink_show(sink, "block", true);
  assert_string_equal(read_terminal(), "\r\x1b[1A\x1b[Jblock\r\n");
  log_sink_show(sink, "", false);
  assert_string_equal(read_terminal(), "\r\x1b[1A\x1b[J");
  write_line(sink, LOG_PROGRESS);
  assert_string_equal(read_terminal(), "00:00:01 progress\r\n");
  log_sink_close(sink);
}

static void a_terminal_that_is_stopped_holds_nobody_up(void **state) {
  (void)state;
  struct log_sink *sink = open_sink(LOG_INFO, LOG_FORMAT_AUTO);
  log_sink_show(sink, "block", false);
  for (int i = 0; i < 2000; i++) /* more than a terminal takes without being read */
    write_line(sink, LOG_RUN_STARTED);
  assert_int_not_equal(log_sink_waiting_fd(sink), -1);
  log_sink_show(sink, "newer", false);
  size_t lines = 0;
  const char *text = "", *last = "";
  for (; *(text = read_terminal()) != '\0'; log_sink_flush(sink)) {
    for (const char *at = text; (at = strstr(at, "run.started")) != NULL; at++)
      lines++;
    last = strrchr(text, 'b');
  }
  assert_int_equal(lines, 2000);
  assert_non_null(last);
  write_line(sink, LOG_RUN_FINISHED);
  assert_string_equal(read_terminal(), "\r\x1b[1A\x1b[J00:00:01 run.finished\r\nnewer\r\n");
  log_sink_close(sink);
}

static void not_everybody_wants_one(void **state) {
  (void)state;
  struct log_sink *sink = open_sink(LOG_WARN, LOG_FORMAT_AUTO);
  assert_false(log_sink_can_show(sink));
  log_sink_close(sink);
  sink = open_sink(LOG_INFO, LOG_FORMAT_JSON);
  assert_false(log_sink_can_show(sink));
  log_sink_close(sink);
  assert_int_equal(setenv("TERM", "dumb", 1), 0);
  sink = open_sink(LOG_INFO, LOG_FORMAT_AUTO);
  assert_false(log_sink_can_show(sink));
  log_sink_close(sink);
  assert_int_equal(setenv("TERM", "xterm", 1), 0);
}

int main(void) {
#define PURE(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define REAL(name) cmocka_unit_test_setup_teardown(name, open_terminal, close_terminal)
  const struct CMUnitTest tests[] = {
      PURE(a_log_line_goes_above_the_block),
      PURE(a_narrower_terminal_has_wrapped_what_stands_there),
      PURE(what_others_scroll_away_is_not_erased),
      REAL(a_terminal_shows_it_below_the_log),
      REAL(a_terminal_that_is_stopped_holds_nobody_up),
      REAL(not_everybody_wants_one),
  };
  if (setenv("TZ", "UTC", 1) != 0 || setenv("TERM", "xterm", 1) != 0) return 1;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
