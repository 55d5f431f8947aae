/* What goes along with a submission for others to read: our own id, the job's reference, where the
 * service shall call. */
#include "core_story.h"

static struct answer accepted(const char *task) {
  static struct task_view view;
  view = (struct task_view){.task_id = task, .status = TASK_RUNNING};
  return (struct answer){
      .outcome = {.kind = OUTCOME_OK, .http_status = 201}, .tasks = &view, .task_count = 1};
}

/* The paid call that the last step ordered; NULL: none. */
static const struct call *submission(const struct story *story) {
  for (size_t i = 0; i < story->output.action_count; i++)
    if (story->output.actions[i].kind == ACTION_CALL &&
        story->output.actions[i].call.kind == CALL_SUBMIT)
      return &story->output.actions[i].call;
  return NULL;
}

/* One asset job on an account that lists nothing: its submission. */
static const struct call *submit(struct story *story) {
  story->jobs[0].asset = "user:1-runwayml:" ONE "-asset:x";
  story->jobs[0].pin = ONE;
  story->jobs[0].clip_hash = NULL;
  story_start(story);
  struct answer empty = {.outcome = {.kind = OUTCOME_OK, .http_status = 200}, .whole = true};
  assert_true(story_answer(story, CALL_LIST_TASKS, ONE, &empty));
  assert_true(story_answer(story, CALL_LIST_TASKS, TWO, &empty));
  const struct call *call = submission(story);
  assert_non_null(call);
  return call;
}

static void the_reference_follows_our_own_id(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "a")->reference = "take 3\nof\x1b two";
  const struct call *call = submit(&story);
  const char *blank = strchr(call->reply_ref, ' ');
  assert_memory_equal(call->reply_ref, "ns1:night:a:", strlen("ns1:night:a:"));
  assert_int_equal(blank - call->reply_ref, strlen("ns1:night:a:") + 16);
  assert_string_equal(blank, " take 3_of_ two");
  assert_null(call->reply_url);
  story_end(&story);
}

static void without_a_reference_our_id_stands_alone(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story_job(&story, "a");
  const struct call *call = submit(&story);
  assert_int_equal(strlen(call->reply_ref), strlen("ns1:night:a:") + 16);
  story_end(&story);
}

static void both_together_have_1024_bytes_and_whole_characters(void **state) {
  struct story story;
  char name[201], reference[512 * 3 + 1] = "";
  (void)state;
  story_begin(&story);
  memset(name, ':', sizeof name - 1); /* three bytes each in our id */
  name[sizeof name - 1] = '\0';
  for (size_t i = 0; i + 3 < sizeof reference; i += 3)
    memcpy(reference + i, "\xe4\xb8\xad", 3);
  story_job(&story, name)->reference = reference;
  const struct call *call = submit(&story);
  size_t length = strlen(call->reply_ref);
  assert_true(length <= 1024 && length > 1024 - 3);
  assert_int_equal((length - strcspn(call->reply_ref, " ") - 1) % 3, 0);
  story_end(&story);
}

static void a_task_is_ours_by_our_own_part_alone(void **state) {
  struct story story;
  (void)state;
  for (int whole = 0; whole <= 1; whole++) {
    char ref[200];
    story_begin(&story);
    story_job(&story, "a")->reference = "take 3";
    snprintf(ref, sizeof ref, "%s", submit(&story)->reply_ref);
    if (!whole) ref[strcspn(ref, " ")] = '\0'; /* as a service that cuts it would show it */
    struct answer lost = {.outcome = {.kind = OUTCOME_NO_REPLY}};
    assert_true(story_answer(&story, CALL_SUBMIT, ONE, &lost));
    assert_int_equal(story.core->jobs[0].rec.state, JOB_UNSURE);
    struct task_view task = {.task_id = "t1", .status = TASK_RUNNING, .reply_ref = ref};
    struct answer list = {.outcome = {.kind = OUTCOME_OK, .http_status = 200},
                          .whole = true,
                          .tasks = &task,
                          .task_count = 1};
    bool listed = false;
    for (int i = 0; i < 10 && !listed; i++) {
      core_output_reset(&story.output);
      story_tick(&story, SECOND_MS);
      listed = story_answer(&story, CALL_LIST_TASKS, ONE, &list);
    }
    assert_true(listed);
    assert_int_equal(story.core->jobs[0].rec.state, JOB_RUNNING);
    assert_string_equal(story.core->jobs[0].rec.task_id, "t1");
    story_end(&story);
  }
}

static void the_jobs_reply_url_goes_along_unless_the_run_has_its_own(void **state) {
  struct story story;
  (void)state;
  for (int own = 0; own <= 1; own++) {
    story_begin(&story);
    if (own) story.core->options.reply_url = "https://ours.example.com/callback";
    story_job(&story, "a")->reply_url = "https://example.com/done";
    assert_string_equal(submit(&story)->reply_url,
                        own ? "https://ours.example.com/callback" : "https://example.com/done");
    struct answer taken = accepted("t1");
    assert_true(story_answer(&story, CALL_SUBMIT, ONE, &taken));
    story_end(&story);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_reference_follows_our_own_id),
      cmocka_unit_test(without_a_reference_our_id_stands_alone),
      cmocka_unit_test(both_together_have_1024_bytes_and_whole_characters),
      cmocka_unit_test(a_task_is_ours_by_our_own_part_alone),
      cmocka_unit_test(the_jobs_reply_url_goes_along_unless_the_run_has_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
