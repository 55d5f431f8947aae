/* Saying something: replies, with the headers that all of them have. */
#include <string.h>

#include "web/web.h"

/* A page of ours loads what is ours, and stands in no frame of others. */
static const char *const headers[][2] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"X-Accel-Buffering", "no"}, /* nginx hands on what it gets as it comes */
    {"Connection", "close"},
};

const char *web_header(struct MHD_Connection *connection, const char *name) {
  return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

const char *web_argument(struct MHD_Connection *connection, const char *name) {
  const char *text;
  size_t size;
  if (MHD_lookup_connection_value_n(connection, MHD_GET_ARGUMENT_KIND, name, strlen(name), &text,
                                    &size) != MHD_YES ||
      text == NULL || strlen(text) != size)
    return NULL;
  return text;
}

enum MHD_Result web_send(struct MHD_Connection *connection, unsigned status, const char *type,
                         const char *caching, struct MHD_Response *response) {
  if (response == NULL) return MHD_NO; /* closes the connection */
  bool good = MHD_add_response_header(response, "Content-Type", type) == MHD_YES &&
              MHD_add_response_header(response, "Cache-Control", caching) == MHD_YES;
  for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
    good = good && MHD_add_response_header(response, headers[i][0], headers[i][1]) == MHD_YES;
  if (status == MHD_HTTP_UNAUTHORIZED)
    good = good && MHD_add_response_header(response, "WWW-Authenticate", "Bearer") == MHD_YES;
  enum MHD_Result result = good ? MHD_queue_response(connection, status, response) : MHD_NO;
  MHD_destroy_response(response);
  return result;
}

enum MHD_Result web_say_typed(struct MHD_Connection *connection, unsigned status, const char *type,
                              const char *bytes, size_t size) {
  return web_send(
      connection, status, type, WEB_KEEP_NOT,
      MHD_create_response_from_buffer(size, (void *)(uintptr_t)bytes, MHD_RESPMEM_MUST_COPY));
}

enum MHD_Result web_say(struct MHD_Connection *connection, unsigned status, const char *text) {
  return web_say_typed(connection, status, "text/plain; charset=utf-8", text, strlen(text));
}
