/* The states of an account other than cooling: who is out of service, why, and when it is looked at
 * again. */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"

#define EMPTY_PROBE_MS  (10 * MINUTE_MS)
#define BROKEN_FIRST_MS MINUTE_MS
#define BROKEN_MOST_MS  (10 * MINUTE_MS)

bool account_usable(const struct account *account) {
  return account->state == ACCOUNT_READY && account->paused == NULL && !account->removed &&
         account->rest == WAIT_NONE;
}

void account_release_ahead(struct core *core, struct account *account) {
  while (account->ahead_count > 0)
    job_requeue(core, &core->jobs[account->ahead[account->ahead_count - 1]]);
}

static struct log_line *leave_service(struct core *core, struct account *account,
                                      enum account_state state, const char *reason,
                                      enum log_level level, enum log_event event) {
  account->state = state;
  account->reason = core_keep(core, reason);
  account_save(core, account);
  struct log_line *line = account_log(core, account, level, event);
  log_text(line, "why", account->reason);
  account_release_ahead(core, account);
  return line;
}

/* A job that may run only there and has no task can never run. */
static void fail_pinned(struct core *core, struct account *account) {
  char text[400];
  snprintf(text, sizeof text, "its account %s is lost: %s", account->email, account->reason);
  for (size_t rank = bitset_next(&account->pinned, 0); rank != BITSET_END;
       rank = bitset_next(&account->pinned, rank + 1))
    job_end(core, &core->jobs[core->by_rank[rank]], JOB_FAILED, text,
            "take `account:` out of the batch, or mend the account and retry");
}

void account_mark_lost(struct core *core, struct account *account, const char *reason,
                       bool suspended) {
  if (account->state == ACCOUNT_LOST) return;
  account->probe_at = TIME_NEVER;
  account->look_at = TIME_NEVER;
  account->suspended = suspended;
  leave_service(core, account, ACCOUNT_LOST, reason, LOG_ERROR, LOG_ACCOUNT_LOST);
  if (suspended) fail_pinned(core, account);
}

void token_mark_lost(struct core *core, token_index token, const char *reason) {
  for (int32_t i = 0; i < core->account_count; i++)
    if (core->accounts[i].token == token)
      account_mark_lost(core, &core->accounts[i], reason, false);
}

void account_mark_empty(struct core *core, struct account *account, const char *reason) {
  if (account->state == ACCOUNT_EMPTY || account->state == ACCOUNT_LOST) return;
  account->probe_at = core->now; /* what is left now is what a rise is measured by */
  leave_service(core, account, ACCOUNT_EMPTY, reason, LOG_WARN, LOG_ACCOUNT_EMPTY);
}

void account_mark_broken(struct core *core, struct account *account, const char *reason) {
  if (account->state == ACCOUNT_LOST) return;
  if (account->state != ACCOUNT_BROKEN) {
    account->broken_since = core->now;
    account->probe_pause = BROKEN_FIRST_MS;
    account->probe_at = core->now + account->probe_pause;
    struct log_line *line =
        leave_service(core, account, ACCOUNT_BROKEN, reason, LOG_ERROR, LOG_ACCOUNT_BROKEN);
    log_number(line, "wait_ms", account->probe_pause);
  } else if (account->probe_at <= core->now) {
    account->probe_pause =
        account->probe_pause * 2 > BROKEN_MOST_MS ? BROKEN_MOST_MS : account->probe_pause * 2;
    account->probe_at = core->now + account->probe_pause;
    account_save(core, account);
  }
  account->look_at = account->probe_at;
}

void account_pause(struct core *core, struct account *account, const char *why) {
  account->paused = core_keep(core, why);
  account_save(core, account);
  struct log_line *line = account_log(core, account, LOG_WARN, LOG_ACCOUNT_PAUSED);
  log_text(line, "why", account->paused);
  log_number(line, "running", account->in_flight);
  account_release_ahead(core, account);
}

void account_resume(struct core *core, struct account *account) {
  account->paused = NULL;
  account->pardoned = core->now;
  account->rest = WAIT_NONE; /* a guard that still holds is heard in the same step */
  account->rest_until = 0;
  account_save(core, account);
  struct log_line *line = account_log(core, account, LOG_INFO, LOG_ACCOUNT_READY);
  log_text(line, "why", "resumed by a person");
}

