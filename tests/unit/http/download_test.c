/* Downloads over real sockets: whole or not at all, resumed, judged, kept from where they may not
 * go. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "support/http_fixture.h"

#define WHOLE "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"v1\"\r\n\r\n0123456789"

/* Replies from a list, one a connection, the last of them ever after; then the connection ends. */
static void replies_from_list(struct tiny_connection *connection, int number, void *context) {
  const char *const *replies = context;
  int which = 0;
  while (which < number - 1 && replies[which + 1] != NULL)
    which++;
  tiny_read_request(connection);
  tiny_write(connection, replies[which]);
}

/* One fetch to out/NAME of what the list's next reply is. */
static void fetch_one(struct http_fixture *fixture, const char *name, int64_t expected_bytes,
                      struct seen_fetch *seen) {
  fixture_fetch(fixture, fixture_link(fixture, "/result.mp4"), fixture_path(fixture, name),
                expected_bytes, seen);
  fixture_run(fixture);
}

/* A single fetch from a server with these replies, ended. */
struct trial {
  struct http_fixture fixture;
  struct seen_fetch seen;
};

static void try_fetch(struct trial *trial, const char *const *replies, int64_t expected_bytes) {
  fixture_open(&trial->fixture, replies_from_list, (void *)(uintptr_t)replies);
  fetch_one(&trial->fixture, "out.mp4", expected_bytes, &trial->seen);
}

static void again(struct trial *trial, int64_t expected_bytes) {
  fetch_one(&trial->fixture, "out.mp4", expected_bytes, &trial->seen);
}

static const char *part_of(const struct trial *trial) {
  return fixture_path(&trial->fixture, "out.mp4.part");
}

static void expect_whole(struct trial *trial, const char *text) {
  struct stat facts;
  if (trial->seen.done.result != FETCH_WHOLE) fail_msg("%s", trial->seen.done.text);
  assert_file_is(part_of(trial), text);
  assert_int_equal(stat(part_of(trial), &facts), 0);
  assert_int_equal(trial->seen.done.bytes, facts.st_size);
  assert_int_equal(trial->seen.done.inode, facts.st_ino);
}

static void expect_no_part(struct trial *trial, enum fetch_result result) {
  assert_int_equal(trial->seen.done.result, result);
  assert_no_file(part_of(trial));
}

static void a_result_is_fetched_whole(void **state) {
  (void)state;
  static const char *const replies[] = {WHOLE, NULL};
  static const int64_t expected[] = {10, -1};
  for (int i = 0; i < 2; i++) {
    struct trial trial;
    try_fetch(&trial, replies, expected[i]);
    expect_whole(&trial, "0123456789");
    assert_int_equal(tiny_server_received(trial.fixture.server, "Authorization"), 0);
    assert_int_equal(tiny_server_received(trial.fixture.server, "Range"), 0);
    assert_int_equal(tiny_server_received(trial.fixture.server, "/result.mp4?Signature=s3cr3t"), 1);
    fixture_close(&trial.fixture);
  }
}

static void missing_directories_are_made(void **state) {
  (void)state;
  static const char *const replies[] = {WHOLE, NULL};
  struct http_fixture fixture;
  struct seen_fetch seen;
  fixture_open(&fixture, replies_from_list, (void *)(uintptr_t)replies);
  fetch_one(&fixture, "a/b/out.mp4", 10, &seen);
  assert_int_equal(seen.done.result, FETCH_WHOLE);
  assert_file_is(fixture_path(&fixture, "a/b/out.mp4.part"), "0123456789");
  fixture_close(&fixture);
}

