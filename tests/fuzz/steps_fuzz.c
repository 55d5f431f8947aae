/* A night of events made of bytes: what the service, the network, the disk and people do in any
 * order, crashes too. The core's invariants hold after each step, and what it writes down is a
 * state that it can go on from. */
#include <stdlib.h>
#include <string.h>

#include "night.h"
#include "nightshift/store.h"

#define STEPS_MOST 400
#define JOBS_MOST  6

struct state {
  struct night night; /* first: night_write finds the rest by it */
  struct store *store;
  struct core_options options;
  uint64_t seed; /* another for each process, as the system's random */
};

static void tell_refused(const struct core_output *output, const struct error *error) {
  fprintf(stderr, "%s\n", error->text);
  for (size_t i = 0; i < output->record_count; i++) {
    const struct attempt_record *attempt = &output->records[i].as.attempt;
    if (output->records[i].kind != RECORD_ATTEMPT) continue;
    fprintf(stderr, "attempt %lld of job %lld: %s, %s, task %s\n", (long long)attempt->id,
            (long long)attempt->job, attempt_state_name(attempt->state), attempt->reply_ref,
            attempt->task_id == NULL ? "none" : attempt->task_id);
  }
}

static void write_records(struct night *night) {
  struct state *state = (struct state *)night;
  const struct core_output *output = &night->output;
  struct error error = {0};
  if (output->record_count == 0) return;
  int result =
      store_commit(state->store, night->now, output->records, output->record_count, &error);
  if (result != 0) tell_refused(output, &error);
  CHECK(result == 0);
}

static struct core_options draw_options(struct fuzz_bytes *bytes) {
  unsigned bits = fuzz_byte(bytes);
  return (struct core_options){.retry_wait_low = 10 * SECOND_MS,
                               .retry_wait_high = 30 * SECOND_MS,
                               .poll_low = 3 * SECOND_MS,
                               .poll_high = 30 * SECOND_MS,
                               .max_attempts = (int)fuzz_choice(bytes, 3) + 1,
                               .upload_ahead = (int)fuzz_choice(bytes, 3),
                               .start_limit = (bits & 1) != 0 ? 3 : 0,
                               .strikes = (bits & 2) != 0 ? 2 : 0,
                               .strike_window = HOUR_MS,
                               .batch_percent = (bits & 4) != 0 ? 20 : 0,
                               .batch_least = 2,
                               .credits_limited = (bits & 8) != 0,
                               .max_credits = 500,
                               .until = (bits & 16) != 0 ? START + HOUR_MS : 0,
                               .adopt = (bits & 32) != 0,
                               .reply_url = (bits & 64) != 0 ? "https://x.example/cb" : NULL};
}

static void enroll(struct state *state) {
  static const char *const names[JOBS_MOST] = {"a", "b", "c", "d", "e", "f"};
  struct fuzz_bytes *bytes = state->night.bytes;
  struct arena *arena = &state->night.arena;
  struct job_record jobs[JOBS_MOST];
  size_t count = fuzz_choice(bytes, JOBS_MOST) + 1u;
  for (size_t i = 0; i < count; i++) {
    unsigned bits = fuzz_byte(bytes);
    bool asset = (bits & 3) == 3;
    const char *clip = (bits & 4) != 0 ? "same" : names[i];
    jobs[i] =
        (struct job_record){.key = arena_printf(arena, "id:%s", names[i]),
                            .name = names[i],
                            .number = (int64_t)i + 1,
                            .listed = true,
                            .clip_path = asset ? NULL : arena_printf(arena, "/c/%s.mp4", clip),
                            .clip_source = clip,
                            .clip_hash = asset ? NULL : clip,
                            .clip_bytes = 1000,
                            .clip_ms = asset ? 0 : 10 * SECOND_MS,
                            .clip_type = "video/mp4",
                            .asset = asset ? "user:1-runwayml:one@example.com-asset:7" : NULL,
                            .voice = "maya",
                            .voice_id = "maya",
                            .output = arena_printf(arena, "/out/%s.mp4", names[i]),
                            .explore = (enum explore_mode)((bits >> 3) % 3),
                            .priority = (bits >> 5) & 1,
                            .pin = asset || (bits & 64) != 0 ? "one@example.com" : NULL,
                            .state = JOB_QUEUED,
                            .result_bytes = -1};
  }
  state->night.jobs = (unsigned)count;
  struct store_snapshot snapshot = {0};
  struct enroll_result result = {0};
  struct batch_record batch = {.key = "night", .named = true, .path = "/night.yaml"};
  CHECK(store_load(state->store, &snapshot, NULL) == 0);
  core_enroll(arena, &snapshot, &batch, jobs, count, NULL, NULL, START, &result);
  CHECK(store_commit(state->store, START, result.records, result.record_count, NULL) == 0);
  store_snapshot_release(&snapshot);
}

