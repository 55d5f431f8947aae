/* A client of the model for its tests: a scenario from text, calls at virtual times, replies as
 * text and as JSON. Knows nothing of the program's own wire code. */
#ifndef TESTS_SIM_CLIENT_H
#define TESTS_SIM_CLIENT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "nightshift/sim.h"
#include "util/text.h"

#define CLIENT_BEGAN ((time_ms)1757311946378)
#define CLIENT_TOKEN "Bearer user:1234-demo-secret"

struct client {
  struct sim_scenario *scenario;
  struct sim_service *service;
  time_ms now;
  struct sim_reply reply;
  cJSON *json; /* of the last reply; NULL: none, or not JSON */
  const char *range, *if_range, *authorization;
  int earlier_on_connection;
};

static inline void client_begin(struct client *client, const char *yaml) {
  struct diag_list *diags = diag_new();
  *client = (struct client){.now = CLIENT_BEGAN, .authorization = CLIENT_TOKEN};
  if (sim_scenario_parse(yaml, strlen(yaml), "test.yaml", &client->scenario, diags) != 0) {
    diag_print(diags, stderr);
    fail_msg("the scenario has mistakes");
  }
  diag_free(diags);
  client->service = sim_service_new(client->scenario, client->now);
}

static inline void client_forget(struct client *client) {
  cJSON_Delete(client->json);
  client->json = NULL;
  sim_reply_release(&client->reply);
}

static inline void client_end(struct client *client) {
  client_forget(client);
  sim_service_free(client->service);
  sim_scenario_free(client->scenario);
}

static inline int client_send(struct client *client, const char *method, const char *target,
                              const char *type, const char *body, size_t size) {
  const struct sim_request request = {.method = method,
                                      .target = target,
                                      .authorization = client->authorization,
                                      .content_type = type,
                                      .body = body,
                                      .body_bytes = size,
                                      .range = client->range,
                                      .if_range = client->if_range,
                                      .earlier_on_connection = client->earlier_on_connection};
  client_forget(client);
  sim_service_handle(client->service, client->now, &request, &client->reply);
  client->json = cJSON_ParseWithLength(client->reply.body, client->reply.body_bytes);
  return client->reply.status;
}

static inline int client_get(struct client *client, const char *path) {
  char target[2400];
  (void)snprintf(target, sizeof target, "/v1/runwayml%s", path);
  return client_send(client, "GET", target, NULL, NULL, 0);
}

static inline int client_delete(struct client *client, const char *collection, const char *id) {
  char encoded[1024], target[2048];
  text_percent_encode(id, encoded);
  (void)snprintf(target, sizeof target, "/v1/runwayml/%s/%s", collection, encoded);
  return client_send(client, "DELETE", target, NULL, NULL, 0);
}

static inline int client_get_one(struct client *client, const char *collection, const char *id) {
  char encoded[1024], path[2048];
  text_percent_encode(id, encoded);
  (void)snprintf(path, sizeof path, "/%s/%s", collection, encoded);
  return client_get(client, path);
}

static inline const char *client_text(const struct client *client, const char *name) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(client->json, name);
  return cJSON_IsString(item) ? item->valuestring : NULL;
}

static inline bool client_says(const struct client *client, const char *words) {
  return strstr(client->reply.body, words) != NULL;
}

/* Uploads `seconds` of a clip and leaves its id. */
static inline void client_upload(struct client *client, const char *email, const char *name,
                                 int seconds, char *asset_id, size_t size) {
  char target[512];
  (void)snprintf(target, sizeof target, "/v1/runwayml/assets/?email=%s&name=%s&duration=%d", email,
                 name, seconds);
  assert_int_equal(client_send(client, "POST", target, "video/mp4", "clip", 4), 200);
  assert_non_null(client_text(client, "assetId"));
  (void)snprintf(asset_id, size, "%s", client_text(client, "assetId"));
}

static inline int client_submit_json(struct client *client, const char *body) {
  return client_send(client, "POST", "/v1/runwayml/gen4/act-two-voice", "application/json", body,
                     strlen(body));
}

/* Submits with voice-maya; `task_id` is left when there is one and the caller wants it. */
static inline int client_submit(struct client *client, const char *asset_id, const char *ref,
                                char *task_id, size_t size) {
  char body[2048];
  (void)snprintf(body, sizeof body,
                 "{\"video_assetId\":\"%s\",\"voiceId\":\"voice-maya\",\"replyRef\":\"%s\"}",
                 asset_id, ref);
  int status = client_submit_json(client, body);
  const cJSON *task = cJSON_GetObjectItemCaseSensitive(client->json, "task");
  const cJSON *id = cJSON_GetObjectItemCaseSensitive(task, "taskId");
  if (task_id != NULL && cJSON_IsString(id)) (void)snprintf(task_id, size, "%s", id->valuestring);
  return status;
}

/* The status of a task as the service tells it. */
static inline const char *client_task_status(struct client *client, const char *task_id) {
  assert_int_equal(client_get_one(client, "tasks", task_id), 200);
  return client_text(client, "status");
}

#endif
