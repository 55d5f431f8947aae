/* A core with a few accounts and jobs, started and with empty accounts listed, so that a test can
 * look at its pieces: the tools of the tests of core/pick, core/capacity and core/why. */
#ifndef TESTS_CORE_STORY_H
#define TESTS_CORE_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/state.h"

#define ONE   "one@example.com"
#define TWO   "two@example.com"
#define START ((time_ms)1767225600000) /* 2026-01-01T00:00:00Z */
#define ROOM  8

struct story {
  struct core *core;
  struct core_output output;
  struct job_record jobs[ROOM];
  size_t job_count;
  time_ms now;
};

/* A job of 10 s, to be changed before story_start. */
static inline struct job_record *story_job(struct story *story, const char *name) {
  struct job_record *job = &story->jobs[story->job_count++];
  *job = (struct job_record){.id = (job_id)story->job_count,
                             .batch = 1,
                             .name = name,
                             .number = (int64_t)story->job_count,
                             .listed = true,
                             .clip_path = name,
                             .clip_source = name,
                             .clip_hash = name,
                             .clip_bytes = 1,
                             .clip_ms = 10 * SECOND_MS,
                             .clip_type = "video/mp4",
                             .voice = "maya",
                             .voice_id = "maya",
                             .output = name,
                             .state = JOB_QUEUED,
                             .result_bytes = -1};
  return job;
}

static inline void story_begin(struct story *story) {
  *story = (struct story){.now = START};
  struct core_options options = {.seed = 1,
                                 .retry_wait_low = 10 * SECOND_MS,
                                 .retry_wait_high = 30 * SECOND_MS,
                                 .poll_low = 3 * SECOND_MS,
                                 .poll_high = 30 * SECOND_MS,
                                 .max_attempts = 4,
                                 .upload_ahead = 1};
  story->core = core_new(&options);
  core_output_init(&story->output);
  (void)core_add_account(story->core,
                         &(struct core_account){.email = ONE, .max_jobs = 5, .credits = -1});
  (void)core_add_account(story->core,
                         &(struct core_account){.email = TWO, .max_jobs = 5, .credits = -1});
}

static inline void story_start(struct story *story) {
  struct batch_record batch = {.id = 1, .key = "night", .named = true};
  struct store_snapshot snapshot = {.latest = START,
                                    .batches = &batch,
                                    .batch_count = 1,
                                    .jobs = story->jobs,
                                    .job_count = story->job_count,
                                    .last_batch = 1,
                                    .last_job = (job_id)story->job_count};
  core_load(story->core, &snapshot, NULL, &batch.id, 1);
  core_start(story->core, story->now, &story->output);
}

/* Answers the call of this kind and account that the last step ordered; true when there was one. */
static inline bool story_answer(struct story *story, enum call_kind kind, const char *email,
                                const struct answer *answer) {
  for (size_t i = 0; i < story->output.action_count; i++) {
    const struct action *action = &story->output.actions[i];
    if (action->kind != ACTION_CALL || action->call.kind != kind ||
        strcmp(action->call.email, email) != 0)
      continue;
    struct event event = {
        .kind = EVENT_ANSWER, .request = action->request, .begun = story->now, .answer = answer};
    core_step(story->core, story->now, &event, &story->output);
    return true;
  }
  return false;
}

static inline void story_list_empty(struct story *story, const char *email) {
  struct answer empty = {.outcome = {.kind = OUTCOME_OK, .http_status = 200}, .whole = true};
  assert_true(story_answer(story, CALL_LIST_TASKS, email, &empty));
}

static inline void story_tick(struct story *story, duration_ms later) {
  struct event tick = {.kind = EVENT_TICK};
  story->now += later;
  core_step(story->core, story->now, &tick, &story->output);
}

static inline void story_end(struct story *story) {
  core_output_release(&story->output);
  core_free(story->core);
}

/* What the job says, in words. */
static inline const char *story_why(const struct story *story, job_id job) {
  static char text[300];
  struct wait wait = core_why(story->core, job, story->now);
  wait_describe(&wait, text, sizeof text);
  return text;
}

#endif
