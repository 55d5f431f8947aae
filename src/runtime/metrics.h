/* What a run tells those who measure it: /metrics. docs/metrics.md has every name. */
#ifndef RUNTIME_METRICS_H
#define RUNTIME_METRICS_H

#include "runtime/run.h"
#include "util/metric_out.h"

#define METRICS_BYTES_MAX ((size_t)16 * 1024 * 1024) /* some 15,000 accounts */

/* From the loop, between steps. Before the run has a core it has no jobs and accounts to tell of.
 */
void metrics_write(const struct run *run, enum metric_form form, struct buffer *out);

#endif
