/* Config and batches read again while a run is at work. */
#include <stdlib.h>

#include "core_story.h"

#define THREE "three@example.com"

static const struct core_account both[] = {{.email = ONE, .max_jobs = 5, .credits = -1},
                                           {.email = TWO, .max_jobs = 5, .credits = -1}};

/* Two jobs, a and b, with their clips, on two accounts that list nothing. */
static void begin(struct story *story) {
  story_begin(story);
  story_job(story, "a");
  story_job(story, "b");
  story_start(story);
  story_list_empty(story, ONE);
  story_list_empty(story, TWO);
}

static void reload(struct story *story, struct core_reload given) {
  struct core_options options = story->core->options;
  struct event event = {.kind = EVENT_RELOAD, .reload = &given};
  if (given.options == NULL) given.options = &options;
  if (given.accounts == NULL) {
    given.accounts = both;
    given.account_count = 2;
  }
  core_output_reset(&story->output);
  core_step(story->core, story->now, &event, &story->output);
}

static int64_t field(const struct story *story, const char *name) {
  for (size_t i = 0; i < story->output.action_count; i++) {
    const struct log_line *line = &story->output.actions[i].line;
    if (story->output.actions[i].kind != ACTION_LOG || line->event != LOG_CONFIG_RELOADED) continue;
    for (size_t k = 0; k < line->field_count; k++)
      if (strcmp(line->fields[k].name, name) == 0) return line->fields[k].number;
    return 0;
  }
  fail_msg("it was not told");
  return -1;
}

static bool uploads(const struct story *story, const char *clip, const char *email) {
  for (size_t i = 0; i < story->output.action_count; i++) {
    const struct action *action = &story->output.actions[i];
    if (action->kind == ACTION_CALL && action->call.kind == CALL_UPLOAD &&
        strcmp(action->call.path, clip) == 0 &&
        (email == NULL || strcmp(action->call.email, email) == 0))
      return true;
  }
  return false;
}

static struct record job_record(struct story *story, const char *name, int32_t priority) {
  struct job_record *job = story_job(story, name);
  job->priority = priority;
  return (struct record){.kind = RECORD_JOB, .as.job = *job};
}

static struct record without(const struct story *story, int32_t place) {
  struct record record = {.kind = RECORD_JOB_SPEC, .as.job = story->jobs[place]};
  record.as.job.listed = false;
  return record;
}

static void a_new_job_joins_and_is_written_by_the_same_step(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct record records[] = {job_record(&story, "c", 9)};
  reload(&story, (struct core_reload){.records = records, .record_count = 1});
  assert_int_equal(field(&story, "jobs_added"), 1);
  assert_int_equal(story.output.records[0].kind, RECORD_JOB);
  assert_int_equal(core_count(story.core, 0).jobs, 3);
  assert_int_equal(story.core->by_rank[0], 2); /* its priority is the highest */
  assert_int_equal(story.core->jobs[2].rank, 0);
  assert_string_equal(story_why(&story, 3), "waits for a free slot");
  story_end(&story);
}

static void a_new_account_is_listed_and_takes_what_waits(void **state) {
  struct story story;
  struct answer empty = {.outcome = {.kind = OUTCOME_OK, .http_status = 200}, .whole = true};
  struct core_account three[] = {both[0], both[1], {.email = THREE, .max_jobs = 2}};
  (void)state;
  story_begin(&story);
  story_job(&story, "z");
  story_job(&story, "a")->pin = THREE; /* of no use before */
  story_start(&story);
  story_list_empty(&story, ONE);
  story_list_empty(&story, TWO);
  story_job(&story, "b");
  struct record records[] = {{.kind = RECORD_JOB, .as.job = story.jobs[2]}};
  reload(&story, (struct core_reload){
                     .accounts = three, .account_count = 3, .records = records, .record_count = 1});
  assert_int_equal(field(&story, "accounts_added"), 1);
  assert_false(uploads(&story, "a", THREE)); /* what is there already is looked at first */
  assert_true(story_answer(&story, CALL_LIST_TASKS, THREE, &empty));
  assert_true(uploads(&story, "a", THREE));
  story_end(&story);
}

static void an_account_that_was_taken_out_gets_nothing_new(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  reload(&story, (struct core_reload){.accounts = both, .account_count = 1});
  assert_int_equal(field(&story, "accounts_removed"), 1);
  struct core_account_view view = core_account_at(story.core, 1, story.now);
  assert_int_equal(view.state, ACCOUNT_PAUSED);
  assert_string_equal(view.reason, "taken out of the config");
  assert_false(account_usable(&story.core->accounts[1]));
  assert_int_equal(story.core->accounts[1].ahead_count, 0);
  for (size_t i = 0; i < story.output.record_count; i++) /* the next run may have it again */
    if (story.output.records[i].kind == RECORD_ACCOUNT)
      assert_int_not_equal(story.output.records[i].as.account.state, ACCOUNT_PAUSED);
  reload(&story, (struct core_reload){0});
  assert_int_equal(field(&story, "accounts_added"), 1);
  assert_true(account_usable(&story.core->accounts[1]));
  story_end(&story);
}

