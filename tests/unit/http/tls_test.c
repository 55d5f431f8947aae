/* TLS is verified, always: against real servers of every bad kind, none of which gets to see as
 * much as a request line, by calls, paid calls and downloads alike. */
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/http_fixture.h"
#include "support/tls_server.h"

#define GOOD "DNS:localhost,IP:127.0.0.1"

static struct tls_authority *authority, *stranger;
static char trusted[] = "/tmp/nightshift-ca-XXXXXX";

static int make_authorities(void **state) {
  (void)state;
  int fd = mkstemp(trusted);
  if (fd < 0 || close(fd) != 0) return 1;
  authority = tls_authority_new();
  stranger = tls_authority_new();
  return !tls_authority_write(authority, trusted) || setenv("SSL_CERT_FILE", trusted, 1) != 0;
}

static int free_authorities(void **state) {
  (void)state;
  tls_authority_free(authority);
  tls_authority_free(stranger);
  return unlink(trusted);
}

static const char *say_ok(const char *head, void *context) {
  (void)context;
  return strstr(head, "/result") != NULL ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n0123"
                                         : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
}

static void nothing(struct tiny_connection *connection, int number, void *context) {
  (void)connection;
  (void)number;
  (void)context;
}

/* An http whose API is that server. */
struct visit {
  struct http_fixture fixture;
  struct tls_server *server;
  char link[128];
};

static void visit_open(struct visit *visit, const struct tls_authority *issuer,
                       const struct tls_fault *fault, const char *host) {
  fixture_open(&visit->fixture, nothing, NULL);
  http_free(visit->fixture.http);
  visit->server = tls_server_start(issuer, fault, say_ok, NULL);
  int port = tls_server_port(visit->server);
  snprintf(visit->fixture.url, sizeof visit->fixture.url, "https://%s:%d/v1", host, port);
  snprintf(visit->link, sizeof visit->link, "https://%s:%d/result", host, port);
  struct http_options options = {.api_url = visit->fixture.url,
                                 .tokens = visit->fixture.tokens,
                                 .token_count = 2,
                                 .connect_timeout = 10000,
                                 .timeout = 10000,
                                 .user_agent = "nightshift/test"};
  struct error error = {0};
  assert_int_equal(http_new(&visit->fixture.http, &visit->fixture.loop, &options, &error), 0);
}

static void visit_close(struct visit *visit) {
  tls_server_stop(visit->server);
  fixture_close(&visit->fixture);
}

static void good_server(const char *host) {
  struct visit visit;
  struct seen_reply call = {0}, paid = {0};
  struct seen_fetch fetch;
  visit_open(&visit, authority, &(struct tls_fault){.hosts = GOOD}, host);
  fixture_get(&visit.fixture, "/tasks/", &call);
  fixture_post(&visit.fixture, "{}", true, &paid);
  fixture_fetch(&visit.fixture, visit.link, fixture_path(&visit.fixture, "out"), 4, &fetch);
  fixture_run(&visit.fixture);
  if (call.failure != NULL) fail_msg("%s", call.failure);
  assert_int_equal(call.status, 200);
  assert_int_equal(paid.status, 200);
  assert_int_equal(fetch.done.result, FETCH_WHOLE);
  assert_int_equal(tls_server_requests(visit.server), 3);
  seen_reply_release(&call);
  seen_reply_release(&paid);
  visit_close(&visit);
}

/* Without it, everything below could be refused for some other reason. */
static void a_good_server_is_spoken_to(void **state) {
  (void)state;
  good_server("localhost");
  good_server("127.0.0.1");
}

