/* One place that log lines go to, and what it does when that place takes no more. */
#ifndef REPORT_LOG_OUTPUT_H
#define REPORT_LOG_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "nightshift/types.h"

struct log_output {
  int fd; /* -1: none */
  bool given_up;
  bool is_file; /* always takes at once, or fails */
  bool full;    /* took no more the last time */
  bool torn;    /* the last line went out in part */
  int64_t lost; /* lines since it was full */
};

void log_output_init(struct log_output *output, int fd);
bool log_output_is_open(const struct log_output *output);
/* `line` ends in a newline and goes out in one write. Waits at most `patience_ms`, and only when
 * the place was not full before. False: the line was lost. */
bool log_output_write(struct log_output *output, const char *line, size_t size,
                      duration_ms patience_ms);

#endif
