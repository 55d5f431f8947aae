/* What an account takes now, learned from what it accepted and refused.
 *
 * `known` is how many tasks it takes, all programs together, by what has been seen. A refusal with
 * n in flight says n. A freed slot below `known` is filled at once. One more than `known` is tried
 * only after a pause that doubles while such tries are refused: a try costs a call, not trying
 * costs an idle slot. Before the first refusal one more is tried at once (seed page: "keep adding
 * new jobs until you receive a 429"). */
#include "core/state.h"
#include "util/check.h"

#define PROBE_GAP_FIRST_MS (45 * SECOND_MS)
#define PROBE_GAP_MOST_MS  (240 * SECOND_MS)

static int total(const struct account *account) {
  return account->in_flight + account->others;
}

static time_ms later(time_ms a, time_ms b) {
  return a > b ? a : b;
}

/* A task that the service accepted but Runway holds back says that there is no room beyond. */
static bool held_back(const struct core *core, const struct account *account) {
  for (int32_t i = 0; i < core->open_count; i++) {
    const struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->account == account_place(core, account) && attempt->status == TASK_THROTTLED)
      return true;
  }
  return false;
}

enum room capacity_room(const struct core *core, const struct account *account, time_ms *until) {
  *until = TIME_NEVER; /* until one of its tasks ends */
  if (account->in_flight >= account->max_jobs) return ROOM_FULL;
  if (account->not_before > core->now) {
    *until = account->not_before;
    return ROOM_FULL;
  }
  if (!account->proven || total(account) < account->known) return ROOM_FREE;
  if (total(account) > 0 && held_back(core, account)) return ROOM_FULL;
  if (account->try_at <= core->now) return ROOM_PROBE;
  *until = account->try_at;
  return ROOM_FULL;
}

void capacity_take(struct account *account) {
  account->in_flight++;
}

void capacity_give(struct core *core, struct account *account) {
  CHECK(account->in_flight > 0);
  account->in_flight--;
  account_save(core, account);
}

static void set_others(struct core *core, struct account *account, int others) {
  if (account->others == others) return;
  account->others = others;
  account_save(core, account);
}

/* Lists may lag behind what a 429 told: only fewer than in the list before is the end of a task.
 * When the wait is over the list is believed again, which is a try like any other. */
void capacity_others_listed(struct core *core, struct account *account, int listed) {
  bool fewer = listed < account->others_listed;
  account->others_listed = listed;
  if (listed >= account->others || fewer || account->try_at <= core->now)
    set_others(core, account, listed);
}

void capacity_others_told(struct core *core, struct account *account, int told) {
  if (told > account->others) set_others(core, account, told);
}

static void tell_ready(struct core *core, struct account *account) {
  struct log_line *line = account_log(core, account, LOG_INFO, LOG_ACCOUNT_READY);
  log_number(line, "count", account->refusals);
  log_number(line, "running", total(account));
  log_number(line, "capacity", account->known);
  account->refusals = 0;
}

void capacity_found(struct core *core, struct account *account) {
  account_save(core, account);
  if (account->proven && total(account) > account->known) {
    account->known = total(account);
    account->probe_gap = PROBE_GAP_FIRST_MS;
    account->try_at = core->now + account->probe_gap;
  }
}

void capacity_accepted(struct core *core, struct account *account) {
  capacity_found(core, account);
  if (account->refusals > 0) tell_ready(core, account);
}

/* How long to wait before one more is tried: 10 to 30 s by the seed page, longer each time that a
 * try beyond a known number was refused while something of ours runs there. */
static duration_ms next_gap(struct core *core, struct account *account, bool was_probe) {
  duration_ms wait =
      prng_between(&core->prng, core->options.retry_wait_low, core->options.retry_wait_high);
  /* An account where nothing of ours runs is idle as far as we go: tried again soon, then less so.
   */
  if (account->in_flight == 0)
    return wait * (account->refusals > 10 ? 6 : account->refusals > 3 ? 3 : 1);
  if (account->probe_gap == 0 || !was_probe)
    account->probe_gap = PROBE_GAP_FIRST_MS;
  else if (account->probe_gap < PROBE_GAP_MOST_MS)
    account->probe_gap *= 2;
  if (account->probe_gap > PROBE_GAP_MOST_MS) account->probe_gap = PROBE_GAP_MOST_MS;
  duration_ms jitter = account->probe_gap / 5;
  duration_ms gap = account->probe_gap + prng_between(&core->prng, -jitter, jitter);
  return gap > wait ? gap : wait;
}

static void tell_throttled(struct core *core, struct account *account, const struct outcome *said) {
  struct log_line *line = account_log(core, account, LOG_WARN, LOG_ACCOUNT_THROTTLED);
  log_text(line, "kind", outcome_name(said->kind));
  log_number(line, "running", total(account));
  log_number(line, "capacity", account->known);
  log_number(line, "wait_ms", later(account->try_at, account->not_before) - core->now);
}

void capacity_refused(struct core *core, struct account *account, const struct answer *answer) {
  bool was_probe = account->proven && total(account) >= account->known;
  account->known = total(account);
  account->proven = true;
  account->refusals++;
  account->refusals_total++;
  account->try_at = core->now + next_gap(core, account, was_probe);
  if (answer->outcome.retry_after_ms >= 0)
    account->not_before = later(account->not_before, core->now + answer->outcome.retry_after_ms);
  account_save(core, account);
  if (account->refusals == 1) tell_throttled(core, account, &answer->outcome);
}
