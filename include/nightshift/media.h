/* Clips on disk: what they are (by the helper program nightshift-probe), and their content hash.
 * Blocking calls on threads of their own; the only folder that talks to the helper. */
#ifndef NIGHTSHIFT_MEDIA_H
#define NIGHTSHIFT_MEDIA_H

#include "nightshift/error.h"
#include "nightshift/job.h"

struct media_options {
  /* The helper program; NULL: beside this program, in ../libexec/nightshift, then on PATH. */
  const char *probe_path;
  int parallel; /* clips looked at at a time; 0: one per processor */
  /* Called from media_examine's own thread after each clip. May be NULL. */
  void (*on_progress)(void *context, size_t done, size_t total);
  /* What is remembered of an unchanged file; returns true and fills *clip, whose strings stay valid
   * until media_examine returns. May be NULL. */
  bool (*recall)(void *context, const char *path, int64_t size_bytes, int64_t mtime_ns,
                 struct clip *clip);
  void *context;
  const bool
      *cancelled; /* set by a signal: media_examine returns early with ERR_BUSY; may be NULL */
  duration_ms probe_limit_ms; /* of real time, for the helper to tell of one clip; 0: 10 s */
};

struct media_result {
  struct clip *clips; /* one per path, same order, with the caller's path; `fault` says what is
                         wrong with a clip */
  bool *fresh; /* per clip: newly examined and good, to be remembered; of doubles the first */
  size_t count;
  void *memory;
};

/* Looks at every path once (doubles are looked at once and copied): stat, probe, hash. A clip that
 * cannot be read or used is no error: its `fault` goes on where its name ends ("is empty: ...") and
 * says what to do; its hash is NULL and it is not to be remembered. What is recalled is judged
 * again. `total` of on_progress counts different paths. Errors, with *result empty: ERR_IO when the
 * helper program is missing or cannot be started (the text names where it was sought), ERR_BUSY
 * when cancelled, ERR_NOMEM. Blocks; other threads' signals are untouched. */
int media_examine(const char *const *paths, size_t count, const struct media_options *options,
                  struct media_result *result, struct error *error);
void media_release(struct media_result *result);

/* Judges what is known of a clip by the service's rules: picture, sound, length. NULL when good,
 * else `text` with all that is wrong. Pure. */
const char *media_judge(const struct clip *clip, char *text, size_t size);

#endif
