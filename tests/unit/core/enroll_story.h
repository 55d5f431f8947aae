/* A little state is typed in, a file is read against it, and what comes out is looked at: the tools
 * of the tests of core/enroll. */
#ifndef TESTS_CORE_ENROLL_STORY_H
#define TESTS_CORE_ENROLL_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "nightshift/core.h"
#include "util/arena.h"

#define HOME "/home/me/night.yaml"
#define AWAY "/elsewhere/night.yaml"
#define NOW  ((time_ms)5000)
#define ROOM 8

static struct arena arena;
static const char *files[4]; /* that are there */

static inline bool file_exists(void *context, const char *path) {
  (void)context;
  for (size_t i = 0; i < 4; i++)
    if (files[i] != NULL && strcmp(files[i], path) == 0) return true;
  return false;
}

/* The state as it was stored, and the file as it is read now. */
struct story {
  struct batch_record batches[ROOM];
  struct job_record stored[ROOM];
  struct store_snapshot snapshot;
  struct batch_record batch;
  struct job_record jobs[ROOM];
  size_t job_count;
  struct enroll_result result;
};

/* A job with the identity of its key, clip `clip` (content "#clip") and voice. */
static inline struct job_record job(int64_t number, const char *key, const char *clip,
                                    const char *voice) {
  return (struct job_record){
      .key = key,
      .name = strncmp(key, "id:", 3) == 0 ? key + 3 : arena_printf(&arena, "%s-%s", clip, voice),
      .number = number,
      .listed = true,
      .line = (int32_t)number + 10,
      .column = 5,
      .clip_path = arena_printf(&arena, "/home/me/%s", clip),
      .clip_source = clip,
      .clip_hash = arena_printf(&arena, "#%s", clip),
      .clip_bytes = 100,
      .clip_mtime_ns = 7,
      .clip_ms = 9000,
      .clip_width = 640,
      .clip_height = 360,
      .clip_type = "video/mp4",
      .voice = voice,
      .voice_id = arena_printf(&arena, "v-%s", voice),
      .output = arena_printf(&arena, "/home/me/out/%s-%s.mp4", clip, voice),
      .state = JOB_QUEUED,
      .result_bytes = -1};
}

static inline struct story *story_of(const struct batch_record *batch) {
  struct story *story = ARENA_NEW(&arena, struct story);
  story->snapshot.batches = story->batches;
  story->snapshot.jobs = story->stored;
  story->batch = *batch;
  memset(files, 0, sizeof files);
  return story;
}

static const struct batch_record at_home = {.key = HOME, .path = HOME};

/* The batch is known as this. */
static inline void know_batch(struct story *story, batch_id id, const char *key, bool named,
                              const char *path) {
  story->batches[story->snapshot.batch_count++] =
      (struct batch_record){.id = id, .key = key, .named = named, .path = path, .created = 1};
  story->snapshot.last_batch = id;
}

static inline struct job_record *know_job(struct story *story, batch_id batch,
                                          struct job_record record, enum job_state state,
                                          int32_t attempts) {
  struct job_record *stored = &story->stored[story->snapshot.job_count++];
  *stored = record;
  stored->id = ++story->snapshot.last_job;
  stored->batch = batch;
  stored->state = state;
  stored->attempts = attempts;
  return stored;
}

/* The usual beginning: batch 1 at home. */
static inline struct story *at_home_before(void) {
  struct story *story = story_of(&at_home);
  know_batch(story, 1, HOME, false, HOME);
  files[0] = HOME;
  return story;
}

static inline struct job_record *has_job(struct story *story, struct job_record record) {
  story->jobs[story->job_count] = record;
  return &story->jobs[story->job_count++];
}

static inline void read_file(struct story *story) {
  core_enroll(&arena, &story->snapshot, &story->batch, story->jobs, story->job_count, file_exists,
              NULL, NOW, &story->result);
}

static inline bool needs_clip(const struct story *story, const struct batch_record *batch,
                              const struct job_record *job) {
  struct enroll_known *known = core_enroll_known(&story->snapshot, batch);
  bool needed = core_enroll_needs_clip(known, job);
  core_enroll_known_free(known);
  return needed;
}

static inline const struct record *record_at(const struct story *story, size_t index,
                                             enum record_kind kind) {
  assert_true(index < story->result.record_count);
  assert_int_equal(story->result.records[index].kind, kind);
  return &story->result.records[index];
}

static inline void assert_notice(const struct story *story, size_t index, const char *part) {
  assert_true(index < story->result.notice_count);
  if (strstr(story->result.notices[index].text, part) == NULL)
    fail_msg("\"%s\" is not in \"%s\"", part, story->result.notices[index].text);
}

static inline void assert_nothing(const struct story *story) {
  assert_int_equal(story->result.record_count, 0);
  assert_int_equal(story->result.notice_count, 0);
}

static inline int open_arena(void **state) {
  (void)state;
  arena_init(&arena);
  return 0;
}
static inline int close_arena(void **state) {
  (void)state;
  arena_release(&arena);
  return 0;
}

#endif
