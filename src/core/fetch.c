/* Results to disk: link, download to .part, identity written down, rename. A job with a finished
 * task never submits again by itself, so every trouble here ends in another try or in `failed` with
 * advice. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"

#define FETCH_PAUSE_FIRST_MS (2 * SECOND_MS)
#define FETCH_PAUSE_MOST_MS  (5 * MINUTE_MS)
#define FETCH_FULL_PAUSE_MS  MINUTE_MS
#define FETCH_TRIES_MOST     20 /* over an hour: shorter troubles end nothing */
#define FETCH_AWAY_PAUSE_MS  MINUTE_MS
#define FRESH_LINK_EVERY     3 /* failures: then the link itself is doubted */

static void set_url(struct job *job, const char *url) {
  free((char *)job->url);
  job->url = url == NULL ? NULL : strdup(url);
  CHECK((url == NULL) == (job->url == NULL));
}

static void try_at(struct core *core, struct job *job, time_ms at) {
  job->fetch_at = at;
  job_timed(core, job);
}

static void start_fetch(struct core *core, struct job *job) {
  struct action *action = action_add(core, ACTION_FETCH);
  action->job = job->rec.id;
  action->url = arena_string(core->out->arena, job->url);
  action->path = job->rec.result;
  action->bytes = job->url_bytes;
  request_add(core, REQUEST_FETCH, action)->job = job_place(core, job);
  job->fetch_wire = true;
  job->fetch_at = TIME_NEVER;
}

static void start_publish(struct core *core, struct job *job) {
  struct action *action = action_add(core, ACTION_PUBLISH);
  action->job = job->rec.id;
  action->path = job->rec.result;
  action->bytes = job->rec.result_bytes;
  action->inode = job->rec.result_inode;
  request_add(core, REQUEST_PUBLISH, action)->job = job_place(core, job);
  job->fetch_wire = true;
  job->fetch_at = TIME_NEVER;
}

static void ask_link(struct core *core, struct job *job) {
  struct account *account = job->account == NONE ? NULL : &core->accounts[job->account];
  job->fetch_at = TIME_NEVER;
  if (account == NULL || account->state == ACCOUNT_LOST) return; /* a person must mend it first */
  struct action *action = action_add(core, ACTION_CALL);
  action->job = job->rec.id;
  action->call = (struct call){.kind = CALL_GET_TASK,
                               .token = account->token,
                               .email = account->email,
                               .task_id = job->rec.task_id};
  struct request *request = request_add(core, REQUEST_LINK, action);
  request->job = job_place(core, job);
  request->account = job->account;
  job->fetch_wire = true;
}

void fetch_begin(struct core *core, struct job *job, const struct task_view *task) {
  job_move(core, job, JOB_DOWNLOADING);
  set_url(job, task->artifact_url);
  job->url_bytes = task->artifact_bytes;
  job->rec.result_bytes = -1;
  job->fetch_fails = 0;
  job->fetch_had = 0;
  job_log(core, job, LOG_INFO, LOG_JOB_DOWNLOADING, NULL);
  start_fetch(core, job);
}

/* Ordered anew by a person: where its batch now says that the result goes. */
static void take_up_output(struct core *core, struct job *job) {
  if (!job->rec.renewed || job->rec.result_bytes >= 0 || job->account == NONE) return;
  job->rec.renewed = false;
  job->rec.result = submit_result_path(core, job, &core->accounts[job->account]);
  job_touch(core, job);
}

void fetch_resume(struct core *core, struct job *job) {
  take_up_output(core, job);
  if (job->rec.result_bytes >= 0)
    start_publish(core, job);
  else
    ask_link(core, job);
}

void fetch_wake(struct core *core) {
  for (int32_t i = core->timed_count; i-- > 0;) {
    struct job *job = &core->jobs[core->timed[i]];
    if (job->rec.state != JOB_DOWNLOADING || job->fetch_wire || job->fetch_at > core->now) continue;
    if (job->rec.result_bytes >= 0)
      start_publish(core, job);
    else if (job->url != NULL)
      start_fetch(core, job);
    else
      ask_link(core, job);
  }
}

static void give_up(struct core *core, struct job *job, const char *why) {
  char text[700];
  snprintf(text, sizeof text, "its result could not be fetched: %s", why);
  action_add(core, ACTION_DISCARD)->path = job->rec.result; /* an ended job leaves no .part */
  job->rec.result_bytes = -1;
  job_end(core, job, JOB_FAILED, text, "`nightshift retry` fetches it; nothing is paid again");
}

