#include "runtime/preflight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/run.h"
#include "util/check.h"

#define ABREAST          16   /* calls at the same time */
#define CREDITS_LIMIT_MS 5000 /* real time, at the end of a run */

struct flight_plan;

/* One question; its answer is worked into `reach` by `read`. */
struct question {
  struct flight_plan *plan;
  struct call call;
  size_t account; /* in reach, for what is asked per account */
};

struct flight_plan {
  struct run *run;
  struct reach *reach;
  struct question *questions;
  size_t count, next, under_way;
  size_t unreachable, refused, broken;
};

static void note_trouble(struct reach *reach, const struct outcome *outcome) {
  if (reach->trouble == NULL)
    reach->trouble =
        arena_printf(&reach->arena, "%s: %s", outcome_name(outcome->kind), outcome->text);
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
                             .credits = -1};
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

static void read_answer(struct question *question, const struct answer *answer) {
  struct flight_plan *plan = question->plan;
  struct reach *reach = plan->reach;
  const struct outcome *outcome = &answer->outcome;
  if (outcome->kind != OUTCOME_OK) {
    note_trouble(reach, outcome);
    if (worth_another_try(outcome->kind)) plan->unreachable++;
    if (outcome->kind == OUTCOME_BAD_TOKEN || outcome->kind == OUTCOME_NO_SUBSCRIPTION)
      plan->refused++;
    if (outcome->kind == OUTCOME_BROKEN_SESSION) plan->broken++;
    if (question->call.kind != CALL_ACCOUNTS) {
      reach->accounts[question->account].said = *outcome;
      reach->accounts[question->account].trouble =
          arena_printf(&reach->arena, "%s: %s", outcome_name(outcome->kind), outcome->text);
    }
    return;
  }
  if (question->call.kind == CALL_ACCOUNTS)
    for (size_t i = 0; i < answer->account_count; i++)
      add_account(reach, &answer->accounts[i], question->call.token);
  else if (question->call.kind == CALL_VOICES)
    read_voices(reach, &reach->accounts[question->account], answer);
  else
    reach->accounts[question->account].credits = answer->credits;
}

static void send_more(struct flight_plan *plan);

static void on_reply(void *context, const struct wire_reply *reply, int64_t begun_boot_ms) {
  struct question *question = context;
  struct flight_plan *plan = question->plan;
  struct arena arena;
  struct answer answer = {0};
  (void)begun_boot_ms;
  arena_init(&arena);
  wire_decode(&question->call, reply, clock_now(&plan->run->clock), &arena, &answer);
  read_answer(question, &answer);
  arena_release(&arena);
  plan->under_way--;
  send_more(plan);
}

static void send_more(struct flight_plan *plan) {
  struct arena arena;
  arena_init(&arena);
  while (plan->next < plan->count && plan->under_way < ABREAST && !plan->run->interrupted) {
    struct question *question = &plan->questions[plan->next++];
    struct wire_request request = {0};
    wire_encode(&question->call, &arena, &request);
    plan->under_way++;
    http_send(plan->run->http, question->call.token, &request, false, on_reply, question);
  }
  arena_release(&arena);
  if (plan->under_way == 0) uv_stop(&plan->run->loop);
}

/* Runs the loop until every question of the plan is answered. */
static int ask_all(struct flight_plan *plan) {
  send_more(plan);
  while (plan->under_way > 0)
    (void)uv_run(&plan->run->loop, UV_RUN_DEFAULT);
  return plan->run->interrupted ? ERR_BUSY : 0;
}

static int ask_accounts(struct run *run, struct reach *reach) {
  size_t tokens = run->options->config->token_count;
  struct flight_plan plan = {.run = run, .reach = reach, .count = tokens};
  plan.questions = ARENA_NEW_ARRAY(&reach->arena, tokens, struct question);
  for (size_t i = 0; i < tokens; i++)
    plan.questions[i] =
        (struct question){.plan = &plan, .call = {.kind = CALL_ACCOUNTS, .token = (token_index)i}};
  int result = ask_all(&plan);
  if (result != 0) return result;
  reach->tokens_refused = plan.refused;
  if (plan.unreachable > 0) return ERR_IO;
  return plan.refused == tokens ? ERR_LIMIT : 0;
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
  struct flight_plan plan = {.run = run, .reach = reach, .count = count * 2};
  plan.questions = ARENA_NEW_ARRAY(&reach->arena, count * 2, struct question);
  for (size_t i = 0; i < count * 2; i++) {
    const struct reach_account *account = &reach->accounts[i / 2];
    plan.questions[i] = (struct question){.plan = &plan,
                                          .account = i / 2,
                                          .call = {.kind = i % 2 == 0 ? CALL_VOICES : CALL_FEATURES,
                                                   .token = account->token,
                                                   .email = account->email}};
  }
  int result = ask_all(&plan);
  if (result != 0) return result;
  for (size_t i = 0; i < count; i++)
    if (reach->accounts[i].voices_known) return 0;
  reach->broken = plan.unreachable == 0 && plan.broken > 0;
  return plan.unreachable > 0 || plan.broken > 0 ? ERR_IO : 0;
}

int preflight(struct run *run, struct reach *reach, struct diag_list *diags) {
  *reach = (struct reach){0};
  arena_init(&reach->arena);
  int result = ask_accounts(run, reach);
  if (result != 0) return result;
  result = keep_configured(run->options->config, reach, diags);
  if (result != 0) return result;
  return reach->account_count == 0 ? ERR_LIMIT : ask_each(run, reach);
}

static void give_up(uv_timer_t *timer) {
  *(bool *)timer->data = true;
}

/* What is still under way when time is up is let go with the connections; the plan outlives it. */
void preflight_credits(struct run *run, const struct reach *reach, struct reach *after) {
  size_t count = reach->account_count;
  uv_timer_t *timer = &run->retry_commit;
  bool over = false;
  *after = (struct reach){0};
  arena_init(&after->arena);
  after->accounts = ARENA_NEW_ARRAY(&after->arena, count, struct reach_account);
  after->account_count = count;
  struct flight_plan *plan = ARENA_NEW(&after->arena, struct flight_plan);
  *plan = (struct flight_plan){.run = run, .reach = after, .count = count};
  plan->questions = ARENA_NEW_ARRAY(&after->arena, count, struct question);
  for (size_t i = 0; i < count; i++) {
    const struct reach_account *account = &reach->accounts[i];
    after->accounts[i] = (struct reach_account){.email = account->email, .credits = -1};
    plan->questions[i] = (struct question){
        .plan = plan,
        .account = i,
        .call = {.kind = CALL_FEATURES, .token = account->token, .email = account->email}};
  }
  timer->data = &over;
  if (uv_timer_start(timer, give_up, CREDITS_LIMIT_MS, 0) == 0) send_more(plan);
  while (plan->under_way > 0 && !over && !run->interrupted)
    (void)uv_run(&run->loop, UV_RUN_ONCE);
  (void)uv_timer_stop(timer);
  timer->data = run;
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
