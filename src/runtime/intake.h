/* From batch files to jobs that the core knows: read, matched with the state, examined, voiced.
 * Every mistake of every file goes to the one list of diagnostics. */
#ifndef RUNTIME_INTAKE_H
#define RUNTIME_INTAKE_H

#include "nightshift/batch.h"
#include "nightshift/core.h"
#include "nightshift/media.h"
#include "nightshift/store.h"
#include "runtime/preflight.h"
#include "util/arena.h"
#include "util/map.h"

struct intake_batch {
  struct batch batch;
  struct batch_record record;
  struct job_record *jobs; /* as many as batch.job_count */
  bool *needs_clip;
  bool read; /* it has no errors of its own */
};

struct intake {
  struct arena arena, scratch; /* for good; for the moment */
  struct intake_batch *batches;
  size_t batch_count;
  struct store_snapshot snapshot; /* what the state knew before this run */
  /* What is made of the snapshot when it is first asked for. */
  struct enroll_known *stored; /* of the batch `stored_of` */
  const struct batch *stored_of;
  struct map known_outputs; /* absolute paths of results that the state knows */
  struct map voice_ids;     /* "<batch key>\n<voice as written>" to a job of the snapshot */
  bool outputs_known, voices_known;
  struct map voice_texts;         /* voice ids that outlive the snapshot */
  struct store_clips known_clips; /* while clips are looked at */
  struct map clip_places;         /* paths to known_clips */
  struct media_result media;
  struct diag_list *diags;
};

void intake_init(struct intake *intake, struct diag_list *diags);
void intake_release(struct intake *intake);
/* A batch's jobs are about to be enrolled: lets go what was made of its file but entry->jobs.
 * Returns how many these are. */
size_t intake_forget_file(struct intake *intake, struct intake_batch *entry);
/* They are enrolled: what remains of them are their texts, which the records use. */
void intake_forget_jobs(struct intake_batch *entry);
/* Lets all go but the snapshot: the batches are enrolled. */
void intake_forget_batches(struct intake *intake);
/* Takes over the snapshot (which is released with the intake). */
void intake_know(struct intake *intake, struct store_snapshot *snapshot);
/* The snapshot is to know what was just committed: core_enroll's records. */
void intake_apply(struct intake *intake, time_ms now, const struct record *records, size_t count);
/* Reads the batch files. Mistakes go to diags. */
void intake_read(struct intake *intake, const char *const *paths, size_t count,
                 bool allow_absolute_output);
/* Whether all that the batches ask for has ended, as far as the state knows: then nobody need be
 * asked and nothing examined. */
bool intake_is_done(const struct intake *intake);
/* Resolves voices and accounts by what the tokens reach; NULL: nothing is known, voices stay as the
 * state has them or as they are written. Works out which clips are needed. */
void intake_resolve(struct intake *intake, const struct reach *reach);
/* What the state knows of a batch; valid until another batch is asked for. */
const struct enroll_known *intake_stored(struct intake *intake, const struct batch *batch);
/* What identified a voice as written when the batch was last run; NULL: nothing is known. */
const char *intake_known_voice(struct intake *intake, const char *batch, const char *voice);
/* Contract, "who is who": a job is its id, or else the clip's normalised path and the voice's id.
 */
const char *intake_job_key(struct arena *arena, const struct batch_job *job, const char *voice_id);
/* Examines the clips that are needed. `store` remembers some, NULL: none. 0, or ERR_IO (no helper
 * program), ERR_BUSY (interrupted). */
int intake_examine(struct intake *intake, struct store *store, const struct media_options *options,
                   struct error *error);
/* What the state knows of the jobs of one batch, by their keys; points into the snapshot. */
struct known_jobs {
  const struct store_snapshot *snapshot;
  const struct batch_record *batch; /* NULL: it was never run */
  struct map by_key;
};
void known_jobs_init(struct known_jobs *known, const struct store_snapshot *snapshot,
                     const char *batch);
const struct job_record *known_job(const struct known_jobs *known, const char *key); /* or NULL */
void known_jobs_release(struct known_jobs *known);

/* For media_options.recall, while intake_examine is at work; any thread. */
bool intake_recall(const struct intake *intake, const char *path, int64_t size_bytes,
                   int64_t mtime_ns, struct clip *clip);
/* Records to be written before the run: clips just examined. Memory of the intake. */
void intake_clip_records(struct intake *intake, struct record **records, size_t *count);

#endif
