/* The thread that waits for the disk, so that the loop does not. Groups are committed in the order
 * given. One that fails takes those behind it along: what was decided later rests on it. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_kind.h"
#include "util/check.h"

struct group {
  struct group *next;
  time_ms now;
  const struct record *records;
  size_t count;
  int result;
  struct error error;
};

struct group_queue {
  struct group *first, *last;
};

struct errand_queue {
  struct store_errand *first, *last;
};

struct store_worker {
  struct store *store;
  void (*on_done)(void *);
  void *context;
  pthread_t thread;
  pthread_mutex_t lock; /* for all below */
  pthread_cond_t given;
  struct group_queue waiting, finished;
  struct errand_queue errands, done;
  bool stopping;
  bool look, looked; /* the open requests: to be read; read and not yet taken */
  struct store_requests requests;
  int look_result;
  struct error look_error;
  bool load, loaded; /* the same for all that is known */
  struct store_snapshot snapshot;
  int load_result;
  struct error load_error;
  size_t untaken; /* groups given and not yet taken */
  int failure;    /* 0, or why a group failed that is not certain to have been seen yet */
  struct error failure_error;
};

static void queue_add(struct group_queue *queue, struct group *group) {
  group->next = NULL;
  if (queue->first == NULL)
    queue->first = group;
  else
    queue->last->next = group;
  queue->last = group;
}

static struct group *queue_take(struct group_queue *queue) {
  struct group *group = queue->first;
  if (group != NULL) queue->first = group->next;
  return group;
}

static void queue_free(struct group_queue *queue) {
  for (struct group *group; (group = queue_take(queue)) != NULL;)
    free(group);
}

static void errand_add(struct errand_queue *queue, struct store_errand *errand) {
  errand->next = NULL;
  if (queue->first == NULL)
    queue->first = errand;
  else
    queue->last->next = errand;
  queue->last = errand;
}

static struct store_errand *errand_take(struct errand_queue *queue) {
  struct store_errand *errand = queue->first;
  if (errand != NULL) queue->first = errand->next;
  return errand;
}

static void lock(struct store_worker *worker) {
  CHECK(pthread_mutex_lock(&worker->lock) == 0);
}
static void unlock(struct store_worker *worker) {
  CHECK(pthread_mutex_unlock(&worker->lock) == 0);
}

/* Whether there is something to do: false when the worker is to stop and no group is left. Holds
 * the lock. */
static bool wait_for_work(struct store_worker *worker) {
  while (worker->waiting.first == NULL && worker->errands.first == NULL && !worker->stopping &&
         !worker->load && !(worker->look && !worker->looked))
    CHECK(pthread_cond_wait(&worker->given, &worker->lock) == 0);
  return worker->waiting.first != NULL || !worker->stopping;
}

/* Called with the lock held, lets it go while the disk is at work. */
static void commit_group(struct store_worker *worker, struct group *group) {
  if (worker->failure != 0) {
    group->result = worker->failure;
    group->error = worker->failure_error;
    return;
  }
  unlock(worker);
  group->result =
      store_commit(worker->store, group->now, group->records, group->count, &group->error);
  lock(worker);
  worker->failure = group->result;
  worker->failure_error = group->error;
}

/* The same for a reading of requests. */
static void read_requests(struct store_worker *worker) {
  struct store_requests requests = {0};
  struct error error = {0};
  worker->look = false; /* asked again from here on: what is new may not have been seen */
  unlock(worker);
  int result = store_load_requests(worker->store, &requests, &error);
  lock(worker);
  worker->requests = requests;
  worker->look_result = result;
  worker->look_error = error;
  worker->looked = true;
}

static void read_all(struct store_worker *worker) {
  struct store_snapshot snapshot = {0};
  struct error error = {0};
  worker->load = false;
  unlock(worker);
  int result = store_load(worker->store, &snapshot, &error);
  lock(worker);
  worker->snapshot = snapshot;
  worker->load_result = result;
  worker->load_error = error;
  worker->loaded = true;
}

static void run_errand(struct store_worker *worker, struct store_errand *errand) {
  unlock(worker);
  errand->run(worker->store, errand);
  lock(worker);
  errand_add(&worker->done, errand);
}

/* Groups first: what they answer is no longer open then. Errands before the open requests: they may
 * give one. */
static void do_one(struct store_worker *worker) {
  struct group *group = queue_take(&worker->waiting);
  struct store_errand *errand = group == NULL ? errand_take(&worker->errands) : NULL;
  if (errand != NULL) {
    run_errand(worker, errand);
    return;
  }
  if (group == NULL && worker->load) {
    read_all(worker);
    return;
  }
  if (group == NULL) {
    read_requests(worker);
    return;
  }
  commit_group(worker, group);
  queue_add(&worker->finished, group);
}

