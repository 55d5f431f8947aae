/* A growing run of bytes with a ceiling from birth. Always NUL-terminated after the first append.
 */
#ifndef UTIL_BUFFER_H
#define UTIL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
  char *bytes;
  size_t length, room, ceiling;
  bool overflowed; /* something did not fit below the ceiling: the rest was dropped */
};

void buffer_init(struct buffer *buffer, size_t ceiling);
/* False when the ceiling (or memory) does not allow it: nothing is appended, `overflowed` is set.
 */
bool buffer_append(struct buffer *buffer, const void *bytes, size_t size);
bool buffer_text(struct buffer *buffer, const char *text);
bool buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "" when nothing was appended. */
const char *buffer_string(const struct buffer *buffer);
void buffer_clear(struct buffer *buffer); /* keeps the memory */
void buffer_release(struct buffer *buffer);

#endif
