/* Attempts in doubt and what speaks for or against a task of theirs: names, references, what was
 * known before, rivals. Each story begins with submissions that an earlier process left open. */
#include "core_story.h"

#define OPENED (START - 10 * MINUTE_MS)

struct doubt {
  struct story story;
  struct attempt_record attempts[4];
  size_t attempt_count;
  struct stranger_record strangers[2];
  size_t stranger_count;
};

static struct attempt_record *doubt_attempt(struct doubt *doubt, const char *job_name,
                                            const char *asset_name) {
  struct story *story = &doubt->story;
  struct job_record *job = story_job(story, job_name);
  struct attempt_record *attempt = &doubt->attempts[doubt->attempt_count++];
  job->state = JOB_UNSURE;
  job->account = ONE;
  job->attempts = 1;
  *attempt = (struct attempt_record){.id = job->id,
                                     .job = job->id,
                                     .number = 1,
                                     .account = ONE,
                                     .reply_ref = job_name,
                                     .asset_id = "asset",
                                     .asset_name = asset_name,
                                     .voice_id = "maya",
                                     .anchors = "task-0",
                                     .state = ATTEMPT_UNSURE,
                                     .opened = OPENED,
                                     .over = OPENED};
  return attempt;
}

/* A job in doubt whose clip went up as "clip-a1", on an account where task-0 was known. */
static struct attempt_record *doubt_begin(struct doubt *doubt) {
  *doubt = (struct doubt){0};
  story_begin(&doubt->story);
  return doubt_attempt(doubt, "a", "clip-a1");
}

static void doubt_start(struct doubt *doubt) {
  struct story *story = &doubt->story;
  struct batch_record batch = {.id = 1, .key = "night", .named = true};
  struct store_snapshot snapshot = {.latest = START,
                                    .batches = &batch,
                                    .batch_count = 1,
                                    .jobs = story->jobs,
                                    .job_count = story->job_count,
                                    .attempts = doubt->attempts,
                                    .attempt_count = doubt->attempt_count,
                                    .last_attempt = (attempt_id)doubt->attempt_count,
                                    .strangers = doubt->strangers,
                                    .stranger_count = doubt->stranger_count,
                                    .last_batch = 1,
                                    .last_job = (job_id)story->job_count};
  assert_null(core_load_fault(&snapshot));
  core_load(story->core, &snapshot, NULL, &batch.id, 1);
  core_start(story->core, story->now, &story->output);
}

static bool list_ordered(const struct story *story, const char *email, request_id *request) {
  for (size_t i = story->output.action_count; i-- > 0;) {
    const struct action *action = &story->output.actions[i];
    if (action->kind != ACTION_CALL || action->call.kind != CALL_LIST_TASKS ||
        strcmp(action->call.email, email) != 0)
      continue;
    *request = action->request;
    return true;
  }
  return false;
}

/* The account's next list, once it is `later` at least, shows these tasks. */
static void show_on(struct doubt *doubt, const char *email, duration_ms later,
                    const struct task_view *tasks, size_t count) {
  struct story *story = &doubt->story;
  time_ms from = story->now + later;
  request_id request;
  for (int i = 0; i < 2000; i++) {
    bool listed = list_ordered(story, email, &request);
    struct answer answer = {.outcome = {.kind = OUTCOME_OK, .http_status = 200}, .whole = true};
    bool wanted = story->now >= from;
    if (wanted) {
      answer.tasks = (struct task_view *)(uintptr_t)tasks;
      answer.task_count = count;
    }
    if (listed) {
      struct event event = {
          .kind = EVENT_ANSWER, .request = request, .begun = story->now, .answer = &answer};
      if (!wanted) answer.whole = false;
      core_output_reset(&story->output);
      core_step(story->core, story->now, &event, &story->output);
      if (wanted) return;
      continue;
    }
    time_ms deadline = core_deadline(story->core);
    core_output_reset(&story->output);
    story_tick(story, deadline > story->now ? deadline - story->now : SECOND_MS);
  }
  fail_msg("%s is not listed any more", email);
}

#define SHOW(doubt, later, ...)                                                                    \
  show_on(doubt, ONE, later, (const struct task_view[]){__VA_ARGS__},                              \
          sizeof((const struct task_view[]){__VA_ARGS__}) / sizeof(struct task_view))
#define TASK(id, ...)                                                                              \
  { .task_id = (id), .status = TASK_RUNNING, .progress_percent = -1, __VA_ARGS__ }

static const struct job_record *job_of(const struct doubt *doubt, job_id id) {
  return &doubt->story.core->jobs[id - 1].rec;
}

static void doubt_end(struct doubt *doubt) {
  story_end(&doubt->story);
}

