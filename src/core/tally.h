/* What is counted for those who measure a run. Only core/state.h includes this. */
#ifndef CORE_TALLY_H
#define CORE_TALLY_H

#include "nightshift/core.h"
#include "nightshift/figures.h"

struct account;

/* Of the whole run: tally.c. */
struct run_tally {
  int64_t ended[JOB_STATE_COUNT];
  int64_t submissions[OUTCOME_COUNT];
  int64_t callbacks[CALLBACK_FATE_COUNT];
  int64_t contradicted;
  time_ms eta;
};

/* Of an account: tally.c. */
struct account_tally {
  int64_t throttled, moderated;
  duration_ms idle; /* until idle_since; */
  int idle_slots;   /* from then on so many stand empty */
  time_ms idle_since;
};

void tally_submission(struct core *core, struct account *account, enum outcome_kind kind);
/* At the end of each step. */
void tally_slots(struct core *core);

#endif
