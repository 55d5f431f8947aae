/* The parts of the SQLite store for each other: connection (sqlite.c), what its errors mean
 * (sqlite_error.c), the file before SQLite sees it (sqlite_file.c), its statements
 * (sqlite_statement.c), writing (sqlite_write.c), reading (sqlite_read.c).
 *
 * Every failure of SQLite ends in sqlite_failed, which closes the connection; the next call opens
 * it afresh. So a failed fsync is never retried on the same descriptor, and an open transaction is
 * rolled back by closing. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "store/schema.h"
#include "store/store_kind.h"
#include "store/tables.h"

/* Every statement is prepared at its first use and kept while the connection lives. */
enum statement_id {
  STATEMENT_BEGIN,
  STATEMENT_BEGIN_WRITE,
  STATEMENT_COMMIT,
  STATEMENT_CLOCK_SET,
  STATEMENT_CLOCK,
  STATEMENT_LAST_BATCH,
  STATEMENT_LAST_JOB,
  STATEMENT_LAST_ATTEMPT,
  STATEMENT_EVENT_COUNTS,
  STATEMENT_HISTORY,
  STATEMENT_ATTEMPTS,
  STATEMENT_FIND_CLIP,
  STATEMENT_GIVE_REQUEST,
  STATEMENT_FORGET_REQUESTS,
  STATEMENT_FIND_REQUEST,
  STATEMENT_WRITE,                                      /* + enum record_kind */
  STATEMENT_READ = STATEMENT_WRITE + RECORD_KIND_COUNT, /* + enum table_id: the whole table */
  STATEMENT_COUNT = STATEMENT_READ + TABLE_COUNT
};

/* For tests; NULL means the defaults. */
struct sqlite_options {
  const struct schema *schema; /* NULL: schema_current */
  int busy_timeout_ms;         /* 0: the default */
  int max_pages;               /* 0: no limit */
  const char *vfs;             /* NULL: the system's */
};

struct sqlite_store {
  struct store store;
  char *path;
  struct sqlite_options options;
  bool opened; /* once before: the file has to be there and to be ours */
  sqlite3 *db; /* NULL: to be opened at the next call */
  sqlite3_stmt *statements[STATEMENT_COUNT];
};

int sqlite_open(struct store **store, const char *path, enum store_mode mode,
                const struct sqlite_options *options, struct error *error);

/* ---- between the files ---- */

/* Makes sure that there is a connection. */
int sqlite_ready(struct sqlite_store *store, struct error *error);
void sqlite_disconnect(struct sqlite_store *store);
/* Turns what SQLite last said into an ERR_* with a text, and closes the connection. */
int sqlite_failed(struct sqlite_store *store, struct error *error);
/* The same for what we found ourselves: `what` went against what we wrote. */
int sqlite_damaged(struct sqlite_store *store, const char *what, struct error *error);
/* The same for a file that is not this version's to write to. */
int sqlite_refused(struct sqlite_store *store, enum schema_verdict verdict, struct error *error);

/* Makes the directory (0700) and an empty file (0600), or takes others' rights from one there. */
int sqlite_file_make(const char *path, struct error *error);
/* Looks at size and header through SQLite's own descriptor: closing another one on the same file
 * would drop the locks. False: it cannot be read. */
bool sqlite_file_judge(struct sqlite_store *store, enum schema_verdict *verdict);

/* The statement, reset and ready to be bound; NULL when it cannot be prepared. */
sqlite3_stmt *sqlite_statement(struct sqlite_store *store, enum statement_id id);
/* Runs a statement that gives no rows. False: see sqlite_failed. */
bool sqlite_run(struct sqlite_store *store, enum statement_id id);

int sqlite_commit(struct store *store, time_ms now, const struct record *records, size_t count,
                  struct error *error);
int sqlite_load(struct store *store, struct store_snapshot *snapshot, struct error *error);
bool sqlite_version(struct store *store, uint64_t *version);
int sqlite_load_history(struct store *store, job_id job, struct store_history *history,
                        struct error *error);
int sqlite_load_attempts(struct store *store, batch_id batch, time_ms since,
                         struct store_attempts *attempts, struct error *error);
int sqlite_event_counts(struct store *store, const struct store_snapshot *snapshot,
                        int64_t *numbers, struct error *error);
int sqlite_give_request(struct store *store, const struct request_record *request, int64_t *id,
                        struct error *error);
int sqlite_load_requests(struct store *store, int64_t id, struct store_requests *requests,
                         struct error *error);
int sqlite_find_clips(struct store *store, const char *const *paths, size_t count,
                      struct store_clips *clips, struct error *error);

#endif
