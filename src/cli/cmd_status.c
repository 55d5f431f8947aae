/* `status [BATCH.yaml]` */
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/state_view.h"
#include "cli/status_build.h"
#include "util/arena.h"

static struct status_source source_of(const struct state_view *view) {
  return (struct status_source){
      .snapshot = &view->snapshot, .run_at_work = view->run_at_work, .now = view->now};
}

static int show_one(const struct state_view *view, const struct options *options,
                    struct arena *arena) {
  const struct status_source source = source_of(view);
  struct status_batch status;
  const struct batch_record *batch = state_view_batch(view, options->args[0]);
  if (batch == NULL) return EXIT_NOTHING_SUCH;
  status_build(&source, batch, true, arena, &status);
  if (options->json)
    status_print_json(&status, stdout);
  else
    status_print(&status, view->now, options->level == LOG_DEBUG,
                 color_wanted(options->color, STDOUT_FILENO), stdout);
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
  else
    status_print_all(list, snapshot->batch_count, view->now,
                     color_wanted(options->color, STDOUT_FILENO), stdout);
  return EXIT_DONE;
}

static int run_status(const struct invocation *invocation) {
  const struct options *options = &invocation->options;
  struct state_view view;
  struct arena arena;
  int status = state_view_load(&view, invocation);
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
    .help = "Shows jobs that are at work or ended badly, and why; with -v all of them. May be\n"
            "asked while a run is at work. Exit status 0 whatever the jobs did, 1 when there is\n"
            "no such batch.\n",
    .options = OPTION_BIT(OPTION_JSON),
    .args_most = 1,
    .run = run_status,
};
