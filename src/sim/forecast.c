/* What is expected of a night: many virtual ones, their spread, and what limits them. */
#include <stdlib.h>
#include <string.h>

#include "nightshift/sim.h"
#include "sim/forecast_pass.h"
#include "util/check.h"

#define RUNS_JOBS   20000 /* jobs of all runs together */
#define RUNS_LEAST  5
#define RUNS_MOST   30
#define SAMPLE_MOST 4000 /* jobs; of a larger night a sample passes */
#define SAMPLE_JOBS 2000
#define STRETCH     4
#define GLANCE_JOBS 500 /* for sim_forecast_end */
/* A share of the night: what is nearer than that is no difference. */
#define NOTABLE(end_ms) ((end_ms) / 10)

struct trial {
  uint64_t seed;
  struct pass_end end;
};

static int by_end(const void *a, const void *b) {
  const struct pass_end *one = &((const struct trial *)a)->end,
                        *other = &((const struct trial *)b)->end;
  if (one->ended != other->ended) return one->ended ? -1 : 1;
  return one->end_ms < other->end_ms ? -1 : one->end_ms > other->end_ms;
}

/* What was under way at the start is part of the night too. */
static duration_ms last_task(const struct prospect *night) {
  duration_ms last = 0;
  for (size_t i = 0; i < night->task_count; i++) {
    const struct prospect_task *task = &night->tasks[i];
    duration_ms left = forecast_task_ms(night, task->length_ms) - task->age_ms;
    if (task->ours && left > last) last = left;
  }
  return last;
}

static void pass(const struct prospect *night, uint64_t seed, struct arena *arena,
                 struct pass_end *end) {
  duration_ms last = last_task(night);
  if (night->job_count == 0)
    *end = (struct pass_end){
        .ended = true,
        .shares = ARENA_NEW_ARRAY(arena, night->account_count + 1, struct pass_share)};
  else
    forecast_pass(night, seed, arena, end);
  if (end->ended && end->end_ms < last) end->end_ms = last;
}

/* ---- samples ---- */

/* 0 and -1 have meanings of their own. */
static int64_t share(int64_t amount, size_t every) {
  return amount <= 0 ? amount : (amount + (int64_t)every - 1) / (int64_t)every;
}

/* The night with every `every`-th job and as much less of what is used up. */
static struct prospect thinned(const struct prospect *night, size_t every, struct arena *arena) {
  struct prospect sample = *night;
  sample.jobs = ARENA_NEW_ARRAY(arena, night->job_count, struct prospect_job);
  sample.accounts = ARENA_NEW_ARRAY(arena, night->account_count + 1, struct prospect_account);
  sample.job_count = 0;
  /* Neighbours are one clip with several voices: whole stretches keep them together. */
  for (size_t i = 0; i < night->job_count; i++)
    if (i / STRETCH % every == 0) sample.jobs[sample.job_count++] = night->jobs[i];
  for (size_t i = 0; i < night->account_count; i++) {
    struct core_account *core = &sample.accounts[i].core;
    sample.accounts[i] = night->accounts[i];
    core->credits = share(core->credits, every);
    core->guards.max_credits = share(core->guards.max_credits, every);
    core->guards.keep_credits = share(core->guards.keep_credits, every);
    core->guards.jobs_per_day = share(core->guards.jobs_per_day, every);
  }
  sample.core.start_limit = share(night->core.start_limit, every);
  sample.core.max_credits = share(night->core.max_credits, every);
  return sample;
}

/* ---- the spread ---- */

static duration_ms quantile(const struct trial *trials, int runs, int percent) {
  int place = (runs * percent + 99) / 100 - 1;
  const struct pass_end *end = &trials[place < 0 ? 0 : place].end;
  return end->ended ? end->end_ms : 0;
}

static void fill_account(const struct prospect *night, size_t index, const struct pass_share *share,
                         struct forecast_account *account) {
  const struct prospect_account *from = &night->accounts[index];
  *account =
      (struct forecast_account){.email = from->core.email,
                                .out = from->out,
                                .jobs = share->jobs,
                                .end_ms = share->end_ms,
                                .capacity = from->capacity,
                                .credits = night->credits_per_second >= 0 ? share->credits : -1};
  if (share->slots_ms > 0) account->busy = share->busy_ms / share->slots_ms;
  if (account->busy > 1) account->busy = 1;
}

static void fill_middle(const struct prospect *night, const struct pass_end *end,
                        struct arena *arena, struct forecast *forecast) {
  forecast->succeeded = end->succeeded;
  forecast->failed = end->failed;
  forecast->left = end->left;
  forecast->submissions = end->submissions;
  forecast->refused = end->refused;
  forecast->credits = night->credits_per_second >= 0 ? end->credits : -1;
  forecast->accounts = ARENA_NEW_ARRAY(arena, night->account_count + 1, struct forecast_account);
  forecast->account_count = night->account_count;
  for (size_t i = 0; i < night->account_count; i++)
    fill_account(night, i, &end->shares[i], &forecast->accounts[i]);
}

