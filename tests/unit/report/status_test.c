/* What `status` prints, letter by letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nightshift/report.h"
#include "util/utf8.h"

#define NOW INT64_C(1757314346378) /* 2025-09-08T06:52:26.378Z, a Monday */

static struct status_account accounts[] = {
    {"one@example.com", ACCOUNT_READY, 0, 2, 2, 1234},
    {"two@example.com", ACCOUNT_COOLING, NOW + 20000, 1, -1, -1},
};
static struct status_job jobs[] = {
    {"hello-Maya", JOB_SUCCEEDED, "one@example.com", "t1", "/v/out/hello-Maya.mp4", NULL, 1, NULL},
    {"hello-Leo", JOB_QUEUED, NULL, NULL, "/v/out/hello-Leo.mp4", NULL, 0, "waits for a free slot"},
    {"scene-12-Leo", JOB_RUNNING, "one@example.com", "t2", "/v/out/s.mp4", NULL, 1,
     "the service is at work on it"},
    {"scene-12-Ivy", JOB_HELD, "two@example.com", NULL, "/v/out/i.mp4",
     "no evidence \"either\" way", 2,
     "look at the account's website; then retry or cancel this job by its id"},
};

static struct status_batch batch(void) {
  struct status_batch made = {.batch = "spring",
                              .phase = PHASE_RUNNING,
                              .eta = NOW + 2 * HOUR_MS + 600000,
                              .accounts = accounts,
                              .account_count = 2,
                              .jobs = jobs,
                              .job_count = 4};
  made.counts.jobs = 4;
  for (size_t i = 0; i < 4; i++)
    made.counts.by_state[jobs[i].state]++;
  return made;
}

