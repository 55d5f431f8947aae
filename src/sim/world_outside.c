/* What the core orders, carried out: calls over a network that may be away or garble, downloads and
 * names on a disk that is only a table. */
#include <stdlib.h>
#include <string.h>

#include "sim/scenario.h"
#include "sim/world_parts.h"
#include "util/check.h"

#define FETCH_MS   500
#define REFUSED_MS 100
#define API_BASE   "/v1/runwayml"

/* ---- the service ---- */

static void read_reply(struct arena *arena, struct wire_reply *reply,
                       const struct sim_reply *said) {
  if (said->fate != SIM_REPLY) {
    reply->transport = WIRE_NO_REPLY;
    reply->failure = said->fate == SIM_HANG ? "timed out" : "the connection was lost";
    return;
  }
  reply->transport = WIRE_REPLIED;
  reply->status = said->status;
  reply->content_type = arena_string(arena, said->content_type);
  reply->retry_after = arena_string(arena, said->retry_after);
  reply->body = arena_bytes(arena, said->body, said->body_bytes);
  reply->body_bytes = said->body_bytes;
}

#define NO_TOKEN (-1)

static bool is_token_refused(const struct world *world, token_index token, struct sim_reply *said) {
  for (size_t i = 0; i < world->refused_token_count; i++) {
    const struct refused_token *refused = &world->refused_tokens[i];
    if (refused->token != token || world->now >= refused->until) continue;
    *said = (struct sim_reply){.fate = SIM_REPLY,
                               .status = refused->status,
                               .content_type = "application/json",
                               .body = "{\"error\":\"Not with this token\"}",
                               .delay_ms = REFUSED_MS};
    said->body_bytes = strlen(said->body);
    return true;
  }
  return false;
}

static void send_to_service(struct world *world, const struct wire_request *sent,
                            struct arena *arena, token_index token, struct sim_reply *said) {
  bool authorized = token != NO_TOKEN;
  const char *base = authorized ? API_BASE : "";
  struct sim_request request = {.method = sent->method,
                                .target = arena_printf(arena, "%s%s", base, sent->path),
                                .content_type = sent->content_type,
                                .body = sent->body,
                                .body_bytes = sent->body_bytes};
  if (is_token_refused(world, token, said)) return;
  if (authorized) {
    const struct sim_scenario *scenario = world->options.scenario;
    CHECK(token >= 0 && (size_t)token < scenario->token_count);
    request.authorization = arena_printf(arena, "Bearer %s", scenario->tokens[token]);
  }
  if (sent->body_path != NULL) {
    request.body_bytes = (size_t)sent->body_path_bytes;
    request.body_hash = hash_bytes(sent->body_path, strlen(sent->body_path));
  }
  *said = (struct sim_reply){0};
  sim_service_handle(world->service, world->now, &request, said);
}

static void rewrite_once(struct arena *arena, struct wire_reply *reply, const char *from,
                         const char *to) {
  const char *at = reply->body, *hit;
  struct buffer body;
  buffer_init(&body, WIRE_BODY_MAX);
  while ((hit = strstr(at, from)) != NULL) {
    buffer_append(&body, at, (size_t)(hit - at));
    at = hit + strlen(from);
    if (to == NULL) {
      at = "";
      break;
    }
    buffer_text(&body, to);
  }
  buffer_text(&body, at);
  reply->body_bytes = body.length;
  reply->body = arena_bytes(arena, buffer_string(&body), body.length);
  buffer_release(&body);
}

static void rewrite(struct world *world, struct happening *happening) {
  for (size_t i = 0; i < world->rewrite_count; i++) {
    const struct rewrite *rule = &world->rewrites[i];
    if (rule->kind == happening->call.kind && world->now < rule->until && rule->status == 0 &&
        happening->reply.transport == WIRE_REPLIED)
      rewrite_once(&happening->arena, &happening->reply, rule->from, rule->to);
  }
}

/* Which file lies there; 0: none. */
static int64_t inode_at(const struct map *disk, const char *path) {
  int64_t inode = 0;
  (void)map_get(disk, path, &inode);
  return inode;
}

