/* A job's output: the template's placeholders filled in, and the places where it may not be. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "input/batch_parts.h"
#include "input/path.h"
#include "util/buffer.h"
#include "util/plain.h"
#include "util/text.h"

#define ACCOUNT    "{account}"
#define OUTPUT_MAX 4000 /* bytes of the whole path: below PATH_MAX with room for `.part` */
#define NAME_MOST  240  /* of one name in it: below NAME_MAX with room for `.new` and `.part` */

static const char *const placeholders[] = {"id", "video", "voice", "n", "account"};
#define PLACEHOLDERS (sizeof placeholders / sizeof placeholders[0])

static bool check_placeholder(const struct reader *reader, const char *name, struct place place) {
  for (size_t i = 0; i < PLACEHOLDERS; i++)
    if (strcmp(placeholders[i], name) == 0) return true;
  bool escape = *name == '{'; /* {{ is one elsewhere */
  const char *nearest = escape ? NULL : text_nearest(name, placeholders, PLACEHOLDERS);
  const char *shown = yaml_short(reader->document, name);
  if (nearest != NULL)
    batch_error(reader, place, "output: unknown placeholder {%s}: did you mean {%s}?", shown,
                nearest);
  else
    batch_error(reader, place,
                "output: unknown placeholder {%s}: there are {id}, {video}, {voice}, {n} and "
                "{account}, and no way to write a brace itself",
                shown);
  return false;
}

static bool has_long_name(const char *path) {
  for (const char *at = path; *at != '\0';) {
    size_t size = strcspn(at, "/");
    if (size > NAME_MOST) return true;
    at += size + (at[size] == '/' ? 1 : 0);
  }
  return false;
}

/* Why there can be no result there; NULL: there can. `filled` is as written, with its values. */
static const char *refusal(const struct reader *reader, const char *filled, const char *path) {
  bool absolute = *filled == '/';
  if (*filled == '\0') return "is empty";
  if (filled[strlen(filled) - 1] == '/' || strcmp(path_name(path), ".") == 0)
    return "is a directory, not a file";
  if (absolute && !reader->options->allow_absolute_output)
    return "is absolute: allow that with --allow-absolute-output";
  if (!absolute && path_climbs(path)) return "is outside of the batch's directory";
  if (text_ends_with(path, ".part")) return "ends in .part, as only unfinished downloads do";
  if (strlen(path) > OUTPUT_MAX || has_long_name(path)) return "is too long for a file's name";
  return NULL;
}

bool batch_check_template(const struct reader *reader, const char *text, struct place place) {
  const char *why = refusal(reader, text, path_normalise(reader->scratch, text));
  bool good = why == NULL;
  if (why != NULL)
    batch_error(reader, place, "output: `%s` %s", yaml_short(reader->document, text), why);
  for (const char *at = strchr(text, '{'); at != NULL; at = strchr(at + 1, '{')) {
    const char *end = strchr(at, '}');
    if (end == NULL) {
      batch_error(reader, place, "output: a { without its }");
      return false;
    }
    const char *name = arena_bytes(reader->scratch, at + 1, (size_t)(end - at) - 1);
    good = check_placeholder(reader, name, place) && good;
    at = end;
  }
  return good;
}

/* A value must not bring in a placeholder of its own: {account} is filled in later. */
static const char *value_text(struct reader *reader, const char *value) {
  char *clean = (char *)(uintptr_t)plain_name(reader->work, value, '_');
  for (char *at = clean; (at = strstr(at, ACCOUNT)) != NULL;)
    *at = '_';
  return clean;
}

static bool is(const char *name, size_t size, const char *word) {
  return strlen(word) == size && memcmp(name, word, size) == 0;
}

static const char *value_of(struct reader *reader, const char *name, size_t size,
                            const struct output_values *values) {
  if (is(name, size, "id")) return value_text(reader, values->id);
  if (is(name, size, "video")) return value_text(reader, values->video);
  if (is(name, size, "voice")) return value_text(reader, values->voice);
  if (is(name, size, "n")) return arena_printf(reader->work, "%" PRId64, values->number);
  return ACCOUNT;
}

/* NULL when it would be longer than any path. */
static const char *fill(struct reader *reader, const char *text,
                        const struct output_values *values) {
  struct buffer out;
  buffer_init(&out, OUTPUT_MAX);
  bool fits = true;
  while (*text != '\0' && fits) {
    size_t plain = strcspn(text, "{");
    fits = buffer_append(&out, text, plain);
    text += plain;
    if (*text == '\0') break;
    size_t size = strcspn(text + 1, "}");
    fits = fits && buffer_text(&out, value_of(reader, text + 1, size, values));
    text += size + 2;
  }
  const char *filled = fits ? arena_string(reader->work, buffer_string(&out)) : NULL;
  buffer_release(&out);
  return filled;
}

static void tell(struct reader *reader, struct place place, const char *filled, const char *why) {
  bool told = reader->output_told.line == place.line && reader->output_told.column == place.column;
  reader->output_told = place;
  if (!told)
    batch_error(reader, place, "output: `%s` %s", yaml_short(reader->document, filled), why);
}

const char *batch_make_output(struct reader *reader, const char *template_text,
                              const struct output_values *values, struct place place) {
  const char *filled = fill(reader, template_text, values), *directory = reader->batch->directory;
  if (filled == NULL) {
    tell(reader, place, template_text, "is too long");
    return NULL;
  }
  const char *path = path_normalise(reader->work, filled);
  const char *why = refusal(reader, filled, path);
  if (why != NULL) {
    tell(reader, place, filled, why);
    return NULL;
  }
  if (*path == '/') return arena_string(reader->memory, path);
  return path_resolve(reader->memory, directory, path);
}
