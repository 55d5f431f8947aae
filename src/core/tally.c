/* What is counted for those who measure a run. Nothing here is decided by, or written down. */
#include "core/state.h"
#include "util/check.h"

void tally_submission(struct core *core, struct account *account, enum outcome_kind kind) {
  core->tally.submissions[kind]++;
  if (kind == OUTCOME_BUSY_QUEUE || kind == OUTCOME_BUSY_RUNWAY) account->tally.throttled++;
}

/* ---- slots that stand empty ---- */

/* By what is known. Before the first refusal that is one: more is a hope. */
static int free_slots(const struct account *account) {
  int takes = account->proven ? account->known : 1;
  int used = account->in_flight + account->others;
  int own = account->max_jobs - account->in_flight;
  return takes - used < own ? takes - used : own;
}

/* Near the end of a run a job may be better off waiting for another account. */
static bool could_take_one(const struct core *core, const struct account *account) {
  for (int32_t i = 0; i < account->ahead_count; i++) {
    const struct job *job = &core->jobs[account->ahead[i]];
    if (job->rec.state == JOB_UPLOADING ||
        (pick_may_begin(core, job) && pick_eligible(core, job, account)))
      return true;
  }
  int32_t place = pick_for(core, account);
  return place != NONE && pick_may_begin(core, &core->jobs[place]) &&
         tail_fits(core, &core->jobs[place], account);
}

static int idle_slots(const struct core *core, const struct account *account) {
  struct wait wait;
  int count = free_slots(account);
  if (count <= 0 || core->over || core->stopping) return 0;
  if (!account_usable(account) || !account->listed || account->not_before > core->now) return 0;
  if (!guard_allows(core, account, &wait)) return 0;
  return could_take_one(core, account) ? count : 0;
}

static duration_ms idle_until(const struct account_tally *tally, time_ms now) {
  return tally->idle + tally->idle_slots * (now - tally->idle_since);
}

void tally_slots(struct core *core) {
  for (int32_t i = 0; i < core->account_count; i++) {
    struct account_tally *tally = &core->accounts[i].tally;
    int slots = idle_slots(core, &core->accounts[i]);
    if (slots == tally->idle_slots) continue;
    tally->idle = idle_until(tally, core->now);
    tally->idle_since = core->now;
    tally->idle_slots = slots;
  }
}

/* ---- asking ---- */

const char *callback_fate_name(enum callback_fate fate) {
#define X(name, text) text,
  static const char *const names[] = {CALLBACK_FATES(X)};
#undef X
  CHECK(fate >= 0 && fate < CALLBACK_FATE_COUNT);
  return names[fate];
}

void core_figures(const struct core *core, struct core_figures *figures) {
  const struct run_tally *tally = &core->tally;
  *figures = (struct core_figures){.contradicted = tally->contradicted, .eta = tally->eta};
  for (int i = 0; i < JOB_STATE_COUNT; i++) {
    figures->jobs[i] = core->counts[i];
    figures->ended[i] = tally->ended[i];
  }
  for (int i = 0; i < OUTCOME_COUNT; i++)
    figures->submissions[i] = tally->submissions[i];
  for (int i = 0; i < CALLBACK_FATE_COUNT; i++)
    figures->callbacks[i] = tally->callbacks[i];
}

void core_account_figures(const struct core *core, account_index index, time_ms now,
                          struct core_account_figures *figures) {
  const struct account_tally *tally = &core->accounts[index].tally;
  *figures = (struct core_account_figures){.throttled = tally->throttled,
                                           .moderated = tally->moderated,
                                           .slot_idle = idle_until(tally, now)};
}
