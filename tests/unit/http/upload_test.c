/* Uploads: a file's bytes, whole and unchanged, or nothing that could pass for it. */
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/http_fixture.h"

#define CLIP_BYTES ((size_t)8 * 1024 * 1024)

/* A clip whose every part differs. */
static char *make_clip(const char *path, size_t size) {
  char *bytes = malloc(size);
  assert_non_null(bytes);
  for (size_t i = 0; i < size; i++)
    bytes[i] = (char)(i * 31 + i / 251);
  write_file(path, bytes, size);
  return bytes;
}

struct expected_body {
  const char *bytes;
  size_t size;
  bool same;
};

static void compares_the_body(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  struct expected_body *expected = context;
  while (tiny_read_request(connection)) {
    size_t size = 0;
    const char *body = tiny_request_body(connection, &size);
    expected->same = size == expected->size && memcmp(body, expected->bytes, size) == 0;
    tiny_reply(connection, 200, NULL, "{}");
  }
}

static void the_bytes_of_the_file_arrive(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  struct expected_body expected = {.size = CLIP_BYTES};
  fixture_open(&fixture, compares_the_body, &expected);
  const char *path = fixture_path(&fixture, "clip.mp4");
  char *clip = make_clip(path, CLIP_BYTES);
  expected.bytes = clip;
  fixture_upload(&fixture, path, (int64_t)CLIP_BYTES, &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_REPLIED);
  assert_true(expected.same);
  assert_int_equal(tiny_server_received(fixture.server, "Content-Type: video/mp4\r\n"), 1);
  assert_int_equal(tiny_server_received(fixture.server, "Content-Length: 8388608\r\n"), 1);
  assert_int_equal(tiny_server_received(fixture.server, "Expect"), 0);
  seen_reply_release(&seen);
  fixture_close(&fixture);
  free(clip);
}

static void a_file_that_is_not_as_it_was_is_not_sent(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  struct expected_body expected = {0};
  fixture_open(&fixture, compares_the_body, &expected);
  const char *path = fixture_path(&fixture, "clip.mp4");
  write_file(path, "12345", 5);
  fixture_upload(&fixture, path, 4, &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_NOT_SENT);
  assert_non_null(strstr(seen.failure, "clip.mp4: the file has changed"));
  fixture_upload(&fixture, fixture_path(&fixture, "none.mp4"), 4, &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_NOT_SENT);
  assert_non_null(strstr(seen.failure, "none.mp4: No such file"));
  const char *fifo = fixture_path(&fixture, "fifo.mp4");
  assert_int_equal(mkfifo(fifo, 0600), 0);
  fixture_upload(&fixture, fifo, 0, &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_NOT_SENT);
  assert_non_null(strstr(seen.failure, "plain file"));
  assert_int_equal(tiny_server_connections(fixture.server), 0);
  seen_reply_release(&seen);
  fixture_close(&fixture);
}

static void waits_before_the_body(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  sem_t *go_on = context;
  if (!tiny_read_head(connection)) return;
  if (go_on != NULL) sem_wait(go_on);
  tiny_wait_closed(connection);
}

static void a_file_changed_meanwhile_never_arrives_whole(void **state) {
  (void)state;
  for (int shorter = 0; shorter < 2; shorter++) {
    struct http_fixture fixture;
    struct seen_reply seen = {0};
    sem_t go_on;
    assert_int_equal(sem_init(&go_on, 0, 0), 0);
    fixture_open(&fixture, waits_before_the_body, &go_on);
    const char *path = fixture_path(&fixture, "clip.mp4");
    free(make_clip(path, CLIP_BYTES));
    fixture_upload(&fixture, path, (int64_t)CLIP_BYTES, &seen);
    while (tiny_server_requests(fixture.server) < 1)
      fixture_turn(&fixture);
    /* The server holds the rest back: more than the kernel's buffers is still in the file. */
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    if (shorter == 1)
      assert_int_equal(ftruncate(fileno(file), (off_t)CLIP_BYTES - 1), 0);
    else
      assert_int_equal(fputc('!', file), '!');
    assert_int_equal(fclose(file), 0);
    assert_int_equal(sem_post(&go_on), 0);
    fixture_run(&fixture);
    assert_int_equal(seen.transport, WIRE_NO_REPLY);
    assert_non_null(strstr(seen.failure, "clip.mp4: the file "));
    seen_reply_release(&seen);
    fixture_close(&fixture);
    sem_destroy(&go_on);
  }
}

static void reads_the_head_only(struct tiny_connection *connection, int number, void *context) {
  (void)number;
  tiny_read_head(connection);
  sem_wait(context);
}

static void an_upload_that_stands_still_ends(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  sem_t over;
  assert_int_equal(sem_init(&over, 0, 0), 0);
  fixture_open_with(&fixture, reads_the_head_only, &over, 100);
  const char *path = fixture_path(&fixture, "clip.mp4");
  free(make_clip(path, CLIP_BYTES));
  fixture_upload(&fixture, path, (int64_t)CLIP_BYTES, &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_NO_REPLY);
  assert_string_equal(seen.failure, "nothing moved for 100 ms");
  assert_int_equal(sem_post(&over), 0);
  seen_reply_release(&seen);
  fixture_close(&fixture);
  sem_destroy(&over);
}

/* Answers a first request, reads the second and closes; libcurl then begins anew by itself. */
static void drops_the_second(struct tiny_connection *connection, int number, void *context) {
  if (number > 1) {
    compares_the_body(connection, number, context);
    return;
  }
  tiny_read_request(connection);
  tiny_reply(connection, 200, NULL, "{}");
  tiny_read_request(connection);
}

static void an_upload_sent_again_begins_with_the_first_byte(void **state) {
  (void)state;
  struct http_fixture fixture;
  struct seen_reply seen = {0};
  struct expected_body expected = {.size = 100000};
  fixture_open(&fixture, drops_the_second, &expected);
  const char *path = fixture_path(&fixture, "clip.mp4");
  char *clip = make_clip(path, expected.size);
  expected.bytes = clip;
  fixture_get(&fixture, "/a", &seen);
  fixture_run(&fixture);
  fixture_upload(&fixture, path, (int64_t)expected.size, &seen);
  fixture_run(&fixture);
  assert_int_equal(seen.transport, WIRE_REPLIED);
  assert_true(expected.same);
  assert_int_equal(tiny_server_connections(fixture.server), 2);
  seen_reply_release(&seen);
  fixture_close(&fixture);
  free(clip);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_bytes_of_the_file_arrive),
      cmocka_unit_test(a_file_that_is_not_as_it_was_is_not_sent),
      cmocka_unit_test(a_file_changed_meanwhile_never_arrives_whole),
      cmocka_unit_test(an_upload_that_stands_still_ends),
      cmocka_unit_test(an_upload_sent_again_begins_with_the_first_byte),
  };
  return cmocka_run_group_tests_name("http/upload", tests, NULL, NULL);
}
