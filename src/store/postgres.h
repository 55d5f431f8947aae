/* The parts of the PostgreSQL store for each other: the kind (postgres.c), its connection
 * (postgres_link.c), whose turn it is to write (postgres_writer.c), what errors mean
 * (postgres_error.c), the schema (postgres_schema.c), statements (postgres_statement.c), writing
 * (postgres_write.c), reading (postgres_read.c), texts (postgres_text.c).
 *
 * As in the SQLite store every failure closes the connection, and the next call opens another. No
 * wait is without an end: an answer that does not come in time is a failure like any other. */
#ifndef STORE_POSTGRES_H
#define STORE_POSTGRES_H

#include <libpq-fe.h>

#include "store/postgres_kind.h"
#include "store/store_kind.h"
#include "store/tables.h"
#include "util/arena.h"
#include "util/buffer.h"

/* Every statement is prepared at its first use and kept while the connection lives. */
enum postgres_statement_id {
  POSTGRES_BEGIN,
  POSTGRES_CLOCK_SET,
  POSTGRES_CHANGES,
  POSTGRES_HIGHEST, /* clock, changes, highest batch, job and attempt, in one row */
  POSTGRES_EVENT_COUNTS,
  POSTGRES_HISTORY,
  POSTGRES_ATTEMPTS,
  POSTGRES_FIND_CLIP,
  POSTGRES_GIVE_REQUEST,
  POSTGRES_FORGET_REQUESTS,
  POSTGRES_FIND_REQUEST,
  POSTGRES_WRITER_READ,
  POSTGRES_WRITER_TAKE,
  POSTGRES_WRITER_SEEN,
  POSTGRES_WRITER_ENDS,
  POSTGRES_WRITE,                                     /* + enum record_kind */
  POSTGRES_READ = POSTGRES_WRITE + RECORD_KIND_COUNT, /* + enum table_id: the whole table */
  POSTGRES_STATEMENT_COUNT = POSTGRES_READ + TABLE_COUNT
};

/* migrations[n] leads to version `base` + n + 1: the first makes the tables as they were when
 * PostgreSQL was learned, the versions before it never were there. Numbers are those of schema.h,
 * so that a number means the same in both. */
struct postgres_schema {
  const char *const *migrations;
  int base, version;
};
extern const struct postgres_schema postgres_schema_current;

/* For tests; NULL and 0 mean the defaults. */
struct postgres_options {
  const struct postgres_schema *schema;
  int64_t patience_ms; /* how long an answer is waited for */
  int64_t lease_ms;    /* how long a writer that is not heard of still counts as at work */
  const char *place;   /* in place of this machine and process (struct postgres_writer) */
};

/* Who writes: the one row of the table `writer`. */
struct postgres_writer {
  int64_t number;  /* one higher with every process that takes over: the fencing number */
  bool ended;      /* it let go by itself */
  int64_t age_ms;  /* since it was last heard of, on the database's clock */
  char place[128]; /* machine, process and its start: who it is */
  char shown[160]; /* the same for people */
};

struct postgres_store {
  struct store store;
  char *url, *shown; /* `shown` has no parameters, which might be nobody's business */
  struct postgres_options options;
  PGconn *db;  /* NULL: to be opened at the next call */
  bool opened; /* once before: the state has to be there and to be ours */
  bool prepared[POSTGRES_STATEMENT_COUNT];
  int64_t number;           /* our fencing number; 0: none yet */
  int64_t stray_ms;         /* store_stray_ms */
  int64_t seen_boot_ms;     /* when our number was last known to be the highest */
  _Atomic int64_t until_ms; /* store_may_send_until */
  char number_text[24];     /* `number`, as statements take it */
  int64_t haste_end_ms;     /* of all waits, once the program is to end; 0: it is not */
  struct {                  /* of the last failure */
    char state[6];          /* SQLSTATE; "" when it was none of the server's */
    char text[400];
    bool late; /* no answer in time */
  } failure;
};

/* ---- between the files ---- */

/* Makes sure that there is a connection, and that it is our turn when we write. */
int postgres_ready(struct postgres_store *store, struct error *error);

/* postgres_link.c. What returns false or NULL has noted why: see postgres_failed. */
int64_t postgres_boot_ms(void);
bool postgres_connect(struct postgres_store *store);
void postgres_disconnect(struct postgres_store *store);
/* SQL without parameters whose rows, if any, are not wanted. */
bool postgres_execute(struct postgres_store *store, const char *sql);
/* The first value of its first row, "" when there is none. */
bool postgres_ask(struct postgres_store *store, const char *sql, char *answer, size_t size);
/* Runs one prepared statement to its end. The result is the caller's to clear. */
PGresult *postgres_run(struct postgres_store *store, enum postgres_statement_id id,
                       const char *const *values, int count);
