/* What a person orders: which jobs are meant, what is done with each, and the answer that says so.
 * Before core_start nothing is placed or sent: the order is only written down. */
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "util/buffer.h"
#include "util/check.h"
#include "util/glob.h"

#define LINES_MOST       100 /* of an answer; the rest is counted */
#define ANSWER_BYTES_MAX ((size_t)1024 * 1024)

enum { STATUS_DONE = 0, STATUS_NOTHING_SUCH = 1, STATUS_USAGE = 2 };

struct order {
  struct core *core;
  const struct control *control;
  int32_t batch; /* place in core.batches */
  bool *meant;   /* per job */
  struct buffer answer;
  int64_t met, done;
};

static void tell(struct order *order, const char *subject, const char *words) {
  buffer_printf(&order->answer, "%s: %s\n", subject, words);
}

/* ---- retry ---- */

/* The work of this run, or of the next one. */
static bool runs_now(const struct order *order, const struct job *job) {
  return order->core->started && !order->core->stopping && job->ours;
}

static const char *submit_again(struct order *order, struct job *job) {
  struct core *core = order->core;
  job_move(core, job, JOB_QUEUED);
  job->rec.failures = 0;
  job->rec.again = job->rec.ended = 0;
  job->rec.error = job->rec.advice = NULL;
  job->rec.result_bytes = -1;
  job->rec.renewed = true;
  job->rec.forced |= order->control->force;
  job->rec.cancel_wanted = false;
  job->reuploads = 0;
  job->avoid = NONE;
  job_log(core, job, LOG_INFO, LOG_JOB_RETRY, "ordered by a person");
  job_requeue(core, job);
  order->done++;
  if (job_is_paused(core, job))
    return "queued again, and paused: `nightshift resume` lets it go on";
  return runs_now(order, job) ? "queued again" : "queued again, for the next run of its batch";
}

/* Its current attempt's task succeeded, and the result did not get to disk. */
static bool has_result_to_fetch(const struct core *core, const struct job *job) {
  if (job->attempt == NONE || job->rec.task_id == NULL) return false;
  const struct attempt_record *attempt = &core->attempts[job->attempt].rec;
  return attempt->state == ATTEMPT_SUCCEEDED && attempt->task_id != NULL &&
         strcmp(attempt->task_id, job->rec.task_id) == 0;
}

static const char *fetch_again(struct order *order, struct job *job) {
  struct core *core = order->core;
  if (job->rec.result_bytes >= 0) /* kept beside the file that stood in its place */
    return "its result is there already, under the name that `status` tells; --again pays for "
           "another";
  job_move(core, job, JOB_RUNNING);
  job_move(core, job, JOB_DOWNLOADING);
  job->rec.ended = 0;
  job->rec.error = job->rec.advice = NULL;
  job->rec.renewed = true;
  job->fetch_fails = 0;
  job_log(core, job, LOG_INFO, LOG_JOB_RETRY, "ordered by a person: its result is fetched");
  if (runs_now(order, job)) fetch_resume(core, job);
  order->done++;
  return runs_now(order, job)
             ? "its task has succeeded: the result is fetched, nothing is paid again"
             : "its task has succeeded: the next run fetches the result, nothing is paid again";
}

static const char *retry_ended(struct order *order, struct job *job) {
  if (!order->control->again && has_result_to_fetch(order->core, job))
    return fetch_again(order, job);
  if (!job->rec.listed) return "left as it is: no longer in the batch file";
  if (!order->control->force && moderation_forbids(order->core, job))
    return arena_printf(order->core->out->arena,
                        "left as it is: %s; change the clip, or give --force",
                        moderation_words(order->core, job));
  return submit_again(order, job);
}

static const char *retry_waiting(struct order *order, struct job *job) {
  if (job->rec.again <= order->core->now) return "is queued already";
  job->rec.again = 0;
  job->rec.failures = 0;
  job_touch(order->core, job);
  job_place_queued(order->core, job);
  order->done++;
  return "does not wait any longer before its next try";
}

static const char *withdraw_cancel(struct order *order, struct job *job) {
  if (!job->rec.cancel_wanted) return "is at work: nothing to retry";
  job->rec.cancel_wanted = false;
  job_touch(order->core, job);
  order->done++;
  return "is not cancelled after all";
}

