/* Guards of money: --max-credits of a run, max_credits and keep_credits of an account. What is
 * spent is what the account's credits went down by since the run began, by readings that are taken
 * whenever a paid task has ended; what is in flight, or has ended since the last reading, counts by
 * its length and the learned price of a second on top, as if not one of those readings had it yet.
 * Nothing leaves that would cross a guard. While no price is known, one paid task at a time is in
 * flight. */
#include <math.h>
#include <stdio.h>

#include "core/state.h"
#include "util/check.h"

#define CLIP_UNKNOWN_S                                                                             \
  30.0 /* an asset of unknown length costs at most as much as the longest clip */
#define READ_AGAIN_MS   (5 * SECOND_MS)
#define GIVE_UP_MS      HOUR_MS /* without a reading: the estimate is taken for it */
#define LAST_READING_MS (30 * SECOND_MS)
#define PRICE_MOST      1e6 /* what a second surely does not cost: such a reading is none */
#define PRICE_FADES     0.75 /* a lower price is believed a quarter at a time, a higher one at once */

static bool account_guarded(const struct account *account) {
  return account->guards.credits_limited || account->guards.keep_credits > 0;
}

bool money_guards(const struct core *core, const struct account *account) {
  return core->options.credits_limited || account_guarded(account);
}

/* ---- what a job costs ---- */

static double seconds_of(const struct job *job) {
  return job->rec.clip_ms > 0 ? (double)job->rec.clip_ms / SECOND_MS : CLIP_UNKNOWN_S;
}

/* The price of a second: the account's own, else the highest of the others'; 0: not known. */
static double price_of(const struct core *core, const struct account *account) {
  double price = account->price;
  for (int32_t i = 0; price == 0 && i < core->account_count; i++)
    if (core->accounts[i].price > price) price = core->accounts[i].price;
  return price;
}

static bool uses_explore(const struct job *job, const struct account *account) {
  return job->rec.explore == EXPLORE_ON ||
         (job->rec.explore == EXPLORE_AUTO && !account->explore_missing);
}

int64_t money_cost(const struct core *core, const struct job *job) {
  if (job->rec.explore_used) return 0;
  if (job->account == NONE || job->rec.clip_ms <= 0) return -1;
  double price = price_of(core, &core->accounts[job->account]);
  return price == 0 ? -1 : (int64_t)llround(price * seconds_of(job));
}

/* ---- what is spent, and may be ---- */

static bool is_paid_on(const struct core *core, const struct attempt *attempt,
                       const struct account *account) {
  return attempt->account == account_place(core, account) && !attempt->rec.explore &&
         attempt->job != NONE;
}

/* Seconds of clips in flight. */
static double in_flight(const struct core *core, const struct account *account) {
  double seconds = 0;
  for (const struct attempt *attempt = attempt_at(core, account->first_there); attempt != NULL;
       attempt = attempt_at(core, attempt->next_there)) {
    if (is_paid_on(core, attempt, account)) seconds += seconds_of(&core->jobs[attempt->job]);
  }
  return seconds;
}

/* Of it no reading tells yet. */
static double exposed(const struct core *core, const struct account *account) {
  return (in_flight(core, account) + account->unread_s) * price_of(core, account);
}

static double spent(const struct core *core, const struct account *account) {
  return account->spent + exposed(core, account);
}

static bool run_allows(const struct core *core, double cost) {
  double sum = cost;
  for (int32_t i = 0; i < core->account_count; i++)
    sum += spent(core, &core->accounts[i]);
  return sum <= (double)core->options.max_credits;
}

static bool account_allows(const struct core *core, const struct account *account, double cost) {
  const struct core_guards *guards = &account->guards;
  if (guards->credits_limited && spent(core, account) + cost > (double)guards->max_credits)
    return false;
  return guards->keep_credits == 0 ||
         (double)account->credits - exposed(core, account) - cost >= (double)guards->keep_credits;
}

/* Nothing paid is in flight, or has ended unread, where it would count. */
static bool is_quiet(const struct core *core, const struct account *account) {
  for (int32_t i = 0; i < core->account_count; i++) {
    const struct account *other = &core->accounts[i];
    if (other != account && !core->options.credits_limited) continue;
    if (in_flight(core, other) > 0 || other->unread_s > 0) return false;
  }
  return true;
}

enum wait_reason money_allows(const struct core *core, const struct account *account,
                              const struct job *job) {
  if (!money_guards(core, account) || uses_explore(job, account)) return WAIT_NONE;
  if (account->credits < 0) return WAIT_PRICE;
  double price = price_of(core, account);
  if (price == 0 && !is_quiet(core, account)) return WAIT_PRICE;
  /* The first one has to fit into something at least. */
  double cost = price == 0 ? 1 : price * seconds_of(job);
  if (!account_allows(core, account, cost)) return WAIT_CREDITS;
  if (core->options.credits_limited && !run_allows(core, cost)) return WAIT_CREDITS;
  return WAIT_NONE;
}

