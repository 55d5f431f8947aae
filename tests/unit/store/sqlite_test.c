/* What only a state in a file has: rights, pragmas, other people's files, damage, a full disk. */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/sqlite.h"
#include "unit/store/samples.h"

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

static struct store *open_or_fail(const struct place *place, enum store_mode mode,
                                  const struct sqlite_options *options) {
  struct store *store = NULL;
  struct error error = {0};
  if (sqlite_open(&store, place->path, mode, options, &error) != 0) fail_msg("%s", error.text);
  return store;
}

static void assert_not_opened(const struct place *place, enum store_mode mode, int wanted,
                              const char *word) {
  struct store *store = NULL;
  struct error error = {0};
  int result = store_open(&store, place->path, mode, &error);
  if (result == 0) store_close(store);
  assert_int_equal(result, wanted);
  assert_int_equal(error.code, wanted);
  assert_non_null(strstr(error.text, place->path));
  if (strstr(error.text, word) == NULL) fail_msg("\"%s\" does not say \"%s\"", error.text, word);
}

/* The program's own schema and a batch with two jobs. */
static void make_state(const struct place *place) {
  const struct record records[] = {sample_batch(1, "night"), sample_job(1, 1, 1),
                                   sample_job(2, 1, 2)};
  struct store *store = open_or_fail(place, STORE_WRITE, NULL);
  commit_or_fail(store, 1000, records, 3);
  store_close(store);
}

