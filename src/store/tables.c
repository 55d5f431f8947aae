/* The columns of every table, in the order of the schema, and which record writes which of them. */
#include "store/tables.h"

#include <string.h>

#include "util/check.h"

/* A field of another type than these does not compile: enums are named by ENUM. */
#define TYPE_OF(owner, field)                                                                      \
  _Generic(((struct owner *)0)->field,                                                             \
      int64_t: COLUMN_INT64,                                                                       \
      int32_t: COLUMN_INT32,                                                                       \
      bool: COLUMN_BOOL,                                                                           \
      const char *: COLUMN_TEXT)
#define NAMED(owner, field, where)                                                                 \
  .name = #field, .offset = offsetof(struct owner, field), .part = PART_##where
#define FIELD(owner, field, where)                                                                 \
  { NAMED(owner, field, where), .type = TYPE_OF(owner, field) }
#define NEEDED(owner, field, where)                                                                \
  { NAMED(owner, field, where), .type = TYPE_OF(owner, field), .required = true }
#define CHILD(owner, field, where, of)                                                             \
  {                                                                                                \
    NAMED(owner, field, where), .type = TYPE_OF(owner, field), .required = true,                   \
                                .has_parent = true, .parent = TABLE_##of                           \
  }
#define ENUM(owner, field, kind, where)                                                            \
  { NAMED(owner, field, where), .type = COLUMN_##kind }

static const struct column batch_columns[] = {
    NEEDED(batch_record, id, KEY),      NEEDED(batch_record, key, SPEC),
    FIELD(batch_record, named, SPEC),   FIELD(batch_record, path, SPEC),
    FIELD(batch_record, created, SPEC), FIELD(batch_record, paused, SPEC),
    FIELD(batch_record, why, SPEC),     FIELD(batch_record, pardoned, SPEC),
};

static const struct column job_columns[] = {
    NEEDED(job_record, id, KEY),
    CHILD(job_record, batch, FIXED, BATCH),
    NEEDED(job_record, key, SPEC),
    NEEDED(job_record, name, SPEC),
    FIELD(job_record, number, SPEC),
    FIELD(job_record, listed, SPEC),
    FIELD(job_record, line, SPEC),
    FIELD(job_record, column, SPEC),
    FIELD(job_record, clip_path, SPEC),
    FIELD(job_record, clip_source, SPEC),
    FIELD(job_record, clip_hash, SPEC),
    FIELD(job_record, clip_bytes, SPEC),
    FIELD(job_record, clip_mtime_ns, SPEC),
    FIELD(job_record, clip_ms, SPEC),
    FIELD(job_record, clip_width, SPEC),
    FIELD(job_record, clip_height, SPEC),
    FIELD(job_record, clip_type, SPEC),
    FIELD(job_record, asset, SPEC),
    FIELD(job_record, voice, SPEC),
    FIELD(job_record, voice_id, SPEC),
    FIELD(job_record, output, SPEC),
    ENUM(job_record, explore, EXPLORE_MODE, SPEC),
    FIELD(job_record, priority, SPEC),
    FIELD(job_record, pin, SPEC),
    FIELD(job_record, reference, SPEC),
    ENUM(job_record, state, JOB_STATE, STATE),
    FIELD(job_record, account, STATE),
    FIELD(job_record, task_id, STATE),
    FIELD(job_record, attempts, STATE),
    FIELD(job_record, failures, STATE),
    FIELD(job_record, error, STATE),
    FIELD(job_record, advice, STATE),
    FIELD(job_record, result, STATE),
    FIELD(job_record, result_bytes, STATE),
    FIELD(job_record, result_inode, STATE),
    FIELD(job_record, explore_used, STATE),
    FIELD(job_record, paused, STATE),
    FIELD(job_record, cancel_wanted, STATE),
    FIELD(job_record, renewed, STATE),
    FIELD(job_record, changed, STATE),
    FIELD(job_record, again, STATE),
    FIELD(job_record, ended, STATE),
    FIELD(job_record, reply_url, SPEC),
    FIELD(job_record, forced, STATE),
};

static const struct column attempt_columns[] = {
    NEEDED(attempt_record, id, KEY),
    CHILD(attempt_record, job, FIXED, JOB),
    FIELD(attempt_record, number, SPEC),
    NEEDED(attempt_record, account, SPEC),
    NEEDED(attempt_record, reply_ref, FIXED),
    FIELD(attempt_record, asset_id, SPEC),
    FIELD(attempt_record, asset_name, SPEC),
    FIELD(attempt_record, voice_id, SPEC),
    FIELD(attempt_record, explore, SPEC),
    FIELD(attempt_record, anchors, SPEC),
    ENUM(attempt_record, state, ATTEMPT_STATE, SPEC),
    FIELD(attempt_record, task_id, SPEC),
    FIELD(attempt_record, opened, SPEC),
    FIELD(attempt_record, over, SPEC),
    FIELD(attempt_record, absent_once, SPEC),
    FIELD(attempt_record, settled, SPEC),
    FIELD(attempt_record, task_ended, SPEC),
    FIELD(attempt_record, cause, SPEC),
};

static const struct column upload_columns[] = {
    NEEDED(upload_record, account, KEY),  NEEDED(upload_record, clip_hash, KEY),
    FIELD(upload_record, asset_id, SPEC), FIELD(upload_record, asset_name, SPEC),
    FIELD(upload_record, uploaded, SPEC),
};

static const struct column account_columns[] = {
    NEEDED(account_record, email, KEY),
    ENUM(account_record, state, ACCOUNT_STATE, SPEC),
    FIELD(account_record, until, SPEC),
    FIELD(account_record, reason, SPEC),
    FIELD(account_record, max_jobs, SPEC),
    FIELD(account_record, capacity, SPEC),
    FIELD(account_record, others, SPEC),
    FIELD(account_record, credits, SPEC),
    FIELD(account_record, explore_missing, SPEC),
    FIELD(account_record, refused, SPEC),
    FIELD(account_record, changed, SPEC),
    FIELD(account_record, task_base_ms, SPEC),
    FIELD(account_record, task_per_second_ms, SPEC),
    FIELD(account_record, task_spread_permille, SPEC),
    FIELD(account_record, task_count, SPEC),
    FIELD(account_record, explore_base_ms, SPEC),
    FIELD(account_record, explore_per_second_ms, SPEC),
    FIELD(account_record, explore_spread_permille, SPEC),
    FIELD(account_record, explore_count, SPEC),
    FIELD(account_record, capacity_most, SPEC),
    FIELD(account_record, rises_milli, SPEC),
    FIELD(account_record, rises_expected_milli, SPEC),
    FIELD(account_record, tries_refused, SPEC),
    FIELD(account_record, pardoned, SPEC),
    FIELD(account_record, submitted, SPEC),
    FIELD(account_record, price_micro, SPEC),
    FIELD(account_record, quiet_credits, SPEC),
    FIELD(account_record, quiet_at, SPEC),
};

static const struct column moderation_columns[] = {
    NEEDED(moderation_record, id, KEY),      CHILD(moderation_record, job, FIXED, JOB),
    FIELD(moderation_record, account, SPEC), NEEDED(moderation_record, subject, SPEC),
    FIELD(moderation_record, time, SPEC),    FIELD(moderation_record, words, SPEC),
};

static const struct column stranger_columns[] = {
    NEEDED(stranger_record, task_id, KEY),
    FIELD(stranger_record, account, SPEC),
    FIELD(stranger_record, name, SPEC),
    FIELD(stranger_record, seen, SPEC),
};

static const struct column event_columns[] = {
    CHILD(event_record, job, KEY, JOB), NEEDED(event_record, number, KEY),
    FIELD(event_record, time, SPEC),    ENUM(event_record, event, LOG_EVENT, SPEC),
    FIELD(event_record, account, SPEC), FIELD(event_record, attempt, SPEC),
    FIELD(event_record, text, SPEC),
};

static const struct column progress_columns[] = {
    CHILD(progress_record, batch, KEY, BATCH),
    FIELD(progress_record, eta, SPEC),
    FIELD(progress_record, time, SPEC),
};

/* Its id is the state's to give: store_give_request. */
static const struct column request_columns[] = {
    NEEDED(request_record, id, KEY),       NEEDED(request_record, verb, FIXED),
    FIELD(request_record, batch, FIXED),   FIELD(request_record, pattern, FIXED),
    FIELD(request_record, account, FIXED), FIELD(request_record, flags, FIXED),
    FIELD(request_record, asked, FIXED),   FIELD(request_record, answered, STATE),
    FIELD(request_record, status, STATE),  FIELD(request_record, answer, STATE),
};

static const struct column clip_columns[] = {
    NEEDED(clip, path, KEY),         FIELD(clip, size_bytes, SPEC), FIELD(clip, mtime_ns, SPEC),
    FIELD(clip, hash, SPEC),         FIELD(clip, length_ms, SPEC),  FIELD(clip, width_px, SPEC),
    FIELD(clip, height_px, SPEC),    FIELD(clip, has_video, SPEC),  FIELD(clip, has_sound, SPEC),
    FIELD(clip, content_type, SPEC), FIELD(clip, fault, SPEC),
};

#define TABLE(text, owner, list)                                                                   \
  {                                                                                                \
    .name = text, .row_size = sizeof(struct owner), .columns = list,                               \
    .column_count = sizeof list / sizeof list[0]                                                   \
  }

static const struct table tables[TABLE_COUNT] = {
    [TABLE_BATCH] = TABLE("batch", batch_record, batch_columns),
    [TABLE_JOB] = TABLE("job", job_record, job_columns),
    [TABLE_ATTEMPT] = TABLE("attempt", attempt_record, attempt_columns),
    [TABLE_UPLOAD] = TABLE("upload", upload_record, upload_columns),
    [TABLE_ACCOUNT] = TABLE("account", account_record, account_columns),
    [TABLE_STRANGER] = TABLE("stranger", stranger_record, stranger_columns),
    [TABLE_EVENT] = TABLE("event", event_record, event_columns),
    [TABLE_PROGRESS] = TABLE("progress", progress_record, progress_columns),
    [TABLE_REQUEST] = TABLE("request", request_record, request_columns),
    [TABLE_CLIP] = TABLE("clip", clip, clip_columns),
    [TABLE_MODERATION] = TABLE("moderation", moderation_record, moderation_columns)};

const struct table *table_at(enum table_id id) {
  CHECK((int)id >= 0 && id < TABLE_COUNT);
  return &tables[id];
}

bool attempt_text_is_reported(const struct column *column) {
  return column->type != COLUMN_TEXT || strcmp(column->name, "account") == 0 ||
         strcmp(column->name, "task_id") == 0 || strcmp(column->name, "cause") == 0;
}

/* ---- records ---- */

enum table_id record_table(enum record_kind kind) {
  static const enum table_id of[RECORD_KIND_COUNT] = {[RECORD_BATCH] = TABLE_BATCH,
                                                      [RECORD_JOB] = TABLE_JOB,
                                                      [RECORD_JOB_SPEC] = TABLE_JOB,
                                                      [RECORD_JOB_STATE] = TABLE_JOB,
                                                      [RECORD_ATTEMPT] = TABLE_ATTEMPT,
                                                      [RECORD_UPLOAD] = TABLE_UPLOAD,
                                                      [RECORD_ACCOUNT] = TABLE_ACCOUNT,
                                                      [RECORD_STRANGER] = TABLE_STRANGER,
                                                      [RECORD_EVENT] = TABLE_EVENT,
                                                      [RECORD_PROGRESS] = TABLE_PROGRESS,
                                                      [RECORD_MODERATION] = TABLE_MODERATION,
                                                      [RECORD_REQUEST_ANSWER] = TABLE_REQUEST,
                                                      [RECORD_CLIP] = TABLE_CLIP};
  CHECK((int)kind >= 0 && (int)kind < RECORD_KIND_COUNT);
  return of[kind];
}

unsigned record_parts(enum record_kind kind) {
  if (kind == RECORD_JOB_SPEC) return PART_KEY | PART_SPEC;
  if (kind == RECORD_JOB_STATE || kind == RECORD_REQUEST_ANSWER) return PART_KEY | PART_STATE;
  return PART_ALL;
}

bool record_is_update(enum record_kind kind) {
  return kind == RECORD_JOB_SPEC || kind == RECORD_JOB_STATE || kind == RECORD_REQUEST_ANSWER;
}

const void *record_row(const struct record *record) {
  return &record->as; /* every member of the union begins there */
}

void record_check(const struct record *record) {
  const struct table *table = table_at(record_table(record->kind));
  unsigned parts = record_parts(record->kind);
  for (size_t i = 0; i < table->column_count; i++) {
    const struct column *column = &table->columns[i];
    if (!column->required || (column->part & parts) == 0) continue;
    if (column_is_text(column))
      CHECK(column_text(column, record_row(record)) != NULL);
    else
      CHECK(column_number(column, record_row(record)) > 0);
  }
}
