/* Results: a small pretend MP4 per task, the same bytes whenever it is asked for, behind a link
 * that is signed and expires. */
#include <stdlib.h>
#include <string.h>

#include "sim/service.h"
#include "util/check.h"
#include "util/text.h"

static bool link_is_good(struct sim_exchange *exchange, const struct sim_task *task) {
  const struct sim_service *service = exchange->service;
  const char *token = sim_param(exchange, "token"), *expires = sim_param(exchange, "expires");
  int64_t seconds;
  if (token == NULL || expires == NULL || !text_to_int64(expires, 0, INT64_MAX / 1000, &seconds))
    return false;
  const char *right =
      arena_printf(&exchange->service->scratch, "%016llx",
                   (unsigned long long)sim_hash(service->scenario->seed, task->uuid, seconds));
  return strcmp(token, right) == 0 && service->now <= seconds * SECOND_MS;
}

static void put_u32(char *at, uint32_t value) {
  for (int i = 0; i < 4; i++)
    at[i] = (char)(value >> (24 - 8 * i));
}

/* ftyp, then mdat with bytes drawn from the task's name. */
static char *make_bytes(const struct sim_service *service, const struct sim_task *task) {
  static const char head[24] = "\0\0\0\x18"
                               "ftypisom\0\0\2\0isommp4";
  size_t size = (size_t)task->artifact_bytes;
  CHECK(size >= sizeof head + 8);
  char *bytes = malloc(size);
  struct prng prng;
  CHECK(bytes != NULL && "out of memory");
  memcpy(bytes, head, sizeof head);
  bytes[sizeof head - 1] = '2';
  put_u32(bytes + sizeof head, (uint32_t)(size - sizeof head));
  memcpy(bytes + sizeof head + 4, "mdat", 4);
  prng_init(&prng, sim_hash(service->scenario->seed, task->uuid, -1));
  for (size_t at = sizeof head + 8; at < size; at += 8) {
    uint64_t word = prng_next(&prng);
    memcpy(bytes + at, &word, size - at < 8 ? size - at : 8);
  }
  return bytes;
}

enum range { RANGE_NONE, RANGE_GOOD, RANGE_OUTSIDE };

/* "bytes=FIRST-", "bytes=FIRST-LAST", "bytes=-LENGTH"; anything else is passed over, as servers do.
 */
static enum range read_range(struct sim_exchange *exchange, int64_t total, int64_t *first,
                             int64_t *last) {
  static const char unit[] = "bytes=";
  const struct sim_request *request = exchange->request;
  if (request->range == NULL || !text_starts_with(request->range, unit)) return RANGE_NONE;
  if (request->if_range != NULL && strcmp(request->if_range, exchange->reply->etag) != 0)
    return RANGE_NONE;
  const char *spec = request->range + strlen(unit), *dash = strchr(spec, '-');
  if (dash == NULL || strchr(spec, ',') != NULL) return RANGE_NONE;
  struct arena *arena = &exchange->service->scratch;
  const char *low = arena_bytes(arena, spec, (size_t)(dash - spec)), *high = dash + 1;
  *last = total - 1;
  if (*high != '\0' && !text_to_int64(high, 0, INT64_MAX, last)) return RANGE_NONE;
  if (*low == '\0') {
    if (*high == '\0') return RANGE_NONE;
    *first = *last < total ? total - *last : 0;
    *last = total - 1;
  } else if (!text_to_int64(low, 0, INT64_MAX, first) || *first > *last) {
    return *low != '\0' && *high == '\0' ? RANGE_OUTSIDE : RANGE_NONE;
  }
  if (*last > total - 1) *last = total - 1;
  return *first < total ? RANGE_GOOD : RANGE_OUTSIDE;
}

static void send_bytes(struct sim_exchange *exchange, const struct sim_task *task) {
  struct sim_service *service = exchange->service;
  struct sim_reply *reply = exchange->reply;
  int64_t total = task->artifact_bytes, first = 0, last = total - 1;
  reply->content_type = "video/mp4";
  reply->etag = arena_printf(&service->scratch, "\"%s\"", task->uuid);
  reply->bytes_per_second = service->scenario->artifact_bytes_per_second;
  enum range range = read_range(exchange, total, &first, &last);
  if (range == RANGE_OUTSIDE) {
    sim_refuse(exchange, 416, "Range not satisfiable");
    reply->range_total = total;
    return;
  }
  if (range == RANGE_NONE) {
    first = 0;
    last = total - 1;
  } else {
    reply->status = 206;
    reply->range_start = first;
    reply->range_total = total;
  }
  char *bytes = make_bytes(service, task);
  CHECK(buffer_append(&exchange->body, bytes + first, (size_t)(last - first + 1)));
  free(bytes);
}

void sim_call_artifact(struct sim_exchange *exchange) {
  struct sim_service *service = exchange->service;
  int64_t index;
  if (!map_get(&service->tasks_by_uuid, exchange->id, &index) ||
      service->tasks[(size_t)index].deleted ||
      service->tasks[(size_t)index].state != STATE_SUCCEEDED) {
    sim_refuse(exchange, 404, "Not found");
    return;
  }
  const struct sim_task *task = &service->tasks[(size_t)index];
  exchange->task = (size_t)index;
  exchange->account = task->account;
  if (!link_is_good(exchange, task)) {
    sim_refuse(exchange, 403, "The link has expired");
    return;
  }
  send_bytes(exchange, task);
}
