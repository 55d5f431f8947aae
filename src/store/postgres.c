/* A state in a PostgreSQL database, in a schema of its own: opening it, and what is asked of the
 * server before anything is trusted to it. */
#include "store/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/check.h"

#define PATIENCE_MS 10000
#define LEASE_MS    30000

/* ---- the server ---- */

struct demand {
  const char *ask, *answer, *told; /* `told`: when the answer is another */
};

/* Only a writer makes these: what is read is true anyway. */
static const struct demand demands[] = {
    {"SELECT current_setting('server_version_num')::int >= 130000", "t",
     "its server is older than PostgreSQL 13: use a newer one"},
    {"SHOW server_encoding", "UTF8", "its encoding is not UTF8: make it with ENCODING 'UTF8'"},
    {"SHOW fsync", "on",
     "its server runs with fsync=off and would lose after a crash what it said was safe, so that "
     "jobs were paid for twice: turn fsync on"},
    {"SHOW full_page_writes", "on",
     "its server runs with full_page_writes=off and may be damaged by a crash: turn it on"},
    {"SHOW synchronous_commit", "on", "its server does not take synchronous_commit=on"},
    {"SELECT pg_is_in_recovery()", "f",
     "it is a standby, which only follows: let the address lead to the primary server"},
    {"SHOW transaction_read_only", "off",
     "it is read-only: let the address lead to the primary server"},
};

static int check_server(struct postgres_store *store, struct error *error) {
  char answer[64];
  for (size_t i = 0; i < sizeof demands / sizeof demands[0]; i++) {
    if (!postgres_ask(store, demands[i].ask, answer, sizeof answer))
      return postgres_failed(store, error);
    if (strcmp(answer, demands[i].answer) == 0) continue;
    /* Once it was good, it may be so again: a server that is being replaced, for instance. */
    int code = error_set(error, store->opened ? ERR_AWAY : ERR_IO,
                         "the state %s cannot be used: %s", store->shown, demands[i].told);
    postgres_disconnect(store);
    return code;
  }
  return 0;
}

/* ---- opening ---- */

/* In one transaction, and one process at a time: nobody takes over what is half made. */
static int begin_writing(struct postgres_store *store, struct error *error) {
  int version, result = check_server(store, error);
  int64_t asked_boot_ms = postgres_boot_ms();
  if (result != 0) return result;
  if (!postgres_execute(store, "BEGIN; SELECT pg_advisory_xact_lock(1314080340)"))
    return postgres_failed(store, error);
  result = postgres_schema_read(store, &version, error);
  if (result == 0 && version == 0) result = postgres_schema_migrate(store, version, error);
  if (result == 0) result = postgres_writer_claim(store, error);
  if (result == 0 && version != 0 && version < store->options.schema->version)
    result = postgres_schema_migrate(store, version, error);
  if (result != 0) return result;
  if (!postgres_execute(store, "COMMIT")) return postgres_failed(store, error);
  postgres_writer_extend(store, asked_boot_ms);
  return 0;
}

int postgres_ready(struct postgres_store *store, struct error *error) {
  int version;
  if (store->db != NULL && PQstatus(store->db) == CONNECTION_OK) return 0;
  postgres_disconnect(store);
  if (!postgres_connect(store)) return postgres_failed(store, error);
  int result = store->store.writable ? begin_writing(store, error)
                                     : postgres_schema_read(store, &version, error);
  if (result == 0) store->opened = true;
  return result;
}

/* ---- the kind of store ---- */

static void postgres_free(struct store *base) {
  struct postgres_store *store = (struct postgres_store *)base;
  if (base->writable) postgres_writer_let_go(store);
  postgres_disconnect(store);
  free(store->url);
  free(store->shown);
  free(store);
}

static int64_t postgres_may_send_until(const struct store *base) {
  return atomic_load(&((const struct postgres_store *)base)->until_ms);
}

static int64_t postgres_stray_ms(const struct store *base) {
  return ((const struct postgres_store *)base)->stray_ms;
}

static const struct store_methods methods = {.commit = postgres_commit,
                                             .load = postgres_load,
                                             .version = postgres_version,
                                             .load_history = postgres_load_history,
                                             .load_attempts = postgres_load_attempts,
                                             .event_counts = postgres_event_counts,
                                             .find_clips = postgres_find_clips,
                                             .give_request = postgres_give_request,
                                             .load_requests = postgres_load_requests,
                                             .may_send_until = postgres_may_send_until,
                                             .stray_ms = postgres_stray_ms,
                                             .close = postgres_free};

static struct postgres_store *new_store(const char *url, enum store_mode mode,
                                        const struct postgres_options *options) {
  struct postgres_store *new = calloc(1, sizeof *new);
  CHECK(new != NULL && "out of memory");
  if (options != NULL) new->options = *options;
  if (new->options.schema == NULL) new->options.schema = &postgres_schema_current;
  if (new->options.patience_ms == 0) new->options.patience_ms = PATIENCE_MS;
  if (new->options.lease_ms == 0) new->options.lease_ms = LEASE_MS;
  new->store = (struct store){
      .methods = &methods, .writable = mode == STORE_WRITE, .may_ask = mode != STORE_READ};
  new->url = strdup(url);
  new->shown = strndup(url, strcspn(url, "?"));
  CHECK(new->url != NULL &&new->shown != NULL && "out of memory");
  return new;
}

int postgres_open(struct store **store, const char *url, enum store_mode mode,
                  const struct postgres_options *options, struct error *error) {
  struct postgres_store *new = new_store(url, mode, options);
  int result = postgres_ready(new, error);
  if (result != 0)
    postgres_free(&new->store);
  else
    *store = &new->store;
  return result;
}

/* As libpq reads it, so that no way of writing a password is overlooked. */
int postgres_check_address(const char *url, struct error *error) {
  PQconninfoOption *options = PQconninfoParse(url, NULL);
  bool secret = false;
  if (options == NULL)
    return error_set(error, ERR_USAGE,
                     "the state's address is none that PostgreSQL knows: write "
                     "postgresql://USER@HOST:PORT/DATABASE");
  for (const PQconninfoOption *each = options; each->keyword != NULL; each++)
    if (strcmp(each->keyword, "password") == 0 || strcmp(each->keyword, "sslpassword") == 0)
      secret |= each->val != NULL && each->val[0] != '\0';
  PQconninfoFree(options);
  if (!secret) return 0;
  return error_set(error, ERR_USAGE,
                   "the state's address holds a password: leave it out, others can read it in the "
                   "process list; ~/.pgpass, PGPASSFILE or PGSERVICEFILE keep one");
}

bool postgres_in_use(const char *url) {
  struct postgres_store *store = new_store(url, STORE_READ, NULL);
  struct postgres_writer writer;
  char place[128], shown[160];
  bool at_work = false;
  postgres_writer_here(place, shown);
  if (postgres_ready(store, NULL) == 0) {
    PGresult *result = postgres_run(store, POSTGRES_WRITER_READ, NULL, 0);
    at_work = result != NULL && postgres_writer_read(result, &writer) &&
              postgres_writer_at_work(&writer, place, store->options.lease_ms);
    PQclear(result);
  }
  postgres_free(&store->store);
  return at_work;
}
