/* Killed programs and other programs: what was told to be durable is there after kill -9, and who
 * reads while another writes sees whole groups only. */
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit/store/samples.h"
#include "util/prng.h"

#define KILLS          20
#define READS          15
#define GROUPS_AT_MOST 100000

struct place {
  char directory[64];
  char path[96];
};

static int setup(void **state) {
  struct place *place = calloc(1, sizeof *place);
  assert_non_null(place);
  directory_make(place->directory);
  snprintf(place->path, sizeof place->path, "%s/state.db", place->directory);
  *state = place;
  return 0;
}

static int teardown(void **state) {
  struct place *place = *state;
  directory_remove(place->directory);
  free(place);
  return 0;
}

static struct store *open_or_fail(const struct place *place, enum store_mode mode) {
  struct store *store = NULL;
  struct error error = {0};
  if (store_open(&store, place->path, mode, &error) != 0) fail_msg("%s", error.text);
  return store;
}

/* Group n: one attempt more, two jobs both with n in them. */
static int commit_group(struct store *store, int64_t number) {
  char reply_ref[32];
  snprintf(reply_ref, sizeof reply_ref, "ref-%lld", (long long)number);
  struct record group[] = {sample_state(1, JOB_RUNNING),
                           sample_attempt(number, 1, reply_ref, ATTEMPT_ABSENT),
                           sample_state(2, JOB_RUNNING)};
  group[0].as.job.changed = group[2].as.job.changed = number;
  return store_commit(store, number, group, 3, NULL);
}

static void make_state(const struct place *place) {
  const struct record records[] = {sample_batch(1, "night"), sample_job(1, 1, 1),
                                   sample_job(2, 1, 2)};
  struct store *store = open_or_fail(place, STORE_WRITE);
  commit_or_fail(store, 0, records, 3);
  store_close(store);
}

/* The number of the last group; fails when a group is there in part. */
static int64_t last_group(const struct place *place, enum store_mode mode) {
  struct store_snapshot snapshot;
  struct store *store = open_or_fail(place, mode);
  load_or_fail(store, &snapshot);
  int64_t last = snapshot.last_attempt;
  assert_int_equal(snapshot.attempt_count, last);
  assert_int_equal(snapshot.jobs[0].changed, last);
  assert_int_equal(snapshot.jobs[1].changed, last);
  assert_int_equal(snapshot.latest, last);
  store_snapshot_release(&snapshot);
  store_close(store);
  return last;
}

/* A child: commits groups from `next` on and says each that was told durable, until it is killed.
 */
static void commit_and_say(const struct place *place, int64_t next, int out) {
  struct store *store = NULL;
  if (store_open(&store, place->path, STORE_WRITE, NULL) != 0) _exit(2);
  for (int64_t number = next; number < next + GROUPS_AT_MOST; number++) {
    if (commit_group(store, number) != 0) _exit(3);
    if (write(out, &number, sizeof number) != sizeof number) _exit(4);
  }
  _exit(5);
}

/* Kills the child after it has said `patience` groups; returns the last one that it said. */
static int64_t kill_after(pid_t child, int in, int64_t patience) {
  int64_t said = 0, number;
  for (int64_t i = 0; read(in, &number, sizeof number) == sizeof number; i++) {
    said = number;
    if (i + 1 == patience) assert_int_equal(kill(child, SIGKILL), 0);
  }
  return said;
}

static void what_was_told_durable_survives_kill_9(void **state) {
  struct place *place = *state;
  struct prng prng;
  int64_t last = 0;
  prng_init(&prng, 20);
  make_state(place);
  for (int i = 0; i < KILLS; i++) {
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) commit_and_say(place, last + 1, ends[1]);
    assert_int_equal(close(ends[1]), 0);
    int64_t said = kill_after(child, ends[0], prng_between(&prng, 1, 12));
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* and did not fail by itself */
    last = last_group(place, STORE_READ);
    assert_true(last >= said);
    assert_true(last <= said + 1); /* one may have gone through unsaid */
  }
}

