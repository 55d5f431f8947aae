/* Callbacks. The service tells a URL of ours how tasks get on; so can anybody who knows the URL.
 * So what a callback says is believed in nothing: it is a reason to look at the task, by a call of
 * ours with a token of ours, and what that look shows is all that counts. Forged, doubled, late and
 * lost ones therefore change no state, and however many come, a task is looked at once in
 * HINT_GAP_MS because of them.
 *
 * Where callbacks are seen to work, looks of our own are only a net for those that get lost. */
#include "core/hint.h"

/* service.md: Runway's own API asks for no more than one look at a task in 5 seconds. */
#define HINT_GAP_MS  (5 * SECOND_MS)
#define UNTOLD_MOST  2 /* ends in a row: from then on all is as if there were no callbacks */
#define LATE_MOST_MS (5 * SECOND_MS)

static struct attempt *attempt_meant(struct core *core, const struct task_view *said) {
  int64_t place;
  if (map_get(&core->by_task, said->task_id, &place)) return &core->attempts[place];
  return attempt_of_ref(core, said->reply_ref);
}

/* That a task is at work is news where it was held back; its progress is none. */
static bool is_news(const struct attempt *attempt, const struct task_view *said) {
  if (!task_status_in_flight(said->status)) return true;
  return said->status == TASK_RUNNING && attempt->status == TASK_THROTTLED;
}

/* A look of ours was quicker by a little. */
static bool little_late(const struct core *core, const struct attempt *attempt) {
  return !attempt_is_open(attempt) && attempt->rec.task_ended != 0 &&
         core->now - attempt->rec.task_ended <= LATE_MOST_MS;
}

static bool take(struct core *core, struct attempt *attempt, const struct task_view *said) {
  core->hints.came |= attempt->hint.calls_back;
  if (attempt->hint.calls_back && !task_status_in_flight(said->status) &&
      little_late(core, attempt))
    core->hints.untold = 0;
  if (attempt->rec.state != ATTEMPT_ACCEPTED || attempt->hint.came) return false;
  if (attempt->account == NONE || core->over) return false;
  if (!is_news(attempt, said)) return false;
  attempt->hint.came = true;
  attempt->hint.of_end = !task_status_in_flight(said->status);
  return true;
}

bool hint_take(struct core *core, const struct task_view *said) {
  struct attempt *attempt = attempt_meant(core, said);
  enum callback_fate fate = attempt == NULL             ? CALLBACK_UNKNOWN
                            : take(core, attempt, said) ? CALLBACK_ACCEPTED
                                                        : CALLBACK_NO_NEWS;
  core->tally.callbacks[fate]++;
  return fate == CALLBACK_ACCEPTED;
}

time_ms hint_look_at(const struct attempt *attempt) {
  if (!attempt->hint.came) return TIME_NEVER;
  return attempt->hint.at == 0 ? 0 : attempt->hint.at + HINT_GAP_MS;
}

bool hint_wants_list(const struct core *core, const struct attempt *attempt) {
  const struct account *account = &core->accounts[attempt->account];
  return !attempt->hint.doubted && !core->hints.lists_lag && !account->list_wire &&
         account->state != ACCOUNT_BROKEN && account->list_fails == 0 &&
         account->last_look + core->options.poll_low <= core->now;
}

void hint_looking(struct core *core, struct attempt *attempt) {
  attempt->hint.looked = attempt->hint.came;
  attempt->hint.came = false;
  attempt->hint.at = core->now;
}

void hint_listing(struct core *core, const struct account *account) {
  for (int32_t i = 0; i < core->open_count; i++) {
    struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->account == account_place(core, account) && attempt->hint.came &&
        !attempt->hint.doubted)
      hint_looking(core, attempt);
  }
}

/* What a list does not show, or not yet, the task itself will. */
void hint_listed(struct core *core, const struct account *account) {
  for (int32_t i = 0; i < core->open_count; i++) {
    struct attempt *attempt = &core->attempts[core->open[i]];
    struct hint *hint = &attempt->hint;
    if (attempt->account != account_place(core, account) || !hint->looked || attempt->get_wire)
      continue;
    hint->looked = false;
    hint->came = hint->doubted = hint->of_end;
  }
}

/* One that got lost shows when a look of our own finds the end. */
void hint_ended(struct core *core, struct attempt *attempt) {
  struct hint *hint = &attempt->hint;
  if (hint->doubted && hint->looked) core->hints.lists_lag = true;
  if (!hint->calls_back) return;
  core->hints.untold = hint->came || hint->looked ? 0 : core->hints.untold + 1;
}

void hint_answered(struct core *core, struct attempt *attempt) {
  struct hint *hint = &attempt->hint;
  if (hint->looked && hint->of_end && task_status_in_flight(attempt->status))
    core->tally.contradicted++;
  hint->looked = hint->doubted = hint->of_end = false;
}

bool hint_work(const struct core *core) {
  return core->hints.came && core->hints.untold < UNTOLD_MOST;
}

bool hint_relied_on(const struct core *core, const struct attempt *attempt) {
  return hint_work(core) && attempt->hint.calls_back;
}
