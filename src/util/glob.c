/* Matching without recursion: on a mismatch the last `*` takes one byte more, so the time is at
 * most the product of both lengths. */
#include "util/glob.h"

#include <stddef.h>

/* The end of a set that begins at `[`; NULL: it is not closed, and `[` means itself. */
static const char *set_end(const char *set) {
  const char *at = set + 1;
  if (*at == '!' || *at == '^') at++;
  if (*at == ']') at++;
  while (*at != '\0' && *at != ']')
    at++;
  return *at == ']' ? at : NULL;
}

static bool set_has(const char *set, const char *end, char byte) {
  const char *at = set + 1;
  bool negated = *at == '!' || *at == '^', found = false;
  unsigned char wanted = (unsigned char)byte;
  if (negated) at++;
  for (; at < end; at++) {
    unsigned char low = (unsigned char)*at, high = low;
    if (at[1] == '-' && at + 2 < end) {
      high = (unsigned char)at[2];
      at += 2;
    }
    found |= low <= wanted && wanted <= high;
  }
  return found != negated;
}

/* Whether one byte of the text matches what stands at `pattern`; *next is what follows there. */
static bool matches_one(const char *pattern, char byte, const char **next) {
  const char *end = *pattern == '[' ? set_end(pattern) : NULL;
  *next = pattern + 1;
  if (*pattern == '?') return true;
  if (end != NULL) {
    *next = end + 1;
    return set_has(pattern, end, byte);
  }
  if (*pattern == '\\' && pattern[1] != '\0') {
    *next = pattern + 2;
    return pattern[1] == byte;
  }
  return *pattern == byte;
}

bool glob_matches(const char *pattern, const char *text) {
  const char *star = NULL, *taken = NULL, *next;
  while (*text != '\0') {
    if (*pattern == '*') {
      star = pattern++;
      taken = text;
    } else if (*pattern != '\0' && matches_one(pattern, *text, &next)) {
      pattern = next;
      text++;
    } else if (star != NULL) {
      pattern = star + 1;
      text = ++taken;
    } else {
      return false;
    }
  }
  while (*pattern == '*')
    pattern++;
  return *pattern == '\0';
}