static void fetch_failed(struct core *core, struct job *job, const char *why) {
  job->fetch_fails++;
  if (job->fetch_fails >= FETCH_TRIES_MOST) {
    give_up(core, job, why);
    return;
  }
  duration_ms pause = FETCH_PAUSE_FIRST_MS;
  for (int32_t i = 1; i < job->fetch_fails && pause < FETCH_PAUSE_MOST_MS; i++)
    pause *= 2;
  if (pause > FETCH_PAUSE_MOST_MS) pause = FETCH_PAUSE_MOST_MS;
  if (job->fetch_fails % FRESH_LINK_EVERY == 0) set_url(job, NULL);
  try_at(core, job, core->now + pause);
  struct log_line *line =
      job_log(core, job, job->fetch_fails == 1 ? LOG_DEBUG : LOG_WARN, LOG_JOB_RETRY, why);
  log_text(line, "what", "download");
  log_number(line, "wait_ms", pause);
}

static void disk_full(struct core *core, struct job *job, const char *why) {
  struct log_line *line = job_log(core, job, LOG_ERROR, LOG_STORE_FULL, why);
  log_text(line, "output", job->rec.result);
  log_number(line, "wait_ms", FETCH_FULL_PAUSE_MS);
  try_at(core, job, core->now + FETCH_FULL_PAUSE_MS);
}

void fetch_on_fetched(struct core *core, const struct request *request, const struct event *event) {
  struct job *job = &core->jobs[request->job];
  const char *why = event->text == NULL ? "" : event->text;
  job->fetch_wire = false;
  if (job->rec.state != JOB_DOWNLOADING) return;
  switch (event->fetch) {
  case FETCH_WHOLE:
    job->rec.result_bytes = event->bytes;
    job->rec.result_inode = event->inode;
    job_touch(core, job);
    start_publish(core, job);
    return;
  case FETCH_EXPIRED:
    set_url(job, NULL);
    if (job->fetch_fails == 0) {
      job->fetch_fails++;
      ask_link(core, job);
    } else {
      fetch_failed(core, job, why);
    }
    return;
  case FETCH_LENGTH:
    set_url(job, NULL);
    job->fetch_had = 0;
    fetch_failed(core, job, why);
    return;
  case FETCH_FAILED:
    if (event->bytes > job->fetch_had) { /* cut again, but it gets on */
      job->fetch_fails = 0;
      job->fetch_had = event->bytes;
    }
    fetch_failed(core, job, why);
    return;
  case FETCH_FULL:
    disk_full(core, job, why);
    return;
  case FETCH_OUTPUT:
    give_up(core, job, why);
    return;
  }
  CHECK_UNREACHABLE();
}

void fetch_on_published(struct core *core, const struct request *request,
                        const struct event *event) {
  struct job *job = &core->jobs[request->job];
  char text[1400];
  job->fetch_wire = false;
  if (job->rec.state != JOB_DOWNLOADING) return;
  switch (event->publish) {
  case PUBLISH_DONE:
    set_url(job, NULL);
    job_end(core, job, JOB_SUCCEEDED, NULL, NULL);
    return;
  case PUBLISH_TAKEN:
    snprintf(text, sizeof text, "another file appeared at %s; the result is kept as %s",
             job->rec.result, event->path);
    set_url(job, NULL);
    job->rec.result = core_keep(core, event->path);
    job_end(core, job, JOB_FAILED, text, "compare the two and keep the one you want");
    return;
  case PUBLISH_LOST:
    job->rec.result_bytes = -1;
    job_touch(core, job);
    ask_link(core, job);
    return;
  case PUBLISH_FAILED:
    fetch_failed(core, job, event->text == NULL ? "it could not be renamed" : event->text);
    return;
  }
  CHECK_UNREACHABLE();
}

/* The API could not be asked, or was busy: that says nothing of the result, and ends nothing. */
static bool is_away(enum outcome_kind kind) {
  return kind == OUTCOME_NO_REPLY || kind == OUTCOME_NOT_SENT || kind == OUTCOME_UPSTREAM ||
         kind == OUTCOME_UNREADABLE || kind == OUTCOME_UNEXPECTED || kind == OUTCOME_BUSY_QUEUE ||
         kind == OUTCOME_BUSY_RUNWAY;
}

void fetch_on_link(struct core *core, const struct request *request, const struct answer *answer) {
  struct job *job = &core->jobs[request->job];
  const struct outcome *outcome = &answer->outcome;
  job->fetch_wire = false;
  if (job->rec.state != JOB_DOWNLOADING) return;
  if (outcome->kind == OUTCOME_OK && answer->task_count == 1 &&
      answer->tasks[0].artifact_url != NULL) {
    set_url(job, answer->tasks[0].artifact_url);
    job->url_bytes = answer->tasks[0].artifact_bytes;
    start_fetch(core, job);
    return;
  }
  if (account_on_outcome(core, &core->accounts[request->account], outcome)) {
    try_at(core, job, core->now + FETCH_PAUSE_MOST_MS);
    return;
  }
  if (is_away(outcome->kind)) {
    try_at(core, job, core->now + FETCH_AWAY_PAUSE_MS);
    return;
  }
  fetch_failed(core, job,
               outcome->kind == OUTCOME_OK
                   ? "the service names no result"
                   : arena_printf(core->out->arena, "no fresh link: %s: %s",
                                  outcome_name(outcome->kind), outcome->text));
}
