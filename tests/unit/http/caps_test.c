/* Nothing that a server sends has no end: headers, bodies and results are cut at their ceilings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/client.h"
#include "support/http_fixture.h"

#define BLOCK 65536

/* Sends the text again and again, for as long as somebody takes it. */
static void send_for_ever(struct tiny_connection *connection, const char *text) {
  while (tiny_write(connection, text))
    continue;
}

static void headers_without_end(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  tiny_read_request(connection);
  tiny_write(connection, "HTTP/1.1 200 OK\r\n");
  send_for_ever(connection, context);
}

static void interim_replies_without_end(struct tiny_connection *connection, int number,
                                        void *context) {
  (void)number;
  (void)context;
  tiny_read_request(connection);
  send_for_ever(connection, "HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n");
}

static void a_body_without_end(struct tiny_connection *connection, int number, void *context) {
  char block[BLOCK + 1];
  (void)number;
  memset(block, ' ', BLOCK);
  block[BLOCK] = '\0';
  tiny_read_request(connection);
  tiny_write(connection, context);
  send_for_ever(connection, block);
}

static void trailers_without_end(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  tiny_read_request(connection);
  tiny_write(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n"
                         "2\r\n{}\r\n0\r\n");
  send_for_ever(connection, context);
}

static void expect_cut(tiny_script *script, void *context, const char *why) {
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  fixture_open(&fixture, script, context);
  fixture_get(&fixture, "/tasks/", &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_NO_REPLY);
  if (strstr(seen.failure, why) == NULL) fail_msg("\"%s\" does not say \"%s\"", seen.failure, why);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void headers_of_a_reply_have_a_ceiling(void **state) {
  (void)state;
  static char lines[] = "X-Padding: 0123456789012345678901234567890123456789\r\n";
  static char one_line[] = "0123456789012345678901234567890123456789";
  expect_cut(headers_without_end, lines, "headers of the reply are larger");
  expect_cut(headers_without_end, one_line, "");
  expect_cut(interim_replies_without_end, NULL, "headers of the reply are larger");
  expect_cut(trailers_without_end, lines, "");
}

static void a_body_has_a_ceiling(void **state) {
  (void)state;
  static char till_end[] = "HTTP/1.1 200 OK\r\n\r\n";
  static char promised[] = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n";
  expect_cut(a_body_without_end, till_end, "the reply is larger than any");
  expect_cut(a_body_without_end, promised, "the reply is larger than any");
}

/* 64 MiB of blanks in 64 KiB: what counts is what comes out. */
static void a_zipped_body(struct tiny_connection *connection, int number, void *context) {
  char block[BLOCK];
  (void)number;
  (void)context;
  FILE *zipped = popen("head -c 67108864 /dev/zero | tr '\\0' ' ' | gzip -9", "re");
  assert_non_null(zipped);
  tiny_read_request(connection);
  tiny_write(connection, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
  for (size_t got; (got = fread(block, 1, sizeof block, zipped)) > 0;)
    if (!tiny_write_bytes(connection, block, got)) break;
  assert_true(pclose(zipped) >= 0);
}

static void a_zipped_body_has_the_ceiling_of_what_it_holds(void **state) {
  (void)state;
  expect_cut(a_zipped_body, NULL, "the reply is larger than any");
}

/* ---- results ---- */

static void one_reply(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  tiny_read_request(connection);
  tiny_write(connection, context);
}

static void fetch_capped(tiny_script *script, void *reply, int64_t expected_bytes,
                         enum fetch_result wanted) {
  struct http_fixture fixture;
  struct seen_fetch seen;
  fixture_open(&fixture, script, reply);
  fixture.http->fetch_bytes_max = 10;
  fixture_fetch(&fixture, fixture_link(&fixture, "/result.mp4"), fixture_path(&fixture, "out.mp4"),
                expected_bytes, &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.done.result, wanted);
  if (wanted != FETCH_WHOLE) assert_no_file(fixture_path(&fixture, "out.mp4.part"));
  if (wanted == FETCH_LENGTH) assert_non_null(strstr(seen.done.text, "larger than any result"));
  fixture_close(&fixture);
}

static void a_result_has_a_ceiling(void **state) {
  (void)state;
  static char just[] = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789";
  static char more[] = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n0123456789a";
  static char unknown[] = "HTTP/1.1 200 OK\r\n\r\n0123456789a";
  static char endless[] = "HTTP/1.1 200 OK\r\n\r\n";
  fetch_capped(one_reply, just, 10, FETCH_WHOLE);
  fetch_capped(one_reply, just, -1, FETCH_WHOLE);
  fetch_capped(one_reply, more, 11, FETCH_LENGTH);
  fetch_capped(one_reply, more, -1, FETCH_LENGTH);
  fetch_capped(one_reply, unknown, -1, FETCH_LENGTH);
  fetch_capped(one_reply, unknown, 11, FETCH_LENGTH);
  fetch_capped(a_body_without_end, endless, -1, FETCH_LENGTH);
}

static void headers_before_a_result_have_a_ceiling(void **state) {
  (void)state;
  static char lines[] = "X-Padding: 0123456789012345678901234567890123456789\r\n";
  struct http_fixture fixture;
  struct seen_fetch seen;
  fixture_open(&fixture, headers_without_end, lines);
  fixture_fetch(&fixture, fixture_link(&fixture, "/result.mp4"), fixture_path(&fixture, "out.mp4"),
                10, &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.done.result, FETCH_FAILED);
  assert_non_null(strstr(seen.done.text, "headers of the reply are larger"));
  fixture_close(&fixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(headers_of_a_reply_have_a_ceiling),
      cmocka_unit_test(a_body_has_a_ceiling),
      cmocka_unit_test(a_zipped_body_has_the_ceiling_of_what_it_holds),
      cmocka_unit_test(a_result_has_a_ceiling),
      cmocka_unit_test(headers_before_a_result_have_a_ceiling),
  };
  return cmocka_run_group_tests_name("http/caps", tests, NULL, NULL);
}
