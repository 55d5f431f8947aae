/* Reading a scenario file: sections, lines, words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/scn.h"
#include "util/text.h"

_Noreturn void scn_mistake(const struct scn_file *file, const struct scn_line *line,
                           const char *what) {
  fprintf(stderr, "%s:%d: %s\n", file->path, line->number, what);
  exit(2);
}

duration_ms scn_time(const struct scn_file *file, const struct scn_line *line, const char *word) {
  int64_t time;
  if (word == NULL || !text_to_duration(word, &time)) scn_mistake(file, line, "a time is wanted");
  return time;
}

int64_t scn_number(const struct scn_file *file, const struct scn_line *line, const char *word) {
  int64_t number;
  if (word == NULL || !text_to_int64(word, 0, 1000000000, &number))
    scn_mistake(file, line, "a number is wanted");
  return number;
}

const char *scn_email(struct arena *arena, const char *word) {
  return strchr(word, '@') != NULL ? word : arena_printf(arena, "%s@example.com", word);
}

size_t scn_job(const struct scn_file *file, const struct scn_line *line, const char *name) {
  for (size_t i = 0; name != NULL && i < file->job_count; i++)
    if (strcmp(file->jobs[i].name, name) == 0) return i;
  scn_mistake(file, line, "no job is called so");
}

static char *read_all(struct arena *arena, const char *path) {
  struct buffer buffer;
  char bytes[4096];
  size_t got;
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) return NULL;
  buffer_init(&buffer, (size_t)1 << 22);
  while ((got = fread(bytes, 1, sizeof bytes, stream)) > 0)
    buffer_append(&buffer, bytes, got);
  (void)fclose(stream);
  char *text = arena_string(arena, buffer_string(&buffer));
  buffer_release(&buffer);
  return text;
}

/* Words are parted by blanks; "…" or '…' is one word; # begins a comment. */
static void split(struct arena *arena, char *text, struct scn_line *line) {
  line->count = 0;
  char *at = arena_string(arena, text);
  while (line->count < SCN_WORDS_MAX) {
    at += strspn(at, " \t");
    if (*at == '\0' || *at == '#') return;
    char end = *at == '"' || *at == '\'' ? *at++ : ' ';
    line->words[line->count++] = at;
    while (*at != '\0' && *at != end && (end != ' ' || *at != '\t'))
      at++;
    if (*at == '\0') return;
    *at++ = '\0';
  }
}

static const char *value_of(const char *word, const char *key) {
  size_t length = strlen(key);
  return strncmp(word, key, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

static void read_job(struct scn_file *file, const struct scn_line *line) {
  struct arena *arena = &file->arena;
  if (file->job_count == SCN_JOBS_MAX) scn_mistake(file, line, "too many jobs");
  struct world_job *job = &file->jobs[file->job_count++];
  *job = (struct world_job){.name = line->words[0],
                            .clip = line->words[0],
                            .length_ms = 10 * SECOND_MS,
                            .voice = "voice-maya"};
  for (size_t i = 1; i < line->count; i++) {
    const char *word = line->words[i], *value;
    if ((value = value_of(word, "clip")) != NULL)
      job->clip = value;
    else if ((value = value_of(word, "length")) != NULL)
      job->length_ms = scn_time(file, line, value);
    else if ((value = value_of(word, "voice")) != NULL)
      job->voice = arena_printf(arena, "voice-%s", value);
    else if ((value = value_of(word, "pin")) != NULL)
      job->pin = scn_email(arena, value);
    else if ((value = value_of(word, "priority")) != NULL)
      job->priority = (int32_t)scn_number(file, line, value);
    else if ((value = value_of(word, "reference")) != NULL)
      job->reference = value;
    else if ((value = value_of(word, "asset")) != NULL)
      job->asset = value;
    else if ((value = value_of(word, "explore")) == NULL ||
             !explore_mode_parse(value, &job->explore))
      scn_mistake(file, line, "what is said of this job?");
  }
  if (job->asset != NULL) job->clip = NULL;
}

enum section { SECTION_STORY, SECTION_SERVICE, SECTION_JOBS, SECTION_NIGHT };

static enum section section_named(const char *text, enum section now) {
  if (strcmp(text, "--- service") == 0) return SECTION_SERVICE;
  if (strcmp(text, "--- jobs") == 0) return SECTION_JOBS;
  if (strcmp(text, "--- night") == 0) return SECTION_NIGHT;
  if (strcmp(text, "--- trace") == 0) return SECTION_STORY;
  return now;
}

static void read_line(struct scn_file *file, enum section section, struct buffer *service,
                      char *text, int number) {
  struct scn_line line = {.number = number};
  if (section == SECTION_SERVICE) buffer_printf(service, "%s\n", text);
  if (section != SECTION_JOBS && section != SECTION_NIGHT) return;
  split(&file->arena, text, &line);
  if (line.count == 0) return;
  if (section == SECTION_JOBS)
    read_job(file, &line);
  else
    file->night[file->night_count++] = line;
}

static void read_lines(struct scn_file *file, char *text) {
  enum section section = SECTION_STORY;
  struct buffer service;
  size_t lines = 1;
  int number = 1;
  for (const char *at = text; *at != '\0'; at++)
    lines += *at == '\n';
  file->night = arena_alloc_array(&file->arena, lines, sizeof *file->night);
  buffer_init(&service, (size_t)1 << 20);
  for (char *line = text, *end; line != NULL; line = end, number++) {
    end = strchr(line, '\n');
    if (end != NULL) *end++ = '\0';
    enum section next = section_named(line, section);
    if (next == section) read_line(file, section, &service, line, number);
    section = next;
  }
  file->service = arena_string(&file->arena, buffer_string(&service));
  buffer_release(&service);
}

bool scn_read(struct scn_file *file, const char *path) {
  static const char mark[] = "--- trace\n";
  *file = (struct scn_file){.path = path};
  arena_init(&file->arena);
  char *text = read_all(&file->arena, path);
  char *trace = text == NULL ? NULL : strstr(text, mark);
  if (trace == NULL) {
    fprintf(stderr, "%s: cannot be read, or has no line \"--- trace\"\n", path);
    return false;
  }
  trace += strlen(mark);
  file->trace = arena_string(&file->arena, trace);
  *trace = '\0';
  file->head = arena_string(&file->arena, text);
  read_lines(file, text);
  return true;
}

void scn_release(struct scn_file *file) {
  arena_release(&file->arena);
}
