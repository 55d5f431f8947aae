/* What people look at: log lines and tables. JSON that we print goes through util/json_out. */
#ifndef NIGHTSHIFT_REPORT_H
#define NIGHTSHIFT_REPORT_H

#include <stdarg.h>
#include <stdio.h>

#include "nightshift/core.h"
#include "nightshift/error.h"
#include "nightshift/forecast.h"
#include "nightshift/log.h"
#include "nightshift/store.h"

enum log_format { LOG_FORMAT_AUTO, LOG_FORMAT_PRETTY, LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };
enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
bool log_format_parse(const char *text, enum log_format *format);
bool color_choice_parse(const char *text, enum color_choice *choice);
/* Whether to write colours to `fd`: AUTO on a terminal that is not dumb, unless NO_COLOR is set. */
bool color_wanted(enum color_choice choice, int fd);

/* Appends one line without its newline to `out`. Values are escaped so that one event is one line
 * and no byte of it acts on a terminal, whatever is in it. AUTO is logfmt; `color` is for PRETTY.
 */
struct buffer;
void log_format_line(const struct log_line *line, enum log_format format, bool color,
                     struct buffer *out);

struct log_sink_options {
  enum log_format format; /* of stderr; AUTO: pretty on a terminal, else logfmt */
  enum color_choice color;
  enum log_level level; /* lowest level written to stderr; -v debug, -q warn */
  /* --log-file, written as well (appended, 0600); NULL: none. It gets logfmt unless `format` names
   * another, never colours, and info and above (debug too when `level` is debug). */
  const char *file;
  duration_ms patience_ms; /* how long a stderr that takes no more may hold up the end; 0: 1 s */
};
struct log_sink;
/* Errors: ERR_IO when the file cannot be opened, or is none to append to. */
int log_sink_open(struct log_sink **sink, const struct log_sink_options *options,
                  struct error *error);
/* Never waits. A stderr or file that fails is given up quietly. What a slow stderr does not take at
 * once is kept in memory and goes out later; when that is too much, or a device is full, lines are
 * lost, which are counted and told as `log.lost` when lines are taken again: neither ever stops a
 * run. */
void log_sink_write(struct log_sink *sink, const struct log_line *line);
/* The descriptor to be watched for room while something waits to go out; -1: nothing does. */
int log_sink_waiting_fd(const struct log_sink *sink);
void log_sink_flush(struct log_sink *sink);
/* A text of several lines for people, on a stderr that is a terminal and has the pretty form;
 * nowhere else, and not with -q. The lines `summary.…` say the same to programs and are left out
 * there. */
void log_sink_print(struct log_sink *sink, const char *text);
bool log_sink_is_colored(const struct log_sink *sink);
/* Opens the file anew (SIGHUP). On failure the old one stays in use. */
int log_sink_reopen(struct log_sink *sink, struct error *error);
/* The last lines of every level, oldest first, to `fd`: what led to a fault. Allocates nothing. */
void log_sink_print_recent(const struct log_sink *sink, int fd);
void log_sink_close(struct log_sink *sink); /* NULL does nothing */

/* ---- the live block of a run, on a terminal ---- */

struct live_view {
  const struct core_account_view *accounts;
  size_t account_count;
  struct core_counts counts;
  int64_t per_hour; /* jobs that succeeded; -1: not known yet */
  time_ms eta;      /* 0: not known */
  bool stopping;
};
/* Appends the lines that a terminal of this size shows below the log, newlines between them: at
 * most half of its height, each narrower than its width, no byte that acts on it but colours. A
 * line per account as far as they fit (those in trouble first; the rest in one line), and one of
 * the whole. Nothing when the terminal is too small. */
void live_block(const struct live_view *view, size_t width, size_t height, time_ms now, bool color,
                struct buffer *out);

/* Whether stderr is a terminal that can show one: not dumb, `pretty`, info is shown. */
bool log_sink_can_show(const struct log_sink *sink);
/* The terminal's size now; 80 x 24 when it does not say. */
void log_sink_size(const struct log_sink *sink, size_t *width, size_t *height);
/* Shows these lines below the log from now on, in place of those before; "": none. What is the same
 * as before is not written again unless `again`. Progress lines are left out on a terminal
 * meanwhile. Uses no mode of the terminal: whatever happens to the program, it is left as it was.
 */
void log_sink_show(struct log_sink *sink, const char *lines, bool again);
/* The terminal was used by others meanwhile (SIGCONT): what was shown is theirs to scroll away. */
void log_sink_forget_shown(struct log_sink *sink);

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
  time_ms until;                      /* 0 unknown */
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
/* Tables of 80 columns: counts, accounts, then jobs that are neither queued nor succeeded (all with
 * `verbose`). `now` is the state's clock, for "in 2h 10m"; times are local. */
void status_print(const struct status_batch *batch, time_ms now, bool verbose, bool color,
                  FILE *stream);
void status_print_all(const struct status_batch *batches, size_t count, time_ms now, bool color,
                      FILE *stream);

