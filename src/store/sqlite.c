/* A state in an SQLite file: opening it, its pragmas and migrations.
 *
 * Rollback journal, kept (PERSIST) and synced (FULL): WAL of the SQLite versions in use can lose
 * commits when a second program has the file open. */
#include "store/sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/check.h"

#define BUSY_TIMEOUT_MS  10000
#define HASTY_TIMEOUT_MS 1000
#define BUSY_NAP_MS      2

/* ---- the connection ---- */

struct pragma {
  const char *set, *ask, *answer;
  bool writers_only;
};

/* Readers leave the journal's mode alone: setting it may write. */
static const struct pragma pragmas[] = {
    {"PRAGMA journal_mode=PERSIST", "PRAGMA journal_mode", "persist", true},
    {"PRAGMA journal_size_limit=4194304", "PRAGMA journal_size_limit", "4194304", true},
    {"PRAGMA synchronous=FULL", "PRAGMA synchronous", "2", false},
    {"PRAGMA locking_mode=NORMAL", "PRAGMA locking_mode", "normal", false},
    {"PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", "1", false},
    {"PRAGMA cell_size_check=ON", "PRAGMA cell_size_check", "1", false},
    {"PRAGMA temp_store=MEMORY", "PRAGMA temp_store", "2", false},
    {"PRAGMA trusted_schema=OFF", "PRAGMA trusted_schema", "0", false},
};

static bool execute(struct sqlite_store *store, const char *sql) {
  return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* The first value of the first row, as text. False: see sqlite_failed. */
static bool ask(struct sqlite_store *store, const char *sql, char *answer, size_t size) {
  sqlite3_stmt *statement = NULL;
  answer[0] = '\0';
  if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK) return false;
  int code = sqlite3_step(statement);
  const char *text = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
  if (text != NULL) snprintf(answer, size, "%s", text);
  return sqlite3_finalize(statement) == SQLITE_OK;
}

static bool ask_number(struct sqlite_store *store, const char *sql, int64_t *number) {
  char answer[32];
  if (!ask(store, sql, answer, sizeof answer)) return false;
  *number = strtoll(answer, NULL, 10);
  return true;
}

static int set_pragma(struct sqlite_store *store, const struct pragma *pragma,
                      struct error *error) {
  char answer[32];
  if (!execute(store, pragma->set) || !ask(store, pragma->ask, answer, sizeof answer))
    return sqlite_failed(store, error);
  if (strcmp(answer, pragma->answer) == 0) return 0;
  sqlite_disconnect(store);
  return error_set(error, ERR_IO, "the state %s does not take \"%s\" (it stays \"%s\")",
                   store->path, pragma->set, answer);
}

static int set_pragmas(struct sqlite_store *store, struct error *error) {
  for (size_t i = 0; i < sizeof pragmas / sizeof pragmas[0]; i++) {
    if (pragmas[i].writers_only && !store->store.may_ask) continue;
    int result = set_pragma(store, &pragmas[i], error);
    if (result != 0) return result;
  }
  char limit[64];
  snprintf(limit, sizeof limit, "PRAGMA max_page_count=%d", store->options.max_pages);
  if (store->options.max_pages > 0 && !execute(store, limit)) return sqlite_failed(store, error);
  if (!store->store.may_ask && !execute(store, "PRAGMA query_only=ON"))
    return sqlite_failed(store, error);
  return 0;
}

/* ---- whose it is, and bringing it up to date ---- */

static int unreadable(struct sqlite_store *store, struct error *error) {
  sqlite_disconnect(store);
  return error_set(error, ERR_IO, "cannot read the state %s", store->path);
}

