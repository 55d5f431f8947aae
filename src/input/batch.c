/* The batch file from its bytes to its jobs: the file's keys, the defaults, entry after entry. */
#include "nightshift/batch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "input/batch_parts.h"
#include "input/path.h"
#include "input/shape.h"
#include "util/check.h"

#define WHEN_EMPTY                                                                                 \
  "the file is empty: write `defaults: {voice: Maya}` and below it `jobs:` with a list of clips, " \
  "such as `- clips/hello.mp4`"

const char *const batch_root_keys[3] = {"batch", "defaults", "jobs"};
const char *const batch_job_keys[10] = {"video",   "asset",    "voice",   "output",    "id",
                                        "explore", "priority", "account", "reference", "reply_url"};

struct batch_memory {
  struct arena arena;
};

void batch_error(const struct reader *reader, struct place place, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  diag_add(reader->document->diags, false, reader->document->shown, place.line, place.column,
           yaml_line(reader->document, place.line), format, arguments);
  va_end(arguments);
}

void batch_warning(const struct reader *reader, struct place place, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  diag_add(reader->document->diags, true, reader->document->shown, place.line, place.column,
           yaml_line(reader->document, place.line), format, arguments);
  va_end(arguments);
}

struct place place_of(const struct yaml_node *node) {
  return (struct place){node->line, node->column};
}

const char *batch_keep_line(struct reader *reader, int32_t line) {
  if (reader->kept_line != line) {
    reader->kept_line = line;
    reader->kept_text = arena_string(reader->memory, yaml_line(reader->document, line));
  }
  return reader->kept_text;
}

/* ---- entries ---- */

static void read_asset(struct reader *reader, const struct yaml_node *node,
                       struct settings *settings) {
  const char *asset, *email;
  if (!yaml_read_text(reader->document, node, "asset", &asset)) {
    settings->broken = true;
    return;
  }
  email = shape_asset_email(reader->memory, asset);
  if (email == NULL) {
    yaml_error(reader->document, node,
               "asset: `%s` is no asset id: expected user:<number>-runwayml:<email>-asset:<uuid>",
               yaml_short(reader->document, asset));
    settings->broken = true;
    return;
  }
  if (settings->account_own && strcasecmp(settings->account, email) != 0) {
    yaml_error(reader->document, node,
               "asset: it belongs to the account %s, but `account:` says %s: leave `account:` out",
               email, settings->account);
    settings->broken = true;
  }
  settings->account = email;
  batch_add_source(reader, (struct source){.clip_source = arena_string(reader->memory, asset),
                                           .place = place_of(node)});
}

static void read_long_entry(struct reader *reader, const struct yaml_node *entry,
                            struct settings *settings) {
  const struct yaml_node *video = yaml_get(entry, "video"), *asset = yaml_get(entry, "asset");
  yaml_check_keys(reader->document, entry, batch_job_keys,
                  sizeof batch_job_keys / sizeof batch_job_keys[0]);
  batch_read_settings(reader, entry, settings);
  if (video != NULL && asset != NULL)
    yaml_error(reader->document, asset, "a job has either `video` or `asset`, not both");
  else if (video != NULL)
    batch_find_clips(reader, video);
  else if (asset != NULL)
    read_asset(reader, asset, settings);
  else
    yaml_error(reader->document, entry, "a job needs `video` (or `asset`)");
}

static void read_entry(struct reader *reader, const struct yaml_node *entry) {
  struct settings settings = reader->defaults;
  reader->entry = place_of(entry);
  reader->source_count = 0;
  reader->clips_plural = false;
  if (entry->kind == YAML_MAP)
    read_long_entry(reader, entry, &settings);
  else if (entry->kind == YAML_LIST)
    yaml_error(reader->document, entry, "a job is a clip, or keys such as `video` and `voice`");
  else if (yaml_is_null(entry))
    yaml_error(reader->document, entry, "an empty job: write a clip after the `- `");
  else
    batch_find_clips(reader, entry);
  if (reader->source_count > 0 && settings.voice_count == 0 && !settings.broken) {
    yaml_error(reader->document, entry, "no voice: write `voice:` here or under `defaults:`");
    settings.broken = true;
  }
  batch_add_jobs(reader, &settings);
}

/* ---- the file ---- */

/* The path of a batch file without a name: this file goes on with that batch. */
static void read_path(struct reader *reader, const struct yaml_node *node, const char *path) {
  if (strcmp(path, path_normalise(reader->scratch, path)) == 0 && path[1] != '\0' &&
      strlen(path) < PATH_MAX) {
    reader->batch->key = arena_string(reader->memory, path);
    return;
  }
  yaml_error(reader->document, node,
             "batch: a path is that of another batch file, absolute and without `.`, `..` or `//`");
}

static void read_name(struct reader *reader, const struct yaml_node *node) {
  const char *name;
  if (!yaml_read_text(reader->document, node, "batch", &name)) return;
  if (*name == '/' && !shape_has_control(name)) {
    read_path(reader, node, name);
    return;
  }
  if (*name == '\0' || shape_length(name) > BATCH_NAME_MAX || strchr(name, '/') != NULL ||
      shape_has_control(name)) {
    yaml_error(reader->document, node,
               "batch: a name has 1 to %d characters, no `/` and no control characters",
               BATCH_NAME_MAX);
    return;
  }
  reader->batch->key = arena_string(reader->memory, name);
  reader->batch->named = true;
}