static void a_job_that_was_taken_out_and_has_not_begun_is_not_submitted(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct record records[] = {without(&story, 0), without(&story, 1)};
  reload(&story, (struct core_reload){.records = records, .record_count = 2});
  assert_int_equal(field(&story, "jobs_removed"), 2);
  assert_int_equal(core_count(story.core, 0).jobs, 0);
  for (int32_t i = 0; i < 2; i++) {
    assert_false(story.core->jobs[i].ours);
    assert_int_equal(story.core->jobs[i].place, PLACE_NONE);
  }
  story_end(&story);
}

static void a_job_that_was_taken_out_with_a_task_is_followed(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  *story_job(&story, "a") = (struct job_record){.id = 1,
                                                .batch = 1,
                                                .name = "a",
                                                .listed = true,
                                                .clip_path = "a",
                                                .clip_hash = "a",
                                                .voice = "maya",
                                                .voice_id = "maya",
                                                .output = "a",
                                                .state = JOB_UNSURE,
                                                .account = ONE,
                                                .result_bytes = -1};
  story_start(&story);
  struct record records[] = {without(&story, 0)};
  reload(&story, (struct core_reload){.records = records, .record_count = 1});
  assert_int_equal(field(&story, "jobs_removed"), 1);
  assert_true(story.core->jobs[0].ours);
  assert_int_equal(core_count(story.core, 0).by_state[JOB_UNSURE], 1);
  story_end(&story);
}

static void
a_job_that_was_taken_out_while_its_submission_is_refused_is_not_sent_again(void **state) {
  struct story story;
  struct asset_view asset = {.asset_id = "user:1-runwayml:" ONE "-asset:1"};
  struct answer uploaded = {
      .outcome = {.kind = OUTCOME_OK, .http_status = 200}, .assets = &asset, .asset_count = 1};
  struct answer busy = {
      .outcome = {.kind = OUTCOME_BUSY_RUNWAY, .refused = true, .retry_after_ms = -1}};
  (void)state;
  story_begin(&story);
  story_job(&story, "a")->pin = ONE;
  story_start(&story);
  story_list_empty(&story, ONE);
  story_list_empty(&story, TWO);
  assert_true(story_answer(&story, CALL_UPLOAD, ONE, &uploaded));
  assert_int_equal(story.core->jobs[0].rec.state, JOB_SUBMITTING);
  struct action submission = {0};
  for (size_t i = 0; i < story.output.action_count; i++)
    if (story.output.actions[i].kind == ACTION_CALL &&
        story.output.actions[i].call.kind == CALL_SUBMIT)
      submission = story.output.actions[i];
  assert_true(submission.request != 0);
  struct record records[] = {without(&story, 0)};
  reload(&story, (struct core_reload){.records = records, .record_count = 1});
  core_step(
      story.core, story.now,
      &(struct event){
          .kind = EVENT_ANSWER, .request = submission.request, .begun = story.now, .answer = &busy},
      &story.output);
  assert_int_equal(story.core->jobs[0].rec.state, JOB_CANCELLED);
  assert_string_equal(story.core->jobs[0].rec.error, "taken out of the batch file");
  assert_int_equal(story.core->accounts[0].ahead_count, 0);
  story_end(&story);
}

/* Its attempt is in doubt on an account that the config does not name, and names again. */
static void an_account_that_comes_counts_what_is_in_doubt_there(void **state) {
  struct story story;
  struct core_account three[] = {both[0], both[1], {.email = THREE, .max_jobs = 2}};
  struct attempt_record attempt = {.id = 1,
                                   .job = 1,
                                   .number = 1,
                                   .account = THREE,
                                   .reply_ref = "ns1:b:a:1",
                                   .asset_id = "user:1-runwayml:" THREE "-asset:1",
                                   .state = ATTEMPT_UNSURE,
                                   .opened = START - MINUTE_MS,
                                   .over = START - SECOND_MS};
  struct batch_record batch = {.id = 1, .key = "night", .named = true};
  struct store_snapshot snapshot = {.latest = START,
                                    .batches = &batch,
                                    .batch_count = 1,
                                    .jobs = story.jobs,
                                    .job_count = 1,
                                    .attempts = &attempt,
                                    .attempt_count = 1,
                                    .last_batch = 1,
                                    .last_job = 1};
  (void)state;
  story_begin(&story);
  struct job_record *job = story_job(&story, "a");
  job->state = JOB_UNSURE;
  job->account = THREE;
  core_load(story.core, &snapshot, NULL, &batch.id, 1);
  core_start(story.core, story.now, &story.output);
  reload(&story, (struct core_reload){.accounts = three, .account_count = 3});
  assert_int_equal(story.core->accounts[2].in_flight, 1);
  assert_int_equal(story.core->accounts[2].undecided, 1);
  story_end(&story);
}

