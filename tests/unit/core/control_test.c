/* Orders given to a state at rest: what is written down, what is said, and what is left alone.
 * Orders at work are told in tests/scenario/order-*.scn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "nightshift/core.h"

#define NOW ((time_ms)5000)

/* One job in every state, named like it, with an attempt where there would be one; and an account.
 */
struct rest {
  struct batch_record batches[2];
  struct job_record jobs[300];
  char names[300][16];
  struct attempt_record attempts[JOB_STATE_COUNT];
  struct account_record account;
  struct store_snapshot snapshot;
  struct core *core;
  struct core_output output;
};

static struct job_record *add_job(struct rest *rest, const char *name, enum job_state state) {
  struct job_record *job = &rest->jobs[rest->snapshot.job_count++];
  *job = (struct job_record){.id = (job_id)rest->snapshot.job_count,
                             .batch = 1,
                             .name = name,
                             .number = (int64_t)rest->snapshot.job_count,
                             .listed = true,
                             .clip_path = "/a",
                             .clip_source = "a",
                             .clip_hash = "a",
                             .voice_id = "maya",
                             .output = "/out",
                             .state = state,
                             .failures = 3,
                             .again = NOW + 1,
                             .error = "why",
                             .advice = "what to do",
                             .result_bytes = -1,
                             .ended = job_state_ended(state) ? 3 : 0};
  return job;
}

static void add_attempt(struct rest *rest, struct job_record *job, enum attempt_state state) {
  size_t place = rest->snapshot.attempt_count++;
  job->account = "one@example.com";
  job->attempts = 1;
  if (state != ATTEMPT_OPEN && state != ATTEMPT_UNSURE) job->task_id = job->name;
  rest->attempts[place] = (struct attempt_record){.id = (attempt_id)place + 1,
                                                  .job = job->id,
                                                  .number = 1,
                                                  .account = "one@example.com",
                                                  .reply_ref = job->name,
                                                  .state = state,
                                                  .over = state == ATTEMPT_UNSURE ? 2 : 0,
                                                  .task_id = job->task_id};
}

static void begin(struct rest *rest) {
  *rest = (struct rest){0};
  rest->batches[0] = (struct batch_record){.id = 1, .key = "night", .named = true, .path = "/n"};
  rest->batches[1] = (struct batch_record){.id = 2, .key = "other", .named = true, .path = "/o"};
  rest->account = (struct account_record){.email = "one@example.com",
                                          .state = ACCOUNT_EMPTY,
                                          .max_jobs = 4,
                                          .capacity = 2,
                                          .credits = 0,
                                          .task_base_ms = 20000,
                                          .task_per_second_ms = 3000,
                                          .task_spread_permille = 120,
                                          .task_count = 9};
  rest->snapshot = (struct store_snapshot){.latest = 1,
                                           .batches = rest->batches,
                                           .batch_count = 2,
                                           .jobs = rest->jobs,
                                           .attempts = rest->attempts,
                                           .accounts = &rest->account,
                                           .account_count = 1,
                                           .last_batch = 2};
  core_output_init(&rest->output);
}

static void fill(struct rest *rest) {
  static const enum attempt_state attempts[JOB_STATE_COUNT] = {[JOB_SUBMITTING] = ATTEMPT_OPEN,
                                                               [JOB_UNSURE] = ATTEMPT_UNSURE,
                                                               [JOB_RUNNING] = ATTEMPT_ACCEPTED,
                                                               [JOB_DOWNLOADING] =
                                                                   ATTEMPT_SUCCEEDED,
                                                               [JOB_SUCCEEDED] = ATTEMPT_SUCCEEDED,
                                                               [JOB_FAILED] = ATTEMPT_FAILED,
                                                               [JOB_MODERATED] = ATTEMPT_MODERATED,
                                                               [JOB_CANCELLED] = ATTEMPT_CANCELLED,
                                                               [JOB_HELD] = ATTEMPT_HELD};
  for (int s = 0; s < JOB_STATE_COUNT; s++) {
    struct job_record *job = add_job(rest, job_state_name((enum job_state)s), (enum job_state)s);
    if (s != JOB_QUEUED && s != JOB_UPLOADING) add_attempt(rest, job, attempts[s]);
  }
}