/* ---- readings ---- */

/* A submission left that may be paid for. */
void money_left(struct core *core, const struct attempt *attempt) {
  if (attempt->account == NONE || attempt->rec.explore) return;
  core->accounts[attempt->account].is_clean = false;
}

void money_ended(struct core *core, const struct attempt *attempt) {
  if (attempt->account == NONE || attempt->job == NONE || attempt->rec.explore) return;
  struct account *account = &core->accounts[attempt->account];
  const struct job *job = &core->jobs[attempt->job];
  enum attempt_state state = attempt->rec.state;
  if (state == ATTEMPT_REFUSED || state == ATTEMPT_NOT_SENT || state == ATTEMPT_ABSENT) return;
  if (attempt->rec.opened < core->started_at) account->ours_before = true;
  if (account->unread_s == 0) account->unread_since = core->now;
  account->unread_s += seconds_of(job);
  if (state == ATTEMPT_SUCCEEDED) {
    account->paid_s += seconds_of(job);
    account->ours_s += seconds_of(job);
    account->ours++;
  } else
    account->refund_s += seconds_of(job);
  if (state == ATTEMPT_HELD || job->rec.clip_ms <= 0) account->is_spoiled = true;
}

/* Between two readings with nothing in flight at either: what went is the price of what ended well.
 */
static void learn(struct core *core, struct account *account, int64_t credits) {
  double went = (double)(account->clean_credits - credits);
  bool told = account->clean_at != 0 && account->paid_s > 0 && went > 0 && !account->is_spoiled &&
              account->others == 0;
  double price = told ? went / account->paid_s : 0;
  told = told && price <= PRICE_MOST;
  if (told && price < account->price)
    price = account->price * PRICE_FADES + price * (1 - PRICE_FADES);
  if (told) account->price = price;
  account->clean_credits = credits;
  account->clean_at = core->now;
  account->paid_s = 0;
  account->is_spoiled = false;
}

/* What came back of failed tasks is no longer spent; what a person bought was never. */
static double went_by(const struct core *core, const struct account *account, int64_t credits) {
  double went = (double)(account->credits - credits);
  double refund = account->refund_s * price_of(core, account);
  return went < -refund ? -refund : went;
}

void money_read(struct core *core, struct account *account, int64_t credits) {
  if (account->credits >= 0) account->spent += went_by(core, account, credits);
  account->unread_s -= account->unread_asked_s;
  if (account->unread_s < 0.001) account->unread_s = 0;
  account->unread_since = account->unread_s == 0 ? 0 : core->now;
  account->unread_asked_s = 0;
  account->credits = credits;
  if (account->is_clean && in_flight(core, account) == 0 && account->unread_s == 0)
    learn(core, account, credits);
  account->refund_s = 0;
}

/* No reading could be had for long: what ended is taken for spent, by the estimate. */
static void give_up(struct core *core, struct account *account) {
  double went = account->unread_s * price_of(core, account);
  account->spent += went;
  if (account->credits >= 0) account->credits -= (int64_t)ceil(went);
  if (account->credits < 0) account->credits = 0;
  account->unread_s = account->refund_s = 0;
  account->unread_since = 0;
  account->is_spoiled = true;
}

static bool wants_reading(const struct account *account) {
  return account->credits < 0 || account->unread_s > 0;
}

void money_wake(struct core *core) {
  for (int32_t i = 0; i < core->account_count; i++) {
    struct account *account = &core->accounts[i];
    if (!money_guards(core, account) || account->features_wire || !account_usable(account) ||
        !wants_reading(account) || account->read_at > core->now)
      continue;
    if (account->unread_s > 0 && core->now >= account->unread_since + GIVE_UP_MS) {
      give_up(core, account);
      continue;
    }
    account->read_at = core->now + READ_AGAIN_MS;
    account->unread_asked_s = account->unread_s;
    account->is_clean = in_flight(core, account) == 0;
    account_ask_credits(core, account);
  }
}

time_ms money_deadline(const struct core *core, const struct account *account) {
  bool waits = money_guards(core, account) && wants_reading(account) && !account->features_wire &&
               account_usable(account);
  return waits ? account->read_at : TIME_NEVER;
}

bool money_is_open(const struct core *core, const struct account *account) {
  bool unknown = account->credits < 0 && core->now < core->started_at + GIVE_UP_MS;
  return money_guards(core, account) && (account->unread_s > 0 || unknown) &&
         account_usable(account);
}

/* What runs without guards have spent since nothing was in flight tells the price as well. */
static void recall_paid(struct core *core, struct account *account) {
  account->paid_s = 0;
  for (int32_t i = core->attempt_count; i-- > 0;) {
    const struct attempt *attempt = &core->attempts[i];
    if (!is_paid_on(core, attempt, account) || attempt->rec.opened < account->clean_at) continue;
    const struct job *job = &core->jobs[attempt->job];
    if (attempt->rec.state == ATTEMPT_SUCCEEDED) account->paid_s += seconds_of(job);
    account->is_spoiled |= attempt->rec.state == ATTEMPT_HELD || job->rec.clip_ms <= 0;
  }
}

