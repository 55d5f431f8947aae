#include "runtime/preflight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/ask.h"
#include "runtime/run.h"
#include "util/check.h"

#define CREDITS_LIMIT_MS 5000 /* real time, at the end of a run */

struct flight_plan {
  struct asking asking;
  struct reach *reach;
  size_t unreachable, refused, broken;
};

static const char *words_of(struct reach *reach, const struct outcome *outcome) {
  bool away = outcome->kind == OUTCOME_NOT_SENT || outcome->kind == OUTCOME_NO_REPLY;
  return arena_printf(&reach->arena, "%s: %s",
                      away ? "the service cannot be reached" : outcome_name(outcome->kind),
                      outcome->text);
}

static void note_trouble(struct reach *reach, const struct outcome *outcome) {
  if (reach->trouble == NULL) reach->trouble = words_of(reach, outcome);
}

static bool worth_another_try(enum outcome_kind kind) {
  return kind == OUTCOME_NO_REPLY || kind == OUTCOME_NOT_SENT || kind == OUTCOME_UPSTREAM ||
         kind == OUTCOME_UNREADABLE || kind == OUTCOME_BUSY_QUEUE || kind == OUTCOME_BUSY_RUNWAY ||
         kind == OUTCOME_UNEXPECTED;
}

static void add_account(struct reach *reach, const struct account_view *view, token_index token) {
  for (size_t i = 0; i < reach->account_count; i++)
    if (strcasecmp(reach->accounts[i].email, view->email) == 0) return;
  struct reach_account *grown =
      ARENA_NEW_ARRAY(&reach->arena, reach->account_count + 1, struct reach_account);
  if (reach->account_count > 0)
    memcpy(grown, reach->accounts, reach->account_count * sizeof *grown);
  grown[reach->account_count++] =
      (struct reach_account){.email = arena_string(&reach->arena, view->email),
                             .token = token,
                             .max_jobs = view->max_jobs,
                             .credits = -1,
                             .credits_permitted = -1,
                             .storage_bytes = -1,
                             .storage_used_bytes = -1,
                             .executing = -1};
  reach->accounts = grown;
}

static void read_voices(struct reach *reach, struct reach_account *account,
                        const struct answer *answer) {
  account->voices_known = true;
  account->voices = ARENA_NEW_ARRAY(&reach->arena, answer->voice_count, struct voice_view);
  account->voice_count = answer->voice_count;
  for (size_t i = 0; i < answer->voice_count; i++) {
    account->voices[i].id = arena_string(&reach->arena, answer->voices[i].id);
    account->voices[i].name = arena_string(&reach->arena, answer->voices[i].name);
  }
}

static void read_trouble(struct flight_plan *plan, const struct question *question,
                         const struct outcome *outcome) {
  struct reach *reach = plan->reach;
  note_trouble(reach, outcome);
  if (worth_another_try(outcome->kind)) plan->unreachable++;
  if (outcome->kind == OUTCOME_BAD_TOKEN || outcome->kind == OUTCOME_NO_SUBSCRIPTION)
    plan->refused++;
  if (outcome->kind == OUTCOME_BROKEN_SESSION) plan->broken++;
  if (question->call.kind == CALL_ACCOUNTS || question->call.kind == CALL_SCHEDULER) return;
  reach->accounts[question->place].said = *outcome;
  reach->accounts[question->place].trouble = words_of(reach, outcome);
}

static void read_features(struct reach_account *account, const struct answer *answer) {
  account->credits = answer->credits;
  account->credits_permitted = answer->credits_permitted;
  account->storage_bytes = answer->storage_bytes;
  account->storage_used_bytes = answer->storage_used_bytes;
}

static void count_executing(struct reach *reach, token_index token, const struct answer *answer) {
  char email[320];
  for (size_t i = 0; i < reach->account_count; i++)
    if (reach->accounts[i].token == token) reach->accounts[i].executing = 0;
  for (size_t t = 0; t < answer->task_count; t++) {
    if (!wire_account_of(answer->tasks[t].task_id, email, sizeof email)) continue;
    for (size_t i = 0; i < reach->account_count; i++)
      if (strcasecmp(reach->accounts[i].email, email) == 0) reach->accounts[i].executing++;
  }
}

static void read_answer(void *context, const struct question *question,
                        const struct answer *answer) {
  struct flight_plan *plan = context;
  struct reach *reach = plan->reach;
  if (answer->outcome.kind != OUTCOME_OK) {
    read_trouble(plan, question, &answer->outcome);
  } else if (question->call.kind == CALL_ACCOUNTS) {
    for (size_t i = 0; i < answer->account_count; i++)
      add_account(reach, &answer->accounts[i], question->call.token);
  } else if (question->call.kind == CALL_VOICES) {
    read_voices(reach, &reach->accounts[question->place], answer);
  } else if (question->call.kind == CALL_SCHEDULER) {
    count_executing(reach, question->call.token, answer);
  } else {
    read_features(&reach->accounts[question->place], answer);
  }
}

/* For `count` questions, whose memory is the reach's as the plan's is. */
static struct flight_plan *plan_flight(struct run *run, struct reach *reach, size_t count) {
  struct flight_plan *plan = ARENA_NEW(&reach->arena, struct flight_plan);
  plan->reach = reach;
  plan->asking =
      (struct asking){.run = run,
                      .questions = ARENA_NEW_ARRAY(&reach->arena, count, struct question),
                      .count = count,
                      .read = read_answer,
                      .context = plan};
  return plan;
}

