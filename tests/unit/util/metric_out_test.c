/* Metrics: the two forms to the letter, escapes, numbers, histograms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "util/metric_out.h"

static struct buffer out;
static struct metric_out metrics;

static int begin(void **state) {
  (void)state;
  buffer_init(&out, 100000);
  metric_begin(&metrics, METRIC_TEXT, &out);
  return 0;
}

static int end(void **state) {
  (void)state;
  buffer_release(&out);
  return 0;
}

static void in_openmetrics(void) {
  metric_begin(&metrics, METRIC_OPEN, &out);
}

static void a_family_has_its_head_and_samples_with_their_labels(void **state) {
  (void)state;
  metric_family(&metrics, METRIC_GAUGE, "things", NULL, "What there is.");
  metric_sample(&metrics, METRIC_NONE, 3);
  metric_sample(&metrics, METRIC_ONE("kind", "a"), 4);
  metric_sample(&metrics, METRIC_TWO("kind", "a", "state", "b c"), -1.5);
  metric_end(&metrics);
  assert_string_equal(buffer_string(&out), "# HELP things What there is.\n"
                                           "# TYPE things gauge\n"
                                           "things 3\n"
                                           "things{kind=\"a\"} 4\n"
                                           "things{kind=\"a\",state=\"b c\"} -1.5\n");
}

static void the_text_form_names_a_family_as_its_samples(void **state) {
  (void)state;
  metric_single(&metrics, METRIC_COUNTER, "waits_seconds", "seconds", "Waiting.", 0.5);
  metric_single(&metrics, METRIC_INFO, "build", NULL, "This one.", 1);
  assert_string_equal(buffer_string(&out), "# HELP waits_seconds_total Waiting.\n"
                                           "# TYPE waits_seconds_total counter\n"
                                           "waits_seconds_total 0.5\n"
                                           "# HELP build_info This one.\n"
                                           "# TYPE build_info gauge\n"
                                           "build_info 1\n");
}

static void openmetrics_has_units_kinds_and_an_end(void **state) {
  (void)state;
  in_openmetrics();
  metric_single(&metrics, METRIC_COUNTER, "waits_seconds", "seconds", "Waiting.", 0.5);
  metric_single(&metrics, METRIC_INFO, "build", NULL, "This one.", 1);
  metric_end(&metrics);
  assert_string_equal(buffer_string(&out), "# HELP waits_seconds Waiting.\n"
                                           "# TYPE waits_seconds counter\n"
                                           "# UNIT waits_seconds seconds\n"
                                           "waits_seconds_total 0.5\n"
                                           "# HELP build This one.\n"
                                           "# TYPE build info\n"
                                           "build_info 1\n"
                                           "# EOF\n");
}

static void label_values_are_escaped_and_made_whole(void **state) {
  static const struct {
    const char *value, *written;
  } cases[] = {{"a\"b", "a\\\"b"},
               {"a\\b", "a\\\\b"},
               {"a\nb", "a\\nb"},
               {"a\tb", "a\tb"},
               {"", ""},
               {"zo\xc3\xab@x", "zo\xc3\xab@x"},
               {"a\xff", "a\xef\xbf\xbd"},
               {"a\xc3", "a\xef\xbf\xbd"},
               {"\\n", "\\\\n"}};
  (void)state;
  metric_family(&metrics, METRIC_GAUGE, "g", NULL, "H.");
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char expected[100];
    buffer_clear(&out);
    metric_sample(&metrics, METRIC_ONE("l", cases[i].value), 1);
    (void)snprintf(expected, sizeof expected, "g{l=\"%s\"} 1\n", cases[i].written);
    assert_string_equal(buffer_string(&out), expected);
  }
}

static void numbers_are_written_in_full(void **state) {
  static const struct {
    double value;
    const char *written;
  } cases[] = {{0, "g 0\n"},
               {1795538080.404, "g 1795538080.404\n"},
               {123456789012345, "g 123456789012345\n"},
               {-3, "g -3\n"},
               {1e18, "g 1e+18\n"},
               {0.001, "g 0.001\n"},
               {(double)NAN, "g NaN\n"},
               {(double)INFINITY, "g +Inf\n"},
               {-(double)INFINITY, "g -Inf\n"}};
  (void)state;
  metric_family(&metrics, METRIC_GAUGE, "g", NULL, "H.");
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    buffer_clear(&out);
    metric_sample(&metrics, METRIC_NONE, cases[i].value);
    assert_string_equal(buffer_string(&out), cases[i].written);
  }
}

static void a_histogram_counts_up_to_each_bound(void **state) {
  static const double bounds[] = {0.5, 1, 10};
  struct histogram histogram;
  (void)state;
  histogram_init(&histogram, bounds, 3);
  static const double values[] = {0.25, 0.5, 0.75, 10, 11, 100};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
    histogram_add(&histogram, values[i]);
  assert_int_equal(histogram_count(&histogram), 6);
  metric_family(&metrics, METRIC_HISTOGRAM, "took_seconds", "seconds", "H.");
  buffer_clear(&out);
  metric_histogram(&metrics, METRIC_ONE("call", "x"), &histogram);
  metric_histogram(&metrics, METRIC_NONE, &histogram);
  assert_string_equal(buffer_string(&out), "took_seconds_bucket{call=\"x\",le=\"0.5\"} 2\n"
                                           "took_seconds_bucket{call=\"x\",le=\"1.0\"} 3\n"
                                           "took_seconds_bucket{call=\"x\",le=\"10.0\"} 4\n"
                                           "took_seconds_bucket{call=\"x\",le=\"+Inf\"} 6\n"
                                           "took_seconds_sum{call=\"x\"} 122.5\n"
                                           "took_seconds_count{call=\"x\"} 6\n"
                                           "took_seconds_bucket{le=\"0.5\"} 2\n"
                                           "took_seconds_bucket{le=\"1.0\"} 3\n"
                                           "took_seconds_bucket{le=\"10.0\"} 4\n"
                                           "took_seconds_bucket{le=\"+Inf\"} 6\n"
                                           "took_seconds_sum 122.5\n"
                                           "took_seconds_count 6\n");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(a_family_has_its_head_and_samples_with_their_labels),
      TEST(the_text_form_names_a_family_as_its_samples),
      TEST(openmetrics_has_units_kinds_and_an_end),
      TEST(label_values_are_escaped_and_made_whole),
      TEST(numbers_are_written_in_full),
      TEST(a_histogram_counts_up_to_each_bound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
