/* Shared by the files that read a batch against the state: enroll.c finds the batch and writes the
 * records, enroll_match.c says which job of the file is which stored one, enroll_spec.c what a
 * stored job takes over from the file. All pure. */
#ifndef CORE_ENROLL_H
#define CORE_ENROLL_H

#include "nightshift/core.h"
#include "util/arena.h"
#include "util/map.h"

#define NO_JOB SIZE_MAX

/* Jobs of one stored batch: a part of the snapshot's array, by number. */
struct enroll_stored {
  const struct job_record *jobs;
  size_t count;
};
struct enroll_stored enroll_stored_of(const struct store_snapshot *snapshot, batch_id batch);

/* The file's jobs, with keys that are each there once: the second of two jobs with the same clip
 * and voice and no id is "<key>#2", which is put into the arena. */
struct enroll_file {
  const struct job_record *jobs;
  size_t count;
  const char **keys;
  struct map by_key; /* to the place in jobs */
  struct arena scratch;
};
void enroll_file_init(struct enroll_file *file, struct arena *arena, const struct job_record *jobs,
                      size_t count);
void enroll_file_release(struct enroll_file *file);

/* ---- what a stored job is ---- */

/* The service has a task of it, or may have one. */
bool enroll_may_have_task(const struct job_record *stored);
/* Something of it was begun: from then on it keeps its clip, voice and output. */
bool enroll_has_begun(const struct job_record *stored);
/* The same content where both are known, else the same place in the batch. */
bool enroll_same_clip(const struct job_record *stored, const struct job_record *job);
bool enroll_same_voice(const struct job_record *stored, const struct job_record *job);

/* ---- enroll_match.c ---- */

/* Whether most of what had begun in the stored batch and is still recognisable is in the file with
 * its clip and voice: then the file is that batch, under another name or path. */
bool enroll_shares_work(struct enroll_file *file, struct enroll_stored stored);
/* of_job[i]: which stored job the file's job i is, NO_JOB: a new one. No stored job twice. */
void enroll_match(struct enroll_file *file, struct enroll_stored stored, size_t *of_job);

/* ---- enroll_spec.c ---- */

/* Where the batch file was and is, when it has moved; else the same directory twice. */
struct enroll_move {
  const char *from, *to;
};
/* The stored job with the spec part that it has from now on. *edits: what the file says otherwise
 * and is not taken up, in words; NULL when nothing. Strings are not copied. */
struct job_record enroll_take_over(struct arena *arena, const struct job_record *stored,
                                   const struct job_record *job, const char *key,
                                   struct enroll_move move, const char **edits);
bool enroll_same_spec(const struct job_record *a, const struct job_record *b);
bool enroll_same_text(const char *a, const char *b); /* NULL equals NULL alone */

#endif
