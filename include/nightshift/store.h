/* The state on disk: what survives a crash. Records go in by groups, a snapshot comes out.
 *
 * A group is committed whole or not at all, and is durable when store_commit returns 0 (SQLite with
 * a rollback journal, synchronous=FULL; PostgreSQL, synchronous_commit=on: docs/store.md). Kinds:
 * SQLite, PostgreSQL, and memory with crash points for the simulator. Calls on one store are made
 * from one thread at a time; while a `store_worker` has groups, that thread is its. Nothing else
 * may open the state file in the same process. */
#ifndef NIGHTSHIFT_STORE_H
#define NIGHTSHIFT_STORE_H

#include "nightshift/error.h"
#include "nightshift/record.h"

struct store;

enum store_mode {
  STORE_WRITE, /* creates and migrates; the caller holds the run's lock (runtime/lock) */
  STORE_READ,  /* never writes, never creates: ERR_NOT_FOUND when there is no state */
  STORE_ASK    /* the same, but requests may be given: for commands beside a run at work */
};

/* Whether the state is a database that several machines reach (postgresql://…), not a file. */
bool store_is_shared(const char *state);
/* Whether the address of a shared state is one: ERR_USAGE for one that is none and for one that
 * holds a password, neither repeating any of it. */
int store_check_address(const char *url, struct error *error);
/* Whether a process is at work on a shared state, as far as can be found out. */
bool store_in_use(const char *url);

/* Opens the state at `path` (a file; its directory is made, 0700; the file is 0600). Errors:
 * ERR_IO, ERR_OLDER (only for reading: a writer brings it up to date), ERR_DAMAGED, ERR_NEWER (both
 * name the file and what to do; nothing is overwritten),
 * ERR_FULL, ERR_BUSY. An empty file counts as a new state.
 *
 * A postgresql:// URL leads to a shared state, in the schema `nightshift` of its database, which is
 * made. One process at a time writes to it (STORE_WRITE: ERR_BUSY names who does), and keeps doing
 * so while it is heard of: docs/postgresql.md. Then also ERR_AWAY, from every call: no server, or
 * no answer in time; and from every call of a writer ERR_TAKEN: another has taken over since. */
int store_open(struct store **store, const char *path, enum store_mode mode, struct error *error);
/* A store in memory, empty. */
int store_open_memory(struct store **store, struct error *error);
void store_close(struct store *store);
/* A submission may leave as long as CLOCK_BOOTTIME, in ms, is before this; TIME_NEVER for a state
 * of one machine. From any thread. A shared state grants it anew with every commit. */
int64_t store_may_send_until(const struct store *store);
/* How long after store_open returned a submission of the writer before may still leave. */
int64_t store_stray_ms(const struct store *store);

/* Writes the group durably, in its order, with `now` as the latest time of this state unless a
 * later one is there. 0, or ERR_FULL, ERR_IO, ERR_BUSY (another program holds the file for over 10
 * s), ERR_DAMAGED: then nothing of it is visible, or (power or disk failed at the last moment) all;
 * the same group may be given again. After an error the store has closed its descriptor and opens
 * it afresh at the next call, so a failed fsync is never retried on the same descriptor.
 *
 * Refused with ERR_DAMAGED as what the core must never ask for: an update of a job that is not
 * there, a row of a batch or job that is not there (in this group or before), an attempt id that is
 * another's (its job or reply_ref differs), a reply_ref or a task_id that another attempt has, a
 * second attempt of a job that is open or unsure (so within a group the one that is settled comes
 * before the new one), a second batch of the same key. Records without their ids, keys or names end
 * the program (util/check.h). */
int store_commit(struct store *store, time_ms now, const struct record *records, size_t count,
                 struct error *error);

/* Everything that is known, read in one short transaction and copied out. */
struct store_snapshot {
  time_ms latest;   /* the latest time written; 0 for a new state */
  uint64_t version; /* of the state when it was read; 0: not known. See store_is_unchanged */
  struct batch_record *batches;
  size_t batch_count;
  struct job_record *jobs; /* by batch, then number */
  size_t job_count;
  struct attempt_record *attempts; /* by id; without those that were not sent */
  size_t attempt_count;
  attempt_id last_attempt; /* highest id ever given, also to those */
  job_id last_job;
  batch_id last_batch;
  struct upload_record *uploads;
  size_t upload_count;
  struct account_record *accounts;
  size_t account_count;
  struct stranger_record *strangers;
  size_t stranger_count;
  struct progress_record *progress;
  size_t progress_count;
  struct moderation_record *moderations; /* by id */
  size_t moderation_count;
  void *memory; /* owns every string above */
};
int store_load(struct store *store, struct store_snapshot *snapshot, struct error *error);
void store_snapshot_release(struct store_snapshot *snapshot);
/* Whether the state is certain to be as it was when the snapshot was read, by whatever store of it:
 * then it need not be read again. False also when that cannot be told. */
bool store_is_unchanged(struct store *store, const struct store_snapshot *snapshot);
/* Brings a snapshot to what the state holds when these records have been committed at `now` on top
 * of it, as if it were read again. Of batches and jobs only: RECORD_BATCH, RECORD_JOB with ids
 * above last_job, RECORD_JOB_SPEC of jobs that are there. Texts are copied; rows move. Its version
 * is not known any more. */
void store_snapshot_apply(struct store_snapshot *snapshot, time_ms now,
                          const struct record *records, size_t count);

/* The history of a job, oldest first. */
struct store_history {
  struct event_record *events;
  size_t count;
  void *memory;
};
int store_load_history(struct store *store, job_id job, struct store_history *history,
                       struct error *error);
