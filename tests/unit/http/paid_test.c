/* The paid POST leaves at most once, whatever libcurl would do by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/http_fixture.h"

#define FIRST_BODY  "{\"replyRef\":\"first\"}"
#define SECOND_BODY "{\"replyRef\":\"second\"}"

/* Answers one request, reads a second on the same connection and closes without a word: the case
 * in which libcurl opens another connection and sends again. */
static void answers_one_reads_another(struct tiny_connection *connection, int number,
                                      void *context) {
  bool reset = context != NULL;
  if (number > 1) { /* the second connection of the one who sends again */
    while (tiny_read_request(connection))
      tiny_reply(connection, 200, NULL, "{}");
    return;
  }
  tiny_read_request(connection);
  tiny_reply(connection, 200, NULL, "{}");
  tiny_read_request(connection);
  if (reset) tiny_reset(connection);
}

static void post_two(struct http_fixture *fixture, bool paid, struct seen_reply *seen) {
  fixture_post(fixture, FIRST_BODY, paid, seen);
  fixture_run(fixture);
  assert_int_equal(seen->status, 200);
  fixture_post(fixture, SECOND_BODY, paid, seen);
  fixture_run(fixture);
}

static void a_paid_post_is_not_sent_again_by_libcurl(void **state) {
  (void)state;
  char reset[] = "reset";
  void *const endings[] = {NULL, reset};
  for (int i = 0; i < 2; i++) {
    struct http_fixture fixture;
    struct seen_reply seen = {0};
    fixture_open(&fixture, answers_one_reads_another, endings[i]);
    post_two(&fixture, true, &seen);
    assert_int_equal(seen.transport, WIRE_NO_REPLY);
    assert_int_equal(tiny_server_received(fixture.server, SECOND_BODY), 1);
    assert_int_equal(tiny_server_requests(fixture.server), 2);
    if (i == 0) assert_non_null(strstr(seen.failure, "prevented"));
    seen_reply_release(&seen);
    fixture_close(&fixture);
  }
}

/* Shows that the server above does provoke it. */
static void another_post_is_sent_again_by_libcurl(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open(&fixture, answers_one_reads_another, NULL);
  post_two(&fixture, false, &seen);
  assert_int_equal(seen.transport, WIRE_REPLIED);
  assert_int_equal(tiny_server_received(fixture.server, SECOND_BODY), 2);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void answers_all(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  (void)context;
  while (tiny_read_request(connection))
    tiny_reply(connection, 200, NULL, "{}");
}

static bool open_once(void *context) {
  int *asked = context;
  return ++*asked == 1;
}

/* The gate is asked when a connection is there, right before the bytes leave, for paid calls only.
 */
static void what_the_gate_holds_back_never_leaves(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  int asked = 0;
  fixture_open(&fixture, answers_all, NULL);
  http_set_gate(fixture.http, open_once, &asked);
  post_two(&fixture, true, &seen);
  assert_int_equal(seen.transport, WIRE_NOT_SENT);
  assert_non_null(strstr(seen.failure, "held back"));
  assert_int_equal(asked, 2);
  assert_int_equal(tiny_server_received(fixture.server, SECOND_BODY), 0);
  fixture_post(&fixture, SECOND_BODY, false, &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_REPLIED);
  assert_int_equal(asked, 2);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void paid_posts_share_a_connection_among_themselves_only(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open(&fixture, answers_all, NULL);
  for (int i = 0; i < 3; i++) {
    fixture_post(&fixture, "{}", true, &seen);
    fixture_run(&fixture);
    fixture_post(&fixture, "{}", false, &seen);
    fixture_run(&fixture);
  }
  assert_int_equal(tiny_server_requests(fixture.server), 6);
  assert_int_equal(tiny_server_connections(fixture.server), 2);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void sees_how_it_ends(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  tiny_read_request(connection);
  *(int *)context = tiny_wait_closed(connection) ? 'R' : 'F';
}

static int end_after_timeout(bool paid) {
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  int end = 0;
  fixture_open_with(&fixture, sees_how_it_ends, &end, 60);
  fixture_post(&fixture, "{}", paid, &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_NO_REPLY);
  seen_reply_release(&seen);
  fixture_close(&fixture); /* waits for the script */
  return end;
}

static void what_the_kernel_holds_of_a_given_up_paid_post_is_dropped(void **state) {
  (void)state;
  assert_int_equal(end_after_timeout(true), 'R');
  assert_int_equal(end_after_timeout(false), 'F');
}

static void hangs(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  (void)context;
  tiny_read_request(connection);
  tiny_wait_closed(connection);
}

static void a_paid_post_given_up_by_time_was_sent_once(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open_with(&fixture, hangs, NULL, 60);
  fixture_post(&fixture, SECOND_BODY, true, &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_NO_REPLY);
  assert_int_equal(tiny_server_received(fixture.server, SECOND_BODY), 1);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_paid_post_is_not_sent_again_by_libcurl),
      cmocka_unit_test(another_post_is_sent_again_by_libcurl),
      cmocka_unit_test(what_the_gate_holds_back_never_leaves),
      cmocka_unit_test(paid_posts_share_a_connection_among_themselves_only),
      cmocka_unit_test(what_the_kernel_holds_of_a_given_up_paid_post_is_dropped),
      cmocka_unit_test(a_paid_post_given_up_by_time_was_sent_once),
  };
  return cmocka_run_group_tests_name("http/paid", tests, NULL, NULL);
}