static void run_sql(const char *path, const char *sql) {
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  char *message = NULL;
  if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s", message);
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

struct bytes {
  unsigned char *at;
  size_t size;
};

static struct bytes read_file(const char *path) {
  struct stat status;
  assert_int_equal(stat(path, &status), 0);
  struct bytes bytes = {.size = (size_t)status.st_size};
  bytes.at = malloc(bytes.size + 1);
  assert_non_null(bytes.at);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  assert_int_equal(fread(bytes.at, 1, bytes.size, file), bytes.size);
  assert_int_equal(fclose(file), 0);
  return bytes;
}

static void write_file(const char *path, const void *at, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(at, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

static void overwrite(const char *path, size_t offset, const void *at, size_t size) {
  int descriptor = open(path, O_WRONLY);
  assert_true(descriptor >= 0);
  assert_int_equal(pwrite(descriptor, at, size, (off_t)offset), size);
  assert_int_equal(close(descriptor), 0);
}

static void assert_unchanged(const char *path, struct bytes *before) {
  struct bytes after = read_file(path);
  assert_int_equal(after.size, before->size);
  assert_memory_equal(after.at, before->at, before->size);
  free(after.at);
  free(before->at);
}

static mode_t mode_of(const char *path) {
  struct stat status;
  assert_int_equal(stat(path, &status), 0);
  return status.st_mode & 07777;
}

/* ---- a good file ---- */

static void assert_made_for_owner_alone(const char *directory, const char *name, mode_t mask) {
  char deep[160], file[200];
  snprintf(deep, sizeof deep, "%s/%s/b", directory, name);
  snprintf(file, sizeof file, "%s/state.db", deep);
  struct store *store = NULL;
  struct error error;
  const struct record batch = sample_batch(1, "night");
  mode_t before = umask(mask);
  assert_int_equal(store_open(&store, file, STORE_WRITE, &error), 0);
  commit_or_fail(store, 1, &batch, 1);
  umask(before);
  assert_int_equal(mode_of(deep), 0700);
  assert_int_equal(mode_of(file), 0600);
  strcat(file, "-journal");
  assert_int_equal(mode_of(file), 0600);
  store_close(store);
}

static void a_new_state_is_readable_by_its_owner_alone(void **state) {
  struct place *place = *state;
  assert_made_for_owner_alone(place->directory, "open", 0);
  assert_made_for_owner_alone(place->directory, "closed", 0777); /* whatever the umask */
}

static void a_state_that_others_can_read_is_closed_to_them(void **state) {
  struct place *place = *state;
  make_state(place);
  assert_int_equal(chmod(place->path, 0644), 0);
  store_close(open_or_fail(place, STORE_WRITE, NULL));
  assert_int_equal(mode_of(place->path), 0600);
}

static void a_relative_path_is_a_file_whatever_it_is_called(void **state) {
  struct place *place = *state;
  char before[512];
  struct store *store = NULL;
  struct error error;
  assert_non_null(getcwd(before, sizeof before));
  assert_int_equal(chdir(place->directory), 0);
  assert_int_equal(store_open(&store, ":memory:", STORE_WRITE, &error), 0);
  store_close(store);
  assert_int_equal(access(":memory:", F_OK), 0);
  assert_int_equal(chdir(before), 0);
}

static void assert_pragma(struct store *base, const char *sql, const char *wanted) {
  sqlite3_stmt *statement = NULL;
  sqlite3 *db = ((struct sqlite_store *)base)->db;
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
  assert_string_equal(sqlite3_column_text(statement, 0), wanted);
  assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
}

static void assert_durable_pragmas(struct store *store) {
  assert_pragma(store, "PRAGMA journal_mode", "persist");
  assert_pragma(store, "PRAGMA synchronous", "2");
  assert_pragma(store, "PRAGMA foreign_keys", "1");
  assert_pragma(store, "PRAGMA locking_mode", "normal");
  assert_pragma(store, "PRAGMA fullfsync", "0");
}

static void commits_are_synced_with_a_rollback_journal(void **state) {
  struct place *place = *state;
  struct store *store = open_or_fail(place, STORE_WRITE, NULL);
  assert_durable_pragmas(store);
  store_close(store);
  run_sql(place->path, "PRAGMA journal_mode=WAL");
  store = open_or_fail(place, STORE_WRITE, NULL); /* and not the mode that somebody set */
  assert_durable_pragmas(store);
  store_close(store);
}

static void the_schema_has_the_columns_of_the_description(void **state) {
  struct place *place = *state;
  make_state(place);
  sqlite3 *db = NULL;
  assert_int_equal(sqlite3_open(place->path, &db), SQLITE_OK);
  for (int id = 0; id < TABLE_COUNT; id++) {
    const struct table *table = table_at((enum table_id)id);
    char sql[80];
    snprintf(sql, sizeof sql, "PRAGMA table_info(%s)", table->name);
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    for (size_t i = 0; i < table->column_count; i++) {
      const struct column *column = &table->columns[i];
      assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
      assert_string_equal(sqlite3_column_text(statement, 1), column->name);
      assert_string_equal(sqlite3_column_text(statement, 2),
                          column_is_text(column) ? "TEXT" : "INTEGER");
      bool may_be_null = column->type == COLUMN_TEXT && !column->required;
      if (sqlite3_column_int(statement, 5) == 0) /* a key is never NULL anyway */
        assert_int_equal(sqlite3_column_int(statement, 3), !may_be_null);
    }
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
  }
  assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void the_table_of_requests_is_there_from_the_start(void **state) {
  struct place *place = *state;
  make_state(place);
  run_sql(place->path, "INSERT INTO request (verb, batch, asked) VALUES ('pause', 'night', 5);"
                       "SELECT id, verb, batch, pattern, account, flags, asked, answered, answer"
                       " FROM request WHERE answered = 0 ORDER BY id");
}

static void a_person_can_read_the_states_as_words(void **state) {
  struct place *place = *state;
  make_state(place);
  struct store *store = open_or_fail(place, STORE_READ, NULL);
  assert_pragma(store, "SELECT state FROM job WHERE id = 1", "queued");
  assert_pragma(store, "SELECT explore FROM job WHERE id = 1", "false");
  store_close(store);
}

/* ---- not there, or not ours ---- */

static void reading_makes_nothing(void **state) {
  struct place *place = *state;
  assert_not_opened(place, STORE_READ, ERR_NOT_FOUND, "no state yet");
  assert_int_not_equal(access(place->path, F_OK), 0);
}

static void an_empty_file_is_a_new_state(void **state) {
  struct place *place = *state;
  write_file(place->path, "", 0);
  assert_not_opened(place, STORE_READ, ERR_NOT_FOUND, "no state yet");
  make_state(place);
  store_close(open_or_fail(place, STORE_READ, NULL));
}

static void a_directory_is_no_state(void **state) {
  struct place *place = *state;
  assert_int_equal(mkdir(place->path, 0700), 0);
  assert_not_opened(place, STORE_WRITE, ERR_IO, "not a file");
  assert_not_opened(place, STORE_READ, ERR_IO, "not a file");
}

static void a_path_through_a_file_is_an_error(void **state) {
  struct place *place = *state;
  struct store *store = NULL;
  struct error error;
  char below[128];
  write_file(place->path, "", 0);
  snprintf(below, sizeof below, "%s/state.db", place->path);
  assert_int_equal(store_open(&store, below, STORE_WRITE, &error), ERR_IO);
  assert_int_equal(store_open(&store, below, STORE_READ, &error), ERR_NOT_FOUND);
}

static void a_newer_state_is_refused_and_left_as_it_is(void **state) {
  struct place *place = *state;
  make_state(place);
  char sql[64];
  snprintf(sql, sizeof sql, "PRAGMA user_version=%d", schema_current.version + 1);
  run_sql(place->path, sql);
  struct bytes before = read_file(place->path);
  assert_not_opened(place, STORE_WRITE, ERR_NEWER, "newer nightshift");
  assert_not_opened(place, STORE_READ, ERR_NEWER, "newer nightshift");
  assert_unchanged(place->path, &before);
}

static void a_database_of_something_else_is_refused_and_left_as_it_is(void **state) {
  struct place *place = *state;
  run_sql(place->path, "PRAGMA journal_mode=WAL; CREATE TABLE recipes (name TEXT)");
  struct bytes before = read_file(place->path);
  assert_not_opened(place, STORE_WRITE, ERR_DAMAGED, "no state of nightshift");
  assert_not_opened(place, STORE_READ, ERR_DAMAGED, "no state of nightshift");
  assert_unchanged(place->path, &before);
}

static void a_file_of_something_else_is_refused_and_left_as_it_is(void **state) {
  struct place *place = *state;
  static const char *const contents[] = {"x", "jobs:\n  - clips/hello.mp4\n", "SQLite format 3"};
  char zeroes[8192] = {0};
  for (size_t i = 0; i < 4; i++) {
    if (i < 3)
      write_file(place->path, contents[i], strlen(contents[i]));
    else
      write_file(place->path, zeroes, sizeof zeroes);
    struct bytes before = read_file(place->path);
    assert_not_opened(place, STORE_WRITE, ERR_DAMAGED, "damaged");
    assert_not_opened(place, STORE_READ, ERR_DAMAGED, "damaged");
    assert_unchanged(place->path, &before);
  }
}

/* ---- damage ---- */

static unsigned char noise[4096];

static void fill_state(const struct place *place) {
  make_state(place);
  for (size_t i = 0; i < sizeof noise; i++)
    noise[i] = (unsigned char)(i * 37 + 11);
  struct store *store = open_or_fail(place, STORE_WRITE, NULL);
  struct record jobs[200];
  for (int i = 0; i < 200; i++)
    jobs[i] = sample_job(10 + i, 1, 10 + i);
  commit_or_fail(store, 2000, jobs, 200);
  store_close(store);
}

static void assert_damage_is_found(const struct place *place) {
  struct store *store = NULL;
  struct store_snapshot snapshot;
  struct error error = {0};
  struct bytes before = read_file(place->path);
  int result = store_open(&store, place->path, STORE_WRITE, &error);
  if (result == 0) {
    result = store_load(store, &snapshot, &error);
    if (result == 0) store_snapshot_release(&snapshot);
    store_close(store);
  }
  assert_int_equal(result, ERR_DAMAGED);
  assert_non_null(strstr(error.text, "copy"));
  assert_unchanged(place->path, &before);
}

static void a_truncated_state_is_refused(void **state) {
  struct place *place = *state;
  fill_state(place);
  struct stat status;
  assert_int_equal(stat(place->path, &status), 0);
  assert_int_equal(truncate(place->path, status.st_size - 4 * 4096), 0);
  assert_damage_is_found(place);
  assert_int_equal(truncate(place->path, 4096), 0);
  assert_damage_is_found(place);
  assert_int_equal(truncate(place->path, 60), 0);
  assert_damage_is_found(place);
}

/* Of tables too that a run does not read at its start. */
static void a_single_overwritten_page_is_found_before_anything_is_written(void **state) {
  struct place *place = *state;
  fill_state(place);
  struct bytes sound = read_file(place->path);
  for (size_t page = 0; page < sound.size / 4096; page++) {
    overwrite(place->path, page * 4096, noise, sizeof noise);
    struct bytes before = read_file(place->path);
    assert_not_opened(place, STORE_WRITE, ERR_DAMAGED, "copy");
    assert_unchanged(place->path, &before);
    overwrite(place->path, page * 4096, sound.at + page * 4096, 4096);
  }
  assert_unchanged(place->path, &sound);
}

static void rows_that_belong_to_nothing_are_damage(void **state) {
  struct place *place = *state;
  make_state(place);
  run_sql(place->path, "DELETE FROM batch");
  assert_damage_is_found(place);
}

static void a_word_that_is_no_state_is_damage(void **state) {
  struct place *place = *state;
  make_state(place);
  run_sql(place->path, "UPDATE job SET state = 'asleep' WHERE id = 2");
  assert_damage_is_found(place);
}

static void a_number_beyond_its_range_is_damage(void **state) {
  struct place *place = *state;
  make_state(place);
  run_sql(place->path, "UPDATE job SET priority = 5000000000 WHERE id = 2");
  assert_damage_is_found(place);
}

static void a_table_or_a_clock_that_is_missing_is_damage(void **state) {
  struct place *place = *state;
  make_state(place);
  run_sql(place->path, "DELETE FROM meta");
  assert_damage_is_found(place);
  struct store *store = open_or_fail(place, STORE_WRITE, NULL);
  struct error error;
  assert_int_equal(store_commit(store, 1, NULL, 0, &error), ERR_DAMAGED);
  store_close(store);
  run_sql(place->path, "DROP TABLE upload");
  assert_damage_is_found(place);
}

static void a_state_that_is_taken_away_while_in_use_is_not_made_anew(void **state) {
  struct place *place = *state;
  struct store *store = open_or_fail(place, STORE_WRITE, NULL);
  const struct record batch = sample_batch(1, "night");
  struct error error;
  commit_or_fail(store, 1, &batch, 1);
  assert_int_equal(unlink(place->path), 0);
  char journal[128];
  snprintf(journal, sizeof journal, "%s-journal", place->path);
  assert_int_equal(unlink(journal), 0);
  assert_int_equal(store_commit(store, 2, &batch, 1, &error), ERR_DAMAGED);
  assert_non_null(strstr(error.text, "removed while in use"));
  assert_int_equal(store_commit(store, 2, &batch, 1, &error), ERR_IO);
  assert_int_not_equal(access(place->path, F_OK), 0);
  write_file(place->path, "", 0); /* nor is an empty file taken for it */
  assert_int_equal(store_commit(store, 2, &batch, 1, &error), ERR_DAMAGED);
  store_close(store);
}

/* ---- migrations ---- */

static void an_older_state_is_brought_up_to_date_and_only_by_a_writer(void **state) {
  struct place *place = *state;
  make_state(place);
  const struct schema next = with_one_more("ALTER TABLE job ADD COLUMN hue TEXT");
  const struct sqlite_options options = {.schema = &next};
  struct store *store;
  struct error error;
  assert_int_equal(sqlite_open(&store, place->path, STORE_READ, &options, &error), ERR_OLDER);
  assert_non_null(strstr(error.text, "older"));
  store = open_or_fail(place, STORE_WRITE, &options);
  assert_pragma(store, "SELECT count(*) FROM job WHERE hue IS NULL", "2");
  store_close(store); /* and an older program leaves it alone */
  assert_int_equal(sqlite_open(&store, place->path, STORE_WRITE, NULL, &error), ERR_NEWER);
}

static void a_migration_that_fails_leaves_the_old_state(void **state) {
  struct place *place = *state;
  make_state(place);
  const struct schema next = with_one_more("DROP TABLE clip; DROP TABLE nothing");
  const struct sqlite_options options = {.schema = &next};
  struct store *store = NULL;
  struct error error;
  assert_int_equal(sqlite_open(&store, place->path, STORE_WRITE, &options, &error), ERR_DAMAGED);
  store = open_or_fail(place, STORE_WRITE, NULL);
  assert_pragma(store, "SELECT count(*) FROM clip", "0");
  store_close(store);
}

/* ---- a full disk, a busy file ---- */

static void a_full_disk_is_told_and_the_next_try_goes_on(void **state) {
  struct place *place = *state;
  const struct sqlite_options options = {.max_pages = 60};
  struct store *store = open_or_fail(place, STORE_WRITE, &options);
  struct store_snapshot snapshot;
  struct error error;
  const struct record batch = sample_batch(1, "night");
  static struct record jobs[2000];
  for (int i = 0; i < 2000; i++)
    jobs[i] = sample_job(i + 1, 1, i + 1);
  commit_or_fail(store, 1, &batch, 1);
  assert_int_equal(store_commit(store, 2, jobs, 2000, &error), ERR_FULL);
  assert_null(((struct sqlite_store *)store)->db); /* the next call has a descriptor of its own */
  assert_non_null(strstr(error.text, place->path));
  load_or_fail(store, &snapshot);
  assert_int_equal(snapshot.job_count, 0);
  assert_int_equal(snapshot.latest, 1);
  store_snapshot_release(&snapshot);
  commit_or_fail(store, 3, jobs, 10);
  store_close(store);
}

/* The exit status of a child that may write no file beyond 128 KB. */
static int commit_within_limit(const struct place *place) {
  struct rlimit limit = {.rlim_cur = 128 * 1024, .rlim_max = 128 * 1024};
  struct error error;
  static struct record jobs[2000];
  for (int i = 0; i < 2000; i++)
    jobs[i] = sample_job(i + 10, 1, i + 10);
  struct store *store = open_or_fail(place, STORE_WRITE, NULL);
  if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &limit) != 0) return 2;
  int full = store_commit(store, 5, jobs, 2000, &error);
  int small = store_commit(store, 6, jobs, 5, &error);
  store_close(store);
  return full == ERR_FULL && small == 0 ? 0 : 1;
}

static void a_write_that_the_system_refuses_for_size_is_a_full_disk(void **state) {
  struct place *place = *state;
  make_state(place);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) _exit(commit_within_limit(place));
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  struct store_snapshot snapshot;
  struct store *store = open_or_fail(place, STORE_READ, NULL);
  load_or_fail(store, &snapshot);
  assert_int_equal(snapshot.job_count, 2 + 5);
  store_snapshot_release(&snapshot);
  store_close(store);
}

static void a_reader_that_stays_makes_the_state_busy_and_loses_nothing(void **state) {
  struct place *place = *state;
  make_state(place);
  const struct sqlite_options options = {.busy_timeout_ms = 20};
  struct store *store = open_or_fail(place, STORE_WRITE, &options);
  const struct record change = sample_state(1, JOB_UPLOADING);
  struct error error;
  sqlite3 *reader = NULL;
  assert_int_equal(sqlite3_open(place->path, &reader), SQLITE_OK);
  assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM job", NULL, NULL, NULL),
                   SQLITE_OK);
  assert_int_equal(store_commit(store, 9, &change, 1, &error), ERR_BUSY);
  assert_int_equal(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_close(reader), SQLITE_OK);
  commit_or_fail(store, 9, &change, 1);
  store_close(store);
}

