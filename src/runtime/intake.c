#include "runtime/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/check.h"

void intake_init(struct intake *intake, struct diag_list *diags) {
  *intake = (struct intake){.diags = diags};
  arena_init(&intake->arena);
  arena_init(&intake->scratch);
  map_init(&intake->known_outputs);
  map_init(&intake->voice_ids);
  map_init(&intake->voice_texts);
  map_init(&intake->clip_places);
}

/* What was made of the snapshot when it was first asked for. */
static void forget_derived(struct intake *intake) {
  core_enroll_known_free(intake->stored);
  intake->stored = NULL;
  map_release(&intake->known_outputs);
  map_release(&intake->voice_ids);
  intake->outputs_known = intake->voices_known = false;
}

size_t intake_forget_file(struct intake *intake, struct intake_batch *entry) {
  size_t count = entry->batch.job_count;
  forget_derived(intake);
  free(entry->batch.jobs);
  entry->batch.jobs = NULL;
  entry->batch.job_count = 0;
  return count;
}

void intake_forget_jobs(struct intake_batch *entry) {
  free(entry->jobs);
  entry->jobs = NULL;
}

void intake_forget_batches(struct intake *intake) {
  forget_derived(intake);
  for (size_t i = 0; i < intake->batch_count; i++) {
    intake_forget_jobs(&intake->batches[i]);
    batch_release(&intake->batches[i].batch);
  }
  intake->batch_count = 0;
  media_release(&intake->media);
  map_release(&intake->voice_texts);
  arena_release(&intake->scratch);
  arena_release(&intake->arena);
}

void intake_release(struct intake *intake) {
  intake_forget_batches(intake);
  store_snapshot_release(&intake->snapshot);
}

void intake_know(struct intake *intake, struct store_snapshot *snapshot) {
  forget_derived(intake);
  store_snapshot_release(&intake->snapshot);
  intake->snapshot = *snapshot;
  *snapshot = (struct store_snapshot){0};
}

void intake_apply(struct intake *intake, time_ms now, const struct record *records, size_t count) {
  forget_derived(intake);
  store_snapshot_apply(&intake->snapshot, now, records, count);
}

/* ---- what the state knows ---- */

static struct batch_record record_of(const struct batch *batch) {
  return (struct batch_record){.key = batch->key, .named = batch->named, .path = batch->path};
}

/* Valid until the next one. */
static const char *voice_key(struct intake *intake, const char *batch, const char *voice) {
  arena_reset(&intake->scratch);
  return ARENA_JOIN(&intake->scratch, batch, "\n", voice);
}

static const char *key_of_batch(const struct store_snapshot *snapshot, batch_id id) {
  for (size_t i = 0; i < snapshot->batch_count; i++)
    if (snapshot->batches[i].id == id) return snapshot->batches[i].key;
  return "";
}

/* Which id a voice as written had in a batch when it was last resolved: enough to know a job again
 * while the service is out of reach. */
static void learn_voices(struct intake *intake) {
  const struct store_snapshot *snapshot = &intake->snapshot;
  const struct job_record *before = NULL;
  for (size_t i = 0; i < snapshot->job_count; i++) {
    const struct job_record *job = &snapshot->jobs[i];
    if (job->voice == NULL || job->voice_id == NULL) continue;
    if (before != NULL && before->batch == job->batch && strcmp(before->voice, job->voice) == 0)
      continue;
    before = job;
    const char *key = voice_key(intake, key_of_batch(snapshot, job->batch), job->voice);
    if (!map_get(&intake->voice_ids, key, NULL)) map_set(&intake->voice_ids, key, (int64_t)i);
  }
  intake->voices_known = true;
}

const char *intake_known_voice(struct intake *intake, const char *batch, const char *voice) {
  int64_t place;
  if (!intake->voices_known) learn_voices(intake);
  if (!map_get(&intake->voice_ids, voice_key(intake, batch, voice), &place)) return NULL;
  /* Outlives the snapshot: jobs go on bearing it when the state is read again. */
  return map_intern(&intake->voice_texts, intake->snapshot.jobs[place].voice_id, 0);
}

