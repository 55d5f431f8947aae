/* The checker's life, and each moment of the world to the part that it concerns. */
#include "sim/checker.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/checker_parts.h"
#include "sim/world_parts.h"
#include "util/check.h"

struct checker *checker_new(const struct fault_plan *plan) {
  struct checker *checker = calloc(1, sizeof *checker);
  CHECK(checker != NULL && "out of memory");
  checker->plan = plan;
  checker->jobs = calloc(plan->job_count + 1, sizeof *checker->jobs);
  checker->accounts = calloc(plan->scenario->account_count + 1, sizeof *checker->accounts);
  CHECK(checker->jobs != NULL && checker->accounts != NULL && "out of memory");
  struct map *maps[] = {&checker->by_ref, &checker->attempts, &checker->keys, &checker->tasks};
  for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
    map_init(maps[i]);
  for (size_t i = 0; i < plan->scenario->account_count; i++)
    checker->accounts[i].paper = -1;
  checker->behind_since = -1;
  checker->network_up = true;
  return checker;
}

void checker_free(struct checker *checker) {
  if (checker == NULL) return;
  struct map *maps[] = {&checker->by_ref, &checker->attempts, &checker->keys, &checker->tasks};
  for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
    map_release(maps[i]);
  free(checker->orders);
  free(checker->papers);
  free(checker->rows);
  free(checker->coming);
  free(checker->made);
  free(checker->jobs);
  free(checker->accounts);
  free(checker);
}

void checker_complain(struct checker *checker, const char *format, ...) {
  va_list arguments;
  if (checker->failed) return;
  checker->failed = true;
  int used = snprintf(checker->complaint, sizeof checker->complaint,
                      "%llds: ", (long long)(world_now(checker->world) / SECOND_MS));
  va_start(arguments, format);
  (void)vsnprintf(checker->complaint + used, sizeof checker->complaint - (size_t)used, format,
                  arguments);
  va_end(arguments);
}

const char *checker_complaint(const struct checker *checker) {
  return checker->failed ? checker->complaint : NULL;
}

int64_t checker_paid_again(const struct checker *checker) {
  return checker->paid_again;
}

enum job_state checker_job_state(const struct checker *checker, size_t job) {
  return checker->jobs[job].state;
}

time_ms checker_now(const struct checker *checker) {
  return WORLD_START + world_now(checker->world);
}

size_t checker_account(const struct checker *checker, const char *email, size_t length) {
  for (size_t i = 0; i < checker->plan->scenario->account_count; i++) {
    const char *known = checker->plan->accounts[i].email;
    if (strlen(known) == length && memcmp(known, email, length) == 0) return i;
  }
  return NO_SUCH;
}

size_t checker_job_of_ref(const struct checker *checker, const char *ref) {
  const char *end = strrchr(ref, ':'), *start = end;
  if (end == NULL) return NO_SUCH;
  while (start > ref && start[-1] != ':')
    start--;
  for (size_t i = 0; i < checker->plan->job_count; i++) {
    const char *name = checker->plan->jobs[i].name;
    if (strlen(name) == (size_t)(end - start) && memcmp(name, start, strlen(name)) == 0) return i;
  }
  return NO_SUCH;
}

/* ---- what happens ---- */

void checker_begin(struct checker *checker, struct world *world) {
  struct store_snapshot snapshot = {0};
  checker->world = world;
  checker->service = world_service(world);
  checker_guards_read(checker);
  CHECK(store_load(world_store(world), &snapshot, NULL) == 0);
  for (size_t i = 0; i < snapshot.job_count; i++) {
    struct record record = {.kind = RECORD_JOB, .as.job = snapshot.jobs[i]};
    struct world_moment moment = {.records = &record, .record_count = 1};
    checker_committing(checker, &moment);
    checker_committed(checker, &moment);
  }
  size_t written =
      checker->plan->first_jobs != 0 ? checker->plan->first_jobs : checker->plan->job_count;
  if (snapshot.job_count != written)
    checker_complain(checker, "%zu jobs were ordered, the state has %zu", written,
                     snapshot.job_count);
  store_snapshot_release(&snapshot);
}

void checker_moment(struct checker *checker, const struct world_moment *moment) {
  checker->moments++;
  switch (moment->kind) {
  case WORLD_COMMITTING:
    checker_committing(checker, moment);
    return;
  case WORLD_COMMITTED:
    checker_committed(checker, moment);
    return;
  case WORLD_SENT:
    checker_sent(checker, moment);
    return;
  case WORLD_ANSWERED:
    checker_answered(checker, moment);
    return;
  case WORLD_LOGGED:
  case WORLD_FATE:
    return;
  }
}

void checker_restarted(struct checker *checker) {
  for (size_t i = 0; i < checker->plan->scenario->account_count; i++) {
    checker->accounts[i].paper = -1;
    checker->accounts[i].listed = false;
  }
  checker->stopped = false;
  checker->behind_since = -1;
  checker_guards_read(checker);
  checker_compare(checker, world_store(checker->world));
}

