/* A state that came to harm is told before anything is sent, whatever of it was changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nightshift/core.h"

#define NOW ((time_ms)1767225600000)

/* A sound state: a job that runs, one in doubt, one that has ended. */
static struct batch_record batches[1];
static struct job_record jobs[3];
static struct attempt_record attempts[3];
static struct account_record accounts[1];
static struct moderation_record moderations[1];
static struct stranger_record strangers[1];
static struct upload_record uploads[1];
static struct store_snapshot snapshot;

static struct job_record job(job_id id, enum job_state state, const char *task) {
  return (struct job_record){.id = id,
                             .batch = 1,
                             .name = "a",
                             .number = id,
                             .clip_path = "/a.mp4",
                             .clip_hash = "hash",
                             .output = "/out/a.mp4",
                             .result = "/out/a.mp4",
                             .result_bytes = -1,
                             .state = state,
                             .task_id = task,
                             .changed = NOW};
}

static struct attempt_record attempt(attempt_id id, enum attempt_state state, const char *task) {
  return (struct attempt_record){.id = id,
                                 .job = id,
                                 .account = "one@example.com",
                                 .reply_ref = "ns1:b:a:1",
                                 .state = state,
                                 .task_id = task,
                                 .opened = NOW};
}

static int begin(void **state) {
  (void)state;
  batches[0] = (struct batch_record){.id = 1, .key = "night", .created = NOW};
  jobs[0] = job(1, JOB_RUNNING, "task-1");
  jobs[1] = job(2, JOB_UNSURE, NULL);
  jobs[2] = job(3, JOB_SUCCEEDED, "task-3");
  attempts[0] = attempt(1, ATTEMPT_ACCEPTED, "task-1");
  attempts[1] = attempt(2, ATTEMPT_UNSURE, NULL);
  attempts[2] = attempt(3, ATTEMPT_SUCCEEDED, "task-3");
  accounts[0] = (struct account_record){.email = "one@example.com", .credits = -1};
  moderations[0] = (struct moderation_record){.id = 1, .job = 3, .subject = "hash", .time = NOW};
  strangers[0] = (struct stranger_record){.task_id = "task-9", .seen = NOW};
  uploads[0] = (struct upload_record){.account = "one@example.com", .clip_hash = "hash"};
  snapshot = (struct store_snapshot){.latest = NOW,
                                     .batches = batches,
                                     .batch_count = 1,
                                     .jobs = jobs,
                                     .job_count = 3,
                                     .attempts = attempts,
                                     .attempt_count = 3,
                                     .last_attempt = 3,
                                     .accounts = accounts,
                                     .account_count = 1,
                                     .moderations = moderations,
                                     .moderation_count = 1,
                                     .strangers = strangers,
                                     .stranger_count = 1,
                                     .uploads = uploads,
                                     .upload_count = 1};
  return 0;
}

/* Changes one value, expects the fault, and puts everything back. */
#define BREAKS(value, damage, words)                                                               \
  do {                                                                                             \
    (value) = (damage);                                                                            \
    const char *fault = core_load_fault(&snapshot);                                                \
    assert_non_null(fault);                                                                        \
    assert_string_equal(fault, words);                                                             \
    begin(NULL);                                                                                   \
  } while (0)

static void what_was_written_is_sound(void **state) {
  (void)state;
  assert_null(core_load_fault(&snapshot));
  assert_null(core_load_fault(&(struct store_snapshot){0}));
  jobs[2].clip_hash = NULL; /* nobody had to look at it */
  assert_null(core_load_fault(&snapshot));
  jobs[1].state = JOB_QUEUED; /* refused, and not begun again */
  attempts[1].state = ATTEMPT_REFUSED;
  assert_null(core_load_fault(&snapshot));
  attempts[1].job = 99; /* of a batch long gone */
  assert_null(core_load_fault(&snapshot));
}

