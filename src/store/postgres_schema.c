/* The migrations in PostgreSQL's dialect. The tables mean what schema.c makes of them, number for
 * number: a test compares them column by column. So a change is one more migration here and there.
 *
 * A number is a bigint, truth is 0 or 1, as there. Keys that are texts compare by their bytes: what
 * the system's language says of order may change under an index. `writer` is PostgreSQL's alone. */
#include <stdio.h>
#include <stdlib.h>

#include "store/postgres.h"
#include "util/check.h"

static const char first_tables[] =
    "CREATE TABLE meta (name text COLLATE \"C\" PRIMARY KEY, value bigint NOT NULL);"
    "INSERT INTO meta (name, value) VALUES ('latest', 0), ('changes', 0), ('version', 0);"

    "CREATE TABLE writer (only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),"
    " number bigint NOT NULL, ended bigint NOT NULL, seen timestamptz NOT NULL,"
    " stray timestamptz NOT NULL, place text NOT NULL, shown text NOT NULL);"
    "INSERT INTO writer (number, ended, seen, stray, place, shown)"
    " VALUES (0, 1, clock_timestamp(), clock_timestamp(), '', '');"

    "CREATE TABLE batch (id bigint PRIMARY KEY, key text COLLATE \"C\" NOT NULL,"
    " named bigint NOT NULL, path text, created bigint NOT NULL, paused bigint NOT NULL,"
    " why text, pardoned bigint NOT NULL DEFAULT 0, UNIQUE (named, key));"

    "CREATE TABLE job (id bigint PRIMARY KEY,"
    " batch bigint NOT NULL REFERENCES batch (id) DEFERRABLE INITIALLY DEFERRED,"
    " key text NOT NULL, name text NOT NULL, number bigint NOT NULL, listed bigint NOT NULL,"
    " line bigint NOT NULL, \"column\" bigint NOT NULL, clip_path text, clip_source text,"
    " clip_hash text, clip_bytes bigint NOT NULL, clip_mtime_ns bigint NOT NULL,"
    " clip_ms bigint NOT NULL, clip_width bigint NOT NULL, clip_height bigint NOT NULL,"
    " clip_type text, asset text, voice text, voice_id text, output text, explore text NOT NULL,"
    " priority bigint NOT NULL, pin text, reference text,"
    " state text NOT NULL, account text, task_id text, attempts bigint NOT NULL,"
    " failures bigint NOT NULL, error text, advice text, result text,"
    " result_bytes bigint NOT NULL, result_inode bigint NOT NULL, explore_used bigint NOT NULL,"
    " paused bigint NOT NULL, cancel_wanted bigint NOT NULL, renewed bigint NOT NULL,"
    " changed bigint NOT NULL, again bigint NOT NULL, ended bigint NOT NULL, reply_url text,"
    " forced bigint NOT NULL DEFAULT 0);"

    "CREATE TABLE attempt (id bigint PRIMARY KEY,"
    " job bigint NOT NULL REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED,"
    " number bigint NOT NULL, account text NOT NULL,"
    " reply_ref text COLLATE \"C\" NOT NULL UNIQUE, asset_id text, asset_name text,"
    " voice_id text, explore bigint NOT NULL, anchors text, state text NOT NULL,"
    " task_id text COLLATE \"C\", opened bigint NOT NULL, over bigint NOT NULL,"
    " absent_once bigint NOT NULL, settled bigint NOT NULL, task_ended bigint NOT NULL,"
    " cause text);"
    /* the last guards against paying twice: one undecided attempt per job, one attempt per task */
    "CREATE UNIQUE INDEX attempt_undecided ON attempt (job) WHERE state IN ('open', 'unsure');"
    "CREATE UNIQUE INDEX attempt_task ON attempt (task_id) WHERE task_id IS NOT NULL;"

    "CREATE TABLE upload (account text COLLATE \"C\" NOT NULL,"
    " clip_hash text COLLATE \"C\" NOT NULL, asset_id text, asset_name text,"
    " uploaded bigint NOT NULL, PRIMARY KEY (account, clip_hash));"

    "CREATE TABLE account (email text COLLATE \"C\" PRIMARY KEY, state text NOT NULL,"
    " until bigint NOT NULL, reason text, max_jobs bigint NOT NULL, capacity bigint NOT NULL,"
    " others bigint NOT NULL, credits bigint NOT NULL, explore_missing bigint NOT NULL,"
    " refused bigint NOT NULL, changed bigint NOT NULL,"
    " task_base_ms bigint NOT NULL DEFAULT 0, task_per_second_ms bigint NOT NULL DEFAULT 0,"
    " task_spread_permille bigint NOT NULL DEFAULT 0, task_count bigint NOT NULL DEFAULT 0,"
    " explore_base_ms bigint NOT NULL DEFAULT 0, explore_per_second_ms bigint NOT NULL DEFAULT 0,"
    " explore_spread_permille bigint NOT NULL DEFAULT 0, explore_count bigint NOT NULL DEFAULT 0,"
    " capacity_most bigint NOT NULL DEFAULT 0, rises_milli bigint NOT NULL DEFAULT 0,"
    " rises_expected_milli bigint NOT NULL DEFAULT 0, tries_refused bigint NOT NULL DEFAULT 0,"
    " pardoned bigint NOT NULL DEFAULT 0, submitted bigint NOT NULL DEFAULT 0,"
    " price_micro bigint NOT NULL DEFAULT 0, quiet_credits bigint NOT NULL DEFAULT 0,"
    " quiet_at bigint NOT NULL DEFAULT 0);"

    "CREATE TABLE stranger (task_id text COLLATE \"C\" PRIMARY KEY, account text, name text,"
    " seen bigint NOT NULL);"

    "CREATE TABLE event (job bigint NOT NULL REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED,"
    " number bigint NOT NULL, time bigint NOT NULL, event text NOT NULL, account text,"
    " attempt bigint NOT NULL, text text, PRIMARY KEY (job, number));"

    "CREATE TABLE progress ("
    " batch bigint PRIMARY KEY REFERENCES batch (id) DEFERRABLE INITIALLY DEFERRED,"
    " eta bigint NOT NULL, time bigint NOT NULL);"

    "CREATE TABLE clip (path text COLLATE \"C\" PRIMARY KEY, size_bytes bigint NOT NULL,"
    " mtime_ns bigint NOT NULL, hash text, length_ms bigint NOT NULL, width_px bigint NOT NULL,"
    " height_px bigint NOT NULL, has_video bigint NOT NULL, has_sound bigint NOT NULL,"
    " content_type text, fault text);"

    "CREATE TABLE request (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, verb text NOT NULL,"
    " batch text, pattern text, account text, flags text, asked bigint NOT NULL,"
    " answered bigint NOT NULL DEFAULT 0, status bigint NOT NULL DEFAULT 0, answer text);"
    "CREATE INDEX request_unanswered ON request (id) WHERE answered = 0;"

    "CREATE TABLE moderation (id bigint PRIMARY KEY,"
    " job bigint NOT NULL REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED,"
    " account text, subject text NOT NULL, time bigint NOT NULL, words text);";

