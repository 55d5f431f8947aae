/* What a process of the world reads before it works: the batch, the config, and what the service
 * says of accounts and voices, asked as the program asks. */
#include <string.h>

#include "sim/scenario.h"
#include "sim/world_parts.h"
#include "util/check.h"

/* An asset job runs where its asset lies. */
static const char *pin_of(struct world *world, size_t job) {
  char email[300];
  if (!wire_account_of(world->assets[job], email, sizeof email)) return NULL;
  return arena_string(&world->arena, email);
}

static struct job_record record_of(struct world *world, const struct world_job *job, size_t i) {
  struct arena *arena = &world->arena;
  return (struct job_record){
      .key = arena_printf(arena, "id:%s", job->name),
      .name = job->name,
      .number = (int64_t)i + 1,
      .listed = true,
      .clip_path = job->clip == NULL ? NULL : arena_printf(arena, "/clips/%s", job->clip),
      .clip_source = job->clip == NULL ? world->assets[i] : job->clip,
      .clip_hash = job->clip == NULL ? NULL : arena_printf(arena, "hash-%s", job->clip),
      .clip_bytes = 1000,
      .clip_ms = job->length_ms,
      .clip_width = 96,
      .clip_height = 96,
      .clip_type = "video/mp4",
      .asset = world->assets[i],
      .voice = job->voice,
      .voice_id = job->voice,
      .output = world->outputs[i],
      .explore = job->explore,
      .priority = job->priority,
      .pin = job->asset == NULL ? job->pin : pin_of(world, i),
      .reference = job->reference,
      .state = JOB_QUEUED,
      .result_bytes = -1};
}

/* An asset that somebody uploaded by hand on the account that "hand:EMAIL" names. */
static const char *uploaded_by_hand(struct world *world, const struct world_job *job) {
  const char *email = job->asset + strlen("hand:");
  struct call call = {.kind = CALL_UPLOAD,
                      .token = world_token_of(world, email),
                      .email = email,
                      .name = job->name,
                      .path = job->name,
                      .content_type = "video/mp4",
                      .size_bytes = 1000,
                      .length_ms = job->length_ms};
  struct answer answer = {0};
  outside_ask(world, &call, &world->arena, &answer);
  CHECK(answer.asset_count == 1);
  return answer.assets[0].asset_id;
}

void setup_assets(struct world *world) {
  for (size_t i = 0; i < world->options.job_count; i++) {
    const struct world_job *job = &world->options.jobs[i];
    world->assets[i] = job->asset;
    if (job->asset != NULL && strncmp(job->asset, "hand:", strlen("hand:")) == 0)
      world->assets[i] = uploaded_by_hand(world, job);
  }
}

struct enroll_result setup_enrolled(struct world *world, const struct store_snapshot *snapshot) {
  struct enroll_result result = {0};
  struct batch_record batch = {.key = "night", .named = true, .path = "/night.yaml"};
  struct job_record *jobs = ARENA_NEW_ARRAY(&world->arena, world->written + 1, struct job_record);
  size_t count = 0;
  /* One that was never read is first read and then taken out: ids keep the order of the plan. */
  for (size_t i = 0; i < world->written; i++)
    if (!world->dropped[i] || i >= snapshot->job_count)
      jobs[count++] = record_of(world, &world->options.jobs[i], i);
  core_enroll(&world->arena, snapshot, &batch, jobs, count, NULL, NULL, world_clock(world),
              &result);
  return result;
}

/* Where it cannot be written the program ends, and is run again: everything is read anew. */
void setup_enroll(struct world *world) {
  int result;
  do {
    struct store_snapshot snapshot = {0};
    CHECK(store_load(world->store, &snapshot, NULL) == 0);
    struct enroll_result enrolled = setup_enrolled(world, &snapshot);
    result = enrolled.record_count == 0
                 ? 0
                 : store_commit(world->store, world_clock(world), enrolled.records,
                                enrolled.record_count, NULL);
    CHECK(result != ERR_DAMAGED);
    store_snapshot_release(&snapshot);
  } while (result != 0);
}

static int64_t ask_credits(struct world *world, token_index token, const char *email,
                           struct arena *arena) {
  struct call call = {.kind = CALL_FEATURES, .token = token, .email = email};
  struct answer answer = {.credits = -1};
  outside_ask(world, &call, arena, &answer);
  return answer.outcome.kind == OUTCOME_OK ? answer.credits : -1;
}

