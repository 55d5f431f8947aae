/* A state in PostgreSQL where it differs from one in a file: who writes, a server that goes away,
 * hangs, or cannot be trusted. What every kind promises is in conformance_test.c. */
#include "store/postgres.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/postgres.h"
#include "unit/store/samples.h"

static struct postgres_server server;

static void sql(const char *text) {
  char none[64];
  postgres_server_sql(&server, text, none, sizeof none);
}

static int setup(void **state) {
  (void)state;
  sql("DROP SCHEMA IF EXISTS nightshift CASCADE");
  return 0;
}

static struct store *open_or_fail(enum store_mode mode, const struct postgres_options *options) {
  struct store *store = NULL;
  struct error error = {0};
  if (postgres_open(&store, server.url, mode, options, &error) != 0) fail_msg("%s", error.text);
  return store;
}

static void assert_not_opened(enum store_mode mode, const struct postgres_options *options,
                              int code, const char *words) {
  struct store *store = NULL;
  struct error error = {0};
  assert_int_equal(postgres_open(&store, server.url, mode, options, &error), code);
  if (strstr(error.text, words) == NULL) fail_msg("%s", error.text);
}

static void assert_commit(struct store *store, int code, const char *words) {
  const struct record batch = sample_batch(1, "night");
  struct error error = {0};
  int result = store_commit(store, 7, &batch, 1, &error);
  if (result != code) fail_msg("%d: %s", result, error.text);
  if (code != 0 && strstr(error.text, words) == NULL) fail_msg("%s", error.text);
}

static int64_t number_of_batches(void) {
  char answer[32];
  postgres_server_sql(&server, "SELECT count(*) FROM nightshift.batch", answer, sizeof answer);
  return atoll(answer);
}

/* ---- who writes ---- */

static void two_never_write_at_a_time(void **state) {
  struct store *first = open_or_fail(STORE_WRITE, NULL);
  (void)state;
  char pid[24];
  snprintf(pid, sizeof pid, "process %ld on", (long)getpid());
  assert_not_opened(STORE_WRITE, NULL, ERR_BUSY, pid);
  assert_true(store_in_use(server.url));
  assert_commit(first, 0, "");
  store_close(first);
  assert_false(store_in_use(server.url));
}

static void who_let_go_is_followed_at_once(void **state) {
  (void)state;
  store_close(open_or_fail(STORE_WRITE, NULL));
  struct store *next = open_or_fail(STORE_WRITE, NULL);
  assert_int_equal(store_stray_ms(next), 0); /* nothing of the first is still on its way */
  assert_true(store_may_send_until(next) > postgres_boot_ms());
  store_close(next);
}

/* One who let go may itself have followed another that is still believed to send. */
static void what_may_still_be_sent_is_remembered_by_the_next_but_one(void **state) {
  (void)state;
  struct store *lost = open_or_fail(STORE_WRITE, NULL);
  sql("UPDATE nightshift.writer SET seen = seen - interval '31 s'");
  struct store *command = open_or_fail(STORE_WRITE, NULL);
  assert_true(store_stray_ms(command) > 39000);
  store_close(command);
  struct store *run = open_or_fail(STORE_WRITE, NULL);
  assert_true(store_stray_ms(run) > 30000 && store_stray_ms(run) <= 40000);
  store_close(run);
  store_close(lost);
}

/* The next one has to count on what the old one may send while it believes in its lease. */
static void who_is_not_heard_of_is_replaced_and_writes_no_more(void **state) {
  const struct postgres_options brief = {.lease_ms = 1};
  const struct record second = sample_batch(2, "other");
  struct error error = {0};
  (void)state;
  struct store *old = open_or_fail(STORE_WRITE, NULL);
  sql("UPDATE nightshift.writer SET seen = seen - interval '31 s'");
  assert_false(store_in_use(server.url));
  struct store *next = open_or_fail(STORE_WRITE, NULL);
  assert_true(store_stray_ms(next) >= 30000);
  assert_commit(next, 0, "");
  assert_true(store_may_send_until(old) > postgres_boot_ms()); /* it cannot know yet */
  assert_int_equal(store_commit(old, 9, &second, 1, &error), ERR_TAKEN);
  assert_non_null(strstr(error.text, "taken over"));
  assert_int_equal(store_may_send_until(old), 0);
  assert_int_equal(store_commit(old, 9, &second, 1, &error),
                   ERR_TAKEN); /* nor on a new connection */
  assert_int_equal(number_of_batches(), 1);
  store_close(old); /* takes nothing from the one that followed */
  assert_true(store_in_use(server.url));
  store_close(next);
  store_close(open_or_fail(STORE_WRITE, &brief));
}

