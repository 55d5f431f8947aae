/* Calls to requests: method, path with query, body. One small function per kind of call. */
#include <inttypes.h>
#include <string.h>

#include "nightshift/account.h"
#include "nightshift/wire.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/check.h"
#include "util/json_out.h"
#include "util/text.h"

/* Far above what ids, e-mails and names come to when percent-encoded. */
#define ENCODED_MAX ((size_t)1024 * 1024)
/* service.md: replyUrl and replyRef have at most 1024 characters. */
#define REPLY_TEXT_MAX 1024

static const char *encoded(struct arena *arena, const char *text) {
  char *out = arena_alloc(arena, strlen(text) * 3 + 1);
  text_percent_encode(text, out);
  return out;
}

/* "?name=value" or "&name=value"; nothing for a NULL value. */
static void add_query(struct buffer *path, struct arena *arena, const char *name,
                      const char *value) {
  if (value == NULL) return;
  char before = strchr(buffer_string(path), '?') == NULL ? '?' : '&';
  CHECK(buffer_printf(path, "%c%s=%s", before, name, encoded(arena, value)));
}

static void add_number(struct buffer *path, struct arena *arena, const char *name, int64_t value) {
  add_query(path, arena, name, arena_printf(arena, "%" PRId64, value));
}

static void add_page(struct buffer *path, struct arena *arena, const struct call *call) {
  CHECK(call->offset >= 0 && call->offset <= 1000 && call->limit >= 1 && call->limit <= 1000);
  add_number(path, arena, "offset", call->offset);
  add_number(path, arena, "limit", call->limit);
}

/* An empty id would make the path of one thing into the path of all. */
static void add_id(struct buffer *path, struct arena *arena, const char *id) {
  CHECK(id != NULL && id[0] != '\0');
  CHECK(buffer_text(path, encoded(arena, id)));
}

/* Seconds with up to three decimals: "12.345", "12.5", "12". */
static const char *seconds(struct arena *arena, duration_ms duration) {
  char *text = arena_printf(arena, "%" PRId64 ".%03d", duration / 1000, (int)(duration % 1000));
  for (size_t end = strlen(text); text[end - 1] == '0' || text[end - 1] == '.'; end--) {
    bool is_point = text[end - 1] == '.';
    text[end - 1] = '\0';
    if (is_point) break;
  }
  return text;
}

static void upload(const struct call *call, struct arena *arena, struct buffer *path,
                   struct wire_request *request) {
  CHECK(call->path != NULL && call->content_type != NULL);
  add_query(path, arena, "email", call->email);
  add_query(path, arena, "name", call->name);
  if (call->length_ms > 0) add_query(path, arena, "duration", seconds(arena, call->length_ms));
  if (call->width_px > 0) add_number(path, arena, "width", call->width_px);
  if (call->height_px > 0) add_number(path, arena, "height", call->height_px);
  request->method = "POST";
  request->content_type = arena_string(arena, call->content_type);
  request->body_path = arena_string(arena, call->path);
  request->body_path_bytes = call->size_bytes;
}

/* A replyUrl that is too long is left out rather than fail the job: callbacks are only hints. */
static void submit(const struct call *call, struct arena *arena, struct wire_request *request) {
  CHECK(call->asset_id != NULL && call->voice_id != NULL);
  CHECK(call->reply_ref == NULL || strlen(call->reply_ref) <= REPLY_TEXT_MAX);
  CHECK(call->max_jobs >= 0 && call->max_jobs <= MAX_JOBS_HIGHEST);
  struct buffer body;
  struct json_out json;
  buffer_init(&body, ENCODED_MAX);
  json_begin(&json, &body);
  json_open_object(&json, NULL);
  json_text(&json, "video_assetId", call->asset_id);
  json_text(&json, "voiceId", call->voice_id);
  if (call->explore) json_bool(&json, "exploreMode", true);
  if (call->reply_url != NULL && strlen(call->reply_url) <= REPLY_TEXT_MAX)
    json_text(&json, "replyUrl", call->reply_url);
  if (call->reply_ref != NULL) json_text(&json, "replyRef", call->reply_ref);
  if (call->max_jobs > 0) json_number(&json, "maxJobs", call->max_jobs);
  json_close_object(&json);
  CHECK(!body.overflowed);
  request->method = "POST";
  request->content_type = "application/json";
  request->body = arena_bytes(arena, buffer_string(&body), body.length);
  request->body_bytes = body.length;
  buffer_release(&body);
}

static const char *base_path(enum call_kind kind) {
  switch (kind) {
  case CALL_ACCOUNTS:
    return "/accounts";
  case CALL_VOICES:
    return "/lipsync/voices/";
  case CALL_FEATURES:
    return "/features/";
  case CALL_LIST_ASSETS:
  case CALL_UPLOAD:
  case CALL_DELETE_ASSET:
    return "/assets/";
  case CALL_SUBMIT:
    return "/gen4/act-two-voice";
  case CALL_LIST_TASKS:
  case CALL_GET_TASK:
  case CALL_DELETE_TASK:
    return "/tasks/";
  case CALL_SCHEDULER:
    return "/scheduler/";
  case CALL_COUNT:
    break;
  }
  CHECK_UNREACHABLE();
}

static void encode_rest(const struct call *call, struct arena *arena, struct buffer *path,
                        struct wire_request *request) {
  switch (call->kind) {
  case CALL_ACCOUNTS:
  case CALL_SCHEDULER:
    break;
  case CALL_VOICES:
  case CALL_FEATURES:
    add_query(path, arena, "email", call->email);
    break;
  case CALL_LIST_ASSETS:
    add_query(path, arena, "email", call->email);
    add_page(path, arena, call);
    add_query(path, arena, "mediaType", "video");
    break;
  case CALL_LIST_TASKS: /* unfiltered: a page that leaves statuses out proves nothing by absence */
    add_query(path, arena, "email", call->email);
    add_page(path, arena, call);
    break;
  case CALL_UPLOAD:
    upload(call, arena, path, request);
    break;
  case CALL_SUBMIT:
    submit(call, arena, request);
    break;
  case CALL_DELETE_ASSET:
    request->method = "DELETE";
    add_id(path, arena, call->asset_id);
    break;
  case CALL_DELETE_TASK:
    request->method = "DELETE";
    add_id(path, arena, call->task_id);
    break;
  case CALL_GET_TASK:
    add_id(path, arena, call->task_id);
    break;
  case CALL_COUNT:
    CHECK_UNREACHABLE();
  }
}

void wire_encode(const struct call *call, struct arena *arena, struct wire_request *request) {
  struct buffer path;
  *request = (struct wire_request){.method = "GET"};
  buffer_init(&path, ENCODED_MAX);
  CHECK(buffer_text(&path, base_path(call->kind)));
  encode_rest(call, arena, &path, request);
  request->path = arena_bytes(arena, buffer_string(&path), path.length);
  buffer_release(&path);
}
