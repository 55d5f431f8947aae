/* What a night came to: accounts, ends with their remedies, the slowest tasks. */
#include "nightshift/night.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/check.h"
#include "util/map.h"

/* A task begins or ends on an account. */
struct turn {
  size_t account;
  time_ms at;
  int change; /* +1 or -1 */
};

struct builder {
  const struct night_source *source;
  struct night *night;
  struct arena *arena;
  struct map accounts; /* e-mail to place */
  struct map groups;   /* state and advice to place */
  struct map causes;   /* group and error to place in `all_causes` */
  struct turn *turns;
  size_t turn_count;
};

/* ---- which jobs ---- */

static bool is_ours(const struct night_source *source, const struct job_record *job) {
  for (size_t i = 0; i < source->batch_count; i++)
    if (source->batches[i] == job->batch) return true;
  return false;
}

static bool ended_now(const struct night_source *source, const struct job_record *job) {
  return job_state_ended(job->state) && job->ended >= source->since;
}

static int by_id(const void *a, const void *b) {
  const struct job_record *const *left = a, *const *right = b;
  return ((*left)->id > (*right)->id) - ((*left)->id < (*right)->id);
}

/* ---- accounts ---- */

static struct night_account *account_of(struct builder *builder, const char *email) {
  int64_t place;
  if (email == NULL || !map_get(&builder->accounts, email, &place)) return NULL;
  return &builder->night->accounts[place];
}

static void add_account(struct builder *builder, const char *email) {
  struct night *night = builder->night;
  if (email == NULL || map_get(&builder->accounts, email, NULL)) return;
  map_set(&builder->accounts, email, (int64_t)night->account_count);
  night->accounts[night->account_count++] = (struct night_account){
      .email = email, .state = ACCOUNT_READY, .credits_before = -1, .credits_after = -1};
}

/* Those of the state, and those that only attempts or jobs name. Room for all is made first. */
static void find_accounts(struct builder *builder) {
  const struct store_snapshot *snapshot = builder->source->snapshot;
  struct map names;
  map_init(&names);
  for (size_t i = 0; i < snapshot->account_count; i++)
    map_set(&names, snapshot->accounts[i].email, 1);
  for (size_t i = 0; i < builder->source->attempt_count; i++)
    map_set(&names, builder->source->attempts[i].account, 1);
  for (size_t i = 0; i < snapshot->job_count; i++)
    if (snapshot->jobs[i].account != NULL) map_set(&names, snapshot->jobs[i].account, 1);
  builder->night->accounts = ARENA_NEW_ARRAY(builder->arena, names.count + 1, struct night_account);
  for (size_t i = 0; i < names.count; i++)
    add_account(builder, arena_string(builder->arena, names.entries[i].key));
  map_release(&names);
  for (size_t i = 0; i < snapshot->account_count; i++) {
    struct night_account *account = account_of(builder, snapshot->accounts[i].email);
    if (account == NULL) continue;
    account->state = snapshot->accounts[i].state;
    account->reason = snapshot->accounts[i].reason;
    account->credits_after = snapshot->accounts[i].credits;
  }
}

/* ---- attempts ---- */

bool night_task_span(const struct attempt_record *attempt, time_ms since, time_ms until,
                     time_ms *from, time_ms *to) {
  if (attempt->task_id == NULL || attempt->opened == 0) return false;
  *from = attempt->opened < since ? since : attempt->opened;
  *to = attempt->task_ended == 0 || attempt->task_ended > until ? until : attempt->task_ended;
  return *to > *from;
}

static void add_turn(struct builder *builder, size_t account, time_ms at, int change) {
  builder->turns[builder->turn_count++] = (struct turn){account, at, change};
}

static bool is_429(const struct attempt_record *attempt, const char *kind) {
  return attempt->state == ATTEMPT_REFUSED && attempt->cause != NULL &&
         strcmp(attempt->cause, kind) == 0;
}

