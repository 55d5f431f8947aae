/* Where log lines go: standard error and, if asked for, a file; and a short memory for faults. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "nightshift/report.h"
#include "report/log_output.h"
#include "report/shown.h"
#include "util/buffer.h"
#include "util/check.h"

#define LINE_BYTES_MAX ((size_t)1024 * 1024)
#define RECENT_LINES   16
#define RECENT_BYTES   512

struct log_sink {
  struct log_sink_options options;
  char *path; /* of the file; NULL: none */
  enum log_format format, file_format;
  enum log_level file_level;
  bool color;
  bool watched; /* by a person: pretty, on a terminal */
  struct log_output terminal, file;
  struct shown shown; /* below the log, on a terminal */
  struct buffer text, bytes;
  char recent[RECENT_LINES][RECENT_BYTES];
  size_t recent_next;
};

static int open_file(const char *path, int *fd, struct error *error) {
  /* Not blocking, so that a named pipe without a reader is refused and not waited for. */
  *fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
  if (*fd >= 0) return 0;
  return error_set(error, ERR_IO, "the log file %s cannot be opened: %s", path, strerror(errno));
}

static void use_file(struct log_sink *sink, int fd) {
  log_output_init(&sink->file, fd);
  if (sink->file.fd != fd) (void)close(fd); /* opened anew */
}

/* Of a log file: it is ours, whatever kind it is. */
static void drop_file(struct log_sink *sink) {
  if (sink->file.fd >= 0 && sink->file.kind != LOG_OUTPUT_OWN) (void)close(sink->file.fd);
  log_output_release(&sink->file);
}

int log_sink_open(struct log_sink **sink, const struct log_sink_options *options,
                  struct error *error) {
  int fd = -1;
  if (options->file != NULL) {
    int result = open_file(options->file, &fd, error);
    if (result != 0) return result;
  }
  struct log_sink *made = calloc(1, sizeof *made);
  CHECK(made != NULL);
  made->options = *options;
  if (options->patience_ms == 0) made->options.patience_ms = SECOND_MS;
  if (options->file != NULL) {
    made->path = strdup(options->file);
    CHECK(made->path != NULL);
  }
  made->format = options->format;
  if (made->format == LOG_FORMAT_AUTO)
    made->format = isatty(STDERR_FILENO) == 1 ? LOG_FORMAT_PRETTY : LOG_FORMAT_LOGFMT;
  made->watched = made->format == LOG_FORMAT_PRETTY && isatty(STDERR_FILENO) == 1;
  made->file_format = options->format == LOG_FORMAT_AUTO ? LOG_FORMAT_LOGFMT : options->format;
  made->file_level = options->level < LOG_INFO ? options->level : LOG_INFO;
  made->color = color_wanted(options->color, STDERR_FILENO);
  log_output_init(&made->terminal, STDERR_FILENO);
  use_file(made, fd);
  shown_init(&made->shown);
  buffer_init(&made->text, LINE_BYTES_MAX);
  buffer_init(&made->bytes, LINE_BYTES_MAX * 2);
  *sink = made;
  return 0;
}

static void format(struct log_sink *sink, const struct log_line *line, enum log_format form,
                   bool color) {
  buffer_clear(&sink->text);
  log_format_line(line, form, color, &sink->text);
  buffer_text(&sink->text, "\n");
}

/* ---- the terminal, with what is shown below the log ---- */

