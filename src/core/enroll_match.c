/* Which job of the file is which stored one: by key; by name, where clip and voice are the same;
 * and a begun job whose key is gone from the file, by its clip and voice, so that a new id or a
 * moved clip never makes a paid job new. */
#include "core/enroll.h"

#include <stdlib.h>
#include <string.h>

#include "util/check.h"

/* The first job of `batch` or a later one: the snapshot has them by batch. */
static size_t first_of(const struct store_snapshot *snapshot, batch_id batch) {
  size_t low = 0, high = snapshot->job_count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (snapshot->jobs[middle].batch < batch)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

struct enroll_stored enroll_stored_of(const struct store_snapshot *snapshot, batch_id batch) {
  size_t first = first_of(snapshot, batch);
  return (struct enroll_stored){.jobs = snapshot->jobs + first,
                                .count = first_of(snapshot, batch + 1) - first};
}

bool enroll_may_have_task(const struct job_record *stored) {
  return stored->state == JOB_SUBMITTING || stored->state == JOB_UNSURE ||
         stored->state == JOB_RUNNING || stored->state == JOB_DOWNLOADING;
}

bool enroll_has_begun(const struct job_record *stored) {
  return stored->attempts > 0 || stored->task_id != NULL ||
         (stored->state != JOB_QUEUED && stored->state != JOB_UPLOADING);
}

/* A task was or may have been made for it. A job that failed before its first submission has begun,
 * but nothing was paid: under another id it may well be tried anew. */
static bool may_be_paid(const struct job_record *stored) {
  return stored->attempts > 0 || stored->task_id != NULL || enroll_may_have_task(stored) ||
         stored->state == JOB_SUCCEEDED || stored->state == JOB_HELD;
}

bool enroll_same_text(const char *a, const char *b) {
  return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool enroll_same_clip(const struct job_record *stored, const struct job_record *job) {
  if (stored->clip_hash != NULL && job->clip_hash != NULL)
    return strcmp(stored->clip_hash, job->clip_hash) == 0;
  return enroll_same_text(stored->clip_source, job->clip_source);
}

bool enroll_same_voice(const struct job_record *stored, const struct job_record *job) {
  return enroll_same_text(stored->voice_id, job->voice_id);
}

void enroll_file_init(struct enroll_file *file, struct arena *arena, const struct job_record *jobs,
                      size_t count) {
  *file = (struct enroll_file){.jobs = jobs, .count = count};
  arena_init(&file->scratch);
  map_init(&file->by_key);
  file->keys = ARENA_NEW_ARRAY(&file->scratch, count, const char *);
  struct map times;
  map_init(&times);
  map_reserve(&times, count);
  map_reserve(&file->by_key, count);
  for (size_t i = 0; i < count; i++) {
    const char *key = jobs[i].key;
    int64_t before = 0;
    (void)map_get(&times, key, &before); /* not there: 0 */
    map_set_kept(&times, key, before + 1);
    if (before > 0) key = arena_printf(arena, "%s#%lld", key, (long long)before + 1);
    file->keys[i] = key;
    map_set_kept(&file->by_key, key, (int64_t)i);
  }
  map_release(&times);
}

void enroll_file_release(struct enroll_file *file) {
  map_release(&file->by_key);
  arena_release(&file->scratch);
}

/* What a clip and voice are found by: the content, or the place where that is not known. NULL when
 * there is nothing to go by. */
static const char *work_key(struct arena *scratch, char by, const char *clip, const char *voice) {
  if (clip == NULL || voice == NULL) return NULL;
  return ARENA_JOIN(scratch, (const char[]){by, '\0'}, clip, "|", voice);
}

static const char *key_by_hash(struct arena *scratch, const struct job_record *job) {
  return work_key(scratch, 'h', job->clip_hash, job->voice_id);
}
/* `by`: apart for stored jobs with and without a hash. */
static const char *key_by_source(struct arena *scratch, const struct job_record *job, char by) {
  return work_key(scratch, by, job->clip_source, job->voice_id);
}

/* ---- is this file that batch ---- */

static void index_work(struct enroll_file *file, struct map *work) {
  map_init(work);
  for (size_t i = 0; i < file->count; i++) {
    const char *by_hash = key_by_hash(&file->scratch, &file->jobs[i]);
    const char *by_source = key_by_source(&file->scratch, &file->jobs[i], 's');
    if (by_hash != NULL) map_set_kept(work, by_hash, 1);
    if (by_source != NULL) map_set_kept(work, by_source, 1);
  }
}

/* Ids and paths alone prove nothing: another folder's batch may well have the same "clips/1.mp4"
 * with other content. So what differs counts against what agrees. */
bool enroll_shares_work(struct enroll_file *file, struct enroll_stored stored) {
  struct map work;
  size_t same = 0, other = 0;
  index_work(file, &work);
  for (size_t i = 0; i < stored.count; i++) {
    const struct job_record *job = &stored.jobs[i];
    int64_t place;
    if (!enroll_has_begun(job)) continue;
    if (map_get(&file->by_key, job->key, &place)) {
      bool agrees =
          enroll_same_clip(job, &file->jobs[place]) && enroll_same_voice(job, &file->jobs[place]);
      *(agrees ? &same : &other) += 1;
      continue;
    }
    const char *key = job->clip_hash != NULL ? key_by_hash(&file->scratch, job)
                                             : key_by_source(&file->scratch, job, 's');
    same += key != NULL && map_get(&work, key, NULL);
  }
  map_release(&work);
  return same > 0 && same >= other;
}

/* ---- which job is which ---- */

/* Stored jobs waiting to be recognised by their work: a list for each key, first come first. */
struct lists {
  struct map heads;
  size_t *next[2]; /* a job can be in two lists */
};

static void push(struct lists *lists, int which, const char *key, size_t job) {
  int64_t head = -1;
  if (key == NULL) return;
  (void)map_get(&lists->heads, key, &head); /* not there: the list's end */
  lists->next[which][job] = head < 0 ? NO_JOB : (size_t)head;
  map_set_kept(&lists->heads, key, (int64_t)job);
}

static size_t pop(struct lists *lists, int which, const char *key, bool *taken) {
  int64_t head;
  if (key == NULL || !map_get(&lists->heads, key, &head) || head < 0) return NO_JOB;
  size_t job = (size_t)head;
  while (job != NO_JOB && taken[job])
    job = lists->next[which][job];
  map_set_kept(&lists->heads, key, job == NO_JOB ? -1 : (int64_t)job);
  if (job != NO_JOB) taken[job] = true;
  return job;
}

/* Jobs that were in the file until now come before those that had left it earlier; within that, by
 * number. Pushing goes to the front, so from the last to the first. */
static void fill_lists(struct lists *lists, struct arena *scratch, struct enroll_stored stored,
                       const bool *taken) {
  map_init(&lists->heads);
  lists->next[0] = ARENA_NEW_ARRAY(scratch, stored.count, size_t);
  lists->next[1] = ARENA_NEW_ARRAY(scratch, stored.count, size_t);
  for (int listed = 0; listed <= 1; listed++)
    for (size_t i = stored.count; i-- > 0;) {
      const struct job_record *job = &stored.jobs[i];
      if (taken[i] || job->listed != (listed == 1) || !may_be_paid(job)) continue;
      push(lists, 0, key_by_hash(scratch, job), i);
      push(lists, 1, key_by_source(scratch, job, job->clip_hash != NULL ? 's' : 'u'), i);
    }
}

/* By content; by place only where one of the two has no known content. */
static size_t find_by_work(struct lists *lists, struct arena *scratch, const struct job_record *job,
                           bool *taken) {
  size_t found = pop(lists, 0, key_by_hash(scratch, job), taken);
  if (found == NO_JOB) found = pop(lists, 1, key_by_source(scratch, job, 'u'), taken);
  if (found == NO_JOB && job->clip_hash == NULL)
    found = pop(lists, 1, key_by_source(scratch, job, 's'), taken);
  return found;
}

/* It left the file before anything was paid for it. When its key comes back, a paid job with the
 * same work goes first: it had taken another key meanwhile. */
static bool is_left_over(const struct job_record *stored) {
  return !stored->listed && !may_be_paid(stored);
}

static size_t match_by_key(const struct enroll_file *file, struct enroll_stored stored,
                           bool left_over, size_t *of_job, bool *taken) {
  size_t found = 0;
  for (size_t i = 0; i < stored.count; i++) {
    int64_t place;
    if (taken[i] || is_left_over(&stored.jobs[i]) != left_over ||
        !map_get(&file->by_key, stored.jobs[i].key, &place))
      continue;
    /* The state has each key once in a batch. */
    CHECK(of_job[place] == NO_JOB || left_over);
    if (of_job[place] != NO_JOB) continue;
    of_job[place] = i;
    taken[i] = true;
    found++;
  }
  return found;
}

/* An id written out that the job had anyway, or no longer written out: the same name, clip and
 * voice. Paid ones go before all other work, the others (they may be paused) after it. */
static void match_by_name(struct enroll_file *file, struct enroll_stored stored, size_t *of_job,
                          bool paid, bool *taken) {
  struct map names;
  map_init(&names);
  for (size_t i = stored.count; i-- > 0;) /* the first of a name counts, and one that is listed */
    if (!taken[i] && may_be_paid(&stored.jobs[i]) == paid &&
        (stored.jobs[i].listed || !map_get(&names, stored.jobs[i].name, NULL)))
      map_set(&names, stored.jobs[i].name, (int64_t)i);
  for (size_t i = 0; i < file->count; i++) {
    const struct job_record *job = &file->jobs[i];
    int64_t place;
    if (of_job[i] != NO_JOB || !map_get(&names, job->name, &place) || taken[place]) continue;
    const struct job_record *named = &stored.jobs[place];
    if (!enroll_same_clip(named, job) || !enroll_same_voice(named, job)) continue;
    of_job[i] = (size_t)place;
    taken[place] = true;
  }
  map_release(&names);
}

void enroll_match(struct enroll_file *file, struct enroll_stored stored, size_t *of_job) {
  bool *taken = ARENA_NEW_ARRAY(&file->scratch, stored.count, bool);
  for (size_t i = 0; i < file->count; i++)
    of_job[i] = NO_JOB;
  size_t found = match_by_key(file, stored, false, of_job, taken);
  if (found == file->count || found == stored.count) return;
  match_by_name(file, stored, of_job, true, taken);
  struct lists lists;
  fill_lists(&lists, &file->scratch, stored, taken);
  for (size_t i = 0; i < file->count; i++)
    if (of_job[i] == NO_JOB)
      of_job[i] = find_by_work(&lists, &file->scratch, &file->jobs[i], taken);
  map_release(&lists.heads);
  match_by_name(file, stored, of_job, false, taken);
  (void)match_by_key(file, stored, true, of_job, taken);
}