/* ---- found ---- */

static void a_task_with_our_reference_is_found(void **state) {
  (void)state;
  struct doubt doubt;
  doubt_begin(&doubt);
  doubt_start(&doubt);
  SHOW(&doubt, 0, TASK("task-1", .reply_ref = "a take 3"));
  assert_int_equal(job_of(&doubt, 1)->state, JOB_RUNNING);
  assert_string_equal(job_of(&doubt, 1)->task_id, "task-1");
  doubt_end(&doubt);
}

static void a_task_is_found_by_the_clip_s_name_and_the_voice(void **state) {
  (void)state;
  static const struct task_view fits[] = {
      TASK("task-1", .name = "Maya_clip-a1", .voice_id = "maya"),
      TASK("task-1", .name = "Maya_clip-a1"), TASK("task-1", .name = "clip-a1")};
  for (size_t i = 0; i < sizeof fits / sizeof fits[0]; i++) {
    struct doubt doubt;
    doubt_begin(&doubt);
    doubt_start(&doubt);
    show_on(&doubt, ONE, 0, &fits[i], 1);
    assert_int_equal(job_of(&doubt, 1)->state, JOB_RUNNING);
    doubt_end(&doubt);
  }
}

static void a_job_whose_voice_is_not_known_is_found_by_the_name_alone(void **state) {
  (void)state;
  struct doubt doubt;
  doubt_begin(&doubt)->voice_id = NULL;
  doubt_start(&doubt);
  SHOW(&doubt, 0, TASK("task-1", .name = "Maya_clip-a1", .voice_id = "leo"));
  assert_int_equal(job_of(&doubt, 1)->state, JOB_RUNNING);
  doubt_end(&doubt);
}

/* ---- not ours ---- */

static void tasks_that_do_not_fit_speak_for_nothing(void **state) {
  (void)state;
  static const struct task_view others[] = {
      TASK("task-1", .name = "Maya_clip-b2"),                       /* another clip */
      TASK("task-1", .name = "Maya-clip-a1"),                       /* ends so by chance */
      TASK("task-1", .name = "Leo_clip-a1", .voice_id = "leo"),     /* another voice */
      TASK("task-1", .name = "Maya_clip-a1", .reply_ref = "theirs") /* bears another's reference */
  };
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    struct doubt doubt;
    doubt_begin(&doubt);
    doubt_start(&doubt);
    show_on(&doubt, ONE, 0, &others[i], 1);
    assert_int_equal(job_of(&doubt, 1)->state, JOB_UNSURE);
    doubt_end(&doubt);
  }
}

static void a_task_seen_before_the_attempt_is_not_its_task(void **state) {
  (void)state;
  struct doubt doubt;
  doubt_begin(&doubt);
  doubt.strangers[doubt.stranger_count++] =
      (struct stranger_record){.task_id = "task-1", .account = ONE, .seen = OPENED - 1};
  doubt_start(&doubt);
  SHOW(&doubt, 0, TASK("task-1", .name = "Maya_clip-a1"));
  assert_int_equal(job_of(&doubt, 1)->state, JOB_UNSURE);
  /* Seen after it was opened, it may be. */
  SHOW(&doubt, SECOND_MS, TASK("task-2", .name = "Maya_clip-a1"),
       TASK("task-1", .name = "Maya_clip-a1"));
  assert_int_equal(job_of(&doubt, 1)->state, JOB_RUNNING);
  assert_string_equal(job_of(&doubt, 1)->task_id, "task-2");
  doubt_end(&doubt);
}

static void a_stranger_first_seen_after_the_attempt_may_be_its_task(void **state) {
  (void)state;
  struct doubt doubt;
  doubt_begin(&doubt);
  doubt.strangers[doubt.stranger_count++] =
      (struct stranger_record){.task_id = "task-1", .account = ONE, .seen = OPENED + 1};
  doubt_start(&doubt);
  SHOW(&doubt, 0, TASK("task-1", .name = "Maya_clip-a1"));
  assert_int_equal(job_of(&doubt, 1)->state, JOB_RUNNING);
  doubt_end(&doubt);
}

/* Of a batch long gone: its reference is ours, and there is no job to tell of it. */
static void a_task_of_a_job_that_is_gone_is_passed_over(void **state) {
  (void)state;
  struct doubt doubt;
  doubt_begin(&doubt);
  doubt.attempts[doubt.attempt_count++] = (struct attempt_record){.id = 2,
                                                                  .job = 99,
                                                                  .account = ONE,
                                                                  .reply_ref = "gone",
                                                                  .state = ATTEMPT_UNSURE,
                                                                  .opened = OPENED,
                                                                  .over = OPENED};
  doubt_start(&doubt);
  SHOW(&doubt, 0, TASK("task-1", .reply_ref = "gone"));
  assert_int_equal(job_of(&doubt, 1)->state, JOB_UNSURE);
  assert_int_equal(doubt.story.core->attempts[1].rec.state, ATTEMPT_UNSURE);
  doubt_end(&doubt);
}

