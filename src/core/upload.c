/* Clips to accounts. One upload per clip and account serves all the clip's voices, across batches.
 * An upload is cheap and not paid for: one whose fate is unknown is simply done again under a new
 * name. */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"

#define UPLOAD_PAUSE_FIRST_MS (5 * SECOND_MS)
#define UPLOAD_PAUSE_MOST_MS  (2 * MINUTE_MS)

struct upload *upload_find(const struct core *core, int32_t clip, int32_t account) {
  struct clip_entry *entry = &core->clips[clip];
  for (int32_t i = 0; i < entry->upload_count; i++)
    if (entry->uploads[i].account == account) return &entry->uploads[i];
  return NULL;
}

static struct upload *upload_for(struct core *core, int32_t clip, int32_t account) {
  struct upload *upload = upload_find(core, clip, account);
  if (upload != NULL) return upload;
  struct clip_entry *entry = &core->clips[clip];
  GROW(entry->uploads, entry->upload_count, entry->upload_room);
  upload = &entry->uploads[entry->upload_count++];
  *upload = (struct upload){.account = account};
  return upload;
}

bool upload_ready(const struct core *core, const struct job *job, int32_t account) {
  if (job->clip == NONE) return true;
  const struct upload *upload = upload_find(core, job->clip, account);
  return upload != NULL && upload->state == UPLOAD_READY;
}

void upload_restore(struct core *core, const struct upload_record *record) {
  int64_t clip, account;
  if (record->asset_name != NULL) map_set(&core->assets, record->asset_name, 1);
  if (record->asset_id == NULL || !map_get(&core->clip_by_hash, record->clip_hash, &clip) ||
      !map_get(&core->account_by_email, record->account, &account))
    return;
  struct upload *upload = upload_for(core, (int32_t)clip, (int32_t)account);
  upload->state = UPLOAD_READY;
  upload->asset_id = core_keep(core, record->asset_id);
  upload->asset_name = core_keep(core, record->asset_name);
}

/* The clip's name, made safe, and 12 random hex digits: unique, so that a task can be known by it.
 */
static const char *make_name(struct core *core, const char *path) {
  char stem[33];
  const char *base = strrchr(path, '/');
  base = base == NULL ? path : base + 1;
  size_t length = 0;
  for (; base[length] != '\0' && base[length] != '.' && length < sizeof stem - 1; length++) {
    char c = base[length];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    stem[length] = '-';
    if (plain) stem[length] = c;
  }
  stem[length] = '\0';
  uint64_t random = prng_next(&core->prng) >> 16;
  return core_keep(core,
                   arena_printf(core->out->arena, "%s-%012llx", stem, (unsigned long long)random));
}

static void save(struct core *core, const struct account *account, const struct clip_entry *entry,
                 const struct upload *upload) {
  record_add(core, RECORD_UPLOAD)->as.upload =
      (struct upload_record){.account = account->email,
                             .clip_hash = entry->hash,
                             .asset_id = upload->asset_id,
                             .asset_name = upload->asset_name,
                             .uploaded = core->now};
}

static void send_upload(struct core *core, struct job *job, struct account *account,
                        struct upload *upload) {
  upload->state = UPLOAD_WIRE;
  upload->asset_name = make_name(core, job->rec.clip_path);
  struct action *action = action_add(core, ACTION_CALL);
  action->call = (struct call){.kind = CALL_UPLOAD,
                               .token = account->token,
                               .email = account->email,
                               .name = upload->asset_name,
                               .path = job->rec.clip_path,
                               .content_type = job->rec.clip_type,
                               .size_bytes = job->rec.clip_bytes,
                               .mtime_ns = job->rec.clip_mtime_ns,
                               .length_ms = job->rec.clip_ms,
                               .width_px = job->rec.clip_width,
                               .height_px = job->rec.clip_height};
  struct request *request = request_add(core, REQUEST_UPLOAD, action);
  request->account = account_place(core, account);
  request->clip = job->clip;
  request->job = job_place(core, job);
  account->uploads_wire++;
}

void upload_start(struct core *core, struct job *job, struct account *account) {
  int32_t place = account_place(core, account);
  job_place_ahead(core, job, place);
  job->rec.account = account->email;
  if (job->clip == NONE) return;
  struct upload *upload = upload_for(core, job->clip, place);
  if (upload->state == UPLOAD_READY) return;
  job_move(core, job, JOB_UPLOADING);
  job_log(core, job, LOG_INFO, LOG_JOB_UPLOADING, NULL);
  if (upload->state == UPLOAD_NONE) send_upload(core, job, account, upload);
}

