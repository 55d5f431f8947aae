/* The migrations, and telling whose a file is.
 *
 * A migration that has been released is never edited: a change is a further one at the end of the
 * list. docs/store.md explains the tables and indices; tables.c describes the newest form of them.
 * Times are milliseconds since 1970 (UTC) on the state's own clock, 0 for "not yet"; enums are
 * their printed names. */
#include "store/schema.h"

#include <stddef.h>
#include <string.h>

static const char first_tables[] =
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO meta (name, value) VALUES ('latest', 0);"

    "CREATE TABLE batch (id INTEGER PRIMARY KEY, key TEXT NOT NULL, named INTEGER NOT NULL,"
    " path TEXT, created INTEGER NOT NULL, paused INTEGER NOT NULL,"
    " UNIQUE (named, key)) STRICT;"

    "CREATE TABLE job (id INTEGER PRIMARY KEY,"
    " batch INTEGER NOT NULL REFERENCES batch (id) DEFERRABLE INITIALLY DEFERRED,"
    " key TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL, listed INTEGER NOT NULL,"
    " line INTEGER NOT NULL, column INTEGER NOT NULL, clip_path TEXT, clip_source TEXT,"
    " clip_hash TEXT, clip_bytes INTEGER NOT NULL, clip_mtime_ns INTEGER NOT NULL,"
    " clip_ms INTEGER NOT NULL, clip_width INTEGER NOT NULL, clip_height INTEGER NOT NULL,"
    " clip_type TEXT, asset TEXT, voice TEXT, voice_id TEXT, output TEXT, explore TEXT NOT NULL,"
    " priority INTEGER NOT NULL, pin TEXT, reference TEXT,"
    " state TEXT NOT NULL, account TEXT, task_id TEXT, attempts INTEGER NOT NULL,"
    " failures INTEGER NOT NULL, error TEXT, advice TEXT, result TEXT,"
    " result_bytes INTEGER NOT NULL, result_inode INTEGER NOT NULL, explore_used INTEGER NOT NULL,"
    " paused INTEGER NOT NULL, cancel_wanted INTEGER NOT NULL, renewed INTEGER NOT NULL,"
    " changed INTEGER NOT NULL, again INTEGER NOT NULL, ended INTEGER NOT NULL) STRICT;"

    "CREATE TABLE attempt (id INTEGER PRIMARY KEY,"
    " job INTEGER NOT NULL REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED,"
    " number INTEGER NOT NULL, account TEXT NOT NULL, reply_ref TEXT NOT NULL UNIQUE,"
    " asset_id TEXT, asset_name TEXT, voice_id TEXT, explore INTEGER NOT NULL, anchors TEXT,"
    " state TEXT NOT NULL, task_id TEXT, opened INTEGER NOT NULL, over INTEGER NOT NULL,"
    " absent_once INTEGER NOT NULL, settled INTEGER NOT NULL, task_ended INTEGER NOT NULL,"
    " cause TEXT) STRICT;"
    /* the last guards against paying twice: one undecided attempt per job, one attempt per task */
    "CREATE UNIQUE INDEX attempt_undecided ON attempt (job) WHERE state IN ('open', 'unsure');"
    "CREATE UNIQUE INDEX attempt_task ON attempt (task_id) WHERE task_id IS NOT NULL;"

    "CREATE TABLE upload (account TEXT NOT NULL, clip_hash TEXT NOT NULL, asset_id TEXT,"
    " asset_name TEXT, uploaded INTEGER NOT NULL,"
    " PRIMARY KEY (account, clip_hash)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE account (email TEXT PRIMARY KEY, state TEXT NOT NULL, until INTEGER NOT NULL,"
    " reason TEXT, max_jobs INTEGER NOT NULL, capacity INTEGER NOT NULL, others INTEGER NOT NULL,"
    " credits INTEGER NOT NULL, explore_missing INTEGER NOT NULL, pace_permille INTEGER NOT NULL,"
    " refused INTEGER NOT NULL, changed INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE stranger (task_id TEXT PRIMARY KEY, account TEXT, name TEXT,"
    " seen INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE event (job INTEGER NOT NULL REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED,"
    " number INTEGER NOT NULL, time INTEGER NOT NULL, event TEXT NOT NULL, account TEXT,"
    " attempt INTEGER NOT NULL, text TEXT, PRIMARY KEY (job, number)) STRICT;"

    "CREATE TABLE progress ("
    " batch INTEGER PRIMARY KEY REFERENCES batch (id) DEFERRABLE INITIALLY DEFERRED,"
    " eta INTEGER NOT NULL, time INTEGER NOT NULL) STRICT;"

    "CREATE TABLE clip (path TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL,"
    " mtime_ns INTEGER NOT NULL, hash TEXT, length_ms INTEGER NOT NULL, width_px INTEGER NOT NULL,"
    " height_px INTEGER NOT NULL, has_video INTEGER NOT NULL, has_sound INTEGER NOT NULL,"
    " content_type TEXT, fault TEXT) STRICT, WITHOUT ROWID;"

    "CREATE TABLE request (id INTEGER PRIMARY KEY AUTOINCREMENT, verb TEXT NOT NULL, batch TEXT,"
    " pattern TEXT, account TEXT, flags TEXT, asked INTEGER NOT NULL,"
    " answered INTEGER NOT NULL DEFAULT 0, status INTEGER NOT NULL DEFAULT 0, answer TEXT) STRICT;"
    "CREATE INDEX request_unanswered ON request (id) WHERE answered = 0;";

