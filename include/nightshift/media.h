/* Clips on disk: what they are (by the helper program nightshift-probe), and their content hash.
 * Blocking calls on threads of their own; the only folder that talks to the helper. */
#ifndef NIGHTSHIFT_MEDIA_H
#define NIGHTSHIFT_MEDIA_H

#include "nightshift/error.h"
#include "nightshift/job.h"

struct media_options {
  const char *probe_path; /* the helper program; NULL: beside this program, then on PATH */
  int parallel;           /* clips looked at at a time; 0: one per processor */
  /* Called from media_examine's own thread after each clip. May be NULL. */
  void (*on_progress)(void *context, size_t done, size_t total);
  /* What is remembered of an unchanged file; returns true and fills *clip, whose strings stay valid
   * until media_examine returns. May be NULL. */
  bool (*recall)(void *context, const char *path, int64_t size_bytes, int64_t mtime_ns,
                 struct clip *clip);
  void *context;
  const bool
      *cancelled; /* set by a signal: media_examine returns early with ERR_BUSY; may be NULL */
};

struct media_result {
  struct clip *clips; /* one per path, same order; `fault` says what is wrong with a clip */
  bool *fresh;        /* per clip: newly examined, to be remembered */
  size_t count;
  void *memory;
};

/* Looks at every path once (doubles are looked at once and copied): stat, probe, hash. A clip that
 * cannot be read or used is no error: its `fault` says why and what to do. Errors: ERR_IO when the
 * helper program is missing or cannot be started (the text names where it was sought). */
int media_examine(const char *const *paths, size_t count, const struct media_options *options,
                  struct media_result *result, struct error *error);
void media_release(struct media_result *result);

/* Judges a clip by the service's rules; NULL when good. Pure. `text` holds the words. */
const char *media_judge(const struct clip *clip, char *text, size_t size);

#endif
