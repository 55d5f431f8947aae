/* The writer of metrics, in Prometheus' text form 0.0.4 or in OpenMetrics 1.0. A family is opened
 * with metric_gauge, metric_counter, ... and then has samples until the next one is opened. */
#ifndef UTIL_METRIC_OUT_H
#define UTIL_METRIC_OUT_H

#include <stdint.h>

#include "util/buffer.h"
#include "util/histogram.h"

enum metric_form { METRIC_TEXT, METRIC_OPEN };
enum metric_kind { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM, METRIC_INFO };

struct metric_out {
  struct buffer *out;
  enum metric_form form;
  enum metric_kind kind; /* of the family that is open */
  const char *name;
};

/* Labels of a sample; a NULL value ends them. Values may be any text: what must be escaped is, and
 * bytes that are not UTF-8 are replaced. */
struct metric_label {
  const char *name, *value;
};
#define METRIC_LABELS_MAX 2
struct metric_labels {
  struct metric_label of[METRIC_LABELS_MAX];
};

void metric_begin(struct metric_out *metrics, enum metric_form form, struct buffer *out);
/* `name` is without `_total` or `_info`, which the kind adds where it belongs; `unit` NULL: none,
 * or else the name ends in it. Both stay the caller's while the family is open. */
void metric_family(struct metric_out *metrics, enum metric_kind kind, const char *name,
                   const char *unit, const char *help);
/* NAN: not known. */
void metric_sample(struct metric_out *metrics, struct metric_labels labels, double value);
void metric_histogram(struct metric_out *metrics, struct metric_labels labels,
                      const struct histogram *histogram);
/* A family of one sample without labels. */
void metric_single(struct metric_out *metrics, enum metric_kind kind, const char *name,
                   const char *unit, const char *help, double value);
void metric_end(struct metric_out *metrics);

#define METRIC_NONE            ((struct metric_labels){{{NULL, NULL}}})
#define METRIC_ONE(n, v)       ((struct metric_labels){{{(n), (v)}}})
#define METRIC_TWO(n, v, m, w) ((struct metric_labels){{{(n), (v)}, {(m), (w)}}})

#endif
