/* Money: every submission that left the client against the tasks that the service really has. Reads
 * the request's bytes itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nightshift/wire.h"
#include "sim/checker_parts.h"
#include "util/check.h"
#include "util/text.h"

/* ---- tasks ---- */

/* Takes in the tasks that came since; those that will only come into being later count as well. */
void checker_refresh(struct checker *checker) {
  size_t count = sim_service_task_count(checker->service);
  if (count > checker->made_room) {
    checker->made_room = count * 2;
    checker->made = realloc(checker->made, checker->made_room * sizeof *checker->made);
    CHECK(checker->made != NULL && "out of memory");
  }
  for (; checker->task_count < count; checker->task_count++) {
    struct sim_task_truth task = sim_service_task(checker->service, checker->task_count);
    struct made *made = &checker->made[checker->task_count];
    made->before = -1;
    if (!task.ordered || task.reply_ref == NULL) continue;
    (void)map_get(&checker->tasks, task.reply_ref, &made->before);
    map_set(&checker->tasks, task.reply_ref, (int64_t)checker->task_count);
  }
}

static void add(struct task_tally *tally, const struct sim_task_truth *task) {
  bool failed = strcmp(task->status, "FAILED") == 0;
  bool again = failed && task->reason != NULL && text_starts_with(task->reason, "INTERNAL.");
  tally->all++;
  tally->alive += !again;
  tally->failed += failed;
  tally->succeeded += strcmp(task->status, "SUCCEEDED") == 0;
  tally->cancelled += strcmp(task->status, "CANCELLED") == 0;
  tally->moderated += failed && !again;
  if (strcmp(task->status, "SUCCEEDED") == 0) tally->finished = task->ended;
}

struct task_tally checker_tally(struct checker *checker, const char *ref) {
  struct task_tally tally = {0};
  int64_t at = -1;
  checker_refresh(checker);
  for ((void)map_get(&checker->tasks, ref, &at); at >= 0; at = checker->made[at].before) {
    struct sim_task_truth task = sim_service_task(checker->service, (size_t)at);
    add(&tally, &task);
  }
  return tally;
}

struct task_tally checker_tally_job(struct checker *checker, size_t job) {
  struct task_tally sum = {0};
  for (size_t i = 0; i < checker->paper_count; i++) {
    if (checker->papers[i].job != job) continue;
    struct task_tally one = checker_tally(checker, checker->by_ref.entries[i].key);
    sum.all += one.all;
    if (!checker->papers[i].pardoned) sum.alive += one.alive;
    sum.succeeded += one.succeeded;
    sum.cancelled += one.cancelled;
    sum.moderated += one.moderated + checker->papers[i].flagged;
    sum.failed += one.failed;
  }
  return sum;
}

/* ---- the paid call ---- */

/* The value of a text member, as the client wrote it. */
static const char *member(const struct wire_request *bytes, const char *name, size_t *length) {
  char key[64];
  size_t size = (size_t)snprintf(key, sizeof key, "\"%s\":", name);
  const char *end = bytes->body + bytes->body_bytes;
  const char *at = memmem(bytes->body, bytes->body_bytes, key, size);
  if (at == NULL) return NULL;
  for (at += size; at < end && *at == ' '; at++) {
  }
  if (at == end || *at != '"') return NULL;
  const char *close = memchr(at + 1, '"', (size_t)(end - at - 1));
  if (close == NULL) return NULL;
  *length = (size_t)(close - at - 1);
  return at + 1;
}

static size_t account_of_asset(const struct checker *checker, const char *asset, size_t length) {
  static const char mark[] = "-runwayml:";
  const char *from = memmem(asset, length, mark, sizeof mark - 1);
  if (from == NULL) return NO_SUCH;
  from += sizeof mark - 1;
  const char *to = memmem(from, length - (size_t)(from - asset), "-asset:", 7);
  return to == NULL ? NO_SUCH : checker_account(checker, from, (size_t)(to - from));
}

