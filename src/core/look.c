/* When to look at an account, and asking. One list covers all its tasks, those of others too: it is
 * asked for when the first of them may have ended (foresee.c), between the config's bounds. */
#include "core/hint.h"
#include "core/state.h"
#include "util/check.h"

/* Tasks asked for when only running ones matter: those in flight, and what may have come and gone
 * beside them. One that is further down is asked for by itself. */
#define LIST_SHORT(in_flight) (2 * (in_flight) + 8)
#define LOOK_LONGEST          10 /* of the config's longest pauses, while no task can end */
#define NET_TIMES             4  /* of them, where tasks tell of their ends themselves */

static time_ms earlier(time_ms a, time_ms b) {
  return a < b ? a : b;
}

void look_soon(struct core *core, struct account *account, duration_ms delay) {
  account->look_asked = earlier(account->look_asked, core->now + delay);
}

/* The end of a task of others matters where jobs wait for its slot. */
static time_ms look_at_others(const struct core *core, const struct account *account) {
  bool waiting = core->counts[JOB_QUEUED] + core->counts[JOB_UPLOADING] > 0;
  if (account->others == 0 || account->state != ACCOUNT_READY || core->stopping || !waiting ||
      account->in_flight + account->others < account->known)
    return TIME_NEVER;
  time_ms at = others_look(core, account);
  return at == TIME_NEVER ? account->last_look + core->options.poll_high : at;
}

/* One that tells of its end itself: soon after the end was to be expected, its word may be lost. */
static time_ms look_for_lost(const struct core *core, const struct account *account,
                             const struct foresight *foresight) {
  time_ms overdue = foresight->end + 2 * foresight->spread;
  if (foresight->end != 0 && overdue > account->last_look) return overdue;
  return account->last_look + NET_TIMES * core->options.poll_high;
}

static time_ms look_at_task(const struct core *core, const struct account *account,
                            const struct attempt *attempt) {
  /* One that lists lack is asked for by itself; lists tell of the account meanwhile. */
  if (attempt->get_at != TIME_NEVER) return account->last_look + core->options.poll_high;
  struct foresight foresight = foresee_end(core, attempt);
  if (hint_relied_on(core, attempt)) return look_for_lost(core, account, &foresight);
  return foresee_look(core, &attempt->course, &foresight);
}

/* When the account is to be listed next; TIME_NEVER: nothing there to see. */
static time_ms plan_look(const struct core *core, const struct account *account, bool *complete) {
  *complete = !account->listed;
  if (account->state == ACCOUNT_LOST) return TIME_NEVER;
  time_ms at = look_at_others(core, account);
  if (!account->listed && !core->stopping) at = core->now;
  for (const struct attempt *attempt = attempt_at(core, account->first_there); attempt != NULL;
       attempt = attempt_at(core, attempt->next_there)) {
    bool whole = false;
    time_ms look = TIME_NEVER;
    if (attempt->rec.state == ATTEMPT_UNSURE)
      look = settle_look_at(core, attempt, &whole);
    else if (attempt->rec.state == ATTEMPT_ACCEPTED)
      look = look_at_task(core, account, attempt);
    if (whole && look <= core->now + core->options.poll_low) *complete = true;
    at = earlier(at, look);
  }
  if (at == TIME_NEVER) return at;
  at = earlier(at, account->look_asked);
  if (at < account->last_look + core->options.poll_low)
    at = account->last_look + core->options.poll_low;
  if (account->in_flight > 0 && account->last_look > 0)
    at = earlier(at, account->last_look +
                         core->options.poll_high * (core->options.poll_given ? 1 : LOOK_LONGEST));
  return at;
}

static void ask_list(struct core *core, struct account *account, bool complete) {
  struct action *action = action_add(core, ACTION_CALL);
  account->list_limit = complete ? LIST_COMPLETE : LIST_SHORT(account->in_flight + account->others);
  action->call = (struct call){.kind = CALL_LIST_TASKS,
                               .token = account->token,
                               .email = account->email,
                               .limit = account->list_limit};
  struct request *request = request_add(core, REQUEST_LIST, action);
  request->account = account_place(core, account);
  request->limit = account->list_limit;
  account->list_wire = true;
  account->last_look = core->now;
  account->look_at = account->look_asked = TIME_NEVER;
  hint_listing(core, account);
}

static void ask_task(struct core *core, struct attempt *attempt) {
  struct account *account = &core->accounts[attempt->account];
  struct action *action = action_add(core, ACTION_CALL);
  action->call = (struct call){.kind = CALL_GET_TASK,
                               .token = account->token,
                               .email = account->email,
                               .task_id = attempt->rec.task_id};
  struct request *request = request_add(core, REQUEST_GET_TASK, action);
  request->account = attempt->account;
  request->attempt = attempt_place(core, attempt);
  attempt->get_wire = true;
  hint_looking(core, attempt);
}

/* Looks at tasks by themselves; where a list answers a callback it is planned for now. */
static void look_at_tasks(struct core *core) {
  for (int32_t i = 0; i < core->open_count; i++) {
    struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->rec.state != ATTEMPT_ACCEPTED || attempt->get_wire || attempt->account == NONE ||
        core->accounts[attempt->account].state == ACCOUNT_LOST)
      continue;
    bool hinted = hint_look_at(attempt) <= core->now;
    if (hinted && hint_wants_list(core, attempt))
      look_soon(core, &core->accounts[attempt->account], 0);
    else if (hinted || attempt->get_at <= core->now)
      ask_task(core, attempt);
  }
}

void look_wake(struct core *core) {
  look_at_tasks(core);
  for (int32_t i = 0; i < core->account_count; i++) {
    struct account *account = &core->accounts[i];
    if (account->list_wire || account->state == ACCOUNT_LOST) continue;
    bool complete = false;
    time_ms planned = plan_look(core, account, &complete);
    bool held_off = account->list_fails > 0 || account->state == ACCOUNT_BROKEN;
    if (!held_off || account->look_at == TIME_NEVER) account->look_at = planned;
    if (account->look_at <= core->now &&
        (planned != TIME_NEVER || account->state == ACCOUNT_BROKEN))
      ask_list(core, account, complete);
    else if (planned == TIME_NEVER && account->state != ACCOUNT_BROKEN)
      account->look_at = TIME_NEVER;
  }
}
