/* Uploads that a person wants deleted: which are forgotten, and which a job needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "nightshift/core.h"

#define ONE     "one@example.com"
#define TWO     "two@example.com"
#define ASSET_1 "user:1-runwayml:one@example.com-asset:1"
#define ASSET_2 "user:1-runwayml:two@example.com-asset:2"

/* The clip "a" on two accounts, and one job of it. */
struct shelf {
  struct batch_record batch;
  struct job_record job;
  struct attempt_record attempt;
  struct account_record accounts[2];
  struct upload_record uploads[2];
  struct store_snapshot snapshot;
  struct core *core;
  struct core_output output;
};

static void begin(struct shelf *shelf, enum job_state state) {
  *shelf = (struct shelf){0};
  shelf->batch = (struct batch_record){.id = 1, .key = "night", .named = true, .path = "/n"};
  shelf->job = (struct job_record){.id = 1,
                                   .batch = 1,
                                   .name = "job-1",
                                   .number = 1,
                                   .listed = true,
                                   .clip_path = "/a",
                                   .clip_source = "a",
                                   .clip_hash = "a",
                                   .voice_id = "maya",
                                   .output = "/out",
                                   .state = state,
                                   .result_bytes = -1,
                                   .ended = job_state_ended(state) ? 3 : 0};
  shelf->accounts[0] = (struct account_record){.email = ONE, .credits = -1};
  shelf->accounts[1] = (struct account_record){.email = TWO, .credits = -1};
  shelf->uploads[0] = (struct upload_record){ONE, "a", ASSET_1, "a-1", 2};
  shelf->uploads[1] = (struct upload_record){TWO, "a", ASSET_2, "a-2", 2};
  shelf->snapshot = (struct store_snapshot){.latest = 1,
                                            .batches = &shelf->batch,
                                            .batch_count = 1,
                                            .jobs = &shelf->job,
                                            .job_count = 1,
                                            .attempts = &shelf->attempt,
                                            .accounts = shelf->accounts,
                                            .account_count = 2,
                                            .uploads = shelf->uploads,
                                            .upload_count = 2,
                                            .last_batch = 1,
                                            .last_job = 1};
  core_output_init(&shelf->output);
}

static void add_attempt(struct shelf *shelf, enum attempt_state state, const char *asset) {
  bool has_task = state != ATTEMPT_OPEN && state != ATTEMPT_UNSURE;
  if (has_task) shelf->job.task_id = "task";
  shelf->job.account = ONE;
  shelf->job.attempts = 1;
  shelf->attempt = (struct attempt_record){.id = 1,
                                           .job = 1,
                                           .number = 1,
                                           .account = ONE,
                                           .reply_ref = "ref",
                                           .asset_id = asset,
                                           .asset_name = "a-1",
                                           .state = state,
                                           .over = state == ATTEMPT_UNSURE ? 2 : 0,
                                           .task_id = has_task ? "task" : NULL};
  shelf->snapshot.attempt_count = 1;
  shelf->snapshot.last_attempt = 1;
}

/* What is answered; the order's number is 7. */
static const char *forget(struct shelf *shelf, const char *lines) {
  const struct control control = {.verb = CONTROL_FORGET, .pattern = lines, .request = 7};
  if (shelf->core == NULL) shelf->core = core_at_rest(&shelf->snapshot, NULL);
  core_output_reset(&shelf->output);
  core_control(shelf->core, 5000, &control, &shelf->output);
  for (size_t i = 0; i < shelf->output.record_count; i++)
    if (shelf->output.records[i].kind == RECORD_REQUEST_ANSWER) {
      assert_int_equal(shelf->output.records[i].as.request.status, 0);
      return shelf->output.records[i].as.request.answer;
    }
  fail_msg("no answer");
  return NULL;
}

static size_t uploads_written(const struct shelf *shelf) {
  size_t count = 0;
  for (size_t i = 0; i < shelf->output.record_count; i++) {
    const struct record *record = &shelf->output.records[i];
    if (record->kind != RECORD_UPLOAD) continue;
    assert_null(record->as.upload.asset_id);
    assert_non_null(record->as.upload.asset_name); /* by which it is still known as ours */
    count++;
  }
  return count;
}

static void end(struct shelf *shelf) {
  core_output_release(&shelf->output);
  core_free(shelf->core);
}

#define BOTH ONE "\t" ASSET_1 "\n" TWO "\t" ASSET_2 "\n"