void store_history_release(struct store_history *history);
/* The highest number of an event of each job, so that the next gets the next: numbers[i] for
 * snapshot job i, 0 for none. */
int store_event_counts(struct store *store, const struct store_snapshot *snapshot, int64_t *numbers,
                       struct error *error);

/* What was tried, refused and unsent attempts included, by id: for reports. */
struct store_attempts {
  struct attempt_record *attempts; /* of their texts only account, task_id and cause */
  size_t count;
  void *memory; /* owns every string above */
};
/* Those of the batch (0: of all) that were opened, settled or ended at `since` or later. */
int store_load_attempts(struct store *store, batch_id batch, time_ms since,
                        struct store_attempts *attempts, struct error *error);
void store_attempts_release(struct store_attempts *attempts);

/* ---- requests: what a person ordered while a run was at work, or just before it ---- */

struct store_requests {
  struct request_record *requests; /* by id */
  size_t count;
  void *memory; /* owns every string above */
};
/* Writes an order down (of *request: verb, batch, pattern, account, flags, asked), durably, by a
 * transaction of its own. *id becomes its number, higher than any before. Those that were answered
 * more than STORE_REQUESTS_KEPT_MS before it was asked are forgotten by the same transaction: who
 * gave them waits for seconds. Errors as store_commit. */
#define STORE_REQUESTS_KEPT_MS (24 * HOUR_MS)
int store_give_request(struct store *store, const struct request_record *request, int64_t *id,
                       struct error *error);
/* Those not answered yet, oldest first. */
int store_load_requests(struct store *store, struct store_requests *requests, struct error *error);
/* The one of that number, answered or not; none when count is 0. */
int store_find_request(struct store *store, int64_t id, struct store_requests *requests,
                       struct error *error);
void store_requests_release(struct store_requests *requests);

/* What was learned of clips when they had the size and time that the record says; in the order of
 * `paths`, those without a record left out. Only the last record of a path is kept. */
struct store_clips {
  struct clip *clips;
  size_t count;
  void *memory; /* owns every string above */
};
int store_find_clips(struct store *store, const char *const *paths, size_t count,
                     struct store_clips *clips, struct error *error);
void store_clips_release(struct store_clips *clips);

/* A thread of its own for commits. Groups are committed in the order given; when one fails, all
 * that were given before the last result was taken fail with it, untried, so that nothing later
 * becomes durable without it. `on_done` is called on that thread once per finished group: it must
 * only wake the owner (uv_async_send), who then calls store_worker_take. The records must stay
 * valid until the group is taken. The thread takes no signals. */
struct store_worker;
int store_worker_start(struct store_worker **worker, struct store *store, void (*on_done)(void *),
                       void *context, struct error *error);
void store_worker_give(struct store_worker *worker, time_ms now, const struct record *records,
                       size_t count);
/* Whether the group that was given first of those not yet taken is finished; then *result is 0 or
 * an ERR_* with *error filled. */
bool store_worker_take(struct store_worker *worker, int *result, struct error *error);
/* Lets the thread read the open requests once it has written what was given before; `on_done` is
 * called then. Asked again before it has begun to read, it reads once; later, once more. */
void store_worker_look(struct store_worker *worker);
/* Whether a reading is finished; then *result is 0 and *requests the caller's to release, or an
 * ERR_* with *error filled. */
bool store_worker_looked(struct store_worker *worker, struct store_requests *requests, int *result,
                         struct error *error);
/* Something else to be done with the store on that thread, after what was given before: `run`,
 * which may take the store for the time of the call. Sent, it belongs to the thread until
 * store_worker_back hands it out again (NULL: none is back), or the worker has stopped, which drops
 * those not begun. `on_done` is called when it is back. */
struct store_errand {
  struct store_errand *next; /* the worker's */
  void (*run)(struct store *store, struct store_errand *errand);
};
void store_worker_send(struct store_worker *worker, struct store_errand *errand);
struct store_errand *store_worker_back(struct store_worker *worker);
/* Lets the thread read all that is known; asked again only after it was taken. */
void store_worker_load(struct store_worker *worker);
bool store_worker_loaded(struct store_worker *worker, struct store_snapshot *snapshot, int *result,
                         struct error *error);
/* Waits for all groups given, though no longer than a second for another program that holds the
 * state; joins the thread. Results not taken are dropped. The store stays open. */
void store_worker_stop(struct store_worker *worker);

/* ---- faults of a store, for the simulator and for tests: in memory, or opened for it ---- */

/* A state in an SQLite file that can crash and fail as one in memory: after a crash not one byte
 * more is written, so that the file is what a kill leaves. `seed`: at which write of a commit. */
int store_open_crashing(struct store **store, const char *path, uint64_t seed, struct error *error);

enum store_point {
  STORE_BEFORE, /* nothing of the group is written */
  STORE_DURING, /* a part of it is: found and rolled back by store_reopen. (In a file the last
                 * write may be the one that is hit: then all of it is there.) */
  STORE_AFTER   /* all of it is, but the caller is not told */
};

/* The next commit crashes at this point: it returns ERR_IO, and so does every call after it until
 * store_reopen. Then the caller drops the process it was simulating. */
void store_crash_next(struct store *store, enum store_point point);
bool store_crashed(const struct store *store);
/* What the next process finds: all that was durable, and no faults asked for. Also without a crash.
 */
void store_reopen(struct store *store);
/* The next `commits` commits return `code` (ERR_FULL, ERR_IO, ...), BEFORE or AFTER writing; a file
 * fails BEFORE in the middle, and rolls back. */
void store_fail_next(struct store *store, int code, int commits, enum store_point point);

#endif