void upload_forget(struct core *core, int32_t clip, int32_t account) {
  struct upload *upload = upload_find(core, clip, account);
  if (upload == NULL || upload->state != UPLOAD_READY) return;
  upload->state = UPLOAD_NONE;
  upload->asset_id = NULL;
  save(core, &core->accounts[account], &core->clips[clip], upload);
  struct account *entry = &core->accounts[account];
  for (int32_t i = entry->ahead_count; i-- > 0;) { /* those that were bound to it need it again */
    struct job *job = &core->jobs[entry->ahead[i]];
    if (job->clip == clip && job->rec.state == JOB_QUEUED) job_requeue(core, job);
  }
}

static void uploaded(struct core *core, struct account *account, const struct request *request,
                     struct upload *upload, const struct asset_view *asset) {
  upload->state = UPLOAD_READY;
  upload->asset_id = core_keep(core, asset->asset_id);
  map_set(&core->assets, upload->asset_name, 1);
  account->upload_pause = 0;
  duration_ms took = core->now - request->sent;
  core->upload_ms = core->upload_ms == 0 ? took : (core->upload_ms * 3 + took) / 4;
  save(core, account, &core->clips[request->clip], upload);
  for (int32_t i = 0; i < account->ahead_count; i++) {
    struct job *job = &core->jobs[account->ahead[i]];
    if (job->clip != request->clip || job->rec.state != JOB_UPLOADING) continue;
    job_move(core, job, JOB_QUEUED);
    job_log(core, job, LOG_DEBUG, LOG_JOB_UPLOADED, NULL);
  }
}

/* The jobs that waited for this upload: `end` says as what they end, JOB_QUEUED: back in the queue.
 */
static void upload_failed(struct core *core, struct account *account, int32_t clip,
                          enum job_state end, const char *text) {
  for (int32_t i = account->ahead_count; i-- > 0;) {
    struct job *job = &core->jobs[account->ahead[i]];
    if (job->clip != clip || job->rec.state != JOB_UPLOADING) continue;
    job_move(core, job, JOB_QUEUED);
    if (end == JOB_QUEUED)
      job_requeue(core, job);
    else
      job_end(core, job, end, text, "look at the clip, then `nightshift retry`");
  }
}

void upload_on_answer(struct core *core, const struct request *request,
                      const struct answer *answer) {
  struct account *account = &core->accounts[request->account];
  struct upload *upload = upload_find(core, request->clip, request->account);
  const struct outcome *outcome = &answer->outcome;
  char text[400];
  CHECK(upload != NULL);
  account->uploads_wire--;
  if (outcome->kind == OUTCOME_OK && answer->asset_count == 1) {
    uploaded(core, account, request, upload, &answer->assets[0]);
    return;
  }
  upload->state = UPLOAD_NONE;
  snprintf(text, sizeof text, "the service refused the clip: %s (%d)", outcome->text,
           outcome->http_status);
  if (outcome->kind == OUTCOME_BAD_REQUEST || outcome->kind == OUTCOME_MODERATED) {
    upload_failed(core, account, request->clip,
                  outcome->kind == OUTCOME_MODERATED ? JOB_MODERATED : JOB_FAILED, text);
    if (outcome->kind == OUTCOME_MODERATED)
      moderation_struck(core, &core->jobs[request->job], NULL, text);
    return;
  }
  if (outcome->kind == OUTCOME_NOT_FOUND)
    account_mark_lost(core, account, "the service does not know this account (404)", true);
  else if (!account_on_outcome(core, account, outcome)) {
    duration_ms pause =
        retry_backoff(core, &account->upload_pause, UPLOAD_PAUSE_FIRST_MS, UPLOAD_PAUSE_MOST_MS);
    if (outcome->retry_after_ms > pause) pause = outcome->retry_after_ms;
    account->upload_at = core->now + pause;
    struct log_line *line = account_log(core, account, LOG_WARN, LOG_API_ERROR);
    log_text(line, "call", "upload");
    log_text(line, "error",
             arena_printf(core->out->arena, "%s: %s", outcome_name(outcome->kind), outcome->text));
    log_number(line, "wait_ms", pause);
  }
  upload_failed(core, account, request->clip, JOB_QUEUED, NULL);
}
