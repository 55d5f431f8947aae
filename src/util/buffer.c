/* Growing byte buffers: every append goes through make_room, which knows the ceiling. */
#include "util/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/check.h"

void buffer_init(struct buffer *buffer, size_t ceiling) {
  *buffer = (struct buffer){.ceiling = ceiling};
}

static bool make_room(struct buffer *buffer, size_t size) {
  if (buffer->overflowed || size > buffer->ceiling || buffer->length > buffer->ceiling - size) {
    buffer->overflowed = true;
    return false;
  }
  size_t needed = buffer->length + size + 1;
  if (needed <= buffer->room) return true;
  size_t room = buffer->room == 0 ? 256 : buffer->room * 2;
  if (room < needed) room = needed;
  char *bytes = realloc(buffer->bytes, room);
  if (bytes == NULL) {
    buffer->overflowed = true;
    return false;
  }
  buffer->bytes = bytes;
  buffer->room = room;
  return true;
}

bool buffer_append(struct buffer *buffer, const void *bytes, size_t size) {
  if (!make_room(buffer, size)) return false;
  if (size > 0) memcpy(buffer->bytes + buffer->length, bytes, size);
  buffer->length += size;
  buffer->bytes[buffer->length] = '\0';
  return true;
}

bool buffer_text(struct buffer *buffer, const char *text) {
  return buffer_append(buffer, text, strlen(text));
}

/* Mostly there is room enough already, and once is enough. */
bool buffer_printf(struct buffer *buffer, const char *format, ...) {
  size_t room = buffer->room - buffer->length;
  va_list args;
  va_start(args, format);
  int length = vsnprintf(room == 0 ? NULL : buffer->bytes + buffer->length, room, format, args);
  va_end(args);
  CHECK(length >= 0);
  if (!make_room(buffer, (size_t)length)) {
    if (room > 0) buffer->bytes[buffer->length] = '\0';
    return false;
  }
  if ((size_t)length >= room) {
    va_start(args, format);
    vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, args);
    va_end(args);
  }
  buffer->length += (size_t)length;
  return true;
}

const char *buffer_string(const struct buffer *buffer) {
  return buffer->bytes == NULL || buffer->length == 0 ? "" : buffer->bytes;
}

void buffer_clear(struct buffer *buffer) {
  buffer->length = 0;
  buffer->overflowed = false;
  if (buffer->bytes != NULL) buffer->bytes[0] = '\0';
}

void buffer_release(struct buffer *buffer) {
  free(buffer->bytes);
  buffer_init(buffer, buffer->ceiling);
}
