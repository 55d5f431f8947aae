#include "report/shown.h"

#include <string.h>

#include "util/utf8.h"

#define BLOCK_BYTES_MAX ((size_t)256 * 1024)

void shown_init(struct shown *shown) {
  *shown = (struct shown){0};
  buffer_init(&shown->lines, BLOCK_BYTES_MAX);
  buffer_init(&shown->drawn, BLOCK_BYTES_MAX);
}

void shown_release(struct shown *shown) {
  buffer_release(&shown->lines);
  buffer_release(&shown->drawn);
}

/* Columns of a line that has colours: ESC [ … m takes none. */
static size_t columns_of(const char *at, const char *end) {
  size_t columns = 0;
  while (at < end) {
    uint32_t code;
    if (*at == '\x1b') {
      const char *last = memchr(at, 'm', (size_t)(end - at));
      at = last == NULL ? end : last + 1;
      continue;
    }
    at += utf8_next(at, (size_t)(end - at), &code);
    columns += (size_t)utf8_width(code);
  }
  return columns;
}

/* Rows that the drawn block takes. A terminal that became narrower has wrapped its lines. */
static size_t rows_drawn(const struct shown *shown, size_t width) {
  size_t rows = 0;
  if (shown->drawn.length == 0) return 0;
  for (const char *at = shown->drawn.bytes, *end; at != NULL; at = end == NULL ? NULL : end + 1) {
    end = strchr(at, '\n');
    size_t columns = columns_of(at, end != NULL ? end : at + strlen(at));
    rows += width < shown->drawn_width && columns > width ? (columns + width - 1) / width : 1;
  }
  return rows;
}

void shown_put(const struct shown *shown, size_t width, const char *text, struct buffer *out) {
  size_t rows = rows_drawn(shown, width);
  if (rows > 0) buffer_printf(out, "\r\x1b[%zuA\x1b[J", rows);
  buffer_text(out, text);
  if (shown->lines.length > 0) buffer_printf(out, "%s\n", shown->lines.bytes);
}

void shown_is_drawn(struct shown *shown, size_t width) {
  buffer_clear(&shown->drawn);
  buffer_text(&shown->drawn, buffer_string(&shown->lines));
  shown->drawn_width = width;
}

void shown_forget(struct shown *shown) {
  buffer_clear(&shown->drawn);
}
