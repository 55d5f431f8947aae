/* The Accept header of those who ask for metrics: which of the two forms they would rather have. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "util/text.h"
#include "web/web.h"

#define RANGE_MOST 128

/* The next part of `*at` up to one of `ends`, trimmed and cut, into `part`. */
static void next_part(const char **at, char end, char *part, size_t size) {
  const char *start = *at + strspn(*at, " \t"), *stop = strchr(start, end);
  size_t length = stop == NULL ? strlen(start) : (size_t)(stop - start);
  *at = stop == NULL ? start + length : stop + 1;
  while (length > 0 && (start[length - 1] == ' ' || start[length - 1] == '\t'))
    length--;
  (void)snprintf(part, size, "%.*s", (int)(length < size ? length : size - 1), start);
}

/* A media range without its parameters, its weight, and whether a `version` that it asks for is
 * ours. */
struct range {
  char type[RANGE_MOST];
  double weight;
  bool version_is_ours;
};

static struct range read_range(const char *text, const char *our_version) {
  struct range range = {.weight = 1, .version_is_ours = true};
  char parameter[RANGE_MOST];
  next_part(&text, ';', range.type, sizeof range.type);
  while (*text != '\0') {
    next_part(&text, ';', parameter, sizeof parameter);
    if (strncasecmp(parameter, "q=", 2) == 0) {
      if (!text_to_double(parameter + 2, &range.weight)) range.weight = 0;
    } else if (strncasecmp(parameter, "version=", 8) == 0) {
      range.version_is_ours = strcmp(parameter + 8, our_version) == 0;
    }
  }
  return range;
}

bool web_accepts_openmetrics(const char *accept) {
  double open = 0, plain = 0;
  char text[RANGE_MOST];
  while (accept != NULL && *accept != '\0') {
    next_part(&accept, ',', text, sizeof text);
    struct range as_open = read_range(text, "1.0.0");
    if (strcasecmp(as_open.type, "application/openmetrics-text") == 0) {
      if (as_open.version_is_ours && as_open.weight > open) open = as_open.weight;
    } else if (strcasecmp(as_open.type, "text/plain") == 0) {
      if (as_open.weight > plain) plain = as_open.weight;
    }
  }
  return open > 0 && open >= plain;
}
