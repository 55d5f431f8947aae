/* `assets`: what is uploaded; with --clean what of ours may go */
#include <stdio.h>

#include "cli/command.h"
#include "cli/setup.h"
#include "cli/state_view.h"
#include "util/arena.h"

static void show(const struct stored_assets *assets, const struct options *options) {
  if (assets->cleaned && options->json)
    assets_print_cleaned_json(assets, stdout);
  else if (assets->cleaned)
    assets_print_cleaned(assets, stdout);
  else if (options->json)
    assets_print_json(assets, stdout);
  else if (assets->count > 0)
    assets_print(assets, stdout);
  else
    complain("nothing is uploaded");
}

static int ask(const struct setup *setup, const struct state_view *view,
               const struct options *options) {
  struct stored_assets assets;
  struct arena arena;
  arena_init(&arena);
  int status = runtime_assets(&setup->run, options->account, &view->snapshot, options->clean,
                              &arena, &assets);
  if (status == EXIT_DONE || assets.cleaned) show(&assets, options);
  arena_release(&arena);
  return status;
}

static int run_assets(const struct invocation *invocation) {
  struct state_view view;
  struct setup setup;
  int status = state_view_load_if_any(&view, invocation);
  if (status != EXIT_DONE) return status;
  if (setup_begin(&setup, invocation, true, &status)) {
    status = ask(&setup, &view, &invocation->options);
    setup_release(&setup);
  }
  state_view_release(&view);
  return finish_stdout(status);
}

const struct command command_assets = {
    .name = "assets",
    .args = "",
    .summary = "the clips that are uploaded; --clean deletes ours that no job needs",
    .examples = "  nightshift assets\n"
                "  nightshift assets --account one@example.com --json\n"
                "  nightshift assets --clean\n",
    .help = "Lists what is uploaded to every account, with the id that a batch can name as\n"
            "`asset:`. OURS are those that nightshift uploaded, by what the state knows.\n"
            "\n"
            "--clean deletes of ours what no job needs that is not ended, held or in doubt, in\n"
            "any batch of the state, and says what it deleted and what it kept, and why. What\n"
            "others uploaded is left alone. It may be given while a run is at work. A clip that\n"
            "a later job needs again is uploaded again.\n"
            "Exit status 1 when there is no such account, 4 when something could not be deleted.\n",
    .options = OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_ACCOUNT) | OPTION_BIT(OPTION_CLEAN),
    .run = run_assets,
};
