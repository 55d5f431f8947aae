/* A state in an SQLite file that crashes and fails where the simulator asks for it. Between SQLite
 * and the system stands a VFS of ours: at the n-th write of a commit it lets half of the bytes
 * through, and nothing after. Closed and opened again, the file is what a killed process leaves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite.h"
#include "util/check.h"
#include "util/prng.h"

#define WRITES_OF_A_COMMIT 24 /* about so many: a crash falls on one of them */
#define WRITES_AT_LEAST    4  /* in any commit: a failure hits one of these */
#define NEVER              (-1)

struct crash_store {
  struct store store;
  sqlite3_vfs vfs; /* ours, in place of `real` */
  sqlite3_vfs *real;
  char vfs_name[40];
  struct store *file;
  char *path;
  struct prng prng;
  bool dead;           /* nothing more reaches the disk */
  int64_t writes_left; /* until one is hit; NEVER */
  bool hit_is_death;
  int hit_code; /* else what SQLite is told */
  bool crash_asked, crashed;
  enum store_point crash_point, fail_point;
  int fail_code, fail_commits;
};

/* ---- the files that SQLite opens: the system's, with a look before each write ---- */

struct crash_file {
  sqlite3_file base;
  struct crash_store *store;
};

static sqlite3_file *real_of(sqlite3_file *file) {
  return (sqlite3_file *)((struct crash_file *)file + 1);
}

static struct crash_store *store_of(sqlite3_file *file) {
  return ((struct crash_file *)file)->store;
}

/* Whether this one is hit, or comes after the crash. */
static bool is_hit(struct crash_store *store) {
  if (store->dead) return true;
  if (store->writes_left == NEVER || --store->writes_left > 0) return false;
  store->writes_left = NEVER;
  store->dead = store->hit_is_death;
  return true;
}

static int hit_result(const struct crash_store *store, int otherwise) {
  return store->dead || store->hit_code == SQLITE_OK ? otherwise : store->hit_code;
}

static int file_close(sqlite3_file *file) {
  return real_of(file)->pMethods->xClose(real_of(file));
}

static int file_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 at) {
  return real_of(file)->pMethods->xRead(real_of(file), bytes, size, at);
}

static int file_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 at) {
  struct crash_store *store = store_of(file);
  bool alive = !store->dead;
  if (!is_hit(store)) return real_of(file)->pMethods->xWrite(real_of(file), bytes, size, at);
  if (alive && store->dead)
    (void)real_of(file)->pMethods->xWrite(real_of(file), bytes, size / 2, at);
  return hit_result(store, SQLITE_IOERR_WRITE);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  if (is_hit(store_of(file))) return hit_result(store_of(file), SQLITE_IOERR_TRUNCATE);
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int file_sync(sqlite3_file *file, int flags) {
  if (is_hit(store_of(file))) return hit_result(store_of(file), SQLITE_IOERR_FSYNC);
  return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int file_lock(sqlite3_file *file, int lock) {
  return real_of(file)->pMethods->xLock(real_of(file), lock);
}

static int file_unlock(sqlite3_file *file, int lock) {
  return real_of(file)->pMethods->xUnlock(real_of(file), lock);
}

static int file_check_lock(sqlite3_file *file, int *there) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), there);
}

static int file_control(sqlite3_file *file, int what, void *argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}

