/* `report BATCH.yaml -o FILE` */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/out_file.h"
#include "cli/state_view.h"

/* ---- where it goes ---- */

/* A report must not take the place of what it tells of. `path` is absolute; "" for standard output.
 */
static const char *is_taken_by(const struct state_view *view, const struct batch_record *batch,
                               const char *path) {
  const struct store_snapshot *snapshot = &view->snapshot;
  if (batch->path != NULL && strcmp(batch->path, path) == 0) return "is the batch file itself";
  if (strcmp(view->path, path) == 0) return "is the state";
  for (size_t i = 0; i < snapshot->job_count; i++) {
    const struct job_record *job = &snapshot->jobs[i];
    const char *const theirs[] = {job->clip_path, job->output, job->result};
    for (size_t k = 0; k < 3; k++)
      if (theirs[k] != NULL && strcmp(theirs[k], path) == 0)
        return k == 0 ? "is a clip of a batch" : "is the place of a result";
  }
  return NULL;
}

/* The directory that relative paths in the file begin at; of standard output, the batch's own. */
static void directory_of(const struct out_file *file, const struct batch_record *batch,
                         char directory[PATH_MAX]) {
  const char *path = file->path[0] != '\0' ? file->path : batch->path != NULL ? batch->path : "/";
  snprintf(directory, PATH_MAX, "%s", path);
  char *slash = strrchr(directory, '/');
  slash[slash == directory ? 1 : 0] = '\0';
}

/* ---- what is left ---- */

static int write_remaining(const struct state_view *view, const struct batch_record *batch,
                           struct out_file *file, const char *shown) {
  char directory[PATH_MAX];
  bool absolute = false;
  struct error error = {0};
  directory_of(file, batch, directory);
  const struct remaining_source source = {
      .snapshot = &view->snapshot, .batch = batch, .directory = directory, .now = view->now};
  if (remaining_print(&source, &absolute, file->stream) == 0) {
    out_file_drop(file);
    complain("nothing is left of %s: every job succeeded", batch->key);
    return EXIT_NOTHING_SUCH;
  }
  int result = out_file_end(file, &error);
  if (result != 0) complain("%s", error.text);
  if (result == 0 && absolute)
    complain(
        "%s has outputs outside of its directory: run it with --allow-absolute-output, or write "
        "it beside the batch file",
        strcmp(shown, "-") == 0 ? "it" : shown);
  return exit_of_error(result);
}

static int write_page(const struct state_view *view, const struct batch_record *batch,
                      struct out_file *file) {
  char directory[PATH_MAX];
  struct error error = {0};
  struct store *store = NULL;
  struct store_attempts attempts = {0};
  directory_of(file, batch, directory);
  int result = store_open(&store, view->path, STORE_READ, &error);
  if (result == 0) {
    result = store_load_attempts(store, batch->id, 0, &attempts, &error);
    store_close(store);
  }
  if (result == 0) {
    const struct report_source source = {.snapshot = &view->snapshot,
                                         .batch = batch,
                                         .attempts = attempts.attempts,
                                         .attempt_count = attempts.count,
                                         .directory = directory,
                                         .now = view->now,
                                         .run_at_work = view->run_at_work};
    report_print(&source, file->stream);
    store_attempts_release(&attempts);
    result = out_file_end(file, &error);
  } else {
    out_file_drop(file);
  }
  if (result != 0) complain("%s", error.text);
  return exit_of_error(result);
}

static int write_report(const struct state_view *view, const struct batch_record *batch,
                        const struct options *options) {
  struct out_file file;
  struct error error = {0};
  int result = out_file_begin(&file, options->output, &error);
  if (result != 0) {
    complain("%s", error.text);
    return exit_of_error(result);
  }
  const char *taken = file.path[0] == '\0' ? NULL : is_taken_by(view, batch, file.path);
  if (taken != NULL) {
    out_file_drop(&file);
    complain("%s %s: name another file", options->output, taken);
    return EXIT_USAGE;
  }
  return options->remaining ? write_remaining(view, batch, &file, options->output)
                            : write_page(view, batch, &file);
}

static int run_report(const struct invocation *invocation) {
  const struct options *options = &invocation->options;
  struct state_view view;
  if (options->output == NULL) {
    complain("report: -o FILE says where it goes, `-o -` is standard output");
    return EXIT_USAGE;
  }
  int status = state_view_load(&view, invocation);
  if (status != EXIT_DONE) return status;
  const struct batch_record *batch = state_view_batch(&view, options->args[0]);
  status = batch == NULL ? EXIT_NOTHING_SUCH : write_report(&view, batch, options);
  state_view_release(&view);
  return status;
}

const struct command command_report = {
    .name = "report",
    .args = "BATCH.yaml [--remaining] -o FILE",
    .summary = "what came of a batch, as a page; or a batch of what is left",
    .examples = "  nightshift report spring.yaml -o night.html\n"
                "  nightshift report spring.yaml --remaining -o rest.yaml\n",
    .help =
        "The file is the same batch: running it goes on with the very jobs that are left, and\n"
        "with no other. `-o -` is standard output. Exit status 1 when nothing is left, or there\n"
        "is no such batch.\n",
    .options = OPTION_BIT(OPTION_OUTPUT) | OPTION_BIT(OPTION_REMAINING),
    .args_least = 1,
    .args_most = 1,
    .run = run_report,
};
