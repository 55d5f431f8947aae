/* The page over real sockets: who may read and order, what watchers are told, and that none of them
 * is waited for. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
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

#define TOKEN "0123456789abcdef0123456789abcdef"
#define BEAR  "Authorization: Bearer " TOKEN "\r\n"
#define OURS  "X-Nightshift-Order: 1\r\n"
#define HERE  "Host: 127.0.0.1:9\r\n"

static struct {
  uv_loop_t loop;
  uv_async_t stop, news;
  struct web *web;
  pthread_t thread;
  uint16_t port;
  pthread_mutex_t lock;      /* of what follows */
  uint64_t revision, coming; /* of the picture: changed on the loop */
  size_t piece_bytes;        /* of filling in each */
  int pieces, watchers_came, orders;
  bool answers_later;
  web_ticket asked;
  char said[200];
} server;

static void lock(void) {
  assert_int_equal(pthread_mutex_lock(&server.lock), 0);
}
static void unlock(void) {
  assert_int_equal(pthread_mutex_unlock(&server.lock), 0);
}

/* ---- what the run does ---- */

static void on_callback(void *context, const char *body, size_t body_bytes) {
  (void)context;
  (void)body;
  (void)body_bytes;
}

static const char *unready(void *context) {
  (void)context;
  return NULL;
}

static void write_metrics(void *context, bool openmetrics, struct buffer *out) {
  (void)context;
  (void)openmetrics;
  buffer_text(out, "some 1\n");
}

static void on_watcher(void *context) {
  (void)context;
  lock();
  server.watchers_came++;
  unlock();
}

static bool next(void *context, struct web_place *place, struct buffer *piece) {
  (void)context;
  lock();
  bool news = place->since != server.revision;
  if (news) {
    buffer_printf(piece, "{\"from\":%" PRIu64 ",\"to\":%" PRIu64 ",\"filling\":\"", place->since,
                  server.revision);
    for (size_t i = 0; i < server.piece_bytes; i++)
      buffer_append(piece, "e", 1);
    buffer_text(piece, "\"}");
    *place = (struct web_place){.since = server.revision};
    server.pieces++;
  }
  unlock();
  return news;
}

static void answer(web_ticket ticket) {
  static const char text[] = "{\"status\":0,\"text\":\"done\"}";
  web_answer(server.web, ticket, 200, text, sizeof text - 1);
}

static void on_order(void *context, const struct web_order *order, web_ticket ticket) {
  (void)context;
  lock();
  server.orders++;
  snprintf(server.said, sizeof server.said, "%s %s %s %s %d%d%d",
           order->verb == NULL ? "-" : order->verb, order->batch == NULL ? "-" : order->batch,
           order->pattern == NULL ? "-" : order->pattern,
           order->account == NULL ? "-" : order->account, order->force, order->again, order->all);
  server.asked = ticket;
  bool later = server.answers_later;
  unlock();
  if (!later) answer(ticket);
}

static void on_job(void *context, int64_t job, web_ticket ticket) {
  (void)context;
  assert_int_equal(job, 7);
  answer(ticket);
}

static void on_stop(uv_async_t *handle) {
  web_stop(server.web);
  uv_close((uv_handle_t *)&server.news, NULL);
  uv_close((uv_handle_t *)handle, NULL);
}

static void on_news(uv_async_t *handle) {
  (void)handle;
  lock();
  server.revision = server.coming;
  web_ticket asked = server.answers_later ? server.asked : 0;
  unlock();
  web_news(server.web);
  if (asked != 0) answer(asked);
}

static void *serve(void *context) {
  (void)context;
  (void)uv_run(&server.loop, UV_RUN_DEFAULT);
  return NULL;
}

static int start(void **state) {
  struct error error = {0};
  (void)state;
  memset(&server, 0, sizeof server);
  server.revision = 1;
  const struct web_options options = {.listen = "127.0.0.1:0",
                                      .public_url = "https://me.example/ns",
                                      .page_url = "https://watch.example",
                                      .secret = "none",
                                      .token = TOKEN,
                                      .body_most = 1000,
                                      .stay = 2000,
                                      .beat = 50,
                                      .on_callback = on_callback,
                                      .unready = unready,
                                      .metrics = write_metrics,
                                      .metrics_most = 1000,
                                      .on_watcher = on_watcher,
                                      .next = next,
                                      .on_order = on_order,
                                      .on_job = on_job};
  assert_int_equal(pthread_mutex_init(&server.lock, NULL), 0);
  assert_int_equal(uv_loop_init(&server.loop), 0);
  assert_int_equal(uv_async_init(&server.loop, &server.stop, on_stop), 0);
  assert_int_equal(uv_async_init(&server.loop, &server.news, on_news), 0);
  assert_int_equal(web_start(&server.web, &server.loop, &options, &error), 0);
  server.port = (uint16_t)strtoul(strrchr(web_address(server.web), ':') + 1, NULL, 10);
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

static void tell_news(uint64_t revision) {
  lock();
  server.coming = revision;
  unlock();
  assert_int_equal(uv_async_send(&server.news), 0);
}

/* ---- the client ---- */

static int call(const char *request) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(server.port)};
  struct timeval limit = {.tv_sec = 30};
  int bytes = 4096, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  assert_true(fd >= 0);
  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes), 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
  return fd;
}