/* Whether the job may be submitted again in spite of this earlier submission. */
static void check_reason(struct checker *checker, size_t earlier, const char *ref) {
  const char *before = checker->by_ref.entries[earlier].key;
  const struct paper *paper = &checker->papers[earlier];
  enum attempt_state state = ATTEMPT_OPEN;
  if (paper->pardoned) return;
  struct task_tally tally = checker_tally(checker, before);
  bool known = checker_attempt(checker, before, &state);
  if (known && state == ATTEMPT_REFUSED && paper->refused && tally.all == 0) return;
  if (known && state == ATTEMPT_FAILED && tally.all > 0 && tally.alive == 0) return;
  if (known && state == ATTEMPT_ABSENT && tally.all == 0) return;
  bool lied_to = state == ATTEMPT_REFUSED && fault_doubles_paid(checker->plan->seed);
  if (known && (state == ATTEMPT_ABSENT || state == ATTEMPT_FAILED || lied_to) &&
      checker->plan->class == FAULT_BEYOND) { /* failed: the task of another, taken for its own */
    checker->paid_again++;
    return;
  }
  checker_complain(checker,
                   "paid twice: %s leaves although %s is %s (%s by the service), with %d tasks, %d "
                   "of them good",
                   ref, before, known ? attempt_state_name(state) : "not in the state",
                   paper->refused ? "refused" : "not refused", tally.all, tally.alive);
}

/* What the state holds to be on its way or at work there, this submission included. */
static int slots_used(struct checker *checker, size_t account) {
  int used = 0;
  for (size_t i = 0; i < checker->paper_count; i++) {
    enum attempt_state state;
    if (checker->papers[i].account != account) continue;
    if (!checker_attempt(checker, checker->by_ref.entries[i].key, &state)) continue;
    used += state == ATTEMPT_OPEN || state == ATTEMPT_UNSURE || state == ATTEMPT_ACCEPTED;
  }
  return used;
}

static void check_account(struct checker *checker, size_t account, const char *ref) {
  struct account_truth *truth = &checker->accounts[account];
  const struct sim_account_plan *plan = &checker->plan->accounts[account];
  if (truth->paper >= 0)
    checker_complain(checker, "two submissions on the wire of %s: %s and %s", plan->email, ref,
                     checker->by_ref.entries[truth->paper].key);
  if (slots_used(checker, account) > plan->max_jobs)
    checker_complain(checker, "%s goes beyond the %d jobs of %s", ref, plan->max_jobs, plan->email);
}

static struct paper *new_paper(struct checker *checker, const char *ref, size_t job,
                               size_t account) {
  if (checker->paper_count == checker->paper_room) {
    checker->paper_room = checker->paper_room == 0 ? 64 : checker->paper_room * 2;
    checker->papers = realloc(checker->papers, checker->paper_room * sizeof *checker->papers);
    CHECK(checker->papers != NULL && "out of memory");
  }
  struct paper *paper = &checker->papers[checker->paper_count];
  *paper = (struct paper){.job = job, .account = account};
  map_set(&checker->by_ref, ref, (int64_t)checker->paper_count++);
  return paper;
}

static void submission_sent(struct checker *checker, const struct wire_request *bytes) {
  size_t ref_length = 0, asset_length = 0;
  char ref[1100];
  const char *found = member(bytes, "replyRef", &ref_length);
  const char *asset = member(bytes, "video_assetId", &asset_length);
  if (found == NULL || asset == NULL || ref_length >= sizeof ref) {
    checker_complain(checker, "a submission without a reference or asset left");
    return;
  }
  memcpy(ref, found, ref_length);
  ref[ref_length] = '\0';
  size_t job = checker_job_of_ref(checker, ref);
  size_t account = account_of_asset(checker, asset, asset_length);
  enum attempt_state state = ATTEMPT_HELD;
  if (job == NO_SUCH || account == NO_SUCH) {
    checker_complain(checker, "a submission of nobody's job or account left: %s", ref);
    return;
  }
  if (map_get(&checker->by_ref, ref, NULL)) {
    checker_complain(checker, "%s left twice", ref);
    return;
  }
  if (!checker_attempt(checker, ref, &state) || state != ATTEMPT_OPEN)
    checker_complain(checker, "%s left before it was written down", ref);
  for (size_t i = 0; i < checker->paper_count; i++)
    if (checker->papers[i].job == job) check_reason(checker, i, ref);
  checker_submission_permitted(checker, job, account, ref);
  checker_guards_permit(checker, job, account, ref);
  new_paper(checker, ref, job, account)->sent = checker_now(checker);
  checker->accounts[account].submitted = checker_now(checker);
  check_account(checker, account, ref);
  checker->accounts[account].paper = (int64_t)checker->paper_count - 1;
}