static void an_upload_is_forgotten_when_every_job_of_its_clip_has_ended(void **state) {
  (void)state;
  static const enum job_state ended[] = {JOB_SUCCEEDED, JOB_FAILED, JOB_MODERATED, JOB_CANCELLED};
  for (size_t i = 0; i < sizeof ended / sizeof ended[0]; i++) {
    struct shelf shelf;
    begin(&shelf, ended[i]);
    assert_string_equal(forget(&shelf, BOTH), ASSET_1 "\tforgotten\n" ASSET_2 "\tforgotten\n");
    assert_int_equal(uploads_written(&shelf), 2);
    assert_string_equal(forget(&shelf, ONE "\t" ASSET_1), ASSET_1 "\tforgotten\n");
    assert_int_equal(uploads_written(&shelf), 0); /* it was already */
    end(&shelf);
  }
}

static void an_upload_is_kept_on_every_account_while_a_job_may_need_it(void **state) {
  (void)state;
  static const enum job_state needing[] = {JOB_QUEUED, JOB_UPLOADING, JOB_DOWNLOADING, JOB_HELD};
  for (size_t i = 0; i < sizeof needing / sizeof needing[0]; i++) {
    struct shelf shelf;
    char expected[400];
    begin(&shelf, needing[i]);
    if (needing[i] == JOB_DOWNLOADING) add_attempt(&shelf, ATTEMPT_SUCCEEDED, ASSET_1);
    const char *name = job_state_name(needing[i]);
    snprintf(expected, sizeof expected,
             ASSET_1 "\tjob job-1, which is %s, needs it\n" ASSET_2
                     "\tjob job-1, which is %s, needs it\n",
             name, name);
    assert_string_equal(forget(&shelf, BOTH), expected);
    assert_int_equal(uploads_written(&shelf), 0);
    end(&shelf);
  }
}

/* Of a clip that the job no longer has: the task may still be working on it. */
static void an_asset_is_kept_while_a_task_may_be_working_on_it(void **state) {
  (void)state;
  static const struct {
    enum job_state job;
    enum attempt_state attempt;
  } cases[] = {{JOB_SUBMITTING, ATTEMPT_OPEN},
               {JOB_UNSURE, ATTEMPT_UNSURE},
               {JOB_RUNNING, ATTEMPT_ACCEPTED},
               {JOB_HELD, ATTEMPT_HELD}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct shelf shelf;
    begin(&shelf, cases[i].job);
    add_attempt(&shelf, cases[i].attempt, "older");
    const char *said = forget(&shelf, ONE "\tolder");
    if (strstr(said, "older\tjob job-1, which is ") != said) fail_msg("%s", said);
    end(&shelf);
  }
  struct shelf shelf; /* and let go afterwards */
  begin(&shelf, JOB_FAILED);
  add_attempt(&shelf, ATTEMPT_FAILED, "older");
  assert_string_equal(forget(&shelf, ONE "\tolder"), "older\tforgotten\n");
  end(&shelf);
}

static void a_job_that_names_an_asset_keeps_it(void **state) {
  (void)state;
  struct shelf shelf;
  begin(&shelf, JOB_QUEUED);
  shelf.job.asset = ASSET_2;
  shelf.job.clip_hash = shelf.job.clip_path = NULL;
  assert_string_equal(forget(&shelf, BOTH),
                      ASSET_1 "\tforgotten\n" ASSET_2 "\tjob job-1, which is queued, needs it\n");
  assert_int_equal(uploads_written(&shelf), 0); /* no job was ever of that clip */
  end(&shelf);
}

static void what_is_on_an_account_that_is_not_known_is_left_to_others(void **state) {
  (void)state;
  struct shelf shelf;
  begin(&shelf, JOB_SUCCEEDED);
  assert_string_equal(forget(&shelf, "three@example.com\tx"),
                      "x\tthe state does not know its account\n");
  assert_string_equal(forget(&shelf, ""), "");
  assert_string_equal(forget(&shelf, "no tab\n\n"), "");
  end(&shelf);
}

static void the_order_is_read_from_a_request(void **state) {
  (void)state;
  const struct request_record request = {.id = 3, .verb = "forget", .pattern = BOTH};
  const struct control control = core_control_of(&request);
  assert_int_equal(control.verb, CONTROL_FORGET);
  assert_string_equal(control.pattern, BOTH);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_upload_is_forgotten_when_every_job_of_its_clip_has_ended),
      cmocka_unit_test(an_upload_is_kept_on_every_account_while_a_job_may_need_it),
      cmocka_unit_test(an_asset_is_kept_while_a_task_may_be_working_on_it),
      cmocka_unit_test(a_job_that_names_an_asset_keeps_it),
      cmocka_unit_test(what_is_on_an_account_that_is_not_known_is_left_to_others),
      cmocka_unit_test(the_order_is_read_from_a_request),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
