/* Which state of a job may follow which: the one table. core/jobs checks every move against it. */
#include "nightshift/job.h"
#include "util/check.h"

#define TO(state) (1u << (state))

/* Any job that has no task and none in doubt may be ended by a person or because nothing can run
 * it. */
#define GIVEN_UP (TO(JOB_FAILED) | TO(JOB_CANCELLED))

static const unsigned allowed[JOB_STATE_COUNT] = {
    [JOB_QUEUED] = TO(JOB_UPLOADING) | TO(JOB_SUBMITTING) | GIVEN_UP |
                   TO(JOB_MODERATED) | /* the same clip was moderated elsewhere */
                   TO(JOB_RUNNING),    /* a task of an attempt believed absent turned up late */
    [JOB_UPLOADING] = TO(JOB_QUEUED) | GIVEN_UP,
    [JOB_SUBMITTING] =
        TO(JOB_QUEUED) | TO(JOB_RUNNING) | TO(JOB_UNSURE) | TO(JOB_MODERATED) | GIVEN_UP,
    /* Evidence alone: the task was found, or it is absent, or it cannot be told. A task that was
     * found cancelled goes through running: nobody's wish ends a job that may have been paid for.
     */
    [JOB_UNSURE] = TO(JOB_RUNNING) | TO(JOB_QUEUED) | TO(JOB_HELD),
    [JOB_RUNNING] =
        TO(JOB_DOWNLOADING) | TO(JOB_QUEUED) | TO(JOB_MODERATED) | TO(JOB_HELD) | GIVEN_UP,
    [JOB_DOWNLOADING] = TO(JOB_SUCCEEDED) | TO(JOB_FAILED) | TO(JOB_HELD) |
                        TO(JOB_RUNNING), /* after a restart the result's link must be asked for */
    /* the ends: only a person leads out of them, by retry and cancel; out of success only by
     * ordering to pay again */
    [JOB_SUCCEEDED] = TO(JOB_QUEUED),
    [JOB_FAILED] = TO(JOB_QUEUED) | TO(JOB_RUNNING) | TO(JOB_CANCELLED),
    [JOB_MODERATED] = TO(JOB_QUEUED),
    [JOB_CANCELLED] = TO(JOB_QUEUED) | TO(JOB_RUNNING),
    [JOB_HELD] = TO(JOB_QUEUED) | TO(JOB_RUNNING) | TO(JOB_CANCELLED),
};

bool job_move_allowed(enum job_state from, enum job_state to) {
  CHECK((int)from >= 0 && from < JOB_STATE_COUNT && (int)to >= 0 && to < JOB_STATE_COUNT);
  return (allowed[from] & TO(to)) != 0;
}

bool job_state_ended(enum job_state state) {
#define X(name, text, ended) [name] = (ended),
  static const bool is_end[] = {JOB_STATES(X)};
#undef X
  CHECK((int)state >= 0 && state < JOB_STATE_COUNT);
  return is_end[state];
}