static void rows_that_lack_something_are_told(void **state) {
  (void)state;
  BREAKS(batches[0].key, NULL, "a batch has no id or no key");
  BREAKS(batches[0].id, 0, "a batch has no id or no key");
  BREAKS(jobs[0].name, NULL, "a job's row is incomplete");
  BREAKS(jobs[0].output, NULL, "a job's row is incomplete");
  BREAKS(jobs[0].clip_path, NULL, "a job has neither a clip nor an asset");
  BREAKS(attempts[0].account, NULL, "an attempt's row is incomplete");
  BREAKS(attempts[0].reply_ref, NULL, "an attempt's row is incomplete");
  BREAKS(accounts[0].email, NULL, "an account has no address");
  BREAKS(moderations[0].subject, NULL, "what was moderated is not known");
  BREAKS(strangers[0].task_id, NULL, "a stranger's task is none");
  BREAKS(uploads[0].clip_hash, NULL, "an upload's row is incomplete");
  BREAKS(uploads[0].account, NULL, "an upload's row is incomplete");
}

static void times_that_no_clock_shows_are_told(void **state) {
  (void)state;
  BREAKS(snapshot.latest, INT64_MAX, "its clock is none");
  BREAKS(snapshot.latest, -1, "its clock is none");
  BREAKS(batches[0].pardoned, INT64_MAX, "a batch's time is none");
  BREAKS(jobs[0].again, TIME_NEVER, "a job's time is none");
  BREAKS(jobs[0].ended, -1, "a job's time is none");
  BREAKS(attempts[0].over, INT64_MIN, "an attempt's time is none");
  BREAKS(attempts[1].absent_once, INT64_MAX, "an attempt's time is none");
  BREAKS(accounts[0].until, INT64_MAX, "an account's time is none");
  BREAKS(moderations[0].time, INT64_MAX, "what was moderated is not known");
  BREAKS(strangers[0].seen, INT64_MAX, "a stranger's task is none");
}

static void numbers_out_of_all_proportion_are_told(void **state) {
  (void)state;
  BREAKS(jobs[0].attempts, -1, "a job's number is out of range");
  BREAKS(jobs[0].failures, INT32_MAX, "a job's number is out of range");
  BREAKS(jobs[0].clip_ms, INT64_MAX, "a job's number is out of range");
  BREAKS(jobs[0].result_bytes, -2, "a job's number is out of range");
  BREAKS(jobs[0].result_bytes, INT64_MAX, "a job's number is out of range");
  BREAKS(accounts[0].credits, INT64_MAX, "an account's number is out of range");
  BREAKS(accounts[0].price_micro, INT64_MIN, "an account's number is out of range");
  BREAKS(accounts[0].capacity, -1, "an account's count is out of range");
  BREAKS(jobs[2].id, INT64_MAX, "a job's row is incomplete");
  BREAKS(moderations[0].id, INT64_MAX, "what was moderated is not known");
  BREAKS(snapshot.last_attempt, INT64_MAX, "an id is none");
  BREAKS(attempts[2].id, 4, "an attempt's id was not given");
}

static void jobs_and_attempts_that_contradict_each_other_are_told(void **state) {
  (void)state;
  BREAKS(jobs[0].state, JOB_QUEUED, "a job and its attempt do not agree");
  BREAKS(jobs[0].state, JOB_SUBMITTING, "a job and its attempt do not agree");
  BREAKS(jobs[1].state, JOB_RUNNING, "a job and its attempt do not agree");
  BREAKS(jobs[2].state, JOB_RUNNING, "a job and its attempt do not agree");
  BREAKS(attempts[1].state, ATTEMPT_OPEN, "a job and its attempt do not agree");
  BREAKS(attempts[2].job, 2, "a job has two open attempts");
  BREAKS(attempts[1].id, 1, "two attempts have one id");
  BREAKS(attempts[1].task_id, "task-2", "an attempt in doubt has a task");
  BREAKS(attempts[0].task_id, NULL, "an accepted attempt has no task");
  BREAKS(snapshot.attempt_count, 0, "a job and its attempt do not agree");
  BREAKS(jobs[1].id, 1, "two jobs have one id");
  BREAKS(jobs[1].batch, 2, "a job's batch is not there");
  jobs[2].task_id = NULL;
  BREAKS(jobs[2].state, JOB_DOWNLOADING, "a job is being fetched without a task");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(what_was_written_is_sound, begin),
      cmocka_unit_test_setup(rows_that_lack_something_are_told, begin),
      cmocka_unit_test_setup(times_that_no_clock_shows_are_told, begin),
      cmocka_unit_test_setup(numbers_out_of_all_proportion_are_told, begin),
      cmocka_unit_test_setup(jobs_and_attempts_that_contradict_each_other_are_told, begin),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
