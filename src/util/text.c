/* Numbers, durations, times and names: read strictly, printed to fit. */
#include "util/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool text_to_int64(const char *text, int64_t low, int64_t high, int64_t *value) {
  if (text == NULL || !(text[0] == '-' || (text[0] >= '0' && text[0] <= '9'))) return false;
  char *end = NULL;
  errno = 0;
  long long number = strtoll(text, &end, 10);
  if (errno != 0 || *end != '\0' || number < low || number > high) return false;
  *value = number;
  return true;
}

bool text_to_double(const char *text, double *value) {
  if (text == NULL || strspn(text, "0123456789+-.eE") != strlen(text) || text[0] == '\0')
    return false;
  char *end = NULL;
  errno = 0;
  double number = strtod(text, &end);
  if (errno != 0 || *end != '\0' || !isfinite(number)) return false;
  *value = number;
  return true;
}

bool text_to_duration(const char *text, int64_t *duration_ms) {
  static const struct {
    const char *unit;
    int64_t ms;
  } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
  char digits[24];
  if (text == NULL) return false;
  size_t length = strspn(text, "0123456789");
  if (length == 0 || length >= sizeof digits) return false;
  memcpy(digits, text, length);
  digits[length] = '\0';
  int64_t number = 0;
  if (!text_to_int64(digits, 0, INT64_C(36000000000), &number)) return false;
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
    if (strcmp(text + length, units[i].unit) != 0) continue;
    if (number > INT64_C(36000000000) / units[i].ms) return false;
    *duration_ms = number * units[i].ms;
    return true;
  }
  return false;
}

void text_from_duration(int64_t ms, char *text, size_t size) {
  long long s = (long long)(ms / 1000);
  if (ms < 0)
    snprintf(text, size, "0s");
  else if (ms < 1000)
    snprintf(text, size, "%lldms", (long long)ms);
  else if (s < 60)
    snprintf(text, size, "%llds", s);
  else if (s < 3600)
    snprintf(text, size, "%lldm %02llds", s / 60, s % 60);
  else
    snprintf(text, size, "%lldh %02lldm", s / 3600, s / 60 % 60);
}

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar, and back: Fliegel and Van
 * Flandern's idea of counting years from March, so that the leap day ends the year. */
