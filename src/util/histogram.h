/* How often something took how long: counts by upper bounds, and the sum. */
#ifndef UTIL_HISTOGRAM_H
#define UTIL_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#define HISTOGRAM_BOUNDS_MAX 16

struct histogram {
  const double *bounds; /* rising; the owner's, for the histogram's life */
  size_t bound_count;
  int64_t counts[HISTOGRAM_BOUNDS_MAX + 1]; /* up to each bound, and beyond the last */
  double sum;
};

void histogram_init(struct histogram *histogram, const double *bounds, size_t count);
/* A value that stands at a bound counts below it. */
void histogram_add(struct histogram *histogram, double value);
int64_t histogram_count(const struct histogram *histogram);

#endif