/* Runs `body` with a stream `out`, then gives what it wrote as `text`. */
#define PRINTED(text, body)                                                                        \
  char *text = NULL;                                                                               \
  size_t text##_size = 0;                                                                          \
  FILE *out = open_memstream(&text, &text##_size);                                                 \
  assert_non_null(out);                                                                            \
  body;                                                                                            \
  assert_int_equal(fclose(out), 0)

static void json_is_the_contracts_object(void **state) {
  (void)state;
  struct status_batch spring = batch();
  PRINTED(text, status_print_json(&spring, out));
  assert_string_equal(
      text,
      "{\"batch\":\"spring\",\"phase\":\"running\",\"counts\":{\"queued\":1,\"uploading\":0,"
      "\"submitting\":0,\"unsure\":0,\"running\":1,\"downloading\":0,\"succeeded\":1,\"failed\":0,"
      "\"moderated\":0,\"cancelled\":0,\"held\":1},\"eta\":\"2025-09-08T09:02:26.378Z\","
      "\"accounts\":[{\"email\":\"one@example.com\",\"state\":\"ready\",\"until\":null,"
      "\"running\":2,\"capacity\":2,\"credits\":1234},{\"email\":\"two@example.com\",\"state\":"
      "\"cooling\",\"until\":\"2025-09-08T06:52:46.378Z\",\"running\":1,\"capacity\":null,"
      "\"credits\":null}],\"jobs\":[{\"id\":\"hello-Maya\",\"state\":\"succeeded\",\"account\":"
      "\"one@example.com\",\"task\":\"t1\",\"attempts\":1,\"output\":\"/v/out/hello-Maya.mp4\","
      "\"error\":null,\"why\":null},{\"id\":\"hello-Leo\",\"state\":\"queued\",\"account\":null,"
      "\"task\":null,\"attempts\":0,\"output\":\"/v/out/hello-Leo.mp4\",\"error\":null,\"why\":"
      "\"waits for a free slot\"},{\"id\":\"scene-12-Leo\",\"state\":\"running\",\"account\":"
      "\"one@example.com\",\"task\":\"t2\",\"attempts\":1,\"output\":\"/v/out/s.mp4\",\"error\":"
      "null,\"why\":\"the service is at work on it\"},{\"id\":\"scene-12-Ivy\",\"state\":\"held\","
      "\"account\":\"two@example.com\",\"task\":null,\"attempts\":2,\"output\":\"/v/out/i.mp4\","
      "\"error\":\"no evidence \\\"either\\\" way\",\"why\":\"look at the account's website; then "
      "retry or cancel this job by its id\"}]}\n");
  free(text);
}

static void json_of_all_batches_has_no_jobs(void **state) {
  (void)state;
  struct status_batch list[] = {batch()};
  list[0].phase = PHASE_IDLE;
  list[0].eta = 0;
  list[0].account_count = 0;
  PRINTED(text, status_print_all_json(list, 1, out));
  assert_string_equal(
      text, "{\"batches\":[{\"batch\":\"spring\",\"phase\":\"idle\",\"counts\":{\"queued\":1,"
            "\"uploading\":0,\"submitting\":0,\"unsure\":0,\"running\":1,\"downloading\":0,"
            "\"succeeded\":1,\"failed\":0,\"moderated\":0,\"cancelled\":0,\"held\":1},\"eta\":null,"
            "\"accounts\":[]}]}\n");
  free(text);
}

static void no_batches_are_an_empty_list(void **state) {
  (void)state;
  PRINTED(text, status_print_all_json(NULL, 0, out));
  assert_string_equal(text, "{\"batches\":[]}\n");
  free(text);
}

static void the_table_shows_what_is_worth_a_look(void **state) {
  (void)state;
  struct status_batch spring = batch();
  PRINTED(text, status_print(&spring, NOW, false, false, out));
  assert_string_equal(
      text, "spring\n"
            "  running, 2 of 4 jobs ended; the last about 09:02 (in 2h 10m)\n"
            "  1 queued, 1 running, 1 succeeded, 1 held\n"
            "\n"
            "ACCOUNT          STATE    UNTIL  RUNNING  CREDITS\n"
            "one@example.com  ready    -          2/2     1234\n"
            "two@example.com  cooling  06:52        1        -\n"
            "\n"
            "JOB           STATE    ACCOUNT\n"
            "scene-12-Leo  running  one@example.com  the service is at work on it\n"
            "scene-12-Ivy  held     two@example.com\n"
            "    no evidence \"either\" way; look at the account's website; then retry or\n"
            "    cancel this job by its id\n");
  free(text);
}

static void the_long_table_has_every_job(void **state) {
  (void)state;
  struct status_batch spring = batch();
  PRINTED(text, status_print(&spring, NOW, true, false, out));
  assert_non_null(
      strstr(text, "hello-Leo     queued     -                waits for a free slot\n"));
  assert_non_null(
      strstr(text, "hello-Maya    succeeded  one@example.com  /v/out/hello-Maya.mp4\n"));
  free(text);
}

static void colours_leave_the_columns_where_they_are(void **state) {
  (void)state;
  struct status_batch spring = batch();
  PRINTED(text, status_print(&spring, NOW, false, true, out));
  assert_non_null(strstr(text, "one@example.com  \x1b[32mready  \x1b[0m  -          2/2"));
  assert_non_null(strstr(text, "scene-12-Ivy  \x1b[31mheld   \x1b[0m  two@example.com\n"));
  free(text);
}

/* No line is wider than 80 columns, no byte acts on the terminal. */
static void assert_tame(const char *text) {
  size_t columns = 0;
  for (size_t left = strlen(text); left > 0;) {
    uint32_t code;
    size_t length = utf8_next(text, left, &code);
    columns = code == '\n' ? 0 : columns + (size_t)utf8_width(code);
    assert_true(code == '\n' || !utf8_is_control(code));
    assert_in_range(columns, 0, 80);
    text += length;
    left -= length;
  }
}

static void long_and_hostile_names_keep_the_table_whole(void **state) {
  (void)state;
  struct status_batch spring = batch();
  struct status_job hostile = {
      .id = "a-very-long-job-id-that-goes-on-and-on-and-on-\x1b[31m-and-on",
      .state = JOB_DOWNLOADING,
      .account = "somebody.with.a.long.name@a.long.domain.example.com",
      .error = "bad\nthing\xff \xe5\xa3\xb0\xe5\xa3\xb0\xe5\xa3\xb0\xe5\xa3\xb0 and a long story "
               "that goes on beyond the end of the line and then some more"};
  struct status_account account = {"somebody.with.a.long.name@a.long.domain.example.com",
                                   ACCOUNT_COOLING,
                                   NOW + 90 * HOUR_MS,
                                   1000000,
                                   1000000,
                                   INT64_MAX};
  spring.batch = "/home/somebody/with/a/very/long/directory/name/and/another/one/in/it/spring.yaml";
  spring.jobs = &hostile;
  spring.job_count = 1;
  spring.accounts = &account;
  spring.account_count = 1;
  PRINTED(text, status_print(&spring, NOW, false, false, out));
  assert_tame(text);
  assert_non_null(strstr(text, "/spring.yaml\n"));
  assert_non_null(strstr(text, "\xe2\x80\xa6"));
  free(text);
}

static void the_list_has_a_line_per_batch(void **state) {
  (void)state;
  struct status_batch list[] = {batch(), batch()};
  list[1].batch = "/home/somebody/with/a/very/long/directory/name/and/another/one/spring.yaml";
  list[1].phase = PHASE_IDLE;
  list[1].eta = 0;
  PRINTED(text, status_print_all(list, 2, NOW, false, out));
  assert_string_equal(text,
                      "BATCH                          PHASE    JOBS  DONE  LEFT  ENDS\n"
                      "spring                         running     4     1     2  09:02\n"
                      "\xe2\x80\xa6/and/another/one/spring.yaml  idle        4     1     2  -\n");
  assert_tame(text);
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(json_is_the_contracts_object),
      cmocka_unit_test(json_of_all_batches_has_no_jobs),
      cmocka_unit_test(no_batches_are_an_empty_list),
      cmocka_unit_test(the_table_shows_what_is_worth_a_look),
      cmocka_unit_test(the_long_table_has_every_job),
      cmocka_unit_test(colours_leave_the_columns_where_they_are),
      cmocka_unit_test(long_and_hostile_names_keep_the_table_whole),
      cmocka_unit_test(the_list_has_a_line_per_batch),
  };
  if (setenv("TZ", "UTC", 1) != 0) return 1;
  tzset();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
