/* A loop, an http on it, and a tiny server that it talks to: what the tests of http/ start from. */
#ifndef SUPPORT_HTTP_FIXTURE_H
#define SUPPORT_HTTP_FIXTURE_H

#include <uv.h>

#include "nightshift/http.h"
#include "support/tiny_server.h"
#include "util/secret.h"

/* Never to be seen in any text. */
#define FIXTURE_TOKEN     "user:1234-r8secretsecret"
#define FIXTURE_SIGNATURE "Signature=s3cr3t"

struct http_fixture {
  uv_loop_t loop;
  uv_timer_t nudge;
  struct http *http;
  struct tiny_server *server;
  struct secret *tokens[2];
  char url[64];       /* of the API */
  char directory[64]; /* of its own */
};

/* What a callback brought, copied. */
struct seen_reply {
  int times;
  enum wire_transport transport;
  int status;
  char *body, *content_type, *retry_after, *date, *failure;
  size_t body_bytes;
  int64_t begun_boot_ms;
};
struct seen_fetch {
  int times;
  struct http_fetch_done done;
};

void fixture_open(struct http_fixture *fixture, tiny_script *script, void *context);
/* With a limit for tests that reach it. */
void fixture_open_with(struct http_fixture *fixture, tiny_script *script, void *context,
                       duration_ms timeout);
/* Ends http (whatever is under way), the loop, the server, the directory. Fails the test when
 * anything is left on the loop. */
void fixture_close(struct http_fixture *fixture);
/* One turn of the loop, of a millisecond at most: for waiting on what no event of the loop tells.
 */
void fixture_turn(struct http_fixture *fixture);
/* Until nothing is under way. */
void fixture_run(struct http_fixture *fixture);

void fixture_get(struct http_fixture *fixture, const char *path, struct seen_reply *seen);
void fixture_post(struct http_fixture *fixture, const char *body, bool paid,
                  struct seen_reply *seen);
void fixture_upload(struct http_fixture *fixture, const char *file, int64_t bytes,
                    struct seen_reply *seen);
void seen_reply_release(struct seen_reply *seen);

/* A link of the server; the text is the fixture's until the next one. */
const char *fixture_link(const struct http_fixture *fixture, const char *path);
/* A path in the fixture's directory; valid until the fourth next one. */
const char *fixture_path(const struct http_fixture *fixture, const char *name);
void fixture_fetch(struct http_fixture *fixture, const char *link, const char *path,
                   int64_t expected_bytes, struct seen_fetch *seen);

void write_file(const char *path, const char *bytes, size_t size);
void assert_file_is(const char *path, const char *text);
void assert_no_file(const char *path);

#endif