static void refused(const char *kind, const struct tls_authority *issuer,
                    const struct tls_fault *fault) {
  struct visit visit;
  struct seen_reply call = {0}, paid = {0};
  struct seen_fetch fetch;
  visit_open(&visit, issuer, fault, "localhost");
  fixture_get(&visit.fixture, "/tasks/", &call);
  fixture_post(&visit.fixture, "{}", true, &paid);
  fixture_fetch(&visit.fixture, visit.link, fixture_path(&visit.fixture, "out"), 4, &fetch);
  fixture_run(&visit.fixture);
  if (call.transport != WIRE_NOT_SENT || paid.transport != WIRE_NOT_SENT ||
      fetch.done.result != FETCH_FAILED)
    fail_msg("%s: was not refused", kind);
  if (tls_server_requests(visit.server) != 0) fail_msg("%s: saw a request", kind);
  if (tls_server_connections(visit.server) == 0) fail_msg("%s: was not even asked", kind);
  seen_reply_release(&call);
  seen_reply_release(&paid);
  visit_close(&visit);
}

static void every_bad_certificate_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *kind;
    struct tls_fault fault;
  } kinds[] = {
      {"expired", {.hosts = GOOD, .from_days = -9, .to_days = -1}},
      {"not yet valid", {.hosts = GOOD, .from_days = 1, .to_days = 9}},
      {"of another host", {.hosts = "DNS:api.useapi.net"}},
      {"of a host below", {.hosts = "DNS:localhost.example.com"}},
      {"of every host", {.hosts = "DNS:*"}},
      {"of an address only", {.hosts = "IP:127.0.0.1"}},
      {"with a NUL in its name", {.hosts = "localhost", .nul_in_name = true}},
      {"signed by itself", {.hosts = GOOD, .self_signed = true}},
      {"of a weak key", {.hosts = GOOD, .rsa_bits = 1024}},
      {"signed with SHA-1", {.hosts = GOOD, .sha1 = true}},
      {"for clients", {.hosts = GOOD, .for_clients = true}},
      {"issued by no authority", {.hosts = GOOD, .by_leaf = true}},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    refused(kinds[i].kind, authority, &kinds[i].fault);
  refused("of an unknown authority", stranger, &(struct tls_fault){.hosts = GOOD});
}

static void every_bad_connection_is_refused(void **state) {
  (void)state;
  static const struct {
    const char *kind;
    struct tls_fault fault;
  } kinds[] = {
      {"TLS 1.0", {.hosts = GOOD, .newest_version = TLS1_VERSION}},
      {"TLS 1.1", {.hosts = GOOD, .newest_version = TLS1_1_VERSION}},
      {"no certificate", {.hosts = GOOD, .ciphers = "aNULL"}},
      {"no encryption", {.hosts = GOOD, .ciphers = "eNULL"}},
      {"plain HTTP", {.plain = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"}},
      {"no words", {.plain = ""}},
      {"an alert", {.plain = "\x15\x03\x03\x00\x02\x02\x28"}},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    refused(kinds[i].kind, authority, &kinds[i].fault);
}

/* Nothing but the named file is trusted, and one that is not there trusts nobody. */
static void the_authorities_of_the_environment_take_the_place_of_the_system_s(void **state) {
  (void)state;
  struct tls_fault good = {.hosts = GOOD};
  assert_int_equal(setenv("SSL_CERT_FILE", "/nowhere", 1), 0);
  struct visit visit;
  struct seen_reply call = {0};
  visit_open(&visit, authority, &good, "localhost");
  fixture_get(&visit.fixture, "/tasks/", &call);
  fixture_run(&visit.fixture);
  assert_int_equal(call.transport, WIRE_NOT_SENT);
  assert_int_equal(tls_server_requests(visit.server), 0);
  seen_reply_release(&call);
  visit_close(&visit);
  assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
  refused("not of the system", authority, &good);
  assert_int_equal(setenv("SSL_CERT_FILE", trusted, 1), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_good_server_is_spoken_to),
      cmocka_unit_test(every_bad_certificate_is_refused),
      cmocka_unit_test(every_bad_connection_is_refused),
      cmocka_unit_test(the_authorities_of_the_environment_take_the_place_of_the_system_s),
  };
  return cmocka_run_group_tests_name("http/tls", tests, make_authorities, free_authorities);
}
