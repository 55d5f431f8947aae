/* libmicrohttpd's callbacks: a request comes in, its body passes by, the model answers, and the
 * connection rests until the answer is due. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/fnv.h"
#include "sim/server.h"
#include "util/check.h"
#include "util/text.h"

/* Bodies that the model reads; uploads are counted and hashed only. */
#define KEPT_BODY_MAX ((size_t)1024 * 1024)

void *server_on_uri(void *context, const char *uri, struct MHD_Connection *connection) {
  struct server *server = context;
  struct visit *visit = calloc(1, sizeof *visit);
  CHECK(visit != NULL && "out of memory");
  visit->server = server;
  visit->connection = connection;
  visit->target = strdup(uri);
  CHECK(visit->target != NULL && "out of memory");
  visit->body_hash = FNV_BEGIN;
  buffer_init(&visit->body, KEPT_BODY_MAX);
  visit->next = server->visits;
  if (server->visits != NULL) server->visits->previous = visit;
  server->visits = visit;
  return visit;
}

void server_on_completed(void *context, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code) {
  struct server *server = context;
  struct visit *visit = *state;
  (void)connection;
  (void)code;
  *state = NULL;
  if (visit == NULL) return;
  if (visit->previous != NULL)
    visit->previous->next = visit->next;
  else
    server->visits = visit->next;
  if (visit->next != NULL) visit->next->previous = visit->previous;
  sim_reply_release(&visit->reply);
  buffer_release(&visit->body);
  free(visit->target);
  free(visit);
}

/* The socket's own memory counts its requests. */
void server_on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code) {
  (void)context;
  (void)connection;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    *socket_context = calloc(1, sizeof(int));
    CHECK(*socket_context != NULL && "out of memory");
  } else {
    free(*socket_context);
    *socket_context = NULL;
  }
}

static int count_on_connection(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  int *count = info == NULL ? NULL : info->socket_context;
  return count == NULL ? 0 : (*count)++;
}

void visit_suspend(struct visit *visit) {
  visit->suspended = true;
  MHD_suspend_connection(visit->connection);
}

void visit_resume(struct visit *visit) {
  if (!visit->suspended) return;
  visit->suspended = false;
  MHD_resume_connection(visit->connection);
}

static const char *header(const struct visit *visit, const char *name) {
  return MHD_lookup_connection_value(visit->connection, MHD_HEADER_KIND, name);
}

static bool body_is_kept(const struct visit *visit) {
  const char *type = header(visit, "Content-Type");
  return type != NULL && (strncasecmp(type, "application/json", 16) == 0 ||
                          strncasecmp(type, "multipart/form-data", 19) == 0);
}

static void take_body(struct visit *visit, const char *bytes, size_t size) {
  visit->body_bytes += size;
  visit->body_hash = fnv_more(visit->body_hash, bytes, size);
  if (body_is_kept(visit)) (void)buffer_append(&visit->body, bytes, size);
}

static void ask_service(struct visit *visit) {
  struct server *server = visit->server;
  bool kept = body_is_kept(visit) && visit->body_bytes == visit->body.length;
  const struct sim_request request = {
      .method = visit->method,
      .target = visit->target,
      .authorization = header(visit, "Authorization"),
      .content_type = header(visit, "Content-Type"),
      .body = kept && visit->body_bytes > 0 ? buffer_string(&visit->body) : NULL,
      .body_bytes = (size_t)visit->body_bytes,
      .body_hash = visit->body_hash,
      .range = header(visit, "Range"),
      .if_range = header(visit, "If-Range"),
      .earlier_on_connection = count_on_connection(visit->connection)};
  sim_service_handle(server->service, server_now(server), &request, &visit->reply);
  visit->due = server_real_now() + (double)visit->reply.delay_ms / 1000 / server->options->speed;
  visit->phase = VISIT_WAITING;
}

static enum MHD_Result settle(struct visit *visit) {
  if (text_starts_with(visit->target, "/_ledger")) return visit_answer_ledger(visit);
  if (text_starts_with(visit->target, "/_health")) return visit_answer_health(visit);
  ask_service(visit);
  if (visit->due > server_real_now()) {
    visit_suspend(visit);
    return MHD_YES;
  }
  visit->phase = VISIT_DUE;
  return visit_answer(visit);
}

enum MHD_Result server_on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload_data,
                                  size_t *upload_size, void **state) {
  struct visit *visit = *state;
  (void)context;
  (void)connection;
  (void)url;
  (void)version;
  if (!visit->begun) {
    visit->begun = true;
    visit->method = method;
    return MHD_YES;
  }
  if (*upload_size > 0) {
    take_body(visit, upload_data, *upload_size);
    *upload_size = 0;
    return MHD_YES;
  }
  switch (visit->phase) {
  case VISIT_READING:
    return settle(visit);
  case VISIT_DUE:
    return visit_answer(visit);
  case VISIT_CLOSING:
    return MHD_NO;
  case VISIT_WAITING:
  case VISIT_PARKED:
  case VISIT_SENDING:
    break;
  }
  return MHD_YES;
}