static bool refuse(struct world *world, struct happening *happening) {
  for (size_t i = 0; i < world->rewrite_count; i++) {
    const struct rewrite *rule = &world->rewrites[i];
    if (rule->kind != happening->call.kind || world->now >= rule->until || rule->status == 0)
      continue;
    const char *body =
        arena_printf(&happening->arena, "{\"error\":\"%s\",\"code\":%d}", rule->to, rule->status);
    happening->reply = (struct wire_reply){.transport = WIRE_REPLIED,
                                           .status = rule->status,
                                           .content_type = "application/json",
                                           .body = body,
                                           .body_bytes = strlen(body)};
    return true;
  }
  return false;
}

static bool is_taken(const struct world *world, const struct action *action) {
  return action->call.kind == CALL_SUBMIT && inode_at(&world->files, action->path) != 0;
}

static duration_ms hold(struct world *world, struct happening *happening) {
  wire_encode(&happening->call, &world->arena, &world->held);
  world->held_token = happening->call.token;
  world->hold_next = false;
  world->holds = true;
  happening->reply.transport = WIRE_NO_REPLY;
  happening->reply.failure = "timed out";
  tell_sent(world, &happening->call, &world->held);
  return HANG_MS;
}

static void do_call(struct world *world, const struct action *action) {
  struct happening *happening = happening_new(HAPPENS_REPLY);
  duration_ms delay = 0;
  happening->request = action->request;
  happening->begun = world_clock(world);
  happening->call = action->call;
  call_keep(&happening->call, &happening->arena);
  if (is_taken(world, action)) { /* looked at before it leaves, as the program does */
    happening->kind = HAPPENS_EVENT;
    happening->event = (struct event){.kind = EVENT_OUTPUT_TAKEN,
                                      .request = action->request,
                                      .path = arena_string(&happening->arena, action->path)};
  } else if (world->options.lean && action->call.kind == CALL_LIST_TASKS) {
    delay = lean_list(world, happening);
  } else if (action->not_after != 0 && world->now >= action->not_after) {
    happening->reply.transport = WIRE_NOT_SENT;
    happening->reply.failure = "the account's hours are over";
  } else if (world->network_down) {
    happening->reply.transport = WIRE_NOT_SENT;
    happening->reply.failure = "the network is away";
  } else if (refuse(world, happening)) {
    struct wire_request sent = {0};
    wire_encode(&happening->call, &happening->arena, &sent);
    tell_sent(world, &happening->call, &sent);
  } else if (action->call.kind == CALL_SUBMIT && world->hold_next) {
    delay = hold(world, happening);
  } else {
    struct wire_request sent = {0};
    struct sim_reply said;
    wire_encode(&happening->call, &happening->arena, &sent);
    send_to_service(world, &sent, &happening->arena, action->call.token, &said);
    read_reply(&happening->arena, &happening->reply, &said);
    rewrite(world, happening);
    delay = said.fate == SIM_HANG ? HANG_MS : said.delay_ms;
    sim_reply_release(&said);
    tell_sent(world, &happening->call, &sent);
  }
  happening_plan(world, happening, world->now + (delay > 0 ? delay : 1));
}

void outside_ask(struct world *world, const struct call *call, struct arena *arena,
                 struct answer *answer) {
  struct wire_request sent = {0};
  struct wire_reply reply = {0};
  struct sim_reply said;
  wire_encode(call, arena, &sent);
  send_to_service(world, &sent, arena, call->token, &said);
  said.fate = SIM_REPLY;
  read_reply(arena, &reply, &said);
  wire_decode(call, &reply, world_clock(world), arena, answer);
  sim_reply_release(&said);
}

/* ---- files ---- */

/* The .part lies there from the first byte on, under one inode however often it is resumed. */
static void open_part(struct world *world, const char *path, struct event *event) {
  if (inode_at(&world->parts, path) == 0) map_set(&world->parts, path, ++world->inodes);
  event->inode = inode_at(&world->parts, path);
}

static enum fetch_result read_artifact(const struct action *action, const struct sim_reply *said) {
  if (said->fate != SIM_REPLY || said->status >= 500) return FETCH_FAILED;
  if (said->status != 200) return FETCH_EXPIRED;
  return action->bytes < 0 || action->bytes == (int64_t)said->body_bytes ? FETCH_WHOLE
                                                                         : FETCH_LENGTH;
}