static void read_defaults(struct reader *reader, const struct yaml_node *node) {
  const struct yaml_document *document = reader->document;
  if (yaml_is_null(node) || !yaml_expect(document, node, "defaults", YAML_MAP)) return;
  for (size_t i = 0; i < node->count; i++) {
    const char *key = node->pairs[i].key.text;
    if (strcmp(key, "video") == 0 || strcmp(key, "asset") == 0)
      yaml_error(document, &node->pairs[i].key, "`%s` belongs to a job, not to `defaults`", key);
  }
  yaml_check_keys(document, node, batch_job_keys, sizeof batch_job_keys / sizeof batch_job_keys[0]);
  batch_read_settings(reader, node, &reader->defaults);
  reader->defaults.output_own = reader->defaults.id_own = reader->defaults.account_own = false;
}

static void read_jobs(struct reader *reader, const struct yaml_node *root) {
  const struct yaml_node *jobs = yaml_get(root, "jobs");
  if (jobs == NULL || yaml_is_null(jobs) || (jobs->kind == YAML_LIST && jobs->count == 0)) {
    yaml_error(reader->document, jobs != NULL ? jobs : root,
               "no jobs: write `jobs:` and below it a list of clips, such as `  - clips/a.mp4`");
    return;
  }
  if (!yaml_expect(reader->document, jobs, "jobs", YAML_LIST)) return;
  for (size_t i = 0; i < jobs->count && reader->batch->job_count <= reader->jobs_max; i++)
    read_entry(reader, &jobs->items[i]);
  if (reader->batch->job_count > reader->jobs_max)
    yaml_error(reader->document, jobs, "more than %zu jobs in one batch", reader->jobs_max);
}

static void read_root(struct reader *reader) {
  const struct yaml_node *root = reader->document->root;
  if (root->kind != YAML_MAP) {
    yaml_error(reader->document, root, "expected the keys `batch`, `defaults` and `jobs`%s",
               root->kind == YAML_LIST ? ": write `jobs:` above this list" : "");
    return;
  }
  yaml_check_keys(reader->document, root, batch_root_keys, 3);
  const struct yaml_node *name = yaml_get(root, "batch"), *defaults = yaml_get(root, "defaults");
  if (name != NULL) read_name(reader, name);
  if (defaults != NULL) read_defaults(reader, defaults);
  read_jobs(reader, root);
  batch_check_outputs(reader);
}

static void read_document(struct batch *batch, const struct batch_options *options,
                          const struct yaml_document *document, struct arena *memory) {
  struct arena work;
  struct reader reader = {.batch = batch,
                          .work = &work,
                          .options = options,
                          .document = document,
                          .memory = memory,
                          .scratch = document->arena,
                          .jobs_max = options->jobs_max > 0 ? options->jobs_max : BATCH_JOBS_MAX,
                          .defaults = {.output = BATCH_OUTPUT_DEFAULT}};
  arena_init(&work);
  map_init(&reader.ids);
  map_init(&reader.outputs);
  map_init(&reader.pairs);
  map_init(&reader.clips);
  read_root(&reader);
  map_release(&reader.ids);
  map_release(&reader.outputs);
  map_release(&reader.pairs);
  map_release(&reader.clips);
  arena_release(&work);
  free(reader.sources);
}

static int find_file(const char *path, struct batch *batch, struct arena *memory,
                     struct diag_list *diags) {
  char *canonical = realpath(path, NULL);
  if (canonical == NULL) {
    diag_error(diags, path, 0, 0, NULL, "cannot be read: %s", strerror(errno));
    return ERR_IO;
  }
  batch->path = arena_string(memory, canonical);
  batch->key = batch->path;
  batch->shown = arena_string(memory, path);
  char *slash = strrchr(canonical, '/');
  slash[slash == canonical ? 1 : 0] = '\0';
  batch->directory = arena_string(memory, canonical);
  free(canonical);
  return 0;
}

static int load(const char *path, const struct batch_options *options, struct batch *batch,
                struct arena *memory, struct diag_list *diags) {
  struct arena scratch;
  struct yaml_document document;
  size_t errors = diag_error_count(diags);
  int result = find_file(path, batch, memory, diags);
  if (result != 0) return result;
  arena_init(&scratch);
  result = yaml_load(&document, path, path, BATCH_BYTES_MAX, WHEN_EMPTY, YAML_NO_SECRETS, &scratch,
                     diags);
  if (result == 0) read_document(batch, options, &document, memory);
  arena_release(&scratch);
  if (result == 0 && diag_error_count(diags) > errors) result = ERR_USAGE;
  return result;
}

int batch_load(const char *path, const struct batch_options *options, struct batch *batch,
               struct diag_list *diags) {
  static const struct batch_options none = {0};
  struct batch_memory *memory = calloc(1, sizeof *memory);
  CHECK(memory != NULL && "out of memory");
  arena_init(&memory->arena);
  *batch = (struct batch){.memory = memory};
  int result = load(path, options != NULL ? options : &none, batch, &memory->arena, diags);
  if (result != 0 && result != ERR_USAGE) batch_release(batch);
  return result;
}

void batch_release(struct batch *batch) {
  struct batch_memory *memory = batch->memory;
  if (memory != NULL) arena_release(&memory->arena);
  free(memory);
  free(batch->jobs);
  *batch = (struct batch){0};
}
