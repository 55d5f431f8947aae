/* What must hold after every step, whatever happened. Cheap enough to be always on: it walks
 * accounts and open attempts, not jobs. */
#include <string.h>

#include "core/state.h"
#include "util/check.h"

static void check_attempt(const struct core *core, const struct attempt *attempt) {
  CHECK(attempt_is_open(attempt));
  CHECK(attempt->holds_slot == (attempt->account != NONE));
  CHECK((attempt->rec.state == ATTEMPT_ACCEPTED) == (attempt->rec.task_id != NULL));
  CHECK(attempt->rec.state != ATTEMPT_UNSURE || attempt->rec.over > 0);
  const struct job *job = &core->jobs[attempt->job];
  CHECK(job->attempt == attempt_place(core, attempt));
  switch (attempt->rec.state) {
  case ATTEMPT_OPEN:
    CHECK(job->rec.state == JOB_SUBMITTING);
    break;
  case ATTEMPT_UNSURE:
    CHECK(job->rec.state == JOB_UNSURE);
    break;
  case ATTEMPT_ACCEPTED:
    CHECK(job->rec.state == JOB_RUNNING);
    break;
  case ATTEMPT_REFUSED:
  case ATTEMPT_NOT_SENT:
  case ATTEMPT_ABSENT:
  case ATTEMPT_SUCCEEDED:
  case ATTEMPT_FAILED:
  case ATTEMPT_MODERATED:
  case ATTEMPT_CANCELLED:
  case ATTEMPT_HELD:
  case ATTEMPT_STATE_COUNT:
    CHECK_UNREACHABLE();
  }
}

static void check_account(const struct core *core, int32_t place) {
  const struct account *account = &core->accounts[place];
  CHECK(account->in_flight == account->seen.open);
  CHECK(account->undecided == account->seen.undecided);
  int there = 0;
  for (const struct attempt *attempt = attempt_at(core, account->first_there); attempt != NULL;
       attempt = attempt_at(core, attempt->next_there)) {
    CHECK(attempt->holds_slot && attempt->account == place);
    there++;
  }
  CHECK(account->in_flight == there);
  CHECK(account->seen.on_wire == (account->submit_wire != NONE));
  for (int32_t i = 0; i < account->ahead_count; i++) {
    const struct job *job = &core->jobs[account->ahead[i]];
    CHECK(job->place == PLACE_AHEAD && job->account == place);
    CHECK(job->rec.state == JOB_QUEUED || job->rec.state == JOB_UPLOADING);
  }
}

static void count_open(struct core *core) {
  for (int32_t place = 0; place < core->account_count; place++)
    memset(&core->accounts[place].seen, 0, sizeof core->accounts[place].seen);
  for (int32_t i = 0; i < core->open_count; i++) {
    const struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->account == NONE) continue;
    struct account *account = &core->accounts[attempt->account];
    account->seen.open++;
    account->seen.on_wire += attempt->rec.state == ATTEMPT_OPEN;
    account->seen.undecided += attempt->rec.state != ATTEMPT_ACCEPTED;
  }
}

void core_check(struct core *core) {
  count_open(core);
  for (int32_t place = 0; place < core->account_count; place++)
    check_account(core, place);
  for (int32_t i = 0; i < core->open_count; i++)
    check_attempt(core, &core->attempts[core->open[i]]);
  int64_t jobs = 0;
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    jobs += core->counts[state];
  CHECK(jobs == core->rank_count);
}
