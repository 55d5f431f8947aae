/* The paid call's answer, where it contradicts what is known. */
#include "core_story.h"

/* The submission that was ordered last is accepted as this task. */
static void accept(struct story *story, const char *task) {
  struct task_view view = {.task_id = task, .status = TASK_RUNNING};
  struct answer answer = {
      .outcome = {.kind = OUTCOME_OK, .http_status = 201}, .tasks = &view, .task_count = 1};
  for (size_t i = story->output.action_count; i-- > 0;) {
    const struct action *action = &story->output.actions[i];
    if (action->kind != ACTION_CALL || action->call.kind != CALL_SUBMIT) continue;
    struct event event = {
        .kind = EVENT_ANSWER, .request = action->request, .begun = story->now, .answer = &answer};
    core_step(story->core, story->now, &event, &story->output);
    return;
  }
  fail_msg("nothing was submitted");
}

static enum job_state state_of(const struct story *story, job_id job) {
  return story->core->jobs[job - 1].rec.state;
}

/* A state keeps one attempt for a task: two would be a fault of ours that ends the run. */
static void an_answer_that_names_a_task_of_another_submission_is_doubt(void **state) {
  (void)state;
  struct story story;
  story_begin(&story);
  for (int i = 0; i < 2; i++) {
    struct job_record *job = story_job(&story, i == 0 ? "a" : "b");
    job->asset = i == 0 ? "asset-a" : "asset-b";
    job->pin = ONE;
    job->clip_hash = NULL;
  }
  story_start(&story);
  story_list_empty(&story, ONE);
  story_list_empty(&story, TWO);
  accept(&story, "task-1");
  assert_int_equal(state_of(&story, 1), JOB_RUNNING);
  accept(&story, "task-1");
  assert_int_equal(state_of(&story, 1), JOB_RUNNING);
  assert_int_equal(state_of(&story, 2), JOB_UNSURE);
  assert_string_equal(story.core->attempts[1].rec.cause,
                      "the answer names a task that is another submission's");
  story_end(&story);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_answer_that_names_a_task_of_another_submission_is_doubt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
