/* One place that log lines go to, and what it does when that place takes no more: nothing is ever
 * waited for while a run is at work. */
#ifndef REPORT_LOG_OUTPUT_H
#define REPORT_LOG_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "nightshift/types.h"
#include "util/buffer.h"

enum log_output_kind {
  LOG_OUTPUT_FILE,   /* takes at once, or fails */
  LOG_OUTPUT_SOCKET, /* not blocking call by call */
  LOG_OUTPUT_OWN,    /* a pipe or terminal, opened anew by us and not blocking */
  LOG_OUTPUT_SHARED  /* one that cannot be opened anew: others would see it not blocking */
};

struct log_output {
  int fd; /* -1: none */
  enum log_output_kind kind;
  bool given_up;
  bool torn;             /* a file's last line went out in part */
  struct buffer waiting; /* what a slow reader is yet to get */
  int64_t lost;          /* lines since it took no more */
};

void log_output_init(struct log_output *output, int fd);
/* The output's own descriptor is closed, the one that was given is not. */
void log_output_release(struct log_output *output);
bool log_output_is_open(const struct log_output *output);
/* Whole lines, in one write where there is room; else they wait in memory until they go out by
 * later calls. False: too much waits, or the disk is full: they were lost and are counted. */
bool log_output_write(struct log_output *output, const char *lines, size_t size);
/* What waits goes out as far as there is room. True: nothing waits any more. */
bool log_output_flush(struct log_output *output);
/* The same, waiting so long at most for a reader. */
void log_output_drain(struct log_output *output, duration_ms patience_ms);

#endif