/* Asks SQLite, which first rolls back what an interrupted program left. */
static int judge(struct sqlite_store *store, enum schema_verdict *verdict, struct error *error) {
  int64_t pages, application_id, version;
  /* in one transaction: every one has to wait for its turn with a run at work */
  if (!execute(store, "BEGIN") || !ask_number(store, "PRAGMA application_id", &application_id) ||
      !ask_number(store, "PRAGMA user_version", &version) ||
      !ask_number(store, "PRAGMA page_count", &pages) || !execute(store, "COMMIT"))
    return sqlite_failed(store, error);
  *verdict = schema_judge(store->options.schema, application_id, version);
  /* New is only what is empty, maybe since an unfinished beginning was rolled back just now. */
  if (pages == 0 && !sqlite_file_judge(store, verdict)) return unreadable(store, error);
  return 0;
}

static bool migrate_steps(struct sqlite_store *store) {
  const struct schema *schema = store->options.schema;
  int64_t version;
  if (!ask_number(store, "PRAGMA user_version", &version)) return false;
  for (int64_t step = version; step < schema->version; step++)
    if (!execute(store, schema->migrations[step])) return false;
  char mark[96];
  snprintf(mark, sizeof mark, "PRAGMA application_id=%d; PRAGMA user_version=%d",
           SCHEMA_APPLICATION_ID, schema->version);
  return execute(store, mark);
}

static int migrate(struct sqlite_store *store, struct error *error) {
  if (!execute(store, "BEGIN IMMEDIATE") || !migrate_steps(store) || !execute(store, "COMMIT"))
    return sqlite_failed(store, error);
  return 0;
}

/* Nothing is written before it is certain that the file is ours or new. */
static int examine(struct sqlite_store *store, enum schema_verdict *verdict, struct error *error) {
  if (!sqlite_file_judge(store, verdict)) return unreadable(store, error);
  if (*verdict == SCHEMA_FOREIGN || *verdict == SCHEMA_NEWER)
    return sqlite_refused(store, *verdict, error);
  int result = judge(store, verdict, error);
  if (result != 0) return result;
  bool writable = store->store.writable;
  switch (*verdict) {
  case SCHEMA_OURS:
    return 0;
  case SCHEMA_OLDER:
    return writable ? 0 : sqlite_refused(store, *verdict, error);
  case SCHEMA_NEW:
    return writable && !store->opened ? 0 : sqlite_refused(store, *verdict, error);
  case SCHEMA_NEWER:
  case SCHEMA_FOREIGN:
  case SCHEMA_DAMAGED:
    break;
  }
  return sqlite_refused(store, *verdict, error);
}

/* A damaged page may be met in the middle of the night, or never and be written around: whoever
 * writes looks at every one first, and at what names what. */
static int check_whole(struct sqlite_store *store, struct error *error) {
  char answer[120], what[160];
  if (!ask(store, "PRAGMA integrity_check(1)", answer, sizeof answer))
    return sqlite_failed(store, error);
  if (strcmp(answer, "ok") != 0) return sqlite_damaged(store, answer, error);
  if (!ask(store, "PRAGMA foreign_key_check", answer, sizeof answer))
    return sqlite_failed(store, error);
  if (answer[0] == '\0') return 0;
  snprintf(what, sizeof what, "rows of %s belong to nothing", answer);
  return sqlite_damaged(store, what, error);
}

/* Short naps, so that a reader finds the gap between two commits of a run; SQLite's own grow to a
 * tenth of a second and miss it for long. */
static int nap(void *context, int count) {
  const struct sqlite_store *store = context;
  int limit_ms = store->options.busy_timeout_ms;
  if (atomic_load(&store->store.in_haste) && limit_ms > HASTY_TIMEOUT_MS)
    limit_ms = HASTY_TIMEOUT_MS;
  if (count >= limit_ms / BUSY_NAP_MS) return 0;
  sqlite3_sleep(BUSY_NAP_MS);
  return 1;
}