static void a_look_at_orders_says_that_we_are_there(void **state) {
  const struct postgres_options options = {.lease_ms = 30000};
  struct store_requests none;
  char age[32];
  (void)state;
  struct store *store = open_or_fail(STORE_WRITE, &options);
  ((struct postgres_store *)store)->seen_boot_ms -= 11000;
  sql("UPDATE nightshift.writer SET seen = seen - interval '11 s'");
  assert_int_equal(store_load_requests(store, &none, NULL), 0);
  store_requests_release(&none);
  postgres_server_sql(&server,
                      "SELECT extract(epoch FROM clock_timestamp() - seen)::int / 5 FROM "
                      "nightshift.writer",
                      age, sizeof age);
  assert_string_equal(age, "0");
  store_close(store);
}

static void a_process_of_this_machine_that_died_is_followed_at_once(void **state) {
  (void)state;
  pid_t child = fork();
  if (child == 0) {
    (void)open_or_fail(STORE_WRITE, NULL);
    kill(getpid(), SIGKILL);
  }
  assert_int_equal(waitpid(child, NULL, 0), child);
  struct store *next = open_or_fail(STORE_WRITE, NULL);
  assert_int_equal(store_stray_ms(next), 0); /* the kernel has reset what it had on the wire */
  store_close(next);
}

static void a_process_of_another_machine_is_waited_for(void **state) {
  char place[128], shown[160];
  struct postgres_writer writer = {.age_ms = 5, .shown = "other"};
  (void)state;
  postgres_writer_here(place, shown);
  snprintf(writer.place, sizeof writer.place, "00000000-0000-0000-0000-000000000000 pid:[1] 1 1");
  assert_true(postgres_writer_at_work(&writer, place, 30000));
  snprintf(writer.place, sizeof writer.place, "%s", place);
  assert_true(postgres_writer_at_work(&writer, place, 30000));
  strcat(writer.place, "1"); /* our number, but begun at another time: it is another process now */
  assert_false(postgres_writer_at_work(&writer, place, 30000));
  writer.place[0] = '\0';
  assert_true(postgres_writer_at_work(&writer, place, 30000));
  writer.age_ms = 30000;
  assert_false(postgres_writer_at_work(&writer, place, 30000));
  writer = (struct postgres_writer){.ended = true};
  assert_false(postgres_writer_at_work(&writer, place, 30000));
}

static void who_reads_needs_no_turn_and_never_writes(void **state) {
  struct store_snapshot snapshot;
  (void)state;
  assert_not_opened(STORE_READ, NULL, ERR_NOT_FOUND, "no state yet");
  struct store *writer = open_or_fail(STORE_WRITE, NULL);
  struct store *reader = open_or_fail(STORE_READ, NULL);
  struct store *asker = open_or_fail(STORE_ASK, NULL);
  const struct request_record order = {.verb = "pause", .batch = "night", .asked = 1};
  int64_t id = 0;
  assert_int_equal(store_give_request(asker, &order, &id, NULL), 0);
  assert_int_equal(id, 1);
  load_or_fail(reader, &snapshot);
  store_snapshot_release(&snapshot);
  assert_false(postgres_execute((struct postgres_store *)reader, "UPDATE meta SET value = 5"));
  store_close(reader);
  store_close(asker);
  store_close(writer);
}

/* ---- the server ---- */

static void a_server_that_was_away_is_gone_on_with(void **state) {
  (void)state;
  struct store *store = open_or_fail(STORE_WRITE, NULL);
  assert_commit(store, 0, "");
  postgres_server_kill(&server);
  assert_commit(store, ERR_AWAY, "the state postgresql://nightshift@/nightshift");
  assert_commit(store, ERR_AWAY, "");
  postgres_server_start_again(&server, NULL);
  assert_commit(store, 0, ""); /* nobody else came meanwhile: it is ours still */
  store_close(store);
  assert_int_equal(number_of_batches(), 1);
}