/* ---- results ---- */

/* By name alone a task that came too late is taken for one of the same clip and voice. */
static bool is_mixed_up(const struct checker *checker, size_t job, size_t other) {
  const struct world_job *a = &checker->plan->jobs[job], *b = &checker->plan->jobs[other];
  return checker->plan->class == FAULT_BEYOND && a->clip != NULL && b->clip != NULL &&
         strcmp(a->clip, b->clip) == 0 && strcmp(a->voice, b->voice) == 0;
}

static void fetch_sent(struct checker *checker, size_t job, const char *url) {
  checker_refresh(checker);
  for (size_t i = 0; i < checker->task_count; i++) {
    struct sim_task_truth task = sim_service_task(checker->service, i);
    const char *uuid = strrchr(task.task_id, ':');
    if (uuid == NULL || strstr(url, uuid + 1) == NULL) continue;
    size_t owner = task.reply_ref == NULL ? NO_SUCH : checker_job_of_ref(checker, task.reply_ref);
    if (owner == NO_SUCH || (owner != job && !is_mixed_up(checker, job, owner)))
      checker_complain(checker, "job %s fetches the result of another's task %s",
                       checker->plan->jobs[job].name, task.task_id);
    if (strcmp(task.status, "SUCCEEDED") != 0)
      checker_complain(checker, "job %s fetches from a task that is %s",
                       checker->plan->jobs[job].name, task.status);
    return;
  }
  checker_complain(checker, "job %s fetches from nowhere: %s", checker->plan->jobs[job].name, url);
}

static void note_asked(struct checker *checker, const struct call *call) {
  size_t account = call == NULL || call->email == NULL
                       ? NO_SUCH
                       : checker_account(checker, call->email, strlen(call->email));
  if (account != NO_SUCH) checker->accounts[account].asked = checker_now(checker);
}

void checker_sent(struct checker *checker, const struct world_moment *moment) {
  note_asked(checker, moment->call);
  if (moment->call != NULL && moment->call->kind == CALL_SUBMIT)
    submission_sent(checker, moment->bytes);
  else if (moment->url != NULL && moment->job > 0)
    fetch_sent(checker, (size_t)moment->job - 1, moment->url);
}

/* ---- replies ---- */

/* As docs/service.md has it: these are definite, with a JSON body that can be read. */
static bool says_no(const struct wire_reply *reply) {
  static const int definite[] = {429, 400, 401, 402, 404, 412, 422, 596};
  if (reply->transport != WIRE_REPLIED || reply->body_bytes == 0 || reply->body[0] != '{')
    return false;
  for (size_t i = 0; i < sizeof definite / sizeof definite[0]; i++)
    if (reply->status == definite[i]) return true;
  return false;
}

/* One that was cut ends in the middle. */
static bool looks_whole(const struct wire_reply *reply) {
  char last = reply->body_bytes == 0 ? '\0' : reply->body[reply->body_bytes - 1];
  return last == ']' || last == '}';
}

static void note_account(struct checker *checker, struct account_truth *truth,
                         const struct world_moment *moment) {
  time_ms now = checker_now(checker);
  const struct wire_reply *reply = moment->reply;
  if (reply->transport != WIRE_REPLIED) return;
  if (reply->status == 429) truth->refused = now;
  if (reply->status == 412) truth->penniless = now;
  if (reply->status == 596) truth->unwell = now;
  if (reply->status == 401 || reply->status == 404) truth->gone = now;
  if (moment->call->kind != CALL_LIST_TASKS || reply->status != 200 || !looks_whole(reply)) return;
  truth->listed = true;
  truth->well = now;
}

void checker_answered(struct checker *checker, const struct world_moment *moment) {
  const struct call *call = moment->call;
  size_t account =
      call->email == NULL ? NO_SUCH : checker_account(checker, call->email, strlen(call->email));
  if (account == NO_SUCH) return;
  struct account_truth *truth = &checker->accounts[account];
  note_account(checker, truth, moment);
  if (call->kind != CALL_SUBMIT || truth->paper < 0) return;
  struct paper *paper = &checker->papers[truth->paper];
  paper->refused = says_no(moment->reply);
  paper->flagged = paper->refused && moment->reply->status == 422;
  paper->answered = checker_now(checker);
  truth->paper = -1;
}