/* ---- check ---- */

struct plan_batch {
  const char *name; /* or the path of its file */
  int64_t jobs, ended, at_work, paused, to_do;
  duration_ms clips_ms; /* of what is paused or to do */
};
struct plan_voice {
  const char *written, *id;
  const char *places; /* which accounts have it; NULL: all that were asked */
};
struct plan_account {
  const char *email;
  const char *trouble; /* NULL: none */
  int max_jobs;        /* 0 unknown */
  int64_t running;     /* tasks that the service executes there; -1 unknown, as all below */
  int64_t credits, credits_permitted;
  int64_t storage_bytes, storage_used_bytes;
};
struct plan {
  struct plan_batch *batches;
  size_t batch_count;
  struct plan_voice *voices;
  size_t voice_count;
  struct plan_account *accounts;
  size_t account_count;
  const char *not_asked; /* why the service was not; NULL: it was */
  int64_t clips;         /* different ones, of what is paused or to do */
  int64_t clips_there;   /* of them those that lie on an account already */
  int64_t clip_bytes;
  int64_t credits_needed; /* -1 unknown */
};
void plan_print(const struct plan *plan, FILE *stream);

/* ---- rehearse ---- */

/* What is expected of the night: a table of 80 columns with local times, and one line of JSON. */
void forecast_print(const struct prospect *night, const struct forecast *forecast, bool color,
                    FILE *stream);
/* One line for a plan: when about it ends, so long after the start; 0: it does not. Nothing when
 * there is nothing to do. */
void forecast_print_glance(const struct prospect *night, duration_ms end_ms, FILE *stream);
void forecast_print_json(const struct prospect *night, const struct forecast *forecast,
                         FILE *stream);

/* ---- report ---- */

/* What a report is made of, as read from the state. */
struct report_source {
  const struct store_snapshot *snapshot;
  const struct batch_record *batch;
  const struct attempt_record *attempts; /* of the batch, as from store_load_attempts */
  size_t attempt_count;
  const char *directory; /* where the page will lie: links to results begin there */
  time_ms now;
  bool run_at_work;
};
/* The page, written while it is made; ferror tells whether the stream took it. */
void report_print(const struct report_source *source, FILE *stream);

struct remaining_source {
  const struct store_snapshot *snapshot;
  const struct batch_record *batch;
  const char *directory; /* where the batch will lie: its relative paths begin there */
  time_ms now;
};
/* A batch of the listed jobs that have not succeeded, grouped by why; it is the same batch and has
 * the same jobs. Returns how many; with none nothing is written. *absolute: an output lies outside
 * of the directory, so that running it takes --allow-absolute-output. */
size_t remaining_print(const struct remaining_source *source, bool *absolute, FILE *stream);

/* ---- accounts, voices, assets ---- */

struct reached_account {
  const char *email;
  bool state_known;
  enum account_state state;
  int max_jobs;        /* 0 unknown */
  int64_t credits;     /* -1 unknown */
  int64_t voice_count; /* -1 unknown */
  const char *trouble; /* what is wrong with it and what to do, in words; NULL: nothing */
};
struct reached_voice {
  const char *id;
  const char *name;      /* NULL: not said */
  const char **accounts; /* e-mail addresses of those that have it */
  size_t account_count;
};
/* What the tokens reach. */
struct reached {
  struct reached_account *accounts;
  size_t account_count;
  size_t asked_count; /* accounts whose voices are known */
  struct reached_voice *voices;
  size_t voice_count;
};
/* Tables of 80 columns, and one line of JSON each, newline at the end. */
void reached_print_accounts(const struct reached *reached, bool color, FILE *stream);
void reached_print_accounts_json(const struct reached *reached, FILE *stream);
void reached_print_voices(const struct reached *reached, FILE *stream);
void reached_print_voices_json(const struct reached *reached, FILE *stream);

/* A clip that is uploaded, and what became of it. */
struct stored_asset {
  const char *id;
  const char *name; /* NULL: not said */
  const char *email;
  duration_ms length_ms; /* 0 unknown */
  int64_t size_bytes;    /* -1 unknown */
  bool ours;             /* the state knows it as an upload of nightshift */
  enum {
    ASSET_LISTED,
    ASSET_DELETED,
    ASSET_GONE,
    ASSET_KEPT
  } fate;          /* GONE: before we deleted it */
  const char *why; /* KEPT: why */
};
struct stored_assets {
  struct stored_asset *assets; /* by account, as the service lists them */
  size_t count;
  bool cleaned; /* ours have a fate */
};
void assets_print(const struct stored_assets *assets, FILE *stream);
void assets_print_json(const struct stored_assets *assets, FILE *stream);
/* What `assets --clean` did. */
void assets_print_cleaned(const struct stored_assets *assets, FILE *stream);
void assets_print_cleaned_json(const struct stored_assets *assets, FILE *stream);

/* One line beside the log for a person: "nightshift: " and the text, made harmless to look at. */
void report_complain(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report_complain_list(FILE *stream, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

#endif
