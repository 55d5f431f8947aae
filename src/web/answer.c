/* What is answered to whom. A connection carries one request. */
#include <stdlib.h>
#include <string.h>

#include "util/check.h"
#include "util/text.h"
#include "web/web.h"

#define CALLBACK_PATH "/callback/"
#define TOO_LARGE     413 /* libmicrohttpd has had two names for it */

/* ---- replies ---- */

static enum MHD_Result say(struct MHD_Connection *connection, unsigned status, const char *text) {
  struct MHD_Response *response =
      MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
  if (response == NULL) return MHD_NO; /* closes the connection */
  enum MHD_Result result = MHD_NO;
  if (MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8") == MHD_YES &&
      MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES &&
      MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES &&
      MHD_add_response_header(response, "Connection", "close") == MHD_YES)
    result = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return result;
}

static enum MHD_Result say_nothing_here(struct MHD_Connection *connection) {
  return say(connection, MHD_HTTP_NOT_FOUND, "nothing here\n");
}

/* ---- what is asked for ---- */

/* All of both is compared, however soon they differ. */
static bool is_same(const char *a, const char *b, size_t length) {
  unsigned char differ = 0;
  for (size_t i = 0; i < length; i++)
    differ |= (unsigned char)(a[i] ^ b[i]);
  return differ == 0;
}

/* A proxy in front may leave the path of public_url before ours, or not. */
static bool is_callback(const struct web *web, const char *path) {
  if (web->secret == NULL) return false;
  size_t secret = strlen(web->secret), whole = strlen(CALLBACK_PATH) + secret,
         length = strlen(path);
  return length >= whole &&
         strncmp(path + length - whole, CALLBACK_PATH, strlen(CALLBACK_PATH)) == 0 &&
         is_same(path + length - secret, web->secret, secret);
}

static bool is_get(const char *method) {
  return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static bool promises_too_much(const struct web *web, struct MHD_Connection *connection) {
  const char *promised = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
  int64_t size;
  if (promised == NULL) return false;
  return !text_to_int64(promised, 0, (int64_t)web->options.body_most, &size);
}

static enum MHD_Result say_ready(struct web *web, struct MHD_Connection *connection) {
  const char *why = web->options.unready(web->options.context);
  if (why == NULL) return say(connection, MHD_HTTP_OK, "ready\n");
  struct buffer text;
  buffer_init(&text, 4096);
  buffer_printf(&text, "%s\n", why);
  enum MHD_Result result = say(connection, MHD_HTTP_SERVICE_UNAVAILABLE, buffer_string(&text));
  buffer_release(&text);
  return result;
}

/* By its head alone: only a callback goes on to its body. */
static enum MHD_Result begin(struct web *web, struct MHD_Connection *connection, const char *path,
                             const char *method, void **state) {
  const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
  if (!web_host_is_ours(host, web->public_host)) return say_nothing_here(connection);
  if (is_get(method) && strcmp(path, "/healthz") == 0) return say(connection, MHD_HTTP_OK, "ok\n");
  if (is_get(method) && strcmp(path, "/readyz") == 0) return say_ready(web, connection);
  if (strcmp(method, "POST") != 0 || !is_callback(web, path)) return say_nothing_here(connection);
  if (promises_too_much(web, connection)) return say(connection, TOO_LARGE, "too large\n");
  struct visit *visit = calloc(1, sizeof *visit);
  CHECK(visit != NULL && "out of memory");
  buffer_init(&visit->body, web->options.body_most);
  *state = visit;
  return MHD_YES;
}

static enum MHD_Result end(struct web *web, struct MHD_Connection *connection,
                           const struct visit *visit) {
  if (visit->body.overflowed) return say(connection, TOO_LARGE, "too large\n");
  web->options.on_callback(web->options.context, buffer_string(&visit->body), visit->body.length);
  return say(connection, MHD_HTTP_OK, "thank you\n");
}

/* What goes beyond the ceiling is passed over until its sender ends, or is shown out. */
enum MHD_Result web_on_request(void *context, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload_data,
                               size_t *upload_size, void **state) {
  struct web *web = context;
  struct visit *visit = *state;
  (void)version;
  if (visit == NULL) return begin(web, connection, url, method, state);
  if (*upload_size == 0) return end(web, connection, visit);
  (void)buffer_append(&visit->body, upload_data, *upload_size);
  *upload_size = 0;
  return MHD_YES;
}

void web_on_completed(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode code) {
  struct visit *visit = *state;
  (void)context;
  (void)connection;
  (void)code;
  *state = NULL;
  if (visit == NULL) return;
  buffer_release(&visit->body);
  free(visit);
}