static void give(struct rest *rest, struct control control) {
  control.request = 7;
  if (control.batch == NULL && control.account == NULL) control.batch = "night";
  if (rest->core == NULL) rest->core = core_at_rest(&rest->snapshot, NULL);
  core_output_reset(&rest->output);
  core_control(rest->core, NOW, &control, &rest->output);
}

static const struct request_record *answer(const struct rest *rest) {
  const struct request_record *found = NULL;
  for (size_t i = 0; i < rest->output.record_count; i++) {
    if (rest->output.records[i].kind != RECORD_REQUEST_ANSWER) continue;
    assert_null(found); /* one order, one answer */
    found = &rest->output.records[i].as.request;
  }
  assert_non_null(found);
  assert_int_equal(found->id, 7);
  assert_int_equal(found->answered, NOW);
  return found;
}

static void assert_answer(const struct rest *rest, int status, const char *text) {
  const struct request_record *found = answer(rest);
  assert_int_equal(found->status, status);
  if (strstr(found->answer, text) == NULL) fail_msg("\"%s\" is not \"%s\"", found->answer, text);
}

/* As it is written down; NULL: untouched. */
static const struct job_record *written(const struct rest *rest, const char *name) {
  const struct job_record *found = NULL;
  for (size_t i = 0; i < rest->output.record_count; i++)
    if (rest->output.records[i].kind == RECORD_JOB_STATE &&
        strcmp(rest->output.records[i].as.job.name, name) == 0)
      found = &rest->output.records[i].as.job;
  return found;
}

static void end(struct rest *rest) {
  for (size_t i = 0; i < rest->output.action_count; i++) /* nobody is there to send anything */
    assert_true(rest->output.actions[i].kind == ACTION_LOG);
  core_output_release(&rest->output);
  core_free(rest->core);
}

/* What becomes of a job in each state when it alone is named; the state's own name: it stays. */
struct row {
  enum job_state from;
  const char *to, *said;
  int status;
};

static void check_rows(struct control control, const struct row *rows) {
  for (int s = 0; s < JOB_STATE_COUNT; s++) {
    struct rest rest;
    const char *name = job_state_name((enum job_state)s);
    assert_int_equal(rows[s].from, s);
    begin(&rest);
    fill(&rest);
    control.pattern = name;
    give(&rest, control);
    const struct job_record *job = written(&rest, name);
    const char *to = job == NULL ? name : job_state_name(job->state);
    if (strcmp(to, rows[s].to) != 0) fail_msg("%s becomes %s", name, to);
    assert_answer(&rest, rows[s].status, rows[s].said);
    end(&rest);
  }
}

/* Nothing such: what it met was left as it is. */
static void retry_leads_back_to_the_queue_what_has_not_ended_well(void **state) {
  (void)state;
  static const struct row rows[] = {
      {JOB_QUEUED, "queued", "does not wait any longer", 0},
      {JOB_UPLOADING, "uploading", "nothing to retry", 1},
      {JOB_SUBMITTING, "submitting", "nothing to retry", 1},
      {JOB_UNSURE, "unsure", "nothing to retry", 1},
      {JOB_RUNNING, "running", "nothing to retry", 1},
      {JOB_DOWNLOADING, "downloading", "is being fetched", 1},
      {JOB_SUCCEEDED, "succeeded", "--again pays for it", 1},
      {JOB_FAILED, "queued", "queued again, for the next run", 0},
      {JOB_MODERATED, "moderated", "--force", 1},
      {JOB_CANCELLED, "queued", "queued again", 0},
      {JOB_HELD, "queued", "queued again", 0},
  };
  check_rows((struct control){.verb = CONTROL_RETRY}, rows);
}