static const char *retry_job(struct order *order, struct job *job) {
  switch (job->rec.state) {
  case JOB_QUEUED:
    return retry_waiting(order, job);
  case JOB_UPLOADING:
  case JOB_SUBMITTING:
  case JOB_UNSURE:
  case JOB_RUNNING:
    return withdraw_cancel(order, job);
  case JOB_DOWNLOADING:
    return "is being fetched: nothing to retry";
  case JOB_SUCCEEDED:
    if (order->control->again) return retry_ended(order, job);
    return "has succeeded: nothing to retry; --again pays for it once more";
  case JOB_MODERATED:
    if (order->control->force) return retry_ended(order, job);
    return "left as it is: its clip was moderated, which endangers accounts; change the clip, or "
           "give --force";
  case JOB_FAILED:
  case JOB_CANCELLED:
  case JOB_HELD:
    return retry_ended(order, job);
  case JOB_STATE_COUNT:
    break;
  }
  CHECK_UNREACHABLE();
}

/* ---- cancel ---- */

static const char *cancel_when(struct order *order, struct job *job, const char *now,
                               const char *later) {
  cancel_wish(order->core, job, "ordered by a person");
  order->done++;
  return order->core->started && !order->core->stopping ? now : later;
}

static const char *cancel_job(struct order *order, struct job *job) {
  switch (job->rec.state) {
  case JOB_QUEUED:
  case JOB_UPLOADING:
  case JOB_HELD:
  case JOB_FAILED:
    cancel_now(order->core, job);
    order->done++;
    return "cancelled";
  case JOB_SUBMITTING:
    return cancel_when(order, job, "its submission is on the wire: cancelled when that is answered",
                       "the next run finds out whether it has a task, and cancels it");
  case JOB_UNSURE:
    return cancel_when(order, job,
                       "not known yet whether it has a task: cancelled when that is found out",
                       "the next run finds out whether it has a task, and cancels it");
  case JOB_RUNNING:
    return cancel_when(order, job, "its task is looked at, and cancelled unless it has succeeded",
                       "the next run looks at its task, and cancels it unless it has succeeded");
  case JOB_DOWNLOADING:
    return "left as it is: its task has succeeded, and the result is fetched";
  case JOB_SUCCEEDED:
    return "left as it is: it has succeeded";
  case JOB_MODERATED:
    return "left as it is: it has ended, moderated";
  case JOB_CANCELLED:
    return "is cancelled already";
  case JOB_STATE_COUNT:
    break;
  }
  CHECK_UNREACHABLE();
}

/* ---- pause and resume ---- */

/* What of it is queued or on its way there gets a new place, or none. An upload on the wire goes on
 * and is kept. */
static void place_anew(struct core *core, struct job *job) {
  if (job->rec.state == JOB_UPLOADING) job_move(core, job, JOB_QUEUED);
  if (job->rec.state == JOB_QUEUED) job_place_queued(core, job);
}

static const char *pause_job(struct order *order, struct job *job) {
  struct core *core = order->core;
  if (job_state_ended(job->rec.state)) return "left as it is: it has ended";
  if (job->rec.paused) return "is paused already";
  bool waits = job->rec.state == JOB_QUEUED || job->rec.state == JOB_UPLOADING;
  job->rec.paused = true;
  job_touch(core, job);
  job_log(core, job, LOG_INFO, LOG_JOB_PAUSED, "ordered by a person");
  place_anew(core, job);
  order->done++;
  return waits ? "paused" : "what is under way goes on; it is not submitted again";
}

static const char *resume_job(struct order *order, struct job *job) {
  struct core *core = order->core;
  if (!job->rec.paused)
    return job_is_paused(core, job) ? "its batch is paused: resume the batch" : "is not paused";
  job->rec.paused = false;
  job_touch(core, job);
  job_log(core, job, LOG_INFO, LOG_JOB_RESUMED, "ordered by a person");
  place_anew(core, job);
  order->done++;
  return job_is_paused(core, job) ? "resumed, but its batch is paused" : "resumed";
}

static const char *do_job(struct order *order, struct job *job) {
  switch (order->control->verb) {
  case CONTROL_RETRY:
    return retry_job(order, job);
  case CONTROL_CANCEL:
    return cancel_job(order, job);
  case CONTROL_PAUSE:
    return pause_job(order, job);
  case CONTROL_RESUME:
    return resume_job(order, job);
  case CONTROL_FORGET:
    break;
  }
  CHECK_UNREACHABLE();
}

