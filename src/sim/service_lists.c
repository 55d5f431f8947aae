/* Assets and tasks: listed, looked up, deleted; and the scheduler's view. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/fnv.h"
#include "sim/service.h"
#include "util/check.h"
#include "util/text.h"

/* ---- what a list is asked for ---- */

struct page {
  int64_t offset, limit;
};

static bool read_page(struct sim_exchange *exchange, struct page *page) {
  const char *offset = sim_param(exchange, "offset"), *limit = sim_param(exchange, "limit");
  if (offset == NULL || !text_to_int64(offset, 0, 1000, &page->offset)) {
    sim_refuse(exchange, 400, "Parameter offset is required, from 0 to 1000");
    return false;
  }
  if (limit == NULL || !text_to_int64(limit, 1, 1000, &page->limit)) {
    sim_refuse(exchange, 400, "Parameter limit is required, from 1 to 1000");
    return false;
  }
  return true;
}

/* ---- assets ---- */

static const char *const media_types[] = {
    "video/mp4",  "video/quicktime", "video/3gpp",      "video/x-matroska",    "video/x-flv",
    "video/mpeg", "video/MP2T",      "video/x-msvideo", "video/x-motion-jpeg", "video/webm",
    "video/ogg",  "image/png",       "image/jpeg",      "audio/mpeg",          "audio/wav"};

static const char *media_type(const char *content_type) {
  size_t size = content_type == NULL ? 0 : strcspn(content_type, "; ");
  for (size_t i = 0; size > 0 && i < sizeof media_types / sizeof media_types[0]; i++)
    if (strlen(media_types[i]) == size && strncasecmp(media_types[i], content_type, size) == 0)
      return media_types[i];
  return NULL;
}

static void write_asset(struct sim_exchange *exchange, const struct sim_asset *asset) {
  const struct sim_service *service = exchange->service;
  struct json_out *json = &exchange->json;
  char created[64];
  json_open_object(json, NULL);
  json_text(json, "assetId", asset->id);
  json_text(json, "id", asset->uuid);
  json_text(json, "name", asset->name);
  json_number(json, "size", asset->size_bytes);
  json_text(json, "url",
            arena_printf(&exchange->service->scratch, "%s/datasets/%s?token=%016llx", service->base,
                         asset->uuid,
                         (unsigned long long)sim_hash(service->scenario->seed, asset->uuid, 0)));
  json_text(json, "mediaType", asset->media_type);
  text_from_time(asset->created, created, sizeof created);
  json_text(json, "createdAt", created);
  if (asset->seconds > 0) json_real(json, "duration", asset->seconds);
  if (asset->width > 0) json_number(json, "width", asset->width);
  if (asset->height > 0) json_number(json, "height", asset->height);
  json_close_object(json);
}

static bool read_shape(struct sim_exchange *exchange, struct sim_asset *asset) {
  const char *duration = sim_param(exchange, "duration");
  const char *width = sim_param(exchange, "width"), *height = sim_param(exchange, "height");
  if (duration != NULL && (!text_to_double(duration, &asset->seconds) || asset->seconds <= 0)) {
    sim_refuse(exchange, 400, "Parameter duration must be a number of seconds");
    return false;
  }
  if ((width != NULL && !text_to_int64(width, 1, 100000, &asset->width)) ||
      (height != NULL && !text_to_int64(height, 1, 100000, &asset->height))) {
    sim_refuse(exchange, 400, "Parameters width and height must be numbers of pixels");
    return false;
  }
  return true;
}

static size_t keep_asset(struct sim_service *service, const struct sim_asset *asset) {
  if (service->asset_count == service->asset_room) {
    service->asset_room = service->asset_room == 0 ? 64 : service->asset_room * 2;
    service->assets = realloc(service->assets, service->asset_room * sizeof *service->assets);
    CHECK(service->assets != NULL && "out of memory");
  }
  size_t index = service->asset_count++;
  service->assets[index] = *asset;
  sim_indexes_add(&service->accounts[asset->account].assets, index);
  map_set(&service->assets_by_id, asset->id, (int64_t)index);
  return index;
}

