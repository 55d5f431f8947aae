/* A database over TCP as on another machine: TLS whose certificate is checked, a password that
 * stands in a file and nowhere else, and more than one record of TLS at a time. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/postgres.h"
#include "support/postgres.h"
#include "unit/store/samples.h"

static struct postgres_server server;
static int port;

static int free_port(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(fd >= 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
  assert_int_equal(close(fd), 0);
  return ntohs(address.sin_port);
}

static void run_shell(const char *format, ...) {
  char command[2048];
  va_list values;
  va_start(values, format);
  vsnprintf(command, sizeof command, format, values);
  va_end(values);
  assert_int_equal(system(command), 0);
}

/* A certificate for 127.0.0.1, a user `far` who needs a password, and the port. */
static int begin(void **state) {
  char listen[] = "listen_addresses=127.0.0.1", ssl[] = "ssl=on", at[32], cert[128], key[128],
       none[8];
  const char *const settings[] = {listen, at, ssl, cert, key, NULL};
  const char *where = server.directory;
  (void)state;
  postgres_server_start(&server, TEST_SOURCE_DIR, TEST_BINARY_DIR, NULL);
  postgres_server_sql(&server, "CREATE ROLE far LOGIN SUPERUSER PASSWORD 'hunter2'", none,
                      sizeof none);
  postgres_server_kill(&server);
  run_shell("cd '%s' && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 "
            "-addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem 2>/dev/null && "
            "chmod 600 key.pem && chown --reference data key.pem && "
            "sed -i '1i hostssl all far 127.0.0.1/32 scram-sha-256' data/pg_hba.conf",
            where);
  port = free_port();
  snprintf(at, sizeof at, "port=%d", port);
  snprintf(cert, sizeof cert, "ssl_cert_file=%s/cert.pem", where);
  snprintf(key, sizeof key, "ssl_key_file=%s/key.pem", where);
  postgres_server_start_again(&server, settings);
  run_shell("printf '127.0.0.1:%d:nightshift:far:hunter2\\n' >'%s/pass'; chmod 600 '%s/pass'", port,
            where, where);
  return 0;
}

static int end(void **state) {
  (void)state;
  postgres_server_stop(&server);
  return 0;
}

static int open_with(struct store **store, const char *certificate, struct error *error) {
  char url[512];
  snprintf(url, sizeof url,
           "postgresql://far@127.0.0.1:%d/nightshift?sslmode=verify-full&sslrootcert=%s/%s", port,
           server.directory, certificate);
  return postgres_open(store, url, STORE_WRITE, NULL, error);
}

static void a_password_comes_from_its_file_over_tls(void **state) {
  enum { MANY = 2000 };
  static struct record group[MANY];
  struct store_snapshot snapshot;
  struct store *store = NULL;
  struct error error = {0};
  char file[96];
  (void)state;
  snprintf(file, sizeof file, "%s/pass", server.directory);
  assert_int_equal(setenv("PGPASSFILE", file, 1), 0);
  if (open_with(&store, "cert.pem", &error) != 0) fail_msg("%s", error.text);
  assert_true(PQsslInUse(((struct postgres_store *)store)->db));
  group[0] = sample_batch(1, "night");
  for (int i = 1; i < MANY; i++)
    group[i] = sample_job(i, 1, i);
  commit_or_fail(store, 1, group, MANY);
  load_or_fail(store, &snapshot);
  assert_int_equal(snapshot.job_count, MANY - 1);
  store_snapshot_release(&snapshot);
  store_close(store);
}

static void a_server_of_another_certificate_is_refused(void **state) {
  struct store *store = NULL;
  struct error error = {0};
  (void)state;
  run_shell("cd '%s' && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 "
            "-keyout other.key -out other.pem 2>/dev/null",
            server.directory);
  assert_int_equal(open_with(&store, "other.pem", &error), ERR_AWAY);
  assert_non_null(strstr(error.text, "certificate verify failed"));
}

static void without_the_password_it_is_said_and_not_asked_for(void **state) {
  struct store *store = NULL;
  struct error error = {0};
  (void)state;
  assert_int_equal(setenv("PGPASSFILE", "/nowhere", 1), 0);
  assert_int_equal(open_with(&store, "cert.pem", &error), ERR_AWAY);
  assert_non_null(strstr(error.text, "no password supplied"));
  assert_null(strstr(error.text, "hunter2"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_password_comes_from_its_file_over_tls),
      cmocka_unit_test(a_server_of_another_certificate_is_refused),
      cmocka_unit_test(without_the_password_it_is_said_and_not_asked_for),
  };
  return cmocka_run_group_tests_name("PostgreSQL over TLS", tests, begin, end) == 0 ? 0 : 1;
}