/* ---- what the state came to say ---- */

void checker_attempt_changed(struct checker *checker, const struct attempt_record *attempt) {
  struct task_tally tally = checker_tally(checker, attempt->reply_ref);
  bool left = map_get(&checker->by_ref, attempt->reply_ref, NULL);
  if (attempt->state == ATTEMPT_ABSENT && tally.all > 0 && checker->plan->class == FAULT_WITHIN)
    checker_complain(checker, "%s counts as absent, but the service has a task of it or will",
                     attempt->reply_ref);
  if (attempt->state == ATTEMPT_REFUSED && tally.all > 0 &&
      !fault_doubles_paid(checker->plan->seed))
    checker_complain(checker, "%s counts as refused, but made a task", attempt->reply_ref);
  if (attempt->state == ATTEMPT_NOT_SENT && left)
    checker_complain(checker, "%s counts as not sent, but left", attempt->reply_ref);
  if (attempt->task_id == NULL) return;
  int64_t at = -1;
  bool is_its_own = false;
  for ((void)map_get(&checker->tasks, attempt->reply_ref, &at); at >= 0;
       at = checker->made[at].before)
    is_its_own |=
        strcmp(sim_service_task(checker->service, (size_t)at).task_id, attempt->task_id) == 0;
  if (checker->plan->class == FAULT_BEYOND) return;
  if (!is_its_own)
    checker_complain(checker, "%s was given a task that is not its own: %s", attempt->reply_ref,
                     attempt->task_id);
}

bool checker_published_well(const struct checker *checker, size_t job) {
  int times = world_published(checker->world, job);
  return times >= 1 && times <= 1 + checker->jobs[job].retries;
}

static void check_end(struct checker *checker, const struct job_record *job, size_t place) {
  struct task_tally tally = checker_tally_job(checker, place);
  const char *name = checker->plan->jobs[place].name;
  if (job->state == JOB_SUCCEEDED &&
      ((tally.succeeded == 0 && checker->plan->class == FAULT_WITHIN) ||
       !checker_published_well(checker, place)))
    checker_complain(checker, "job %s succeeded with %d finished tasks, published %d times", name,
                     tally.succeeded, world_published(checker->world, place));
  if (job->state == JOB_CANCELLED) checker_job_cancelled(checker, place);
  /* Taken out of the batch's file, it is given up as long as nothing was made of it. */
  bool taken_out = job->state == JOB_CANCELLED && !job->listed &&
                   (tally.alive == 0 || checker->plan->class == FAULT_BEYOND);
  if (job->state == JOB_CANCELLED && tally.cancelled == 0 && !checker->jobs[place].cancel_ordered &&
      !taken_out)
    checker_complain(checker, "job %s is cancelled, but none of its tasks is", name);
  if (job->state != JOB_SUCCEEDED && (job->error == NULL || job->error[0] == '\0'))
    checker_complain(checker, "job %s ended %s without a word", name, job_state_name(job->state));
}

void checker_job_changed(struct checker *checker, const struct job_record *job) {
  size_t place = (size_t)job->id - 1;
  if (place >= checker->plan->job_count) {
    checker_complain(checker, "a job that nobody ordered: %lld", (long long)job->id);
    return;
  }
  struct job_truth *truth = &checker->jobs[place];
  bool taken_up = checker->plan->class == FAULT_BEYOND &&
                  (truth->state == JOB_FAILED || truth->state == JOB_CANCELLED);
  taken_up |= truth->released;
  if (job_state_ended(truth->state) && truth->state != job->state && !taken_up)
    checker_complain(checker, "job %s was %s and is now %s", checker->plan->jobs[place].name,
                     job_state_name(truth->state), job_state_name(job->state));
  if (job_state_ended(job->state) && truth->state != job->state) check_end(checker, job, place);
  truth->state = job->state;
  truth->paused = job->paused;
  truth->forced = job->forced;
  truth->ended = job->ended;
  if (job_state_ended(job->state)) truth->cancel_ordered = false;
}