static void a_body_of_unknown_length_is_whole_when_it_ends_well(void **state) {
  (void)state;
  static const char *const chunked[] = {
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n0\r\n\r\n", NULL};
  static const char *const till_end[] = {"HTTP/1.1 200 OK\r\n\r\n0123", NULL};
  static const char *const *const both[] = {chunked, till_end};
  for (int i = 0; i < 2; i++) {
    struct trial trial;
    try_fetch(&trial, both[i], -1);
    expect_whole(&trial, "0123");
    fixture_close(&trial.fixture);
  }
}

static void a_cut_download_goes_on_where_it_stopped(void **state) {
  (void)state;
  static const char *const replies[] = {
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nETag: \"v1\"\r\n\r\n01234",
      "HTTP/1.1 206 Partial\r\nContent-Length: 5\r\nContent-Range: bytes 5-9/10\r\n\r\n56789",
      NULL};
  static const int64_t expected[] = {10, -1};
  for (int i = 0; i < 2; i++) {
    struct trial trial;
    try_fetch(&trial, replies, expected[i]);
    assert_int_equal(trial.seen.done.result, FETCH_FAILED);
    assert_file_is(part_of(&trial), "01234");
    again(&trial, expected[i]);
    expect_whole(&trial, "0123456789");
    assert_int_equal(tiny_server_received(trial.fixture.server, "Range: bytes=5-\r\n"), 1);
    assert_int_equal(tiny_server_received(trial.fixture.server, "If-Range: \"v1\"\r\n"), 1);
    fixture_close(&trial.fixture);
  }
}

static void a_cut_chunked_body_is_not_whole(void **state) {
  (void)state;
  static const char *const replies[] = {
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n", NULL};
  struct trial trial;
  try_fetch(&trial, replies, -1);
  assert_int_equal(trial.seen.done.result, FETCH_FAILED);
  fixture_close(&trial.fixture);
}

static void a_reply_cut_in_its_headers_is_not_an_empty_file(void **state) {
  (void)state;
  static const char *const replies[] = {"HTTP/1.1 200 OK\r\nETag: \"v", NULL};
  struct trial trial;
  try_fetch(&trial, replies, -1);
  assert_int_equal(trial.seen.done.result, FETCH_FAILED);
  fixture_close(&trial.fixture);
}

/* As if an earlier process had left a .part. */
static void leave_part(struct trial *trial, const char *const *replies, const char *text) {
  fixture_open(&trial->fixture, replies_from_list, (void *)(uintptr_t)replies);
  write_file(part_of(trial), text, strlen(text));
}

static void a_part_of_an_earlier_process_is_completed(void **state) {
  (void)state;
  static const char *const replies[] = {
      "HTTP/1.1 206 Partial\r\nContent-Length: 7\r\nContent-Range: bytes 3-9/10\r\n\r\n3456789",
      NULL};
  struct trial trial;
  leave_part(&trial, replies, "012");
  again(&trial, 10);
  expect_whole(&trial, "0123456789");
  assert_int_equal(tiny_server_received(trial.fixture.server, "Range: bytes=3-\r\n"), 1);
  assert_int_equal(tiny_server_received(trial.fixture.server, "If-Range"), 0);
  fixture_close(&trial.fixture);
}

static void a_part_that_cannot_be_the_beginning_is_begun_anew(void **state) {
  (void)state;
  static const char *const replies[] = {WHOLE, NULL};
  static const struct {
    const char *part;
    int64_t expected_bytes;
  } cases[] = {{"xyz", -1}, {"xxxxxxxxxx", 10}, {"xxxxxxxxxxxxxxx", 10}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct trial trial;
    leave_part(&trial, replies, cases[i].part);
    again(&trial, cases[i].expected_bytes);
    expect_whole(&trial, "0123456789");
    assert_int_equal(tiny_server_received(trial.fixture.server, "Range"), 0);
    fixture_close(&trial.fixture);
  }
}

static void a_server_that_does_not_resume_starts_over(void **state) {
  (void)state;
  static const char *const replies[] = {WHOLE, NULL};
  struct trial trial;
  leave_part(&trial, replies, "xyz");
  again(&trial, 10);
  expect_whole(&trial, "0123456789");
  assert_int_equal(tiny_server_received(trial.fixture.server, "Range: bytes=3-"), 1);
  fixture_close(&trial.fixture);
}

static void a_refused_range_starts_over(void **state) {
  (void)state;
  static const char *const replies[] = {
      "HTTP/1.1 416 No\r\nContent-Length: 2\r\nContent-Range: bytes */10\r\n\r\nno", WHOLE, NULL};
  struct trial trial;
  leave_part(&trial, replies, "xyz");
  again(&trial, 10);
  expect_whole(&trial, "0123456789");
  assert_int_equal(tiny_server_requests(trial.fixture.server), 2);
  assert_int_equal(tiny_server_received(trial.fixture.server, "Range: bytes=3-"), 1);
  fixture_close(&trial.fixture);
}

static void a_range_refused_without_being_asked_is_a_failure(void **state) {
  (void)state;
  static const char *const replies[] = {"HTTP/1.1 416 No\r\nContent-Length: 0\r\n\r\n", NULL};
  struct trial trial;
  try_fetch(&trial, replies, 10);
  assert_int_equal(trial.seen.done.result, FETCH_FAILED);
  assert_int_equal(tiny_server_requests(trial.fixture.server), 1);
  fixture_close(&trial.fixture);
}

static void another_part_than_asked_for_is_not_taken(void **state) {
  (void)state;
  static const char *const wrong[] = {
      "HTTP/1.1 206 Partial\r\nContent-Length: 6\r\nContent-Range: bytes 4-9/10\r\n\r\n456789",
      "HTTP/1.1 206 Partial\r\nContent-Length: 8\r\nContent-Range: bytes 3-10/11\r\n\r\n3456789a",
      "HTTP/1.1 206 Partial\r\nContent-Length: 7\r\nContent-Range: bytes 3-9/x\r\n\r\n3456789",
      "HTTP/1.1 206 Partial\r\nContent-Length: 7\r\nContent-Range: bytes 3-9/9\r\n\r\n3456789",
      "HTTP/1.1 206 Partial\r\nContent-Length: 7\r\n\r\n3456789"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    const char *const replies[] = {wrong[i], NULL};
    struct trial trial;
    leave_part(&trial, replies, "012");
    again(&trial, 10);
    expect_no_part(&trial, FETCH_LENGTH);
    fixture_close(&trial.fixture);
  }
}

static void another_length_than_promised_is_not_taken(void **state) {
  (void)state;
  static const struct {
    const char *reply;
    int64_t expected_bytes;
  } cases[] = {{WHOLE, 9},
               {WHOLE, 11},
               {"HTTP/1.1 200 OK\r\n\r\n0123456789", 9},
               {"HTTP/1.1 200 OK\r\n\r\n0123456789", 11},
               {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 10},
               {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", -1}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *const replies[] = {cases[i].reply, NULL};
    struct trial trial;
    try_fetch(&trial, replies, cases[i].expected_bytes);
    expect_no_part(&trial, FETCH_LENGTH);
    fixture_close(&trial.fixture);
  }
}

static void a_status_says_whether_the_link_is_spent(void **state) {
  (void)state;
  static const struct {
    int status;
    enum fetch_result result;
  } cases[] = {{401, FETCH_EXPIRED}, {403, FETCH_EXPIRED}, {404, FETCH_EXPIRED},
               {410, FETCH_EXPIRED}, {429, FETCH_FAILED},  {500, FETCH_FAILED},
               {503, FETCH_FAILED},  {204, FETCH_FAILED},  {304, FETCH_FAILED}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char reply[128], said[32];
    bool bodyless = cases[i].status == 204 || cases[i].status == 304;
    snprintf(reply, sizeof reply, "HTTP/1.1 %d Said\r\nContent-Length: %d\r\n\r\n%s",
             cases[i].status, bodyless ? 0 : 5, bodyless ? "" : "sorry");
    snprintf(said, sizeof said, "answered %d", cases[i].status);
    const char *const replies[] = {reply, NULL};
    struct trial trial;
    leave_part(&trial, replies, "012");
    again(&trial, 10);
    assert_int_equal(trial.seen.done.result, cases[i].result);
    assert_non_null(strstr(trial.seen.done.text, said));
    assert_file_is(part_of(&trial), "012"); /* for the next link */
    fixture_close(&trial.fixture);
  }
}

static void redirects_some_times(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  atomic_int *left = context;
  while (tiny_read_request(connection))
    if (atomic_fetch_sub(left, 1) > 0)
      tiny_reply(connection, 302, "Location: /next", "");
    else
      tiny_write(connection, WHOLE);
}

static void five_redirects_are_followed_and_no_more(void **state) {
  (void)state;
  for (int count = 5; count <= 6; count++) {
    atomic_int left = count;
    struct http_fixture fixture;
    struct seen_fetch seen;
    fixture_open(&fixture, redirects_some_times, &left);
    fetch_one(&fixture, "out.mp4", 10, &seen);
    assert_int_equal(seen.done.result, count == 5 ? FETCH_WHOLE : FETCH_FAILED);
    fixture_close(&fixture);
  }
}

static void a_redirect_to_another_scheme_is_not_followed(void **state) {
  (void)state;
  static const char *const replies[] = {
      "HTTP/1.1 302 Go\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", NULL};
  struct trial trial;
  try_fetch(&trial, replies, -1);
  assert_int_equal(trial.seen.done.result, FETCH_FAILED);
  fixture_close(&trial.fixture);
}

/* 203.0.113/24 is reserved for documentation; nothing is sent, whatever answers there. */
static void plain_http_leads_nowhere_but_here(void **state) {
  (void)state;
  static const char *const replies[] = {WHOLE, NULL};
  static const char *const links[] = {"http://203.0.113.1/result", "ftp://127.0.0.1/result",
                                      "http://user:pw@127.0.0.1/", "nonsense"};
  struct trial trial;
  fixture_open(&trial.fixture, replies_from_list, (void *)(uintptr_t)replies);
  for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
    fixture_fetch(&trial.fixture, links[i], fixture_path(&trial.fixture, "out.mp4"), 10,
                  &trial.seen);
    fixture_run(&trial.fixture);
    assert_int_equal(trial.seen.done.result, FETCH_FAILED);
    assert_non_null(strstr(trial.seen.done.text, "https only"));
  }
  fixture_close(&trial.fixture);
}

static void a_far_api_has_no_results_on_this_machine(void **state) {
  (void)state;
  static const char *const replies[] = {WHOLE, NULL};
  struct trial trial;
  fixture_open(&trial.fixture, replies_from_list, (void *)(uintptr_t)replies);
  struct http *far = NULL;
  struct http_options options = {.api_url = "https://api.example/v1",
                                 .tokens = trial.fixture.tokens,
                                 .token_count = 1,
                                 .connect_timeout = 1000,
                                 .timeout = 1000,
                                 .user_agent = "nightshift/test"};
  assert_int_equal(http_new(&far, &trial.fixture.loop, &options, NULL), 0);
  http_free(trial.fixture.http);
  trial.fixture.http = far;
  fetch_one(&trial.fixture, "out.mp4", 10, &trial.seen); /* http */
  assert_non_null(strstr(trial.seen.done.text, "https only"));
  static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]", "10.0.0.1",
                                      "169.254.169.254"};
  for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
    char link[128];
    snprintf(link, sizeof link, "https://%s:%d/result", hosts[i],
             tiny_server_port(trial.fixture.server));
    fixture_fetch(&trial.fixture, link, fixture_path(&trial.fixture, "out.mp4"), 10, &trial.seen);
    fixture_run(&trial.fixture);
    assert_int_equal(trial.seen.done.result, FETCH_FAILED);
    assert_non_null(strstr(trial.seen.done.text, "may not reach"));
  }
  assert_int_equal(tiny_server_connections(trial.fixture.server), 0);
  fixture_close(&trial.fixture);
}

