/* The model's answer onto the wire: whole, in pieces, cut, or not at all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "sim/server.h"
#include "util/check.h"

#define PIECE_BYTES ((uint64_t)4096) /* slow replies leave in pieces of this size at least */

/* ---- headers ---- */

static bool add(struct MHD_Response *response, const char *name, const char *value) {
  return value == NULL || MHD_add_response_header(response, name, value) == MHD_YES;
}

/* Dates are of the virtual clock, so that a Retry-After that is a date makes sense beside them. */
static bool add_date(struct MHD_Response *response, time_ms now) {
  time_t seconds = (time_t)(now / SECOND_MS);
  struct tm parts;
  char text[64];
  return gmtime_r(&seconds, &parts) != NULL &&
         strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts) > 0 &&
         add(response, "Date", text);
}

static bool add_range(struct MHD_Response *response, const struct sim_reply *reply) {
  char text[96];
  if (reply->status == 206)
    (void)snprintf(text, sizeof text, "bytes %lld-%lld/%lld", (long long)reply->range_start,
                   (long long)reply->range_start + (long long)reply->body_bytes - 1,
                   (long long)reply->range_total);
  else
    (void)snprintf(text, sizeof text, "bytes */%lld", (long long)reply->range_total);
  return reply->range_total == 0 || add(response, "Content-Range", text);
}

static bool add_headers(const struct visit *visit, struct MHD_Response *response) {
  const struct sim_reply *reply = &visit->reply;
  return add(response, "Content-Type", reply->content_type) &&
         add(response, "Retry-After", reply->retry_after) && add(response, "ETag", reply->etag) &&
         add(response, "Accept-Ranges", reply->etag == NULL ? NULL : "bytes") &&
         add_range(response, reply) && add_date(response, server_now(visit->server));
}

static enum MHD_Result queue(const struct visit *visit, struct MHD_Response *response, int status) {
  enum MHD_Result result = MHD_queue_response(visit->connection, (unsigned)status, response);
  MHD_destroy_response(response);
  return result;
}

/* ---- bodies in pieces ---- */

/* How much of the body may have left by now. */
static uint64_t allowed_by_now(const struct visit *visit) {
  const struct sim_reply *reply = &visit->reply;
  uint64_t end = reply->fate == SIM_CUT ? reply->sent_bytes : reply->body_bytes;
  if (reply->bytes_per_second == 0) return end;
  double virtual_seconds =
      (server_real_now() - visit->sending_since) * visit->server->options->speed;
  double allowed = virtual_seconds * (double)reply->bytes_per_second;
  return allowed < (double)end ? (uint64_t)allowed : end;
}

static ssize_t read_piece(void *context, uint64_t position, char *out, size_t room) {
  struct visit *visit = context;
  const struct sim_reply *reply = &visit->reply;
  uint64_t end = reply->fate == SIM_CUT ? reply->sent_bytes : reply->body_bytes;
  uint64_t allowed = allowed_by_now(visit);
  if (position >= end || visit->server->stopping) return MHD_CONTENT_READER_END_WITH_ERROR;
  if (allowed <= position || (allowed < end && allowed - position < PIECE_BYTES)) {
    double rate = (double)reply->bytes_per_second * visit->server->options->speed;
    visit->due = server_real_now() + (double)PIECE_BYTES / rate;
    visit_suspend(visit);
    return 0;
  }
  size_t size = (size_t)(allowed - position);
  if (size > room) size = room;
  memcpy(out, reply->body + position, size);
  return (ssize_t)size;
}

static enum MHD_Result answer_whole(struct visit *visit) {
  struct sim_reply *reply = &visit->reply;
  bool pieces = reply->fate == SIM_CUT || reply->bytes_per_second > 0;
  struct MHD_Response *response =
      pieces
          ? MHD_create_response_from_callback(reply->body_bytes, 16 * 1024, read_piece, visit, NULL)
          : MHD_create_response_from_buffer(reply->body_bytes, reply->memory,
                                            MHD_RESPMEM_PERSISTENT);
  if (response == NULL) return MHD_NO;
  visit->phase = VISIT_SENDING;
  visit->sending_since = server_real_now();
  if (!add_headers(visit, response)) {
    MHD_destroy_response(response);
    return MHD_NO;
  }
  return queue(visit, response, reply->status);
}

/* MHD would end the connection in order. Dissolving the socket's association sends a reset (Linux:
 * connect(2), AF_UNSPEC); should that fail, the end is an orderly one and still there is no reply.
 */
static void reset_connection(const struct visit *visit) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(visit->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
  if (info != NULL) (void)connect(info->connect_fd, &nowhere, sizeof nowhere);
}

enum MHD_Result visit_answer(struct visit *visit) {
  switch (visit->reply.fate) {
  case SIM_REPLY:
  case SIM_CUT:
    return answer_whole(visit);
  case SIM_RESET_BEFORE:
    reset_connection(visit);
    return MHD_NO;
  case SIM_LOST_AFTER:
    return MHD_NO;
  case SIM_HANG:
    visit->phase = VISIT_PARKED;
    visit_suspend(visit);
    return MHD_YES;
  }
  return MHD_NO;
}

/* ---- beside the service ---- */

enum MHD_Result visit_answer_ledger(struct visit *visit) {
  char *text = NULL;
  size_t size = 0;
  struct server *server = visit->server;
  struct error error;
  FILE *stream = open_memstream(&text, &size);
  CHECK(stream != NULL && "out of memory");
  sim_service_advance(server->service, server_now(server));
  sim_service_print_ledger(server->service, stream);
  CHECK(fclose(stream) == 0 && "out of memory");
  if (server_write_ledger(server, &error) != 0) (void)fprintf(stderr, "%s\n", error.text);
  struct MHD_Response *response =
      MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
  if (response == NULL) {
    free(text);
    return MHD_NO;
  }
  visit->phase = VISIT_SENDING;
  if (!add(response, "Content-Type", "application/x-ndjson")) {
    MHD_destroy_response(response);
    return MHD_NO;
  }
  return queue(visit, response, 200);
}

enum MHD_Result visit_answer_health(struct visit *visit) {
  static char text[] = "{\"status\":\"ok\"}\n";
  struct MHD_Response *response =
      MHD_create_response_from_buffer(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);
  if (response == NULL) return MHD_NO;
  visit->phase = VISIT_SENDING;
  return queue(visit, response, 200);
}
