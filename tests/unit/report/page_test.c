/* The report's page: what is in it, that nothing of a name or a link acts in it, and that it asks
 * nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "nightshift/report.h"

#define BEGAN ((time_ms)1757314346378)

static const struct batch_record batch = {
    .id = 1, .key = "a <b> & \"c\"", .named = true, .path = "/v/batch.yaml"};

static struct job_record job(job_id id, const char *name, enum job_state state) {
  return (struct job_record){.id = id,
                             .batch = 1,
                             .name = name,
                             .number = id,
                             .listed = true,
                             .clip_source = "a.mp4",
                             .clip_ms = 4000,
                             .voice = "Maya",
                             .account = "one@example.com",
                             .output = "/v/out/a.mp4",
                             .result = state == JOB_SUCCEEDED ? "/v/out/a b.mp4" : NULL,
                             .error = state == JOB_FAILED ? "<script>alert(1)</script>" : NULL,
                             .advice = state == JOB_FAILED ? "mend \"it\"" : NULL,
                             .state = state,
                             .changed = BEGAN,
                             .ended = job_state_ended(state) ? BEGAN + MINUTE_MS : 0};
}

static char *page(struct job_record *jobs, size_t count, struct attempt_record *attempts,
                  size_t attempt_count) {
  char *text = NULL;
  size_t size = 0;
  struct account_record account = {.email = "one@example.com", .credits = -1};
  const struct store_snapshot snapshot = {
      .jobs = jobs, .job_count = count, .accounts = &account, .account_count = 1};
  const struct report_source source = {.snapshot = &snapshot,
                                       .batch = &batch,
                                       .attempts = attempts,
                                       .attempt_count = attempt_count,
                                       .directory = "/v",
                                       .now = BEGAN + HOUR_MS};
  FILE *stream = open_memstream(&text, &size);
  assert_non_null(stream);
  report_print(&source, stream);
  assert_int_equal(fclose(stream), 0);
  return text;
}

static size_t count_of(const char *text, const char *part) {
  size_t count = 0;
  for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
    count++;
  return count;
}

static void every_job_has_its_row_and_its_result_a_link(void **state) {
  (void)state;
  struct job_record jobs[] = {job(1, "first", JOB_SUCCEEDED), job(2, "second", JOB_FAILED),
                              job(3, "third", JOB_QUEUED)};
  struct attempt_record attempts[] = {{.id = 1,
                                       .job = 1,
                                       .number = 1,
                                       .account = "one@example.com",
                                       .state = ATTEMPT_SUCCEEDED,
                                       .opened = BEGAN,
                                       .settled = BEGAN + 1000,
                                       .task_ended = BEGAN + MINUTE_MS}};
  char *text = page(jobs, 3, attempts, 1);
  assert_int_equal(count_of(text, "<tr id=\"j"), 3);
  assert_non_null(strstr(text, "href=\"./out/a%20b.mp4\""));
  assert_non_null(strstr(text, "mend &quot;it&quot;"));
  free(text);
}

static void no_text_of_others_acts_in_it(void **state) {
  (void)state;
  struct job_record jobs[] = {job(1, "\"><img src=x onerror=alert(1)>", JOB_FAILED)};
  char *text = page(jobs, 1, NULL, 0);
  assert_int_equal(count_of(text, "<img"), 0);
  assert_int_equal(count_of(text, "<script>alert"), 0);
  assert_int_equal(count_of(text, "<b>"), count_of(text, "</b>"));
  assert_non_null(strstr(text, "a &lt;b&gt; &amp; "));
  free(text);
}

static void it_loads_nothing_from_anywhere(void **state) {
  (void)state;
  struct job_record jobs[] = {job(1, "first", JOB_SUCCEEDED)};
  char *text = page(jobs, 1, NULL, 0);
  static const char *const loading[] = {"src=\"http", "href=\"http", "href=\"//", "url(",
                                        "@import"};
  for (size_t i = 0; i < sizeof loading / sizeof loading[0]; i++)
    assert_int_equal(count_of(text, loading[i]), 0);
  assert_non_null(strstr(text, "Content-Security-Policy"));
  free(text);
}

static void a_batch_without_attempts_is_a_page_too(void **state) {
  (void)state;
  char *text = page(NULL, 0, NULL, 0);
  assert_non_null(strstr(text, "</html>"));
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_job_has_its_row_and_its_result_a_link),
      cmocka_unit_test(no_text_of_others_acts_in_it),
      cmocka_unit_test(it_loads_nothing_from_anywhere),
      cmocka_unit_test(a_batch_without_attempts_is_a_page_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