static void a_job_pinned_to_an_account_that_was_taken_out_says_so(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "a")->pin = TWO;
  story_start(&story);
  reload(&story, (struct core_reload){.accounts = both, .account_count = 1});
  assert_string_equal(story_why(&story, 1), "no account that may run it is left (" TWO ")");
  story_end(&story);
}

static void changed_limits_hold_from_now_on(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct core_account smaller[] = {{.email = ONE, .max_jobs = 2, .credits = -1}, both[1]};
  struct core_options options = {.seed = 99,
                                 .start_limit = 1,
                                 .adopt = true,
                                 .poll_low = 5000,
                                 .poll_high = 6000,
                                 .max_attempts = 7};
  uint64_t seed = story.core->options.seed;
  reload(&story, (struct core_reload){.options = &options,
                                      .accounts = smaller,
                                      .account_count = 2,
                                      .settings = "scheduling.poll"});
  assert_int_equal(field(&story, "accounts_changed"), 1);
  assert_int_equal(story.core->accounts[0].max_jobs, 2);
  assert_int_equal(story.core->options.max_attempts, 7);
  assert_int_equal(story.core->options.poll_high, 6000);
  assert_true(story.core->options.seed == seed);
  assert_int_equal(story.core->options.start_limit, 0);
  assert_false(story.core->options.adopt);
  assert_true(story.core->options.settle_ms >= SETTLE_LEAST_MS);
  story_end(&story);
}

static void another_token_mends_an_account_whose_own_was_refused(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  struct event tick = {.kind = EVENT_TICK};
  story.core->out = &story.output;
  account_mark_lost(story.core, &story.core->accounts[0], "its token was refused", false);
  account_mark_lost(story.core, &story.core->accounts[1], "suspended", true);
  story.core->out = NULL;
  struct core_account given[] = {both[0], both[1]};
  given[0].token = given[1].token = 1;
  reload(&story, (struct core_reload){.accounts = given, .account_count = 2});
  assert_int_equal(story.core->accounts[0].state, ACCOUNT_READY);
  assert_int_equal(story.core->accounts[1].state, ACCOUNT_LOST);
  core_step(story.core, story.now, &tick, &story.output);
  story_end(&story);
}

static void that_nothing_has_changed_is_told(void **state) {
  struct story story;
  (void)state;
  begin(&story);
  int64_t jobs = core_count(story.core, 0).jobs;
  reload(&story, (struct core_reload){0});
  assert_int_equal(field(&story, "jobs_added"), 0);
  assert_int_equal(core_count(story.core, 0).jobs, jobs);
  assert_string_equal(story.output.actions[0].line.fields[0].text, "nothing has changed");
  story_end(&story);
}

static void a_snapshot_is_brought_up_to_what_is_known(void **state) {
  struct story story;
  struct job_record stored = {.id = 1, .key = "id:a", .name = "old", .state = JOB_QUEUED};
  struct batch_record batch = {.id = 1, .key = "night", .path = "there"};
  struct store_snapshot snapshot = {
      .jobs = &stored, .job_count = 1, .batches = &batch, .batch_count = 1};
  (void)state;
  begin(&story);
  story.core->out = &story.output;
  job_unplace(story.core, &story.core->jobs[0]);
  if (story.core->jobs[0].rec.state == JOB_UPLOADING)
    job_move(story.core, &story.core->jobs[0], JOB_QUEUED);
  job_end(story.core, &story.core->jobs[0], JOB_FAILED, "so", NULL);
  story.core->out = NULL;
  story.core->batches[0].rec.paused = true;
  core_refresh(story.core, &snapshot);
  assert_int_equal(stored.state, JOB_FAILED);
  assert_string_equal(stored.error, "so");
  assert_string_equal(stored.key, "id:a");
  assert_string_equal(stored.name, "old"); /* of the spec part, which the state has */
  assert_true(batch.paused);
  assert_string_equal(batch.path, "there");
  story_end(&story);
}