static duration_ms download(struct world *world, const struct action *action, struct arena *arena,
                            struct event *event) {
  const char *host = strstr(action->url, "://");
  struct wire_request get = {.method = "GET", .path = host == NULL ? NULL : strchr(host + 3, '/')};
  struct sim_reply said;
  CHECK(get.path != NULL);
  send_to_service(world, &get, arena, NO_TOKEN, &said);
  event->fetch = read_artifact(action, &said);
  event->bytes = (int64_t)said.body_bytes;
  duration_ms delay = said.fate == SIM_HANG ? HANG_MS : FETCH_MS + said.delay_ms;
  sim_reply_release(&said);
  return delay;
}

static void do_fetch(struct world *world, const struct action *action) {
  struct happening *happening = happening_new(HAPPENS_EVENT);
  struct event *event = &happening->event;
  duration_ms delay = FETCH_MS;
  *event = (struct event){.kind = EVENT_FETCHED, .request = action->request, .text = ""};
  tell_file(world, "fetch", action->job, action->url);
  open_part(world, action->path, event);
  if (world->options.lean) {
    lean_download(world, action, event);
  } else if (world->fetch_failures > 0) {
    world->fetch_failures--;
    event->fetch = world->fetch_failure;
  } else if (world->network_down) {
    event->fetch = FETCH_FAILED;
  } else {
    delay = download(world, action, &happening->arena, event);
  }
  if (event->fetch != FETCH_WHOLE)
    event->text = event->fetch == FETCH_FULL ? "no space left on device" : "the download failed";
  if (event->fetch == FETCH_LENGTH) map_set(&world->parts, action->path, 0);
  happening_plan(world, happening, world->now + delay);
}

/* As http_publish does: done already, not the file that was fetched, taken, or renamed. */
static enum publish_result publish(struct world *world, const struct action *action) {
  int64_t there = inode_at(&world->files, action->path);
  if (there == action->inode) return PUBLISH_DONE;
  if (inode_at(&world->parts, action->path) != action->inode) return PUBLISH_LOST;
  map_set(&world->parts, action->path, 0);
  if (there != 0) return PUBLISH_TAKEN;
  map_set(&world->files, action->path, action->inode);
  world->published[action->job - 1]++;
  return PUBLISH_DONE;
}

static void do_publish(struct world *world, const struct action *action) {
  struct happening *happening = happening_new(HAPPENS_EVENT);
  tell_file(world, "publish", action->job, NULL);
  happening->event =
      (struct event){.kind = EVENT_PUBLISHED,
                     .request = action->request,
                     .publish = publish(world, action),
                     .path = arena_printf(&happening->arena, "%s.new", action->path)};
  happening_plan(world, happening, world->now + 1);
}

void outside_carry_out(struct world *world, const struct core_output *output) {
  for (size_t i = 0; i < output->action_count && !world->dying; i++) {
    const struct action *action = &output->actions[i];
    switch (action->kind) {
    case ACTION_CALL:
      do_call(world, action);
      break;
    case ACTION_FETCH:
      do_fetch(world, action);
      break;
    case ACTION_PUBLISH:
      do_publish(world, action);
      break;
    case ACTION_DISCARD:
      map_set(&world->parts, action->path, 0);
      break;
    case ACTION_LOG:
      tell_line(world, &action->line);
      break;
    case ACTION_END:
      world->ended = true;
      world->exit_status = action->exit_status;
      break;
    }
  }
}

/* ---- hands ---- */

void world_set_network(struct world *world, bool up) {
  world->network_down = !up;
}

void world_hold_submit(struct world *world) {
  world->hold_next = !world->holds;
}

bool world_holds(const struct world *world) {
  return world->holds;
}

void world_deliver(struct world *world) {
  struct sim_reply said;
  CHECK(world->holds);
  world->holds = false;
  send_to_service(world, &world->held, &world->arena, world->held_token, &said);
  sim_reply_release(&said);
}

