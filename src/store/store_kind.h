/* What a kind of store provides: SQLite, PostgreSQL and memory, and SQLite with faults. store.h
 * says what each function means; store.c checks the arguments and hands over to these. A further
 * kind is one more such table and one more branch in store_open. */
#ifndef STORE_STORE_KIND_H
#define STORE_STORE_KIND_H

#include <stdatomic.h>

#include "nightshift/store.h"

struct store_methods {
  int (*commit)(struct store *store, time_ms now, const struct record *records, size_t count,
                struct error *error);
  int (*load)(struct store *store, struct store_snapshot *snapshot, struct error *error);
  /* A number that every commit changes, never 0; NULL or false: not known. */
  bool (*version)(struct store *store, uint64_t *version);
  int (*load_history)(struct store *store, job_id job, struct store_history *history,
                      struct error *error);
  int (*load_attempts)(struct store *store, batch_id batch, time_ms since,
                       struct store_attempts *attempts, struct error *error);
  int (*event_counts)(struct store *store, const struct store_snapshot *snapshot, int64_t *numbers,
                      struct error *error);
  int (*find_clips)(struct store *store, const char *const *paths, size_t count,
                    struct store_clips *clips, struct error *error);
  int (*give_request)(struct store *store, const struct request_record *request, int64_t *id,
                      struct error *error);
  /* The open ones when `id` is 0. */
  int (*load_requests)(struct store *store, int64_t id, struct store_requests *requests,
                       struct error *error);
  /* NULL: for ever, and none. */
  int64_t (*may_send_until)(const struct store *store);
  int64_t (*stray_ms)(const struct store *store);
  void (*close)(struct store *store);
  /* For the simulator; NULL where the kind is not for it. */
  void (*crash_next)(struct store *store, enum store_point point);
  bool (*crashed)(const struct store *store);
  void (*reopen)(struct store *store);
  void (*fail_next)(struct store *store, int code, int commits, enum store_point point);
};

/* The first member of every kind's own struct. */
struct store {
  const struct store_methods *methods;
  bool writable;
  bool may_ask; /* requests may be given */
  /* Set by another thread: the program is to end, so nobody else is waited for at length. */
  atomic_bool in_haste;
};

#endif