static const char reply_url_of_jobs[] = "ALTER TABLE job ADD COLUMN reply_url TEXT;";

/* What was learned of an account: a line and its spread instead of one ratio, and how often one
 * more task than known was taken. */
static const char learned_columns[] =
    "ALTER TABLE account DROP COLUMN pace_permille;"
    "ALTER TABLE account ADD COLUMN task_base_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN task_per_second_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN task_spread_permille INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN task_count INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN explore_base_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN explore_per_second_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN explore_spread_permille INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN explore_count INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN capacity_most INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN rises_milli INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN rises_expected_milli INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN tries_refused INTEGER NOT NULL DEFAULT 0;";

static const char moderation[] =
    "CREATE TABLE moderation (id INTEGER PRIMARY KEY,"
    " job INTEGER NOT NULL REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED,"
    " account TEXT, subject TEXT NOT NULL, time INTEGER NOT NULL, words TEXT) STRICT;"
    "INSERT INTO moderation (job, account, subject, time, words)"
    " SELECT id, account, coalesce(clip_hash, asset), ended, error FROM job"
    " WHERE state = 'moderated' AND coalesce(clip_hash, asset) IS NOT NULL ORDER BY ended;"
    "ALTER TABLE job ADD COLUMN forced INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN pardoned INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batch ADD COLUMN why TEXT;"
    "ALTER TABLE batch ADD COLUMN pardoned INTEGER NOT NULL DEFAULT 0;";

static const char submitted_of_accounts[] =
    "ALTER TABLE account ADD COLUMN submitted INTEGER NOT NULL DEFAULT 0;";

static const char price_of_accounts[] =
    "ALTER TABLE account ADD COLUMN price_micro INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN quiet_credits INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE account ADD COLUMN quiet_at INTEGER NOT NULL DEFAULT 0;";

static const char *const migrations[] = {first_tables, reply_url_of_jobs,     learned_columns,
                                         moderation,   submitted_of_accounts, price_of_accounts};

const struct schema schema_current = {.migrations = migrations,
                                      .version = (int)(sizeof migrations / sizeof migrations[0])};

enum schema_verdict schema_judge(const struct schema *schema, int64_t application_id,
                                 int64_t version) {
  if (application_id != SCHEMA_APPLICATION_ID) return SCHEMA_FOREIGN;
  if (version < 1) return SCHEMA_DAMAGED;
  if (version > schema->version) return SCHEMA_NEWER;
  return version < schema->version ? SCHEMA_OLDER : SCHEMA_OURS;
}

static int64_t number_at(const unsigned char *bytes) {
  return (int64_t)bytes[0] << 24 | (int64_t)bytes[1] << 16 | (int64_t)bytes[2] << 8 | bytes[3];
}

/* Where the numbers lie: "Database File Format" on sqlite.org, section 1.3. */
enum schema_verdict schema_judge_header(const struct schema *schema, int64_t file_bytes,
                                        const unsigned char header[100]) {
  static const char magic[16] = "SQLite format 3";
  if (file_bytes == 0 && header[0] == 0) return SCHEMA_NEW; /* SQLite calls one byte none */
  if (file_bytes < 100 || memcmp(header, magic, sizeof magic) != 0) return SCHEMA_DAMAGED;
  return schema_judge(schema, number_at(header + 68), number_at(header + 60));
}