static char reply[4 * 1024 * 1024];

/* What comes until `end` is in it (NULL: until the connection ends). */
static void hear(int fd, const char *end) {
  size_t have = 0, looked = 0;
  ssize_t got;
  bool found = false;
  reply[0] = '\0';
  while (!found && have < sizeof reply - 1 &&
         (got = recv(fd, reply + have, sizeof reply - 1 - have, 0)) > 0) {
    have += (size_t)got;
    reply[have] = '\0';
    found = end != NULL && strstr(reply + looked, end) != NULL;
    looked = have > 100 ? have - 100 : 0; /* what is looked for may be cut */
  }
  assert_true(end == NULL || found);
}

static int ask(const char *line, const char *headers) {
  char request[2000];
  snprintf(request, sizeof request, "%s HTTP/1.1\r\n%s\r\n", line, headers);
  int fd = call(request);
  hear(fd, NULL);
  assert_int_equal(close(fd), 0);
  return strlen(reply) < 12 ? 0 : (int)strtol(reply + 9, NULL, 10);
}

static int watch(const char *headers) {
  char request[2000];
  snprintf(request, sizeof request, "GET /events HTTP/1.1\r\n%s\r\n", headers);
  return call(request);
}

/* ---- the page's files ---- */

static void the_page_is_there_with_a_strict_policy(void **state) {
  (void)state;
  assert_int_equal(ask("GET /", HERE), 200);
  assert_non_null(strstr(reply, "Content-Type: text/html; charset=utf-8\r\n"));
  assert_non_null(strstr(reply, "default-src 'none'; script-src 'self'; style-src 'self'"));
  assert_non_null(strstr(reply, "frame-ancestors 'none'"));
  assert_null(strstr(reply, "unsafe"));
  assert_non_null(strstr(reply, "X-Content-Type-Options: nosniff\r\n"));
  assert_non_null(strstr(reply, "<!doctype html>"));
  assert_null(strstr(reply, "//www"));
  assert_int_equal(ask("GET /page.js", HERE), 200);
  assert_non_null(strstr(reply, "text/javascript"));
}

static void what_a_browser_has_already_is_not_sent_again(void **state) {
  char headers[200], tag[40];
  (void)state;
  assert_int_equal(ask("GET /page.css", HERE), 200);
  const char *found = strstr(reply, "ETag: ");
  assert_non_null(found);
  snprintf(tag, sizeof tag, "%.18s", found + 6);
  snprintf(headers, sizeof headers, HERE "If-None-Match: W/\"x\", %s\r\n", tag);
  assert_int_equal(ask("GET /page.css", headers), 304);
  assert_null(strstr(reply, "palette"));
  assert_int_equal(ask("GET /page.css", HERE "If-None-Match: \"0000000000000000\"\r\n"), 200);
}

/* ---- who may ---- */

static void from_elsewhere_reading_takes_the_token(void **state) {
  (void)state;
  static const char *const elsewhere[] = {"Host: 192.0.2.7:9\r\n", "Host: watch.example\r\n",
                                          HERE "X-Forwarded-For: 192.0.2.9\r\n",
                                          HERE "Forwarded: for=192.0.2.9\r\n"};
  for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
    char headers[300];
    assert_int_equal(ask("GET /", elsewhere[i]), 200);
    assert_int_equal(ask("GET /events", elsewhere[i]), 401);
    assert_int_equal(ask("GET /metrics", elsewhere[i]), 401);
    assert_int_equal(ask("GET /job?id=7", elsewhere[i]), 401);
    assert_non_null(strstr(reply, "WWW-Authenticate: Bearer"));
    snprintf(headers, sizeof headers, "%s%s", elsewhere[i], BEAR);
    assert_int_equal(ask("GET /job?id=7", headers), 200);
  }
  assert_int_equal(ask("GET /job?id=7", HERE), 200);
}