static int prepare_connection(struct sqlite_store *store, struct error *error) {
  enum schema_verdict verdict;
  if (sqlite3_busy_handler(store->db, nap, store) != SQLITE_OK) return sqlite_failed(store, error);
  int result = examine(store, &verdict, error);
  if (result == 0 && store->store.writable && !store->opened && verdict != SCHEMA_NEW)
    result = check_whole(store, error);
  if (result == 0) result = set_pragmas(store, error);
  if (result == 0 && verdict != SCHEMA_OURS) result = migrate(store, error);
  if (result == 0) store->opened = true;
  return result;
}

static int check_present(const struct sqlite_store *store, struct error *error) {
  struct stat status;
  if (stat(store->path, &status) == 0) {
    if (S_ISREG(status.st_mode)) return 0;
    return error_set(error, ERR_IO, "the state %s is not a file", store->path);
  }
  if (!store->opened && (errno == ENOENT || errno == ENOTDIR))
    return error_set(error, ERR_NOT_FOUND, "there is no state yet at %s", store->path);
  return error_set(error, ERR_IO, "cannot look at the state %s: %s", store->path, strerror(errno));
}

int sqlite_ready(struct sqlite_store *store, struct error *error) {
  if (store->db != NULL) return 0;
  bool may_make = store->store.writable && !store->opened;
  int result = may_make ? sqlite_file_make(store->path, error) : check_present(store, error);
  if (result != 0) return result;
  /* Readers too open for writing: rolling back what a killed run left needs it. */
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
              SQLITE_OPEN_EXRESCODE;
  int code = sqlite3_open_v2(store->path, &store->db, flags, store->options.vfs);
  if (store->db == NULL)
    return error_set(error, ERR_NOMEM, "no memory for the state %s", store->path);
  if (code != SQLITE_OK) return sqlite_failed(store, error);
  return prepare_connection(store, error);
}

void sqlite_disconnect(struct sqlite_store *store) {
  for (int i = 0; i < STATEMENT_COUNT; i++) {
    sqlite3_finalize(store->statements[i]); /* repeats an error that has been told */
    store->statements[i] = NULL;
  }
  CHECK(sqlite3_close(store->db) == SQLITE_OK); /* only an unfinished statement could prevent it */
  store->db = NULL;
}

/* ---- the kind of store ---- */

static void sqlite_free(struct store *base) {
  struct sqlite_store *store = (struct sqlite_store *)base;
  sqlite_disconnect(store);
  free(store->path);
  free(store);
}

static const struct store_methods methods = {.commit = sqlite_commit,
                                             .load = sqlite_load,
                                             .version = sqlite_version,
                                             .load_history = sqlite_load_history,
                                             .load_attempts = sqlite_load_attempts,
                                             .event_counts = sqlite_event_counts,
                                             .find_clips = sqlite_find_clips,
                                             .give_request = sqlite_give_request,
                                             .load_requests = sqlite_load_requests,
                                             .close = sqlite_free};

/* SQLite takes some names for more than a file's (":memory:", ""): never one with a directory. */
static char *plain_path(const char *path) {
  char *copy = NULL;
  if (path[0] == '/')
    copy = strdup(path);
  else if (asprintf(&copy, "./%s", path) < 0)
    copy = NULL;
  CHECK(copy != NULL && "out of memory");
  return copy;
}

int sqlite_open(struct store **store, const char *path, enum store_mode mode,
                const struct sqlite_options *options, struct error *error) {
  struct sqlite_store *new = calloc(1, sizeof *new);
  CHECK(new != NULL && "out of memory");
  if (options != NULL) new->options = *options;
  if (new->options.schema == NULL) new->options.schema = &schema_current;
  if (new->options.busy_timeout_ms == 0) new->options.busy_timeout_ms = BUSY_TIMEOUT_MS;
  new->store = (struct store){
      .methods = &methods, .writable = mode == STORE_WRITE, .may_ask = mode != STORE_READ};
  new->path = plain_path(path);
  int result = sqlite_ready(new, error);
  if (result != 0)
    sqlite_free(&new->store);
  else
    *store = &new->store;
  return result;
}
