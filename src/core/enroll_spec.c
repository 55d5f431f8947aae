/* What a stored job takes over from the file. A job that has not begun takes all, and so does one
 * that a person ordered anew. A begun one keeps clip, voice and output, and what the file says
 * otherwise is told as an edit. */
#include <string.h>

#include "core/enroll.h"
#include "util/text.h"

/* Where the clip is, and what is known of it where somebody looked. */
static void take_clip(struct job_record *to, const struct job_record *job) {
  bool was_looked_at = job->clip_hash != NULL || job->asset != NULL || to->clip_hash == NULL ||
                       !enroll_same_text(to->clip_source, job->clip_source);
  to->clip_path = job->clip_path;
  to->clip_source = job->clip_source;
  if (!was_looked_at) return; /* not needed any more: what was known stays */
  to->asset = job->asset;
  to->clip_hash = job->clip_hash;
  to->clip_bytes = job->clip_bytes;
  to->clip_mtime_ns = job->clip_mtime_ns;
  to->clip_ms = job->clip_ms;
  to->clip_width = job->clip_width;
  to->clip_height = job->clip_height;
  to->clip_type = job->clip_type;
}

static void take_rest(struct job_record *to, const struct job_record *job, const char *key) {
  to->key = key;
  to->name = job->name;
  to->number = job->number;
  to->listed = true;
  to->line = job->line;
  to->column = job->column;
  to->explore = job->explore;
  to->priority = job->priority;
  to->reference = job->reference;
  to->reply_url = job->reply_url;
}

static const char *or_none(const char *text) {
  return text == NULL ? "none" : text;
}

/* "clip a.mp4 (the file says b.mp4)", after a comma when it is not the first. */
static void tell(struct arena *arena, const char **edits, const char *what, const char *kept,
                 const char *said) {
  const char *before = *edits == NULL ? "" : *edits, *comma = *edits == NULL ? "" : ", ";
  *edits = strcmp(or_none(kept), or_none(said)) == 0
               ? arena_printf(arena, "%s%s%s %s as it was (it has changed)", before, comma, what,
                              or_none(kept))
               : arena_printf(arena, "%s%s%s %s (the file says %s)", before, comma, what,
                              or_none(kept), or_none(said));
}

/* The path below the directory, NULL when it is not there. */
static const char *below(const char *path, const char *directory) {
  size_t length = strlen(directory);
  if (path == NULL || strncmp(path, directory, length) != 0 || path[length] != '/') return NULL;
  return path + length + 1;
}

/* The batch was moved and the output with it: the same place, no edit. */
static bool moved_along(const char *stored, const char *said, struct enroll_move move) {
  const char *before = below(stored, move.from), *after = below(said, move.to);
  return before != NULL && after != NULL && strcmp(before, after) == 0;
}

/* Begun: where the result of a task under way goes is fixed by the state part already; the output
 * of the spec is for a further attempt. */
static void keep_begun(struct arena *arena, struct job_record *to, const struct job_record *job,
                       struct enroll_move move, const char **edits) {
  bool is_asset = to->asset != NULL || job->asset != NULL;
  bool same_clip = enroll_same_clip(to, job);
  if (same_clip)
    take_clip(to, job);
  else
    tell(arena, edits, to->asset != NULL ? "asset" : "clip", to->clip_source, job->clip_source);
  if (same_clip || !is_asset) to->pin = job->pin; /* an asset's account is part of it */
  if (to->voice_id == NULL || job->voice_id == NULL || enroll_same_voice(to, job)) {
    to->voice = job->voice;
    if (to->voice_id == NULL) to->voice_id = job->voice_id;
  } else {
    bool by_id = enroll_same_text(to->voice, job->voice);
    tell(arena, edits, "voice", by_id ? to->voice_id : to->voice,
         by_id ? job->voice_id : job->voice);
  }
  if (moved_along(to->output, job->output, move)) to->output = job->output;
  if (!enroll_same_text(to->output, job->output))
    tell(arena, edits, "output", to->output, job->output);
}

/* A person ordered it anew and it is not under way again. A clip that nobody has looked at cannot
 * be taken up: it keeps its own until the next run. */
static bool is_fresh(const struct job_record *stored, const struct job_record *job) {
  bool known = job->asset != NULL || job->clip_hash != NULL ||
               enroll_same_text(stored->clip_source, job->clip_source);
  return stored->renewed && known &&
         (stored->state == JOB_QUEUED || stored->state == JOB_UPLOADING);
}

/* The same, and only its result is still to be fetched: where it goes can be changed. */
static bool is_fetched_anew(const struct job_record *stored) {
  return stored->renewed && stored->state == JOB_DOWNLOADING && stored->result_bytes < 0;
}

struct job_record enroll_take_over(struct arena *arena, const struct job_record *stored,
                                   const struct job_record *job, const char *key,
                                   struct enroll_move move, const char **edits) {
  struct job_record to = *stored;
  *edits = NULL;
  take_rest(&to, job, key);
  if (is_fetched_anew(stored)) to.output = job->output;
  if (enroll_has_begun(stored) && !is_fresh(stored, job)) {
    keep_begun(arena, &to, job, move, edits);
    return to;
  }
  take_clip(&to, job);
  to.pin = job->pin;
  to.voice = job->voice;
  if (job->voice_id != NULL) to.voice_id = job->voice_id;
  to.output = job->output;
  return to;
}

bool enroll_same_spec(const struct job_record *a, const struct job_record *b) {
  const char *const texts[][2] = {
      {a->key, b->key},
      {a->name, b->name},
      {a->clip_path, b->clip_path},
      {a->clip_source, b->clip_source},
      {a->clip_hash, b->clip_hash},
      {a->clip_type, b->clip_type},
      {a->asset, b->asset},
      {a->voice, b->voice},
      {a->voice_id, b->voice_id},
      {a->output, b->output},
      {a->pin, b->pin},
      {a->reference, b->reference},
      {a->reply_url, b->reply_url},
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (!enroll_same_text(texts[i][0], texts[i][1])) return false;
  return a->number == b->number && a->listed == b->listed && a->line == b->line &&
         a->column == b->column && a->clip_bytes == b->clip_bytes &&
         a->clip_mtime_ns == b->clip_mtime_ns && a->clip_ms == b->clip_ms &&
         a->clip_width == b->clip_width && a->clip_height == b->clip_height &&
         a->explore == b->explore && a->priority == b->priority;
}
