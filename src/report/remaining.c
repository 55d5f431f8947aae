/* A batch of what is left of a batch, by why it is left, such that running it goes on with the very
 * same jobs. Who is who: docs/batch.md. */
#include <stdlib.h>
#include <string.h>

#include "nightshift/report.h"
#include "report/show.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/check.h"
#include "util/plain.h"
#include "util/text.h"
#include "util/utf8.h"

#define ENTRY_BYTES_MAX ((size_t)1024 * 1024)

/* ---- why a job is left ---- */

enum why { WHY_NONE, WHY_SERVICE, WHY_DOUBT, WHY_WAITING, WHY_PAUSED, WHY_ENDED };

static enum why why_left(const struct batch_record *batch, const struct job_record *job) {
  switch (job->state) {
  case JOB_SUCCEEDED:
  case JOB_STATE_COUNT:
    return WHY_NONE;
  case JOB_RUNNING:
  case JOB_DOWNLOADING:
    return WHY_SERVICE;
  case JOB_SUBMITTING:
  case JOB_UNSURE:
    return WHY_DOUBT;
  case JOB_QUEUED:
  case JOB_UPLOADING:
    return batch->paused || job->paused ? WHY_PAUSED : WHY_WAITING;
  case JOB_FAILED:
  case JOB_MODERATED:
  case JOB_CANCELLED:
  case JOB_HELD:
    return WHY_ENDED;
  }
  return WHY_NONE;
}

static const char *words_of(enum why why, const struct job_record *job) {
  static const char *const words[] = {
      [WHY_NONE] = "",
      [WHY_SERVICE] = "with the service: a run looks after the task and fetches the result",
      [WHY_DOUBT] = "in doubt: a run finds out whether the submission made a task",
      [WHY_WAITING] = "not started",
      [WHY_PAUSED] = "paused by a person: `nightshift resume` lets them go on"};
  return why == WHY_ENDED ? job_state_name(job->state) : words[why];
}

struct left {
  const struct job_record *job;
  enum why why;
};

static int compare_texts(const char *a, const char *b) {
  return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

/* Of one group: the same state, remedy and cause. What waits has none of its own. */
static int compare_reasons(const struct left *a, const struct left *b) {
  if (a->why != b->why) return (int)a->why - (int)b->why;
  if (a->why != WHY_ENDED) return 0;
  if (a->job->state != b->job->state) return (int)a->job->state - (int)b->job->state;
  int order = compare_texts(a->job->advice, b->job->advice);
  return order != 0 ? order : compare_texts(a->job->error, b->job->error);
}

static int by_reason(const void *a, const void *b) {
  const struct left *left = a, *right = b;
  int order = compare_reasons(left, right);
  if (order != 0) return order;
  return (left->job->number > right->job->number) - (left->job->number < right->job->number);
}

/* ---- YAML ---- */

/* In double quotes, with an escape for all that would end a line or cannot be seen. */
static void put_quoted(struct buffer *out, const char *text) {
  size_t size = strlen(text);
  buffer_text(out, "\"");
  for (size_t at = 0; at < size;) {
    uint32_t code;
    size_t bytes = utf8_next(text + at, size - at, &code);
    if (code == '"' || code == '\\')
      buffer_printf(out, "\\%c", (int)code);
    else if (utf8_is_control(code))
      buffer_printf(out, code > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)code);
    else
      buffer_append(out, text + at, bytes);
    at += bytes;
  }
  buffer_text(out, "\"");
}

static void put_key(struct buffer *out, const char *key, const char *text) {
  if (text == NULL) return;
  buffer_printf(out, "    %s: ", key);
  put_quoted(out, text);
  buffer_text(out, "\n");
}

static void put_comment(struct buffer *out, const char *indent, const char *text) {
  buffer_text(out, indent);
  plain_text(out, text);
  buffer_text(out, "\n");
}

/* ---- outputs: a brace cannot be written, only brought in by a placeholder ---- */

static bool has_brace(const char *text) {
  return strpbrk(text, "{}") != NULL;
}

/* The text with every `value` that has a brace put back to its placeholder. */
static const char *put_back(struct arena *arena, const char *text, const char *value,
                            const char *placeholder) {
  size_t size = value == NULL ? 0 : strlen(value);
  const char *at = size == 0 || !has_brace(value) ? NULL : strstr(text, value);
  if (at == NULL) return text;
  const char *rest = put_back(arena, at + size, value, placeholder);
  return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, placeholder, rest);
}

static const char *video_name(struct arena *arena, const char *source) {
  const char *slash = strrchr(source, '/'), *name = slash == NULL ? source : slash + 1;
  const char *dot = strrchr(name, '.');
  return dot == NULL || dot == name ? name : arena_bytes(arena, name, (size_t)(dot - name));
}

static const char *output_template(struct arena *arena, const struct job_record *job,
                                   const char *output) {
  if (!has_brace(output)) return output;
  output = put_back(arena, output, job->name, "{id}");
  if (job->clip_source != NULL && job->asset == NULL)
    output = put_back(arena, output, video_name(arena, job->clip_source), "{video}");
  return put_back(arena, output, job->voice, "{voice}");
}

/* ---- entries ---- */

struct writer {
  const struct remaining_source *source;
  struct arena *arena; /* emptied after each job */
  struct buffer *out;
  bool at_home; /* in the batch file's own directory: clips are called as they are there */
  bool absolute;
};