void log_sink_size(const struct log_sink *sink, size_t *width, size_t *height) {
  struct winsize size;
  *width = 80, *height = 24;
  if (ioctl(sink->terminal.fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return;
  *width = size.ws_col, *height = size.ws_row;
}

/* A shell that has put us into the background has the terminal for itself. */
static bool is_in_front(const struct log_sink *sink) {
  pid_t front = tcgetpgrp(sink->terminal.fd);
  return front < 0 || front == getpgrp();
}

/* The text, above what is shown. */
static bool put_above(struct log_sink *sink, const char *text) {
  size_t width, height;
  if (!is_in_front(sink)) {
    shown_forget(&sink->shown);
    return log_output_write(&sink->terminal, text, strlen(text));
  }
  log_sink_size(sink, &width, &height);
  buffer_clear(&sink->bytes);
  shown_put(&sink->shown, width, text, &sink->bytes);
  if (sink->bytes.length == 0) return true;
  if (sink->bytes.overflowed ||
      !log_output_write(&sink->terminal, sink->bytes.bytes, sink->bytes.length))
    return false;
  shown_is_drawn(&sink->shown, width);
  return true;
}

static bool is_shown(const struct log_sink *sink) {
  return sink->shown.lines.length > 0 || sink->shown.drawn.length > 0;
}

bool log_sink_can_show(const struct log_sink *sink) {
  const char *terminal = getenv("TERM");
  return sink->watched && sink->options.level <= LOG_INFO && terminal != NULL &&
         strcmp(terminal, "dumb") != 0;
}

void log_sink_show(struct log_sink *sink, const char *lines, bool again) {
  struct shown *shown = &sink->shown;
  if (!again && strcmp(buffer_string(&shown->lines), lines) == 0) return;
  buffer_clear(&shown->lines);
  buffer_text(&shown->lines, lines);
  /* A terminal that is behind gets the newest when it has caught up. */
  if (log_output_is_open(&sink->terminal) && log_output_flush(&sink->terminal))
    (void)put_above(sink, "");
}

void log_sink_forget_shown(struct log_sink *sink) {
  shown_forget(&sink->shown);
}

int log_sink_waiting_fd(const struct log_sink *sink) {
  /* Others would see a shared one not blocking. */
  bool waits = sink->terminal.waiting.length > 0 && sink->terminal.kind == LOG_OUTPUT_OWN;
  return waits && log_output_is_open(&sink->terminal) ? sink->terminal.fd : -1;
}

void log_sink_flush(struct log_sink *sink) {
  (void)log_output_flush(&sink->terminal);
}

/* ---- lines ---- */

static bool deliver(struct log_sink *sink, struct log_output *output, const struct log_line *line,
                    enum log_format form, bool color) {
  format(sink, line, form, color);
  if (sink->text.overflowed) return false;
  if (output == &sink->terminal && is_shown(sink)) return put_above(sink, sink->text.bytes);
  return log_output_write(output, sink->text.bytes, sink->text.length);
}

/* The line, and after it how many were lost before it. */
static void write_to(struct log_sink *sink, struct log_output *output, const struct log_line *line,
                     enum log_format form, bool color) {
  if (!log_output_is_open(output) || !deliver(sink, output, line, form, color) || output->lost == 0)
    return;
  struct log_line lost = {.time = line->time, .level = LOG_WARN, .event = LOG_LINES_LOST};
  log_number(&lost, "count", output->lost);
  output->lost = 0;
  (void)deliver(sink, output, &lost, form, color); /* a loss is counted by the output itself */
}

static void remember(struct log_sink *sink, const struct log_line *line) {
  buffer_clear(&sink->text);
  log_format_line(line, LOG_FORMAT_LOGFMT, false, &sink->text);
  snprintf(sink->recent[sink->recent_next++ % RECENT_LINES], RECENT_BYTES, "%s",
           buffer_string(&sink->text));
}

/* Said to people by log_sink_print, or by what is shown. */
static bool is_for_programs(const struct log_sink *sink, const struct log_line *line) {
  if (line->event == LOG_PROGRESS) return sink->shown.lines.length > 0;
  return line->event == LOG_SUMMARY_ACCOUNT || line->event == LOG_SUMMARY_SLOWEST ||
         line->event == LOG_SUMMARY_ADVICE;
}

void log_sink_write(struct log_sink *sink, const struct log_line *line) {
  bool told = sink->watched && is_for_programs(sink, line);
  remember(sink, line);
  if (line->level >= sink->options.level && !told)
    write_to(sink, &sink->terminal, line, sink->format, sink->color);
  if (line->level >= sink->file_level) write_to(sink, &sink->file, line, sink->file_format, false);
}

void log_sink_print(struct log_sink *sink, const char *text) {
  if (!sink->watched || sink->options.level > LOG_INFO) return;
  if (log_output_is_open(&sink->terminal)) /* a terminal that takes no more loses it, as any line */
    (void)put_above(sink, text);
}

bool log_sink_is_colored(const struct log_sink *sink) {
  return sink->color;
}

int log_sink_reopen(struct log_sink *sink, struct error *error) {
  int fd, result;
  if (sink->path == NULL) return 0;
  result = open_file(sink->path, &fd, error);
  if (result != 0) return result;
  drop_file(sink);
  use_file(sink, fd);
  return 0;
}

void log_sink_print_recent(const struct log_sink *sink, int fd) {
  for (size_t i = 0; i < RECENT_LINES; i++) {
    const char *line = sink->recent[(sink->recent_next + i) % RECENT_LINES];
    if (line[0] != '\0') dprintf(fd, "  %s\n", line);
  }
}

void log_sink_close(struct log_sink *sink) {
  if (sink == NULL) return;
  log_output_drain(&sink->terminal, sink->options.patience_ms);
  log_output_release(&sink->terminal);
  drop_file(sink);
  shown_release(&sink->shown);
  buffer_release(&sink->text);
  buffer_release(&sink->bytes);
  free(sink->path);
  free(sink);
}
