/* `status [BATCH.yaml]` */
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/state_view.h"
#include "cli/status_build.h"
#include "nightshift/batch.h"
#include "nightshift/diag.h"
#include "util/arena.h"

static struct status_source source_of(const struct state_view *view) {
  return (struct status_source){
      .snapshot = &view->snapshot, .run_at_work = view->run_at_work, .now = view->now};
}

static void show(const struct state_view *view, const struct options *options,
                 const struct status_batch *status) {
  if (options->json)
    status_print_json(status, stdout);
  else
    status_print(status, view->now, options->level == LOG_DEBUG,
                 color_wanted(options->color, STDOUT_FILENO), stdout);
}

/* A file that the state knows nothing of: all of its jobs wait. */
static int show_unbegun(const struct state_view *view, const struct options *options,
                        struct arena *arena) {
  const struct batch_options reading = {.allow_absolute_output = true};
  const struct status_source source = source_of(view);
  struct diag_list *diags = diag_new();
  struct status_batch status;
  struct batch batch = {0};
  int result = batch_load(options->args[0], &reading, &batch, diags);
  if (result == 0) {
    status_build_unbegun(&source, &batch, arena, &status);
    show(view, options, &status);
  } else if (result == ERR_USAGE) {
    diag_print(diags, stderr);
  } else {
    complain("there is no batch '%s': neither a file nor in the state %s", options->args[0],
             view->path);
  }
  batch_release(&batch);
  diag_free(diags);
  return result == 0 ? EXIT_DONE : result == ERR_USAGE ? EXIT_USAGE : EXIT_NOTHING_SUCH;
}

static int show_one(const struct state_view *view, const struct options *options,
                    struct arena *arena) {
  const struct status_source source = source_of(view);
  struct status_batch status;
  const struct batch_record *batch = state_view_find(view, options->args[0]);
  if (batch == NULL) return show_unbegun(view, options, arena);
  status_build(&source, batch, true, arena, &status);
  show(view, options, &status);
  return EXIT_DONE;
}

static int show_all(const struct state_view *view, const struct options *options,
                    struct arena *arena) {
  const struct status_source source = source_of(view);
  const struct store_snapshot *snapshot = &view->snapshot;
  struct status_batch *list = ARENA_NEW_ARRAY(arena, snapshot->batch_count, struct status_batch);
  for (size_t i = 0; i < snapshot->batch_count; i++)
    status_build(&source, &snapshot->batches[i], false, arena, &list[i]);
  if (options->json)
    status_print_all_json(list, snapshot->batch_count, stdout);
  else if (snapshot->batch_count == 0)
    complain("nothing has been run yet (the state would be %s)", view->path);
  else
    status_print_all(list, snapshot->batch_count, view->now,
                     color_wanted(options->color, STDOUT_FILENO), stdout);
  return EXIT_DONE;
}

static int run_status(const struct invocation *invocation) {
  const struct options *options = &invocation->options;
  struct state_view view;
  struct arena arena;
  int status = state_view_load_if_any(&view, invocation);
  if (status != EXIT_DONE) return status;
  arena_init(&arena);
  status =
      options->arg_count == 0 ? show_all(&view, options, &arena) : show_one(&view, options, &arena);
  arena_release(&arena);
  state_view_release(&view);
  return finish_stdout(status);
}

const struct command command_status = {
    .name = "status",
    .args = "[BATCH.yaml]",
    .summary = "where things stand; without a batch: the list of batches",
    .examples = "  nightshift status\n"
                "  nightshift status -v spring.yaml\n"
                "  nightshift status --json spring.yaml\n",
    .help = "Shows jobs that are at work or ended badly, and why; with -v all of them. May be\n"
            "asked while a run is at work, and of a batch that was never run. Exit status 0\n"
            "whatever the jobs did, 1 when there is no such batch.\n",
    .options = OPTION_BIT(OPTION_JSON),
    .args_most = 1,
    .run = run_status,
};
