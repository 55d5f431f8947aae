/* What people write for themselves, as players: one thread per slot of each account, a poll every
 * 10 s. One kind waits 10 to 30 s after a 429 and gives a job up whose submission got no answer;
 * the other submits again at once, whatever befell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nightshift/wire.h"
#include "tests/bench/scheduler.h"
#include "util/check.h"

#define BEGAN          INT64_C(1767225600000) /* as the virtual world's nights */
#define POLL_MS        (10 * SECOND_MS)
#define BLIND_AGAIN_MS SECOND_MS
#define FETCH_MS       500
#define EVENT_NIGHT_MS (50 * MINUTE_MS)

enum stage { STAGE_TAKE, STAGE_UPLOAD, STAGE_SUBMIT, STAGE_POLL, STAGE_FETCH, STAGE_DONE };
struct hand {
  const struct sim_account_plan *plan;
  enum stage stage;
  time_ms wake;
  int64_t job;
  char asset_id[200], task_id[200], url[300];
};
struct script {
  const struct night *night;
  struct sim_service *service;
  struct sights sights;
  struct prng prng;
  bool blind;
  struct hand *hands;
  size_t hand_count;
  int64_t next_job;
  struct arena arena; /* one call */
};

/* ---- one call ---- */

static bool network_down(const struct script *script, time_ms now) {
  duration_ms at = now - BEGAN;
  return script->night->order.event == NIGHT_OUTAGE && at >= NIGHT_EVENT_AT &&
         at < NIGHT_EVENT_AT + NIGHT_OUTAGE_MS;
}

static void read_reply(struct script *script, const struct call *call, const struct sim_reply *said,
                       struct answer *answer) {
  struct wire_reply reply = {.transport = WIRE_NO_REPLY, .failure = "the connection was lost"};
  if (said->fate == SIM_REPLY)
    reply = (struct wire_reply){.transport = WIRE_REPLIED,
                                .status = said->status,
                                .content_type = said->content_type,
                                .body = said->body,
                                .body_bytes = said->body_bytes};
  wire_decode(call, &reply, BEGAN, &script->arena, answer);
}

/* The answer, and `hand->wake` when it is there. */
static struct answer ask(struct script *script, struct hand *hand, const struct call *call) {
  struct wire_request sent = {0};
  struct sim_reply said;
  struct answer answer = {.outcome = {.kind = OUTCOME_NOT_SENT}};
  time_ms now = hand->wake;
  arena_reset(&script->arena);
  if (network_down(script, now)) return answer;
  wire_encode(call, &script->arena, &sent);
  const struct sim_request request = {
      .method = sent.method,
      .target = arena_printf(&script->arena, "/v1/runwayml%s", sent.path),
      .authorization = "Bearer " NIGHT_TOKEN,
      .content_type = sent.content_type,
      .body = sent.body,
      .body_bytes = sent.body_path != NULL ? (size_t)sent.body_path_bytes : sent.body_bytes};
  sim_service_handle(script->service, now, &request, &said);
  read_reply(script, call, &said, &answer);
  hand->wake = now + (said.delay_ms > 0 ? said.delay_ms : 1);
  sights_sent(&script->sights, script->service, now, call);
  sights_answered(&script->sights, script->service, hand->wake, call, &answer);
  sim_reply_release(&said);
  return answer;
}

/* ---- a hand's stages ---- */

static void copy(char *to, size_t size, const char *text) {
  CHECK(text != NULL && strlen(text) < size);
  memcpy(to, text, strlen(text) + 1);
}

static void take(struct script *script, struct hand *hand) {
  hand->stage = STAGE_DONE;
  if (script->next_job == script->night->order.jobs) return;
  hand->job = script->next_job++;
  hand->stage = STAGE_UPLOAD;
}

static void upload(struct script *script, struct hand *hand) {
  const struct world_job *job = &script->night->jobs[hand->job];
  struct answer answer = ask(script, hand,
                             &(struct call){.kind = CALL_UPLOAD,
                                            .email = hand->plan->email,
                                            .name = job->name,
                                            .path = job->clip,
                                            .content_type = "video/mp4",
                                            .size_bytes = 1000,
                                            .length_ms = job->length_ms});
  if (answer.outcome.kind != OUTCOME_OK) {
    hand->wake += POLL_MS;
    return;
  }
  copy(hand->asset_id, sizeof hand->asset_id, answer.assets[0].asset_id);
  hand->stage = STAGE_SUBMIT;
}

