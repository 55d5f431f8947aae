/* The listener over real sockets, asked by a client made of nothing but send and recv. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "nightshift/web.h"
#include "util/buffer.h"

#define SECRET       "0123456789abcdef0123456789abcdef"
#define BODY_MOST    1000
#define METRICS_MOST ((size_t)400000)

static struct {
  uv_loop_t loop;
  uv_async_t stop;
  struct web *web;
  pthread_t thread;
  uint16_t port;
  pthread_mutex_t lock; /* of what follows */
  int callbacks;
  char body[BODY_MOST + 1];
  const char *unready;
  int metric_lines;
} server;

static void on_callback(void *context, const char *body, size_t body_bytes) {
  assert_ptr_equal(context, &server);
  pthread_mutex_lock(&server.lock);
  server.callbacks++;
  assert_true(body_bytes <= BODY_MOST);
  memcpy(server.body, body, body_bytes);
  server.body[body_bytes] = '\0';
  pthread_mutex_unlock(&server.lock);
}

static const char *unready(void *context) {
  (void)context;
  pthread_mutex_lock(&server.lock);
  const char *why = server.unready;
  pthread_mutex_unlock(&server.lock);
  return why;
}

static void metrics(void *context, bool openmetrics, struct buffer *out) {
  (void)context;
  pthread_mutex_lock(&server.lock);
  for (int i = 0; i < server.metric_lines; i++)
    (void)buffer_text(out, openmetrics ? "open 1\n" : "text 1\n");
  pthread_mutex_unlock(&server.lock);
}

static int callbacks(void) {
  pthread_mutex_lock(&server.lock);
  int count = server.callbacks;
  pthread_mutex_unlock(&server.lock);
  return count;
}

static void on_stop(uv_async_t *handle) {
  web_stop(server.web);
  uv_close((uv_handle_t *)handle, NULL);
}

static void *serve(void *context) {
  (void)context;
  (void)uv_run(&server.loop, UV_RUN_DEFAULT);
  return NULL;
}

static struct web_options options(const char *secret) {
  return (struct web_options){.listen = "127.0.0.1:0",
                              .public_url = "https://me.example/ns",
                              .page_url = "",
                              .secret = secret,
                              .body_most = BODY_MOST,
                              .stay = 2000,
                              .on_callback = on_callback,
                              .unready = unready,
                              .metrics = metrics,
                              .metrics_most = METRICS_MOST,
                              .context = &server};
}

static int start(void **state) {
  const char *secret = *state;
  struct error error = {0};
  memset(&server, 0, sizeof server);
  struct web_options given = options(secret == NULL ? SECRET : NULL);
  assert_int_equal(pthread_mutex_init(&server.lock, NULL), 0);
  assert_int_equal(uv_loop_init(&server.loop), 0);
  assert_int_equal(uv_async_init(&server.loop, &server.stop, on_stop), 0);
  assert_int_equal(web_start(&server.web, &server.loop, &given, &error), 0);
  assert_memory_equal(web_address(server.web), "127.0.0.1:", 10);
  server.port = (uint16_t)strtoul(web_address(server.web) + 10, NULL, 10);
  assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
  return 0;
}

static int stop(void **state) {
  (void)state;
  assert_int_equal(uv_async_send(&server.stop), 0);
  assert_int_equal(pthread_join(server.thread, NULL), 0);
  assert_int_equal(uv_loop_close(&server.loop), 0);
  assert_int_equal(pthread_mutex_destroy(&server.lock), 0);
  return 0;
}

/* ---- the client ---- */

static int call(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server.port)};
  struct timeval limit = {.tv_sec = 30};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  assert_true(fd >= 0);
  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}

static void put(int fd, const char *bytes) {
  (void)send(fd, bytes, strlen(bytes), MSG_NOSIGNAL); /* the other side may have closed */
}

/* All that comes until the connection ends; its status, 0: there was none. */
static int hear_out(int fd, char *reply, size_t size) {
  size_t have = 0;
  ssize_t got;
  while (have < size - 1 && (got = recv(fd, reply + have, size - 1 - have, 0)) > 0)
    have += (size_t)got;
  reply[have] = '\0';
  assert_int_equal(close(fd), 0);
  return have < 12 ? 0 : (int)strtol(reply + 9, NULL, 10);
}

static char reply[4096];

static int ask_host(const char *method, const char *path, const char *host, const char *body) {
  char request[4000];
  int fd = call();
  snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %zu\r\n\r\n%s",
           method, path, host, strlen(body), body);
  put(fd, request);
  return hear_out(fd, reply, sizeof reply);
}

static int ask(const char *method, const char *path, const char *body) {
  return ask_host(method, path, "127.0.0.1", body);
}

/* ---- the tests ---- */

