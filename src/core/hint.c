/* Callbacks. The service tells a URL of ours how tasks get on; so can anybody who knows the URL.
 * So what a callback says is believed in nothing: it is a reason to look at the task, by a call of
 * ours with a token of ours, and what that look shows is all that counts. Forged, doubled, late and
 * lost ones therefore change no state, and however many come, a task is looked at once in
 * HINT_GAP_MS because of them.
 *
 * Where callbacks are seen to work, looks of our own are only a net for those that get lost. */
#include "core/hint.h"

/* service.md: Runway's own API asks for no more than one look at a task in 5 seconds. */
#define HINT_GAP_MS (5 * SECOND_MS)

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

static bool take(struct core *core, struct attempt *attempt, const struct task_view *said) {
  if (!attempt_is_open(attempt) && attempt->calls_back) core->hints_work = true; /* only later */
  if (attempt->rec.state != ATTEMPT_ACCEPTED || attempt->hinted) return false;
  if (attempt->account == NONE || core->over) return false;
  if (!is_news(attempt, said)) return false;
  attempt->hinted = true;
  attempt->hint_of_end = !task_status_in_flight(said->status);
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

time_ms hint_get_at(const struct attempt *attempt) {
  if (!attempt->hinted) return attempt->get_at;
  time_ms at = attempt->looked == 0 ? 0 : attempt->looked + HINT_GAP_MS;
  return at < attempt->get_at ? at : attempt->get_at;
}

void hint_looking(struct core *core, struct attempt *attempt) {
  attempt->hint_looked = attempt->hinted;
  attempt->hinted = false;
  attempt->looked = core->now;
}

/* One that got lost, or comes later than our look, shows when that finds the end; until a callback
 * is seen to come again, all is as if there were none. */
void hint_ended(struct core *core, const struct attempt *attempt) {
  if (attempt->hint_looked && attempt->account != NONE)
    look_anew(core, &core->accounts[attempt->account]);
  if (attempt->calls_back) core->hints_work = attempt->hinted || attempt->hint_looked;
}

void hint_answered(struct core *core, struct attempt *attempt) {
  if (attempt->hint_looked && attempt->hint_of_end && task_status_in_flight(attempt->status))
    core->tally.contradicted++;
  attempt->hint_looked = attempt->hint_of_end = false;
}

bool hint_relied_on(const struct core *core, const struct attempt *attempt) {
  return core->hints_work && attempt->calls_back;
}