static void sends_much(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  (void)context;
  static char block[100000];
  tiny_read_request(connection);
  tiny_write(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
  tiny_write_bytes(connection, block, sizeof block);
}

static void a_full_device_is_told_apart(void **state) {
  (void)state;
  assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
  struct rlimit before, low;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  low = before;
  low.rlim_cur = 5000;
  struct http_fixture fixture;
  struct seen_fetch seen;
  fixture_open(&fixture, sends_much, NULL);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
  fetch_one(&fixture, "out.mp4", 100000, &seen);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(seen.done.result, FETCH_FULL);
  assert_non_null(strstr(seen.done.text, "out.mp4.part: "));
  fixture_close(&fixture);
}

static void an_output_that_cannot_be_written_is_told_by_name(void **state) {
  (void)state;
  static const char *const replies[] = {WHOLE, NULL};
  struct trial trial;
  fixture_open(&trial.fixture, replies_from_list, (void *)(uintptr_t)replies);
  write_file(fixture_path(&trial.fixture, "file"), "", 0);
  fetch_one(&trial.fixture, "file/out.mp4", 10, &trial.seen);
  assert_int_equal(trial.seen.done.result, FETCH_OUTPUT);
  assert_non_null(strstr(trial.seen.done.text, "/file: Not a directory"));
  assert_int_equal(tiny_server_connections(trial.fixture.server), 0);
  fixture_close(&trial.fixture);
}

static void nobody_there_is_a_failure(void **state) {
  (void)state;
  static const char *const replies[] = {WHOLE, NULL};
  struct trial trial;
  fixture_open(&trial.fixture, replies_from_list, (void *)(uintptr_t)replies);
  fixture_fetch(&trial.fixture, "http://127.0.0.1:1/result",
                fixture_path(&trial.fixture, "out.mp4"), 10, &trial.seen);
  fixture_run(&trial.fixture);
  assert_int_equal(trial.seen.done.result, FETCH_FAILED);
  fixture_close(&trial.fixture);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_result_is_fetched_whole),
      cmocka_unit_test(missing_directories_are_made),
      cmocka_unit_test(a_body_of_unknown_length_is_whole_when_it_ends_well),
      cmocka_unit_test(a_cut_download_goes_on_where_it_stopped),
      cmocka_unit_test(a_cut_chunked_body_is_not_whole),
      cmocka_unit_test(a_reply_cut_in_its_headers_is_not_an_empty_file),
      cmocka_unit_test(a_part_of_an_earlier_process_is_completed),
      cmocka_unit_test(a_part_that_cannot_be_the_beginning_is_begun_anew),
      cmocka_unit_test(a_server_that_does_not_resume_starts_over),
      cmocka_unit_test(a_refused_range_starts_over),
      cmocka_unit_test(a_range_refused_without_being_asked_is_a_failure),
      cmocka_unit_test(another_part_than_asked_for_is_not_taken),
      cmocka_unit_test(another_length_than_promised_is_not_taken),
      cmocka_unit_test(a_status_says_whether_the_link_is_spent),
      cmocka_unit_test(five_redirects_are_followed_and_no_more),
      cmocka_unit_test(a_redirect_to_another_scheme_is_not_followed),
      cmocka_unit_test(plain_http_leads_nowhere_but_here),
      cmocka_unit_test(a_far_api_has_no_results_on_this_machine),
      cmocka_unit_test(a_full_device_is_told_apart),
      cmocka_unit_test(an_output_that_cannot_be_written_is_told_by_name),
      cmocka_unit_test(nobody_there_is_a_failure),
  };
  return cmocka_run_group_tests_name("http/download", tests, NULL, NULL);
}