static void cancel_ends_what_has_no_task_and_keeps_the_wish_for_the_rest(void **state) {
  (void)state;
  static const struct row rows[] = {
      {JOB_QUEUED, "cancelled", "cancelled", 0},
      {JOB_UPLOADING, "cancelled", "cancelled", 0},
      {JOB_SUBMITTING, "submitting", "the next run finds out whether it has a task", 0},
      {JOB_UNSURE, "unsure", "the next run finds out whether it has a task", 0},
      {JOB_RUNNING, "running", "the next run looks at its task", 0},
      {JOB_DOWNLOADING, "downloading", "the result is fetched", 0},
      {JOB_SUCCEEDED, "succeeded", "it has succeeded", 0},
      {JOB_FAILED, "cancelled", "cancelled", 0},
      {JOB_MODERATED, "moderated", "it has ended", 0},
      {JOB_CANCELLED, "cancelled", "is cancelled already", 0},
      {JOB_HELD, "cancelled", "cancelled", 0},
  };
  check_rows((struct control){.verb = CONTROL_CANCEL}, rows);
}

static void pause_touches_no_state_but_an_upload(void **state) {
  (void)state;
  struct row rows[JOB_STATE_COUNT];
  for (int s = 0; s < JOB_STATE_COUNT; s++)
    rows[s] = (struct row){(enum job_state)s, job_state_name((enum job_state)s),
                           job_state_ended((enum job_state)s) ? "it has ended" : ": ", 0};
  rows[JOB_UPLOADING].to = "queued";
  check_rows((struct control){.verb = CONTROL_PAUSE}, rows);
}

static void a_retried_job_begins_with_a_clean_slate(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  fill(&rest);
  give(&rest, (struct control){.verb = CONTROL_RETRY, .pattern = "failed"});
  const struct job_record *job = written(&rest, "failed");
  assert_int_equal(job->failures, 0);
  assert_int_equal(job->again, 0);
  assert_int_equal(job->ended, 0);
  assert_null(job->error);
  assert_null(job->advice);
  assert_null(job->task_id);
  assert_int_equal(job->attempts, 1); /* what was paid stays counted */
  assert_true(job->renewed);
  end(&rest);
}

static void wishes_are_written_down_and_can_be_withdrawn(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  fill(&rest);
  give(&rest, (struct control){.verb = CONTROL_CANCEL, .pattern = "running\nunsure"});
  assert_true(written(&rest, "running")->cancel_wanted);
  assert_true(written(&rest, "unsure")->cancel_wanted);
  give(&rest, (struct control){.verb = CONTROL_RETRY, .pattern = "running"});
  assert_false(written(&rest, "running")->cancel_wanted);
  assert_answer(&rest, 0, "is not cancelled after all");
  end(&rest);
}

static void a_finished_task_is_fetched_and_paid_again_only_on_order(void **state) {
  (void)state;
  for (int again = 0; again <= 1; again++) {
    struct rest rest;
    begin(&rest);
    struct job_record *job = add_job(&rest, "a", JOB_FAILED);
    add_attempt(&rest, job, ATTEMPT_SUCCEEDED);
    give(&rest, (struct control){.verb = CONTROL_RETRY, .pattern = "a", .again = again == 1});
    assert_int_equal(written(&rest, "a")->state, again == 1 ? JOB_QUEUED : JOB_DOWNLOADING);
    assert_answer(&rest, 0, again == 1 ? "queued again" : "nothing is paid again");
    end(&rest);
  }
}

/* It lies there under another name, for a stranger's file stood in its place. */
static void a_result_that_is_there_is_not_fetched_again(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  struct job_record *job = add_job(&rest, "a", JOB_FAILED);
  add_attempt(&rest, job, ATTEMPT_SUCCEEDED);
  job->result = "/out.new.mp4";
  job->result_bytes = 100;
  give(&rest, (struct control){.verb = CONTROL_RETRY});
  assert_null(written(&rest, "a"));
  assert_answer(&rest, 1, "its result is there already");
  end(&rest);
}