static int file_sector_size(sqlite3_file *file) {
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_characteristics(sqlite3_file *file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static const sqlite3_io_methods file_methods = {.iVersion = 1,
                                                .xClose = file_close,
                                                .xRead = file_read,
                                                .xWrite = file_write,
                                                .xTruncate = file_truncate,
                                                .xSync = file_sync,
                                                .xFileSize = file_size,
                                                .xLock = file_lock,
                                                .xUnlock = file_unlock,
                                                .xCheckReservedLock = file_check_lock,
                                                .xFileControl = file_control,
                                                .xSectorSize = file_sector_size,
                                                .xDeviceCharacteristics = file_characteristics};

/* ---- the VFS ---- */

static struct crash_store *store_of_vfs(sqlite3_vfs *vfs) {
  return (struct crash_store *)(void *)((char *)vfs - offsetof(struct crash_store, vfs));
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                    int *flags_out) {
  struct crash_store *store = store_of_vfs(vfs);
  ((struct crash_file *)file)->store = store;
  int code = store->real->xOpen(store->real, name, real_of(file), flags, flags_out);
  file->pMethods = code == SQLITE_OK ? &file_methods : NULL;
  return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync) {
  struct crash_store *store = store_of_vfs(vfs);
  if (is_hit(store)) return hit_result(store, SQLITE_IOERR_DELETE);
  return store->real->xDelete(store->real, name, sync);
}

static void vfs_register(struct crash_store *store) {
  static int count;
  snprintf(store->vfs_name, sizeof store->vfs_name, "nightshift-crash-%d", ++count);
  store->real = sqlite3_vfs_find(NULL);
  CHECK(store->real != NULL);
  store->vfs = *store->real; /* what is not ours asks nothing of whose it is */
  store->vfs.zName = store->vfs_name;
  store->vfs.pNext = NULL;
  store->vfs.szOsFile = store->real->szOsFile + (int)sizeof(struct crash_file);
  store->vfs.xOpen = vfs_open;
  store->vfs.xDelete = vfs_delete;
  CHECK(sqlite3_vfs_register(&store->vfs, 0) == SQLITE_OK);
}

/* ---- commits ---- */

static int commit_plainly(struct crash_store *store, time_ms now, const struct record *records,
                          size_t count, struct error *error) {
  return store->file->methods->commit(store->file, now, records, count, error);
}

/* Hits one of its writes, or none when it has fewer. */
static int commit_and_hit(struct crash_store *store, int64_t most, time_ms now,
                          const struct record *records, size_t count) {
  store->writes_left = prng_between(&store->prng, 1, most);
  int result = commit_plainly(store, now, records, count, NULL);
  store->writes_left = NEVER;
  return result;
}

static int crash(struct crash_store *store, time_ms now, const struct record *records, size_t count,
                 struct error *error) {
  store->hit_is_death = true;
  if (store->crash_point == STORE_DURING)
    (void)commit_and_hit(store, WRITES_OF_A_COMMIT, now, records, count);
  else if (store->crash_point == STORE_AFTER)
    (void)commit_plainly(store, now, records, count, NULL);
  store->crash_asked = false;
  store->crashed = store->dead = true;
  return error_set(error, ERR_IO, "the state in %s crashed in a commit, as asked", store->path);
}

static int fail(struct crash_store *store, time_ms now, const struct record *records, size_t count,
                struct error *error) {
  store->fail_commits--;
  store->hit_is_death = false;
  store->hit_code = store->fail_code == ERR_FULL ? SQLITE_FULL : SQLITE_OK;
  if (store->fail_point == STORE_AFTER)
    (void)commit_plainly(store, now, records, count, NULL);
  else
    (void)commit_and_hit(store, WRITES_AT_LEAST, now, records, count);
  return error_set(error, store->fail_code, "the state in %s failed a commit, as asked",
                   store->path);
}

static int check_alive(const struct crash_store *store, struct error *error) {
  if (!store->crashed) return 0;
  return error_set(error, ERR_IO, "the state in %s has crashed and was not opened again",
                   store->path);
}

static int crash_commit(struct store *base, time_ms now, const struct record *records, size_t count,
                        struct error *error) {
  struct crash_store *store = (struct crash_store *)base;
  int result = check_alive(store, error);
  if (result != 0) return result;
  if (store->crash_asked) return crash(store, now, records, count, error);
  if (store->fail_commits > 0) return fail(store, now, records, count, error);
  return commit_plainly(store, now, records, count, error);
}

/* ---- all else is the file's ---- */

#define ALIVE(base)                                                                                \
  struct crash_store *store = (struct crash_store *)(base);                                        \
  int dead = check_alive(store, error);                                                            \
  if (dead != 0) return dead

static int crash_load(struct store *base, struct store_snapshot *snapshot, struct error *error) {
  ALIVE(base);
  return store->file->methods->load(store->file, snapshot, error);
}

static int crash_load_history(struct store *base, job_id job, struct store_history *history,
                              struct error *error) {
  ALIVE(base);
  return store->file->methods->load_history(store->file, job, history, error);
}

static int crash_load_attempts(struct store *base, batch_id batch, time_ms since,
                               struct store_attempts *attempts, struct error *error) {
  ALIVE(base);
  return store->file->methods->load_attempts(store->file, batch, since, attempts, error);
}

static int crash_event_counts(struct store *base, const struct store_snapshot *snapshot,
                              int64_t *numbers, struct error *error) {
  ALIVE(base);
  return store->file->methods->event_counts(store->file, snapshot, numbers, error);
}

static int crash_find_clips(struct store *base, const char *const *paths, size_t count,
                            struct store_clips *clips, struct error *error) {
  ALIVE(base);
  return store->file->methods->find_clips(store->file, paths, count, clips, error);
}

static int crash_give_request(struct store *base, const struct request_record *request, int64_t *id,
                              struct error *error) {
  ALIVE(base);
  return store->file->methods->give_request(store->file, request, id, error);
}

static int crash_load_requests(struct store *base, int64_t id, struct store_requests *requests,
                               struct error *error) {
  ALIVE(base);
  return store->file->methods->load_requests(store->file, id, requests, error);
}

/* ---- the kind of store ---- */

static void crash_crash_next(struct store *base, enum store_point point) {
  struct crash_store *store = (struct crash_store *)base;
  store->crash_asked = true;
  store->crash_point = point;
}

static bool crash_crashed(const struct store *base) {
  return ((const struct crash_store *)base)->crashed;
}

static void crash_fail_next(struct store *base, int code, int commits, enum store_point point) {
  struct crash_store *store = (struct crash_store *)base;
  store->fail_code = code;
  store->fail_commits = commits;
  store->fail_point = point;
}

static int open_file(struct crash_store *store, struct error *error) {
  const struct sqlite_options options = {.vfs = store->vfs_name};
  store->dead = store->crashed = store->crash_asked = false;
  store->fail_commits = 0;
  store->writes_left = NEVER;
  return sqlite_open(&store->file, store->path, STORE_WRITE, &options, error);
}

/* Closing would roll back what is unfinished: a process that dies does not. */
static void crash_reopen(struct store *base) {
  struct crash_store *store = (struct crash_store *)base;
  store->dead = true;
  store_close(store->file);
  CHECK(open_file(store, NULL) == 0);
}

static void crash_close(struct store *base) {
  struct crash_store *store = (struct crash_store *)base;
  store_close(store->file);
  CHECK(sqlite3_vfs_unregister(&store->vfs) == SQLITE_OK);
  free(store->path);
  free(store);
}

static const struct store_methods methods = {.commit = crash_commit,
                                             .load = crash_load,
                                             .load_history = crash_load_history,
                                             .load_attempts = crash_load_attempts,
                                             .event_counts = crash_event_counts,
                                             .find_clips = crash_find_clips,
                                             .give_request = crash_give_request,
                                             .load_requests = crash_load_requests,
                                             .close = crash_close,
                                             .crash_next = crash_crash_next,
                                             .crashed = crash_crashed,
                                             .reopen = crash_reopen,
                                             .fail_next = crash_fail_next};

int store_open_crashing(struct store **store, const char *path, uint64_t seed,
                        struct error *error) {
  struct crash_store *new = calloc(1, sizeof *new);
  if (new == NULL) return error_set(error, ERR_NOMEM, "no memory for a state");
  new->store = (struct store){.methods = &methods, .writable = true, .may_ask = true};
  new->path = strdup(path);
  CHECK(new->path != NULL && "out of memory");
  prng_init(&new->prng, seed);
  vfs_register(new);
  int result = open_file(new, error);
  if (result != 0)
    crash_close(&new->store);
  else
    *store = &new->store;
  return result;
}