static const char *voice_id_known(struct intake *intake, const char *batch, const char *voice) {
  const char *known = intake_known_voice(intake, batch, voice);
  return known != NULL ? known : voice;
}

const struct enroll_known *intake_stored(struct intake *intake, const struct batch *batch) {
  if (intake->stored == NULL || intake->stored_of != batch) {
    struct batch_record record = record_of(batch);
    core_enroll_known_free(intake->stored);
    intake->stored = core_enroll_known(&intake->snapshot, &record);
    intake->stored_of = batch;
  }
  return intake->stored;
}

static void learn_outputs(struct intake *intake) {
  for (size_t i = 0; i < intake->snapshot.job_count; i++) {
    const struct job_record *job = &intake->snapshot.jobs[i];
    if (job->output != NULL) map_set_kept(&intake->known_outputs, job->output, 1);
    if (job->result != NULL) map_set_kept(&intake->known_outputs, job->result, 1);
  }
  intake->outputs_known = true;
}

static bool is_known_output(void *context, const char *path) {
  struct intake *intake = context;
  if (!intake->outputs_known) learn_outputs(intake);
  return map_get(&intake->known_outputs, path, NULL);
}

/* ---- from the file ---- */

const char *intake_job_key(struct arena *arena, const struct batch_job *job, const char *voice_id) {
  if (job->id_given) return ARENA_JOIN(arena, "id:", job->id);
  return ARENA_JOIN(arena, job->asset != NULL ? "asset:" : "clip:", job->clip_source, "|",
                    voice_id);
}

static struct job_record job_of(struct intake *intake, const struct batch_job *job,
                                const char *voice_id) {
  return (struct job_record){.key = intake_job_key(&intake->arena, job, voice_id),
                             .name = job->id,
                             .number = job->number,
                             .listed = true,
                             .line = job->line,
                             .column = job->column,
                             .clip_path = job->clip_path,
                             .clip_source = job->clip_source,
                             .asset = job->asset,
                             .voice = job->voice,
                             .voice_id = voice_id,
                             .output = job->output,
                             .explore = job->explore,
                             .priority = job->priority,
                             .pin = job->account,
                             .reference = job->reference,
                             .reply_url = job->reply_url,
                             .state = JOB_QUEUED,
                             .result_bytes = -1};
}

static bool is_clip_needed(void *context, const struct batch *batch, const struct batch_job *job) {
  struct intake *intake = context;
  struct job_record known = job_of(intake, job, voice_id_known(intake, batch->key, job->voice));
  return core_enroll_needs_clip(intake_stored(intake, batch), &known);
}

static void fill_jobs(struct intake *intake, struct intake_batch *entry) {
  entry->record = record_of(&entry->batch);
  entry->jobs = calloc(entry->batch.job_count + 1, sizeof *entry->jobs);
  CHECK(entry->jobs != NULL && "out of memory");
  entry->needs_clip = ARENA_NEW_ARRAY(&intake->arena, entry->batch.job_count + 1, bool);
  for (size_t i = 0; i < entry->batch.job_count; i++) {
    const struct batch_job *job = &entry->batch.jobs[i];
    entry->jobs[i] = job_of(intake, job, voice_id_known(intake, entry->batch.key, job->voice));
  }
}

/* Outputs of one batch against those of the batches before it; its own are told by input. */
static void check_outputs(struct intake *intake, const struct intake_batch *entry,
                          struct map *outputs) {
  size_t before = (size_t)(entry - intake->batches);
  for (size_t i = 0; i < entry->batch.job_count; i++) {
    const struct batch_job *job = &entry->batch.jobs[i];
    int64_t other;
    if (!map_get(outputs, job->output, &other)) {
      map_set_kept(outputs, job->output, (int64_t)before);
    } else if (strcmp(intake->batches[other].batch.key, entry->batch.key) != 0) {
      diag_error(intake->diags, entry->batch.shown, job->video_line, job->video_column,
                 job->video_source_text, "output: the job `%s` would write to `%s`, as one of %s",
                 job->id, job->output, intake->batches[other].batch.shown);
    }
  }
}

