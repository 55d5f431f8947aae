/* The clips to look at, and the threads that do so. */
#ifndef MEDIA_WORK_H
#define MEDIA_WORK_H

#include <pthread.h>
#include <stdatomic.h>

#include "nightshift/media.h"
#include "util/arena.h"

#define FAULT_TEXT 512

struct item {
  struct clip clip;
  bool done, fresh;
};

/* Shared by the calling thread and the workers. */
struct work {
  const struct media_options *options;
  struct item *items; /* one per path; each touched by the one thread that took it */
  size_t count;
  atomic_bool stop; /* cancelled or failed: all come to an end */

  pthread_mutex_t lock; /* guards what follows */
  pthread_cond_t changed;
  struct arena *arena;
  size_t next, done;
  int workers;
  struct error failure; /* the first; code 0: none */
};

/* Looks at all items that are not done, with threads of its own, and tells of progress from the
 * calling one. Every item is done afterwards, or `failure` says why not. */
void work_run(struct work *work);
/* Whether the caller has set *cancelled. */
bool work_cancelled(const struct work *work);

#endif