static void health_is_told(void **state) {
  (void)state;
  assert_int_equal(ask("GET", "/healthz", ""), 200);
  assert_non_null(strstr(reply, "\r\n\r\nok\n"));
  assert_non_null(strstr(reply, "Connection: close"));
  assert_int_equal(ask("HEAD", "/healthz", ""), 200);
  assert_null(strstr(reply, "ok\n"));
}

static void readiness_says_why_not(void **state) {
  (void)state;
  assert_int_equal(ask("GET", "/readyz", ""), 200);
  pthread_mutex_lock(&server.lock);
  server.unready = "the state cannot be written";
  pthread_mutex_unlock(&server.lock);
  assert_int_equal(ask("GET", "/readyz", ""), 503);
  assert_non_null(strstr(reply, "the state cannot be written\n"));
}

static void metrics_come_in_the_form_that_is_asked_for(void **state) {
  (void)state;
  server.metric_lines = 1;
  assert_int_equal(ask("GET", "/metrics", ""), 200);
  assert_non_null(strstr(reply, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  assert_non_null(strstr(reply, "\r\n\r\ntext 1\n"));
  int fd = call();
  put(fd, "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n"
          "Accept: application/openmetrics-text; version=1.0.0\r\n\r\n");
  assert_int_equal(hear_out(fd, reply, sizeof reply), 200);
  assert_non_null(strstr(
      reply, "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n"));
  assert_non_null(strstr(reply, "\r\n\r\nopen 1\n"));
}

static void metrics_are_not_for_the_public_name(void **state) {
  (void)state;
  assert_int_equal(ask_host("GET", "/metrics", "me.example", ""), 404);
  assert_int_equal(ask("POST", "/metrics", ""), 405);
}

static void metrics_beyond_their_ceiling_are_an_error(void **state) {
  (void)state;
  pthread_mutex_lock(&server.lock);
  server.metric_lines = (int)(METRICS_MOST / strlen("text 1\n"));
  pthread_mutex_unlock(&server.lock);
  assert_int_equal(ask("GET", "/metrics", ""), 200);
  pthread_mutex_lock(&server.lock);
  server.metric_lines++;
  pthread_mutex_unlock(&server.lock);
  assert_int_equal(ask("GET", "/metrics", ""), 500);
}

static void what_is_refused_is_counted(void **state) {
  (void)state;
  char body[BODY_MOST + 2];
  memset(body, 'x', sizeof body);
  body[BODY_MOST + 1] = '\0';
  assert_int_equal(ask("POST", "/callback/0123456789abcdef0123456789abcdee", "{}"), 404);
  assert_int_equal(ask("GET", "/callback/0123456789abcdef0123456789abcdee", ""), 404);
  assert_int_equal(ask("POST", "/callback/" SECRET, body), 413);
  struct web_figures figures = web_figures(server.web); /* it answers one after another */
  assert_int_equal(figures.wrong_path, 1);
  assert_int_equal(figures.too_large, 1);
}

static void all_else_is_not_there(void **state) {
  (void)state;
  static const char *const paths[] = {
      "/index.html",           "/callback/",           "/healthz/x",
      "/..%2fhealthz",         "/metrics/x",           "/callback/0123456789abcdef0123456789abcdee",
      "/callback/" SECRET "/", "/callback/" SECRET "0"};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
    assert_int_equal(ask("GET", paths[i], ""), 404);
    assert_int_equal(ask("POST", paths[i], "{}"), 404);
  }
  assert_int_equal(callbacks(), 0);
}

static void a_route_has_its_method(void **state) {
  (void)state;
  assert_int_equal(ask("POST", "/healthz", ""), 405);
  assert_int_equal(ask("DELETE", "/healthz", ""), 405);
  assert_int_equal(ask("GET", "/callback/" SECRET, ""), 405);
  assert_int_equal(ask("GET", "/healthz", "a body"), 413);
  assert_int_equal(callbacks(), 0);
}

static void a_callback_is_handed_on_as_it_came(void **state) {
  (void)state;
  assert_int_equal(ask("POST", "/callback/" SECRET, "{\"taskId\":1}"), 200);
  assert_int_equal(callbacks(), 1);
  assert_string_equal(server.body, "{\"taskId\":1}");
  assert_int_equal(ask("POST", "/ns/callback/" SECRET, ""), 200); /* the proxy left its path */
  assert_int_equal(callbacks(), 2);
  assert_string_equal(server.body, "");
}

static void without_a_secret_there_are_no_callbacks(void **state) {
  (void)state;
  assert_int_equal(ask("POST", "/callback/", "{}"), 404);
  assert_int_equal(ask("POST", "/callback/" SECRET, "{}"), 404);
  assert_int_equal(callbacks(), 0);
}

static void names_of_others_find_nothing(void **state) {
  (void)state;
  assert_int_equal(ask_host("GET", "/healthz", "evil.example", ""), 404);
  assert_int_equal(ask_host("GET", "/healthz", "me.example", ""), 200);
  assert_int_equal(ask_host("POST", "/callback/" SECRET, "evil.example:80", "{}"), 404);
  assert_int_equal(callbacks(), 0);
}

static void a_body_has_a_ceiling(void **state) {
  (void)state;
  char body[BODY_MOST + 2];
  memset(body, 'x', sizeof body);
  body[BODY_MOST] = '\0';
  assert_int_equal(ask("POST", "/callback/" SECRET, body), 200);
  body[BODY_MOST] = 'x';
  body[BODY_MOST + 1] = '\0';
  assert_int_equal(ask("POST", "/callback/" SECRET, body), 413);
  assert_int_equal(callbacks(), 1);
}

static void a_body_of_unknown_length_has_one_too(void **state) {
  (void)state;
  int fd = call();
  put(fd, "POST /callback/" SECRET " HTTP/1.1\r\nHost: x\r\nHost: 127.0.0.1\r\n");
  (void)close(fd);
  fd = call();
  put(fd, "POST /callback/" SECRET
          " HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 2 * BODY_MOST / 10; i++)
    put(fd, "a\r\n0123456789\r\n");
  put(fd, "0\r\n\r\n");
  assert_int_equal(hear_out(fd, reply, sizeof reply), 413);
  assert_int_equal(callbacks(), 0);
}

static void what_is_no_http_is_closed(void **state) {
  (void)state;
  int fd = call();
  put(fd, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 no http at all\r\n\r\n");
  (void)hear_out(fd, reply, sizeof reply);
  fd = call();
  for (int i = 0; i < 3000; i++) /* a head without end */
    put(fd, "X-More: 0123456789\r\n");
  (void)hear_out(fd, reply, sizeof reply);
  assert_int_equal(ask("GET", "/healthz", ""), 200);
}

/* More than may be here at a time, and none gets on. */
static void those_who_stay_too_long_are_shown_out(void **state) {
  enum { MANY = 140 };
  (void)state;
  int fds[MANY];
  for (int i = 0; i < MANY; i++) {
    fds[i] = call();
    put(fds[i],
        "POST /callback/" SECRET " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{");
  }
  for (int i = 0; i < MANY; i++)
    (void)hear_out(fds[i], reply, sizeof reply);
  assert_int_equal(ask("GET", "/healthz", ""), 200);
  assert_int_equal(callbacks(), 0);
}

static void a_taken_port_is_told(void **state) {
  (void)state;
  struct error error = {0};
  struct web *second = NULL;
  struct web_options given = options(SECRET);
  uv_loop_t loop;
  char taken[40];
  assert_int_equal(uv_loop_init(&loop), 0);
  snprintf(taken, sizeof taken, "127.0.0.1:%d", server.port);
  given.listen = taken;
  assert_int_equal(web_start(&second, &loop, &given, &error), ERR_IO);
  assert_non_null(strstr(error.text, "cannot listen on 127.0.0.1:"));
  given.listen = "127.0.0.1";
  assert_int_equal(web_start(&second, &loop, &given, &error), ERR_USAGE);
  (void)uv_run(&loop, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void addresses_to_listen_on_are_read(void **state) {
  (void)state;
  static const char *const well[] = {"127.0.0.1:0", "[::1]:9090", "localhost:65535", "0.0.0.0:1"};
  static const char *const ill[] = {"",           "127.0.0.1", ":80", "::1:80",
                                    "127.0.0.1:", "x:65536",   "x:-1"};
  for (size_t i = 0; i < sizeof well / sizeof well[0]; i++)
    assert_true(web_listen_is_well(well[i]));
  for (size_t i = 0; i < sizeof ill / sizeof ill[0]; i++)
    assert_false(web_listen_is_well(ill[i]));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
  static char no_secret[] = "none";
  const struct CMUnitTest tests[] = {
      TEST(health_is_told),
      TEST(readiness_says_why_not),
      TEST(metrics_come_in_the_form_that_is_asked_for),
      TEST(metrics_are_not_for_the_public_name),
      TEST(metrics_beyond_their_ceiling_are_an_error),
      TEST(what_is_refused_is_counted),
      TEST(all_else_is_not_there),
      TEST(a_route_has_its_method),
      TEST(a_callback_is_handed_on_as_it_came),
      cmocka_unit_test_prestate_setup_teardown(without_a_secret_there_are_no_callbacks, start, stop,
                                               no_secret),
      TEST(names_of_others_find_nothing),
      TEST(a_body_has_a_ceiling),
      TEST(a_body_of_unknown_length_has_one_too),
      TEST(what_is_no_http_is_closed),
      TEST(those_who_stay_too_long_are_shown_out),
      TEST(a_taken_port_is_told),
      cmocka_unit_test(addresses_to_listen_on_are_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
