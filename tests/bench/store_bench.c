/* How long the state takes: enrolling and loading a night of 100,000 jobs, and small commits.
 *
 * usage: store_bench [DIRECTORY [JOBS]]   (a directory on the disk to be measured; default ".")
 *        store_bench URL [JOBS]           (a database without a state; it is left there) */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/sqlite.h"
#include "util/arena.h"
#include "util/check.h"

#define COMMITS 500

static struct error error;

static void must(int result) {
  if (result == 0) return;
  fprintf(stderr, "store_bench: %s\n", error.text);
  exit(1);
}

static double seconds(void) {
  struct timespec now;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct record job_record(struct arena *texts, int64_t number) {
  const char *clip =
      arena_printf(texts, "clips/day-%02d/scene-%06" PRId64 ".mp4", (int)(number % 30), number);
  struct record record = {.kind = RECORD_JOB};
  record.as.job = (struct job_record){
      .id = number,
      .batch = 1,
      .key = arena_printf(texts, "clip:%s|3b1f5c66-4b1e-4f3a-9c1d-6f1d3a7f9e21", clip),
      .name = arena_printf(texts, "scene-%06" PRId64 "-Maya", number),
      .number = number,
      .listed = true,
      .line = (int32_t)number,
      .column = 5,
      .clip_path = arena_printf(texts, "/home/someone/projects/spring/%s", clip),
      .clip_source = clip,
      .clip_hash = arena_printf(texts, "%064" PRIx64, (uint64_t)number * 0x9e3779b97f4a7c15u),
      .clip_bytes = 4000000 + number,
      .clip_mtime_ns = 1700000000000000000 + number,
      .clip_ms = 12345,
      .clip_width = 1920,
      .clip_height = 1080,
      .clip_type = "video/mp4",
      .voice = "Maya",
      .voice_id = "3b1f5c66-4b1e-4f3a-9c1d-6f1d3a7f9e21",
      .output =
          arena_printf(texts, "/home/someone/projects/spring/out/scene-%06" PRId64 ".mp4", number),
      .state = JOB_QUEUED,
      .result_bytes = -1};
  return record;
}

static void enroll(struct store *store, struct arena *texts, int64_t jobs) {
  struct record *records = calloc((size_t)jobs + 1, sizeof *records);
  CHECK(records != NULL);
  records[0] = (struct record){.kind = RECORD_BATCH, .as.batch = {.id = 1, .key = "night"}};
  for (int64_t i = 1; i <= jobs; i++)
    records[i] = job_record(texts, i);
  double start = seconds();
  must(store_commit(store, 1, records, (size_t)jobs + 1, &error));
  printf("enroll %" PRId64 " jobs      %8.2f s\n", jobs, seconds() - start);
  for (int64_t i = 1; i <= jobs; i++)
    records[i].kind = RECORD_JOB_SPEC;
  start = seconds();
  must(store_commit(store, 1, records + 1, (size_t)jobs, &error));
  printf("write all specs again   %8.2f s\n", seconds() - start);
  free(records);
}

static bool shared; /* a database on a server */

/* Of a file; a server does not say. */
static int64_t pages_written(struct store *store) {
  int now = 0, most = 0;
  if (shared) return 0;
  sqlite3 *db = ((struct sqlite_store *)store)->db;
  CHECK(sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_WRITE, &now, &most, 0) == SQLITE_OK);
  return now;
}

