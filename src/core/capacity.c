/* What an account takes now, learned from what it accepted and refused.
 *
 * `known` is how many tasks it takes, all programs together, by what has been seen. A refusal with
 * n in flight says n. A freed slot below `known` is filled at once. Before the first refusal one
 * more is tried at once (seed page: "keep adding new jobs until you receive a 429"); afterwards
 * only now and then, when all known slots are full and work is waiting: a try costs a call, not
 * trying costs an idle slot. Where rises come at a rate r and a refused call is worth the slot time
 * c, tries at a pause of sqrt(2 c / r) cost least (docs/decisions/). The rate is the usual one for
 * that many slots times what has been learned of the account, and of how long things stay as they
 * are. Beyond what it ever took and what is usual each refusal doubles the pause, and a rise resets
 * it. */
#include <math.h>

#include "core/state.h"
#include "util/check.h"

#define REFUSED_COST_S 19.0 /* idle slot time that a refused call is worth */
#define DOUBLINGS_MOST 4
#define RARE           3    /* so many tasks at a time are rare */
#define RATE_DOUBT     3.0  /* rises that speak for the usual rate */
#define RISES_MEMORY   12.0 /* expected rises: older times count less and less */
#define AGE_DOUBT      2.0  /* expected rises that speak for the usual share */
#define PROBE_STEP_MS  (5 * SECOND_MS)
#define PROBE_LEAST_MS (20 * SECOND_MS)
#define PROBE_MOST_MS  (30 * MINUTE_MS)

/* Rises an hour. Seed page: each account runs at least one task at a time, often two, very rarely
 * three. What it took before it is likely to take again. */
static double usual_rate(const struct account *account) {
  if (account->known < account->most) return 2;
  return account->known <= 1 ? 2 : account->known == 2 ? 0.7 : 0.3;
}

static int total(const struct account *account) {
  return account->in_flight + account->others;
}

static time_ms later(time_ms a, time_ms b) {
  return a > b ? a : b;
}