/* It may be of a submission that is yet to come into doubt: then it was there before. */
static void a_task_named_like_a_clip_of_ours_is_remembered(void **state) {
  (void)state;
  static const struct {
    const char *name;
    bool ours;
  } names[] = {{"clip-z9", true},      {"Maya_clip-z9", true}, {"Maya_le_clip-z9", true},
               {"Maya_clip-z", false}, {"clip", false},        {NULL, false}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    struct doubt doubt;
    doubt_begin(&doubt);
    struct attempt_record *ended = doubt_attempt(&doubt, "b", "clip-z9");
    ended->state = ATTEMPT_ABSENT;
    doubt.story.jobs[1].state = JOB_QUEUED;
    doubt.story.jobs[1].again = START + 10 * HOUR_MS;
    doubt_start(&doubt);
    SHOW(&doubt, 0, TASK("task-9", .name = names[i].name));
    int64_t seen = 0;
    assert_int_equal(map_get(&doubt.story.core->strangers, "task-9", &seen), names[i].ours);
    doubt_end(&doubt);
  }
}

/* ---- held ---- */

static void two_tasks_that_fit_are_for_a_person_to_tell(void **state) {
  (void)state;
  struct doubt doubt;
  doubt_begin(&doubt);
  doubt_start(&doubt);
  SHOW(&doubt, 5 * MINUTE_MS, TASK("task-1", .name = "Maya_clip-a1"),
       TASK("task-2", .name = "Maya_clip-a1"));
  assert_int_equal(job_of(&doubt, 1)->state, JOB_HELD);
  assert_string_equal(job_of(&doubt, 1)->error,
                      "more than one task fits it and none carries its reference");
  doubt_end(&doubt);
}

static void one_task_that_two_could_claim_is_for_a_person_to_tell(void **state) {
  (void)state;
  struct doubt doubt;
  doubt_begin(&doubt);
  (void)doubt_attempt(&doubt, "b", "clip-a1");
  doubt_start(&doubt);
  SHOW(&doubt, 5 * MINUTE_MS, TASK("task-1", .name = "Maya_clip-a1"));
  assert_int_equal(job_of(&doubt, 1)->state, JOB_HELD);
  assert_int_equal(job_of(&doubt, 2)->state, JOB_HELD);
  assert_string_equal(job_of(&doubt, 1)->error,
                      "a task of the same clip and voice appeared that carries no reference");
  doubt_end(&doubt);
}

static void a_task_without_name_and_reference_is_for_a_person_to_tell(void **state) {
  (void)state;
  struct doubt doubt;
  doubt_begin(&doubt);
  doubt_start(&doubt);
  SHOW(&doubt, 5 * MINUTE_MS, TASK("task-1", ), TASK("task-0", ));
  assert_int_equal(job_of(&doubt, 1)->state, JOB_HELD);
  assert_string_equal(job_of(&doubt, 1)->error,
                      "a task appeared that bears neither a reference nor a name");
  doubt_end(&doubt);
}

/* ---- absent ---- */

static void two_whole_lists_that_lack_it_show_that_there_is_none(void **state) {
  (void)state;
  struct doubt doubt;
  doubt_begin(&doubt);
  doubt_start(&doubt);
  SHOW(&doubt, 5 * MINUTE_MS, TASK("task-0", ));
  assert_int_equal(job_of(&doubt, 1)->state, JOB_UNSURE);
  assert_int_not_equal(doubt.story.core->attempts[0].rec.absent_once, 0);
  SHOW(&doubt, 0, TASK("task-0", ));
  assert_int_not_equal(job_of(&doubt, 1)->state, JOB_UNSURE);
  assert_int_equal(doubt.story.core->attempts[0].rec.state, ATTEMPT_ABSENT);
  doubt_end(&doubt);
}

/* An id within another id is no anchor: such a list does not reach back far enough. */
static void a_list_without_what_was_known_before_shows_nothing(void **state) {
  (void)state;
  static const char *const anchors[] = {"task-01", "xtask-0", "task-01 task-02", "xtask-0 task-1"};
  for (size_t i = 0; i < sizeof anchors / sizeof anchors[0]; i++) {
    struct doubt doubt;
    doubt_begin(&doubt)->anchors = anchors[i];
    doubt_start(&doubt);
    SHOW(&doubt, 5 * MINUTE_MS, TASK("task-0", .name = "theirs"));
    assert_int_equal(doubt.story.core->attempts[0].rec.absent_once, 0);
    doubt_end(&doubt);
  }
}

