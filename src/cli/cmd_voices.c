/* `voices [TEXT]` */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/setup.h"
#include "util/arena.h"

static void keep_matching(struct reached *reached, const char *text) {
  size_t kept = 0;
  for (size_t i = 0; i < reached->voice_count; i++) {
    const struct reached_voice *voice = &reached->voices[i];
    if (strcasestr(voice->id, text) != NULL ||
        (voice->name != NULL && strcasestr(voice->name, text) != NULL))
      reached->voices[kept++] = *voice;
  }
  reached->voice_count = kept;
}

/* Accounts whose voices are not among those shown. */
static void tell_unasked(const struct reached *reached) {
  for (size_t i = 0; i < reached->account_count; i++) {
    const struct reached_account *account = &reached->accounts[i];
    if (account->voice_count < 0)
      complain("the voices of %s are not known: %s", account->email,
               account->trouble != NULL ? account->trouble : "no answer");
  }
}

static int show(struct reached *reached, const struct options *options) {
  tell_unasked(reached);
  if (reached->asked_count == 0) return EXIT_STUCK;
  if (options->arg_count > 0) keep_matching(reached, options->args[0]);
  if (options->json)
    reached_print_voices_json(reached, stdout);
  else if (reached->voice_count > 0)
    reached_print_voices(reached, stdout);
  if (reached->voice_count > 0) return EXIT_DONE;
  if (options->arg_count > 0)
    complain("no voice has '%s' in its name or id; 'nightshift voices' lists them all",
             options->args[0]);
  else
    complain("the service lists no voices");
  return EXIT_NOTHING_SUCH;
}

static int run_voices(const struct invocation *invocation) {
  struct setup setup;
  struct reached reached;
  struct arena arena;
  int status;
  if (!setup_begin(&setup, invocation, true, &status)) return status;
  arena_init(&arena);
  status = runtime_reach(&setup.run, &arena, &reached);
  if (status == EXIT_DONE) status = show(&reached, &invocation->options);
  arena_release(&arena);
  setup_release(&setup);
  return finish_stdout(status);
}

const struct command command_voices = {
    .name = "voices",
    .args = "[TEXT]",
    .summary = "the voices that the accounts have; with TEXT those that match",
    .examples = "  nightshift voices\n"
                "  nightshift voices maya\n",
    .help = "TEXT is looked for in names and ids, whether capital or small. A voice that not all\n"
            "accounts have says where it is. Either name or id may stand in a batch. Exit\n"
            "status 1 when nothing matches.\n",
    .options = OPTION_BIT(OPTION_JSON),
    .args_most = 1,
    .run = run_voices,
};
