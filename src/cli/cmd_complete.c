/* `complete -- WORDS…`: what may stand in place of the last word. Asked by the shells' completions
 * in conf/completions, so that none of them knows commands, options, batches or jobs by itself.
 *
 * A candidate a line; the line ":file" says that names of files belong there too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/state_view.h"
#include "util/check.h"
#include "util/plain.h"
#include "util/text.h"

#define CANDIDATES_MAX 10000

struct completion {
  const struct invocation *invocation;
  char *const *words; /* those before the one to complete */
  size_t count;
  const char *begun; /* the word to complete, as far as it is there */
  const struct command *command;
  size_t command_place;
  size_t offered;
};

/* What holds blanks or control characters would come apart in the shell. */
static bool is_one_word(const char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text <= ' ' || *text == '\x7f') return false;
  return true;
}

static void offer(struct completion *completion, const char *text) {
  if (completion->offered >= CANDIDATES_MAX || !text_starts_with(text, completion->begun) ||
      !is_one_word(text))
    return;
  completion->offered++;
  (void)puts(text); /* finish_stdout tells a failure */
}

static void offer_files(void) {
  (void)puts(":file");
}

static void offer_commands(struct completion *completion) {
  for (size_t i = 0; command_table[i] != NULL; i++)
    if (!command_table[i]->hidden) offer(completion, command_table[i]->name);
}

static void offer_options(struct completion *completion) {
  uint32_t own = completion->command != NULL ? completion->command->options : 0;
  char name[64];
  for (int id = 0; id < OPTION_COUNT; id++) {
    if (id >= OPTION_GLOBAL_COUNT && (own & OPTION_BIT(id)) == 0) continue;
    snprintf(name, sizeof name, "--%s", option_table[id].name);
    offer(completion, name);
  }
}

/* ---- out of the state ---- */

/* The state that the words before name, or the usual one. */
static bool view_load(const struct completion *completion, struct invocation *invocation,
                      struct state_view *view) {
  struct error unheard = {0};
  *invocation = (struct invocation){.environment = completion->invocation->environment};
  uint32_t own = completion->command != NULL ? completion->command->options : 0;
  bool cut = options_awaited(completion->words, completion->count) >= 0; /* lacks its value */
  return options_parse(completion->words, completion->count - (cut ? 1 : 0),
                       completion->command_place, NULL, own, &invocation->options, &unheard) == 0 &&
         state_view_load(view, invocation) == EXIT_DONE;
}

static void offer_accounts_of(struct completion *completion, const struct state_view *view) {
  for (size_t i = 0; i < view->snapshot.account_count; i++)
    offer(completion, view->snapshot.accounts[i].email);
}

static void offer_batches_of(struct completion *completion, const struct state_view *view) {
  for (size_t i = 0; i < view->snapshot.batch_count; i++)
    if (view->snapshot.batches[i].named) offer(completion, view->snapshot.batches[i].key);
}

static void offer_jobs_of(struct completion *completion, const struct state_view *view,
                          const char *argument) {
  const struct batch_record *batch = state_view_batch(view, argument);
  for (size_t i = 0; batch != NULL && i < view->snapshot.job_count; i++)
    if (view->snapshot.jobs[i].batch == batch->id) offer(completion, view->snapshot.jobs[i].name);
}

enum wanted { WANTED_ACCOUNT, WANTED_BATCH, WANTED_JOB };

static void offer_known(struct completion *completion, enum wanted wanted) {
  struct invocation invocation;
  struct state_view view;
  if (view_load(completion, &invocation, &view)) {
    if (wanted == WANTED_ACCOUNT) offer_accounts_of(completion, &view);
    if (wanted == WANTED_BATCH) offer_batches_of(completion, &view);
    if (wanted == WANTED_JOB && invocation.options.arg_count > 0)
      offer_jobs_of(completion, &view, invocation.options.args[0]);
    state_view_release(&view);
  }
  options_release(&invocation.options);
}

/* ---- what belongs where ---- */

static void offer_value(struct completion *completion, int option) {
  static const char *const formats[] = {"auto", "pretty", "logfmt", "json"};
  static const char *const colors[] = {"auto", "always", "never"};
  const char *kind = option_table[option].value;
  if (option == OPTION_LOG_FORMAT)
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
      offer(completion, formats[i]);
  else if (option == OPTION_COLOR)
    for (size_t i = 0; i < sizeof colors / sizeof colors[0]; i++)
      offer(completion, colors[i]);
  else if (option == OPTION_ACCOUNT)
    offer_known(completion, WANTED_ACCOUNT);
  else if (text_starts_with(kind, "FILE") || text_starts_with(kind, "PATH"))
    offer_files();
}

/* The word of "BATCH.yaml [JOB...]" that says what the argument number `place` is; the last one
 * goes on when it ends with "...". */
static void argument_kind(const char *args, size_t place, char kind[32]) {
  kind[0] = '\0';
  for (size_t at = 0;; at++) {
    args += strspn(args, " []");
    size_t size = strcspn(args, " []");
    if (size == 0) break;
    bool goes_on = size > 3 && memcmp(args + size - 3, "...", 3) == 0;
    if (at == place || (goes_on && at < place)) snprintf(kind, 32, "%.*s", (int)size, args);
    if (at == place) return;
    args += size;
  }
}

static size_t arguments_before(const struct completion *completion) {
  size_t arguments = 0;
  for (size_t i = 0; i < completion->count; i++) {
    bool is_value = i > 0 && options_awaited(completion->words, i) >= 0;
    if (i > completion->command_place && completion->words[i][0] != '-' && !is_value) arguments++;
  }
  return arguments;
}

static void offer_argument(struct completion *completion) {
  char kind[32];
  argument_kind(completion->command->args, arguments_before(completion), kind);
  if (text_starts_with(kind, "BATCH")) {
    offer_known(completion, WANTED_BATCH);
    offer_files();
  } else if (text_starts_with(kind, "JOB")) {
    offer_known(completion, WANTED_JOB);
  } else if (text_starts_with(kind, "COMMAND")) {
    offer_commands(completion);
  } else if (text_starts_with(kind, "DIR")) {
    offer_files();
  }
}

static int run_complete(const struct invocation *invocation) {
  const struct options *options = &invocation->options;
  size_t count = options->arg_count - 1;
  char **words = calloc(count + 1, sizeof *words);
  CHECK(words != NULL);
  for (size_t i = 0; i < count; i++) {
    words[i] = strdup(options->args[i]);
    CHECK(words[i] != NULL);
  }
  struct completion completion = {invocation, words, count, options->args[count], NULL, 0, 0};
  completion.command_place = options_find_command(words, count);
  if (completion.command_place < count)
    completion.command = command_find(words[completion.command_place]);
  int awaited = options_awaited(words, count);
  if (awaited >= 0)
    offer_value(&completion, awaited);
  else if (completion.begun[0] == '-')
    offer_options(&completion);
  else if (completion.command_place >= count)
    offer_commands(&completion);
  else if (completion.command != NULL)
    offer_argument(&completion);
  for (size_t i = 0; i < count; i++)
    free(words[i]);
  free(words);
  return finish_stdout(EXIT_DONE);
}

const struct command command_complete = {
    .name = "complete",
    .args = "-- WORD...",
    .summary = "what may stand in place of the last word, for the shells' completions",
    .args_least = 1,
    .args_most = ANY_NUMBER,
    .run = run_complete,
    .hidden = true,
};
