/* Numbers, durations, times and names as text: parsing that checks everything, printing that fits.
 */
#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The whole text is a decimal number in range; false otherwise. */
bool text_to_int64(const char *text, int64_t low, int64_t high, int64_t *value);
bool text_to_double(const char *text, double *value);
/* "250ms", "10s", "5m", "2h" into milliseconds; up to 10,000 h. */
bool text_to_duration(const char *text, int64_t *duration_ms);
/* "2m 05s", "1h 10m", "850ms": for people. */
void text_from_duration(int64_t duration_ms, char *text, size_t size);
/* RFC 3339 UTC with milliseconds, "2025-09-08T06:52:26.378Z", from ms since the epoch. */
void text_from_time(int64_t time_ms, char *text, size_t size);
/* The same read back, also without milliseconds or with an offset; false when it is none. */
bool text_to_time(const char *text, int64_t *time_ms);
/* Whether the bytes are valid UTF-8 (no surrogates, nothing overlong). */
bool text_is_utf8(const char *bytes, size_t size);
/* Number of edits between two short texts, for "did you mean": a character more, less or another,
 * or a swapped pair. Longer ones are 1000 apart. */
#define TEXT_DISTANCE_MAX 64
int text_distance(const char *a, const char *b);
/* The nearest of `names` when it is close enough to be meant; else NULL. */
const char *text_nearest(const char *text, const char *const *names, size_t count);
/* Percent-encodes everything but letters, digits and "-._~" into `out`, which must have room for
 * 3 * strlen + 1. */
void text_percent_encode(const char *text, char *out);
bool text_starts_with(const char *text, const char *start);
bool text_ends_with(const char *text, const char *end);

#endif