static void check_all_outputs(struct intake *intake) {
  struct map outputs;
  map_init(&outputs);
  for (size_t i = 0; i < intake->batch_count && intake->batch_count > 1; i++)
    if (intake->batches[i].read) check_outputs(intake, &intake->batches[i], &outputs);
  map_release(&outputs);
}

void intake_read(struct intake *intake, const char *const *paths, size_t count,
                 bool allow_absolute_output) {
  struct batch_options options = {.allow_absolute_output = allow_absolute_output,
                                  .is_known_output = is_known_output,
                                  .is_clip_needed = is_clip_needed,
                                  .context = intake};
  intake->batches = ARENA_NEW_ARRAY(&intake->arena, count + 1, struct intake_batch);
  for (size_t i = 0; i < count; i++) {
    struct intake_batch *entry = &intake->batches[intake->batch_count++];
    entry->read = batch_load(paths[i], &options, &entry->batch, intake->diags) == 0;
    fill_jobs(intake, entry);
    for (size_t k = 0; k < i; k++) {
      const struct batch *other = &intake->batches[k].batch;
      if (!entry->read || !intake->batches[k].read || strcmp(other->key, entry->batch.key) != 0)
        continue;
      diag_error(intake->diags, entry->batch.shown, 0, 0, NULL,
                 "is the same batch as %s (%s): give it another `batch:` name, or name it once",
                 other->shown, other->key);
    }
  }
  check_all_outputs(intake);
}

static batch_id batch_id_of(const struct intake *intake, const struct batch *batch) {
  const struct store_snapshot *snapshot = &intake->snapshot;
  for (size_t i = 0; i < snapshot->batch_count; i++)
    if (snapshot->batches[i].named == batch->named &&
        strcmp(snapshot->batches[i].key, batch->key) == 0)
      return snapshot->batches[i].id;
  return 0;
}

static bool batch_is_done(const struct intake *intake, const struct intake_batch *entry) {
  struct map ended;
  batch_id id = entry->read ? batch_id_of(intake, &entry->batch) : 0;
  bool done = id != 0;
  map_init(&ended);
  for (size_t i = 0; i < intake->snapshot.job_count && done; i++) {
    const struct job_record *job = &intake->snapshot.jobs[i];
    if (job->batch != id) continue;
    if (job_state_ended(job->state))
      map_set_kept(&ended, job->key, 1);
    else
      done = !job->listed && job->state == JOB_QUEUED; /* taken out of the file, never begun */
  }
  for (size_t i = 0; i < entry->batch.job_count && done; i++)
    done = map_get(&ended, entry->jobs[i].key, NULL);
  map_release(&ended);
  return done;
}

bool intake_is_done(const struct intake *intake) {
  for (size_t i = 0; i < intake->batch_count; i++)
    if (!batch_is_done(intake, &intake->batches[i])) return false;
  return intake->batch_count > 0;
}

static size_t count_needed(const struct intake *intake) {
  size_t count = 0;
  for (size_t b = 0; b < intake->batch_count; b++)
    for (size_t i = 0; i < intake->batches[b].batch.job_count; i++)
      count += intake->batches[b].needs_clip[i];
  return count;
}

static void take_clip(struct job_record *record, const struct clip *clip) {
  record->clip_hash = clip->hash;
  record->clip_bytes = clip->size_bytes;
  record->clip_mtime_ns = clip->mtime_ns;
  record->clip_ms = clip->length_ms;
  record->clip_width = clip->width_px;
  record->clip_height = clip->height_px;
  record->clip_type = clip->content_type;
}