static void force_and_again_open_what_is_closed(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  fill(&rest);
  give(&rest,
       (struct control){
           .verb = CONTROL_RETRY, .pattern = "moderated\nsucceeded", .force = true, .again = true});
  assert_int_equal(written(&rest, "moderated")->state, JOB_QUEUED);
  assert_int_equal(written(&rest, "succeeded")->state, JOB_QUEUED);
  end(&rest);
}

/* A whole batch is never paid for again by one careless word. */
static void a_whole_batch_leaves_out_what_succeeded_even_with_again(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  fill(&rest);
  give(&rest, (struct control){.verb = CONTROL_RETRY, .again = true, .force = true});
  assert_null(written(&rest, "succeeded"));
  assert_non_null(written(&rest, "moderated"));
  assert_null(written(&rest, "running"));
  end(&rest);
}

static void a_whole_batch_is_cancelled_only_with_all(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  fill(&rest);
  give(&rest, (struct control){.verb = CONTROL_CANCEL});
  assert_answer(&rest, 2, "--all");
  assert_null(written(&rest, "queued"));
  give(&rest, (struct control){.verb = CONTROL_CANCEL, .all = true});
  assert_answer(&rest, 0, "queued: cancelled");
  assert_true(written(&rest, "running")->cancel_wanted);
  assert_null(written(&rest, "succeeded"));
  end(&rest);
}

static void patterns_name_jobs_of_their_batch_alone(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  (void)add_job(&rest, "a*", JOB_QUEUED);
  (void)add_job(&rest, "ab", JOB_QUEUED);
  add_job(&rest, "ac", JOB_QUEUED)->batch = 2;
  give(&rest, (struct control){.verb = CONTROL_CANCEL, .pattern = "a*"});
  assert_non_null(written(&rest, "a*")); /* the very id comes before the glob */
  assert_null(written(&rest, "ab"));
  give(&rest, (struct control){.verb = CONTROL_CANCEL, .pattern = "nothing\n?b"});
  assert_non_null(written(&rest, "ab"));
  assert_null(written(&rest, "ac"));
  assert_answer(&rest, 1, "nothing: the batch has no such job");
  assert_answer(&rest, 1, "ab: cancelled");
  give(&rest, (struct control){.verb = CONTROL_CANCEL, .pattern = "a*", .batch = "nobody"});
  assert_answer(&rest, 1, "nobody: no such batch");
  end(&rest);
}

static void a_job_taken_out_of_the_file_is_cancelled_but_not_retried(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  add_job(&rest, "gone", JOB_FAILED)->listed = false;
  give(&rest, (struct control){.verb = CONTROL_RETRY, .pattern = "gone"});
  assert_answer(&rest, 1, "no longer in the batch file");
  assert_null(written(&rest, "gone"));
  give(&rest, (struct control){.verb = CONTROL_RETRY});
  assert_answer(&rest, 1, "nothing to retry");
  give(&rest, (struct control){.verb = CONTROL_CANCEL, .pattern = "gone"});
  assert_int_equal(written(&rest, "gone")->state, JOB_CANCELLED);
  end(&rest);
}

static void a_paused_batch_is_written_whole_and_tells_its_jobs_why(void **state) {
  (void)state;
  struct rest rest;
  char why[200];
  begin(&rest);
  (void)add_job(&rest, "a", JOB_QUEUED);
  give(&rest, (struct control){.verb = CONTROL_PAUSE});
  assert_answer(&rest, 0, "night: paused");
  const struct record *record = &rest.output.records[0];
  assert_int_equal(record->kind, RECORD_BATCH);
  assert_true(record->as.batch.paused);
  assert_string_equal(record->as.batch.key, "night");
  assert_string_equal(record->as.batch.path, "/n");
  assert_true(record->as.batch.named);
  struct wait wait = core_why(rest.core, 1, NOW);
  wait_describe(&wait, why, sizeof why);
  assert_non_null(strstr(why, "paused by a person"));
  give(&rest, (struct control){.verb = CONTROL_PAUSE});
  assert_answer(&rest, 0, "is paused already");
  give(&rest, (struct control){.verb = CONTROL_RESUME, .pattern = "a"});
  assert_answer(&rest, 0, "its batch is paused");
  give(&rest, (struct control){.verb = CONTROL_RESUME});
  assert_answer(&rest, 0, "night: resumed");
  assert_false(rest.output.records[0].as.batch.paused);
  give(&rest, (struct control){.verb = CONTROL_RESUME});
  assert_answer(&rest, 0, "is not paused");
  end(&rest);
}

