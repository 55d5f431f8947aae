/* Orders of a person: each is answered once, whatever dies meanwhile; what it permits (to pay
 * again, to leave an end) is permitted from its answer on, and what it forbids is forbidden from
 * there. */
#include <stdlib.h>
#include <string.h>

#include "sim/checker_parts.h"
#include "sim/world_parts.h"
#include "util/check.h"

/* A finished task may be deleted that came to its end after it was looked at. */
#define LOOKED_MS (5 * MINUTE_MS)

void checker_ordered(struct checker *checker, const struct request_record *order) {
  if (checker->order_count == checker->order_room) {
    checker->order_room = checker->order_room == 0 ? 16 : checker->order_room * 2;
    checker->orders = realloc(checker->orders, checker->order_room * sizeof *checker->orders);
    CHECK(checker->orders != NULL && "out of memory");
  }
  checker->orders[checker->order_count++] = (struct order_truth){.order = *order};
}

static bool has_flag(const struct request_record *order, const char *flag) {
  return order->flags != NULL && strstr(order->flags, flag) != NULL;
}

/* Patterns are a job's name, or a beginning with a star; no name has one. */
static bool is_meant(const struct checker *checker, const struct request_record *order,
                     size_t job) {
  const char *name = checker->plan->jobs[job].name, *pattern = order->pattern;
  size_t length = pattern == NULL ? 0 : strlen(pattern);
  if (pattern == NULL) return order->account == NULL;
  if (pattern[length - 1] == '*') return strncmp(name, pattern, length - 1) == 0;
  return strcmp(name, pattern) == 0;
}

/* ---- what an answer permits and forbids ---- */

static bool may_retry(const struct request_record *order, enum job_state state) {
  if (state == JOB_SUCCEEDED) return order->pattern != NULL && has_flag(order, "again");
  if (state == JOB_MODERATED) return has_flag(order, "force");
  return state == JOB_FAILED || state == JOB_CANCELLED || state == JOB_HELD;
}

/* What was submitted before may be paid for again: but where a task finished, only by --again. */
static void pardon(struct checker *checker, const struct request_record *order, size_t job) {
  for (size_t i = 0; i < checker->paper_count; i++) {
    enum attempt_state state;
    if (checker->papers[i].job != job) continue;
    if (!checker_attempt(checker, checker->by_ref.entries[i].key, &state)) continue;
    if (state != ATTEMPT_SUCCEEDED || has_flag(order, "again")) checker->papers[i].pardoned = true;
  }
}

static void retried(struct checker *checker, const struct request_record *order, size_t job) {
  struct job_truth *truth = &checker->jobs[job];
  if (order->pattern == NULL && !job_state_ended(truth->state)) return;
  truth->cancel_ordered = false;
  if (!may_retry(order, truth->state)) return;
  truth->released = true;
  truth->retries++;
  pardon(checker, order, job);
}

static void cancelled(struct checker *checker, const struct request_record *order, size_t job) {
  struct job_truth *truth = &checker->jobs[job];
  bool failed = truth->state == JOB_FAILED || truth->state == JOB_HELD;
  if (order->pattern == NULL && !has_flag(order, "all")) return;
  if ((job_state_ended(truth->state) && !failed) || truth->state == JOB_DOWNLOADING) return;
  truth->cancel_ordered = true;
  truth->released |= failed;
}

static void answered_for_job(struct checker *checker, const struct request_record *order,
                             size_t job) {
  if (strcmp(order->verb, "retry") == 0) retried(checker, order, job);
  if (strcmp(order->verb, "cancel") == 0) cancelled(checker, order, job);
  if (strcmp(order->verb, "pause") == 0 && order->pattern != NULL)
    checker->jobs[job].must_pause = true;
}

static void answered(struct checker *checker, struct order_truth *truth, int status) {
  const struct request_record *order = &truth->order;
  bool pause = strcmp(order->verb, "pause") == 0, resume = strcmp(order->verb, "resume") == 0;
  truth->answered = true;
  if (order->account != NULL) {
    size_t account = checker_account(checker, order->account, strlen(order->account));
    if (status == 0) checker->accounts[account].paused = pause;
    return;
  }
  if (order->pattern == NULL && (pause || resume)) checker->batch_paused = pause;
  for (size_t i = 0; i < checker->plan->job_count; i++)
    if (is_meant(checker, order, i)) answered_for_job(checker, order, i);
}