void account_mark_ready(struct core *core, struct account *account) {
  if (account->state == ACCOUNT_READY || account->state == ACCOUNT_LOST ||
      account->state == ACCOUNT_PAUSED)
    return;
  account->state = ACCOUNT_READY;
  account->reason = NULL;
  account->broken_since = 0;
  account->probe_at = TIME_NEVER;
  account_save(core, account);
  account_log(core, account, LOG_INFO, LOG_ACCOUNT_READY);
}

void account_mark_found(struct core *core, struct account *account) {
  CHECK(account->state == ACCOUNT_LOST && !account->suspended);
  account->state = ACCOUNT_READY;
  account->reason = NULL;
  account->listed = false; /* what happened there meanwhile is looked at first */
  account_save(core, account);
  struct log_line *line = account_log(core, account, LOG_INFO, LOG_ACCOUNT_READY);
  log_text(line, "why", "it has another token");
}

bool account_on_outcome(struct core *core, struct account *account, const struct outcome *outcome) {
  char reason[360];
  switch (outcome->kind) {
  case OUTCOME_BAD_TOKEN:
    snprintf(reason, sizeof reason, "its token was refused (401: %s); mend USEAPI_TOKEN or config",
             outcome->text);
    token_mark_lost(core, account->token, reason);
    return true;
  case OUTCOME_NO_SUBSCRIPTION:
    snprintf(reason, sizeof reason, "the useapi.net subscription has run out (402: %s)",
             outcome->text);
    token_mark_lost(core, account->token, reason);
    return true;
  case OUTCOME_SUSPENDED:
    snprintf(reason, sizeof reason, "suspended by Runway (401: %s)", outcome->text);
    account_mark_lost(core, account, reason, true);
    return true;
  case OUTCOME_NO_CREDITS:
    snprintf(reason, sizeof reason, "no credits left: %s", outcome->text);
    account_mark_empty(core, account, reason);
    return true;
  case OUTCOME_BROKEN_SESSION:
    snprintf(reason, sizeof reason,
             "its session is broken (596: %s); sign the account in again at useapi.net",
             outcome->text);
    account_mark_broken(core, account, reason);
    return true;
  case OUTCOME_OK:
  case OUTCOME_BUSY_QUEUE:
  case OUTCOME_BUSY_RUNWAY:
  case OUTCOME_BAD_REQUEST:
  case OUTCOME_NO_EXPLORE:
  case OUTCOME_NOT_FOUND:
  case OUTCOME_EXPIRED:
  case OUTCOME_MODERATED:
  case OUTCOME_UPSTREAM:
  case OUTCOME_UNREADABLE:
  case OUTCOME_UNEXPECTED:
  case OUTCOME_NO_REPLY:
  case OUTCOME_NOT_SENT:
    return false;
  case OUTCOME_COUNT:
    break;
  }
  CHECK_UNREACHABLE();
}

void account_ask_credits(struct core *core, struct account *account) {
  struct action *action = action_add(core, ACTION_CALL);
  action->call =
      (struct call){.kind = CALL_FEATURES, .token = account->token, .email = account->email};
  request_add(core, REQUEST_FEATURES, action)->account = account_place(core, account);
  account->features_wire = true;
}

void accounts_wake(struct core *core) {
  for (int32_t i = 0; i < core->account_count; i++) {
    struct account *account = &core->accounts[i];
    if (account->state != ACCOUNT_EMPTY || account->probe_at > core->now || account->features_wire)
      continue;
    account->probe_at = core->now + EMPTY_PROBE_MS;
    account_ask_credits(core, account);
  }
}

void account_on_features(struct core *core, struct account *account, const struct answer *answer) {
  account->features_wire = false;
  if (answer->outcome.kind != OUTCOME_OK) {
    (void)account_on_outcome(core, account, &answer->outcome);
    return;
  }
  int64_t before = account->credits;
  if (answer->credits >= 0) money_read(core, account, answer->credits);
  account_save(core, account);
  /* Only a rise says that it can pay again: a few credits may be left that were too few. */
  if (account->state == ACCOUNT_EMPTY && answer->credits > 0 && before >= 0 &&
      answer->credits > before)
    account_mark_ready(core, account);
}
