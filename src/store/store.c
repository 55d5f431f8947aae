/* The one door to the state: checks what it is given and hands over to the kind of store. */
#include "nightshift/store.h"

#include "store/postgres_kind.h"
#include "store/sqlite.h"
#include "store/store_kind.h"
#include "store/tables.h"
#include "util/check.h"
#include "util/text.h"

bool store_is_shared(const char *state) {
  return text_starts_with(state, "postgresql://") || text_starts_with(state, "postgres://");
}

int store_check_address(const char *url, struct error *error) {
  return postgres_check_address(url, error);
}

bool store_in_use(const char *url) {
  return postgres_in_use(url);
}

int64_t store_may_send_until(const struct store *store) {
  return store->methods->may_send_until == NULL ? TIME_NEVER
                                                : store->methods->may_send_until(store);
}

int64_t store_stray_ms(const struct store *store) {
  return store->methods->stray_ms == NULL ? 0 : store->methods->stray_ms(store);
}

int store_open(struct store **store, const char *path, enum store_mode mode, struct error *error) {
  if (store_is_shared(path)) return postgres_open(store, path, mode, NULL, error);
  return sqlite_open(store, path, mode, NULL, error);
}

void store_close(struct store *store) {
  if (store != NULL) store->methods->close(store);
}

int store_commit(struct store *store, time_ms now, const struct record *records, size_t count,
                 struct error *error) {
  CHECK(store->writable);
  for (size_t i = 0; i < count; i++)
    record_check(&records[i]);
  return store->methods->commit(store, now, records, count, error);
}

void store_crash_next(struct store *store, enum store_point point) {
  CHECK(store->methods->crash_next != NULL);
  store->methods->crash_next(store, point);
}

bool store_crashed(const struct store *store) {
  CHECK(store->methods->crashed != NULL);
  return store->methods->crashed(store);
}

void store_reopen(struct store *store) {
  CHECK(store->methods->reopen != NULL);
  store->methods->reopen(store);
}

void store_fail_next(struct store *store, int code, int commits, enum store_point point) {
  CHECK(store->methods->fail_next != NULL);
  CHECK(point != STORE_DURING); /* a store that goes on has tidied up */
  store->methods->fail_next(store, code, commits, point);
}

int store_load(struct store *store, struct store_snapshot *snapshot, struct error *error) {
  return store->methods->load(store, snapshot, error);
}

bool store_is_unchanged(struct store *store, const struct store_snapshot *snapshot) {
  uint64_t version;
  return snapshot->version != 0 && store->methods->version != NULL &&
         store->methods->version(store, &version) && version == snapshot->version;
}

int store_load_history(struct store *store, job_id job, struct store_history *history,
                       struct error *error) {
  return store->methods->load_history(store, job, history, error);
}

int store_load_attempts(struct store *store, batch_id batch, time_ms since,
                        struct store_attempts *attempts, struct error *error) {
  return store->methods->load_attempts(store, batch, since, attempts, error);
}

int store_event_counts(struct store *store, const struct store_snapshot *snapshot, int64_t *numbers,
                       struct error *error) {
  return store->methods->event_counts(store, snapshot, numbers, error);
}

int store_give_request(struct store *store, const struct request_record *request, int64_t *id,
                       struct error *error) {
  CHECK(store->may_ask && request->verb != NULL);
  return store->methods->give_request(store, request, id, error);
}

int store_load_requests(struct store *store, struct store_requests *requests, struct error *error) {
  return store->methods->load_requests(store, 0, requests, error);
}

int store_find_request(struct store *store, int64_t id, struct store_requests *requests,
                       struct error *error) {
  CHECK(id > 0);
  return store->methods->load_requests(store, id, requests, error);
}

int store_find_clips(struct store *store, const char *const *paths, size_t count,
                     struct store_clips *clips, struct error *error) {
  return store->methods->find_clips(store, paths, count, clips, error);
}