void sim_call_upload(struct sim_exchange *exchange) {
  struct sim_service *service = exchange->service;
  const struct sim_request *request = exchange->request;
  struct sim_asset asset = {.media_type = media_type(request->content_type),
                            .size_bytes = (int64_t)request->body_bytes,
                            .hash = request->body == NULL
                                        ? request->body_hash
                                        : fnv_more(FNV_BEGIN, request->body, request->body_bytes),
                            .created = service->now};
  if (!sim_require_account(exchange)) return;
  if (asset.media_type == NULL) {
    sim_refuse(exchange, 400, "Content-Type %s is not supported",
               request->content_type == NULL ? "(none)" : request->content_type);
    return;
  }
  if (request->body_bytes == 0) {
    sim_refuse(exchange, 400, "Request body is empty");
    return;
  }
  if (!read_shape(exchange, &asset)) return;
  const struct sim_account_plan *plan = service->accounts[exchange->account].plan;
  const char *token = service->scenario->tokens[plan->token];
  const char *name = sim_param(exchange, "name");
  asset.account = exchange->account;
  asset.uuid = sim_new_uuid(service, &service->arena);
  asset.name = arena_string(&service->arena, name == NULL || *name == '\0' ? asset.uuid : name);
  asset.id = arena_printf(&service->arena, "%.*s-runwayml:%s-asset:%s", (int)strcspn(token, "-"),
                          token, plan->email, asset.uuid);
  service->totals.uploads++;
  size_t index = keep_asset(service, &asset);
  write_asset(exchange, &service->assets[index]);
}

void sim_call_list_assets(struct sim_exchange *exchange) {
  const struct sim_service *service = exchange->service;
  struct json_out *json = &exchange->json;
  const char *media = sim_param(exchange, "mediaType");
  struct page page;
  if (!sim_require_account(exchange) || !read_page(exchange, &page)) return;
  if (media != NULL && strcmp(media, "video") != 0 && strcmp(media, "image") != 0 &&
      strcmp(media, "audio") != 0) {
    sim_refuse(exchange, 400, "Parameter mediaType must be one of image, video, audio");
    return;
  }
  const struct sim_indexes *assets = &service->accounts[exchange->account].assets;
  const int64_t most = service->scenario->forms.assets_page;
  if (most > 0 && page.limit > most) page.limit = most;
  bool object = service->scenario->forms.assets_object;
  if (object) json_open_object(json, NULL);
  json_open_array(json, object ? "assets" : NULL);
  for (size_t i = assets->count; i-- > 0 && page.limit > 0;) {
    const struct sim_asset *asset = &service->assets[assets->items[i]];
    if (asset->deleted || (media != NULL && !text_starts_with(asset->media_type, media))) continue;
    if (page.offset-- > 0) continue;
    write_asset(exchange, asset);
    page.limit--;
  }
  json_close_array(json);
  if (object) json_close_object(json);
}

/* Of assets and tasks: refuses what is malformed, of another's account, or cannot be reached. */
static bool require_id(struct sim_exchange *exchange, const char *kind, const char **uuid) {
  struct sim_service *service = exchange->service;
  const char *email;
  if (!sim_split_id(&service->scratch, exchange->id, kind, &email, uuid)) {
    sim_refuse(exchange, 400, "Parameter %sId is malformed", kind);
    return false;
  }
  size_t account = sim_account_by_email(service, exchange->token, email);
  if (account == NONE) {
    sim_refuse(exchange, 404, "Account %s is not configured", email);
    return false;
  }
  return sim_require_reachable(exchange, account);
}

static void write_success(struct sim_exchange *exchange) {
  json_open_object(&exchange->json, NULL);
  json_bool(&exchange->json, "success", true);
  json_close_object(&exchange->json);
}

static bool is_used(const struct sim_service *service, const struct sim_asset *asset) {
  const struct sim_account *account = &service->accounts[asset->account];
  for (size_t i = 0; i < account->active.count; i++) {
    const struct sim_task *task = &service->tasks[account->active.items[i]];
    if (task->asset != NONE && &service->assets[task->asset] == asset) return true;
  }
  return false;
}

void sim_call_one_asset(struct sim_exchange *exchange) {
  struct sim_service *service = exchange->service;
  const char *uuid;
  int64_t index;
  if (!require_id(exchange, "asset", &uuid)) return;
  if (!map_get(&service->assets_by_id, exchange->id, &index) ||
      service->assets[(size_t)index].deleted) {
    sim_refuse(exchange, 404, "Unable to retrieve assetId %s (Not found.)", uuid);
    return;
  }
  if (exchange->call == SIM_GET_ASSET) {
    write_asset(exchange, &service->assets[(size_t)index]);
    return;
  }
  if (service->scenario->forms.keeps_used && is_used(service, &service->assets[(size_t)index])) {
    sim_refuse(exchange, 400, "Asset %s is in use by a running task", uuid);
    return;
  }
  service->assets[(size_t)index].deleted = true;
  write_success(exchange);
}