static void *work(void *argument) {
  struct store_worker *worker = argument;
  lock(worker);
  while (wait_for_work(worker)) {
    do_one(worker);
    unlock(worker);
    worker->on_done(worker->context);
    lock(worker);
  }
  unlock(worker);
  return NULL;
}

/* Signals are the main thread's. */
static int start_thread(struct store_worker *worker) {
  sigset_t all, before;
  CHECK(sigfillset(&all) == 0);
  CHECK(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
  int code = pthread_create(&worker->thread, NULL, work, worker);
  CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
  return code;
}

static void worker_free(struct store_worker *worker) {
  queue_free(&worker->finished);
  store_requests_release(&worker->requests);
  store_snapshot_release(&worker->snapshot);
  CHECK(pthread_cond_destroy(&worker->given) == 0);
  CHECK(pthread_mutex_destroy(&worker->lock) == 0);
  free(worker);
}

int store_worker_start(struct store_worker **worker, struct store *store, void (*on_done)(void *),
                       void *context, struct error *error) {
  struct store_worker *new = calloc(1, sizeof *new);
  if (new == NULL) return error_set(error, ERR_NOMEM, "no memory for the thread of the state");
  new->store = store;
  new->on_done = on_done;
  new->context = context;
  CHECK(pthread_mutex_init(&new->lock, NULL) == 0);
  CHECK(pthread_cond_init(&new->given, NULL) == 0);
  int code = start_thread(new);
  if (code != 0) {
    worker_free(new);
    return error_set(error, ERR_IO, "cannot start the thread of the state: %s", strerror(code));
  }
  *worker = new;
  return 0;
}

void store_worker_give(struct store_worker *worker, time_ms now, const struct record *records,
                       size_t count) {
  struct group *group = calloc(1, sizeof *group);
  CHECK(group != NULL && "out of memory");
  group->now = now;
  group->records = records;
  group->count = count;
  lock(worker);
  CHECK(!worker->stopping);
  worker->untaken++;
  queue_add(&worker->waiting, group);
  CHECK(pthread_cond_signal(&worker->given) == 0);
  unlock(worker);
}

bool store_worker_take(struct store_worker *worker, int *result, struct error *error) {
  lock(worker);
  struct group *group = queue_take(&worker->finished);
  if (group != NULL && --worker->untaken == 0) worker->failure = 0;
  unlock(worker);
  if (group == NULL) return false;
  *result = group->result;
  if (group->result != 0 && error != NULL) *error = group->error;
  free(group);
  return true;
}

void store_worker_look(struct store_worker *worker) {
  lock(worker);
  worker->look = true;
  CHECK(pthread_cond_signal(&worker->given) == 0);
  unlock(worker);
}

bool store_worker_looked(struct store_worker *worker, struct store_requests *requests, int *result,
                         struct error *error) {
  lock(worker);
  bool looked = worker->looked;
  if (looked) {
    *requests = worker->requests;
    *result = worker->look_result;
    if (*result != 0 && error != NULL) *error = worker->look_error;
    worker->requests = (struct store_requests){0};
    worker->looked = false;
    CHECK(pthread_cond_signal(&worker->given) == 0); /* it may have been asked again meanwhile */
  }
  unlock(worker);
  return looked;
}

void store_worker_send(struct store_worker *worker, struct store_errand *errand) {
  lock(worker);
  CHECK(!worker->stopping);
  errand_add(&worker->errands, errand);
  CHECK(pthread_cond_signal(&worker->given) == 0);
  unlock(worker);
}

struct store_errand *store_worker_back(struct store_worker *worker) {
  lock(worker);
  struct store_errand *errand = errand_take(&worker->done);
  unlock(worker);
  return errand;
}

void store_worker_load(struct store_worker *worker) {
  lock(worker);
  CHECK(!worker->load && !worker->loaded);
  worker->load = true;
  CHECK(pthread_cond_signal(&worker->given) == 0);
  unlock(worker);
}

bool store_worker_loaded(struct store_worker *worker, struct store_snapshot *snapshot, int *result,
                         struct error *error) {
  lock(worker);
  bool loaded = worker->loaded;
  if (loaded) {
    *snapshot = worker->snapshot;
    *result = worker->load_result;
    if (*result != 0 && error != NULL) *error = worker->load_error;
    worker->snapshot = (struct store_snapshot){0};
    worker->loaded = false;
  }
  unlock(worker);
  return loaded;
}

void store_worker_stop(struct store_worker *worker) {
  if (worker == NULL) return;
  lock(worker);
  worker->stopping = true;
  atomic_store(&worker->store->in_haste, true);
  CHECK(pthread_cond_signal(&worker->given) == 0);
  unlock(worker);
  CHECK(pthread_join(worker->thread, NULL) == 0);
  atomic_store(&worker->store->in_haste, false);
  worker_free(worker);
}
