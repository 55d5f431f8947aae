/* Looking at many clips: each path once, and those that are remembered not at all. */
#include <stdlib.h>

#include "media/clip_file.h"
#include "media/helper.h"
#include "media/work.h"
#include "nightshift/media.h"
#include "util/map.h"

/* Fills the item from what is remembered of the file as it is now; false when nothing is. */
static bool recall(struct work *work, struct item *item) {
  const struct media_options *options = work->options;
  struct clip clip = {.path = item->clip.path}, known = {0};
  if (options->recall == NULL || !clip_file_stat(&clip) ||
      !options->recall(options->context, clip.path, clip.size_bytes, clip.mtime_ns, &known))
    return false;
  if (known.hash == NULL || known.content_type == NULL) return false;
  char fault[FAULT_TEXT];
  known.path = clip.path;
  known.size_bytes = clip.size_bytes;
  known.mtime_ns = clip.mtime_ns;
  known.hash = arena_string(work->arena, known.hash);
  known.content_type = arena_string(work->arena, known.content_type);
  known.fault = arena_string(work->arena, media_judge(&known, fault, sizeof fault));
  *item = (struct item){.clip = known, .done = true};
  return true;
}

static void recall_all(struct work *work) {
  const struct media_options *options = work->options;
  for (size_t i = 0; i < work->count && work->failure.code == 0; i++) {
    if (work_cancelled(work)) {
      error_set(&work->failure, ERR_BUSY, STOPPED_TEXT);
    } else if (recall(work, &work->items[i])) {
      work->done++;
      if (options->on_progress != NULL)
        options->on_progress(options->context, work->done, work->count);
    }
  }
}

/* Makes one item of each different path; places[i] is the item of paths[i]. */
static void list_items(struct work *work, const char *const *paths, size_t count, size_t *places) {
  struct map known;
  map_init(&known);
  map_reserve(&known, count);
  for (size_t i = 0; i < count; i++) {
    int64_t place = 0;
    if (!map_get(&known, paths[i], &place)) {
      place = (int64_t)work->count++;
      work->items[place].clip.path = paths[i];
      map_set_kept(&known, work->items[place].clip.path, place);
    }
    places[i] = (size_t)place;
  }
  map_release(&known);
}

static void fill_result(const struct work *work, size_t count, const size_t *places,
                        struct media_result *result) {
  bool *told = arena_alloc_array(work->arena, work->count, sizeof *told);
  result->clips = arena_alloc_array(work->arena, count, sizeof *result->clips);
  result->fresh = arena_alloc_array(work->arena, count, sizeof *result->fresh);
  result->count = count;
  for (size_t i = 0; i < count; i++) {
    const struct item *item = &work->items[places[i]];
    result->clips[i] = item->clip;
    result->fresh[i] = item->fresh && !told[places[i]];
    told[places[i]] = true;
  }
}

int media_examine(const char *const *paths, size_t count, const struct media_options *options,
                  struct media_result *result, struct error *error) {
  *result = (struct media_result){0};
  if (count == 0) return 0;
  struct arena *arena = malloc(sizeof *arena), scratch;
  if (arena == NULL) return error_set(error, ERR_NOMEM, "no memory to look at clips");
  arena_init(arena);
  arena_init(&scratch);
  result->memory = arena;
  struct work work = {.options = options, .arena = arena};
  work.items = ARENA_NEW_ARRAY(&scratch, count, struct item);
  size_t *places = ARENA_NEW_ARRAY(&scratch, count, size_t);
  list_items(&work, paths, count, places);
  recall_all(&work);
  if (work.failure.code == 0 && work.done < work.count) work_run(&work);
  if (work.failure.code == 0)
    fill_result(&work, count, places, result);
  else
    media_release(result);
  arena_release(&scratch);
  return work.failure.code == 0 ? 0 : error_set(error, work.failure.code, "%s", work.failure.text);
}

void media_release(struct media_result *result) {
  struct arena *arena = result->memory;
  if (arena != NULL) arena_release(arena);
  free(arena);
  *result = (struct media_result){0};
}
