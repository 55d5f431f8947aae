/* Guards that a person set for an account. One that forbids every submission there lets the account
 * rest: it is shown as paused, with the reason and until when, and its jobs may run elsewhere. One
 * that forbids a single submission now is asked before each. */
#include "core/state.h"
#include "util/check.h"

static time_ms earlier(time_ms a, time_ms b) {
  return a < b ? a : b;
}

static void rest_until(struct wait *wait, enum wait_reason reason, time_ms until) {
  if (wait->reason != WAIT_NONE && wait->until >= until) return; /* the longest one counts */
  wait->reason = reason;
  wait->until = until;
}

/* What lets the account rest now. */
static struct wait rest_of(const struct core *core, const struct account *account) {
  struct wait wait = {.reason = WAIT_NONE};
  time_ms until = moderation_rest(core, account);
  if (until != 0) rest_until(&wait, WAIT_STRIKES, until);
  if (!hours_open(core, account, &until)) rest_until(&wait, WAIT_HOURS, until);
  if (!hours_day_allows(core, account, &until)) rest_until(&wait, WAIT_DAY, until);
  return wait;
}

bool guard_is_rest(enum wait_reason reason) {
  return reason == WAIT_STRIKES || reason == WAIT_HOURS || reason == WAIT_DAY;
}

static const char *rest_words(struct core *core, const struct account *account,
                              enum wait_reason reason) {
  if (reason == WAIT_STRIKES) return moderation_rest_words(core);
  if (reason == WAIT_HOURS) return "outside its hours";
  CHECK(reason == WAIT_DAY);
  return arena_printf(core->out->arena, "%lld jobs begun within 24 h (jobs_per_day)",
                      (long long)account->guards.jobs_per_day);
}

static void begin_rest(struct core *core, struct account *account, const struct wait *wait) {
  account->rest = wait->reason;
  account->rest_until = wait->until;
  account->rest_why = core_keep(core, rest_words(core, account, wait->reason));
  account_save(core, account);
  bool is_planned = wait->reason == WAIT_HOURS || wait->reason == WAIT_DAY;
  struct log_line *line =
      account_log(core, account, is_planned ? LOG_INFO : LOG_WARN, LOG_ACCOUNT_PAUSED);
  log_text(line, "why", account->rest_why);
  log_number(line, "until", account->rest_until);
  log_number(line, "running", account->in_flight);
  account_release_ahead(core, account);
}

static void end_rest(struct core *core, struct account *account) {
  account->rest = WAIT_NONE;
  account->rest_until = 0;
  account->rest_why = NULL;
  account_save(core, account);
  account_log(core, account, LOG_INFO, LOG_ACCOUNT_READY);
}

void guard_wake(struct core *core) {
  for (int32_t i = 0; i < core->account_count; i++) {
    struct account *account = &core->accounts[i];
    struct wait wait = rest_of(core, account);
    if (wait.reason == account->rest && wait.until == account->rest_until) continue;
    if (wait.reason == account->rest) { /* a window passed while the machine slept */
      account->rest_until = wait.until;
      account_save(core, account);
    } else if (wait.reason != WAIT_NONE)
      begin_rest(core, account, &wait);
    else
      end_rest(core, account);
  }
}

bool guard_allows(const struct core *core, const struct account *account, struct wait *wait) {
  *wait = (struct wait){.reason = WAIT_NONE, .account = account->email};
  if (account->rest != WAIT_NONE) {
    wait->reason = account->rest;
    wait->until = account->rest_until;
  } else if (!moderation_allows(core, account, &wait->until)) {
    wait->reason = WAIT_CAUTION;
  } else if (!hours_gap_allows(core, account, &wait->until)) {
    wait->reason = WAIT_GAP;
  }
  if (wait->reason == WAIT_NONE) wait->until = 0;
  return wait->reason == WAIT_NONE;
}

bool guard_allows_job(const struct core *core, const struct account *account,
                      const struct job *job) {
  return hours_home_in_time(core, job, account) && money_allows(core, account, job) == WAIT_NONE;
}

time_ms guard_deadline(const struct core *core, const struct account *account) {
  time_ms at = TIME_NEVER, until;
  if (account->rest != WAIT_NONE && account->rest_until > core->now)
    at = earlier(at, account->rest_until);
  if (!moderation_allows(core, account, &until) && until > core->now) at = earlier(at, until);
  if (!hours_gap_allows(core, account, &until)) at = earlier(at, until);
  at = earlier(at, money_deadline(core, account));
  until = hours_close(core, account);
  return until > core->now ? earlier(at, until) : at;
}
