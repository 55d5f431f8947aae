/* What a forecast had to assume, in words. */
#include "report/forecast_words.h"

#include "util/text.h"

static size_t count_unknown(const struct prospect *night) {
  size_t count = 0;
  for (size_t i = 0; i < night->account_count; i++)
    count += night->accounts[i].out == NULL && night->accounts[i].capacity == 0;
  return count;
}

static bool wants_explore(const struct prospect *night) {
  for (size_t i = 0; i < night->job_count; i++)
    if (night->jobs[i].explore != EXPLORE_OFF) return true;
  return false;
}

static size_t count_lengthless(const struct prospect *night) {
  size_t count = 0;
  for (size_t i = 0; i < night->job_count; i++)
    count += night->jobs[i].length_ms <= 0;
  return count;
}

static const char *task_words(const struct prospect *night, struct arena *arena) {
  char base[32], per_second[32];
  text_from_duration(night->task_base_ms, base, sizeof base);
  text_from_duration(night->task_ms_per_second, per_second, sizeof per_second);
  return arena_printf(arena, "a task takes %s and %s per second of its clip, 30 %% more or less",
                      base, per_second);
}

size_t forecast_assumed(const struct prospect *night, struct arena *arena,
                        const char *words[FORECAST_ASSUMED_MAX]) {
  size_t count = 0, unknown = count_unknown(night), lengthless = count_lengthless(night);
  if (night->accounts_assumed)
    words[count++] = "there is one account (nothing names any)";
  else if (!night->asked)
    words[count++] = "the accounts are as config and state have them (the service was not asked)";
  if (unknown > 0)
    words[count++] = arena_printf(
        arena, "accounts take two tasks at a time, some one or three (not known of %zu)", unknown);
  if (!night->timed) words[count++] = task_words(night, arena);
  if (lengthless > 0)
    words[count++] = arena_printf(arena, "assets last 10 s (nobody told of %zu)", lengthless);
  if (night->credits_per_second < 0)
    words[count++] = "credits last to the end (what a second costs has not been seen)";
  if (wants_explore(night))
    words[count++] = "explore mode takes three times as long, on every plan that did not refuse it";
  return count;
}