void checker_answer_written(struct checker *checker, const struct request_record *answer) {
  if (answer->id < 1 || (size_t)answer->id > checker->order_count) {
    checker_complain(checker, "an answer to an order that nobody gave: %lld",
                     (long long)answer->id);
    return;
  }
  struct order_truth *truth = &checker->orders[answer->id - 1];
  if (truth->answered)
    checker_complain(checker, "order %lld (%s) was answered twice", (long long)answer->id,
                     truth->order.verb);
  if (answer->answer == NULL || answer->answer[0] == '\0')
    checker_complain(checker, "order %lld (%s) was answered without a word", (long long)answer->id,
                     truth->order.verb);
  answered(checker, truth, answer->status);
}

void checker_answers_found(struct checker *checker, struct store *store) {
  for (size_t i = 0; i < checker->order_count; i++) {
    struct store_requests found = {0};
    CHECK(store_find_request(store, (int64_t)i + 1, &found, NULL) == 0);
    bool is_answered = found.count == 1 && found.requests[0].answered != 0;
    if (found.count != 1)
      checker_complain(checker, "order %zu is lost", i + 1);
    else if (checker->orders[i].answered && !is_answered)
      checker_complain(checker, "the answer to order %zu is lost", i + 1);
    else if (is_answered && !checker->orders[i].answered)
      checker_answer_written(checker, &found.requests[0]);
    store_requests_release(&found);
  }
}

void checker_group_over(struct checker *checker) {
  for (size_t i = 0; i < checker->plan->job_count; i++) {
    struct job_truth *truth = &checker->jobs[i];
    if (truth->must_pause && !truth->paused && !job_state_ended(truth->state))
      checker_complain(checker, "job %s was paused, and the state does not say so",
                       checker->plan->jobs[i].name);
    truth->must_pause = truth->released = false;
  }
}

/* ---- what has to hold ---- */

void checker_submission_permitted(struct checker *checker, size_t job, size_t account,
                                  const char *ref) {
  const struct job_truth *truth = &checker->jobs[job];
  if (truth->paused || checker->batch_paused)
    checker_complain(checker, "%s leaves although %s is paused", ref,
                     truth->paused ? "its job" : "its batch");
  if (checker->accounts[account].paused)
    checker_complain(checker, "%s leaves although %s is paused", ref,
                     checker->plan->accounts[account].email);
  if (truth->cancel_ordered)
    checker_complain(checker, "%s leaves although its job is to be cancelled", ref);
}

void checker_job_cancelled(struct checker *checker, size_t job) {
  bool had_ended = job_state_ended(checker->jobs[job].state);
  if (fault_doubles_paid(checker->plan->seed)) return; /* one of two may go on unseen */
  for (size_t i = 0; i < checker->paper_count; i++) {
    const char *ref = checker->by_ref.entries[i].key;
    enum attempt_state state;
    if (checker->papers[i].job != job || checker->papers[i].pardoned) continue;
    if (!checker_attempt(checker, ref, &state) || state == ATTEMPT_HELD) continue;
    /* Beyond the promise: a task that came after two complete lists had shown that there is none.
     */
    if (state == ATTEMPT_ABSENT && checker->plan->class == FAULT_BEYOND) continue;
    struct task_tally tally = checker_tally(checker, ref);
    if (tally.all > tally.succeeded + tally.cancelled + tally.failed)
      checker_complain(checker, "job %s is cancelled, but a task of %s is at work",
                       checker->plan->jobs[job].name, ref);
    if (!had_ended && tally.finished != 0 && checker_now(checker) - tally.finished > LOOKED_MS)
      checker_complain(checker, "job %s is cancelled, but %s had finished long before",
                       checker->plan->jobs[job].name, ref);
  }
}

bool checker_is_paused(const struct checker *checker) {
  bool paused = checker->batch_paused || checker->batch_guarded;
  for (size_t i = 0; i < checker->plan->job_count; i++)
    paused |= checker->jobs[i].paused;
  for (size_t i = 0; i < checker->plan->scenario->account_count; i++)
    paused |= checker->accounts[i].paused;
  return paused;
}

void checker_orders_finish(struct checker *checker) {
  for (size_t i = 0; i < checker->order_count; i++)
    if (!checker->orders[i].answered)
      checker_complain(checker, "order %zu (%s) was never answered", i + 1,
                       checker->orders[i].order.verb);
}