void checker_network(struct checker *checker, bool up) {
  checker->network_up = up;
  checker->network_changed = checker_now(checker);
}

void checker_stopped(struct checker *checker) {
  checker->stopped = true;
}

bool checker_in_commit(const struct checker *checker) {
  return checker->under_way;
}

bool checker_all_ended(const struct checker *checker) {
  for (size_t i = 0; i < checker->plan->job_count; i++)
    if (!job_state_ended(checker->jobs[i].state)) return false;
  return true;
}

static size_t count_in(const struct checker *checker, enum job_state state) {
  size_t count = 0;
  for (size_t i = 0; i < checker->plan->job_count; i++)
    count += checker->jobs[i].state == state;
  return count;
}

/* Whether all jobs of the file, and others as far as they have a task, are ended; or even well. */
static bool all_have_ended(const struct checker *checker, bool well) {
  for (size_t i = 0; i < checker->plan->job_count; i++) {
    const struct job_truth *job = &checker->jobs[i];
    bool waits = job->state == JOB_QUEUED || job->state == JOB_UPLOADING;
    bool matters = job->listed || !(waits || job_state_ended(job->state));
    if (matters && (well ? job->state != JOB_SUCCEEDED : !job_state_ended(job->state)))
      return false;
  }
  return true;
}

/* Contract, "Exit status of run". */
static bool is_true(struct checker *checker, int status) {
  checker_read_listed(checker);
  bool all_ended = all_have_ended(checker, false), all_well = all_have_ended(checker, true);
  switch (status) {
  case 0:
    return all_well;
  case 1: /* by a job that was taken out, too */
    return all_ended && count_in(checker, JOB_SUCCEEDED) < checker->plan->job_count;
  case 3:
    return checker->stopped || checker_is_paused(checker) || checker->until != 0 ||
           checker_has_money_guard(checker);
  case 4:
    return !all_ended;
  default:
    return false;
  }
}

void checker_exited(struct checker *checker, int status) {
  if (!is_true(checker, status))
    checker_complain(checker, "the run ended with %d: %zu jobs, %zu succeeded, %s ended, %s",
                     status, checker->plan->job_count, count_in(checker, JOB_SUCCEEDED),
                     checker_all_ended(checker) ? "all" : "not all",
                     checker->stopped ? "stopped by a signal" : "no signal");
  for (size_t i = 0; i < checker->plan->job_count; i++)
    if (job_state_ended(checker->jobs[i].state) && world_part_lies(checker->world, i))
      checker_complain(checker, "job %s has ended and left a .part", checker->plan->jobs[i].name);
}

void checker_look(struct checker *checker) {
  if (world_core(checker->world) == NULL) return;
  checker_look_at_pace(checker);
  /* What the core holds true is not yet in the state: look another time. */
  if (!checker->under_way) checker_look_at_jobs(checker);
}

/* ---- the end ---- */

/* What was settled has to stay true to the end of the night. */
static void check_settled(struct checker *checker) {
  for (size_t i = 0; i < checker->paper_count && checker->plan->class == FAULT_WITHIN; i++) {
    const char *ref = checker->by_ref.entries[i].key;
    enum attempt_state state;
    if (!checker_attempt(checker, ref, &state)) continue;
    if ((state == ATTEMPT_ABSENT || state == ATTEMPT_REFUSED) &&
        checker_tally(checker, ref).all > 0)
      checker_complain(checker, "%s counts as %s, but made a task in the end", ref,
                       attempt_state_name(state));
  }
}

static void check_money(struct checker *checker) {
  for (size_t i = 0; i < checker->plan->job_count; i++) {
    struct task_tally tally = checker_tally_job(checker, i);
    if (tally.alive > 1 && checker->plan->class == FAULT_WITHIN)
      checker_complain(checker, "job %s has %d tasks that did not fail",
                       checker->plan->jobs[i].name, tally.alive);
    if (checker->jobs[i].state == JOB_SUCCEEDED && !checker_published_well(checker, i))
      checker_complain(checker, "job %s succeeded and was published %d times",
                       checker->plan->jobs[i].name, world_published(checker->world, i));
    if (checker->jobs[i].state == JOB_MODERATED && tally.moderated == 0 &&
        !checker_clip_flagged(checker, i))
      checker_complain(checker, "job %s counts as moderated, but nobody said so",
                       checker->plan->jobs[i].name);
  }
}

void checker_finish(struct checker *checker) {
  struct sim_totals totals = sim_service_totals(checker->service);
  check_money(checker);
  check_settled(checker);
  checker_orders_finish(checker);
  if (fault_doubles_paid(checker->plan->seed)) return;
  if (totals.refs_twice > 0) checker_complain(checker, "a reference was accepted twice");
  if (totals.most_in_flight > 0)
    checker_complain(checker, "an account had %lld tasks of ours beyond its maxJobs",
                     (long long)totals.most_in_flight);
}