static void add_voice(struct setup *setup, struct arena *arena, const struct core_voice *voice) {
  if (setup->voice_count == setup->voice_room) {
    setup->voice_room = setup->voice_room == 0 ? 16 : setup->voice_room * 2;
    struct core_voice *voices = ARENA_NEW_ARRAY(arena, setup->voice_room, struct core_voice);
    if (setup->voice_count > 0) memcpy(voices, setup->voices, setup->voice_count * sizeof *voices);
    setup->voices = voices;
  }
  setup->voices[setup->voice_count++] = *voice;
}

/* One that cannot be asked is believed to have every voice. */
static void add_voices(struct world *world, struct setup *setup, const char *email,
                       struct arena *arena) {
  struct map done;
  struct call call = {.kind = CALL_VOICES, .token = world_token_of(world, email), .email = email};
  struct answer answer = {0};
  outside_ask(world, &call, arena, &answer);
  bool known = answer.outcome.kind == OUTCOME_OK;
  map_init(&done);
  for (size_t i = 0; i < world->options.job_count; i++) {
    struct core_voice voice = {.email = email,
                               .voice_id = world->options.jobs[i].voice,
                               .id_there = world->options.jobs[i].voice};
    bool there = !known;
    if (map_get(&done, voice.voice_id, NULL)) continue;
    map_set(&done, voice.voice_id, 1);
    for (size_t k = 0; k < answer.voice_count && !there; k++)
      there = strcmp(answer.voices[k].id, voice.voice_id) == 0;
    if (there) add_voice(setup, arena, &voice);
  }
  map_release(&done);
}

static struct core_account configured(const struct world *world, const char *email) {
  for (size_t i = 0; i < world->options.account_count; i++)
    if (strcmp(world->options.accounts[i].email, email) == 0) return world->options.accounts[i];
  return (struct core_account){.email = email};
}

static struct core_guards guards_of(const struct world *world, const char *email) {
  const struct sim_scenario *scenario = world->options.scenario;
  for (size_t i = 0; i < scenario->account_count; i++)
    if (strcmp(scenario->accounts[i].email, email) == 0) return world->options.guards[i];
  return (struct core_guards){0};
}

/* A token that is refused reaches none. */
static void add_accounts_of(struct world *world, token_index token, struct setup *setup,
                            struct arena *arena) {
  struct call call = {.kind = CALL_ACCOUNTS, .token = token};
  struct answer answer = {0};
  int64_t nameless;
  outside_ask(world, &call, arena, &answer);
  for (size_t i = 0; i < answer.account_count; i++) {
    const char *email = answer.accounts[i].email;
    if (map_get(&world->nameless, email, &nameless) && nameless != 0) continue;
    CHECK(setup->account_count < world->options.scenario->account_count);
    struct core_account account = configured(world, email);
    account.email = email;
    account.token = token;
    account.max_jobs = answer.accounts[i].max_jobs;
    account.credits = ask_credits(world, token, email, arena);
    if (world->options.guards != NULL) account.guards = guards_of(world, email);
    setup->accounts[setup->account_count++] = account;
  }
}

struct setup setup_reach(struct world *world, struct arena *arena) {
  const struct sim_scenario *scenario = world->options.scenario;
  struct setup setup = {
      .accounts = ARENA_NEW_ARRAY(arena, scenario->account_count + 1, struct core_account)};
  for (size_t i = 0; i < scenario->token_count; i++)
    add_accounts_of(world, (token_index)i, &setup, arena);
  for (size_t i = 0; i < setup.account_count; i++)
    add_voices(world, &setup, setup.accounts[i].email, arena);
  return setup;
}

struct core_options setup_options(struct world *world) {
  struct core_options options = world->options.core;
  options.seed = prng_next(&world->prng);
  options.reply_url = world->reply_url;
  if (options.retry_wait_high == 0) {
    options.retry_wait_low = 10 * SECOND_MS;
    options.retry_wait_high = 30 * SECOND_MS;
  }
  if (options.poll_high == 0) {
    options.poll_low = 3 * SECOND_MS;
    options.poll_high = 30 * SECOND_MS;
  }
  if (options.max_attempts == 0) options.max_attempts = 4;
  if (options.upload_ahead == 0) options.upload_ahead = 1;
  return options;
}
