/* What happened in a scenario's night, told such that a person can review it: one short line each,
 * names instead of ids, nothing that only repeats the file. And the difference of two traces. */
#include <stdio.h>
#include <string.h>

#include "sim/world_parts.h"
#include "support/scn.h"

void scn_trace_init(struct scn_trace *trace) {
  *trace = (struct scn_trace){0};
  buffer_init(&trace->text, (size_t)1 << 24);
  map_init(&trace->tasks);
}

void scn_trace_release(struct scn_trace *trace) {
  buffer_release(&trace->text);
  map_release(&trace->tasks);
}

static void add_time(struct scn_trace *trace, duration_ms at) {
  buffer_printf(&trace->text, "%9.1fs ", (double)at / 1000);
}

/* How many characters at `text` are an id of the service; 0: none. */
static size_t id_length(const char *text, const char *kind) {
  const char *at = text;
  if (strncmp(text, "user:", 5) != 0) return 0;
  while (*at != '\0' && *at != ' ' && strncmp(at, kind, strlen(kind)) != 0)
    at++;
  if (strncmp(at, kind, strlen(kind)) != 0) return 0;
  at += strlen(kind);
  return (size_t)(at - text) + strspn(at, "0123456789abcdef-");
}

static size_t uuid_length(const char *text) {
  size_t length = strspn(text, "0123456789abcdef-");
  return length == 36 && text[8] == '-' ? length : 0;
}

static int64_t task_number(struct scn_trace *trace, const char *text, size_t length) {
  char id[400];
  int64_t number;
  snprintf(id, sizeof id, "%.*s", (int)length, text);
  if (map_get(&trace->tasks, id, &number)) return number;
  number = (int64_t)trace->tasks.count + 1;
  map_set(&trace->tasks, id, number);
  return number;
}

static void add_text(struct scn_trace *trace, const char *text) {
  static const char domain[] = "@example.com";
  while (*text != '\0') {
    size_t length;
    if ((length = id_length(text, "-task:")) > 0) {
      buffer_printf(&trace->text, "task#%lld", (long long)task_number(trace, text, length));
    } else if ((length = id_length(text, "-asset:")) > 0) {
      buffer_text(&trace->text, "asset");
    } else if ((length = uuid_length(text)) > 0) {
      buffer_text(&trace->text, "…");
    } else if (strncmp(text, domain, strlen(domain)) == 0) {
      length = strlen(domain);
    } else {
      length = 1;
      buffer_append(&trace->text, text, 1);
    }
    text += length;
  }
}

static bool dropped(const char *name) {
  static const char *const names[] = {"batch", "voice",  "video",   "output",
                                      "bytes", "advice", "took_ms", "credits"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(name, names[i]) == 0) return true;
  return false;
}

static void add_field(struct scn_trace *trace, const struct log_field *field) {
  size_t length = strlen(field->name);
  if (dropped(field->name)) return;
  buffer_text(&trace->text, " ");
  if (strcmp(field->name, "account") == 0 && field->text != NULL)
    buffer_text(&trace->text, "on ");
  else if (length > 3 && strcmp(field->name + length - 3, "_ms") == 0)
    buffer_printf(&trace->text, "%.*s=%.1fs", (int)length - 3, field->name,
                  (double)field->number / 1000);
  else if (strcmp(field->name, "job") != 0 && strcmp(field->name, "task") != 0)
    buffer_printf(&trace->text, "%s=", field->name);
  if (field->text != NULL)
    add_text(trace, field->text);
  else if (strcmp(field->name, "until") == 0)
    buffer_printf(&trace->text, "%.1fs", (double)(field->number - WORLD_START) / 1000);
  else if (length <= 3 || strcmp(field->name + length - 3, "_ms") != 0)
    buffer_printf(&trace->text, "%lld", (long long)field->number);
}

/* A download that ends well is told by its end. */
static bool is_detail(const struct log_line *line) {
  return line->level == LOG_DEBUG || line->event == LOG_JOB_DOWNLOADING;
}

static void add_line(struct scn_trace *trace, duration_ms at, const struct log_line *line) {
  if (is_detail(line) && !trace->debug) return;
  if (line->event == LOG_PROGRESS && !trace->progress) return;
  if (trace->hidden[line->event]) return;
  add_time(trace, at);
  buffer_text(&trace->text, log_event_name(line->event));
  for (size_t i = 0; i < line->field_count; i++)
    add_field(trace, &line->fields[i]);
  buffer_text(&trace->text, "\n");
}

