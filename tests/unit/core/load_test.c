/* What a core keeps of the state it began with: all of it, in memory of its own. */
#include <stdlib.h>

#include "core_story.h"
#include "util/arena.h"

/* A snapshot whose texts lie in one block, so that they can be taken away after loading. */
struct lent {
  struct arena texts;
  struct batch_record batch;
  struct job_record job;
  struct account_record account;
  struct moderation_record moderation;
  struct upload_record upload;
  struct store_snapshot snapshot;
};

static const char *lend(struct lent *lent, const char *text) {
  return arena_string(&lent->texts, text);
}

static void lent_begin(struct lent *lent) {
  *lent = (struct lent){0};
  arena_init(&lent->texts);
  lent->batch = (struct batch_record){.id = 1,
                                      .key = lend(lent, "night"),
                                      .named = true,
                                      .path = lend(lent, "/b/night.yaml"),
                                      .paused = true,
                                      .why = lend(lent, "too many were moderated")};
  lent->job = (struct job_record){.id = 1,
                                  .batch = 1,
                                  .name = lend(lent, "a"),
                                  .number = 1,
                                  .listed = true,
                                  .clip_path = lend(lent, "/c/a.mp4"),
                                  .clip_source = lend(lent, "a.mp4"),
                                  .clip_hash = lend(lent, "hash"),
                                  .clip_type = lend(lent, "video/mp4"),
                                  .voice = lend(lent, "Maya"),
                                  .voice_id = lend(lent, "maya"),
                                  .output = lend(lent, "/out/a.mp4"),
                                  .reference = lend(lent, "take 3"),
                                  .reply_url = lend(lent, "https://x.example/"),
                                  .error = lend(lent, "why"),
                                  .advice = lend(lent, "what to do"),
                                  .result = lend(lent, "/out/a.mp4"),
                                  .result_bytes = -1,
                                  .state = JOB_FAILED,
                                  .ended = 1};
  lent->account = (struct account_record){.email = lend(lent, ONE),
                                          .state = ACCOUNT_PAUSED,
                                          .reason = lend(lent, "paused by a person"),
                                          .credits = -1};
  lent->moderation = (struct moderation_record){
      .id = 1, .job = 1, .subject = lend(lent, "hash-b"), .time = 1, .words = lend(lent, "no")};
  lent->upload = (struct upload_record){.account = lent->account.email,
                                        .clip_hash = lend(lent, "hash"),
                                        .asset_id = lend(lent, "asset-a"),
                                        .asset_name = lend(lent, "a-1")};
  lent->snapshot = (struct store_snapshot){.latest = START,
                                           .batches = &lent->batch,
                                           .batch_count = 1,
                                           .jobs = &lent->job,
                                           .job_count = 1,
                                           .accounts = &lent->account,
                                           .account_count = 1,
                                           .moderations = &lent->moderation,
                                           .moderation_count = 1,
                                           .uploads = &lent->upload,
                                           .upload_count = 1,
                                           .last_batch = 1,
                                           .last_job = 1};
}

static const struct record *written(const struct core_output *output, enum record_kind kind) {
  for (size_t i = output->record_count; i-- > 0;)
    if (output->records[i].kind == kind) return &output->records[i];
  fail_msg("no record of kind %d", (int)kind);
  return NULL;
}

static void nothing_of_the_snapshot_is_needed_after_loading(void **state) {
  (void)state;
  struct lent lent;
  struct core_output output;
  lent_begin(&lent);
  struct core *core = core_at_rest(&lent.snapshot, NULL);
  arena_release(&lent.texts); /* the sanitizer sees who reads on */
  core_output_init(&output);
  core_control(core, START, &(struct control){.verb = CONTROL_RESUME, .batch = "night"}, &output);
  const struct batch_record *batch = &written(&output, RECORD_BATCH)->as.batch;
  assert_string_equal(batch->key, "night");
  assert_string_equal(batch->path, "/b/night.yaml");
  assert_null(batch->why);
  core_control(core, START, &(struct control){.verb = CONTROL_PAUSE, .account = ONE}, &output);
  core_control(core, START, &(struct control){.verb = CONTROL_RESUME, .account = ONE}, &output);
  assert_string_equal(written(&output, RECORD_ACCOUNT)->as.account.email, ONE);
  core_control(core, START, &(struct control){.verb = CONTROL_RETRY, .batch = "night"}, &output);
  const struct job_record *job = &written(&output, RECORD_JOB_STATE)->as.job;
  assert_int_equal(job->state, JOB_QUEUED);
  assert_string_equal(job->name, "a");
  assert_string_equal(job->result, "/out/a.mp4");
  core_output_release(&output);
  core_free(core);
}

/* Whatever a spec part holds is taken over from the file, and nothing of the state part. */
static void a_spec_part_is_copied_whole(void **state) {
  (void)state;
  /* static: their padding is zero, too */
  static const struct job_record from = {.id = 7,
                                         .key = "k",
                                         .name = "n",
                                         .number = 1,
                                         .listed = true,
                                         .line = 2,
                                         .column = 3,
                                         .clip_path = "p",
                                         .clip_source = "s",
                                         .clip_hash = "h",
                                         .clip_bytes = 4,
                                         .clip_mtime_ns = 5,
                                         .clip_ms = 6,
                                         .clip_width = 7,
                                         .clip_height = 8,
                                         .clip_type = "t",
                                         .asset = "a",
                                         .voice = "v",
                                         .voice_id = "i",
                                         .output = "o",
                                         .explore = EXPLORE_AUTO,
                                         .priority = 9,
                                         .pin = "e",
                                         .reference = "r",
                                         .reply_url = "u",
                                         .state = JOB_HELD,
                                         .attempts = 3};
  static struct job_record to = {.id = 1, .state = JOB_QUEUED};
  job_copy_spec(&to, &from);
  assert_int_equal(to.id, 1);
  assert_int_equal(to.state, JOB_QUEUED);
  assert_int_equal(to.attempts, 0);
  to.id = from.id;
  to.state = from.state;
  to.attempts = from.attempts;
  assert_memory_equal(&to, &from, sizeof to);
}

