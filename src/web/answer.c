/* What is answered to whom: from a request's head to the route that answers it. */
#include <stdlib.h>
#include <string.h>

#include "util/check.h"
#include "util/text.h"
#include "web/web.h"

#define TOO_LARGE 413 /* libmicrohttpd has had two names for it */

/* ---- what is asked for ---- */

/* All of both is compared, however soon they differ. */
static bool is_same(const char *a, const char *b, size_t length) {
  unsigned char differ = 0;
  for (size_t i = 0; i < length; i++)
    differ |= (unsigned char)(a[i] ^ b[i]);
  return differ == 0;
}

/* A proxy in front may leave the path of public_url before ours, or not. */
static bool is_secret_path(const struct web *web, const char *route_path, const char *path) {
  if (web->secret == NULL) return false;
  size_t secret = strlen(web->secret), whole = strlen(route_path) + secret, length = strlen(path);
  return length >= whole && strncmp(path + length - whole, route_path, strlen(route_path)) == 0 &&
         is_same(path + length - secret, web->secret, secret);
}

static bool leads_to(const struct web *web, const struct route *route, const char *path) {
  return route->is_secret ? is_secret_path(web, route->path, path) : strcmp(route->path, path) == 0;
}

static bool takes(const struct route *route, const char *method) {
  return strcmp(route->method, method) == 0 ||
         (strcmp(route->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* NULL: there is none; *status says why. */
static const struct route *find_route(const struct web *web, const char *method, const char *path,
                                      unsigned *status) {
  *status = MHD_HTTP_NOT_FOUND;
  for (size_t i = 0; i < web_route_count; i++) {
    const struct route *route = &web_routes[i];
    if (!leads_to(web, route, path)) continue;
    if (takes(route, method)) return route;
    *status = MHD_HTTP_METHOD_NOT_ALLOWED;
  }
  return NULL;
}

static size_t body_most(const struct web *web, const struct route *route) {
  return route->is_secret ? web->options.body_most : 0;
}

static bool promises_too_much(const struct web *web, const struct route *route,
                              struct MHD_Connection *connection) {
  const char *promised = web_header(connection, "Content-Length");
  int64_t size;
  if (promised == NULL) return false;
  return !text_to_int64(promised, 0, (int64_t)body_most(web, route), &size);
}

/* ---- libmicrohttpd's callbacks ---- */

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned status) {
  switch (status) {
  case MHD_HTTP_UNAUTHORIZED:
    return web_say(connection, status, "this takes the token\n");
  case MHD_HTTP_FORBIDDEN:
    return web_say(connection, status, "not for pages of others\n");
  case MHD_HTTP_METHOD_NOT_ALLOWED:
    return web_say(connection, status, "not by this method\n");
  case TOO_LARGE:
    return web_say(connection, status, "too large\n");
  default:
    return web_say(connection, status, "nothing here\n");
  }
}

static enum MHD_Result refuse_size(struct web *web, const struct route *route,
                                   struct MHD_Connection *connection) {
  if (route->is_secret) web->figures.too_large++;
  return refuse(connection, TOO_LARGE);
}

/* By its head alone. */
static enum MHD_Result begin(struct web *web, struct MHD_Connection *connection, const char *path,
                             const char *method, void **state) {
  unsigned status;
  const struct route *route = find_route(web, method, path, &status);
  unsigned refusal = web_refusal(web, connection, route == NULL ? ACCESS_ANYBODY : route->access);
  if (refusal != 0) return refuse(connection, refusal);
  if (route == NULL) {
    bool nowhere = status == MHD_HTTP_NOT_FOUND && strcmp(method, "POST") == 0;
    if (nowhere) web->figures.wrong_path++;
    return refuse(connection, status);
  }
  if (promises_too_much(web, route, connection)) return refuse_size(web, route, connection);
  struct visit *visit = calloc(1, sizeof *visit);
  CHECK(visit != NULL && "out of memory");
  *visit = (struct visit){.web = web, .connection = connection, .route = route};
  buffer_init(&visit->body, body_most(web, route));
  *state = visit;
  return MHD_YES;
}

/* What goes beyond the ceiling is passed over until its sender ends, or is shown out. */
enum MHD_Result web_on_request(void *context, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload_data,
                               size_t *upload_size, void **state) {
  struct visit *visit = *state;
  (void)version;
  if (visit == NULL) return begin(context, connection, url, method, state);
  if (*upload_size == 0)
    return visit->body.overflowed ? refuse_size(visit->web, visit->route, connection)
                                  : visit->route->answer(visit);
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
  ticket_close(visit);
  buffer_release(&visit->body);
  free(visit);
}