/* ns1:<batch>:<job>:<random> */
const char *scn_call_job(const struct call *call) {
  static char name[80];
  const char *at = call->reply_ref;
  for (int i = 0; i < 2 && at != NULL; i++) {
    at = strchr(at, ':');
    if (at != NULL) at++;
  }
  if (at == NULL) return NULL;
  snprintf(name, sizeof name, "%.*s", (int)strcspn(at, ":"), at);
  return name;
}

static void add_call(struct scn_trace *trace, const struct world_moment *moment) {
  const struct call *call = moment->call;
  if (call == NULL || (trace->shown & (1u << call->kind)) == 0) return;
  add_time(trace, moment->at);
  buffer_printf(&trace->text, "  %s %s", moment->answer == NULL ? ">" : "<", call_name(call->kind));
  if (scn_call_job(call) != NULL) buffer_printf(&trace->text, " %s", scn_call_job(call));
  if (call->email != NULL) {
    buffer_text(&trace->text, " on ");
    add_text(trace, call->email);
  }
  if (moment->answer != NULL)
    buffer_printf(&trace->text, ": %s", outcome_name(moment->answer->outcome.kind));
  buffer_text(&trace->text, "\n");
}

void scn_trace_moment(struct scn_trace *trace, const struct world_moment *moment) {
  switch (moment->kind) {
  case WORLD_LOGGED:
    add_line(trace, moment->at, moment->line);
    break;
  case WORLD_SENT:
  case WORLD_ANSWERED:
    add_call(trace, moment);
    break;
  case WORLD_FATE:
    add_time(trace, moment->at);
    buffer_printf(&trace->text, "(%s)\n", moment->words);
    break;
  case WORLD_COMMITTING:
  case WORLD_COMMITTED:
    break;
  }
}

/* ---- difference ---- */

#define LINES_MAX 2000

static size_t lines_of(char *text, char **lines) {
  size_t count = 0;
  for (char *at = text, *end; *at != '\0' && count < LINES_MAX; at = end) {
    lines[count++] = at;
    end = strchr(at, '\n');
    if (end == NULL) break;
    *end++ = '\0';
  }
  return count;
}

static bool same(char *const *a, char *const *b, size_t i, size_t k) {
  return strcmp(a[i], b[k]) == 0;
}

/* The longest run of common lines, by a table; traces are short. */
static void walk(char *const *a, size_t a_count, char *const *b, size_t b_count,
                 const unsigned short *table) {
  size_t i = 0, k = 0, width = b_count + 1, quiet = 0;
  while (i < a_count || k < b_count) {
    if (i < a_count && k < b_count && same(a, b, i, k)) {
      if (quiet < 2) printf("    %s\n", a[i]);
      quiet++;
      i++;
      k++;
    } else if (k == b_count ||
               (i < a_count && table[(i + 1) * width + k] >= table[i * width + k + 1])) {
      if (quiet > 2) printf("    …\n");
      quiet = 0;
      printf("  - %s\n", a[i++]);
    } else {
      if (quiet > 2) printf("    …\n");
      quiet = 0;
      printf("  + %s\n", b[k++]);
    }
  }
}

void scn_diff(const char *expected, const char *actual) {
  static char *a[LINES_MAX], *b[LINES_MAX];
  struct arena arena;
  arena_init(&arena);
  size_t a_count = lines_of(arena_string(&arena, expected), a);
  size_t b_count = lines_of(arena_string(&arena, actual), b);
  size_t width = b_count + 1;
  unsigned short *table = arena_alloc_array(&arena, (a_count + 1) * width, sizeof *table);
  for (size_t i = a_count; i-- > 0;)
    for (size_t k = b_count; k-- > 0;) {
      unsigned short down = table[(i + 1) * width + k], right = table[i * width + k + 1];
      table[i * width + k] = same(a, b, i, k) ? (unsigned short)(table[(i + 1) * width + k + 1] + 1)
                                              : (down > right ? down : right);
    }
  walk(a, a_count, b, b_count, table);
  arena_release(&arena);
}
