/* A golden scenario: a night in virtual time as a file, tests/scenario/NAME.scn. The
 * README.md there describes it; in short: a story in plain words, then sections that begin with
 * "--- service" (the scenario of the pretend service), "--- jobs", "--- night" (commands and
 * expectations, carried out in order) and "--- trace" (what is expected to be logged). */
#ifndef TESTS_SUPPORT_SCN_H
#define TESTS_SUPPORT_SCN_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/world.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/map.h"

#define SCN_JOBS_MAX  64
#define SCN_WORDS_MAX 16
#define SCN_CALLS_MAX 20000

struct scn_line {
  int number; /* in the file */
  char *words[SCN_WORDS_MAX];
  size_t count;
};

struct scn_file {
  const char *path;
  char *head; /* all before the trace, to be written back as it is */
  const char *service;
  struct world_job jobs[SCN_JOBS_MAX];
  size_t job_count;
  struct scn_line *night;
  size_t night_count;
  const char *trace;
  struct arena arena;
};

/* False with a message on stderr when the file is none. */
bool scn_read(struct scn_file *file, const char *path);
void scn_release(struct scn_file *file);
/* "one" is one@example.com. */
const char *scn_email(struct arena *arena, const char *word);
/* The job's place; exits the program with a message when there is none of the name. */
size_t scn_job(const struct scn_file *file, const struct scn_line *line, const char *name);
/* A mistake in the file: tells the place and exits. */
_Noreturn void scn_mistake(const struct scn_file *file, const struct scn_line *line,
                           const char *what);
duration_ms scn_time(const struct scn_file *file, const struct scn_line *line, const char *word);
int64_t scn_number(const struct scn_file *file, const struct scn_line *line, const char *word);

/* ---- scn_trace.c: what happened, told shortly ---- */
struct scn_trace {
  struct buffer text;
  struct map tasks; /* task ids to task#n */
  bool debug, progress;
  unsigned shown; /* calls, a bit each */
  bool hidden[LOG_EVENT_COUNT];
};
void scn_trace_init(struct scn_trace *trace);
void scn_trace_release(struct scn_trace *trace);
void scn_trace_moment(struct scn_trace *trace, const struct world_moment *moment);
/* The job that a call is about, from its reference; NULL: none. Lives until the next call. */
const char *scn_call_job(const struct call *call);
/* Lines that differ, with their neighbours, on stdout. */
void scn_diff(const char *expected, const char *actual);

/* ---- scn_run.c ---- */
struct scn_call {
  enum call_kind kind;
  const char *email, *job; /* NULL: none */
  duration_ms at;
};
struct scn_night {
  const struct scn_file *file;
  struct world *world;
  struct sim_scenario *scenario;
  struct core_guards *guards; /* of its accounts, for the next process */
  struct scn_trace trace;
  int status; /* of the last run */
  /* where `run to` stops */
  const char *pattern;
  int64_t times;
  /* what the watcher saw */
  struct scn_call *calls;
  size_t call_count;
  struct map on_wire;  /* submissions per account */
  struct buffer order; /* "a b c " as they were submitted */
  bool duplicates_told;
  int failures;
  struct arena arena;
};
/* Carries the file out. The number of expectations that did not hold, each told on stdout. */
int scn_run(const struct scn_file *file, struct buffer *trace);
void scn_expect(struct scn_night *night, const struct scn_line *line); /* scn_expect.c */
void scn_expect_always(struct scn_night *night);
__attribute__((format(printf, 3, 4))) void
scn_fail(struct scn_night *night, const struct scn_line *line, const char *format, ...);

#endif
