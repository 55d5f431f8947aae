/* A log line for people: local time, event, then what matters first; the rest by name.
 *
 *   22:14:05 job.succeeded      scene-12-Leo  one@example.com  out/scene12-Leo.mp4  2m 05s
 */
#include "report/log_pretty.h"

#include <stdio.h>
#include <string.h>

#include "report/color.h"
#include "report/show.h"
#include "util/buffer.h"
#include "util/plain.h"
#include "util/text.h"

#define EVENT_COLUMNS 17 /* the longest: account.throttled */

/* Who it is about: printed first, in this order, without their names. */
static const char *const subjects[] = {"job", "account"};
/* Said by their value alone. */
static const char *const speaking[] = {"output", "error", "why",     "reason", "text",
                                       "advice", "kind",  "took_ms", "bytes",  "cause"};
/* Said already by the job's id: only in the forms for machines. */
static const char *const implied[] = {"batch", "task", "voice", "video"};

static bool is_one_of(const char *name, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}
#define IS_ONE_OF(name, names) is_one_of((name), (names), sizeof(names) / sizeof *(names))

static const struct log_field *find(const struct log_line *line, const char *name) {
  for (size_t i = 0; i < line->field_count; i++)
    if (strcmp(line->fields[i].name, name) == 0) return &line->fields[i];
  return NULL;
}

static bool is_hidden(const struct log_line *line, const struct log_field *field) {
  if (log_field_is_empty(field) || IS_ONE_OF(field->name, subjects)) return true;
  if (strcmp(field->name, "attempt") == 0) return field->text == NULL && field->number <= 1;
  return IS_ONE_OF(field->name, implied) && find(line, "job") != NULL;
}

/* A time that came as text; false: it is none. */
static bool put_time(struct buffer *out, const struct log_field *field) {
  char text[64];
  time_ms time;
  bool named = strcmp(field->name, "eta") == 0 || strcmp(field->name, "until") == 0;
  if (!named || !text_to_time(field->text, &time)) return false;
  show_clock(time, text, sizeof text);
  return buffer_text(out, text);
}

static void put_number(struct buffer *out, const struct log_field *field) {
  char text[64];
  if (log_field_is_time(field))
    show_clock(field->number, text, sizeof text);
  else if (text_ends_with(field->name, "_ms"))
    text_from_duration(field->number, text, sizeof text);
  else if (strcmp(field->name, "bytes") == 0)
    show_size(field->number, text, sizeof text);
  else
    snprintf(text, sizeof text, "%lld", (long long)field->number);
  buffer_text(out, text);
}

static void put_value(struct buffer *out, const struct log_field *field) {
  if (field->text == NULL)
    put_number(out, field);
  else if (strcmp(field->name, "output") == 0)
    plain_text(out, show_path(field->text));
  else if (!put_time(out, field))
    plain_text(out, field->text);
}

static void put_field(struct buffer *out, const struct log_field *field) {
  buffer_text(out, "  ");
  if (!IS_ONE_OF(field->name, speaking)) {
    size_t length = strlen(field->name);
    if (text_ends_with(field->name, "_ms")) length -= 3;
    buffer_append(out, field->name, length);
    buffer_text(out, " ");
  }
  put_value(out, field);
}

static const char *color_of(const struct log_line *line) {
  if (line->level == LOG_ERROR) return COLOR_RED;
  if (line->level == LOG_WARN) return COLOR_YELLOW;
  if (line->level == LOG_DEBUG) return COLOR_DIM;
  return line->event == LOG_JOB_SUCCEEDED ? COLOR_GREEN : "";
}

static void put_head(const struct log_line *line, bool color, struct buffer *out) {
  char text[64];
  show_clock(line->time, text, sizeof text);
  color_put(out, color, COLOR_DIM, text);
  buffer_text(out, " ");
  snprintf(text, sizeof text, "%-*s", EVENT_COLUMNS, log_event_name(line->event));
  color_put(out, color, color_of(line), text);
  /* without colours the level is a word */
  if (!color && line->level >= LOG_WARN) buffer_printf(out, "  [%s]", log_level_name(line->level));
}

static void put_rest(const struct log_line *line, struct buffer *out) {
  for (size_t i = 0; i < line->field_count; i++)
    if (!is_hidden(line, &line->fields[i])) put_field(out, &line->fields[i]);
  while (out->length > 0 && out->bytes[out->length - 1] == ' ')
    out->bytes[--out->length] = '\0';
}

void log_format_pretty(const struct log_line *line, bool color, struct buffer *out) {
  put_head(line, color, out);
  for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
    const struct log_field *field = find(line, subjects[i]);
    if (field == NULL) continue;
    buffer_text(out, "  ");
    put_value(out, field);
  }
  put_rest(line, out);
}

void log_pretty_words(const struct log_line *line, struct buffer *out) {
  struct buffer rest;
  buffer_init(&rest, out->ceiling);
  put_rest(line, &rest);
  buffer_text(out, buffer_string(&rest) + strspn(buffer_string(&rest), " "));
  buffer_release(&rest);
}
