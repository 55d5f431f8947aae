#include "media/work.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "media/answer.h"
#include "media/clip_file.h"
#include "media/helper.h"
#include "media/locate.h"
#include "util/check.h"

#define PARALLEL_MAX    16
#define PROBE_LIMIT_MS  (10 * SECOND_MS)
#define CANCEL_LOOK_MS  50 /* how often *cancelled is looked at */
#define CRASHES_ENDURED 2  /* a helper may be killed for reasons that are not the clip's */

/* What is found out about one clip before it is written into its item. */
struct found {
  struct clip clip;
  char hash[HASH_TEXT];
  char fault[FAULT_TEXT];
};

static void lock_work(struct work *work) {
  CHECK(pthread_mutex_lock(&work->lock) == 0);
}

static void unlock_work(struct work *work) {
  CHECK(pthread_mutex_unlock(&work->lock) == 0);
}

/* The first failure is the one that is told. */
static void fail(struct work *work, const struct error *failure) {
  lock_work(work);
  if (work->failure.code == 0) work->failure = *failure;
  unlock_work(work);
  atomic_store(&work->stop, true);
}

static struct item *take_item(struct work *work) {
  struct item *item = NULL;
  lock_work(work);
  while (!atomic_load(&work->stop) && item == NULL && work->next < work->count) {
    item = &work->items[work->next++];
    if (item->done) item = NULL; /* remembered */
  }
  unlock_work(work);
  return item;
}

static void finish_item(struct work *work, struct item *item, const struct found *found) {
  bool good = found->fault[0] == '\0';
  lock_work(work);
  item->clip = found->clip;
  item->clip.hash = good ? arena_string(work->arena, found->hash) : NULL;
  item->clip.fault = good ? NULL : arena_string(work->arena, found->fault);
  item->fresh = good;
  item->done = true;
  work->done++;
  CHECK(pthread_cond_signal(&work->changed) == 0);
  unlock_work(work);
}

static int start_helper(struct work *work, struct helper *helper, struct error *error) {
  char program[PATH_MAX];
  if (helper_running(helper)) return 0;
  int code = locate_probe(work->options->probe_path, program, sizeof program, error);
  return code != 0 ? code : helper_start(helper, program, &work->stop, error);
}

/* Asks the helper; a clip that it cannot stand has a fault, and the helper is started anew for the
 * next. Fails only when there is no helper to ask. */
static int probe(struct work *work, struct helper *helper, int file, struct found *found,
                 struct error *error) {
  duration_ms limit_ms = work->options->probe_limit_ms;
  if (limit_ms <= 0) limit_ms = PROBE_LIMIT_MS;
  char answer[PROBE_ANSWER_MAX];
  enum helper_end end = HELPER_DIED;
  for (int crashes = 0; end == HELPER_DIED && crashes < CRASHES_ENDURED; crashes++) {
    int code = start_helper(work, helper, error);
    if (code != 0) return code;
    end = helper_ask(helper, file, limit_ms, &work->stop, answer);
  }
  if (end == HELPER_STOPPED) return error_set(error, ERR_BUSY, STOPPED_TEXT);
  if (end == HELPER_HUNG)
    snprintf(
        found->fault, sizeof found->fault,
        "cannot be read within %lld s, it is damaged or its disk too slow: export it again, or "
        "copy it to this machine",
        (long long)((limit_ms + SECOND_MS - 1) / SECOND_MS));
  else if (end == HELPER_DIED)
    snprintf(found->fault, sizeof found->fault,
             "makes the program that reads clips crash, it is damaged: export it again");
  else
    answer_read(answer, &found->clip, found->fault, sizeof found->fault);
  return 0;
}

static int examine_file(struct work *work, struct helper *helper, int file, struct found *found,
                        struct error *error) {
  int code = probe(work, helper, file, found, error);
  if (code != 0 || found->fault[0] != '\0' ||
      media_judge(&found->clip, found->fault, sizeof found->fault) != NULL)
    return code;
  if (clip_file_hash(file, &found->clip, &work->stop, found->hash, found->fault,
                     sizeof found->fault) == ERR_BUSY)
    return error_set(error, ERR_BUSY, STOPPED_TEXT);
  return 0;
}