static void the_public_name_is_for_callbacks_alone(void **state) {
  (void)state;
  static const char *const lines[] = {"GET /", "GET /events", "GET /metrics", "GET /page.js",
                                      "POST /orders?verb=pause"};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    assert_int_equal(ask(lines[i], "Host: me.example\r\n" BEAR OURS), 404);
    assert_int_equal(ask(lines[i], "Host: evil.example\r\n" BEAR OURS), 404);
  }
}

static void an_order_takes_the_token_and_our_own_page(void **state) {
  (void)state;
  static const struct {
    const char *headers;
    int status;
  } cases[] = {
      {HERE BEAR, 403},
      {HERE OURS, 401},
      {HERE OURS "Authorization: Bearer 0123456789abcdef0123456789abcdee\r\n", 401},
      {HERE OURS "Authorization: Bearer 0123\r\n", 401},
      {HERE OURS "Authorization: Basic " TOKEN "\r\n", 401},
      {HERE OURS BEAR "Origin: https://evil.example\r\n", 403},
      {HERE OURS BEAR "Origin: null\r\n", 403},
      {HERE OURS BEAR "Sec-Fetch-Site: cross-site\r\n", 403},
      {HERE OURS BEAR "Sec-Fetch-Site: same-site\r\n", 403},
      {HERE OURS BEAR "Origin: http://127.0.0.1:9\r\nSec-Fetch-Site: same-origin\r\n", 200},
      {HERE OURS BEAR, 200}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    if (ask("POST /orders?verb=pause&batch=night", cases[i].headers) != cases[i].status)
      fail_msg("%s: %.12s", cases[i].headers, reply);
  assert_int_equal(server.orders, 2);
  assert_int_equal(ask("GET /orders?verb=pause&batch=night", HERE OURS BEAR), 405);
  assert_int_equal(
      ask("POST /orders?verb=pause&batch=night", HERE OURS BEAR "Content-Length: 9\r\n"), 413);
  assert_int_equal(server.orders, 2);
}

static void an_order_is_handed_on_as_it_came(void **state) {
  (void)state;
  assert_int_equal(
      ask("POST /orders?verb=retry&batch=a%20b&pattern=%2a%0ax&force=1&again=yes", HERE OURS BEAR),
      200);
  assert_string_equal(server.said, "retry a b *\nx - 100");
  assert_non_null(strstr(reply, "{\"status\":0,\"text\":\"done\"}"));
  assert_int_equal(ask("POST /orders?account=%00x&all=1", HERE OURS BEAR), 200);
  assert_string_equal(server.said, "- - - - 001");
}

/* An order that has arrived and waits for its answer. */
static int order_answered_later(void) {
  lock();
  server.answers_later = true;
  unlock();
  int fd = call("POST /orders?verb=pause&batch=b HTTP/1.1\r\n" HERE OURS BEAR "\r\n");
  for (web_ticket asked = 0; asked == 0;) {
    lock();
    asked = server.asked;
    unlock();
  }
  return fd;
}

static void an_answer_may_come_later(void **state) {
  (void)state;
  int fd = order_answered_later();
  assert_int_equal(ask("GET /healthz", HERE), 200); /* nobody waits for it */
  tell_news(2);
  hear(fd, "\"done\"");
  assert_int_equal(close(fd), 0);
}

static void one_who_has_gone_misses_the_answer_and_nothing_else(void **state) {
  (void)state;
  int fd = order_answered_later();
  assert_int_equal(close(fd), 0);
  tell_news(2);
  assert_int_equal(ask("GET /healthz", HERE), 200);
}

static void a_job_is_asked_for_by_its_number(void **state) {
  (void)state;
  assert_int_equal(ask("GET /job?id=7", HERE), 200);
  assert_int_equal(ask("GET /job?id=x", HERE), 400);
  assert_int_equal(ask("GET /job", HERE), 400);
  assert_int_equal(ask("GET /job?id=7", HERE "Sec-Fetch-Site: cross-site\r\n"), 403);
}

/* ---- watching ---- */

static void a_watcher_is_told_the_picture_and_what_changes(void **state) {
  (void)state;
  int fd = watch(HERE);
  hear(fd, "\"to\":1,");
  assert_non_null(strstr(reply, "Content-Type: text/event-stream\r\n"));
  tell_news(2);
  hear(fd, "\"from\":1,\"to\":2,");
  assert_non_null(strstr(reply, "id: "));
  assert_int_equal(server.watchers_came, 1);
  assert_int_equal(close(fd), 0);
}

static void one_who_comes_again_goes_on_where_he_was(void **state) {
  char id[64], headers[200];
  (void)state;
  int fd = watch(HERE);
  hear(fd, "\"}\n\n");
  const char *found = strstr(reply, "id: ");
  assert_non_null(found);
  snprintf(id, sizeof id, "%.*s", (int)strcspn(found + 4, "\n"), found + 4);
  assert_int_equal(close(fd), 0);
  tell_news(5);
  assert_int_equal(ask("GET /healthz", HERE), 200);
  snprintf(headers, sizeof headers, HERE "Last-Event-ID: %s\r\n", id);
  fd = watch(headers);
  hear(fd, "\"from\":1,\"to\":5,");
  assert_int_equal(close(fd), 0);
  fd = watch(HERE "Last-Event-ID: 0123456789abcdef-1\r\n"); /* of another run */
  hear(fd, "\"from\":0,\"to\":5,");
  assert_int_equal(close(fd), 0);
}

static void when_nothing_is_new_something_is_heard_all_the_same(void **state) {
  (void)state;
  int fd = watch(HERE);
  hear(fd, "\"}\n\n");
  hear(fd, ":\n\n");
  assert_int_equal(close(fd), 0);
}

static void those_who_know_as_much_share_what_is_written(void **state) {
  enum { MANY = 20 };
  int fds[MANY];
  (void)state;
  for (int i = 0; i < MANY; i++) {
    fds[i] = watch(HERE);
    hear(fds[i], "\"to\":1,");
  }
  assert_int_equal(server.pieces, 1);
  tell_news(2);
  for (int i = 0; i < MANY; i++)
    hear(fds[i], "\"from\":1,\"to\":2,");
  assert_int_equal(server.pieces, 2);
  for (int i = 0; i < MANY; i++)
    assert_int_equal(close(fds[i]), 0);
}

/* 200 changes of 12 kB each while he reads nothing: far more than may wait for him. */
static void a_slow_watcher_is_told_the_newest_and_hinders_nobody(void **state) {
  enum { CHANGES = 200 };
  (void)state;
  lock();
  server.piece_bytes = 12000;
  unlock();
  int slow = watch(HERE);
  for (uint64_t revision = 2; revision <= CHANGES; revision++) {
    tell_news(revision);
    assert_int_equal(ask("GET /healthz", HERE), 200);
  }
  hear(slow, "\"to\":200,");
  lock();
  int pieces = server.pieces;
  unlock();
  assert_in_range(pieces, 2, CHANGES / 2);
  assert_int_equal(close(slow), 0);
}

static void only_so_many_may_watch(void **state) {
  enum { MOST = 64 };
  int fds[MOST];
  (void)state;
  for (int i = 0; i < MOST; i++) {
    fds[i] = watch(HERE);
    hear(fds[i], "\"to\":1,");
  }
  assert_int_equal(ask("GET /events", HERE), 503);
  assert_int_equal(ask("GET /healthz", HERE), 200);
  for (int i = 0; i < MOST; i++)
    assert_int_equal(close(fds[i]), 0);
}

static void stopping_ends_those_who_watch_and_wait(void **state) {
  (void)state;
  lock();
  server.answers_later = true;
  unlock();
  int watcher = watch(HERE);
  hear(watcher, "\"to\":1,");
  int waiter = call("POST /orders?verb=pause&batch=b HTTP/1.1\r\n" HERE OURS BEAR "\r\n");
  for (web_ticket asked = 0; asked == 0;) {
    lock();
    asked = server.asked;
    unlock();
  }
  stop(NULL);
  hear(watcher, NULL);
  hear(waiter, NULL);
  assert_int_equal(close(watcher) + close(waiter), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
  const struct CMUnitTest tests[] = {
      TEST(the_page_is_there_with_a_strict_policy),
      TEST(what_a_browser_has_already_is_not_sent_again),
      TEST(from_elsewhere_reading_takes_the_token),
      TEST(the_public_name_is_for_callbacks_alone),
      TEST(an_order_takes_the_token_and_our_own_page),
      TEST(an_order_is_handed_on_as_it_came),
      TEST(an_answer_may_come_later),
      TEST(one_who_has_gone_misses_the_answer_and_nothing_else),
      TEST(a_job_is_asked_for_by_its_number),
      TEST(a_watcher_is_told_the_picture_and_what_changes),
      TEST(one_who_comes_again_goes_on_where_he_was),
      TEST(when_nothing_is_new_something_is_heard_all_the_same),
      TEST(those_who_know_as_much_share_what_is_written),
      TEST(a_slow_watcher_is_told_the_newest_and_hinders_nobody),
      TEST(only_so_many_may_watch),
      cmocka_unit_test_setup(stopping_ends_those_who_watch_and_wait, start),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
