/* The batch file: read, checked and expanded into jobs. Contract: "Batch file". */
#ifndef NIGHTSHIFT_BATCH_H
#define NIGHTSHIFT_BATCH_H

#include "nightshift/diag.h"
#include "nightshift/error.h"
#include "nightshift/job.h"

/* One job: one clip (or asset) with one voice. */
struct batch_job {
  int64_t number; /* from 1, in the order of the file after expansion */
  const char *id; /* explicit, or made from the entry's prefix, or made from clip and voice */
  bool id_given;  /* the entry has an `id`: then the id is the job's identity */
  const char *clip_path; /* absolute; NULL for an asset job */
  const char
      *clip_source; /* normalised path as relative to the batch file's directory, or the asset id */
  const char *asset;  /* NULL for a clip */
  const char *voice;  /* as written */
  const char *output; /* absolute, normalised; `{account}` is left in for the core */
  enum explore_mode explore;
  int32_t priority;
  const char *account; /* pin, NULL: none. An asset job is pinned to the account in its asset id */
  const char *reference;
  const char *reply_url;            /* where the service tells of its task; NULL: nowhere */
  int32_t line, column;             /* of the entry */
  int32_t video_line, video_column; /* of the clip or asset */
  int32_t voice_line, voice_column; /* of the voice; where it comes from defaults, there */
  const char *video_source_text, *voice_source_text; /* those lines, for messages */
};

struct batch {
  const char *key; /* its name, or the canonical path */
  bool named;
  const char *path;  /* canonical path of the file */
  const char *shown; /* the path as typed, for messages */
  const char *directory;
  struct batch_job *jobs;
  size_t job_count;
  void *memory;
};

struct batch_options {
  bool allow_absolute_output;
  /* Outputs that the state knows never match a glob: called with an absolute path. May be NULL. */
  bool (*is_known_output)(void *context, const char *path);
  /* Clips are needed only by jobs that still must upload: asked for each job whose clip is not
   * there. False: no mistake. NULL: every clip is needed. */
  bool (*is_clip_needed)(void *context, const struct batch *batch, const struct batch_job *job);
  void *context;
  size_t jobs_max; /* 0: BATCH_JOBS_MAX */
};

/* Limits: above them the file is refused. */
#define BATCH_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define BATCH_JOBS_MAX  ((size_t)1000000)

/* Reads the file. Every mistake goes to `diags` and reading goes on where it can. Returns 0 when
 * the batch has no errors (warnings may be there), ERR_USAGE when it has: then *batch holds the
 * jobs that could be made out all the same, only to find further mistakes (in clips, voices) in the
 * same go. ERR_IO when the file cannot be read (also told in diags): then *batch is empty. */
int batch_load(const char *path, const struct batch_options *options, struct batch *batch,
               struct diag_list *diags);
void batch_release(struct batch *batch);

#endif
