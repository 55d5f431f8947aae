/* `video`: a path, a glob, or a list of them, into the clips of an entry. */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "input/batch_parts.h"
#include "input/path.h"
#include "input/shape.h"
#include "util/check.h"
#include "util/text.h"

void batch_add_source(struct reader *reader, struct source source) {
  if (reader->source_count == reader->source_room) {
    reader->source_room = reader->source_room == 0 ? 64 : reader->source_room * 2;
    reader->sources = realloc(reader->sources, reader->source_room * sizeof *reader->sources);
    CHECK(reader->sources != NULL && "out of memory");
  }
  reader->sources[reader->source_count++] = source;
}

/* Why the file is none that can be uploaded; NULL: it is one. `seen`: something is there. */
static const char *fault_of(const char *path, bool *seen) {
  struct stat status;
  *seen = stat(path, &status) == 0;
  if (!*seen) return errno == ENOENT ? "no such file" : strerror(errno);
  if (S_ISDIR(status.st_mode)) return "is a directory";
  return S_ISREG(status.st_mode) ? NULL : "is not a regular file";
}

/* What the clip is known by: its path from the batch's directory; an absolute one outside of it
 * stays absolute. `path` is as written, `absolute` the same resolved. */
static const char *source_name(const struct reader *reader, const char *path,
                               const char *absolute) {
  const char *below = path_below(reader->batch->directory, absolute);
  if (below != NULL) return below;
  return *path == '/' ? absolute : path_normalise(reader->memory, path);
}

static void add_clip(struct reader *reader, const char *path, const char *absolute,
                     const char *fault, const struct yaml_node *node) {
  batch_add_source(reader, (struct source){.clip_path = absolute,
                                           .clip_source = source_name(reader, path, absolute),
                                           .fault = arena_string(reader->memory, fault),
                                           .place = place_of(node)});
}

/* ---- globs ---- */

static bool is_glob(const char *path) {
  return strpbrk(path, "*?[") != NULL;
}

/* The directory with its own wildcards made plain, then the pattern. */
static char *full_pattern(struct arena *arena, const char *directory, const char *pattern) {
  size_t length = 0;
  if (*pattern == '/') return arena_string(arena, pattern);
  char *full = arena_alloc(arena, 2 * strlen(directory) + strlen(pattern) + 2);
  for (const char *at = directory; *at != '\0'; at++) {
    if (strchr("*?[]\\", *at) != NULL) full[length++] = '\\';
    full[length++] = *at;
  }
  if (length > 0 && full[length - 1] != '/') full[length++] = '/';
  memcpy(full + length, pattern, strlen(pattern) + 1);
  return full;
}

/* Whether the state knows the path as a job's output, or as what stands beside one: the `.part` of
 * a download, or the `.new` of a result whose place was taken. */
static bool is_output(const struct reader *reader, const char *path) {
  const struct batch_options *options = reader->options;
  if (options->is_known_output == NULL) return false;
  if (options->is_known_output(options->context, path)) return true;
  const char *extension = path_extension(path);
  size_t stem = (size_t)(extension - path);
  char *other = arena_string(reader->scratch, path);
  if (strcmp(extension, ".part") == 0)
    other[stem] = '\0';
  else if (stem > 4 && memcmp(path + stem - 4, ".new", 4) == 0)
    memmove(other + stem - 4, extension, strlen(extension) + 1);
  else
    return false;
  return options->is_known_output(options->context, other);
}

static bool is_readable_name(const struct reader *reader, const char *path,
                             const struct yaml_node *node) {
  if (text_is_utf8(path, strlen(path))) return true;
  yaml_error(reader->document, node, "video: the glob matches `%s`, whose name is not UTF-8", path);
  return false;
}

/* Of the batch's directory with the slash that follows it. */
static size_t directory_size(const struct reader *reader) {
  size_t size = strlen(reader->batch->directory);
  return size > 1 ? size + 1 : size;
}

/* Takes one match, which begins with the batch's directory unless the glob is absolute; false when
 * it is none of ours: a directory, an output. */
static bool add_match(struct reader *reader, const char *match, const struct yaml_node *node) {
  const char *absolute = path_normalise(reader->memory, match);
  const char *path = *node->text == '/' ? match : match + directory_size(reader);
  bool seen;
  const char *fault = fault_of(absolute, &seen);
  if (fault != NULL && seen) return false;
  if (is_output(reader, absolute)) return false;
  if (is_readable_name(reader, absolute, node)) add_clip(reader, path, absolute, fault, node);
  return true;
}

static int compare_bytes(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t add_matches(struct reader *reader, glob_t *found, const struct yaml_node *node) {
  size_t taken = 0;
  if (found->gl_pathc > 0)
    qsort(found->gl_pathv, found->gl_pathc, sizeof *found->gl_pathv, compare_bytes);
  for (size_t i = 0; i < found->gl_pathc; i++)
    if (add_match(reader, found->gl_pathv[i], node)) taken++;
  return taken;
}

static void tell_no_match(const struct reader *reader, const struct yaml_node *node,
                          size_t matches) {
  const char *shown = yaml_short(reader->document, node->text);
  if (matches > 0)
    yaml_error(reader->document, node,
               "video: `%s` matches only directories, or results of earlier runs", shown);
  else if (strpbrk(node->text, "{") != NULL)
    yaml_error(reader->document, node,
               "video: `%s` matches no file; {a,b} is not read: write a list of globs", shown);
  else
    yaml_error(reader->document, node, "video: `%s` matches no file", shown);
}

static void expand_glob(struct reader *reader, const struct yaml_node *node) {
  glob_t found = {0};
  reader->clips_plural = true;
  if (reader->glob_count++ >= BATCH_GLOBS_MAX) {
    if (reader->glob_count == BATCH_GLOBS_MAX + 1)
      yaml_error(reader->document, node, "video: more than %zu globs in one batch",
                 BATCH_GLOBS_MAX);
    return;
  }
  if (strstr(node->text, "**") != NULL) {
    yaml_error(reader->document, node,
               "video: `**` is not read: write one `*` for each level, such as `clips/*/*.mp4`");
    return;
  }
  int result = glob(full_pattern(reader->scratch, reader->batch->directory, node->text),
                    GLOB_NOSORT, NULL, &found);
  if (result == GLOB_NOSPACE || result == GLOB_ABORTED)
    yaml_error(reader->document, node, "video: the directory cannot be read");
  else if (add_matches(reader, &found, node) == 0)
    tell_no_match(reader, node, found.gl_pathc);
  globfree(&found);
}

/* ---- paths ---- */

static void add_path(struct reader *reader, const struct yaml_node *node) {
  const char *path;
  if (!yaml_read_text(reader->document, node, "video", &path)) return;
  if (*path == '\0') {
    yaml_error(reader->document, node, "video: the path is empty");
    return;
  }
  const char *absolute = path_resolve(reader->memory, reader->batch->directory, path);
  bool seen;
  const char *fault = fault_of(absolute, &seen);
  if (fault != NULL && is_glob(path)) /* a file that is there may have any name */
    expand_glob(reader, node);
  else
    add_clip(reader, path, absolute, fault, node);
}

void batch_find_clips(struct reader *reader, const struct yaml_node *video) {
  size_t count = yaml_item_count(video);
  if (count == 0) yaml_error(reader->document, video, "video: the list is empty");
  if (count > 1) reader->clips_plural = true;
  for (size_t i = 0; i < count; i++)
    add_path(reader, yaml_item(video, i));
}