static int64_t days_of_date(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

static void date_of_days(int64_t days, int64_t *year, int64_t *month, int64_t *day) {
  days += 719468;
  int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  int64_t day_of_era = days - era * 146097;
  int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t shifted = (5 * day_of_year + 2) / 153;
  *day = day_of_year - (153 * shifted + 2) / 5 + 1;
  *month = shifted + (shifted < 10 ? 3 : -9);
  *year = year_of_era + era * 400 + (*month <= 2);
}

void text_from_time(int64_t ms, char *text, size_t size) {
  int64_t days = ms / 86400000, rest = ms % 86400000, year, month, day;
  if (rest < 0) {
    rest += 86400000;
    days--;
  }
  date_of_days(days, &year, &month, &day);
  snprintf(text, size, "%04lld-%02lld-%02lldT%02lld:%02lld:%02lld.%03lldZ", (long long)year,
           (long long)month, (long long)day, (long long)(rest / 3600000),
           (long long)(rest / 60000 % 60), (long long)(rest / 1000 % 60), (long long)(rest % 1000));
}

static bool two_digits(const char **at, int64_t low, int64_t high, int64_t *value) {
  const char *p = *at;
  if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9') return false;
  *value = (p[0] - '0') * 10 + (p[1] - '0');
  *at = p + 2;
  return *value >= low && *value <= high;
}

static bool one_of(const char **at, const char *set) {
  if (**at == '\0' || strchr(set, **at) == NULL) return false;
  ++*at;
  return true;
}

static bool read_offset(const char **at, int64_t *offset_ms) {
  *offset_ms = 0;
  if (one_of(at, "Zz")) return true;
  int64_t sign = **at == '-' ? -1 : 1, hours, minutes;
  if (!one_of(at, "+-") || !two_digits(at, 0, 23, &hours)) return false;
  (void)one_of(at, ":");
  if (!two_digits(at, 0, 59, &minutes)) return false;
  *offset_ms = sign * (hours * 3600000 + minutes * 60000);
  return true;
}

static bool is_date(int64_t year, int64_t month, int64_t day) {
  int64_t same_year, same_month, same_day;
  date_of_days(days_of_date(year, month, day), &same_year, &same_month, &same_day);
  return same_month == month && same_day == day; /* 30 February would be 2 March */
}

bool text_to_time(const char *text, int64_t *time_ms) {
  if (text == NULL) return false;
  const char *at = text;
  int64_t century, year, month, day, hour, minute, second, offset, fraction = 0, scale = 100;
  if (!two_digits(&at, 0, 99, &century) || !two_digits(&at, 0, 99, &year) || !one_of(&at, "-") ||
      !two_digits(&at, 1, 12, &month) || !one_of(&at, "-") || !two_digits(&at, 1, 31, &day) ||
      !one_of(&at, "Tt ") || !two_digits(&at, 0, 23, &hour) || !one_of(&at, ":") ||
      !two_digits(&at, 0, 59, &minute) || !one_of(&at, ":") || !two_digits(&at, 0, 60, &second))
    return false;
  if (one_of(&at, ".")) {
    if (*at < '0' || *at > '9') return false;
    for (; *at >= '0' && *at <= '9'; at++, scale /= 10)
      fraction += (*at - '0') * scale;
  }
  if (!read_offset(&at, &offset) || *at != '\0' || !is_date(century * 100 + year, month, day))
    return false;
  *time_ms = days_of_date(century * 100 + year, month, day) * 86400000 + hour * 3600000 +
             minute * 60000 + second * 1000 + fraction - offset;
  return true;
}

/* Length of the sequence that begins with `lead`, and the smallest code point allowed with it. */
static size_t utf8_length(unsigned char lead, uint32_t *least) {
  *least = lead < 0x80 ? 0 : lead < 0xe0 ? 0x80 : lead < 0xf0 ? 0x800 : 0x10000;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

bool text_is_utf8(const char *bytes, size_t size) {
  const unsigned char *at = (const unsigned char *)bytes;
  for (size_t i = 0; i < size;) {
    uint32_t least, code;
    size_t length = utf8_length(at[i], &least);
    if (length == 0 || length > size - i) return false;
    code = length == 1 ? at[i] : at[i] & (0x7fu >> length);
    for (size_t k = 1; k < length; k++) {
      if ((at[i + k] & 0xc0) != 0x80) return false;
      code = code << 6 | (at[i + k] & 0x3fu);
    }
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
    i += length;
  }
  return true;
}

static int least_of(int a, int b) {
  return a < b ? a : b;
}

/* Rows of the table of edits; a swapped pair looks back two rows. */
int text_distance(const char *a, const char *b) {
  size_t a_length = strlen(a), b_length = strlen(b);
  int rows[3][TEXT_DISTANCE_MAX + 1];
  if (a_length > TEXT_DISTANCE_MAX || b_length > TEXT_DISTANCE_MAX) return 1000;
  for (size_t j = 0; j <= b_length; j++)
    rows[0][j] = (int)j;
  for (size_t i = 1; i <= a_length; i++) {
    int *row = rows[i % 3], *above = rows[(i - 1) % 3], *higher = rows[(i + 1) % 3];
    row[0] = (int)i;
    for (size_t j = 1; j <= b_length; j++) {
      row[j] = least_of(least_of(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = least_of(row[j], higher[j - 2] + 1);
    }
  }
  return rows[a_length % 3][b_length];
}

const char *text_nearest(const char *text, const char *const *names, size_t count) {
  const char *best = NULL;
  int best_distance = 1000;
  for (size_t i = 0; i < count; i++) {
    int distance = text_distance(text, names[i]);
    if (distance < best_distance) {
      best_distance = distance;
      best = names[i];
    }
  }
  int length = (int)strnlen(text, 65);
  int allowed = length <= 4 ? 1 : length <= 7 ? 2 : 3;
  return best_distance <= allowed && best_distance < length ? best : NULL;
}

void text_percent_encode(const char *text, char *out) {
  static const char hex[] = "0123456789ABCDEF";
  for (; *text != '\0'; text++) {
    unsigned char c = (unsigned char)*text;
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      *out++ = (char)c;
    } else {
      *out++ = '%';
      *out++ = hex[c >> 4];
      *out++ = hex[c & 15];
    }
  }
  *out = '\0';
}

bool text_starts_with(const char *text, const char *start) {
  return strncmp(text, start, strlen(start)) == 0;
}

bool text_ends_with(const char *text, const char *end) {
  size_t text_length = strlen(text), end_length = strlen(end);
  return end_length <= text_length && strcmp(text + text_length - end_length, end) == 0;
}
