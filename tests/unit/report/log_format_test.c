/* The three forms of a log line, letter by letter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nightshift/report.h"
#include "util/buffer.h"

#define NOON INT64_C(1757314346378) /* 2025-09-08T06:52:26.378Z */

static struct log_line line_of(enum log_level level, enum log_event event) {
  return (struct log_line){.time = NOON, .level = level, .event = event};
}

static void assert_form(const struct log_line *line, enum log_format format, bool color,
                        const char *wanted) {
  struct buffer out;
  buffer_init(&out, 65536);
  log_format_line(line, format, color, &out);
  assert_string_equal(buffer_string(&out), wanted);
  buffer_release(&out);
}

static struct log_line succeeded(void) {
  struct log_line line = line_of(LOG_INFO, LOG_JOB_SUCCEEDED);
  log_text(&line, "batch", "spring");
  log_text(&line, "job", "scene-12-Leo");
  log_text(&line, "account", "one@example.com");
  log_text(&line, "task", "user:1-runwayml:one@example.com-task:9f");
  log_number(&line, "attempt", 1);
  log_text(&line, "voice", "Leo");
  log_text(&line, "output", "/videos/out/scene12-Leo.mp4");
  log_number(&line, "took_ms", 125000);
  return line;
}

static void a_line_for_people_has_what_matters_first(void **state) {
  (void)state;
  struct log_line line = succeeded();
  assert_form(&line, LOG_FORMAT_PRETTY, false,
              "06:52:26 job.succeeded      scene-12-Leo  one@example.com  "
              "/videos/out/scene12-Leo.mp4  2m 05s");
}

static void a_line_for_machines_has_every_field(void **state) {
  (void)state;
  struct log_line line = succeeded();
  assert_form(&line, LOG_FORMAT_LOGFMT, false,
              "ts=2025-09-08T06:52:26.378Z level=info event=job.succeeded batch=spring "
              "job=scene-12-Leo account=one@example.com "
              "task=user:1-runwayml:one@example.com-task:9f attempt=1 voice=Leo "
              "output=/videos/out/scene12-Leo.mp4 took_ms=125000");
  assert_form(&line, LOG_FORMAT_JSON, false,
              "{\"ts\":\"2025-09-08T06:52:26.378Z\",\"level\":\"info\",\"event\":\"job.succeeded\","
              "\"batch\":\"spring\",\"job\":\"scene-12-Leo\",\"account\":\"one@example.com\","
              "\"task\":\"user:1-runwayml:one@example.com-task:9f\",\"attempt\":1,"
              "\"voice\":\"Leo\",\"output\":\"/videos/out/scene12-Leo.mp4\",\"took_ms\":125000}");
}

static void without_a_choice_the_form_is_logfmt(void **state) {
  (void)state;
  struct log_line line = line_of(LOG_WARN, LOG_STORE_FULL);
  assert_form(&line, LOG_FORMAT_AUTO, false,
              "ts=2025-09-08T06:52:26.378Z level=warn event=store.full");
}

static void colours_follow_the_level(void **state) {
  (void)state;
  struct log_line line = line_of(LOG_ERROR, LOG_ACCOUNT_LOST);
  log_text(&line, "account", "one@example.com");
  assert_form(&line, LOG_FORMAT_PRETTY, true,
              "\x1b[2m06:52:26\x1b[0m \x1b[31maccount.lost     \x1b[0m  one@example.com");
  line.level = LOG_WARN;
  assert_form(&line, LOG_FORMAT_PRETTY, true,
              "\x1b[2m06:52:26\x1b[0m \x1b[33maccount.lost     \x1b[0m  one@example.com");
}

static void without_colours_a_warning_says_so(void **state) {
  (void)state;
  struct log_line line = line_of(LOG_WARN, LOG_ACCOUNT_BROKEN);
  log_text(&line, "account", "one@example.com");
  log_text(&line, "why", "sign it in again");
  assert_form(&line, LOG_FORMAT_PRETTY, false,
              "06:52:26 account.broken     [warn]  one@example.com  sign it in again");
}

static void a_pause_and_an_hour_are_said_as_people_say_them(void **state) {
  (void)state;
  struct log_line line = line_of(LOG_INFO, LOG_ACCOUNT_THROTTLED);
  log_text(&line, "account", "one@example.com");
  log_text(&line, "kind", "maxjobs");
  log_number(&line, "wait_ms", 12000);
  log_number(&line, "until", NOON + 12000);
  log_number(&line, "count", 7);
  assert_form(&line, LOG_FORMAT_PRETTY, false,
              "06:52:26 account.throttled  one@example.com  maxjobs  wait 12s  until 06:52:38  "
              "count 7");
  assert_form(&line, LOG_FORMAT_LOGFMT, false,
              "ts=2025-09-08T06:52:26.378Z level=info event=account.throttled "
              "account=one@example.com kind=maxjobs wait_ms=12000 "
              "until=2025-09-08T06:52:38.378Z count=7");
}

static void an_hour_that_is_not_known_is_left_out(void **state) {
  (void)state;
  struct log_line line = line_of(LOG_INFO, LOG_PROGRESS);
  log_number(&line, "eta", 0);
  log_number(&line, "running", 0);
  assert_form(&line, LOG_FORMAT_LOGFMT, false,
              "ts=2025-09-08T06:52:26.378Z level=info event=progress running=0");
  assert_form(&line, LOG_FORMAT_PRETTY, false, "06:52:26 progress           running 0");
  assert_form(&line, LOG_FORMAT_JSON, false,
              "{\"ts\":\"2025-09-08T06:52:26.378Z\",\"level\":\"info\",\"event\":\"progress\","
              "\"running\":0}");
}

