/* Patterns as in a shell: `*` any number of bytes, `?` one byte, `[a-z]` and `[!a-z]` one of them,
 * `\` takes the next as it is. They match the whole text; `/` and a leading `.` are bytes like
 * others. */
#ifndef UTIL_GLOB_H
#define UTIL_GLOB_H

#include <stdbool.h>

bool glob_matches(const char *pattern, const char *text);

#endif