static void *work_through(void *argument) {
  struct work *work = argument;
  struct helper helper = {0};
  struct error error = {0};
  struct item *item;
  int code = 0;
  while (code == 0 && (item = take_item(work)) != NULL) {
    struct found found = {.clip = {.path = item->clip.path}};
    int file = clip_file_open(&found.clip, found.fault, sizeof found.fault);
    if (file >= 0) {
      code = examine_file(work, &helper, file, &found, &error);
      (void)close(file); /* opened for reading only */
    }
    if (code == 0) finish_item(work, item, &found);
  }
  if (code != 0) fail(work, &error);
  (void)helper_stop(&helper);
  lock_work(work);
  work->workers--;
  CHECK(pthread_cond_signal(&work->changed) == 0);
  unlock_work(work);
  return NULL;
}

/* The flag is set by a signal's handler, so it must be read each time. */
bool work_cancelled(const struct work *work) {
  const volatile bool *cancelled = work->options->cancelled;
  return cancelled != NULL && *cancelled;
}

static void cancel(struct work *work) {
  struct error error = {0};
  error_set(&error, ERR_BUSY, STOPPED_TEXT);
  fail(work, &error);
}

static void wait_a_little(struct work *work) {
  struct timespec until;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
  until.tv_nsec += CANCEL_LOOK_MS * 1000000L;
  until.tv_sec += until.tv_nsec / 1000000000L;
  until.tv_nsec %= 1000000000L;
  int code = pthread_cond_timedwait(&work->changed, &work->lock, &until);
  CHECK(code == 0 || code == ETIMEDOUT);
}

/* Tells of progress, from the calling thread, until the last worker has gone. */
static void watch(struct work *work, size_t told) {
  const struct media_options *options = work->options;
  for (bool at_work = true; at_work;) {
    lock_work(work);
    if (work->workers > 0 && work->done == told) wait_a_little(work);
    size_t done = work->done;
    at_work = work->workers > 0;
    unlock_work(work);
    for (; told < done; told++)
      if (options->on_progress != NULL)
        options->on_progress(options->context, told + 1, work->count);
    if (at_work && !atomic_load(&work->stop) && work_cancelled(work)) cancel(work);
  }
}

static int worker_count(const struct media_options *options, size_t pending) {
  long count = options->parallel > 0 ? options->parallel : sysconf(_SC_NPROCESSORS_ONLN);
  if (count < 1) count = 1;
  if (count > PARALLEL_MAX) count = PARALLEL_MAX;
  return (size_t)count > pending ? (int)pending : (int)count;
}

/* Starts up to `wanted` threads with all signals blocked: those are the main thread's. */
static int start_workers(struct work *work, int wanted, pthread_t *threads) {
  sigset_t all, before;
  int started = 0, code = 0;
  CHECK(sigfillset(&all) == 0 && pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
  for (; code == 0 && started < wanted; started += code == 0) {
    lock_work(work);
    work->workers++;
    unlock_work(work);
    code = pthread_create(&threads[started], NULL, work_through, work);
  }
  CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
  if (code == 0) return started;
  lock_work(work);
  work->workers--;
  unlock_work(work);
  if (started == 0) {
    struct error error = {0};
    error_set(&error, ERR_IO, "no thread to look at clips with: %s", strerror(code));
    fail(work, &error);
  }
  return started; /* fewer do it as well */
}

void work_run(struct work *work) {
  pthread_t threads[PARALLEL_MAX];
  pthread_condattr_t monotonic;
  CHECK(pthread_mutex_init(&work->lock, NULL) == 0 && pthread_condattr_init(&monotonic) == 0 &&
        pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
        pthread_cond_init(&work->changed, &monotonic) == 0 &&
        pthread_condattr_destroy(&monotonic) == 0);
  size_t told = work->done;
  int wanted = worker_count(work->options, work->count - work->done);
  int started = start_workers(work, wanted, threads);
  watch(work, told);
  for (int i = 0; i < started; i++)
    CHECK(pthread_join(threads[i], NULL) == 0);
  CHECK(pthread_cond_destroy(&work->changed) == 0 && pthread_mutex_destroy(&work->lock) == 0);
}