static void resuming_a_batch_resumes_jobs_paused_one_by_one(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  (void)add_job(&rest, "a", JOB_QUEUED);
  give(&rest, (struct control){.verb = CONTROL_PAUSE, .pattern = "a"});
  assert_true(written(&rest, "a")->paused);
  give(&rest, (struct control){.verb = CONTROL_RESUME});
  assert_false(written(&rest, "a")->paused);
  assert_answer(&rest, 0, "a: resumed");
  end(&rest);
}

static const struct account_record *written_account(const struct rest *rest) {
  for (size_t i = 0; i < rest->output.record_count; i++)
    if (rest->output.records[i].kind == RECORD_ACCOUNT) return &rest->output.records[i].as.account;
  return NULL;
}

static void an_account_is_paused_and_what_was_learned_of_it_stays(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  struct control control = {.verb = CONTROL_PAUSE, .account = "one@example.com"};
  give(&rest, control);
  assert_answer(&rest, 0, "one@example.com: paused");
  assert_int_equal(written_account(&rest)->state, ACCOUNT_PAUSED);
  assert_string_equal(written_account(&rest)->reason, "paused by a person");
  assert_int_equal(written_account(&rest)->capacity, 2);
  assert_int_equal(written_account(&rest)->max_jobs, 4);
  const struct account_record *written = written_account(&rest);
  assert_in_range(written->task_base_ms, 19990, 20010);
  assert_in_range(written->task_per_second_ms, 2999, 3001);
  assert_in_range(written->task_spread_permille, 119, 121);
  assert_int_equal(written->task_count, 9);
  give(&rest, control);
  assert_answer(&rest, 0, "is paused already");
  control.verb = CONTROL_RESUME;
  give(&rest, control);
  assert_int_equal(written_account(&rest)->state, ACCOUNT_EMPTY); /* as it was before */
  control.account = "two@example.com";
  give(&rest, control);
  assert_answer(&rest, 1, "two@example.com: the state knows no such account");
  end(&rest);
}

static void an_account_that_a_guard_lets_rest_is_let_go_on_and_its_strikes_forgotten(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  rest.account.state = ACCOUNT_PAUSED;
  rest.account.until = NOW + HOUR_MS;
  rest.account.reason = "3 moderated within 1h 00m";
  const struct control control = {.verb = CONTROL_RESUME, .account = "one@example.com"};
  give(&rest, control);
  assert_answer(&rest, 0, "one@example.com: resumed");
  assert_int_equal(written_account(&rest)->state, ACCOUNT_READY);
  assert_int_equal(written_account(&rest)->pardoned, NOW);
  end(&rest);
}

static void a_job_whose_clip_was_moderated_as_another_is_retried_only_with_force(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  (void)add_job(&rest, "first", JOB_MODERATED);
  (void)add_job(&rest, "second", JOB_FAILED);
  struct moderation_record flagged = {
      .id = 1, .job = 1, .account = "one@example.com", .subject = "a", .time = 3};
  rest.snapshot.moderations = &flagged;
  rest.snapshot.moderation_count = 1;
  give(&rest, (struct control){.verb = CONTROL_RETRY, .pattern = "second"});
  assert_answer(&rest, 1, "its clip was moderated before: job first of batch night");
  assert_null(written(&rest, "second"));
  give(&rest, (struct control){.verb = CONTROL_RETRY, .pattern = "second", .force = true});
  assert_answer(&rest, 0, "second: queued again");
  assert_true(written(&rest, "second")->forced);
  end(&rest);
}