static void do_jobs(struct order *order) {
  for (int32_t i = 0; i < order->core->job_count; i++) {
    struct job *job = &order->core->jobs[i];
    if (!order->meant[i]) continue;
    const char *words = do_job(order, job);
    if (order->met++ < LINES_MOST) tell(order, job->rec.name, words);
  }
  if (order->met > LINES_MOST)
    buffer_printf(&order->answer, "and %lld more; done for %lld of %lld jobs\n",
                  (long long)(order->met - LINES_MOST), (long long)order->done,
                  (long long)order->met);
}

/* ---- which jobs are meant ---- */

static bool of_batch(const struct order *order, const struct job *job) {
  return job->rec.batch == order->core->batches[order->batch].id;
}

/* The job of that very id, else all that the pattern matches. */
static bool mean_pattern(struct order *order, const char *pattern) {
  bool found = false;
  for (int glob = 0; glob <= 1 && !found; glob++)
    for (int32_t i = 0; i < order->core->job_count; i++) {
      const struct job *job = &order->core->jobs[i];
      if (!of_batch(order, job)) continue;
      if (glob ? !glob_matches(pattern, job->rec.name) : strcmp(pattern, job->rec.name) != 0)
        continue;
      order->meant[i] = found = true;
    }
  return found;
}

static int do_patterns(struct order *order) {
  int status = STATUS_DONE;
  for (const char *at = order->control->pattern; *at != '\0';) {
    size_t length = strcspn(at, "\n");
    const char *pattern = arena_bytes(order->core->out->arena, at, length);
    if (length > 0 && !mean_pattern(order, pattern)) {
      tell(order, pattern, "the batch has no such job");
      status = STATUS_NOTHING_SUCH;
    }
    at += length + (at[length] == '\n');
  }
  do_jobs(order);
  return status;
}

/* ---- a whole batch ---- */

static bool is_meant_with_all(const struct order *order, const struct job *job) {
  enum job_state state = job->rec.state;
  switch (order->control->verb) {
  case CONTROL_RETRY:
    return job->rec.listed && (state == JOB_FAILED || state == JOB_CANCELLED || state == JOB_HELD ||
                               state == JOB_MODERATED);
  case CONTROL_CANCEL:
    return !job_state_ended(state) || state == JOB_HELD || state == JOB_FAILED;
  case CONTROL_PAUSE:
    return false;
  case CONTROL_RESUME:
    return job->rec.paused;
  case CONTROL_FORGET:
    break;
  }
  CHECK_UNREACHABLE();
}

static void do_all(struct order *order) {
  for (int32_t i = 0; i < order->core->job_count; i++) {
    const struct job *job = &order->core->jobs[i];
    order->meant[i] = of_batch(order, job) && is_meant_with_all(order, job);
  }
  do_jobs(order);
}

static int do_all_or_nothing(struct order *order, const char *nothing) {
  do_all(order);
  if (order->met > 0) return STATUS_DONE;
  tell(order, order->core->batches[order->batch].key, nothing);
  return STATUS_NOTHING_SUCH;
}

void batch_set_paused(struct core *core, int32_t place, bool paused, const char *why) {
  struct batch_record *batch = &core->batches[place].rec;
  batch->paused = paused;
  batch->why = paused ? core_keep(core, why) : NULL;
  if (!paused) batch->pardoned = core->now;
  record_add(core, RECORD_BATCH)->as.batch = *batch;
  struct log_line *line = paused ? log_add(core, LOG_WARN, LOG_BATCH_PAUSED)
                                 : log_add(core, LOG_INFO, LOG_BATCH_RESUMED);
  log_text(line, "batch", batch->key);
  log_text(line, "why", why == NULL ? "ordered by a person" : batch->why);
  for (int32_t i = 0; i < core->job_count; i++)
    if (core->jobs[i].rec.batch == batch->id) place_anew(core, &core->jobs[i]);
}

static int pause_batch(struct order *order) {
  const struct batch_record *batch = &order->core->batches[order->batch].rec;
  if (batch->paused) {
    tell(order, batch->key, "is paused already");
    return STATUS_DONE;
  }
  batch_set_paused(order->core, order->batch, true, NULL);
  tell(order, batch->key, "paused: nothing of it is submitted; what is under way goes on");
  return STATUS_DONE;
}