static void count_attempt(struct builder *builder, const struct attempt_record *attempt) {
  const struct night_source *source = builder->source;
  struct night_account *account = account_of(builder, attempt->account);
  time_ms from, to;
  CHECK(account != NULL);
  if (is_429(attempt, "maxjobs")) account->busy_queue++;
  if (is_429(attempt, "runway")) account->busy_runway++;
  if (attempt->state == ATTEMPT_FAILED && attempt->task_ended >= source->since) account->failed++;
  if (!night_task_span(attempt, source->since, source->until, &from, &to)) return;
  size_t place = (size_t)(account - builder->night->accounts);
  account->slot_ms += to - from;
  add_turn(builder, place, from, 1);
  add_turn(builder, place, to, -1);
}

/* At the same moment an end comes before a begin. */
static int by_time(const void *a, const void *b) {
  const struct turn *left = a, *right = b;
  if (left->account != right->account) return left->account < right->account ? -1 : 1;
  if (left->at != right->at) return left->at < right->at ? -1 : 1;
  return left->change - right->change;
}

static void find_most(struct builder *builder) {
  int running = 0;
  if (builder->turn_count > 1)
    qsort(builder->turns, builder->turn_count, sizeof *builder->turns, by_time);
  for (size_t i = 0; i < builder->turn_count; i++) {
    const struct turn *turn = &builder->turns[i];
    struct night_account *account = &builder->night->accounts[turn->account];
    running += turn->change;
    if (running > account->most) account->most = running;
  }
}

int night_busy_percent(const struct night *night, const struct night_account *account) {
  duration_ms room = (night->until - night->since) * account->most;
  return room <= 0 ? -1 : (int)(account->slot_ms * 100 / room);
}

/* ---- the slowest ---- */

static const struct job_record *job_of(const struct job_record **jobs, size_t count, job_id id) {
  const struct job_record wanted = {.id = id}, *key = &wanted;
  const struct job_record **found = bsearch(&key, jobs, count, sizeof *jobs, by_id);
  return found == NULL ? NULL : *found;
}

static void note_slow(struct night *night, const struct night_slow *slow) {
  size_t at = night->slow_count;
  while (at > 0 && night->slowest[at - 1].took_ms < slow->took_ms)
    at--;
  if (at == NIGHT_SLOWEST) return;
  size_t last = night->slow_count < NIGHT_SLOWEST ? night->slow_count++ : NIGHT_SLOWEST - 1;
  memmove(&night->slowest[at + 1], &night->slowest[at], (last - at) * sizeof *slow);
  night->slowest[at] = *slow;
}

static void find_slowest(struct builder *builder, const struct job_record **jobs, size_t count) {
  const struct night_source *source = builder->source;
  if (count > 1) qsort(jobs, count, sizeof *jobs, by_id);
  for (size_t i = 0; i < source->attempt_count; i++) {
    const struct attempt_record *attempt = &source->attempts[i];
    if (attempt->state != ATTEMPT_SUCCEEDED || attempt->task_ended < source->since) continue;
    const struct night_slow slow = {.job = job_of(jobs, count, attempt->job),
                                    .account = attempt->account,
                                    .took_ms = attempt->task_ended - attempt->opened};
    if (slow.job != NULL) note_slow(builder->night, &slow);
  }
}

/* ---- what ended not well, by remedy ---- */

static struct night_group *group_of(struct builder *builder, const struct job_record *job) {
  struct night *night = builder->night;
  const char *key = arena_printf(builder->arena, "%d %s", (int)job->state,
                                 job->advice == NULL ? "" : job->advice);
  int64_t place;
  if (map_get(&builder->groups, key, &place)) return &night->groups[place];
  map_set(&builder->groups, key, (int64_t)night->group_count);
  struct night_group *grown =
      ARENA_NEW_ARRAY(builder->arena, night->group_count + 1, struct night_group);
  if (night->group_count > 0) memcpy(grown, night->groups, night->group_count * sizeof *grown);
  night->groups = grown;
  grown[night->group_count] = (struct night_group){.state = job->state, .advice = job->advice};
  return &grown[night->group_count++];
}