/* A child: dies in the middle of a transaction whose pages are on disk already. */
static void die_with_a_hot_journal(const struct place *place) {
  sqlite3 *db = NULL;
  if (sqlite3_open(place->path, &db) != SQLITE_OK) _exit(2);
  const char *sql = "PRAGMA journal_mode=PERSIST; BEGIN IMMEDIATE;"
                    "UPDATE job SET changed = 99, error = hex(randomblob(30000));"
                    "DELETE FROM attempt";
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) _exit(3);
  if (sqlite3_db_cacheflush(db) != SQLITE_OK) _exit(4);
  (void)raise(SIGKILL);
}

static void leave_a_hot_journal(const struct place *place) {
  int status;
  char journal[128];
  unsigned char first = 0;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) die_with_a_hot_journal(place);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status));
  snprintf(journal, sizeof journal, "%s-journal", place->path);
  FILE *file = fopen(journal, "rb");
  assert_non_null(file);
  assert_int_equal(fread(&first, 1, 1, file), 1);
  assert_int_not_equal(first, 0);
  assert_int_equal(fclose(file), 0);
}

static void what_a_killed_run_left_half_done_is_rolled_back_by_who_comes_next(void **state) {
  struct place *place = *state;
  make_state(place);
  struct store *store = open_or_fail(place, STORE_WRITE);
  assert_int_equal(commit_group(store, 1), 0);
  store_close(store);
  leave_a_hot_journal(place);
  assert_int_equal(last_group(place, STORE_READ), 1); /* a reader rolls back too */
  leave_a_hot_journal(place);
  assert_int_equal(last_group(place, STORE_WRITE), 1);
  assert_int_equal(last_group(place, STORE_READ), 1);
}

/* A child: makes the very first transaction of a state and dies before its end. */
static void die_at_the_beginning(const struct place *place) {
  sqlite3 *db = NULL;
  if (sqlite3_open(place->path, &db) != SQLITE_OK) _exit(2);
  const char *sql = "PRAGMA journal_mode=PERSIST; BEGIN IMMEDIATE; CREATE TABLE meta (name TEXT);"
                    "CREATE TABLE batch (id INTEGER PRIMARY KEY)";
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) _exit(3);
  if (sqlite3_db_cacheflush(db) != SQLITE_OK) _exit(4);
  (void)raise(SIGKILL);
}

static void a_beginning_that_was_killed_is_begun_again(void **state) {
  struct place *place = *state;
  int status;
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) die_at_the_beginning(place);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status));
  /* after a power cut the first page may not have reached the disk */
  FILE *file = fopen(place->path, "r+b");
  assert_non_null(file);
  static const char zeroes[4096];
  assert_int_equal(fwrite(zeroes, 1, sizeof zeroes, file), sizeof zeroes);
  assert_int_equal(fclose(file), 0);
  make_state(place);
  assert_int_equal(last_group(place, STORE_READ), 0);
}

/* A child: reads again and again while its parent writes. */
static void read_whole_groups(const struct place *place, int out) {
  int64_t before = 0;
  for (int i = 0; i < READS; i++) {
    int64_t now = last_group(place, STORE_READ);
    if (now < before) _exit(2);
    before = now;
    if (i == 0 && write(out, "r", 1) != 1) _exit(3);
  }
  _exit(before > 0 ? 0 : 4);
}

static void a_reader_sees_whole_groups_while_another_program_writes(void **state) {
  struct place *place = *state;
  int ends[2], status = 0;
  char ready;
  make_state(place);
  assert_int_equal(pipe(ends), 0);
  struct store *store = open_or_fail(place, STORE_WRITE);
  assert_int_equal(commit_group(store, 1), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) read_whole_groups(place, ends[1]);
  assert_int_equal(close(ends[1]), 0);
  assert_int_equal(read(ends[0], &ready, 1), 1);
  assert_int_equal(close(ends[0]), 0);
  int64_t number = 2;
  while (waitpid(child, &status, WNOHANG) == 0 && number < GROUPS_AT_MOST)
    assert_int_equal(commit_group(store, number++), 0);
  store_close(store);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  assert_int_equal(last_group(place, STORE_READ), number - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(what_was_told_durable_survives_kill_9),
      TEST(what_a_killed_run_left_half_done_is_rolled_back_by_who_comes_next),
      TEST(a_beginning_that_was_killed_is_begun_again),
      TEST(a_reader_sees_whole_groups_while_another_program_writes),
  };
  return cmocka_run_group_tests_name("sqlite, crashes and other programs", tests, NULL, NULL);
}
