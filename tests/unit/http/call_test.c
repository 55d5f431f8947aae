/* API calls over real sockets: replies in every shape, and none at all. */
#include <fcntl.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/client.h"
#include "support/http_fixture.h"

static void replies_ok(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  (void)context;
  while (tiny_read_request(connection))
    if (!tiny_reply(connection, 200, NULL, "{\"ok\":true}")) return;
}

static void a_reply_comes_with_its_headers(struct tiny_connection *connection, int number,
                                           void *context) {
  (void)number;
  (void)context;
  while (tiny_read_request(connection))
    tiny_reply(connection, 429,
               "Content-Type: application/json\r\nRetry-After: 17\r\n"
               "Date: Sun, 22 Nov 2026 14:00:00 GMT",
               "{\"error\":\"busy\"}");
}

static void status_body_and_headers_arrive(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open(&fixture, a_reply_comes_with_its_headers, NULL);
  int64_t before_ms = boot_now_ms();
  fixture_get(&fixture, "/tasks/?email=a%40b.c&offset=0", &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_REPLIED);
  assert_int_equal(seen.status, 429);
  assert_string_equal(seen.body, "{\"error\":\"busy\"}");
  assert_string_equal(seen.content_type, "application/json");
  assert_string_equal(seen.retry_after, "17");
  assert_string_equal(seen.date, "Sun, 22 Nov 2026 14:00:00 GMT");
  assert_true(seen.begun_boot_ms >= before_ms && seen.begun_boot_ms <= boot_now_ms());
  assert_int_equal(
      tiny_server_received(fixture.server, "GET /v1/tasks/?email=a%40b.c&offset=0 HTTP/1.1\r\n"),
      1);
  assert_int_equal(
      tiny_server_received(fixture.server, "Authorization: Bearer " FIXTURE_TOKEN "\r\n"), 1);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void headers_that_are_not_there_are_null(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open(&fixture, replies_ok, NULL);
  fixture_get(&fixture, "/accounts", &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.status, 200);
  assert_null(seen.content_type);
  assert_null(seen.retry_after);
  assert_null(seen.date);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void a_connection_is_used_again(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open(&fixture, replies_ok, NULL);
  for (int i = 0; i < 5; i++) {
    fixture_get(&fixture, "/accounts", &seen);
    fixture_run(&fixture);
    assert_int_equal(seen.status, 200);
  }
  assert_int_equal(tiny_server_connections(fixture.server), 1);
  assert_int_equal(tiny_server_requests(fixture.server), 5);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void a_body_is_sent_without_expecting_a_100(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open(&fixture, replies_ok, NULL);
  size_t size = 2 * 1024 * 1024; /* libcurl asks for a 100 from 1 MB on */
  char *body = malloc(size + 1);
  assert_non_null(body);
  memset(body, 'x', size);
  body[size] = '\0';
  fixture_post(&fixture, body, false, &seen);
  memset(body, 'y', size); /* it was copied */
  free(body);
  fixture_run(&fixture);
  assert_int_equal(seen.status, 200);
  assert_int_equal(tiny_server_received(fixture.server, "Expect"), 0);
  assert_int_equal(tiny_server_received(fixture.server, "yy"), 0);
  assert_int_equal(tiny_server_received(fixture.server, "Content-Type: application/json\r\n"), 1);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void keep_reply(void *context, const struct wire_reply *reply, int64_t begun_boot_ms) {
  (void)begun_boot_ms;
  *(int *)context = reply->status;
}

static void delete_and_an_empty_post_have_no_body(void **state) {
  (void)state;
  struct http_fixture fixture;
  fixture_open(&fixture, replies_ok, NULL);
  struct wire_request gone = {.method = "DELETE", .path = "/tasks/a"};
  struct wire_request empty = {.method = "POST", .path = "/b"};
  int statuses[2] = {0};
  http_send(fixture.http, 0, &gone, false, keep_reply, &statuses[0]);
  http_send(fixture.http, 0, &empty, false, keep_reply, &statuses[1]);
  fixture_run(&fixture);
  assert_int_equal(statuses[0], 200);
  assert_int_equal(statuses[1], 200);
  assert_int_equal(tiny_server_received(fixture.server, "DELETE /v1/tasks/a HTTP/1.1"), 1);
  assert_int_equal(tiny_server_received(fixture.server, "POST /v1/b HTTP/1.1"), 1);
  assert_int_equal(tiny_server_received(fixture.server, "Content-Length: 0\r\n"), 1);
  assert_int_equal(tiny_server_received(fixture.server, "Content-Type"), 0);
  assert_int_equal(tiny_server_received(fixture.server, "Bearer user:1-other\r\n"), 2);
  fixture_close(&fixture);
}

static void replies_byte_by_byte(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  const char *reply = context;
  while (tiny_read_request(connection))
    for (const char *each = reply; *each != '\0'; each++)
      if (!tiny_write_bytes(connection, each, 1)) return;
}

static void a_reply_in_many_pieces_is_put_together(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  char chunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
  fixture_open(&fixture, replies_byte_by_byte, chunked);
  for (int i = 0; i < 2; i++) {
    fixture_get(&fixture, "/a", &seen);
    fixture_run(&fixture);
    assert_int_equal(seen.transport, WIRE_REPLIED);
    assert_string_equal(seen.body, "hello world");
  }
  assert_int_equal(tiny_server_connections(fixture.server), 1);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void replies_zipped(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  (void)context;
  /* "[1,2,3]" */
  static const char zipped[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x8b\x36\xd4\x31\xd2\x31"
                               "\x8e\x05\x00\xe9\xb3\x6d\xfd\x07\x00\x00\x00";
  while (tiny_read_request(connection)) {
    tiny_write(connection,
               "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 27\r\n\r\n");
    tiny_write_bytes(connection, zipped, 27);
  }
}

static void a_zipped_reply_is_unpacked(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open(&fixture, replies_zipped, NULL);
  fixture_get(&fixture, "/a", &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_REPLIED);
  assert_string_equal(seen.body, "[1,2,3]");
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

/* Some servers do so whatever was asked for; of a paid call it would be doubt. */
static void a_zipped_reply_to_a_post_is_unpacked(void **state) {
  (void)state;
  struct http_fixture fixture;
  for (int paid = 0; paid < 2; paid++) {
    struct seen_reply seen = {0};
    fixture_open(&fixture, replies_zipped, NULL);
    fixture_post(&fixture, "{}", paid == 1, &seen);
    fixture_run(&fixture);
    assert_int_equal(seen.transport, WIRE_REPLIED);
    assert_string_equal(seen.body, "[1,2,3]");
    seen_reply_release(&seen);
    fixture_close(&fixture);
  }
}

static void cuts_the_body(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  tiny_read_request(connection);
  tiny_write(connection, context);
}

static void a_reply_that_ends_early_is_none(void **state) {
  (void)state;
  static char cut[][80] = {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"taskId\":",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Le", "not http at all\r\n\r\n"};
  for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
    struct http_fixture fixture;
    struct seen_reply seen = {0};
    fixture_open(&fixture, cuts_the_body, cut[i]);
    fixture_post(&fixture, "{}", true, &seen);
    fixture_run(&fixture);
    assert_int_equal(seen.transport, WIRE_NO_REPLY);
    assert_true(strlen(seen.failure) > 0);
    seen_reply_release(&seen);
    fixture_close(&fixture);
  }
}

static void redirects(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  (void)context;
  while (tiny_read_request(connection))
    tiny_reply(connection, 307, "Location: /v1/elsewhere", "");
}

static void a_redirect_is_an_answer_and_not_followed(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open(&fixture, redirects, NULL);
  fixture_get(&fixture, "/a", &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.status, 307);
  assert_int_equal(tiny_server_requests(fixture.server), 1);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void resets_at_once(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  (void)context;
  tiny_reset(connection);
}

static void resets_after_the_request(struct tiny_connection *connection, int number,
                                     void *context) {
  (void)number;
  (void)context;
  tiny_read_request(connection);
  tiny_reset(connection);
}

static void a_reset_is_no_reply(void **state) {
  (void)state;
  tiny_script *const scripts[] = {resets_at_once, resets_after_the_request};
  for (size_t i = 0; i < 2; i++) {
    struct http_fixture fixture;
    struct seen_reply seen = {0};
    fixture_open(&fixture, scripts[i], NULL);
    fixture_get(&fixture, "/a", &seen);
    fixture_run(&fixture);
    /* Whether a request leaves before a reset at once is seen is a matter of luck. */
    if (i == 0) assert_int_not_equal(seen.transport, WIRE_REPLIED);
    if (i == 1) assert_int_equal(seen.transport, WIRE_NO_REPLY);
    seen_reply_release(&seen);
    fixture_close(&fixture);
  }
}

static void nobody_listening_is_certainly_not_sent(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open(&fixture, replies_ok, NULL);
  struct tiny_server *live = fixture.server;
  tiny_server_stop(live);
  for (int paid = 0; paid < 2; paid++) {
    fixture_post(&fixture, "{}", paid == 1, &seen);
    fixture_run(&fixture);
    assert_int_equal(seen.transport, WIRE_NOT_SENT);
    assert_non_null(strstr(seen.failure, "connect"));
  }
  seen_reply_release(&seen);
  fixture.server = tiny_server_start(replies_ok, NULL);
  fixture_close(&fixture);
}

static void hangs(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  (void)context;
  tiny_read_request(connection);
  tiny_wait_closed(connection);
}

static void silence_ends_as_no_reply(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open_with(&fixture, hangs, NULL, 60);
  fixture_get(&fixture, "/a", &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_NO_REPLY);
  assert_string_equal(seen.failure, "no whole reply for 60 ms");
  /* Not sooner, but for the grain of the loop's clock. */
  assert_true(boot_now_ms() - seen.begun_boot_ms >= 40);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void sends_without_end(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  (void)context;
  static char block[65536];
  tiny_read_request(connection);
  tiny_write(connection, "HTTP/1.1 200 OK\r\n\r\n"); /* no length */
  while (tiny_write_bytes(connection, block, sizeof block))
    ;
}

static void a_body_over_the_ceiling_is_stopped(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open(&fixture, sends_without_end, NULL);
  fixture_get(&fixture, "/a", &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_NO_REPLY);
  assert_non_null(strstr(seen.failure, "larger"));
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void a_hundred_at_once_all_come_back(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen[100] = {0};
  fixture_open(&fixture, replies_ok, NULL);
  for (int i = 0; i < 100; i++)
    fixture_get(&fixture, "/a", &seen[i]);
  assert_int_equal(http_under_way(fixture.http), 100);
  fixture_run(&fixture);
  for (int i = 0; i < 100; i++) {
    assert_int_equal(seen[i].status, 200);
    seen_reply_release(&seen[i]);
  }
  assert_int_equal(tiny_server_requests(fixture.server), 100);
  fixture_close(&fixture);
}

static void a_failing_library_leaves_doubt_and_goes_on(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply first = {0}, second = {0};
  fixture_open(&fixture, replies_ok, NULL);
  fixture_get(&fixture, "/a", &first);
  lane_break(&fixture.http->lanes[LANE_CALLS], "made up");
  assert_int_equal(first.times, 0);
  fixture_run(&fixture);
  assert_int_equal(first.transport, WIRE_NO_REPLY);
  assert_string_equal(first.failure, "libcurl failed: made up");
  fixture_get(&fixture, "/b", &second);
  fixture_run(&fixture);
  assert_int_equal(second.status, 200);
  seen_reply_release(&first);
  seen_reply_release(&second);
  fixture_close(&fixture);
}

static void what_is_under_way_is_cancelled_without_a_call(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen[3] = {0};
  fixture_open(&fixture, hangs, NULL);
  fixture_get(&fixture, "/a", &seen[0]);
  while (tiny_server_requests(fixture.server) < 1)
    fixture_turn(&fixture);
  fixture_get(&fixture, "/b", &seen[1]);
  fixture_upload(&fixture, "/nonexistent/clip.mp4", 1, &seen[2]); /* posted, not yet told */
  fixture_close(&fixture);
  for (int i = 0; i < 3; i++)
    assert_int_equal(seen[i].times, 0);
}

struct chain {
  struct http_fixture *fixture;
  int left;
};

static void send_next(void *context, const struct wire_reply *reply, int64_t begun_boot_ms) {
  (void)begun_boot_ms;
  struct chain *chain = context;
  assert_int_equal(reply->status, 200);
  struct wire_request request = {.method = "GET", .path = "/a"};
  if (--chain->left > 0) http_send(chain->fixture->http, 0, &request, false, send_next, chain);
}

static void a_callback_may_send_the_next(void **state) {
  (void)state;
  struct http_fixture fixture;
  fixture_open(&fixture, replies_ok, NULL);
  struct chain chain = {.fixture = &fixture, .left = 1};
  struct wire_request request = {.method = "GET", .path = "/a"};
  chain.left = 10;
  http_send(fixture.http, 0, &request, false, send_next, &chain);
  fixture_run(&fixture);
  assert_int_equal(chain.left, 0);
  assert_int_equal(tiny_server_connections(fixture.server), 1);
  fixture_close(&fixture);
}

static void closes_after_the_first(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  tiny_read_request(connection);
  tiny_reply(connection, 200, NULL, "{}");
  sem_post(context);
}

static void an_idle_connection_that_closes_is_not_used_again(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  sem_t closed;
  assert_int_equal(sem_init(&closed, 0, 0), 0);
  fixture_open(&fixture, closes_after_the_first, &closed);
  for (int i = 0; i < 3; i++) {
    fixture_get(&fixture, "/a", &seen);
    fixture_run(&fixture);
    assert_int_equal(seen.status, 200);
    assert_int_equal(sem_wait(&closed), 0);
    fixture_turn(&fixture); /* the end of the connection may be seen, idle */
  }
  assert_int_equal(tiny_server_requests(fixture.server), 3);
  seen_reply_release(&seen);
  fixture_close(&fixture);
  sem_destroy(&closed);
}

static void ring(uv_timer_t *timer) {
  *(bool *)timer->data = true;
}

static void a_closed_idle_connection_does_not_keep_the_loop_busy(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  uv_timer_t timer;
  bool rung = false;
  sem_t closed;
  assert_int_equal(sem_init(&closed, 0, 0), 0);
  fixture_open(&fixture, closes_after_the_first, &closed);
  fixture_get(&fixture, "/a", &seen);
  fixture_run(&fixture);
  assert_int_equal(sem_wait(&closed), 0);
  assert_int_equal(uv_timer_init(&fixture.loop, &timer), 0);
  timer.data = &rung;
  assert_int_equal(uv_timer_start(&timer, ring, 30, 0), 0);
  int turns = 0;
  for (; !rung; turns++)
    uv_run(&fixture.loop, UV_RUN_ONCE);
  assert_true(turns < 10);
  uv_close((uv_handle_t *)&timer, NULL);
  seen_reply_release(&seen);
  fixture_close(&fixture);
  sem_destroy(&closed);
}

static int new_with(const char *url, const char *token, struct error *error) {
  uv_loop_t loop;
  struct http *http = NULL;
  assert_int_equal(uv_loop_init(&loop), 0);
  struct secret *secret = secret_new(token);
  struct http_options options = {.api_url = url,
                                 .tokens = &secret,
                                 .token_count = 1,
                                 .connect_timeout = 1000,
                                 .timeout = 1000,
                                 .user_agent = "nightshift/test"};
  int code = http_new(&http, &loop, &options, error);
  secret_free(secret);
  if (code == 0) http_free(http);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
  return code;
}

static void the_token_is_not_sent_in_the_clear_to_others(void **state) {
  (void)state;
  struct error error = {0};
  assert_int_equal(new_with("https://api.example/v1", "t", &error), 0);
  assert_int_equal(error.code, 0);
  assert_int_equal(new_with("http://127.0.0.1:1/v1", "t", &error), 0);
  assert_int_equal(new_with("http://api.example/v1", "t", &error), ERR_USAGE);
  assert_non_null(strstr(error.text, "https"));
  assert_int_equal(new_with("http://192.168.1.1/v1", "t", &error), ERR_USAGE);
  assert_int_equal(new_with("https://api.example/v1?a=b", "t", &error), ERR_USAGE);
  assert_int_equal(new_with("nonsense", "t", &error), ERR_USAGE);
}

/* As people write addresses; paths begin with a slash of their own. */
static void slashes_at_the_end_of_the_address_are_no_mistake(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  char url[100];
  fixture_open(&fixture, replies_ok, NULL);
  http_free(fixture.http);
  (void)snprintf(url, sizeof url, "%s//", fixture.url);
  const struct http_options options = {.api_url = url,
                                       .tokens = fixture.tokens,
                                       .token_count = 2,
                                       .connect_timeout = 1000,
                                       .timeout = 1000,
                                       .user_agent = "nightshift/test"};
  assert_int_equal(http_new(&fixture.http, &fixture.loop, &options, NULL), 0);
  fixture_get(&fixture, "/accounts", &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.status, 200);
  assert_int_equal(tiny_server_received(fixture.server, "GET /v1/accounts HTTP/1.1\r\n"), 1);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void a_token_that_breaks_the_header_is_refused(void **state) {
  (void)state;
  struct error error = {0};
  assert_int_equal(new_with("https://api.example", "user:1-secret\r\nX: y", &error), ERR_USAGE);
  assert_null(strstr(error.text, "secret"));
  assert_int_equal(new_with("https://api.example", "", &error), ERR_USAGE);
}

static void another_program_started_by_us_gets_no_socket(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply calls = {0}, paid = {0};
  fixture_open(&fixture, hangs, NULL);
  fixture_get(&fixture, "/a", &calls);
  fixture_post(&fixture, "{}", true, &paid);
  while (tiny_server_requests(fixture.server) < 2)
    fixture_turn(&fixture);
  int sockets = 0;
  for (int fd = 3; fd < 256; fd++) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getpeername(fd, (struct sockaddr *)&address, &size) != 0) continue;
    if (address.ss_family != AF_INET) continue;
    sockets++;
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  }
  assert_int_equal(sockets, 4); /* two of ours, two of the server */
  fixture_close(&fixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(status_body_and_headers_arrive),
      cmocka_unit_test(headers_that_are_not_there_are_null),
      cmocka_unit_test(a_connection_is_used_again),
      cmocka_unit_test(a_body_is_sent_without_expecting_a_100),
      cmocka_unit_test(delete_and_an_empty_post_have_no_body),
      cmocka_unit_test(a_reply_in_many_pieces_is_put_together),
      cmocka_unit_test(a_zipped_reply_is_unpacked),
      cmocka_unit_test(a_zipped_reply_to_a_post_is_unpacked),
      cmocka_unit_test(a_reply_that_ends_early_is_none),
      cmocka_unit_test(a_redirect_is_an_answer_and_not_followed),
      cmocka_unit_test(a_reset_is_no_reply),
      cmocka_unit_test(nobody_listening_is_certainly_not_sent),
      cmocka_unit_test(silence_ends_as_no_reply),
      cmocka_unit_test(a_body_over_the_ceiling_is_stopped),
      cmocka_unit_test(a_hundred_at_once_all_come_back),
      cmocka_unit_test(a_failing_library_leaves_doubt_and_goes_on),
      cmocka_unit_test(what_is_under_way_is_cancelled_without_a_call),
      cmocka_unit_test(a_callback_may_send_the_next),
      cmocka_unit_test(an_idle_connection_that_closes_is_not_used_again),
      cmocka_unit_test(a_closed_idle_connection_does_not_keep_the_loop_busy),
      cmocka_unit_test(the_token_is_not_sent_in_the_clear_to_others),
      cmocka_unit_test(slashes_at_the_end_of_the_address_are_no_mistake),
      cmocka_unit_test(a_token_that_breaks_the_header_is_refused),
      cmocka_unit_test(another_program_started_by_us_gets_no_socket),
  };
  return cmocka_run_group_tests_name("http/call", tests, NULL, NULL);
}