/* A task that the service accepted but Runway holds back says that there is no room beyond. */
static bool held_back(const struct core *core, const struct account *account) {
  for (const struct attempt *attempt = attempt_at(core, account->first_there); attempt != NULL;
       attempt = attempt_at(core, attempt->next_there))
    if (attempt->status == TASK_THROTTLED) return true;
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
  account->sent_with = total(account);
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

/* A change is seldom followed by the next at once, for load comes and goes in minutes. How likely a
 * rise is at an age of what is known, as a share of the usual rate: so much to begin with, then by
 * what all accounts have shown. */
static const struct {
  duration_ms from;
  double usual;
} ages[CAPACITY_AGES] = {{0, 0.2},
                         {150 * SECOND_MS, 0.4},
                         {5 * MINUTE_MS, 1.2},
                         {10 * MINUTE_MS, 1.2},
                         {20 * MINUTE_MS, 1}};

static int age_at(duration_ms age) {
  int at = CAPACITY_AGES - 1;
  while (at > 0 && age < ages[at].from)
    at--;
  return at;
}

static double rate_per_ms(const struct core *core, const struct account *account, duration_ms age) {
  double learned = (RATE_DOUBT + account->rises) / (RATE_DOUBT + account->rises_expected);
  const struct capacity_age *seen = &core->ages[age_at(age)];
  double share = (AGE_DOUBT * ages[age_at(age)].usual + seen->rises) / (AGE_DOUBT + seen->expected);
  return usual_rate(account) / HOUR_MS * learned * share;
}

/* Time spent without a rise, or until one, counts against what was expected. */
static void count_time(struct core *core, struct account *account, bool rose) {
  duration_ms from = account->tried_at - account->changed_at, to = core->now - account->changed_at;
  if (account->tried_at != 0 && core->now > account->tried_at) {
    double usual = usual_rate(account) / HOUR_MS;
    for (int i = 0; i < CAPACITY_AGES; i++) {
      duration_ms end = i + 1 < CAPACITY_AGES ? ages[i + 1].from : to;
      duration_ms low = from > ages[i].from ? from : ages[i].from, high = to < end ? to : end;
      if (high > low) core->ages[i].expected += usual * (double)(high - low);
    }
    core->ages[age_at(from + (to - from) / 2)].rises += rose;
    duration_ms spent = to - from < PROBE_MOST_MS ? to - from : PROBE_MOST_MS;
    account->rises_expected += usual * (double)spent;
    account->rises += rose;
  }
  if (account->rises_expected > RISES_MEMORY) {
    account->rises *= RISES_MEMORY / account->rises_expected;
    account->rises_expected = RISES_MEMORY;
  }
  account->tried_at = core->now;
}

/* More than it ever took, and more than is usual: each refusal speaks against it. */
static int doublings(const struct account *account) {
  if (account->known < account->most || account->known < RARE) return 0;
  return account->tries < DOUBLINGS_MOST ? account->tries : DOUBLINGS_MOST;
}

/* When the idle slot time that not trying has likely cost comes to what a refused call is worth; at
 * a steady rate r that is after sqrt(2 c / r). */
static duration_ms probe_gap(const struct core *core, const struct account *account) {
  duration_ms age = core->now - account->changed_at, gap = 0;
  double worth = REFUSED_COST_S * SECOND_MS, likely = 0, lost = 0;
  for (; lost < worth && gap < PROBE_MOST_MS; gap += PROBE_STEP_MS) {
    likely += rate_per_ms(core, account, age + gap) * PROBE_STEP_MS;
    lost += likely * PROBE_STEP_MS;
  }
  gap <<= doublings(account);
  if (gap < PROBE_LEAST_MS) return PROBE_LEAST_MS;
  return gap > PROBE_MOST_MS ? PROBE_MOST_MS : gap;
}

static void plan_probe(struct core *core, struct account *account) {
  duration_ms gap = probe_gap(core, account), jitter = gap / 10;
  account->try_at = core->now + gap + prng_between(&core->prng, -jitter, jitter);
}

/* A try that paid says that things have changed, not that it was by one: the next follows soon. */
static void plan_further(struct core *core, struct account *account) {
  plan_probe(core, account);
  time_ms soon = core->now + prng_between(&core->prng, core->options.retry_wait_low,
                                          core->options.retry_wait_high);
  if (soon < account->try_at) account->try_at = soon;
}

void capacity_load(struct account *account, const struct account_record *record) {
  account->refusals_total = record->refused;
  account->rises = (double)record->rises_milli / 1000;
  account->rises_expected = (double)record->rises_expected_milli / 1000;
  account->tries = record->tries_refused;
  account->known = record->capacity;
  account->most = record->capacity_most;
  account->proven = record->capacity > 0;
}

void capacity_save(const struct account *account, struct account_record *record) {
  record->capacity = account->proven ? account->known : 0;
  record->rises_milli = (int64_t)(account->rises * 1000);
  record->rises_expected_milli = (int64_t)(account->rises_expected * 1000);
  record->tries_refused = account->tries;
  record->capacity_most = account->most;
}

/* What was remembered may be out of date: one more is tried before long, not all at once. */
void capacity_start(struct core *core, struct account *account) {
  if (!account->proven) return;
  account->try_at = core->now + prng_between(&core->prng, core->options.retry_wait_low,
                                             core->options.retry_wait_high);
}

void capacity_found(struct core *core, struct account *account) {
  account_save(core, account);
  if (!account->proven || total(account) <= account->known) return;
  count_time(core, account, true);
  account->changed_at = core->now;
  account->known = total(account);
  if (account->known > account->most) account->most = account->known;
  account->tries = 0;
  plan_further(core, account);
}

/* Others' tasks are known only by lists: one that took the slot of ours let a refusal look like a
 * fall. */
void capacity_seen(struct core *core, struct account *account, int running) {
  if (!account->proven || running <= account->known) return;
  account->known = running;
  if (account->known > account->most) account->most = account->known;
  account_save(core, account);
}

void capacity_accepted(struct core *core, struct account *account) {
  capacity_found(core, account);
  if (account->refusals > 0) tell_ready(core, account);
}

/* An account where nothing of ours runs is idle as far as we go: tried again soon, then less so. */
static duration_ms idle_gap(const struct account *account, duration_ms wait) {
  return wait * (account->refusals > 10 ? 6 : account->refusals > 3 ? 3 : 1);
}

static void plan_try(struct core *core, struct account *account) {
  duration_ms wait =
      prng_between(&core->prng, core->options.retry_wait_low, core->options.retry_wait_high);
  plan_probe(core, account);
  if (total(account) == 0) account->try_at = core->now + idle_gap(account, wait);
  account->try_at = later(account->try_at, core->now + wait);
}

static void tell_throttled(struct core *core, struct account *account, const struct outcome *said) {
  struct log_line *line = account_log(core, account, LOG_WARN, LOG_ACCOUNT_THROTTLED);
  log_text(line, "kind", outcome_name(said->kind));
  log_number(line, "running", total(account));
  log_number(line, "capacity", account->known);
  log_number(line, "wait_ms", later(account->try_at, account->not_before) - core->now);
}

void capacity_refused(struct core *core, struct account *account, const struct answer *answer) {
  /* What ended while it was on the wire may still have held its slot when it was refused. */
  int held = total(account) > account->sent_with ? total(account) : account->sent_with;
  bool was_probe = account->proven && held >= account->known;
  if (was_probe)
    account->tries++;
  else
    account->tries = 0;
  count_time(core, account, false);
  if (!was_probe) {
    account->changed_at = core->now;
    look_soon(core, account, core->options.poll_low); /* it may be a task of others */
  }
  account->known = held;
  if (account->known > account->most) account->most = account->known;
  account->proven = true;
  account->sent_with = 0;
  account->refusals++;
  account->refusals_total++;
  plan_try(core, account);
  if (answer->outcome.retry_after_ms >= 0)
    account->not_before = later(account->not_before, core->now + answer->outcome.retry_after_ms);
  account_save(core, account);
  if (account->refusals == 1) tell_throttled(core, account, &answer->outcome);
}