static struct core_account draw_account(struct fuzz_bytes *bytes, const char *email,
                                        token_index token) {
  unsigned bits = fuzz_byte(bytes);
  return (struct core_account){.email = email,
                               .token = token,
                               .max_jobs = bits & 3,
                               .credits = (bits & 4) != 0 ? 100 : -1,
                               .guards = {.jobs_per_day = (bits & 8) != 0 ? 2 : 0,
                                          .min_gap = (bits & 16) != 0 ? MINUTE_MS : 0,
                                          .credits_limited = (bits & 32) != 0,
                                          .max_credits = 200,
                                          .keep_credits = (bits & 64) != 0 ? 50 : 0}};
}

static void start(struct state *state) {
  struct night *night = &state->night;
  struct store_snapshot snapshot = {0};
  struct error error = {0};
  batch_id batch = 1;
  core_free(night->core);
  state->options.seed = ++state->seed;
  night->core = core_new(&state->options);
  night->order_count = 0;
  night->ended = false;
  struct core_account one = draw_account(night->bytes, "one@example.com", 0),
                      two = draw_account(night->bytes, "two@example.com", 1);
  (void)core_add_account(night->core, &one);
  (void)core_add_account(night->core, &two);
  int result = store_load(state->store, &snapshot, &error);
  if (result != 0) fprintf(stderr, "%s\n", error.text);
  CHECK(result == 0);
  int64_t *numbers = calloc(snapshot.job_count + 1, sizeof *numbers);
  CHECK(numbers != NULL && store_event_counts(state->store, &snapshot, numbers, NULL) == 0);
  core_load(night->core, &snapshot, numbers, &batch, 1);
  free(numbers);
  store_snapshot_release(&snapshot);
  core_start(night->core, night->now, &night->output);
  night_take(night);
}

/* Config that was read again: other limits, and perhaps the second account is gone. */
static void reload(struct state *state) {
  struct night *night = &state->night;
  state->options = draw_options(night->bytes);
  struct core_account accounts[2] = {draw_account(night->bytes, "one@example.com", 0),
                                     draw_account(night->bytes, "two@example.com", 1)};
  struct core_reload given = {.options = &state->options,
                              .accounts = accounts,
                              .account_count = 1 + fuzz_choice(night->bytes, 2)};
  night_feed(night, &(struct event){.kind = EVENT_RELOAD, .reload = &given});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_bytes bytes = {data, size};
  struct state state = {0};
  night_init(&state.night, &bytes);
  state.night.write = write_records;
  CHECK(store_open_memory(&state.store, NULL) == 0);
  state.options = draw_options(&bytes);
  enroll(&state);
  start(&state);
  for (int step = 0; step < STEPS_MOST && bytes.left > 0; step++) {
    unsigned kind = fuzz_byte(&bytes);
    if (kind >= 252 || (state.night.ended && kind >= 192))
      start(&state);
    else if (kind >= 248)
      reload(&state);
    else
      night_step(&state.night);
    if (step % 16 == 0) night_ask(&state.night);
  }
  night_ask(&state.night);
  store_close(state.store);
  night_release(&state.night);
  return 0;
}

static void zeroes(struct buffer *out, size_t size) {
  char none = 0;
  while (out->length < size)
    buffer_append(out, &none, 1);
}

const struct fuzz_worst fuzz_worst[] = {{"zeroes", zeroes}, {"noise", worst_noise}, {NULL, NULL}};