static const char *directory_of(struct arena *arena, const char *path) {
  const char *slash = path == NULL ? NULL : strrchr(path, '/');
  if (slash == NULL) return "";
  return arena_bytes(arena, path, slash == path ? 1 : (size_t)(slash - path));
}

/* A job is known by an id that was given, or by clip and voice. The id is written where the file's
 * place does not give the same: enrolling knows a job by an id that it had anyway. */
static bool needs_id(const struct writer *writer, const struct job_record *job) {
  return !writer->at_home || text_starts_with(job->key, "id:") || strchr(job->key, '#') != NULL;
}

static void put_output(struct writer *writer, const struct job_record *job) {
  const char *path = show_relative(writer->arena, writer->source->directory, job->output);
  if (text_starts_with(path, "../")) path = job->output;
  if (path[0] == '/') writer->absolute = true;
  put_key(writer->out, "output", output_template(writer->arena, job, path));
}

static void put_job(struct writer *writer, const struct job_record *job) {
  struct buffer *out = writer->out;
  buffer_text(out, job->asset != NULL ? "  - asset: " : "  - video: ");
  put_quoted(out, job->asset != NULL ? job->asset
                  : writer->at_home && job->clip_source != NULL
                      ? job->clip_source
                      : show_relative(writer->arena, writer->source->directory, job->clip_path));
  buffer_text(out, "\n");
  put_key(out, "voice", job->voice);
  if (needs_id(writer, job)) put_key(out, "id", job->name);
  put_output(writer, job);
  if (job->explore != EXPLORE_OFF)
    buffer_printf(out, "    explore: %s\n", explore_mode_name(job->explore));
  if (job->priority != 0) buffer_printf(out, "    priority: %d\n", (int)job->priority);
  if (job->asset == NULL) put_key(out, "account", job->pin);
  put_key(out, "reference", job->reference);
  put_key(out, "reply_url", job->reply_url);
  arena_reset(writer->arena);
}

static void put_reason(struct writer *writer, const struct left *first, size_t count) {
  const struct job_record *job = first->job;
  struct buffer *out = writer->out;
  buffer_printf(out, "\n  # %zu %s", count, words_of(first->why, job));
  if (first->why != WHY_ENDED) {
    buffer_text(out, "\n");
    return;
  }
  buffer_text(out, job->error != NULL ? ": " : "\n");
  if (job->error != NULL) put_comment(out, "", job->error);
  if (job->advice != NULL) put_comment(out, "  # ", job->advice);
}

static void put_head(struct writer *writer, const struct left *left, size_t count) {
  const struct batch_record *batch = writer->source->batch;
  char when[40];
  bool ended = false;
  for (size_t i = 0; i < count; i++)
    ended = ended || left[i].why == WHY_ENDED;
  show_day(writer->source->now, when, sizeof when);
  put_comment(writer->out, "# What was left of ", batch->key);
  buffer_printf(
      writer->out,
      "# %s: %zu jobs. This is the same batch: running it goes on with these very jobs, and "
      "with no other.\n",
      when, count);
  if (ended)
    buffer_text(writer->out,
                "# Jobs that have ended stay so until `nightshift retry` of this file.\n");
  buffer_text(writer->out, "batch: ");
  put_quoted(writer->out, batch->key);
  buffer_text(writer->out, "\njobs:");
}

/* To the stream whenever there is enough of it: a batch may have 100,000 jobs. */
static void drain(struct buffer *out, FILE *stream) {
  (void)fwrite(buffer_string(out), 1, out->length, stream); /* the caller looks at ferror */
  buffer_clear(out);
}

static void put_all(struct writer *writer, const struct left *left, size_t count, FILE *stream) {
  put_head(writer, left, count);
  for (size_t i = 0; i < count;) {
    size_t end = i + 1;
    while (end < count && compare_reasons(&left[i], &left[end]) == 0)
      end++;
    put_reason(writer, &left[i], end - i);
    for (; i < end; i++) {
      put_job(writer, left[i].job);
      drain(writer->out, stream);
    }
  }
}

size_t remaining_print(const struct remaining_source *source, bool *absolute, FILE *stream) {
  const struct store_snapshot *snapshot = source->snapshot;
  struct left *left = calloc(snapshot->job_count + 1, sizeof *left);
  struct arena arena;
  struct buffer out;
  size_t count = 0;
  CHECK(left != NULL && "out of memory");
  for (size_t i = 0; i < snapshot->job_count; i++) {
    const struct job_record *job = &snapshot->jobs[i];
    enum why why = why_left(source->batch, job);
    if (job->batch != source->batch->id || !job->listed || why == WHY_NONE) continue;
    left[count++] = (struct left){.job = job, .why = why};
  }
  if (count > 1) qsort(left, count, sizeof *left, by_reason);
  arena_init(&arena);
  buffer_init(&out, ENTRY_BYTES_MAX);
  struct writer writer = {.source = source, .arena = &arena, .out = &out};
  writer.at_home = strcmp(directory_of(&arena, source->batch->path), source->directory) == 0;
  if (count > 0) put_all(&writer, left, count, stream);
  *absolute = writer.absolute;
  buffer_release(&out);
  arena_release(&arena);
  free(left);
  return count;
}