static void
a_batch_that_a_guard_paused_is_let_go_on_and_what_ended_is_not_held_against_it(void **state) {
  (void)state;
  struct rest rest;
  begin(&rest);
  rest.batches[0].paused = true;
  rest.batches[0].why = "3 of 10 jobs that ended were moderated";
  (void)add_job(&rest, "queued", JOB_QUEUED);
  rest.core = core_at_rest(&rest.snapshot, NULL);
  assert_int_equal(core_why(rest.core, 1, NOW).reason, WAIT_BATCH);
  give(&rest, (struct control){.verb = CONTROL_RESUME});
  assert_answer(&rest, 0, "night: resumed");
  const struct batch_record *batch = NULL;
  for (size_t i = 0; i < rest.output.record_count; i++)
    if (rest.output.records[i].kind == RECORD_BATCH) batch = &rest.output.records[i].as.batch;
  assert_non_null(batch);
  assert_false(batch->paused);
  assert_null(batch->why);
  assert_int_equal(batch->pardoned, NOW);
  end(&rest);
}

static void a_long_answer_is_cut_and_counted(void **state) {
  (void)state;
  static struct rest rest;
  begin(&rest);
  for (int i = 0; i < 250; i++) {
    snprintf(rest.names[i], sizeof rest.names[i], "job-%03d", i);
    (void)add_job(&rest, rest.names[i], JOB_QUEUED);
  }
  give(&rest, (struct control){.verb = CONTROL_CANCEL, .pattern = "*"});
  assert_answer(&rest, 0, "job-099: cancelled\nand 150 more; done for 250 of 250 jobs\n");
  end(&rest);
}

static void a_request_is_read_as_an_order(void **state) {
  (void)state;
  const struct request_record request = {
      .id = 3, .verb = "retry", .batch = "night", .pattern = "a", .flags = "force again "};
  struct control control = core_control_of(&request);
  assert_int_equal(control.verb, CONTROL_RETRY);
  assert_true(control.force && control.again && !control.all);
  assert_int_equal(control.request, 3);
  control = core_control_of(&(struct request_record){.id = 4, .verb = "resume", .account = "x"});
  assert_int_equal(control.verb, CONTROL_RESUME);
  assert_false(control.force || control.again || control.all);
  assert_string_equal(control.account, "x");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(retry_leads_back_to_the_queue_what_has_not_ended_well),
      cmocka_unit_test(cancel_ends_what_has_no_task_and_keeps_the_wish_for_the_rest),
      cmocka_unit_test(pause_touches_no_state_but_an_upload),
      cmocka_unit_test(a_retried_job_begins_with_a_clean_slate),
      cmocka_unit_test(wishes_are_written_down_and_can_be_withdrawn),
      cmocka_unit_test(a_finished_task_is_fetched_and_paid_again_only_on_order),
      cmocka_unit_test(a_result_that_is_there_is_not_fetched_again),
      cmocka_unit_test(force_and_again_open_what_is_closed),
      cmocka_unit_test(a_whole_batch_leaves_out_what_succeeded_even_with_again),
      cmocka_unit_test(a_whole_batch_is_cancelled_only_with_all),
      cmocka_unit_test(patterns_name_jobs_of_their_batch_alone),
      cmocka_unit_test(a_job_taken_out_of_the_file_is_cancelled_but_not_retried),
      cmocka_unit_test(a_paused_batch_is_written_whole_and_tells_its_jobs_why),
      cmocka_unit_test(resuming_a_batch_resumes_jobs_paused_one_by_one),
      cmocka_unit_test(an_account_is_paused_and_what_was_learned_of_it_stays),
      cmocka_unit_test(an_account_that_a_guard_lets_rest_is_let_go_on_and_its_strikes_forgotten),
      cmocka_unit_test(a_job_whose_clip_was_moderated_as_another_is_retried_only_with_force),
      cmocka_unit_test(
          a_batch_that_a_guard_paused_is_let_go_on_and_what_ended_is_not_held_against_it),
      cmocka_unit_test(a_long_answer_is_cut_and_counted),
      cmocka_unit_test(a_request_is_read_as_an_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