/* Resumes its jobs as well that were paused one by one. */
static int resume_batch(struct order *order) {
  const struct batch_record *batch = &order->core->batches[order->batch].rec;
  bool was_paused = batch->paused;
  if (was_paused) batch_set_paused(order->core, order->batch, false, NULL);
  if (was_paused) tell(order, batch->key, "resumed");
  do_all(order);
  if (!was_paused && order->met == 0) tell(order, batch->key, "is not paused");
  return STATUS_DONE;
}

static int do_batch(struct order *order) {
  const struct core *core = order->core;
  const struct control *control = order->control;
  for (order->batch = 0; order->batch < core->batch_count; order->batch++)
    if (strcmp(core->batches[order->batch].key, control->batch) == 0) break;
  if (order->batch == core->batch_count) {
    tell(order, control->batch, "no such batch");
    return STATUS_NOTHING_SUCH;
  }
  if (control->pattern != NULL) return do_patterns(order);
  switch (control->verb) {
  case CONTROL_RETRY:
    return do_all_or_nothing(order, "nothing to retry");
  case CONTROL_CANCEL:
    if (control->all) return do_all_or_nothing(order, "nothing to cancel");
    tell(order, control->batch, "left as it is: to cancel all of it, give --all");
    return STATUS_USAGE;
  case CONTROL_PAUSE:
    return pause_batch(order);
  case CONTROL_RESUME:
    return resume_batch(order);
  case CONTROL_FORGET:
    break;
  }
  CHECK_UNREACHABLE();
}

/* ---- an account ---- */

static int do_account(struct order *order) {
  struct core *core = order->core;
  const char *email = order->control->account;
  int64_t place;
  if (!map_get(&core->account_by_email, email, &place)) {
    tell(order, email,
         core->started ? "the run at work has no such account"
                       : "the state knows no such account: no run has had it yet");
    return STATUS_NOTHING_SUCH;
  }
  struct account *account = &core->accounts[place];
  bool pause = order->control->verb == CONTROL_PAUSE;
  /* A person may let it go on all the same; its hours and its jobs a day are the config's. */
  bool rests = account->rest == WAIT_STRIKES || account->rest == WAIT_PAUSED;
  if (pause == (account->paused != NULL) && (pause || !rests)) {
    tell(order, email, pause ? "is paused already" : "is not paused");
  } else if (pause) {
    account_pause(core, account, "paused by a person");
    tell(order, email, "paused: nothing is submitted there; what is under way goes on");
  } else {
    account_resume(core, account);
    tell(order, email, "resumed");
  }
  return STATUS_DONE;
}

static enum control_verb verb_of(const char *verb) {
  if (strcmp(verb, "retry") == 0) return CONTROL_RETRY;
  if (strcmp(verb, "cancel") == 0) return CONTROL_CANCEL;
  if (strcmp(verb, "forget") == 0) return CONTROL_FORGET;
  return strcmp(verb, "pause") == 0 ? CONTROL_PAUSE : CONTROL_RESUME;
}

static bool has_flag(const struct request_record *request, const char *flag) {
  return request->flags != NULL && strstr(request->flags, flag) != NULL;
}

struct control core_control_of(const struct request_record *request) {
  return (struct control){.verb = verb_of(request->verb),
                          .batch = request->batch == NULL ? "" : request->batch,
                          .pattern = request->pattern,
                          .account = request->account,
                          .force = has_flag(request, "force"),
                          .again = has_flag(request, "again"),
                          .all = has_flag(request, "all"),
                          .request = request->id};
}

static int do_order(struct order *order) {
  if (order->control->verb == CONTROL_FORGET) {
    forget_uploads(order->core, order->control->pattern, &order->answer);
    return STATUS_DONE;
  }
  if (order->control->account != NULL) return do_account(order);
  int status = do_batch(order);
  bool left = order->control->verb == CONTROL_RETRY && order->done == 0;
  return status == STATUS_DONE && left ? STATUS_NOTHING_SUCH : status;
}

void control_on_event(struct core *core, const struct control *control) {
  struct order order = {.core = core, .control = control};
  order.meant = calloc((size_t)core->job_count + 1, sizeof *order.meant);
  CHECK(order.meant != NULL && "out of memory");
  buffer_init(&order.answer, ANSWER_BYTES_MAX);
  int status = do_order(&order);
  if (control->request != 0)
    record_add(core, RECORD_REQUEST_ANSWER)->as.request = (struct request_record){
        .id = control->request,
        .answered = core->now,
        .status = status,
        .answer = arena_string(core->out->arena, buffer_string(&order.answer))};
  buffer_release(&order.answer);
  free(order.meant);
}
