/* Counts, the expected end, and the line a minute that says where the run stands. */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "util/text.h"

#define PROGRESS_EVERY_MS MINUTE_MS
#define STALL_MS          (30 * MINUTE_MS) /* contract, on_alert */

struct core_counts core_count(const struct core *core, batch_id batch) {
  struct core_counts counts = {0};
  if (batch == 0) {
    counts.jobs = core->rank_count;
    memcpy(counts.by_state, core->counts, sizeof counts.by_state);
    return counts;
  }
  for (int32_t i = 0; i < core->job_count; i++) {
    const struct job *job = &core->jobs[i];
    if (job->rec.batch != batch || !job->rec.listed) continue;
    counts.jobs++;
    counts.by_state[job->rec.state]++;
  }
  return counts;
}

duration_ms progress_work_left(const struct core *core, const struct job *job) {
  if (job->attempt == NONE || job->rec.state != JOB_RUNNING)
    return learn_expected(core, job, NULL, job->rec.explore == EXPLORE_ON).length;
  duration_ms left = foresee_end(core, &core->attempts[job->attempt]).end - core->now;
  return left > 0 ? left : 0;
}

int progress_slots(const struct core *core) {
  int count = 0;
  for (int32_t i = 0; i < core->account_count; i++) {
    const struct account *account = &core->accounts[i];
    if (!account_usable(account)) continue;
    int own = account->proven ? account->known - account->others : 1;
    count += own > 1 ? own : 1;
  }
  return count;
}

static bool is_waiting(const struct job *job) {
  return job->rec.state == JOB_QUEUED || job->rec.state == JOB_UPLOADING;
}

/* What is begun and has no result yet: few, of all jobs. */
static duration_ms work_begun(const struct core *core, duration_ms *longest) {
  duration_ms work = 0;
  for (int32_t i = 0; i < core->open_count; i++) {
    const struct job *job =
        job_at((struct core *)(uintptr_t)core, core->attempts[core->open[i]].job);
    if (job == NULL || !job->ours || job->attempt != core->open[i] || is_waiting(job) ||
        job_state_ended(job->rec.state) || job->rec.state == JOB_DOWNLOADING)
      continue;
    duration_ms left = progress_work_left(core, job);
    work += left;
    if (left > *longest) *longest = left;
  }
  return work;
}

static duration_ms longest_waiting(const struct core *core) {
  duration_ms longest = 0;
  for (int32_t i = 0; i < core->job_count; i++) {
    const struct job *job = &core->jobs[i];
    if (!job->ours || !is_waiting(job)) continue;
    duration_ms left = progress_work_left(core, job);
    if (left > longest) longest = left;
  }
  return longest;
}

/* No task of one clip takes longer. */
static duration_ms longest_possible(const struct core *core) {
  duration_ms clip = CLIP_LONGEST_MS + CLIP_GRACE_MS;
  duration_ms plain = learn_total(core, false, 1, clip), explore = learn_total(core, true, 1, clip);
  return plain > explore ? plain : explore;
}

/* The jobs are gone through only at the end of the night, when a single one may decide. */
time_ms core_eta(const struct core *core, time_ms now) {
  duration_ms longest = 0;
  int count = progress_slots(core);
  if (count == 0 || (core->pace[0].n == 0 && core->pace[1].n == 0)) return 0;
  duration_ms work = work_begun(core, &longest);
  for (int explore = 0; explore < 2; explore++)
    work += learn_total(core, explore == 1, core->waiting[explore].count,
                        core->waiting[explore].clips_ms);
  duration_ms even = work / count;
  if (even < longest_possible(core)) {
    duration_ms waiting = longest_waiting(core);
    if (waiting > longest) longest = waiting;
  }
  return now + (even > longest ? even : longest);
}

int64_t core_per_hour(const struct core *core, time_ms now) {
  duration_ms spent = now - core->started_at;
  int64_t done = core->counts[JOB_SUCCEEDED] - core->succeeded_before;
  return spent < MINUTE_MS || done < 0 ? -1 : done * HOUR_MS / spent;
}

static int64_t in_flight(const struct core *core) {
  return core->counts[JOB_SUBMITTING] + core->counts[JOB_RUNNING] + core->counts[JOB_UNSURE];
}

static int64_t not_started(const struct core *core) {
  return core->counts[JOB_QUEUED] + core->counts[JOB_UPLOADING];
}

void progress_on_end(struct core *core) {
  core->stall_at = core->now + STALL_MS;
}

/* Told once, until something ends. */
static void tell_stalled(struct core *core) {
  struct arena *arena = core->out->arena;
  const struct job *next = NULL;
  char words[300];
  core->stall_at = TIME_NEVER;
  for (int32_t rank = 0; rank < core->rank_count && next == NULL; rank++)
    if (!job_state_ended(core->jobs[core->by_rank[rank]].rec.state))
      next = &core->jobs[core->by_rank[rank]];
  if (next == NULL) return;
  struct wait wait = core_why(core, next->rec.id, core->now);
  if (guard_is_rest(wait.reason) && wait.until > core->now) { /* as a person wants it */
    core->stall_at = wait.until + STALL_MS;
    return;
  }
  wait_describe(&wait, words, sizeof words);
  struct log_line *line = log_add(core, LOG_WARN, LOG_RUN_STALLED);
  log_number(line, "wait_ms", STALL_MS);
  log_number(line, "running", in_flight(core));
  log_number(line, "queued", not_started(core));
  log_text(line, "why",
           arena_printf(arena, "nothing has ended for 30 min; %s, next in line: %s", next->rec.name,
                        words));
}

void progress_wake(struct core *core) {
  if (core->now >= core->stall_at && !core->over && !core->stopping) tell_stalled(core);
  if (core->now < core->progress_at && !core->over) return;
  core->progress_at = core->now + PROGRESS_EVERY_MS;
  int64_t ended = core->counts[JOB_SUCCEEDED] + core->counts[JOB_FAILED] +
                  core->counts[JOB_MODERATED] + core->counts[JOB_CANCELLED] +
                  core->counts[JOB_HELD];
  time_ms eta = core->tally.eta = core_eta(core, core->now);
  int64_t per_hour = core_per_hour(core, core->now);
  struct log_line *line = log_add(core, LOG_INFO, LOG_PROGRESS);
  log_number(line, "count", core->rank_count);
  log_number(line, "ended", ended);
  log_number(line, "succeeded", core->counts[JOB_SUCCEEDED]);
  log_number(line, "running", in_flight(core));
  log_number(line, "queued", not_started(core));
  if (core->counts[JOB_DOWNLOADING] > 0)
    log_number(line, "downloading", core->counts[JOB_DOWNLOADING]);
  if (core->counts[JOB_UNSURE] > 0) log_number(line, "unsure", core->counts[JOB_UNSURE]);
  if (per_hour >= 0) log_number(line, "per_hour", per_hour);
  if (eta > core->now) {
    char text[40];
    text_from_time(eta, text, sizeof text);
    log_text(line, "eta", arena_string(core->out->arena, text));
  }
  for (int32_t i = 0; i < core->batch_count; i++)
    if (core->batches[i].worked_on)
      record_add(core, RECORD_PROGRESS)->as.progress =
          (struct progress_record){.batch = core->batches[i].id, .eta = eta, .time = core->now};
}
