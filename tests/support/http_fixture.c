/* A loop, an http on it, and a tiny server that it talks to. */
#include "support/http_fixture.h"

#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

void fixture_open_with(struct http_fixture *fixture, tiny_script *script, void *context,
                       duration_ms timeout) {
  assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
  assert_int_equal(uv_loop_init(&fixture->loop), 0);
  assert_int_equal(uv_timer_init(&fixture->loop, &fixture->nudge), 0);
  fixture->server = tiny_server_start(script, context);
  snprintf(fixture->url, sizeof fixture->url, "http://127.0.0.1:%d/v1",
           tiny_server_port(fixture->server));
  snprintf(fixture->directory, sizeof fixture->directory, "/tmp/nightshift-http-XXXXXX");
  assert_non_null(mkdtemp(fixture->directory));
  fixture->tokens[0] = secret_new("user:1-other");
  fixture->tokens[1] = secret_new(FIXTURE_TOKEN);
  struct http_options options = {.api_url = fixture->url,
                                 .tokens = fixture->tokens,
                                 .token_count = 2,
                                 .connect_timeout = 10000,
                                 .timeout = timeout,
                                 .user_agent = "nightshift/test"};
  struct error error = {0};
  assert_int_equal(http_new(&fixture->http, &fixture->loop, &options, &error), 0);
}

void fixture_open(struct http_fixture *fixture, tiny_script *script, void *context) {
  fixture_open_with(fixture, script, context, 30000);
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place) {
  (void)facts;
  (void)kind;
  (void)place;
  return remove(path);
}

void fixture_close(struct http_fixture *fixture) {
  http_free(fixture->http);
  uv_close((uv_handle_t *)&fixture->nudge, NULL);
  assert_int_equal(uv_run(&fixture->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&fixture->loop), 0);
  tiny_server_stop(fixture->server);
  secret_free(fixture->tokens[0]);
  secret_free(fixture->tokens[1]);
  assert_int_equal(nftw(fixture->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void on_nudge(uv_timer_t *timer) {
  (void)timer;
}

void fixture_turn(struct http_fixture *fixture) {
  /* UV_RUN_ONCE would otherwise wait for I/O after a timer has already brought what is awaited. */
  assert_int_equal(uv_timer_start(&fixture->nudge, on_nudge, 1, 0), 0);
  uv_run(&fixture->loop, UV_RUN_ONCE);
}

void fixture_run(struct http_fixture *fixture) {
  while (http_under_way(fixture->http) > 0)
    fixture_turn(fixture);
}

static char *copy(const char *text) {
  return text == NULL ? NULL : strdup(text);
}

static void on_reply(void *context, const struct wire_reply *reply, int64_t begun_boot_ms) {
  struct seen_reply *seen = context;
  seen->times++;
  assert_int_equal(seen->times, 1);
  seen->transport = reply->transport;
  seen->status = reply->status;
  seen->content_type = copy(reply->content_type);
  seen->retry_after = copy(reply->retry_after);
  seen->date = copy(reply->date);
  seen->failure = copy(reply->failure);
  seen->body = reply->body == NULL ? NULL : strndup(reply->body, reply->body_bytes);
  seen->body_bytes = reply->body_bytes;
  seen->begun_boot_ms = begun_boot_ms;
  assert_int_equal(reply->transport == WIRE_REPLIED, reply->failure == NULL);
  if (reply->failure != NULL) assert_null(strstr(reply->failure, "secret"));
}

void seen_reply_release(struct seen_reply *seen) {
  free(seen->body);
  free(seen->content_type);
  free(seen->retry_after);
  free(seen->date);
  free(seen->failure);
  *seen = (struct seen_reply){0};
}

static void send_request(struct http_fixture *fixture, const struct wire_request *request,
                         bool paid, struct seen_reply *seen) {
  seen_reply_release(seen);
  http_send(fixture->http, 1, request, paid, on_reply, seen);
  assert_int_equal(seen->times, 0); /* never from within */
}

void fixture_get(struct http_fixture *fixture, const char *path, struct seen_reply *seen) {
  struct wire_request request = {.method = "GET", .path = path};
  send_request(fixture, &request, false, seen);
}

void fixture_post(struct http_fixture *fixture, const char *body, bool paid,
                  struct seen_reply *seen) {
  struct wire_request request = {.method = "POST",
                                 .path = "/gen4/act-two-voice",
                                 .content_type = "application/json",
                                 .body = body,
                                 .body_bytes = strlen(body)};
  send_request(fixture, &request, paid, seen);
}

void fixture_upload(struct http_fixture *fixture, const char *file, int64_t bytes,
                    struct seen_reply *seen) {
  struct wire_request request = {.method = "POST",
                                 .path = "/assets/?name=a",
                                 .content_type = "video/mp4",
                                 .body_path = file,
                                 .body_path_bytes = bytes};
  send_request(fixture, &request, false, seen);
}

const char *fixture_link(const struct http_fixture *fixture, const char *path) {
  static char link[256];
  snprintf(link, sizeof link, "http://127.0.0.1:%d%s?" FIXTURE_SIGNATURE,
           tiny_server_port(fixture->server), path);
  return link;
}

const char *fixture_path(const struct http_fixture *fixture, const char *name) {
  static char paths[4][256];
  static unsigned next;
  char *path = paths[next++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", fixture->directory, name);
  return path;
}

static void on_fetched(void *context, const struct http_fetch_done *done) {
  struct seen_fetch *seen = context;
  seen->times++;
  assert_int_equal(seen->times, 1);
  seen->done = *done;
  assert_null(strstr(done->text, "s3cr3t"));
  assert_int_equal(done->result == FETCH_WHOLE, done->text[0] == '\0');
}

void fixture_fetch(struct http_fixture *fixture, const char *link, const char *path,
                   int64_t expected_bytes, struct seen_fetch *seen) {
  *seen = (struct seen_fetch){0};
  http_fetch(fixture->http, link, NULL, path, expected_bytes, on_fetched, seen);
  assert_int_equal(seen->times, 0); /* never from within */
}

void write_file(const char *path, const char *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

void assert_file_is(const char *path, const char *text) {
  char bytes[4096];
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  size_t size = fread(bytes, 1, sizeof bytes - 1, file);
  bytes[size] = '\0';
  assert_int_equal(fclose(file), 0);
  assert_string_equal(bytes, text);
}

void assert_no_file(const char *path) {
  struct stat facts;
  assert_int_not_equal(lstat(path, &facts), 0);
}