/* ---- what limits it ---- */

static struct forecast_limit *add_limit(struct forecast *forecast, enum forecast_limit_kind kind) {
  CHECK(forecast->limit_count < FORECAST_LIMITS_MAX);
  struct forecast_limit *limit = &forecast->limits[forecast->limit_count++];
  *limit = (struct forecast_limit){.kind = kind};
  return limit;
}

struct question {
  const struct prospect *night; /* or a sample of it */
  const struct trial *middle;
  const struct pass_end *whole; /* of all of it */
  struct arena *arena;
  struct forecast *forecast;
};

/* The middle night once more, with these accounts. */
static duration_ms end_with(const struct question *question, struct prospect_account *accounts,
                            size_t count) {
  struct prospect night = *question->night;
  struct pass_end end;
  night.accounts = accounts;
  night.account_count = count;
  pass(&night, question->middle->seed, question->arena, &end);
  return end.ended ? end.end_ms : 0;
}

static struct prospect_account *copy_accounts(const struct question *question) {
  const struct prospect *night = question->night;
  struct prospect_account *copy =
      ARENA_NEW_ARRAY(question->arena, night->account_count + 1, struct prospect_account);
  memcpy(copy, night->accounts, night->account_count * sizeof *copy);
  return copy;
}

/* The account that did most jobs, or fewest, in the middle night. NO_ACCOUNT: none did any. */
static account_index extreme(const struct question *question, bool most) {
  const struct pass_share *shares = question->whole->shares;
  account_index found = NO_ACCOUNT;
  for (size_t i = 0; i < question->night->account_count; i++) {
    if (question->night->accounts[i].out != NULL || (most && shares[i].jobs == 0)) continue;
    if (found == NO_ACCOUNT ||
        (most ? shares[i].jobs > shares[found].jobs : shares[i].jobs < shares[found].jobs))
      found = (account_index)i;
  }
  return found;
}

static account_index middle_account(const struct question *question) {
  const struct pass_share *shares = question->whole->shares;
  size_t count = question->night->account_count;
  for (size_t i = 0; i < count; i++) {
    size_t below = 0, same = 0, all = 0;
    if (question->night->accounts[i].out != NULL) continue;
    for (size_t k = 0; k < count; k++) {
      if (question->night->accounts[k].out != NULL) continue;
      all++;
      below += shares[k].jobs < shares[i].jobs;
      same += shares[k].jobs == shares[i].jobs;
    }
    if (below <= all / 2 && below + same > all / 2) return (account_index)i;
  }
  return extreme(question, true);
}

static void ask_another(const struct question *question) {
  struct prospect_account *accounts = copy_accounts(question);
  size_t count = question->night->account_count;
  account_index like = middle_account(question);
  if (like == NO_ACCOUNT) return;
  accounts[count] = accounts[like];
  accounts[count].known = NULL;
  accounts[count].core.email = "another@example.invalid";
  duration_ms end_ms = end_with(question, accounts, count + 1);
  duration_ms before = question->middle->end.end_ms;
  if (end_ms == 0 || end_ms > before - before / 50) return;
  add_limit(question->forecast, FORECAST_ANOTHER)->at_ms = end_ms;
}

static bool has_own_jobs(const struct prospect *night, account_index account) {
  for (size_t i = 0; i < night->job_count; i++)
    if (night->jobs[i].pin == account) return true;
  return false;
}

static void ask_without_slowest(const struct question *question) {
  account_index slowest = extreme(question, false), fastest = extreme(question, true);
  const struct pass_share *shares = question->whole->shares;
  if (slowest == NO_ACCOUNT || fastest == NO_ACCOUNT || slowest == fastest ||
      shares[slowest].jobs * 4 > shares[fastest].jobs * 3 || has_own_jobs(question->night, slowest))
    return;
  struct prospect_account *accounts = copy_accounts(question);
  accounts[slowest].out = "left out";
  duration_ms end_ms = end_with(question, accounts, question->night->account_count);
  if (end_ms == 0) return;
  struct forecast_limit *limit = add_limit(question->forecast, FORECAST_SLOWEST);
  limit->email = accounts[slowest].core.email;
  limit->count = shares[slowest].jobs;
  limit->at_ms = end_ms;
}