static int ask_accounts(struct run *run, struct reach *reach) {
  size_t tokens = run->options->config->token_count;
  struct flight_plan *plan = plan_flight(run, reach, tokens);
  for (size_t i = 0; i < tokens; i++)
    plan->asking.questions[i].call = (struct call){.kind = CALL_ACCOUNTS, .token = (token_index)i};
  int result = ask_all(&plan->asking);
  if (result != 0) return result;
  reach->tokens_refused = plan->refused;
  if (plan->unreachable > 0) return ERR_IO;
  return plan->refused == tokens ? ERR_LIMIT : 0;
}

static int least_said(int a, int b) {
  if (a <= 0) return b;
  if (b <= 0) return a;
  return a < b ? a : b;
}

/* Only the accounts that the config names, in its order, where it names any. */
static int keep_configured(const struct config *config, struct reach *reach,
                           struct diag_list *diags) {
  if (config->account_count == 0) return 0;
  struct reach_account *kept =
      ARENA_NEW_ARRAY(&reach->arena, config->account_count, struct reach_account);
  size_t count = 0, errors = 0;
  for (size_t i = 0; i < config->account_count; i++) {
    const struct config_account *wanted = &config->accounts[i];
    const struct reach_account *found = NULL;
    for (size_t k = 0; k < reach->account_count; k++)
      if (strcasecmp(reach->accounts[k].email, wanted->email) == 0) found = &reach->accounts[k];
    if (found == NULL && reach->tokens_refused == 0) {
      diag_error(diags, config->path, wanted->line, wanted->column, NULL,
                 "no token reaches an account `%s`: link it at useapi.net, or take it out",
                 wanted->email);
      errors++;
    } else if (found != NULL) {
      kept[count] = *found;
      kept[count++].max_jobs = least_said(found->max_jobs, wanted->max_jobs);
    }
  }
  reach->accounts = kept;
  reach->account_count = count;
  return errors > 0 ? ERR_USAGE : 0;
}

static int ask_each(struct run *run, struct reach *reach) {
  size_t count = reach->account_count;
  struct flight_plan *plan = plan_flight(run, reach, count * 2);
  for (size_t i = 0; i < count * 2; i++) {
    const struct reach_account *account = &reach->accounts[i / 2];
    plan->asking.questions[i].place = i / 2;
    plan->asking.questions[i].call = (struct call){.kind = i % 2 == 0 ? CALL_VOICES : CALL_FEATURES,
                                                   .token = account->token,
                                                   .email = account->email};
  }
  int result = ask_all(&plan->asking);
  if (result != 0) return result;
  for (size_t i = 0; i < count; i++)
    if (reach->accounts[i].voices_known) return 0;
  reach->broken = plan->unreachable == 0 && plan->broken > 0;
  return plan->unreachable > 0 || plan->broken > 0 ? ERR_IO : 0;
}

int preflight_accounts(struct run *run, struct reach *reach, struct diag_list *diags) {
  *reach = (struct reach){0};
  arena_init(&reach->arena);
  int result = ask_accounts(run, reach);
  if (result == 0) result = keep_configured(run->options->config, reach, diags);
  return result == 0 && reach->account_count == 0 ? ERR_LIMIT : result;
}

int preflight(struct run *run, struct reach *reach, struct diag_list *diags) {
  int result = preflight_accounts(run, reach, diags);
  return result != 0 ? result : ask_each(run, reach);
}

void preflight_executing(struct run *run, struct reach *reach) {
  size_t tokens = run->options->config->token_count;
  struct flight_plan *plan = plan_flight(run, reach, tokens);
  for (size_t i = 0; i < tokens; i++)
    plan->asking.questions[i].call = (struct call){.kind = CALL_SCHEDULER, .token = (token_index)i};
  (void)ask_all(&plan->asking); /* interrupted: the rest stays unknown */
}

/* What is still under way when time is up is let go with the connections; the plan outlives it. */
void preflight_credits(struct run *run, const struct reach *reach, struct reach *after) {
  size_t count = reach->account_count;
  *after = (struct reach){0};
  arena_init(&after->arena);
  after->accounts = ARENA_NEW_ARRAY(&after->arena, count, struct reach_account);
  after->account_count = count;
  struct flight_plan *plan = plan_flight(run, after, count);
  for (size_t i = 0; i < count; i++) {
    const struct reach_account *account = &reach->accounts[i];
    after->accounts[i] = (struct reach_account){.email = account->email, .credits = -1};
    plan->asking.questions[i].place = i;
    plan->asking.questions[i].call =
        (struct call){.kind = CALL_FEATURES, .token = account->token, .email = account->email};
  }
  ask_for(&plan->asking, CREDITS_LIMIT_MS);
}

int64_t preflight_credits_of(const struct reach *reach, const char *email) {
  for (size_t i = 0; i < reach->account_count; i++)
    if (strcasecmp(reach->accounts[i].email, email) == 0) return reach->accounts[i].credits;
  return -1;
}

void reach_release(struct reach *reach) {
  arena_release(&reach->arena);
  *reach = (struct reach){0};
}
