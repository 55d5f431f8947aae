/* The writer of metrics: heads of families, names, labels, escapes, numbers. The two forms differ
 * in how a family is named, in its unit, and in how they end. */
#include "util/metric_out.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "util/check.h"
#include "util/utf8.h"

void metric_begin(struct metric_out *metrics, enum metric_form form, struct buffer *out) {
  *metrics = (struct metric_out){.out = out, .form = form};
}

/* ---- heads ---- */

static const char *suffix(enum metric_kind kind) {
  return kind == METRIC_COUNTER ? "_total" : kind == METRIC_INFO ? "_info" : "";
}

/* The text form knows families by the names of their samples, and has no kind for what is merely
 * told. */
static const char *family_suffix(const struct metric_out *metrics) {
  return metrics->form == METRIC_TEXT ? suffix(metrics->kind) : "";
}

static const char *kind_name(const struct metric_out *metrics) {
  static const char *const names[] = {"gauge", "counter", "histogram", "info"};
  if (metrics->form == METRIC_TEXT && metrics->kind == METRIC_INFO) return "gauge";
  return names[metrics->kind];
}

void metric_family(struct metric_out *metrics, enum metric_kind kind, const char *name,
                   const char *unit, const char *help) {
  metrics->kind = kind;
  metrics->name = name;
  const char *ending = family_suffix(metrics);
  CHECK(strpbrk(help, "\\\n\"") == NULL); /* ours: nothing to escape */
  buffer_printf(metrics->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, ending, help, name, ending,
                kind_name(metrics));
  if (metrics->form == METRIC_OPEN && unit != NULL)
    buffer_printf(metrics->out, "# UNIT %s %s\n", name, unit);
}

/* ---- samples ---- */

/* How many bytes from here on stand as they are. */
static size_t plain_run(const char *text) {
  const unsigned char *at = (const unsigned char *)text;
  while (*at != '\0' && *at < 0x80 && *at != '"' && *at != '\\' && *at != '\n')
    at++;
  return (size_t)(at - (const unsigned char *)text);
}

/* The character at `text`, which is not plain; returns how many bytes it has. */
static size_t escape_one(struct buffer *out, const char *text) {
  uint32_t code;
  size_t length = utf8_next(text, strlen(text), &code);
  if (code == '\n')
    buffer_text(out, "\\n");
  else if (code == '"' || code == '\\')
    buffer_printf(out, "\\%c", (char)code);
  else if (code == UTF8_BROKEN)
    buffer_text(out, "\xef\xbf\xbd");
  else
    buffer_append(out, text, length);
  return length;
}

static void escape(struct buffer *out, const char *text) {
  for (size_t run; *text != '\0'; text += run) {
    run = plain_run(text);
    if (run > 0)
      buffer_append(out, text, run);
    else
      run = escape_one(out, text);
  }
}

static void label(struct buffer *out, const char **before, const char *name, const char *value) {
  buffer_text(out, *before);
  buffer_text(out, name);
  buffer_text(out, "=\"");
  escape(out, value);
  buffer_text(out, "\"");
  *before = ",";
}

/* `bound` NULL: none. */
static void name_and_labels(struct metric_out *metrics, const char *ending,
                            const struct metric_labels *labels, const char *bound) {
  struct buffer *out = metrics->out;
  const char *before = "{";
  buffer_text(out, metrics->name);
  buffer_text(out, ending);
  for (size_t i = 0; i < METRIC_LABELS_MAX && labels->of[i].value != NULL; i++)
    label(out, &before, labels->of[i].name, labels->of[i].value);
  if (bound != NULL) label(out, &before, "le", bound);
  buffer_text(out, *before == ',' ? "} " : " ");
}

/* Most are whole numbers, which are quicker written as such. */
static void number(struct buffer *out, double value) {
  if (isnan(value))
    buffer_text(out, "NaN\n");
  else if (isinf(value))
    buffer_text(out, value > 0 ? "+Inf\n" : "-Inf\n");
  else if (fabs(value) < 1e15 && value == (double)(int64_t)value)
    buffer_printf(out, "%lld\n", (long long)value);
  else
    buffer_printf(out, "%.15g\n", value);
}

void metric_sample(struct metric_out *metrics, struct metric_labels labels, double value) {
  name_and_labels(metrics, suffix(metrics->kind), &labels, NULL);
  number(metrics->out, value);
}

/* A bound is written with a point: then it is the same text in both forms and for every reader. */
static void bound_text(double bound, char *text, size_t size) {
  int length = snprintf(text, size, "%.15g", bound);
  if (strpbrk(text, ".e") == NULL) snprintf(text + length, size - (size_t)length, ".0");
}

void metric_histogram(struct metric_out *metrics, struct metric_labels labels,
                      const struct histogram *histogram) {
  int64_t count = 0;
  char text[40];
  for (size_t i = 0; i < histogram->bound_count; i++) {
    count += histogram->counts[i];
    bound_text(histogram->bounds[i], text, sizeof text);
    name_and_labels(metrics, "_bucket", &labels, text);
    number(metrics->out, (double)count);
  }
  count += histogram->counts[histogram->bound_count];
  name_and_labels(metrics, "_bucket", &labels, "+Inf");
  number(metrics->out, (double)count);
  name_and_labels(metrics, "_sum", &labels, NULL);
  number(metrics->out, histogram->sum);
  name_and_labels(metrics, "_count", &labels, NULL);
  number(metrics->out, (double)count);
}

void metric_single(struct metric_out *metrics, enum metric_kind kind, const char *name,
                   const char *unit, const char *help, double value) {
  metric_family(metrics, kind, name, unit, help);
  metric_sample(metrics, METRIC_NONE, value);
}

void metric_end(struct metric_out *metrics) {
  if (metrics->form == METRIC_OPEN) buffer_text(metrics->out, "# EOF\n");
}
