/* Making text harmless to look at; the contract is in the header. */
#include "util/plain.h"

#include <stdio.h>
#include <string.h>

#include "util/arena.h"
#include "util/utf8.h"

/* Most of all text, every character of every line of the log. */
static bool is_plain_ascii(char c) {
  return c >= ' ' && c <= '~';
}

size_t plain_char(const char *at, char out[PLAIN_CHAR_MAX]) {
  uint32_t code;
  if (is_plain_ascii(*at)) {
    out[0] = *at;
    out[1] = '\0';
    return 1;
  }
  size_t length = utf8_next(at, strnlen(at, 4), &code);
  if (code == '\n' || code == '\t' || code == '\r')
    snprintf(out, PLAIN_CHAR_MAX, "\\%c", code == '\n' ? 'n' : code == '\t' ? 't' : 'r');
  else if (utf8_is_control(code))
    snprintf(out, PLAIN_CHAR_MAX, "\\u%04x", (unsigned)code);
  else if (code == UTF8_BROKEN)
    snprintf(out, PLAIN_CHAR_MAX, "\xef\xbf\xbd");
  else
    snprintf(out, PLAIN_CHAR_MAX, "%.*s", (int)length, at);
  return length;
}

void plain_text(struct buffer *out, const char *text) {
  char written[PLAIN_CHAR_MAX];
  while (*text != '\0') {
    size_t run = 0;
    while (is_plain_ascii(text[run]))
      run++;
    buffer_append(out, text, run);
    text += run;
    if (*text == '\0') break;
    text += plain_char(text, written);
    buffer_text(out, written);
  }
}

/* Columns of what plain_char wrote: an escape is as wide as its letters. */
static size_t width_of(const char *written) {
  size_t columns = 0;
  for (size_t left = strlen(written); left > 0;) {
    uint32_t code;
    size_t length = utf8_next(written, left, &code);
    columns += (size_t)utf8_width(code);
    written += length;
    left -= length;
  }
  return columns;
}

size_t plain_columns(const char *text) {
  char written[PLAIN_CHAR_MAX];
  size_t columns = 0;
  while (*text != '\0') {
    text += plain_char(text, written);
    columns += width_of(written);
  }
  return columns;
}

static void spaces(struct buffer *out, size_t count) {
  while (count-- > 0)
    buffer_append(out, " ", 1);
}

void plain_cell(struct buffer *out, const char *text, size_t columns, bool right) {
  size_t wanted = plain_columns(text);
  if (wanted <= columns) {
    if (right) spaces(out, columns - wanted);
    plain_text(out, text);
    if (!right) spaces(out, columns - wanted);
    return;
  }
  char written[PLAIN_CHAR_MAX];
  size_t used = 0;
  for (;;) {
    text += plain_char(text, written);
    size_t width = width_of(written);
    if (used + width > columns - 1) break;
    buffer_text(out, written);
    used += width;
  }
  buffer_text(out, "\xe2\x80\xa6");
  spaces(out, columns - 1 - used);
}

/* What most names are: ASCII that may stand in a file's name. */
static bool is_plain_name(const char *text) {
  for (; *text != '\0'; text++)
    if (*text < ' ' || *text > '~' || *text == '/') return false;
  return true;
}

const char *plain_name(struct arena *arena, const char *text, char slash) {
  size_t size = strlen(text), length = 0;
  if (is_plain_name(text)) return arena_bytes(arena, text, size);
  char *clean = arena_alloc(arena, size + 1);
  for (size_t at = 0; at < size;) {
    uint32_t code;
    size_t bytes = utf8_next(text + at, size - at, &code);
    if (code == '/' || utf8_is_control(code)) {
      clean[length++] = code == '/' ? slash : '_';
    } else {
      memcpy(clean + length, text + at, bytes);
      length += bytes;
    }
    at += bytes;
  }
  return clean;
}