static const char *const migrations[] = {first_tables};

#define BASE 5 /* the tables above are those of schema.c's sixth migration */

const struct postgres_schema postgres_schema_current = {
    .migrations = migrations,
    .base = BASE,
    .version = BASE + (int)(sizeof migrations / sizeof migrations[0])};

/* Tables of ours in the schema of our name; the number says whose it is and how old. */
static const char ask_tables[] = "SELECT count(*) FROM pg_catalog.pg_class c"
                                 " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                 " WHERE n.nspname = 'nightshift'";
static const char ask_meta[] = "SELECT to_regclass('nightshift.meta') IS NOT NULL"
                               " AND to_regclass('nightshift.writer') IS NOT NULL";
static const char ask_version[] = "SELECT value FROM nightshift.meta WHERE name = 'version'";

static int foreign(struct postgres_store *store, struct error *error) {
  int code = error_set(error, ERR_DAMAGED,
                       "%s has a schema 'nightshift' that is no state of nightshift: name another "
                       "database",
                       store->shown);
  postgres_disconnect(store);
  return code;
}

static int judge(struct postgres_store *store, int version, struct error *error) {
  const struct postgres_schema *schema = store->options.schema;
  int code = 0;
  if (version > schema->version)
    code = error_set(error, ERR_NEWER,
                     "the state %s was written by a newer nightshift: use that one, or another "
                     "--state",
                     store->shown);
  else if (version < schema->version && !store->store.writable)
    code = error_set(error, ERR_OLDER,
                     "the state %s was written by an older nightshift: the next `nightshift run` "
                     "brings it up to date",
                     store->shown);
  if (code != 0) postgres_disconnect(store);
  return code;
}

static int nothing_there(struct postgres_store *store, struct error *error) {
  if (store->opened) return postgres_damaged(store, "it is empty", error);
  if (store->store.writable) return 0;
  int code = error_set(error, ERR_NOT_FOUND, "there is no state yet at %s", store->shown);
  postgres_disconnect(store);
  return code;
}

int postgres_schema_read(struct postgres_store *store, int *version, struct error *error) {
  char answer[32];
  *version = 0;
  if (!postgres_ask(store, ask_tables, answer, sizeof answer)) return postgres_failed(store, error);
  if (atoll(answer) == 0) return nothing_there(store, error);
  if (!postgres_ask(store, ask_meta, answer, sizeof answer)) return postgres_failed(store, error);
  if (answer[0] != 't') return foreign(store, error);
  if (!postgres_ask(store, ask_version, answer, sizeof answer))
    return postgres_failed(store, error);
  *version = atoi(answer);
  if (*version <= store->options.schema->base) return foreign(store, error);
  return judge(store, *version, error);
}

int postgres_schema_migrate(struct postgres_store *store, int version, struct error *error) {
  const struct postgres_schema *schema = store->options.schema;
  char mark[96], there[8];
  /* Made by hand for a user who may not make one, it is only looked at. */
  if (!postgres_ask(store, "SELECT to_regnamespace('nightshift') IS NOT NULL", there,
                    sizeof there) ||
      (there[0] != 't' && !postgres_execute(store, "CREATE SCHEMA nightshift")))
    return postgres_failed(store, error);
  for (int step = version == 0 ? schema->base : version; step < schema->version; step++)
    if (!postgres_execute(store, schema->migrations[step - schema->base]))
      return postgres_failed(store, error);
  snprintf(mark, sizeof mark, "UPDATE meta SET value = %d WHERE name = 'version'", schema->version);
  return postgres_execute(store, mark) ? 0 : postgres_failed(store, error);
}
