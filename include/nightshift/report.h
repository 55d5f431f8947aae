/* What people look at: log lines and tables. JSON that we print goes through util/json_out. */
#ifndef NIGHTSHIFT_REPORT_H
#define NIGHTSHIFT_REPORT_H

#include <stdio.h>

#include "nightshift/core.h"
#include "nightshift/error.h"
#include "nightshift/log.h"
#include "nightshift/store.h"

enum log_format { LOG_FORMAT_AUTO, LOG_FORMAT_PRETTY, LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };
enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
bool log_format_parse(const char *text, enum log_format *format);
bool color_choice_parse(const char *text, enum color_choice *choice);

/* One line without its newline into `buffer` (always NUL-terminated). Values are escaped so that
 * one event is one line, whatever is in it. Returns the length it wanted, as snprintf. */
struct buffer;
void log_format_line(const struct log_line *line, enum log_format format, bool color,
                     struct buffer *out);

struct log_sink_options {
  enum log_format format; /* of stderr; AUTO: pretty on a terminal, else logfmt */
  enum color_choice color;
  enum log_level level; /* lowest level written; -v debug, -q warn */
  const char *file;     /* --log-file, written as well (appended, 0600); NULL: none */
};
struct log_sink;
/* Errors: ERR_IO when the file cannot be opened. */
int log_sink_open(struct log_sink **sink, const struct log_sink_options *options,
                  struct error *error);
/* A stderr or file that fails is given up quietly (EPIPE, ENOSPC): it never stops a run. */
void log_sink_write(struct log_sink *sink, const struct log_line *line);
/* Opens the file anew (SIGHUP). */
int log_sink_reopen(struct log_sink *sink, struct error *error);
void log_sink_close(struct log_sink *sink);

/* ---- status ---- */

enum batch_phase { PHASE_IDLE, PHASE_RUNNING, PHASE_FINISHED };

struct status_job {
  const char *id;
  enum job_state state;
  const char *account, *task, *output, *error;
  int64_t attempts;
  const char *why; /* why it does not go on, or what to do; NULL */
};
struct status_account {
  const char *email;
  enum account_state state;
  time_ms until;
  int64_t running, capacity, credits; /* -1 unknown */
};
struct status_batch {
  const char *batch;
  const char *path;
  enum batch_phase phase;
  struct core_counts counts;
  time_ms eta; /* 0: not known */
  struct status_account *accounts;
  size_t account_count;
  struct status_job *jobs;
  size_t job_count;
};
/* Exactly the contract's objects; one line of JSON, newline at the end. */
void status_print_json(const struct status_batch *batch, FILE *stream);
void status_print_all_json(const struct status_batch *batches, size_t count, FILE *stream);
/* Tables: counts, accounts, then jobs that are neither queued nor succeeded (all with `verbose`).
 */
void status_print(const struct status_batch *batch, bool verbose, bool color, FILE *stream);
void status_print_all(const struct status_batch *batches, size_t count, bool color, FILE *stream);

#endif