/* However long a busy machine takes to end the old session. */
static void assert_commit_in_time(struct store *store) {
  const struct record batch = sample_batch(1, "night");
  struct error error = {0};
  int result = ERR_AWAY;
  for (int i = 0; i < 100 && (result == ERR_AWAY || result == ERR_BUSY); i++)
    result = store_commit(store, 7, &batch, 1, &error);
  if (result != 0) fail_msg("%s", error.text);
}

static int silent_listener(int *port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(fd >= 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
  assert_int_equal(listen(fd, 8), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
  *port = ntohs(address.sin_port);
  return fd;
}

static void a_server_that_hangs_is_noticed(void **state) {
  const struct postgres_options options = {.patience_ms = 300};
  (void)state;
  struct store *store = open_or_fail(STORE_WRITE, &options);
  pid_t session = PQbackendPID(((struct postgres_store *)store)->db);
  assert_int_equal(kill(session, SIGSTOP), 0);
  assert_commit(store, ERR_AWAY, "does not answer within 300 ms");
  assert_int_equal(kill(session, SIGCONT), 0);
  assert_commit_in_time(store);
  store_close(store);
}

/* Of several hosts the first one listens and says nothing. */
static void a_host_that_says_nothing_is_left_for_the_next(void **state) {
  char url[256];
  struct store *store = NULL;
  struct error error = {0};
  (void)state;
  int port, fd = silent_listener(&port);
  snprintf(url, sizeof url, "postgresql://nightshift@/nightshift?host=127.0.0.1,%s&port=%d,5432",
           server.directory, port);
  if (postgres_open(&store, url, STORE_WRITE, NULL, &error) != 0) fail_msg("%s", error.text);
  store_close(store);
  snprintf(url, sizeof url, "postgresql://nightshift@127.0.0.1:%d/nightshift", port);
  assert_int_equal(postgres_open(&store, url, STORE_READ, NULL, &error), ERR_AWAY);
  assert_non_null(strstr(error.text, "no connection to 127.0.0.1 within 5 s"));
  assert_int_equal(close(fd), 0);
}

static void assert_refuses_server(const char *const *settings, const char *words) {
  postgres_server_kill(&server);
  postgres_server_start_again(&server, settings);
  assert_not_opened(STORE_WRITE, NULL, ERR_IO, words);
}

static void a_server_that_could_forget_is_refused(void **state) {
  (void)state;
  assert_refuses_server((const char *const[]){"fsync=off", NULL}, "fsync=off");
  assert_refuses_server((const char *const[]){"full_page_writes=off", NULL}, "full_page_writes");
  assert_refuses_server((const char *const[]){"default_transaction_read_only=on", NULL},
                        "read-only");
  postgres_server_kill(&server);
  /* What the server's defaults say of synchronous_commit does not matter. */
  postgres_server_start_again(&server, (const char *const[]){"synchronous_commit=off", NULL});
  store_close(open_or_fail(STORE_WRITE, NULL));
  postgres_server_kill(&server);
  postgres_server_start_again(&server, NULL);
}

static void a_standby_is_refused_for_writing(void **state) {
  char command[128];
  (void)state;
  store_close(open_or_fail(STORE_WRITE, NULL));
  snprintf(command, sizeof command, "touch '%s/data/standby.signal'", server.directory);
  assert_int_equal(system(command), 0);
  assert_refuses_server(NULL, "standby");
  store_close(open_or_fail(STORE_READ, NULL)); /* looking is allowed */
  snprintf(command, sizeof command, "rm '%s/data/standby.signal'", server.directory);
  assert_int_equal(system(command), 0);
  postgres_server_kill(&server);
  postgres_server_start_again(&server, NULL);
}

/* ---- whose it is ---- */

static void what_is_not_ours_is_not_touched(void **state) {
  char answer[32];
  (void)state;
  sql("CREATE SCHEMA nightshift; CREATE TABLE nightshift.meta (name text, value int)");
  assert_not_opened(STORE_WRITE, NULL, ERR_DAMAGED, "no state of nightshift");
  postgres_server_sql(&server, "SELECT count(*) FROM pg_tables WHERE schemaname = 'nightshift'",
                      answer, sizeof answer);
  assert_string_equal(answer, "1");
}

static void an_older_state_is_brought_up_to_date_by_the_next_writer(void **state) {
  const char *const more[] = {postgres_schema_current.migrations[0],
                              "ALTER TABLE job ADD COLUMN mood text"};
  const struct postgres_schema newer = {.migrations = more,
                                        .base = postgres_schema_current.version - 1,
                                        .version = postgres_schema_current.version + 1};
  const struct postgres_options options = {.schema = &newer};
  (void)state;
  struct store *store = open_or_fail(STORE_WRITE, NULL);
  assert_not_opened(STORE_READ, &options, ERR_OLDER, "older nightshift");
  assert_not_opened(STORE_WRITE, &options, ERR_BUSY, "in use"); /* not under one at work */
  store_close(store);
  store_close(open_or_fail(STORE_WRITE, &options));
  sql("SELECT mood FROM nightshift.job");
  assert_not_opened(STORE_WRITE, NULL, ERR_NEWER, "newer nightshift");
}

static void a_user_with_nothing_but_the_schema_is_enough(void **state) {
  char url[256];
  struct store *store = NULL;
  struct error error = {0};
  (void)state;
  sql("DROP ROLE IF EXISTS night; CREATE ROLE night LOGIN; REVOKE ALL ON DATABASE nightshift FROM "
      "PUBLIC; GRANT CONNECT ON DATABASE nightshift TO night");
  snprintf(url, sizeof url, "postgresql://night@/nightshift?host=%s", server.directory);
  assert_int_equal(postgres_open(&store, url, STORE_WRITE, NULL, &error), ERR_IO);
  assert_non_null(strstr(error.text, "rights"));
  sql("CREATE SCHEMA nightshift AUTHORIZATION night");
  if (postgres_open(&store, url, STORE_WRITE, NULL, &error) != 0) fail_msg("%s", error.text);
  assert_commit(store, 0, "");
  store_close(store);
}

static void a_group_larger_than_one_go_is_whole_or_not_at_all(void **state) {
  enum { MANY = 2 * POSTGRES_AT_ONCE + 10 };
  static struct record group[MANY];
  struct store_snapshot snapshot;
  struct error error = {0};
  (void)state;
  struct store *store = open_or_fail(STORE_WRITE, NULL);
  group[0] = sample_batch(1, "night");
  for (int i = 1; i < MANY; i++)
    group[i] = sample_job(i, 1, i);
  group[MANY - 1] = sample_state(99999, JOB_RUNNING);
  assert_int_equal(store_commit(store, 1, group, MANY, &error), ERR_DAMAGED);
  assert_int_equal(number_of_batches(), 0);
  commit_or_fail(store, 1, group, MANY - 1);
  load_or_fail(store, &snapshot);
  assert_int_equal(snapshot.job_count, MANY - 2);
  store_snapshot_release(&snapshot);
  store_close(store);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(two_never_write_at_a_time),
      TEST(who_let_go_is_followed_at_once),
      TEST(what_may_still_be_sent_is_remembered_by_the_next_but_one),
      TEST(who_is_not_heard_of_is_replaced_and_writes_no_more),
      TEST(a_look_at_orders_says_that_we_are_there),
      TEST(a_process_of_this_machine_that_died_is_followed_at_once),
      TEST(a_process_of_another_machine_is_waited_for),
      TEST(who_reads_needs_no_turn_and_never_writes),
      TEST(a_server_that_was_away_is_gone_on_with),
      TEST(a_server_that_hangs_is_noticed),
      TEST(a_host_that_says_nothing_is_left_for_the_next),
      TEST(a_server_that_could_forget_is_refused),
      TEST(a_standby_is_refused_for_writing),
      TEST(what_is_not_ours_is_not_touched),
      TEST(an_older_state_is_brought_up_to_date_by_the_next_writer),
      TEST(a_user_with_nothing_but_the_schema_is_enough),
      TEST(a_group_larger_than_one_go_is_whole_or_not_at_all),
  };
  postgres_server_start(&server, TEST_SOURCE_DIR, TEST_BINARY_DIR, NULL);
  int failed = cmocka_run_group_tests_name("postgres", tests, NULL, NULL);
  postgres_server_stop(&server);
  return failed == 0 ? 0 : 1;
}