static void take_clips(struct intake *intake) {
  struct map told;
  size_t next = 0;
  map_init(&told);
  for (size_t b = 0; b < intake->batch_count; b++) {
    struct intake_batch *entry = &intake->batches[b];
    for (size_t i = 0; i < entry->batch.job_count; i++) {
      if (!entry->needs_clip[i]) continue;
      const struct batch_job *job = &entry->batch.jobs[i];
      const struct clip *clip = &intake->media.clips[next++];
      take_clip(&entry->jobs[i], clip);
      if (clip->fault == NULL || map_get(&told, job->clip_path, NULL)) continue;
      map_set_kept(&told, job->clip_path, 1);
      diag_error(intake->diags, entry->batch.shown, job->video_line, job->video_column,
                 job->video_source_text, "%s %s", job->clip_source, clip->fault);
    }
  }
  map_release(&told);
}

/* What is known of the clips; nothing, when the state cannot be asked: then they are looked at. */
static void remember(struct intake *intake, struct store *store, const char **paths, size_t count) {
  struct store_clips *known = &intake->known_clips;
  if (store == NULL || store_find_clips(store, paths, count, known, NULL) != 0) return;
  map_reserve(&intake->clip_places, known->count);
  for (size_t i = 0; i < known->count; i++)
    map_set_kept(&intake->clip_places, known->clips[i].path, (int64_t)i);
}

static void forget_clips(struct intake *intake) {
  map_release(&intake->clip_places);
  store_clips_release(&intake->known_clips);
}

bool intake_recall(const struct intake *intake, const char *path, int64_t size_bytes,
                   int64_t mtime_ns, struct clip *clip) {
  int64_t place;
  if (!map_get(&intake->clip_places, path, &place)) return false;
  *clip = intake->known_clips.clips[place];
  return clip->size_bytes == size_bytes && clip->mtime_ns == mtime_ns;
}

int intake_examine(struct intake *intake, struct store *store, const struct media_options *options,
                   struct error *error) {
  size_t count = count_needed(intake), next = 0;
  if (count == 0) return 0;
  const char **paths = ARENA_NEW_ARRAY(&intake->arena, count, const char *);
  for (size_t b = 0; b < intake->batch_count; b++)
    for (size_t i = 0; i < intake->batches[b].batch.job_count; i++)
      if (intake->batches[b].needs_clip[i])
        paths[next++] = intake->batches[b].batch.jobs[i].clip_path;
  remember(intake, store, paths, count);
  int result = media_examine(paths, count, options, &intake->media, error);
  forget_clips(intake);
  if (result == 0) take_clips(intake);
  return result;
}

void intake_clip_records(struct intake *intake, struct record **records, size_t *count) {
  size_t fresh = 0;
  for (size_t i = 0; i < intake->media.count; i++)
    fresh += intake->media.fresh[i];
  *records = ARENA_NEW_ARRAY(&intake->arena, fresh, struct record);
  *count = 0;
  for (size_t i = 0; i < intake->media.count; i++) {
    if (!intake->media.fresh[i]) continue;
    struct record *record = &(*records)[(*count)++];
    record->kind = RECORD_CLIP;
    record->as.clip = intake->media.clips[i];
  }
}

void known_jobs_init(struct known_jobs *known, const struct store_snapshot *snapshot,
                     const char *batch) {
  *known = (struct known_jobs){.snapshot = snapshot};
  map_init(&known->by_key);
  for (size_t i = 0; i < snapshot->batch_count; i++)
    if (strcmp(snapshot->batches[i].key, batch) == 0) known->batch = &snapshot->batches[i];
  for (size_t i = 0; known->batch != NULL && i < snapshot->job_count; i++)
    if (snapshot->jobs[i].batch == known->batch->id)
      map_set_kept(&known->by_key, snapshot->jobs[i].key, (int64_t)i);
}

const struct job_record *known_job(const struct known_jobs *known, const char *key) {
  int64_t place;
  return map_get(&known->by_key, key, &place) ? &known->snapshot->jobs[place] : NULL;
}

void known_jobs_release(struct known_jobs *known) {
  map_release(&known->by_key);
}
