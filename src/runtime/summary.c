/* The end of a run: what is left of the credits is asked once more, and what was done is told. */
#include "runtime/summary.h"

#include "nightshift/night.h"
#include "util/buffer.h"

#define SUMMARY_BYTES_MAX ((size_t)1024 * 1024)

void summary_ask(struct run *run, const struct reach *reach) {
  if (run->interrupted || run->pipeline.failing || run->exit_status == 70) return;
  preflight_credits(run, reach, &run->after);
}

static void write_line(void *context, const struct log_line *line) {
  run_log(context, line);
}

static void fill_credits(struct night *night, const struct reach *before,
                         const struct reach *after) {
  for (size_t i = 0; i < night->account_count; i++) {
    struct night_account *account = &night->accounts[i];
    account->credits_before = preflight_credits_of(before, account->email);
    int64_t now = preflight_credits_of(after, account->email);
    if (now >= 0) account->credits_after = now;
  }
}

/* Somebody else spends credits there, or a clip costs more than it did. */
static void tell_spent(struct run *run, struct arena *arena, const struct night *night) {
  for (size_t i = 0; i < night->account_count; i++) {
    const char *email = night->accounts[i].email;
    struct core_spent spent;
    if (!core_spent_more(run->core, arena, email, preflight_credits_of(&run->after, email), &spent))
      continue;
    struct log_line line = {
        .time = clock_now(&run->clock), .level = LOG_WARN, .event = LOG_ACCOUNT_SPENT};
    log_text(&line, "account", email);
    log_number(&line, "credits", spent.credits);
    log_number(&line, "expected", spent.expected);
    log_number(&line, "count", spent.count);
    log_text(&line, "why", "more credits are gone than our tasks account for");
    log_text(&line, "not_ours", spent.not_ours);
    run_log(run, &line);
  }
}

static void tell(struct run *run, const struct night_source *source, const struct reach *reach) {
  struct arena arena;
  struct buffer text;
  struct night night;
  arena_init(&arena);
  buffer_init(&text, SUMMARY_BYTES_MAX);
  night_build(source, &arena, &night);
  fill_credits(&night, reach, &run->after);
  night_print(&night, log_sink_is_colored(run->options->log), &text);
  tell_spent(run, &arena, &night);
  night_log(&night, clock_now(&run->clock), write_line, run);
  log_sink_print(run->options->log, buffer_string(&text));
  buffer_release(&text);
  arena_release(&arena);
}

/* So that `status` shows them too. One that cannot be kept is read again by the next run. */
static void keep_credits(struct run *run, struct store_snapshot *snapshot) {
  for (size_t i = 0; i < snapshot->account_count; i++) {
    struct record record = {.kind = RECORD_ACCOUNT, .as.account = snapshot->accounts[i]};
    int64_t now = preflight_credits_of(&run->after, record.as.account.email);
    if (now < 0 || now == record.as.account.credits) continue;
    record.as.account.credits = now;
    (void)store_commit(run->store, run->finished, &record, 1, NULL);
  }
}

void summary_tell(struct run *run, const struct reach *reach, const batch_id *batches,
                  size_t batch_count) {
  struct store_snapshot snapshot = {0};
  struct store_attempts attempts = {0};
  /* A server that is away would be waited for once more. */
  if (run->pipeline.failing && store_is_shared(run->options->state)) return;
  if (run->exit_status == 70 || store_load(run->store, &snapshot, NULL) != 0) return;
  if (store_load_attempts(run->store, 0, run->begun, &attempts, NULL) == 0) {
    const struct night_source source = {.snapshot = &snapshot,
                                        .attempts = attempts.attempts,
                                        .attempt_count = attempts.count,
                                        .batches = batches,
                                        .batch_count = batch_count,
                                        .since = run->begun,
                                        .until = run->finished};
    tell(run, &source, reach);
  }
  keep_credits(run, &snapshot);
  store_attempts_release(&attempts);
  store_snapshot_release(&snapshot);
}
