/* The JSON writer: commas by depth, escapes, repair of bytes that are not UTF-8. */
#include "util/json_out.h"

#include <math.h>
#include <string.h>

#include "util/check.h"
#include "util/text.h"
#include "util/utf8.h"

void json_begin(struct json_out *json, struct buffer *out) {
  *json = (struct json_out){.out = out};
}

/* How many bytes from here on need no escape. */
static size_t plain_run(const char *text) {
  const unsigned char *at = (const unsigned char *)text;
  while (*at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\')
    at++;
  return (size_t)(at - (const unsigned char *)text);
}

static void escape_code(struct buffer *out, uint32_t code) {
  if (code > 0xffff)
    buffer_printf(out, "\\u%04x\\u%04x", (unsigned)(0xd7c0 + (code >> 10)),
                  (unsigned)(0xdc00 + (code & 0x3ff)));
  else
    buffer_printf(out, "\\u%04x", (unsigned)code);
}

/* The character at `text`, which is not plain; returns how many bytes it has. */
static size_t escape(struct buffer *out, const char *text) {
  unsigned char c = (unsigned char)*text;
  if (c == '"' || c == '\\') {
    buffer_printf(out, "\\%c", c);
  } else if (c == '\n') {
    buffer_text(out, "\\n");
  } else if (c == '\t') {
    buffer_text(out, "\\t");
  } else if (c < 0x20 || c == 0x7f) {
    buffer_printf(out, "\\u%04x", c);
  } else {
    uint32_t code;
    size_t length = utf8_next(text, strnlen(text, 4), &code);
    if (code == UTF8_BROKEN)
      buffer_text(out, "\xef\xbf\xbd");
    else if (utf8_is_control(code)) /* for whoever looks at it on a terminal */
      escape_code(out, code);
    else
      buffer_append(out, text, length);
    return length;
  }
  return 1;
}

static void quoted(struct buffer *out, const char *text) {
  buffer_text(out, "\"");
  for (size_t run; *text != '\0'; text += run) {
    run = plain_run(text);
    if (run > 0)
      buffer_append(out, text, run);
    else
      run = escape(out, text);
  }
  buffer_text(out, "\"");
}

static void before(struct json_out *json, const char *name) {
  if (json->comma[json->depth]) buffer_text(json->out, ",");
  json->comma[json->depth] = true;
  if (name == NULL) return;
  quoted(json->out, name);
  buffer_text(json->out, ":");
}

static void open_with(struct json_out *json, const char *name, const char *bracket) {
  before(json, name);
  buffer_text(json->out, bracket);
  CHECK(json->depth + 1 < sizeof json->comma / sizeof json->comma[0]);
  json->comma[++json->depth] = false;
}

static void close_with(struct json_out *json, const char *bracket) {
  CHECK(json->depth > 0);
  json->depth--;
  buffer_text(json->out, bracket);
}

void json_open_object(struct json_out *json, const char *name) {
  open_with(json, name, "{");
}
void json_open_array(struct json_out *json, const char *name) {
  open_with(json, name, "[");
}
void json_close_object(struct json_out *json) {
  close_with(json, "}");
}
void json_close_array(struct json_out *json) {
  close_with(json, "]");
}

void json_text(struct json_out *json, const char *name, const char *text) {
  before(json, name);
  if (text == NULL)
    buffer_text(json->out, "null");
  else
    quoted(json->out, text);
}

void json_number(struct json_out *json, const char *name, int64_t number) {
  before(json, name);
  buffer_printf(json->out, "%lld", (long long)number);
}

void json_real(struct json_out *json, const char *name, double number) {
  before(json, name);
  if (isfinite(number))
    buffer_printf(json->out, "%.15g", number);
  else
    buffer_text(json->out, "null");
}

void json_bool(struct json_out *json, const char *name, bool value) {
  before(json, name);
  buffer_text(json->out, value ? "true" : "false");
}

void json_null(struct json_out *json, const char *name) {
  before(json, name);
  buffer_text(json->out, "null");
}