/* An account that joins: what earlier runs know of it holds from its first step on. */
static const struct core_account *all_with(struct core_guards guards) {
  static struct core_account all[3];
  all[0] = both[0];
  all[1] = both[1];
  all[2] = (struct core_account){.email = THREE, .max_jobs = 5, .credits = -1, .guards = guards};
  return all;
}

static void one_that_a_person_paused_joins_paused(void **state) {
  struct story story;
  struct account_record paused = {
      .email = THREE, .state = ACCOUNT_PAUSED, .reason = "paused by a person", .credits = -1};
  struct store_snapshot known = {.accounts = &paused, .account_count = 1};
  (void)state;
  begin(&story);
  reload(&story, (struct core_reload){.accounts = all_with((struct core_guards){0}),
                                      .account_count = 3,
                                      .known = &known});
  assert_string_equal(story.core->accounts[2].paused, "paused by a person");
  assert_false(account_usable(&story.core->accounts[2]));
  story_end(&story);
}

static void one_that_had_its_strikes_joins_resting(void **state) {
  struct story story;
  struct moderation_record strikes[3];
  struct store_snapshot known = {.moderations = strikes, .moderation_count = 3};
  (void)state;
  begin(&story);
  for (int64_t i = 0; i < 3; i++) {
    strikes[i] = (struct moderation_record){
        .id = i + 1, .job = 99, .account = THREE, .subject = "other", .time = START};
    moderation_restore(story.core, &strikes[i]);
  }
  story.core->options.strikes = 3;
  story.core->options.strike_window = HOUR_MS;
  reload(&story, (struct core_reload){.accounts = all_with((struct core_guards){0}),
                                      .account_count = 3,
                                      .known = &known});
  assert_int_equal(story.core->accounts[2].rest, WAIT_STRIKES);
  assert_int_equal(story.core->accounts[2].rest_until, START + HOUR_MS);
  story_end(&story);
}

static void one_that_had_its_jobs_of_the_day_joins_resting(void **state) {
  struct story story;
  struct attempt_record done = {
      .id = 1, .job = 99, .account = THREE, .opened = START, .state = ATTEMPT_SUCCEEDED};
  (void)state;
  begin(&story);
  attempt_restore(story.core, &done);
  reload(&story, (struct core_reload){.accounts = all_with((struct core_guards){.jobs_per_day = 1}),
                                      .account_count = 3});
  assert_int_equal(story.core->accounts[2].rest, WAIT_DAY);
  story_end(&story);
}

/* What went before it came, on tasks that are not known here, is no price of what is paid now. */
static void what_went_before_one_joins_tells_no_price(void **state) {
  struct story story;
  struct account_record account = {.email = THREE,
                                   .state = ACCOUNT_READY,
                                   .credits = 5000,
                                   .quiet_credits = 5000,
                                   .quiet_at = START - HOUR_MS};
  struct store_snapshot known = {.accounts = &account, .account_count = 1};
  struct core_account three[] = {
      both[0], both[1], {.email = THREE, .max_jobs = 2, .credits = 1000}};
  (void)state;
  begin(&story);
  reload(&story, (struct core_reload){.accounts = three, .account_count = 3, .known = &known});
  struct account *joined = &story.core->accounts[2];
  joined->paid_s += 10;
  joined->is_clean = true;
  money_read(story.core, joined, 950);
  assert_int_equal((int)(joined->price + 0.5), 5);
  story_end(&story);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_job_joins_and_is_written_by_the_same_step),
      cmocka_unit_test(a_new_account_is_listed_and_takes_what_waits),
      cmocka_unit_test(an_account_that_was_taken_out_gets_nothing_new),
      cmocka_unit_test(a_job_that_was_taken_out_and_has_not_begun_is_not_submitted),
      cmocka_unit_test(a_job_that_was_taken_out_with_a_task_is_followed),
      cmocka_unit_test(a_job_that_was_taken_out_while_its_submission_is_refused_is_not_sent_again),
      cmocka_unit_test(an_account_that_comes_counts_what_is_in_doubt_there),
      cmocka_unit_test(a_job_pinned_to_an_account_that_was_taken_out_says_so),
      cmocka_unit_test(changed_limits_hold_from_now_on),
      cmocka_unit_test(another_token_mends_an_account_whose_own_was_refused),
      cmocka_unit_test(that_nothing_has_changed_is_told),
      cmocka_unit_test(a_snapshot_is_brought_up_to_what_is_known),
      cmocka_unit_test(one_that_a_person_paused_joins_paused),
      cmocka_unit_test(one_that_had_its_strikes_joins_resting),
      cmocka_unit_test(one_that_had_its_jobs_of_the_day_joins_resting),
      cmocka_unit_test(what_went_before_one_joins_tells_no_price),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
