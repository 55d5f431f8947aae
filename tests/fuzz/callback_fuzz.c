/* What somebody sends to our address: method, path, Host, Content-Length, Accept and our public
 * address a line each, then the body in pieces. Only who knows the secret is heard, and of that
 * only a task's name and status. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "nightshift/wire.h"
#include "web/web.h"

#define SECRET "0123456789abcdef0123456789abcdef"

/* ---- in libmicrohttpd's place ---- */

struct MHD_Connection {
  const char *host, *promised, *accept;
  unsigned status;
};
struct MHD_Response {
  size_t size;
};

const char *MHD_lookup_connection_value(struct MHD_Connection *connection, enum MHD_ValueKind kind,
                                        const char *key) {
  CHECK(kind == MHD_HEADER_KIND);
  if (strcmp(key, "Host") == 0) return connection->host;
  return strcmp(key, "Accept") == 0 ? connection->accept : connection->promised;
}

struct MHD_Response *MHD_create_response_from_buffer(size_t size, void *buffer,
                                                     enum MHD_ResponseMemoryMode mode) {
  CHECK(mode == MHD_RESPMEM_MUST_COPY && fuzz_is_harmless(buffer, size, true));
  struct MHD_Response *response = malloc(sizeof *response);
  CHECK(response != NULL);
  response->size = size;
  return response;
}

enum MHD_Result MHD_add_response_header(struct MHD_Response *response, const char *header,
                                        const char *content) {
  CHECK(response != NULL && strpbrk(header, "\r\n") == NULL && strpbrk(content, "\r\n") == NULL);
  return MHD_YES;
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *connection, unsigned status,
                                   struct MHD_Response *response) {
  CHECK(response != NULL && connection->status == 0);
  connection->status = status;
  return MHD_YES;
}

void MHD_destroy_response(struct MHD_Response *response) {
  free(response);
}

/* ---- the run's side ---- */

struct heard {
  int callbacks;
};

static void on_callback(void *context, const char *body, size_t size) {
  struct heard *heard = context;
  struct arena arena;
  struct task_view said;
  heard->callbacks++;
  arena_init(&arena);
  CHECK(size <= WIRE_CALLBACK_MAX);
  if (wire_read_callback(body, size, &arena, &said)) {
    CHECK(said.task_id != NULL || said.reply_ref != NULL);
    CHECK(said.artifact_url == NULL && said.failure_text == NULL && said.name == NULL);
    if (said.task_id != NULL) CHECK(fuzz_is_harmless(said.task_id, strlen(said.task_id), false));
  }
  arena_release(&arena);
}

static const char *unready(void *context) {
  (void)context;
  return "the run is being prepared";
}

static void metrics(void *context, bool openmetrics, struct buffer *out) {
  (void)context;
  buffer_text(out, openmetrics ? "# EOF\n" : "nightshift_up 1\n");
}

static void send_body(struct web *web, struct MHD_Connection *connection, const char *lines[2],
                      struct fuzz_bytes *bytes, void **state) {
  size_t length, none = 0;
  unsigned piece = fuzz_byte(bytes) + 1u;
  char *body = fuzz_rest(bytes, &length);
  for (size_t at = 0; at < length && *state != NULL;) {
    size_t left = length - at < piece * 64 ? length - at : piece * 64, given = left;
    CHECK(web_on_request(web, connection, lines[1], lines[0], "HTTP/1.1", body + at, &left,
                         state) == MHD_YES);
    CHECK(left == 0);
    at += given;
  }
  if (*state != NULL)
    (void)web_on_request(web, connection, lines[1], lines[0], "HTTP/1.1", NULL, &none, state);
  free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_bytes bytes = {data, size};
  struct heard heard = {0};
  char secret[] = SECRET;
  struct web web = {.secret = secret,
                    .options = {.secret = secret,
                                .body_most = WIRE_CALLBACK_MAX,
                                .on_callback = on_callback,
                                .unready = unready,
                                .metrics = metrics,
                                .metrics_most = 4096,
                                .context = &heard}};
  char *texts[6];
  for (int i = 0; i < 6; i++)
    texts[i] = fuzz_line(&bytes);
  web_host_of(texts[5], web.public_host, sizeof web.public_host);
  struct MHD_Connection connection = {.host = texts[2][0] == '\0' ? NULL : texts[2],
                                      .promised = texts[3][0] == '\0' ? NULL : texts[3],
                                      .accept = texts[4]};
  void *state = NULL;
  size_t none = 0;
  (void)web_on_request(&web, &connection, texts[1], texts[0], "HTTP/1.1", NULL, &none, &state);
  if (state != NULL)
    send_body(&web, &connection, (const char *[]){texts[0], texts[1]}, &bytes, &state);
  CHECK(connection.status != 0);
  if (heard.callbacks > 0)
    CHECK(strcmp(texts[0], "POST") == 0 && strstr(texts[1], "/callback/" SECRET) != NULL);
  web_on_completed(NULL, NULL, &state, MHD_REQUEST_TERMINATED_COMPLETED_OK);
  (void)web_listen_is_well(texts[5]);
  for (int i = 0; i < 6; i++)
    free(texts[i]);
  return 0;
}

#define HEAD "POST\n/callback/" SECRET "\n127.0.0.1\n\n\n\n\xff"
static void deep(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, HEAD, "[", "");
}
static void long_path(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "POST\n", "/callback/", SECRET "\nlocalhost\n\n\n\n");
}
static void long_host(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "GET\n/readyz\n[", "1:", "]\n\n\nhttp://a\n");
}
static void pieces(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "POST\n/callback/" SECRET "\nlocalhost\n\n\n\n", " ", "");
}

static void ranges(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "GET\n/metrics\nlocalhost\n\n", "text/plain;q=0.5,", "\n\n");
}

const struct fuzz_worst fuzz_worst[] = {{"nested arrays", deep},       {"a long path", long_path},
                                        {"a long host", long_host},    {"small pieces", pieces},
                                        {"many media ranges", ranges}, {NULL, NULL}};