/* What one submission writes before its request leaves: attempt, job, history. */
static size_t fill_group(struct record *group, struct arena *texts, job_id job, int64_t number,
                         int64_t attempt) {
  group[0] = (struct record){
      .kind = RECORD_ATTEMPT,
      .as.attempt = {
          .id = attempt,
          .job = job,
          .number = 1,
          .account = "one@example.com",
          .reply_ref = arena_printf(texts, "ns1.night.%" PRId64 ".%" PRIx64, job,
                                    (uint64_t)attempt * 0x9e3779b97f4a7c15u),
          .asset_id = "user:1234-runwayml:one@example.com-asset:0d1f5c66-4b1e-4f3a-9c1d",
          .asset_name = arena_printf(texts, "ns-%016" PRIx64, (uint64_t)attempt),
          .voice_id = "3b1f5c66-4b1e-4f3a-9c1d-6f1d3a7f9e21",
          .state = ATTEMPT_ACCEPTED,
          .task_id = arena_printf(texts, "user:1-runwayml:one@example.com-task:%" PRId64, attempt),
          .opened = attempt}};
  group[1] = (struct record){.kind = RECORD_JOB_STATE,
                             .as.job = {.id = job,
                                        .state = JOB_SUBMITTING,
                                        .account = "one@example.com",
                                        .attempts = 1,
                                        .result_bytes = -1,
                                        .changed = attempt}};
  group[2] = (struct record){.kind = RECORD_EVENT,
                             .as.event = {.job = job,
                                          .number = number,
                                          .time = attempt,
                                          .event = LOG_JOB_SUBMITTED,
                                          .account = "one@example.com",
                                          .attempt = attempt,
                                          .text = "account=one@example.com voice=Maya running=2"}};
  return 3;
}

/* Groups of `together` submissions of jobs all over the batch. */
static void commit_groups(struct store *store, struct arena *texts, int64_t jobs, size_t together) {
  static int64_t attempt;
  struct record group[3 * 32];
  int64_t pages = pages_written(store);
  double start = seconds();
  for (int i = 0; i < COMMITS; i++) {
    size_t count = 0;
    for (size_t at = 0; at < together; at++) {
      attempt++;
      count += fill_group(group + count, texts, attempt * 7919 % jobs + 1, attempt, attempt);
    }
    must(store_commit(store, attempt, group, count, &error));
  }
  double taken = seconds() - start;
  printf("commits of %2zu submissions %6.0f /s, %.2f ms each", together, COMMITS / taken,
         taken * 1000 / COMMITS);
  if (!shared) printf(", %.1f pages each", (double)(pages_written(store) - pages) / COMMITS);
  printf("\n");
}

static void load(struct store *store) {
  struct store_snapshot snapshot;
  double start = seconds();
  must(store_load(store, &snapshot, &error));
  printf("load %zu jobs, %zu attempts %6.2f s\n", snapshot.job_count, snapshot.attempt_count,
         seconds() - start);
  int64_t *numbers = calloc(snapshot.job_count, sizeof *numbers);
  CHECK(numbers != NULL);
  start = seconds();
  must(store_event_counts(store, &snapshot, numbers, &error));
  printf("count events            %8.2f s\n", seconds() - start);
  free(numbers);
  store_snapshot_release(&snapshot);
}

static int remove_file(const char *path) {
  char journal[4200];
  struct stat status;
  if (stat(path, &status) == 0) printf("file %.1f MB\n", (double)status.st_size / 1e6);
  snprintf(journal, sizeof journal, "%s-journal", path);
  return unlink(path) == 0 && unlink(journal) == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
  const char *place = argc > 1 ? argv[1] : ".";
  int64_t jobs = argc > 2 ? strtoll(argv[2], NULL, 10) : 100000;
  char path[4096];
  struct store *store = NULL;
  struct arena texts;
  CHECK(jobs > 0 && jobs <= 1000000);
  shared = store_is_shared(place);
  if (shared)
    snprintf(path, sizeof path, "%s", place);
  else
    snprintf(path, sizeof path, "%s/store-bench-%d.db", place, (int)getpid());
  arena_init(&texts);
  must(store_open(&store, path, STORE_WRITE, &error));
  enroll(store, &texts, jobs);
  commit_groups(store, &texts, jobs, 1);
  commit_groups(store, &texts, jobs, 8);
  load(store);
  store_close(store);
  arena_release(&texts);
  return shared ? 0 : remove_file(path);
}