static void a_loaded_reader_holds_no_lock(void **state) {
  struct place *place = *state;
  make_state(place);
  const struct sqlite_options options = {.busy_timeout_ms = 20};
  struct store *reader = open_or_fail(place, STORE_READ, NULL);
  struct store *writer = open_or_fail(place, STORE_WRITE, &options);
  struct store_snapshot snapshot;
  struct store_history history;
  struct store_clips clips;
  const char *path = "/a";
  struct error error;
  const struct record change = sample_state(1, JOB_UPLOADING);
  load_or_fail(reader, &snapshot);
  assert_int_equal(store_load_history(reader, 1, &history, &error), 0);
  assert_int_equal(store_find_clips(reader, &path, 1, &clips, &error), 0);
  assert_int_equal(clips.count, 0);
  store_clips_release(&clips);
  commit_or_fail(writer, 2000, &change, 1);
  assert_int_equal(snapshot.jobs[0].state, JOB_QUEUED); /* its own copy */
  store_history_release(&history);
  store_snapshot_release(&snapshot);
  store_close(writer);
  store_close(reader);
}

static void a_reader_cannot_write(void **state) {
  struct place *place = *state;
  make_state(place);
  struct store *store = open_or_fail(place, STORE_READ, NULL);
  assert_pragma(store, "PRAGMA query_only", "1");
  store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_new_state_is_readable_by_its_owner_alone),
      TEST(a_state_that_others_can_read_is_closed_to_them),
      TEST(a_relative_path_is_a_file_whatever_it_is_called),
      TEST(commits_are_synced_with_a_rollback_journal),
      TEST(the_schema_has_the_columns_of_the_description),
      TEST(the_table_of_requests_is_there_from_the_start),
      TEST(a_person_can_read_the_states_as_words),
      TEST(reading_makes_nothing),
      TEST(an_empty_file_is_a_new_state),
      TEST(a_directory_is_no_state),
      TEST(a_path_through_a_file_is_an_error),
      TEST(a_newer_state_is_refused_and_left_as_it_is),
      TEST(a_database_of_something_else_is_refused_and_left_as_it_is),
      TEST(a_file_of_something_else_is_refused_and_left_as_it_is),
      TEST(a_truncated_state_is_refused),
      TEST(a_single_overwritten_page_is_found_before_anything_is_written),
      TEST(rows_that_belong_to_nothing_are_damage),
      TEST(a_word_that_is_no_state_is_damage),
      TEST(a_number_beyond_its_range_is_damage),
      TEST(a_table_or_a_clock_that_is_missing_is_damage),
      TEST(a_state_that_is_taken_away_while_in_use_is_not_made_anew),
      TEST(an_older_state_is_brought_up_to_date_and_only_by_a_writer),
      TEST(a_migration_that_fails_leaves_the_old_state),
      TEST(a_full_disk_is_told_and_the_next_try_goes_on),
      TEST(a_write_that_the_system_refuses_for_size_is_a_full_disk),
      TEST(a_reader_that_stays_makes_the_state_busy_and_loses_nothing),
      TEST(a_loaded_reader_holds_no_lock),
      TEST(a_reader_cannot_write),
  };
  return cmocka_run_group_tests_name("sqlite file", tests, NULL, NULL);
}