void money_join(struct core *core, struct account *account) {
  if (account->is_clean && in_flight(core, account) == 0) {
    if (account->clean_at != 0) recall_paid(core, account);
    learn(core, account, account->credits);
  } else {
    account->clean_at = 0;
  }
  account->is_clean = false; /* written down with the first submission */
}

void money_start(struct core *core) {
  for (int32_t i = 0; i < core->account_count; i++)
    money_join(core, &core->accounts[i]);
}

/* ---- the end ---- */

void money_see_other(struct core *core, struct account *account, const char *task_id) {
  if (map_get(&core->foreign, task_id, NULL)) return;
  map_set(&core->foreign, task_id, 1);
  if (account->listed && account->foreign_count < FOREIGN_MOST) /* else it was there before */
    account->foreign[account->foreign_count++] = core_keep(core, task_id);
}

bool money_last_reading(const struct core *core) {
  for (int32_t i = 0; i < core->account_count; i++) {
    const struct account *account = &core->accounts[i];
    if (money_guards(core, account) && account->unread_s > 0 && account_usable(account) &&
        core->now < account->unread_since + LAST_READING_MS)
      return true;
  }
  return false;
}

static const char *foreign_words(struct arena *arena, const struct account *account) {
  const char *tasks = NULL;
  for (int i = 0; i < account->foreign_count; i++)
    tasks = arena_printf(arena, "%s%s%s", tasks == NULL ? "" : tasks, tasks == NULL ? "" : " ",
                         account->foreign[i]);
  return tasks;
}

/* By how much two readings may differ from what tasks cost: a credit each, and a little. */
static double slack_of(const struct account *account, double expected) {
  return 1 + (double)account->ours + expected * 0.02;
}

static void tell_difference(struct core *core, struct log_line *line, const struct account *account,
                            bool more) {
  log_text(line, "why",
           more ? "more credits are gone than our tasks account for"
                : "fewer credits are gone than our tasks account for");
  log_text(line, "not_ours", foreign_words(core->out->arena, account));
}

void money_tell(struct core *core) {
  for (int32_t i = 0; i < core->account_count; i++) {
    struct account *account = &core->accounts[i];
    double expected = account->ours_s * price_of(core, account);
    double off = account->spent - expected, slack = slack_of(account, expected);
    bool known = account->unread_s == 0 && in_flight(core, account) == 0;
    bool told = known && money_guards(core, account) && (account->ours > 0 || account->spent > 0);
    if (!told) continue;
    bool agrees = off <= slack && off >= -slack;
    struct log_line *line =
        account_log(core, account, agrees ? LOG_INFO : LOG_WARN, LOG_ACCOUNT_SPENT);
    log_number(line, "credits", llround(account->spent));
    log_number(line, "expected", llround(expected));
    log_number(line, "count", account->ours);
    if (!agrees) tell_difference(core, line, account, off > 0);
  }
}

bool core_spent_more(const struct core *core, struct arena *arena, const char *email,
                     int64_t credits, struct core_spent *spent) {
  int64_t place;
  if (credits < 0 || !map_get(&core->account_by_email, email, &place)) return false;
  const struct account *account = &core->accounts[place];
  double price = price_of(core, account);
  bool known = account->credits >= 0 &&
               (price > 0 || (account->ours == 0 && account->refund_s <= 0)) &&
               !account->ours_before && in_flight(core, account) == 0;
  if (!known || money_guards(core, account)) return false;
  double went = account->spent + (double)(account->credits - credits);
  double expected = account->ours_s * price;
  *spent = (struct core_spent){.credits = llround(went),
                               .expected = llround(expected),
                               .count = account->ours,
                               .not_ours = foreign_words(arena, account)};
  /* It is not known whether failed tasks are paid back. */
  return went - expected > slack_of(account, expected) + account->refund_s * price;
}

const char *money_words(const struct core *core) {
  for (int32_t rank = 0; rank < core->rank_count; rank++) {
    const struct job *job = &core->jobs[core->by_rank[rank]];
    if (job->rec.state != JOB_QUEUED || job_is_paused(core, job)) continue;
    for (int32_t i = 0; i < core->account_count; i++) {
      const struct account *account = &core->accounts[i];
      if (!pick_suits(core, job, account) || money_allows(core, account, job) != WAIT_CREDITS)
        continue;
      return account_allows(core, account, price_of(core, account) * seconds_of(job))
                 ? "--max-credits is reached; run again to go on"
                 : "max_credits or keep_credits of the accounts holds back what is left; raise it, "
                   "or run again";
    }
  }
  return NULL;
}