static struct night_cause *cause_of(struct builder *builder, struct night_group *group,
                                    const char *error) {
  size_t at = (size_t)(group - builder->night->groups);
  const char *key = arena_printf(builder->arena, "%zu %s", at, error == NULL ? "" : error);
  int64_t place;
  if (map_get(&builder->causes, key, &place)) return &group->causes[place];
  map_set(&builder->causes, key, (int64_t)group->cause_count);
  if ((group->cause_count & (group->cause_count - 1)) == 0) { /* at powers of two */
    size_t room = group->cause_count == 0 ? 1 : group->cause_count * 2;
    struct night_cause *grown = ARENA_NEW_ARRAY(builder->arena, room, struct night_cause);
    if (group->cause_count > 0) memcpy(grown, group->causes, group->cause_count * sizeof *grown);
    group->causes = grown;
  }
  group->causes[group->cause_count] = (struct night_cause){.error = error};
  return &group->causes[group->cause_count++];
}

static void add_to_group(struct builder *builder, const struct job_record *job) {
  struct night_group *group = group_of(builder, job);
  struct night_cause *cause = cause_of(builder, group, job->error);
  group->count++;
  cause->count++;
  if (cause->named < NIGHT_JOBS_NAMED) cause->jobs[cause->named++] = job;
}

static int more_jobs(const void *a, const void *b) {
  const struct night_group *left = a, *right = b;
  if (left->count != right->count) return left->count > right->count ? -1 : 1;
  return (int)left->state - (int)right->state;
}

static int more_causes(const void *a, const void *b) {
  const struct night_cause *left = a, *right = b;
  if (left->count != right->count) return left->count > right->count ? -1 : 1;
  return strcmp(left->error == NULL ? "" : left->error, right->error == NULL ? "" : right->error);
}

static void sort_groups(struct night *night) {
  for (size_t i = 0; i < night->group_count; i++)
    qsort(night->groups[i].causes, night->groups[i].cause_count, sizeof(struct night_cause),
          more_causes);
  if (night->group_count > 1)
    qsort(night->groups, night->group_count, sizeof *night->groups, more_jobs);
}

/* ---- all of it ---- */

static void count_job(struct builder *builder, const struct job_record *job) {
  struct night *night = builder->night;
  struct night_account *account = account_of(builder, job->account);
  if (ended_now(builder->source, job)) {
    night->ended[job->state]++;
    if (account != NULL && job->state == JOB_SUCCEEDED) account->succeeded++;
    if (account != NULL && job->state == JOB_MODERATED) account->moderated++;
  }
  if (!job->listed) return;
  night->counts.jobs++;
  night->counts.by_state[job->state]++;
  if (job_state_ended(job->state) && job->state != JOB_SUCCEEDED) add_to_group(builder, job);
}

static bool worth_a_line(const struct night_account *account) {
  bool tried = account->succeeded + account->failed + account->moderated + account->busy_queue +
                       account->busy_runway >
                   0 ||
               account->most > 0;
  return tried || (account->state != ACCOUNT_READY && account->state != ACCOUNT_COOLING);
}

static void keep_used_accounts(struct night *night) {
  size_t kept = 0;
  for (size_t i = 0; i < night->account_count; i++)
    if (worth_a_line(&night->accounts[i])) night->accounts[kept++] = night->accounts[i];
  night->account_count = kept;
}

void night_build(const struct night_source *source, struct arena *arena, struct night *night) {
  struct builder builder = {.source = source, .night = night, .arena = arena};
  const struct store_snapshot *snapshot = source->snapshot;
  *night = (struct night){.since = source->since, .until = source->until};
  map_init(&builder.accounts);
  map_init(&builder.groups);
  map_init(&builder.causes);
  builder.turns = calloc(source->attempt_count * 2 + 1, sizeof *builder.turns);
  const struct job_record **jobs = calloc(snapshot->job_count + 1, sizeof *jobs);
  CHECK(builder.turns != NULL && jobs != NULL && "out of memory");
  find_accounts(&builder);
  size_t count = 0;
  for (size_t i = 0; i < snapshot->job_count; i++) {
    if (!is_ours(source, &snapshot->jobs[i])) continue;
    count_job(&builder, &snapshot->jobs[i]);
    jobs[count++] = &snapshot->jobs[i];
  }
  for (size_t i = 0; i < source->attempt_count; i++)
    count_attempt(&builder, &source->attempts[i]);
  find_most(&builder);
  find_slowest(&builder, jobs, count);
  sort_groups(night);
  keep_used_accounts(night);
  free(jobs);
  free(builder.turns);
  map_release(&builder.accounts);
  map_release(&builder.groups);
  map_release(&builder.causes);
}