void world_rewrite(struct world *world, enum call_kind kind, const char *from, const char *to,
                   duration_ms until) {
  CHECK(world->rewrite_count < REWRITES_MAX);
  world->rewrites[world->rewrite_count++] =
      (struct rewrite){.kind = kind,
                       .from = arena_string(&world->arena, from),
                       .to = arena_string(&world->arena, to),
                       .until = until == TIME_NEVER ? TIME_NEVER : world->start + until};
}

void world_refuse(struct world *world, enum call_kind kind, int status, const char *text,
                  duration_ms until) {
  CHECK(world->rewrite_count < REWRITES_MAX && status > 0);
  world->rewrites[world->rewrite_count++] =
      (struct rewrite){.kind = kind,
                       .status = status,
                       .to = arena_string(&world->arena, text),
                       .until = until == TIME_NEVER ? TIME_NEVER : world->start + until};
}

void world_refuse_token(struct world *world, token_index token, int status, duration_ms until) {
  CHECK(world->refused_token_count < REFUSED_TOKENS_MAX);
  world->refused_tokens[world->refused_token_count++] =
      (struct refused_token){.token = token,
                             .status = status,
                             .until = until == TIME_NEVER ? TIME_NEVER : world->start + until};
}

token_index world_token_of(const struct world *world, const char *email) {
  const struct sim_scenario *scenario = world->options.scenario;
  for (size_t i = 0; i < scenario->account_count; i++)
    if (strcmp(scenario->accounts[i].email, email) == 0)
      return (token_index)scenario->accounts[i].token;
  return 0;
}

void world_fail_fetches(struct world *world, enum fetch_result result, int count) {
  world->fetch_failure = result;
  world->fetch_failures = count;
}

void world_put_file(struct world *world, const char *path) {
  map_set(&world->files, path, ++world->inodes);
}

bool world_part_lies(const struct world *world, size_t job) {
  CHECK(job < world->options.job_count);
  return inode_at(&world->parts, world->outputs[job]) != 0;
}

static void ask_alone(struct world *world, const struct call *call) {
  struct answer answer = {0};
  struct arena arena;
  arena_init(&arena);
  outside_ask(world, call, &arena, &answer);
  arena_release(&arena);
}

bool world_delete_assets(struct world *world, size_t job) {
  struct store_snapshot snapshot = {0};
  bool any = false;
  CHECK(store_load(world->store, &snapshot, NULL) == 0);
  bool is_known = job < snapshot.job_count; /* the batch may not have it yet */
  const char *hash = is_known ? snapshot.jobs[job].clip_hash : NULL;
  for (size_t i = 0; is_known && i < snapshot.upload_count; i++) {
    const struct upload_record *upload = &snapshot.uploads[i];
    if (upload->asset_id == NULL || strcmp(upload->clip_hash, hash) != 0) continue;
    ask_alone(world, &(struct call){.kind = CALL_DELETE_ASSET,
                                    .token = world_token_of(world, upload->account),
                                    .email = upload->account,
                                    .asset_id = upload->asset_id});
    any = true;
  }
  store_snapshot_release(&snapshot);
  return any;
}

bool world_delete_task(struct world *world, size_t job) {
  const struct job_record *record = world_job_record(world, job);
  if (record == NULL || record->task_id == NULL) return false;
  ask_alone(world, &(struct call){.kind = CALL_DELETE_TASK,
                                  .token = world_token_of(world, record->account),
                                  .email = record->account,
                                  .task_id = record->task_id});
  return true;
}

bool world_make_twin(struct world *world, size_t job) {
  struct store_snapshot snapshot = {0};
  bool made = false;
  CHECK(store_load(world->store, &snapshot, NULL) == 0);
  for (size_t i = 0; i < snapshot.upload_count && !made; i++) {
    const struct upload_record *upload = &snapshot.uploads[i];
    if (upload->asset_id == NULL || strcmp(upload->clip_hash, snapshot.jobs[job].clip_hash) != 0)
      continue;
    ask_alone(world, &(struct call){.kind = CALL_SUBMIT,
                                    .token = world_token_of(world, upload->account),
                                    .email = upload->account,
                                    .asset_id = upload->asset_id,
                                    .voice_id = snapshot.jobs[job].voice_id});
    made = true;
  }
  store_snapshot_release(&snapshot);
  return made;
}
