#include "cli/order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/state_view.h"
#include "nightshift/runtime.h"
#include "util/buffer.h"
#include "util/plain.h"

#define PATTERN_BYTES_MAX ((size_t)8 * 1024 * 1024)

/* ---- what is ordered ---- */

/* 0, or the exit status, told already. */
static int check_words(const struct options *options, const char *verb) {
  if (options->account != NULL && options->arg_count > 0) {
    complain("'%s': --account stands alone, without a batch", verb);
    return EXIT_USAGE;
  }
  if (options->account == NULL && options->arg_count == 0) {
    complain("'%s' needs a batch: nightshift %s BATCH.yaml [JOB...]", verb, verb);
    return EXIT_USAGE;
  }
  bool cancels = strcmp(verb, "cancel") == 0;
  if (cancels && options->arg_count == 1 && !options->all) {
    complain("to cancel the whole batch give --all; else name jobs: nightshift cancel %s JOB...",
             options->args[0]);
    return EXIT_USAGE;
  }
  if (options->all && options->arg_count > 1) {
    complain("--all is for the whole batch: name no jobs with it");
    return EXIT_USAGE;
  }
  return EXIT_DONE;
}

static bool join_patterns(const struct options *options, struct buffer *pattern) {
  for (size_t i = 1; i < options->arg_count; i++) {
    if (options->args[i][0] == '\0' || strchr(options->args[i], '\n') != NULL) return false;
    buffer_printf(pattern, "%s%s", i == 1 ? "" : "\n", options->args[i]);
  }
  return !pattern->overflowed;
}

static const char *join_flags(const struct options *options, char *flags, size_t size) {
  snprintf(flags, size, "%s%s%s", options->force ? "force " : "", options->again ? "again " : "",
           options->all ? "all " : "");
  return flags[0] == '\0' ? NULL : flags;
}

/* ---- what became of it ---- */

static int show(const struct options *options, const struct control_answer *answer) {
  struct buffer lines;
  if (!answer->answered) {
    complain(answer->poked
                 ? "written down; the run at work was told but has not answered in 2 s: it carries "
                   "it out when its disk lets it, else the next run does"
                 : "written down; whoever holds the state does not answer: the next run carries it "
                   "out");
    return EXIT_DONE;
  }
  FILE *stream = answer->status == EXIT_DONE ? stdout : stderr;
  bool quiet = options->level > LOG_INFO && answer->status == EXIT_DONE;
  buffer_init(&lines, (size_t)8 * 1024 * 1024);
  for (const char *at = answer->text; *at != '\0' && !quiet;) {
    size_t length = strcspn(at, "\n");
    char *line = strndup(at, length);
    if (line != NULL) plain_text(&lines, line);
    free(line);
    buffer_text(&lines, "\n");
    at += length + (at[length] == '\n');
  }
  (void)fputs(buffer_string(&lines), stream); /* finish_stdout tells a failure */
  buffer_release(&lines);
  return finish_stdout(answer->status);
}

static int give(const char *state, const struct options *options,
                const struct request_record *order) {
  struct control_answer answer;
  struct error error = {0};
  int result = control_give(state, order, &answer, &error);
  int status = result == 0 ? show(options, &answer) : exit_of_error(result);
  if (result != 0) complain("%s", error.text);
  control_answer_release(&answer);
  return status;
}

static int order_for(const struct state_view *view, const struct options *options,
                     const char *verb) {
  const struct batch_record *batch = NULL;
  struct buffer pattern;
  char flags[32];
  if (options->account == NULL) {
    batch = state_view_batch(view, options->args[0]);
    if (batch == NULL) return EXIT_NOTHING_SUCH;
  }
  buffer_init(&pattern, PATTERN_BYTES_MAX);
  bool joined = join_patterns(options, &pattern);
  const struct request_record order = {.verb = verb,
                                       .batch = batch == NULL ? NULL : batch->key,
                                       .pattern =
                                           options->arg_count > 1 ? buffer_string(&pattern) : NULL,
                                       .account = options->account,
                                       .flags = join_flags(options, flags, sizeof flags),
                                       .asked = view->now};
  int status = EXIT_USAGE;
  if (joined)
    status = give(view->path, options, &order);
  else
    complain("a job's id is neither empty nor has it line breaks");
  buffer_release(&pattern);
  return status;
}

int order_run(const struct invocation *invocation, const char *verb) {
  const struct options *options = &invocation->options;
  struct state_view view;
  int status = check_words(options, verb);
  if (status == EXIT_DONE) status = state_view_load(&view, invocation);
  if (status != EXIT_DONE) return status;
  status = order_for(&view, options, verb);
  state_view_release(&view);
  return status;
}
