/* Where log lines go: standard error and, if asked for, a file; and a short memory for faults. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nightshift/report.h"
#include "report/log_output.h"
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
  struct buffer text;
  char recent[RECENT_LINES][RECENT_BYTES];
  size_t recent_next;
};

static int open_file(const char *path, int *fd, struct error *error) {
  /* Not blocking, so that a named pipe without a reader is refused and not waited for. */
  *fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
  if (*fd >= 0) return 0;
  return error_set(error, ERR_IO, "the log file %s cannot be opened: %s", path, strerror(errno));
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
  log_output_init(&made->file, fd);
  buffer_init(&made->text, LINE_BYTES_MAX);
  *sink = made;
  return 0;
}

static void format(struct log_sink *sink, const struct log_line *line, enum log_format form,
                   bool color) {
  buffer_clear(&sink->text);
  log_format_line(line, form, color, &sink->text);
  buffer_text(&sink->text, "\n");
}

static bool deliver(struct log_sink *sink, struct log_output *output, const struct log_line *line,
                    enum log_format form, bool color) {
  format(sink, line, form, color);
  if (sink->text.overflowed) return false;
  return log_output_write(output, sink->text.bytes, sink->text.length, sink->options.patience_ms);
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

/* Said to people by log_sink_print. */
static bool is_for_programs(const struct log_line *line) {
  return line->event == LOG_SUMMARY_ACCOUNT || line->event == LOG_SUMMARY_SLOWEST ||
         line->event == LOG_SUMMARY_ADVICE;
}

void log_sink_write(struct log_sink *sink, const struct log_line *line) {
  bool told = sink->watched && is_for_programs(line);
  remember(sink, line);
  if (line->level >= sink->options.level && !told)
    write_to(sink, &sink->terminal, line, sink->format, sink->color);
  if (line->level >= sink->file_level) write_to(sink, &sink->file, line, sink->file_format, false);
}

void log_sink_print(struct log_sink *sink, const char *text) {
  if (!sink->watched || sink->options.level > LOG_INFO) return;
  if (log_output_is_open(&sink->terminal)) /* a terminal that takes no more loses it, as any line */
    (void)log_output_write(&sink->terminal, text, strlen(text), sink->options.patience_ms);
}

bool log_sink_is_colored(const struct log_sink *sink) {
  return sink->color;
}

int log_sink_reopen(struct log_sink *sink, struct error *error) {
  int fd, result;
  if (sink->path == NULL) return 0;
  result = open_file(sink->path, &fd, error);
  if (result != 0) return result;
  if (sink->file.fd >= 0) close(sink->file.fd);
  log_output_init(&sink->file, fd);
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
  if (sink->file.fd >= 0) close(sink->file.fd);
  buffer_release(&sink->text);
  free(sink->path);
  free(sink);
}