static void an_anchor_is_found_wherever_it_stands(void **state) {
  (void)state;
  static const char *const anchors[] = {"task-0", "task-0 task-x", "task-x task-0",
                                        "task-x task-0 task-y"};
  for (size_t i = 0; i < sizeof anchors / sizeof anchors[0]; i++) {
    struct doubt doubt;
    doubt_begin(&doubt)->anchors = anchors[i];
    doubt_start(&doubt);
    SHOW(&doubt, 5 * MINUTE_MS, TASK("task-0", .name = "theirs"));
    assert_int_not_equal(doubt.story.core->attempts[0].rec.absent_once, 0);
    doubt_end(&doubt);
  }
}

static void an_account_that_cannot_be_listed_whole_for_an_hour_is_given_up(void **state) {
  (void)state;
  struct doubt doubt;
  doubt_begin(&doubt);
  doubt_start(&doubt);
  struct story *story = &doubt.story;
  request_id request;
  for (int i = 0; i < 2000 && job_of(&doubt, 1)->state == JOB_UNSURE; i++) {
    struct answer cut = {.outcome = {.kind = OUTCOME_UPSTREAM, .http_status = 502}};
    bool listed = list_ordered(story, ONE, &request);
    core_output_reset(&story->output);
    if (listed)
      core_step(story->core, story->now,
                &(struct event){
                    .kind = EVENT_ANSWER, .request = request, .begun = story->now, .answer = &cut},
                &story->output);
    else
      story_tick(story, 10 * SECOND_MS);
  }
  assert_int_equal(job_of(&doubt, 1)->state, JOB_HELD);
  assert_string_equal(job_of(&doubt, 1)->error,
                      "its account could not be listed whole for an hour");
  assert_true(story->now - START > HOUR_MS && story->now - START < 2 * HOUR_MS);
  doubt_end(&doubt);
}

/* ---- accounts that are gone ---- */

static void a_task_of_an_account_that_is_gone_is_found_by_its_reference(void **state) {
  (void)state;
  struct doubt doubt;
  doubt_begin(&doubt)->account = "gone@example.com";
  doubt.story.jobs[0].account = "gone@example.com";
  doubt_start(&doubt);
  SHOW(&doubt, 0, TASK("task-1", .reply_ref = "a"));
  assert_int_equal(job_of(&doubt, 1)->state, JOB_RUNNING);
  doubt_end(&doubt);
}

static void its_moderation_counts_against_no_account(void **state) {
  (void)state;
  struct doubt doubt;
  doubt_begin(&doubt)->account = "gone@example.com";
  doubt.story.jobs[0].account = "gone@example.com";
  doubt_start(&doubt);
  SHOW(&doubt, 0,
       {.task_id = "task-1",
        .reply_ref = "a",
        .status = TASK_FAILED,
        .failure = TASK_FAILURE_MODERATED,
        .failure_text = "no"});
  assert_int_equal(job_of(&doubt, 1)->state, JOB_MODERATED);
  assert_int_equal(doubt.story.core->moderations[0].account, NONE);
  doubt_end(&doubt);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_task_with_our_reference_is_found),
      cmocka_unit_test(a_task_is_found_by_the_clip_s_name_and_the_voice),
      cmocka_unit_test(a_job_whose_voice_is_not_known_is_found_by_the_name_alone),
      cmocka_unit_test(tasks_that_do_not_fit_speak_for_nothing),
      cmocka_unit_test(a_task_seen_before_the_attempt_is_not_its_task),
      cmocka_unit_test(a_stranger_first_seen_after_the_attempt_may_be_its_task),
      cmocka_unit_test(a_task_of_a_job_that_is_gone_is_passed_over),
      cmocka_unit_test(a_task_named_like_a_clip_of_ours_is_remembered),
      cmocka_unit_test(two_tasks_that_fit_are_for_a_person_to_tell),
      cmocka_unit_test(one_task_that_two_could_claim_is_for_a_person_to_tell),
      cmocka_unit_test(a_task_without_name_and_reference_is_for_a_person_to_tell),
      cmocka_unit_test(two_whole_lists_that_lack_it_show_that_there_is_none),
      cmocka_unit_test(a_list_without_what_was_known_before_shows_nothing),
      cmocka_unit_test(an_anchor_is_found_wherever_it_stands),
      cmocka_unit_test(an_account_that_cannot_be_listed_whole_for_an_hour_is_given_up),
      cmocka_unit_test(a_task_of_an_account_that_is_gone_is_found_by_its_reference),
      cmocka_unit_test(its_moderation_counts_against_no_account),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