/* ---- tasks ---- */

/* Results are kept 7 days. */
#define KEPT_MS (7 * 24 * HOUR_MS)

void sim_call_one_task(struct sim_exchange *exchange) {
  struct sim_service *service = exchange->service;
  const char *uuid;
  int64_t index;
  if (!require_id(exchange, "task", &uuid)) return;
  if (!map_get(&service->tasks_by_id, exchange->id, &index) ||
      service->tasks[(size_t)index].deleted) {
    sim_refuse(exchange, 404, "Unable to retrieve taskId %s (Not found.)", uuid);
    return;
  }
  const struct sim_task *task = &service->tasks[(size_t)index];
  exchange->task = (size_t)index;
  if (exchange->call == SIM_DELETE_TASK) {
    sim_task_cancel(service, (size_t)index);
    write_success(exchange);
    return;
  }
  if (task->ended != 0 && service->now - task->ended > KEPT_MS) {
    sim_refuse(exchange, 410, "Task %s has expired", uuid);
    return;
  }
  bool nested = service->scenario->forms.get_nested;
  if (nested) json_open_object(&exchange->json, NULL);
  sim_write_task(exchange, &exchange->json, nested ? "task" : NULL, task, DETAIL_ALONE);
  if (nested) json_close_object(&exchange->json);
}

static const char *const statuses[] = {"PENDING", "THROTTLED", "RUNNING", "SUCCEEDED",
                                       "FAILED",  "CANCELLED", "CANCELED"};

/* A bit for each status in the comma list; all when none was asked for; 0 when one is unknown. */
static unsigned read_statuses(const char *list) {
  unsigned wanted = 0;
  if (list == NULL) return ~0u;
  while (true) {
    size_t size = strcspn(list, ","), i = 0;
    while (i < sizeof statuses / sizeof statuses[0] &&
           !(strlen(statuses[i]) == size && strncmp(statuses[i], list, size) == 0))
      i++;
    if (i == sizeof statuses / sizeof statuses[0]) return 0;
    wanted |= 1u << i;
    if (list[size] == '\0') return wanted;
    list += size + 1;
  }
}

static bool listed(const struct sim_service *service, const struct sim_task *task,
                   unsigned wanted) {
  if (task->deleted || service->now - task->created < service->scenario->listing_lag) return false;
  return (wanted & read_statuses(sim_task_status(task))) != 0;
}

void sim_call_list_tasks(struct sim_exchange *exchange) {
  const struct sim_service *service = exchange->service;
  const struct sim_forms *forms = &service->scenario->forms;
  struct json_out *json = &exchange->json;
  struct page page;
  if (!sim_require_account(exchange) || !read_page(exchange, &page)) return;
  unsigned wanted = read_statuses(sim_param(exchange, "statuses"));
  if (wanted == 0) {
    sim_refuse(exchange, 400, "Parameter statuses has an unknown status");
    return;
  }
  const struct sim_indexes *tasks = &service->accounts[exchange->account].tasks;
  if (forms->tasks_object) json_open_object(json, NULL);
  json_open_array(json, forms->tasks_object ? "tasks" : NULL);
  for (size_t i = tasks->count; i-- > 0 && page.limit > 0;) {
    const struct sim_task *task = &service->tasks[tasks->items[i]];
    if (!listed(service, task, wanted) || page.offset-- > 0) continue;
    sim_write_task(exchange, json, NULL, task, forms->list_refs ? DETAIL_LISTED : DETAIL_NO_REF);
    page.limit--;
  }
  json_close_array(json);
  if (forms->tasks_object) json_close_object(json);
}

void sim_call_scheduler(struct sim_exchange *exchange) {
  const struct sim_service *service = exchange->service;
  struct json_out *json = &exchange->json;
  json_open_array(json, NULL);
  for (size_t a = 0; a < service->scenario->account_count; a++) {
    const struct sim_account *account = &service->accounts[a];
    for (size_t i = 0; account->plan->token == exchange->token && i < account->active.count; i++) {
      const struct sim_task *task = &service->tasks[account->active.items[i]];
      if (task->origin == ORIGIN_BY_HAND) continue;
      json_open_object(json, NULL);
      json_text(json, "taskId", task->id);
      if (task->reply_url != NULL) json_text(json, "replyUrl", task->reply_url);
      if (task->reply_ref != NULL) json_text(json, "replyRef", task->reply_ref);
      json_close_object(json);
    }
  }
  json_close_array(json);
}