/* The same row by row; `on_row` returns false when it finds what we never write. */
enum postgres_rows { POSTGRES_ROWS_READ, POSTGRES_ROWS_FAILED, POSTGRES_ROWS_DAMAGED };
enum postgres_rows postgres_each_row(struct postgres_store *store, enum postgres_statement_id id,
                                     const char *const *values, int count,
                                     bool (*on_row)(void *context, const PGresult *row, int at),
                                     void *context);
/* Many statements on their way at once: all prepared, then `begin`, `give` at most POSTGRES_AT_ONCE
 * times, `sent`, `next` once for each in order, `end`. */
#define POSTGRES_AT_ONCE 256
bool postgres_prepare(struct postgres_store *store, enum postgres_statement_id id);
bool postgres_many_begin(struct postgres_store *store);
bool postgres_many_give(struct postgres_store *store, enum postgres_statement_id id,
                        const char *const *values, int count);
bool postgres_many_sent(struct postgres_store *store);
PGresult *postgres_many_next(struct postgres_store *store);
bool postgres_many_end(struct postgres_store *store);

/* postgres_error.c: as their namesakes of the SQLite store. */
int postgres_failed(struct postgres_store *store, struct error *error);
int postgres_damaged(struct postgres_store *store, const char *what, struct error *error);
void postgres_note(struct postgres_store *store, const PGresult *result);

/* postgres_schema.c: looks whose it is; brings it up to date when `may_write`, inside the caller's
 * transaction. Fills in *version found (0: nothing there). */
int postgres_schema_read(struct postgres_store *store, int *version, struct error *error);
int postgres_schema_migrate(struct postgres_store *store, int version, struct error *error);

/* postgres_writer.c: takes over, or makes sure that we still are the one; inside a transaction. */
int postgres_writer_claim(struct postgres_store *store, struct error *error);
/* ERR_TAKEN, after POSTGRES_WRITER_SEEN has found no row of our number. */
int postgres_writer_taken(struct postgres_store *store, struct error *error);
/* Lets others know that we are there, when there was nothing to write for long. */
int postgres_writer_show(struct postgres_store *store, struct error *error);
void postgres_writer_extend(struct postgres_store *store, int64_t asked_boot_ms);
void postgres_writer_let_go(struct postgres_store *store);
bool postgres_writer_read(const PGresult *result, struct postgres_writer *writer);
/* Whether it may be at work: not when it ended, when it was not heard of for the lease, or when it
 * was a process of this machine that is gone. `place` is ours. */
bool postgres_writer_at_work(const struct postgres_writer *writer, const char *place,
                             int64_t lease_ms);
/* This process: machine, process ids' namespace, process, start; and for people. */
void postgres_writer_here(char place[128], char shown[160]);

/* postgres_statement.c */
void postgres_statement_text(struct buffer *sql, enum postgres_statement_id id);

/* postgres_text.c: bytes as UTF-8 and back. PostgreSQL takes no other text; names of files are
 * whatever they are. A byte that belongs to no character becomes U+10FE00 + byte, as does each byte
 * of one of those characters. */
/* The same pointer when there is nothing to change. */
const char *postgres_text_out(const char *text, struct arena *arena);
/* In place; returns its argument. */
char *postgres_text_in(char *text);

/* postgres_write.c, postgres_read.c */
int postgres_commit(struct store *store, time_ms now, const struct record *records, size_t count,
                    struct error *error);
int postgres_give_request(struct store *store, const struct request_record *request, int64_t *id,
                          struct error *error);
int postgres_load(struct store *store, struct store_snapshot *snapshot, struct error *error);
bool postgres_version(struct store *store, uint64_t *version);
int postgres_load_history(struct store *store, job_id job, struct store_history *history,
                          struct error *error);
int postgres_load_attempts(struct store *store, batch_id batch, time_ms since,
                           struct store_attempts *attempts, struct error *error);
int postgres_event_counts(struct store *store, const struct store_snapshot *snapshot,
                          int64_t *numbers, struct error *error);
int postgres_load_requests(struct store *store, int64_t id, struct store_requests *requests,
                           struct error *error);
int postgres_find_clips(struct store *store, const char *const *paths, size_t count,
                        struct store_clips *clips, struct error *error);

#endif