/* One account is at work long after all others have nothing left that they may do. */
static bool tell_only_there(const struct question *question) {
  const struct pass_share *shares = question->middle->end.shares;
  duration_ms last = 0, before = 0;
  size_t at = 0, count = 0;
  for (size_t i = 0; i < question->night->account_count; i++) {
    if (question->night->accounts[i].out != NULL) continue;
    count++;
    if (shares[i].end_ms > last) {
      before = last;
      last = shares[i].end_ms;
      at = i;
    } else if (shares[i].end_ms > before) {
      before = shares[i].end_ms;
    }
  }
  duration_ms one_task = forecast_task_ms(question->night, 30 * SECOND_MS);
  if (count < 2 || last - before < NOTABLE(last) || last - before < 2 * one_task) return false;
  struct forecast_limit *limit = add_limit(question->forecast, FORECAST_ONLY_THERE);
  limit->email = question->night->accounts[at].core.email;
  limit->at_ms = before;
  return true;
}

static bool tell_longest(const struct question *question) {
  int64_t slots = 0;
  for (size_t i = 0; i < question->night->account_count; i++) {
    const struct prospect_account *account = &question->night->accounts[i];
    if (account->out == NULL) slots += account->capacity > 0 ? account->capacity : 2;
  }
  if ((int64_t)question->night->job_count > slots) return false;
  (void)add_limit(question->forecast, FORECAST_LONGEST);
  return true;
}

static void tell_left(const struct question *question) {
  const struct pass_end *end = question->whole;
  struct forecast_limit *limit = add_limit(question->forecast, FORECAST_LEFT);
  limit->count = end->left;
  limit->text = end->why;
}

static void find_limits(const struct question *question) {
  if (question->night->job_count == 0) return;
  if (question->whole->left > 0) tell_left(question);
  if (question->whole->left > 0 || !question->middle->end.ended || tell_only_there(question) ||
      tell_longest(question))
    return;
  ask_another(question);
  ask_without_slowest(question);
}

/* ---- all of it ---- */

static size_t every_for(const struct prospect *night, size_t most, size_t wanted) {
  return night->job_count <= most ? 1 : (night->job_count + wanted - 1) / wanted;
}

static int runs_for(size_t job_count) {
  size_t runs = RUNS_JOBS / (job_count + 1);
  return runs < RUNS_LEAST ? RUNS_LEAST : runs > RUNS_MOST ? RUNS_MOST : (int)runs;
}

/* What was found of a sample, as it will be of the whole. */
static void stretch(struct forecast *forecast, const struct trial *sample,
                    const struct trial *whole) {
  if (!sample->end.ended || !whole->end.ended || sample->end.end_ms == 0) return;
  double factor = (double)whole->end.end_ms / (double)sample->end.end_ms;
  forecast->early_ms = (duration_ms)((double)forecast->early_ms * factor);
  forecast->middle_ms = whole->end.end_ms;
  forecast->late_ms = (duration_ms)((double)forecast->late_ms * factor);
  for (size_t i = 0; i < forecast->limit_count; i++)
    forecast->limits[i].at_ms = (duration_ms)((double)forecast->limits[i].at_ms * factor);
}

static const struct trial *try_all(const struct prospect *night, int runs, struct arena *arena,
                                   struct forecast *forecast) {
  struct trial *trials = ARENA_NEW_ARRAY(arena, (size_t)runs, struct trial);
  for (int i = 0; i < runs; i++) {
    trials[i].seed = (uint64_t)i + 1;
    pass(night, trials[i].seed, arena, &trials[i].end);
    forecast->ended += trials[i].end.ended;
  }
  qsort(trials, (size_t)runs, sizeof *trials, by_end);
  forecast->runs = runs;
  forecast->early_ms = quantile(trials, runs, 10);
  forecast->middle_ms = quantile(trials, runs, 50);
  forecast->late_ms = quantile(trials, runs, 90);
  return &trials[(runs * 50 + 99) / 100 - 1];
}

struct forecast *sim_forecast(const struct prospect *night, struct arena *arena) {
  struct forecast *forecast = ARENA_NEW(arena, struct forecast);
  size_t every = every_for(night, SAMPLE_MOST, SAMPLE_JOBS);
  struct prospect sample = every == 1 ? *night : thinned(night, every, arena);
  const struct trial *middle = try_all(&sample, runs_for(sample.job_count), arena, forecast);
  struct trial whole = *middle;
  if (every > 1) pass(night, middle->seed, arena, &whole.end);
  fill_middle(night, &whole.end, arena, forecast);
  find_limits(&(struct question){&sample, middle, &whole.end, arena, forecast});
  if (every > 1) stretch(forecast, middle, &whole);
  return forecast;
}

duration_ms sim_forecast_end(const struct prospect *night) {
  struct arena arena;
  struct pass_end end;
  size_t every = every_for(night, GLANCE_JOBS, GLANCE_JOBS);
  arena_init(&arena);
  struct prospect sample = every == 1 ? *night : thinned(night, every, &arena);
  pass(&sample, 1, &arena, &end);
  duration_ms end_ms = end.ended ? end.end_ms * (duration_ms)every : 0;
  arena_release(&arena);
  return end_ms;
}
