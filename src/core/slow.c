/* Tasks that take far longer than such tasks have taken. The service is asked for each by itself;
 * when it says that the task is still in flight, the log says so once. It is followed on: time
 * alone never submits a job again. */
#include "core/state.h"
#include "util/check.h"
#include "util/text.h"

#define SLOW_TIMES   4
#define SLOW_LEAST   (10 * MINUTE_MS)
#define SLOW_UNKNOWN HOUR_MS /* while nothing was learned */

static time_ms slow_at(const struct core *core, const struct attempt *attempt) {
  const struct job *job = &core->jobs[attempt->job];
  duration_ms expected =
      learn_expected(core, job, &core->accounts[attempt->account], attempt->rec.explore).length;
  duration_ms limit = expected * SLOW_TIMES;
  if (expected == 0) limit = SLOW_UNKNOWN;
  return attempt->rec.settled + (limit < SLOW_LEAST ? SLOW_LEAST : limit);
}

static bool in_reach(const struct core *core, const struct attempt *attempt) {
  return attempt->rec.state == ATTEMPT_ACCEPTED && attempt->account != NONE &&
         core->accounts[attempt->account].state != ACCOUNT_LOST;
}

static const char *words_for(enum task_status status) {
  if (status == TASK_RUNNING) return "at work";
  return status == TASK_THROTTLED ? "waiting at Runway" : "in flight";
}

static void tell(struct core *core, struct attempt *attempt) {
  char age[40];
  text_from_duration(core->now - attempt->rec.settled, age, sizeof age);
  job_log(core, &core->jobs[attempt->job], LOG_WARN, LOG_JOB_SLOW,
          arena_printf(core->out->arena,
                       "its task takes far longer than others: %s so far, and the service says "
                       "that it is %s; followed on, nothing is submitted again",
                       age, words_for(attempt->status)));
}

void slow_wake(struct core *core) {
  for (int32_t i = 0; i < core->open_count; i++) {
    struct attempt *attempt = &core->attempts[core->open[i]];
    if (!in_reach(core, attempt)) continue;
    if (attempt->slow == SLOW_NOT && slow_at(core, attempt) <= core->now) {
      attempt->slow = SLOW_ASKED;
      attempt->get_at = core->now;
    } else if (attempt->slow == SLOW_ASKED && !attempt->get_wire &&
               attempt->get_at == TIME_NEVER) { /* the service said: in flight */
      attempt->slow = SLOW_TOLD;
      tell(core, attempt);
    }
  }
}

time_ms slow_deadline(const struct core *core, const struct attempt *attempt) {
  return in_reach(core, attempt) && attempt->slow == SLOW_NOT ? slow_at(core, attempt) : TIME_NEVER;
}
