/* Downloads in time and in numbers: slow ones, hanging ones, many at once, given up, beside calls.
 */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/client.h"
#include "support/http_fixture.h"

/* One fetch to NAME, to its end. */
static void fetch_one(struct http_fixture *fixture, const char *name, int64_t expected_bytes,
                      struct seen_fetch *seen) {
  fixture_fetch(fixture, fixture_link(fixture, "/result.mp4"), fixture_path(fixture, name),
                expected_bytes, seen);
  fixture_run(fixture);
}

static void hangs(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  (void)context;
  tiny_read_request(connection);
  tiny_write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234");
  tiny_wait_closed(connection);
}

static void a_download_that_stands_still_ends(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_fetch seen;
  fixture_open_with(&fixture, hangs, NULL, 80);
  fetch_one(&fixture, "out.mp4", 10, &seen);
  assert_int_equal(seen.done.result, FETCH_FAILED);
  assert_string_equal(seen.done.text, "nothing moved for 80 ms");
  assert_file_is(fixture_path(&fixture, "out.mp4.part"), "01234");
  fixture_close(&fixture);
}

static void sends_when_told(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  tiny_read_request(connection);
  tiny_write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
  for (char digit = '0'; digit <= '9'; digit++) {
    sem_wait(context);
    if (!tiny_write_bytes(connection, &digit, 1)) return;
  }
}

static void tell(uv_timer_t *timer) {
  sem_post(timer->data);
}

static void a_slow_download_may_take_longer_than_the_timeout(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_fetch seen;
  sem_t next;
  uv_timer_t timer;
  assert_int_equal(sem_init(&next, 0, 0), 0);
  fixture_open_with(&fixture, sends_when_told, &next, 400);
  assert_int_equal(uv_timer_init(&fixture.loop, &timer), 0);
  timer.data = &next;
  assert_int_equal(uv_timer_start(&timer, tell, 50, 60), 0);
  int64_t start_ms = boot_now_ms();
  fetch_one(&fixture, "out.mp4", 10, &seen);
  assert_int_equal(seen.done.result, FETCH_WHOLE);
  assert_true(boot_now_ms() - start_ms > 400);
  uv_close((uv_handle_t *)&timer, NULL);
  fixture_close(&fixture);
  sem_destroy(&next);
}

struct crowd {
  atomic_int now, most;
};

static void counts_the_crowd(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  struct crowd *crowd = context;
  while (tiny_read_request(connection)) {
    int now = atomic_fetch_add(&crowd->now, 1) + 1;
    for (int most = crowd->most; now > most;)
      if (atomic_compare_exchange_weak(&crowd->most, &most, now)) break;
    tiny_write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234");
    atomic_fetch_sub(&crowd->now, 1);
    if (!tiny_write(connection, "56789")) return;
  }
}

static void many_downloads_take_turns(void **state) {
  (void)state;
  struct crowd crowd = {0};
  struct http_fixture fixture;
  struct seen_fetch seen[30];
  fixture_open(&fixture, counts_the_crowd, &crowd);
  for (int i = 0; i < 30; i++) {
    char name[32];
    snprintf(name, sizeof name, "out/%d.mp4", i);
    fixture_fetch(&fixture, fixture_link(&fixture, "/a"), fixture_path(&fixture, name), 10,
                  &seen[i]);
  }
  assert_int_equal(http_under_way(fixture.http), 30);
  assert_int_equal(fixture.http->fetching, 8);
  fixture_run(&fixture);
  for (int i = 0; i < 30; i++)
    assert_int_equal(seen[i].done.result, FETCH_WHOLE);
  assert_true(crowd.most <= 8);
  assert_true(tiny_server_connections(fixture.server) <= 16);
  fixture_close(&fixture);
}

static void serves_calls_and_hangs_fetches(struct tiny_connection *connection, int number,
                                           void *context) {
  (void)number;
  (void)context;
  while (tiny_read_request(connection)) {
    if (strstr(tiny_request_head(connection), "GET /v1/") != NULL) {
      tiny_reply(connection, 200, NULL, "{}");
      continue;
    }
    tiny_write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234");
    tiny_wait_closed(connection);
  }
}

static void stopping_ends_downloads_and_nothing_else(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_fetch seen[10];
  struct seen_reply call = {0};
  fixture_open(&fixture, serves_calls_and_hangs_fetches, NULL);
  for (int i = 0; i < 10; i++) {
    char name[32];
    snprintf(name, sizeof name, "%d.mp4", i);
    fixture_fetch(&fixture, fixture_link(&fixture, "/a"), fixture_path(&fixture, name), 10,
                  &seen[i]);
  }
  while (tiny_server_requests(fixture.server) < 8)
    fixture_turn(&fixture);
  fixture_get(&fixture, "/accounts", &call);
  http_stop_fetches(fixture.http);
  http_stop_fetches(fixture.http); /* twice is once */
  for (int i = 0; i < 10; i++)
    assert_int_equal(seen[i].times, 0);
  fixture_run(&fixture);
  for (int i = 0; i < 10; i++) {
    assert_int_equal(seen[i].done.result, FETCH_FAILED);
    assert_string_equal(seen[i].done.text, "stopped");
  }
  assert_int_equal(call.status, 200);
  assert_int_equal(tiny_server_requests(fixture.server), 9); /* the two that waited never began */
  seen_reply_release(&call);
  fixture_close(&fixture);
}

static void a_call_does_not_wait_for_downloads(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_fetch seen[8];
  struct seen_reply call = {0};
  fixture_open(&fixture, serves_calls_and_hangs_fetches, NULL);
  for (int i = 0; i < 8; i++) {
    char name[32];
    snprintf(name, sizeof name, "%d.mp4", i);
    fixture_fetch(&fixture, fixture_link(&fixture, "/a"), fixture_path(&fixture, name), 10,
                  &seen[i]);
  }
  fixture_get(&fixture, "/accounts", &call);
  while (call.times == 0)
    fixture_turn(&fixture);
  assert_int_equal(call.status, 200);
  assert_int_equal(http_under_way(fixture.http), 8);
  seen_reply_release(&call);
  fixture_close(&fixture); /* with all eight under way */
  for (int i = 0; i < 8; i++)
    assert_int_equal(seen[i].times, 0);
}

static void serves_whole(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  (void)context;
  while (tiny_read_request(connection))
    tiny_reply(connection, 200, NULL, "0123456789");
}

static void a_download_may_be_given_up_while_it_is_synced(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_fetch seen;
  fixture_open(&fixture, serves_whole, NULL);
  fixture_fetch(&fixture, fixture_link(&fixture, "/a"), fixture_path(&fixture, "out.mp4"), 10,
                &seen);
  while (fixture.http->fetching > 0)
    fixture_turn(&fixture);
  fixture_close(&fixture);
  assert_true(seen.times <= 1); /* the thread may have been quicker */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_download_that_stands_still_ends),
      cmocka_unit_test(a_slow_download_may_take_longer_than_the_timeout),
      cmocka_unit_test(many_downloads_take_turns),
      cmocka_unit_test(stopping_ends_downloads_and_nothing_else),
      cmocka_unit_test(a_call_does_not_wait_for_downloads),
      cmocka_unit_test(a_download_may_be_given_up_while_it_is_synced),
  };
  return cmocka_run_group_tests_name("http/downloads", tests, NULL, NULL);
}