static void submit(struct script *script, struct hand *hand) {
  struct answer answer = ask(script, hand,
                             &(struct call){.kind = CALL_SUBMIT,
                                            .email = hand->plan->email,
                                            .asset_id = hand->asset_id,
                                            .voice_id = script->night->jobs[hand->job].voice});
  bool refused = answer.outcome.refused || answer.outcome.kind == OUTCOME_NOT_SENT;
  if (answer.outcome.kind == OUTCOME_OK) {
    copy(hand->task_id, sizeof hand->task_id, answer.tasks[0].task_id);
    hand->stage = STAGE_POLL;
    hand->wake += POLL_MS;
  } else if (script->blind) {
    hand->wake += BLIND_AGAIN_MS;
  } else if (refused) {
    hand->wake += prng_between(&script->prng, 10 * SECOND_MS, 30 * SECOND_MS);
  } else {
    hand->stage = STAGE_TAKE; /* "an error": that clip is done by hand in the morning */
  }
}

static void poll(struct script *script, struct hand *hand) {
  struct answer answer = ask(
      script, hand,
      &(struct call){.kind = CALL_GET_TASK, .email = hand->plan->email, .task_id = hand->task_id});
  if (answer.outcome.kind == OUTCOME_OK && answer.tasks[0].status == TASK_SUCCEEDED) {
    copy(hand->url, sizeof hand->url, answer.tasks[0].artifact_url);
    hand->stage = STAGE_FETCH;
  } else {
    hand->wake += POLL_MS;
  }
}

static void fetch(struct script *script, struct hand *hand) {
  struct sim_reply said;
  const char *host = strstr(hand->url, "://");
  CHECK(host != NULL && strchr(host + 3, '/') != NULL);
  if (network_down(script, hand->wake)) {
    hand->wake += POLL_MS;
    return;
  }
  const struct sim_request request = {.method = "GET", .target = strchr(host + 3, '/')};
  sim_service_handle(script->service, hand->wake, &request, &said);
  hand->wake += FETCH_MS + said.delay_ms;
  sim_reply_release(&said);
  hand->stage = STAGE_TAKE;
}

static void go_on(struct script *script, struct hand *hand) {
  static void (*const stages[])(struct script *, struct hand *) = {[STAGE_TAKE] = take,
                                                                   [STAGE_UPLOAD] = upload,
                                                                   [STAGE_SUBMIT] = submit,
                                                                   [STAGE_POLL] = poll,
                                                                   [STAGE_FETCH] = fetch};
  stages[hand->stage](script, hand);
}

/* ---- the script as a whole ---- */

static void make_hands(struct script *script) {
  const struct sim_scenario *scenario = script->night->scenario;
  for (size_t i = 0; i < scenario->account_count; i++)
    script->hand_count += (size_t)scenario->accounts[i].max_jobs;
  script->hands = calloc(script->hand_count, sizeof *script->hands);
  CHECK(script->hands != NULL && "out of memory");
  struct hand *hand = script->hands;
  for (size_t i = 0; i < scenario->account_count; i++)
    for (int slot = 0; slot < scenario->accounts[i].max_jobs; slot++)
      *hand++ = (struct hand){.plan = &scenario->accounts[i], .wake = BEGAN + slot};
}

static struct hand *next_hand(struct script *script) {
  struct hand *next = NULL;
  for (size_t i = 0; i < script->hand_count; i++) {
    struct hand *hand = &script->hands[i];
    if (hand->stage != STAGE_DONE && (next == NULL || hand->wake < next->wake)) next = hand;
  }
  return next;
}

static bool has_event(const struct night *night) {
  return night->order.event != NIGHT_WALKS && night->order.event != NIGHT_LOSES_REPLIES;
}

static void play(const struct night *night, bool blind, struct score *score) {
  struct script script = {.night = night, .blind = blind};
  struct hand *hand;
  time_ms until = has_event(night) ? BEGAN + EVENT_NIGHT_MS : TIME_NEVER;
  script.service = sim_service_new(night->scenario, BEGAN);
  prng_init(&script.prng, sim_hash(night->order.seed, "scripts", 0));
  arena_init(&script.arena);
  make_hands(&script);
  while ((hand = next_hand(&script)) != NULL && hand->wake < until)
    go_on(&script, hand);
  score_night(night, script.service, &script.sights, score);
  sights_release(&script.sights);
  arena_release(&script.arena);
  sim_service_free(script.service);
  free(script.hands);
}

void threads_play(const struct night *night, struct score *score) {
  play(night, false, score);
}

void blind_play(const struct night *night, struct score *score) {
  play(night, true, score);
}
