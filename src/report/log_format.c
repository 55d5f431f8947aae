/* A log line as text for machines: logfmt and JSON. The pretty form is in log_pretty.c. */
#include <string.h>

#include "nightshift/report.h"
#include "report/log_pretty.h"
#include "util/buffer.h"
#include "util/check.h"
#include "util/json_out.h"
#include "util/plain.h"
#include "util/text.h"

#define TIME_TEXT 40

bool log_format_parse(const char *text, enum log_format *format) {
  static const char *const names[] = {"auto", "pretty", "logfmt", "json"};
  for (int i = 0; i < 4; i++) {
    if (strcmp(names[i], text) != 0) continue;
    *format = (enum log_format)i;
    return true;
  }
  return false;
}

bool log_field_is_time(const struct log_field *field) {
  return field->text == NULL &&
         (strcmp(field->name, "until") == 0 || strcmp(field->name, "eta") == 0 ||
          strcmp(field->name, "again") == 0);
}

bool log_field_is_empty(const struct log_field *field) {
  return log_field_is_time(field) && field->number == 0;
}

static bool is_bare(const char *text) {
  char written[PLAIN_CHAR_MAX];
  if (*text == '\0') return false;
  while (*text != '\0') {
    if (strchr(" \"=\\", *text) != NULL) return false;
    size_t length = plain_char(text, written);
    if (strncmp(text, written, length) != 0 || strlen(written) != length) return false;
    text += length;
  }
  return true;
}

static void logfmt_value(struct buffer *out, const char *text) {
  char written[PLAIN_CHAR_MAX];
  if (is_bare(text)) {
    buffer_text(out, text);
    return;
  }
  buffer_text(out, "\"");
  while (*text != '\0') {
    if (*text == '"' || *text == '\\') buffer_text(out, "\\");
    text += plain_char(text, written);
    buffer_text(out, written);
  }
  buffer_text(out, "\"");
}

static void logfmt_field(struct buffer *out, const struct log_field *field) {
  char time[TIME_TEXT];
  if (log_field_is_empty(field)) return;
  buffer_printf(out, " %s=", field->name);
  if (log_field_is_time(field)) {
    text_from_time(field->number, time, sizeof time);
    buffer_text(out, time);
  } else if (field->text == NULL) {
    buffer_printf(out, "%lld", (long long)field->number);
  } else {
    logfmt_value(out, field->text);
  }
}

static void format_logfmt(const struct log_line *line, struct buffer *out) {
  char time[TIME_TEXT];
  text_from_time(line->time, time, sizeof time);
  buffer_printf(out, "ts=%s level=%s event=%s", time, log_level_name(line->level),
                log_event_name(line->event));
  for (size_t i = 0; i < line->field_count; i++)
    logfmt_field(out, &line->fields[i]);
}

static void json_field(struct json_out *json, const struct log_field *field) {
  char time[TIME_TEXT];
  if (log_field_is_empty(field)) return;
  if (log_field_is_time(field)) {
    text_from_time(field->number, time, sizeof time);
    json_text(json, field->name, time);
  } else if (field->text == NULL) {
    json_number(json, field->name, field->number);
  } else {
    json_text(json, field->name, field->text);
  }
}

static void format_json(const struct log_line *line, struct buffer *out) {
  char time[TIME_TEXT];
  struct json_out json;
  text_from_time(line->time, time, sizeof time);
  json_begin(&json, out);
  json_open_object(&json, NULL);
  json_text(&json, "ts", time);
  json_text(&json, "level", log_level_name(line->level));
  json_text(&json, "event", log_event_name(line->event));
  for (size_t i = 0; i < line->field_count; i++)
    json_field(&json, &line->fields[i]);
  json_close_object(&json);
}

void log_format_line(const struct log_line *line, enum log_format format, bool color,
                     struct buffer *out) {
  switch (format) {
  case LOG_FORMAT_PRETTY:
    log_format_pretty(line, color, out);
    return;
  case LOG_FORMAT_JSON:
    format_json(line, out);
    return;
  case LOG_FORMAT_AUTO:
  case LOG_FORMAT_LOGFMT:
    format_logfmt(line, out);
    return;
  }
  CHECK_UNREACHABLE();
}