/* What was learned is what a later run learns from. */
static void what_was_learned_is_written_down_as_it_was_read(void **state) {
  (void)state;
  struct lent lent;
  struct core_output output;
  lent_begin(&lent);
  lent.account.task_base_ms = 20000;
  lent.account.task_per_second_ms = 2000;
  lent.account.task_spread_permille = 200;
  lent.account.task_count = 30;
  lent.account.explore_base_ms = 60000;
  lent.account.explore_per_second_ms = 6000;
  lent.account.explore_spread_permille = 300;
  lent.account.explore_count = 20;
  struct core *core = core_at_rest(&lent.snapshot, NULL);
  core_output_init(&output);
  core_control(core, START, &(struct control){.verb = CONTROL_RESUME, .account = ONE}, &output);
  const struct account_record *account = &written(&output, RECORD_ACCOUNT)->as.account;
  assert_in_range(account->task_base_ms, 15000, 25000);
  assert_in_range(account->task_per_second_ms, 1700, 2300);
  assert_in_range(account->task_spread_permille, 150, 250);
  assert_int_equal(account->task_count, 30);
  assert_in_range(account->explore_base_ms, 45000, 75000);
  assert_in_range(account->explore_per_second_ms, 5100, 6900);
  assert_in_range(account->explore_spread_permille, 225, 375);
  assert_int_equal(account->explore_count, 20);
  core_output_release(&output);
  core_free(core);
  arena_release(&lent.texts);
}

/* ---- orders ---- */

static struct core *core_of(struct lent *lent, enum job_state job_state) {
  lent_begin(lent);
  lent->batch.paused = false;
  lent->batch.why = NULL;
  lent->job.state = job_state;
  lent->job.ended = job_state_ended(job_state) ? 1 : 0;
  return core_at_rest(&lent->snapshot, NULL);
}

static void ended(struct lent *lent, struct core *core, struct core_output *output) {
  core_output_release(output);
  core_free(core);
  arena_release(&lent->texts);
}

static void a_retry_of_a_waiting_job_is_written_down(void **state) {
  (void)state;
  struct lent lent;
  struct core_output output;
  lent_begin(&lent);
  lent.batch.paused = false;
  lent.job.state = JOB_QUEUED;
  lent.job.ended = 0;
  lent.job.again = START + HOUR_MS;
  lent.job.failures = 2;
  struct core *core = core_at_rest(&lent.snapshot, NULL);
  core_output_init(&output);
  core_control(core, START,
               &(struct control){.verb = CONTROL_RETRY, .batch = "night", .pattern = "a"}, &output);
  const struct job_record *job = &written(&output, RECORD_JOB_STATE)->as.job;
  assert_int_equal(job->again, 0);
  assert_int_equal(job->failures, 0);
  ended(&lent, core, &output);
}

static void a_cancelled_job_is_no_longer_paused(void **state) {
  (void)state;
  struct lent lent;
  struct core_output output;
  struct core *core = core_of(&lent, JOB_QUEUED);
  core_output_init(&output);
  const struct control pause = {.verb = CONTROL_PAUSE, .batch = "night", .pattern = "a"},
                       cancel = {.verb = CONTROL_CANCEL, .batch = "night", .pattern = "a"};
  core_control(core, START, &pause, &output);
  assert_true(written(&output, RECORD_JOB_STATE)->as.job.paused);
  core_control(core, START, &cancel, &output);
  assert_int_equal(written(&output, RECORD_JOB_STATE)->as.job.state, JOB_CANCELLED);
  assert_false(written(&output, RECORD_JOB_STATE)->as.job.paused);
  ended(&lent, core, &output);
}

static void cancelling_all_passes_over_what_has_ended_well(void **state) {
  (void)state;
  static const enum job_state left[] = {JOB_SUCCEEDED, JOB_MODERATED, JOB_CANCELLED};
  for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
    struct lent lent;
    struct core_output output;
    struct core *core = core_of(&lent, left[i]);
    core_output_init(&output);
    const struct control all = {
        .verb = CONTROL_CANCEL, .batch = "night", .all = true, .request = 1};
    core_control(core, START, &all, &output);
    const struct request_record *answer = &written(&output, RECORD_REQUEST_ANSWER)->as.request;
    assert_string_equal(answer->answer, "night: nothing to cancel\n");
    assert_int_equal(answer->status, 1);
    ended(&lent, core, &output);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_of_the_snapshot_is_needed_after_loading),
      cmocka_unit_test(a_spec_part_is_copied_whole),
      cmocka_unit_test(what_was_learned_is_written_down_as_it_was_read),
      cmocka_unit_test(a_retry_of_a_waiting_job_is_written_down),
      cmocka_unit_test(a_cancelled_job_is_no_longer_paused),
      cmocka_unit_test(cancelling_all_passes_over_what_has_ended_well),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
