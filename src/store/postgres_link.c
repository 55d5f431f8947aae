/* The connection to PostgreSQL. libpq's own waiting has no end, so nothing here waits in it but
 * connecting, which has one: every answer is waited for on the socket, for so long and no longer.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/postgres.h"
#include "util/buffer.h"
#include "util/check.h"

#define SLICE_MS   100  /* how late the end of the program is seen while waiting */
#define HASTY_MS   500  /* what is left to a program that is to end, for all its waits */
#define CONNECT_MS 5000 /* to one host */

int64_t postgres_boot_ms(void) {
  struct timespec now;
  CHECK(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- waiting ---- */

/* Until the socket is ready, or some moments have passed. 1: it is; 0: not yet; -1: it is too late,
 * or the system failed. A program that is to end waits for a moment in all. */
static int wait_a_little(struct postgres_store *store, short events, int64_t *end_ms) {
  struct pollfd socket = {.fd = PQsocket(store->db), .events = events};
  int64_t now_ms = postgres_boot_ms();
  if (!atomic_load(&store->store.in_haste))
    store->haste_end_ms = 0;
  else if (store->haste_end_ms == 0)
    store->haste_end_ms = now_ms + HASTY_MS;
  if (store->haste_end_ms != 0 && *end_ms > store->haste_end_ms) *end_ms = store->haste_end_ms;
  store->failure.late = now_ms >= *end_ms;
  if (store->failure.late) return -1;
  int ready = poll(&socket, 1, SLICE_MS);
  if (ready >= 0) return ready > 0;
  if (errno == EINTR) return 0;
  snprintf(store->failure.text, sizeof store->failure.text, "%s", strerror(errno));
  return -1;
}

static void forget_failure(struct postgres_store *store) {
  memset(&store->failure, 0, sizeof store->failure);
}

/* ---- the connection ---- */

static void note_link(struct postgres_store *store) {
  snprintf(store->failure.text, sizeof store->failure.text, "%s", PQerrorMessage(store->db));
}

/* What a session needs, whatever the server's defaults. Those who only look never write. A program
 * that is stopped must not hold others up, and one that is gone is noticed. */
static const char session[] =
    "SET search_path TO nightshift, pg_catalog;"
    "SET synchronous_commit TO on;"
    "SET statement_timeout TO '30s'; SET lock_timeout TO '8s';"
    "SET idle_in_transaction_session_timeout TO '60s';"
    "SET tcp_keepalives_idle TO 10; SET tcp_keepalives_interval TO 5;"
    "SET tcp_keepalives_count TO 3; SET tcp_user_timeout TO '20s';"
    "SET standard_conforming_strings TO on; SET client_min_messages TO warning;";

/* What the server remarks is nobody's: a log line of ours says what failed. */
static void hear_nothing(void *context, const PGresult *result) {
  (void)context;
  (void)result;
}

/* What stands before the address in the list gives way to what the address says; a host behind it
 * is one of those that the address names. */
static bool begin_connecting(struct postgres_store *store, const char *host, const char *port) {
  const char *const names[] = {"fallback_application_name",
                               "keepalives_idle",
                               "keepalives_interval",
                               "keepalives_count",
                               "tcp_user_timeout",
                               "dbname",
                               "client_encoding",
                               host == NULL ? NULL : "host",
                               port == NULL ? NULL : "port",
                               NULL};
  const char *const values[] = {"nightshift", "10",   "5",  "3",  "20000",
                                store->url,   "UTF8", host, port, NULL};
  memset(store->prepared, 0, sizeof store->prepared);
  store->db = PQconnectStartParams(names, values, 1);
  CHECK(store->db != NULL && "out of memory");
  (void)PQsetNoticeReceiver(store->db, hear_nothing, NULL);
  return PQstatus(store->db) != CONNECTION_BAD;
}

static bool finish_connecting(struct postgres_store *store) {
  PostgresPollingStatusType wants = PGRES_POLLING_WRITING;
  int64_t end_ms = postgres_boot_ms() + CONNECT_MS;
  while (wants != PGRES_POLLING_OK && wants != PGRES_POLLING_FAILED) {
    int ready = wait_a_little(store, wants == PGRES_POLLING_READING ? POLLIN : POLLOUT, &end_ms);
    if (ready < 0) return false;
    if (ready > 0) wants = PQconnectPoll(store->db);
  }
  return wants == PGRES_POLLING_OK && PQsetnonblocking(store->db, 1) == 0;
}

static bool connect_to(struct postgres_store *store, const char *host, const char *port) {
  forget_failure(store);
  if (begin_connecting(store, host, port) && finish_connecting(store)) return true;
  if (store->failure.late)
    snprintf(store->failure.text, sizeof store->failure.text, "no connection%s%s within %d s",
             host == NULL ? "" : " to ", host == NULL ? "" : host, CONNECT_MS / 1000);
  else if (store->failure.text[0] == '\0')
    note_link(store);
  store->failure.late = false;
  return false;
}

/* The next of a list with commas between; the last one stands for all that are missing. */
static void next_of(const char **list, char one[256]) {
  size_t size = strcspn(*list, ",");
  snprintf(one, 256, "%.*s", (int)(size < 256 ? size : 255), *list);
  if ((*list)[size] == ',') *list += size + 1;
}

/* libpq goes on to the next host when one refuses, but waits for ever for one that says nothing. */
static bool connect_to_any(struct postgres_store *store, const char *hosts, const char *ports) {
  char host[256], port[256] = "";
  for (bool last = false; !last;) {
    const char *before = hosts;
    next_of(&hosts, host);
    last = hosts == before;
    if (ports != NULL) next_of(&ports, port);
    if (connect_to(store, host, ports == NULL ? NULL : port)) return true;
    if (!last) postgres_disconnect(store);
  }
  return false;
}

static const char *value_of(const PQconninfoOption *options, const char *name) {
  for (; options != NULL && options->keyword != NULL; options++)
    if (strcmp(options->keyword, name) == 0) return options->val;
  return NULL;
}

bool postgres_connect(struct postgres_store *store) {
  PQconninfoOption *options = PQconninfoParse(store->url, NULL);
  const char *hosts = value_of(options, "host");
  bool listed = hosts != NULL && value_of(options, "hostaddr") == NULL;
  bool connected = listed ? connect_to_any(store, hosts, value_of(options, "port"))
                          : connect_to(store, NULL, NULL);
  PQconninfoFree(options);
  if (!connected || !postgres_execute(store, session)) return false;
  return store->store.may_ask || postgres_execute(store, "SET default_transaction_read_only TO on");
}

void postgres_disconnect(struct postgres_store *store) {
  PQfinish(store->db);
  store->db = NULL;
}

/* ---- answers ---- */

/* Until the next result is there. */
static bool wait_for_answer(struct postgres_store *store) {
  int64_t end_ms = postgres_boot_ms() + store->options.patience_ms;
  for (;;) {
    int unsent = PQflush(store->db);
    if (unsent == 0 && !PQisBusy(store->db)) return true;
    short events = unsent > 0 ? POLLIN | POLLOUT : POLLIN;
    if (unsent < 0 || wait_a_little(store, events, &end_ms) < 0) break;
    /* Looked at in any case: what TLS has decrypted already shows on no socket. */
    if (!PQconsumeInput(store->db)) break;
  }
  if (!store->failure.late && store->failure.text[0] == '\0') note_link(store);
  return false;
}

static PGresult *next_result(struct postgres_store *store) {
  return wait_for_answer(store) ? PQgetResult(store->db) : NULL;
}

static bool is_good(const PGresult *result) {
  ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE;
}

/* NULL: the connection failed, or the server refused, which is noted. */
static PGresult *good_result(struct postgres_store *store) {
  PGresult *result = next_result(store);
  if (result != NULL && is_good(result)) return result;
  if (result != NULL)
    postgres_note(store, result);
  else if (!store->failure.late && store->failure.text[0] == '\0')
    note_link(store);
  PQclear(result);
  return NULL;
}

/* After the last result of a statement there is none. */
static bool is_over(struct postgres_store *store) {
  if (!wait_for_answer(store)) return false;
  PGresult *result = PQgetResult(store->db);
  PQclear(result);
  return result == NULL;
}

/* ---- one at a time ---- */

static PGresult *finish(struct postgres_store *store, int sent) {
  forget_failure(store);
  if (!sent) {
    note_link(store);
    return NULL;
  }
  PGresult *result = good_result(store);
  if (result != NULL && is_over(store)) return result;
  PQclear(result);
  return NULL;
}

/* Several statements in one text have several results; a failed one is the last. */
bool postgres_execute(struct postgres_store *store, const char *sql) {
  forget_failure(store);
  if (!PQsendQuery(store->db, sql)) {
    note_link(store);
    return false;
  }
  PGresult *result;
  while ((result = next_result(store)) != NULL) {
    bool good = is_good(result);
    if (!good) postgres_note(store, result);
    PQclear(result);
    if (!good) return false;
  }
  return store->failure.text[0] == '\0' && !store->failure.late;
}

bool postgres_ask(struct postgres_store *store, const char *sql, char *answer, size_t size) {
  PGresult *result = finish(store, PQsendQuery(store->db, sql));
  if (result == NULL) return false;
  bool any = PQntuples(result) > 0 && PQnfields(result) > 0;
  snprintf(answer, size, "%s", any ? PQgetvalue(result, 0, 0) : "");
  PQclear(result);
  return true;
}

static const char *name_of(enum postgres_statement_id id, char name[16]) {
  snprintf(name, 16, "s%d", (int)id);
  return name;
}

bool postgres_prepare(struct postgres_store *store, enum postgres_statement_id id) {
  char name[16];
  struct buffer sql;
  if (store->prepared[id]) return true;
  buffer_init(&sql, 16384);
  postgres_statement_text(&sql, id);
  CHECK(!sql.overflowed);
  PGresult *result =
      finish(store, PQsendPrepare(store->db, name_of(id, name), buffer_string(&sql), 0, NULL));
  buffer_release(&sql);
  PQclear(result);
  store->prepared[id] = result != NULL;
  return store->prepared[id];
}

static int send_prepared(struct postgres_store *store, enum postgres_statement_id id,
                         const char *const *values, int count) {
  char name[16];
  return PQsendQueryPrepared(store->db, name_of(id, name), count, values, NULL, NULL, 0);
}

PGresult *postgres_run(struct postgres_store *store, enum postgres_statement_id id,
                       const char *const *values, int count) {
  if (!postgres_prepare(store, id)) return NULL;
  return finish(store, send_prepared(store, id, values, count));
}

enum postgres_rows postgres_each_row(struct postgres_store *store, enum postgres_statement_id id,
                                     const char *const *values, int count,
                                     bool (*on_row)(void *context, const PGresult *row, int at),
                                     void *context) {
  if (!postgres_prepare(store, id)) return POSTGRES_ROWS_FAILED;
  forget_failure(store);
  if (!send_prepared(store, id, values, count) || !PQsetSingleRowMode(store->db)) {
    note_link(store);
    return POSTGRES_ROWS_FAILED;
  }
  for (PGresult *result; (result = good_result(store)) != NULL; PQclear(result)) {
    for (int at = 0; at < PQntuples(result); at++) {
      if (on_row(context, result, at)) continue;
      PQclear(result);
      return POSTGRES_ROWS_DAMAGED;
    }
    if (PQresultStatus(result) != PGRES_TUPLES_OK) continue;
    PQclear(result);
    return is_over(store) ? POSTGRES_ROWS_READ : POSTGRES_ROWS_FAILED;
  }
  return POSTGRES_ROWS_FAILED;
}

/* ---- many at once ---- */

bool postgres_many_begin(struct postgres_store *store) {
  forget_failure(store);
  if (PQenterPipelineMode(store->db)) return true;
  note_link(store);
  return false;
}

bool postgres_many_give(struct postgres_store *store, enum postgres_statement_id id,
                        const char *const *values, int count) {
  CHECK(store->prepared[id]);
  if (send_prepared(store, id, values, count)) return true;
  note_link(store);
  return false;
}

bool postgres_many_sent(struct postgres_store *store) {
  if (PQpipelineSync(store->db)) return true;
  note_link(store);
  return false;
}

PGresult *postgres_many_next(struct postgres_store *store) {
  PGresult *result = good_result(store);
  if (result != NULL && is_over(store)) return result;
  PQclear(result);
  return NULL;
}

bool postgres_many_end(struct postgres_store *store) {
  PGresult *result = next_result(store);
  bool synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
  PQclear(result);
  if (synced && PQexitPipelineMode(store->db)) return true;
  note_link(store);
  return false;
}
