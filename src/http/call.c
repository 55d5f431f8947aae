/* An API call: the one place where the token meets a request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/client.h"
#include "http/upload.h"
#include "util/buffer.h"
#include "util/check.h"
#include "util/secret.h"

struct api_call {
  struct transfer transfer; /* first */
  struct upload upload;
  struct buffer body;         /* of the reply */
  const struct secret *token; /* http's */
  http_on_reply *on_done;
  void *context;
};

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
  struct api_call *call = context;
  transfer_moved(&call->transfer);
  return buffer_append(&call->body, bytes, size * count) ? size * count : CURL_WRITEFUNC_ERROR;
}

/* `name` and `value` as a header line; an empty value tells libcurl to leave its own out. */
static void add_header(struct transfer *transfer, const char *name, const char *value) {
  size_t size = strlen(name) + strlen(value) + 3;
  char *line = malloc(size);
  CHECK(line != NULL);
  snprintf(line, size, value[0] == '\0' ? "%s:%s" : "%s: %s", name, value);
  transfer_header(transfer, line);
  explicit_bzero(line, size);
  free(line);
}

static void add_token(struct api_call *call) {
  const char *token = secret_reveal(call->token);
  size_t size = strlen(token) + sizeof "Bearer ";
  char *value = malloc(size);
  CHECK(value != NULL);
  snprintf(value, size, "Bearer %s", token);
  add_header(&call->transfer, "Authorization", value);
  explicit_bzero(value, size);
  free(value);
}

static void add_headers(struct api_call *call, const struct wire_request *request) {
  struct transfer *transfer = &call->transfer;
  add_token(call);
  add_header(transfer, "Accept", "application/json");
  add_header(transfer, "Content-Type", request->content_type == NULL ? "" : request->content_type);
  add_header(transfer, "Expect", ""); /* no second of waiting for a 100 */
}

static void set_url(struct api_call *call, const char *path) {
  const char *base = call->transfer.http->api_url;
  size_t size = strlen(base) + strlen(path) + 1;
  char *url = malloc(size);
  CHECK(url != NULL);
  snprintf(url, size, "%s%s", base, path);
  TRANSFER_SET(&call->transfer, CURLOPT_URL, url);
  free(url);
}

static void set_method_and_body(struct api_call *call, const struct wire_request *request) {
  struct transfer *transfer = &call->transfer;
  /* Listings are megabytes; and some servers zip whatever was asked for. */
  TRANSFER_SET(transfer, CURLOPT_ACCEPT_ENCODING, "gzip");
  if (strcmp(request->method, "POST") != 0) {
    CHECK(request->body == NULL && request->body_path == NULL);
    TRANSFER_SET(transfer, CURLOPT_HTTPGET, 1L);
    if (strcmp(request->method, "GET") != 0)
      TRANSFER_SET(transfer, CURLOPT_CUSTOMREQUEST, request->method);
    return;
  }
  TRANSFER_SET(transfer, CURLOPT_POST, 1L);
  if (request->body_path != NULL) {
    upload_attach(&call->upload, transfer);
    return;
  }
  const char *body = request->body == NULL ? "" : request->body;
  size_t size = request->body == NULL ? 0 : request->body_bytes;
  TRANSFER_SET(transfer, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
  TRANSFER_SET(transfer, CURLOPT_COPYPOSTFIELDS, body);
}

void http_send(struct http *http, token_index token, const struct wire_request *request, bool paid,
               http_on_reply *on_done, void *context) {
  CHECK(token >= 0 && (size_t)token < http->token_count);
  CHECK(request->path[0] == '/');
  struct api_call *call = calloc(1, sizeof *call);
  CHECK(call != NULL);
  call->token = http->tokens[token];
  call->on_done = on_done;
  call->context = context;
  upload_init(&call->upload);
  buffer_init(&call->body, WIRE_BODY_MAX);
  struct transfer *transfer = &call->transfer;
  transfer_init(transfer, http, paid ? LANE_PAID : LANE_CALLS, call_ended);
  http->under_way++;
  if (request->body_path != NULL &&
      !upload_open(&call->upload, request->body_path, request->body_path_bytes)) {
    transfer_post(transfer, CURLE_READ_ERROR);
    return;
  }
  TRANSFER_SET(transfer, CURLOPT_WRITEFUNCTION, on_body);
  TRANSFER_SET(transfer, CURLOPT_WRITEDATA, call);
  set_url(call, request->path);
  set_method_and_body(call, request);
  add_headers(call, request);
  transfer_start(transfer);
}

static const char *failure_of(const struct api_call *call) {
  if (call->upload.text[0] != '\0') return call->upload.text;
  if (call->body.overflowed) return "the reply is larger than any that is expected";
  const char *text = transfer_failure(&call->transfer);
  return strstr(text, secret_reveal(call->token)) == NULL ? text : "the request failed";
}

static void fill_reply(const struct api_call *call, struct wire_reply *reply) {
  const struct transfer *transfer = &call->transfer;
  if (transfer->code != CURLE_OK) {
    reply->transport = transfer->sendings > 0 || transfer->in_doubt ? WIRE_NO_REPLY : WIRE_NOT_SENT;
    reply->failure = failure_of(call);
    return;
  }
  long status = 0;
  CHECK(curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK);
  reply->transport = WIRE_REPLIED;
  reply->status = (int)status;
  reply->content_type = transfer_reply_header(transfer, "Content-Type");
  reply->retry_after = transfer_reply_header(transfer, "Retry-After");
  reply->date = transfer_reply_header(transfer, "Date");
  reply->body = buffer_string(&call->body);
  reply->body_bytes = call->body.length;
}

void call_ended(struct transfer *transfer) {
  struct api_call *call = (struct api_call *)(void *)transfer;
  struct wire_reply reply = {0};
  fill_reply(call, &reply);
  transfer->http->under_way--;
  call->on_done(call->context, &reply, transfer->begun_boot_ms);
  call_free(transfer);
}

void call_free(struct transfer *transfer) {
  struct api_call *call = (struct api_call *)(void *)transfer;
  transfer_release(transfer);
  upload_release(&call->upload);
  buffer_release(&call->body);
  free(call);
}
