/* That nothing ends any more is told once, with what the next job waits for. */
#include "core_story.h"

static const struct log_line *stalled(const struct story *story) {
  for (size_t i = 0; i < story->output.action_count; i++)
    if (story->output.actions[i].kind == ACTION_LOG &&
        story->output.actions[i].line.event == LOG_RUN_STALLED)
      return &story->output.actions[i].line;
  return NULL;
}

static const char *why(const struct log_line *line) {
  for (size_t i = 0; i < line->field_count; i++)
    if (strcmp(line->fields[i].name, "why") == 0) return line->fields[i].text;
  return "";
}

static void step(struct story *story, duration_ms later, const struct event *event) {
  core_output_reset(&story->output);
  story->now += later;
  core_step(story->core, story->now, event, &story->output);
}

static void nothing_ended_for_half_an_hour_is_told_once(void **state) {
  struct story story;
  const struct event tick = {.kind = EVENT_TICK};
  (void)state;
  story_begin(&story);
  story_job(&story, "a");
  story_start(&story);
  assert_true(core_deadline(story.core) <= START + 30 * MINUTE_MS);
  step(&story, 30 * MINUTE_MS - 1, &tick);
  assert_null(stalled(&story));
  step(&story, 1, &tick);
  assert_non_null(stalled(&story));
  assert_non_null(strstr(why(stalled(&story)), "nothing has ended for 30 min; a, next in line: "));
  step(&story, HOUR_MS, &tick);
  assert_null(stalled(&story));
  story_end(&story);
}

static void an_end_begins_the_half_hour_anew(void **state) {
  struct story story;
  const struct event tick = {.kind = EVENT_TICK}, found = {.kind = EVENT_OUTPUT_FOUND, .job = 1};
  (void)state;
  for (int told = 0; told <= 1; told++) { /* before and after it was told */
    story_begin(&story);
    story_job(&story, "a");
    story_job(&story, "b");
    story_start(&story);
    step(&story, (29 + told) * MINUTE_MS, &tick);
    assert_true((stalled(&story) != NULL) == (told == 1));
    step(&story, 0, &found);
    assert_int_equal(story.core->jobs[0].rec.state, JOB_FAILED);
    step(&story, 30 * MINUTE_MS - 1, &tick);
    assert_null(stalled(&story));
    step(&story, 1, &tick);
    assert_non_null(stalled(&story));
    assert_non_null(strstr(why(stalled(&story)), "; b, next"));
    story_end(&story);
  }
}

static void a_run_that_stops_is_not_told_to_be_stalled(void **state) {
  struct story story;
  const struct event tick = {.kind = EVENT_TICK}, stop = {.kind = EVENT_STOP, .text = "SIGTERM"};
  (void)state;
  story_begin(&story);
  story_job(&story, "a");
  story_start(&story);
  step(&story, 0, &stop);
  step(&story, HOUR_MS, &tick);
  assert_null(stalled(&story));
  story_end(&story);
}

static void the_rate_is_that_of_this_run(void **state) {
  struct story story;
  const struct event tick = {.kind = EVENT_TICK};
  (void)state;
  story_begin(&story);
  story_job(&story, "a")->state = JOB_SUCCEEDED; /* by a run before */
  story_job(&story, "b");
  story_start(&story);
  assert_int_equal(core_per_hour(story.core, story.now + MINUTE_MS - 1), -1);
  step(&story, 30 * MINUTE_MS, &tick);
  assert_int_equal(core_per_hour(story.core, story.now), 0);
  story.core->counts[JOB_SUCCEEDED]++; /* as if b had by now */
  assert_int_equal(core_per_hour(story.core, story.now), 2);
  story.core->counts[JOB_SUCCEEDED]--;
  story_end(&story);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_ended_for_half_an_hour_is_told_once),
      cmocka_unit_test(an_end_begins_the_half_hour_anew),
      cmocka_unit_test(a_run_that_stops_is_not_told_to_be_stalled),
      cmocka_unit_test(the_rate_is_that_of_this_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