static void times_and_sizes_are_round_for_people(void **state) {
  (void)state;
  struct log_line line = line_of(LOG_INFO, LOG_PROGRESS);
  log_text(&line, "eta", "2025-09-08T07:00:00.000Z");
  log_number(&line, "bytes", 999);
  log_number(&line, "bytes", 4200);
  log_number(&line, "bytes", 999600);
  log_number(&line, "bytes", 33508000);
  assert_form(&line, LOG_FORMAT_PRETTY, false,
              "06:52:26 progress           eta 07:00:00  999 B  4.2 kB  1.0 MB  34 MB");
}

static void a_later_attempt_is_worth_saying(void **state) {
  (void)state;
  struct log_line line = line_of(LOG_INFO, LOG_JOB_SUBMITTED);
  log_text(&line, "job", "a");
  log_number(&line, "attempt", 2);
  assert_form(&line, LOG_FORMAT_PRETTY, false, "06:52:26 job.submitted      a  attempt 2");
}

static void assert_value(const char *value, const char *logfmt, const char *pretty) {
  char wanted[256];
  struct log_line line = line_of(LOG_INFO, LOG_RUN_STARTED);
  log_text(&line, "x", value);
  snprintf(wanted, sizeof wanted, "ts=2025-09-08T06:52:26.378Z level=info event=run.started x=%s",
           logfmt);
  assert_form(&line, LOG_FORMAT_LOGFMT, false, wanted);
  snprintf(wanted, sizeof wanted, "06:52:26 run.started        x%s%s", pretty[0] != '\0' ? " " : "",
           pretty);
  assert_form(&line, LOG_FORMAT_PRETTY, false, wanted);
}

static void hostile_values_stay_inside_their_field(void **state) {
  (void)state;
  assert_value("a b", "\"a b\"", "a b");
  assert_value("", "\"\"", "");
  assert_value("k=v", "\"k=v\"", "k=v");
  assert_value("say \"hi\"", "\"say \\\"hi\\\"\"", "say \"hi\"");
  assert_value("back\\slash", "\"back\\\\slash\"", "back\\slash");
  assert_value("two\nlines level=error", "\"two\\nlines level=error\"", "two\\nlines level=error");
  assert_value("\r\t", "\"\\r\\t\"", "\\r\\t");
  assert_value("\x1b[2J", "\"\\u001b[2J\"", "\\u001b[2J");
  assert_value("\xc2\x9b"
               "2J",
               "\"\\u009b2J\"", "\\u009b2J");
  assert_value("\xe2\x80\xa8", "\"\\u2028\"", "\\u2028");
  assert_value("bad\xff", "\"bad\xef\xbf\xbd\"", "bad\xef\xbf\xbd");
  assert_value("caf\xc3\xa9", "caf\xc3\xa9", "caf\xc3\xa9");
}

static void hostile_values_are_sound_json(void **state) {
  (void)state;
  struct log_line line = line_of(LOG_INFO, LOG_RUN_STARTED);
  log_text(&line, "x", "\"},\n\\\x1b\xff");
  assert_form(&line, LOG_FORMAT_JSON, false,
              "{\"ts\":\"2025-09-08T06:52:26.378Z\",\"level\":\"info\",\"event\":\"run.started\","
              "\"x\":\"\\\"},\\n\\\\\\u001b\xef\xbf\xbd\"}");
}

static void names_of_forms_are_known(void **state) {
  (void)state;
  enum log_format format = LOG_FORMAT_AUTO;
  enum color_choice color = COLOR_AUTO;
  assert_true(log_format_parse("json", &format));
  assert_int_equal(format, LOG_FORMAT_JSON);
  assert_false(log_format_parse("xml", &format));
  assert_true(color_choice_parse("never", &color));
  assert_int_equal(color, COLOR_NEVER);
  assert_false(color_choice_parse("", &color));
}

static void colours_can_be_asked_for_and_refused(void **state) {
  (void)state;
  assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
  assert_true(color_wanted(COLOR_ALWAYS, 1));
  assert_false(color_wanted(COLOR_NEVER, 1));
  assert_false(color_wanted(COLOR_AUTO, 1));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_for_people_has_what_matters_first),
      cmocka_unit_test(a_line_for_machines_has_every_field),
      cmocka_unit_test(without_a_choice_the_form_is_logfmt),
      cmocka_unit_test(colours_follow_the_level),
      cmocka_unit_test(without_colours_a_warning_says_so),
      cmocka_unit_test(a_pause_and_an_hour_are_said_as_people_say_them),
      cmocka_unit_test(an_hour_that_is_not_known_is_left_out),
      cmocka_unit_test(times_and_sizes_are_round_for_people),
      cmocka_unit_test(a_later_attempt_is_worth_saying),
      cmocka_unit_test(hostile_values_stay_inside_their_field),
      cmocka_unit_test(hostile_values_are_sound_json),
      cmocka_unit_test(names_of_forms_are_known),
      cmocka_unit_test(colours_can_be_asked_for_and_refused),
  };
  if (setenv("TZ", "UTC", 1) != 0) return 1;
  tzset();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
