/* Counting by upper bounds. */
#include "util/histogram.h"

#include "util/check.h"

void histogram_init(struct histogram *histogram, const double *bounds, size_t count) {
  CHECK(count <= HISTOGRAM_BOUNDS_MAX);
  *histogram = (struct histogram){.bounds = bounds, .bound_count = count};
}

void histogram_add(struct histogram *histogram, double value) {
  size_t at = 0;
  while (at < histogram->bound_count && value > histogram->bounds[at])
    at++;
  histogram->counts[at]++;
  histogram->sum += value;
}

int64_t histogram_count(const struct histogram *histogram) {
  int64_t count = 0;
  for (size_t i = 0; i <= histogram->bound_count; i++)
    count += histogram->counts[i];
  return count;
}
