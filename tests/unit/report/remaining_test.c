/* A batch of what is left: its text, letter by letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "nightshift/report.h"
#include "report/show.h"
#include "util/arena.h"

static struct job_record job(int64_t number, const char *clip, enum job_state state) {
  static char texts[16][3][80];
  char(*text)[80] = texts[number];
  snprintf(text[0], sizeof text[0], "clip:%s|v1", clip);
  snprintf(text[1], sizeof text[1], "/v/%s", clip);
  snprintf(text[2], sizeof text[2], "/v/out/%d.mp4", (int)number);
  return (struct job_record){.id = number,
                             .batch = 1,
                             .key = text[0],
                             .name = "name",
                             .number = number,
                             .listed = true,
                             .clip_path = text[1],
                             .clip_source = clip,
                             .voice = "Maya",
                             .output = text[2],
                             .state = state};
}

struct printed {
  char *text;
  size_t size, count;
  bool absolute;
};

static struct printed print(struct job_record *jobs, size_t count, const struct batch_record *batch,
                            const char *directory) {
  struct printed printed = {0};
  const struct store_snapshot snapshot = {.jobs = jobs, .job_count = count};
  const struct remaining_source source = {
      .snapshot = &snapshot, .batch = batch, .directory = directory, .now = 0};
  FILE *stream = open_memstream(&printed.text, &printed.size);
  assert_non_null(stream);
  printed.count = remaining_print(&source, &printed.absolute, stream);
  assert_int_equal(fclose(stream), 0);
  return printed;
}

static const struct batch_record spring = {
    .id = 1, .key = "spring", .named = true, .path = "/v/batch.yaml"};

static void jobs_come_by_why_they_are_left(void **state) {
  (void)state;
  struct job_record jobs[] = {job(1, "a.mp4", JOB_FAILED),  job(2, "b.mp4", JOB_SUCCEEDED),
                              job(3, "c.mp4", JOB_QUEUED),  job(4, "d.mp4", JOB_FAILED),
                              job(5, "e.mp4", JOB_RUNNING), job(6, "f.mp4", JOB_QUEUED)};
  jobs[0].error = jobs[3].error = "no face";
  jobs[0].advice = jobs[3].advice = "look at the clip";
  jobs[5].listed = false;
  struct printed printed = print(jobs, 6, &spring, "/v");
  assert_int_equal(printed.count, 4);
  assert_false(printed.absolute);
  assert_string_equal(
      printed.text,
      "# What was left of spring\n"
      "# Thu 01 Jan, 00:00: 4 jobs. This is the same batch: running it goes on with these very "
      "jobs, and with no other.\n"
      "# Jobs that have ended stay so until `nightshift retry` of this file.\n"
      "batch: \"spring\"\n"
      "jobs:\n"
      "  # 1 with the service: a run looks after the task and fetches the result\n"
      "  - video: \"e.mp4\"\n    voice: \"Maya\"\n    output: \"out/5.mp4\"\n"
      "\n  # 1 not started\n"
      "  - video: \"c.mp4\"\n    voice: \"Maya\"\n    output: \"out/3.mp4\"\n"
      "\n  # 2 failed: no face\n  # look at the clip\n"
      "  - video: \"a.mp4\"\n    voice: \"Maya\"\n    output: \"out/1.mp4\"\n"
      "  - video: \"d.mp4\"\n    voice: \"Maya\"\n    output: \"out/4.mp4\"\n");
  free(printed.text);
}

static void assert_has(const struct printed *printed, const char *part) {
  if (strstr(printed->text, part) == NULL) fail_msg("\"%s\" is not in %s", part, printed->text);
}

static void every_key_of_a_job_is_written_that_says_something(void **state) {
  (void)state;
  struct job_record one = job(1, "a \"b\"\\\n\xe2\x80\xa8.mp4", JOB_QUEUED);
  one.key = "id:mine";
  one.name = "mine";
  one.explore = EXPLORE_AUTO;
  one.priority = -3;
  one.pin = "one@example.com";
  one.reference = "take 3";
  one.reply_url = "https://example.com/hook";
  struct printed printed = print(&one, 1, &spring, "/v");
  assert_has(&printed, "video: \"a \\\"b\\\"\\\\\\u000a\\u2028.mp4\"\n");
  assert_has(&printed, "    id: \"mine\"\n");
  assert_has(&printed, "    explore: auto\n    priority: -3\n    account: \"one@example.com\"\n"
                       "    reference: \"take 3\"\n    reply_url: \"https://example.com/hook\"\n");
  free(printed.text);
}

static void an_asset_names_its_account_itself(void **state) {
  (void)state;
  struct job_record one = job(1, "a.mp4", JOB_QUEUED);
  one.asset = one.clip_source = "user:1-runwayml:one@example.com-asset:x";
  one.clip_path = NULL;
  one.pin = "one@example.com";
  struct printed printed = print(&one, 1, &spring, "/v");
  assert_has(&printed, "  - asset: \"user:1-runwayml:one@example.com-asset:x\"\n");
  assert_null(strstr(printed.text, "account:"));
  free(printed.text);
}

static void elsewhere_paths_lead_back_and_ids_are_written(void **state) {
  (void)state;
  struct job_record one = job(1, "c/a.mp4", JOB_QUEUED);
  one.name = "c.a-Maya";
  struct printed printed = print(&one, 1, &spring, "/v/rest");
  assert_true(printed.absolute);
  assert_has(&printed, "video: \"../c/a.mp4\"\n    voice: \"Maya\"\n    id: \"c.a-Maya\"\n"
                       "    output: \"/v/out/1.mp4\"\n");
  free(printed.text);
  printed = print(&one, 1, &spring, "/");
  assert_false(printed.absolute);
  assert_has(&printed, "video: \"v/c/a.mp4\"\n");
  assert_has(&printed, "output: \"v/out/1.mp4\"\n");
  free(printed.text);
}

static void a_brace_in_an_output_comes_from_its_placeholder(void **state) {
  (void)state;
  struct job_record one = job(1, "{x}.mp4", JOB_QUEUED);
  one.voice = "V}";
  one.output = "/v/out/{x}-V}-{account}-{x}.mp4";
  struct printed printed = print(&one, 1, &spring, "/v");
  assert_has(&printed, "output: \"out/{video}-{voice}-{account}-{video}.mp4\"\n");
  free(printed.text);
}

static void causes_cannot_leave_their_comment(void **state) {
  (void)state;
  struct job_record one = job(1, "a.mp4", JOB_HELD);
  one.error = "first\n  - video: evil.mp4\r\x1b[31m";
  struct printed printed = print(&one, 1, &spring, "/v");
  assert_has(&printed, "  # 1 held: first\\n  - video: evil.mp4\\r\\u001b[31m\n");
  free(printed.text);
}

static void with_nothing_left_nothing_is_written(void **state) {
  (void)state;
  struct job_record one = job(1, "a.mp4", JOB_SUCCEEDED);
  struct printed printed = print(&one, 1, &spring, "/v");
  assert_int_equal(printed.count, 0);
  assert_int_equal(printed.size, 0);
  free(printed.text);
}

static void relative_paths_go_up_and_down(void **state) {
  (void)state;
  static const char *const cases[][3] = {
      {"/v", "/v/a.mp4", "a.mp4"},         {"/v", "/v/out/a.mp4", "out/a.mp4"},
      {"/v/x", "/v/a.mp4", "../a.mp4"},    {"/v/x/y", "/v/xa/a.mp4", "../../xa/a.mp4"},
      {"/", "/v/a.mp4", "v/a.mp4"},        {"/v/x", "/w/a.mp4", "../../w/a.mp4"},
      {"/v/out", "/v/output", "../output"}};
  struct arena arena;
  arena_init(&arena);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_string_equal(show_relative(&arena, cases[i][0], cases[i][1]), cases[i][2]);
  arena_release(&arena);
}

int main(void) {
  setenv("TZ", "UTC", 1);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(jobs_come_by_why_they_are_left),
      cmocka_unit_test(every_key_of_a_job_is_written_that_says_something),
      cmocka_unit_test(an_asset_names_its_account_itself),
      cmocka_unit_test(elsewhere_paths_lead_back_and_ids_are_written),
      cmocka_unit_test(a_brace_in_an_output_comes_from_its_placeholder),
      cmocka_unit_test(causes_cannot_leave_their_comment),
      cmocka_unit_test(with_nothing_left_nothing_is_written),
      cmocka_unit_test(relative_paths_go_up_and_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
