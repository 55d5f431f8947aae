/* What people watch of a run at work: jobs and batches as they stand. Looks, changes nothing. */
#include <string.h>

#include "core/state.h"

size_t core_job_count(const struct core *core) {
  return (size_t)core->job_count;
}

/* Still in its file; or taken out of it, but being followed to its end. */
static bool is_shown(const struct job *job) {
  bool followed = !job_state_ended(job->rec.state) && job->rec.state != JOB_QUEUED;
  return job->ours && (job->rec.listed || followed);
}

static void see_task(const struct core *core, const struct job *job, struct core_job_view *view) {
  if (job->attempt == NONE) return;
  const struct attempt *attempt = &core->attempts[job->attempt];
  if (job->rec.state == JOB_DOWNLOADING) view->since = attempt->rec.task_ended;
  if (job->rec.state != JOB_RUNNING) return;
  view->percent = attempt->course.percent;
  view->since = attempt->rec.opened;
  view->until = foresee_end(core, attempt).end;
}

bool core_job_at(const struct core *core, size_t place, struct core_job_view *view) {
  const struct job *job = &core->jobs[place];
  if (!is_shown(job)) return false;
  *view = (struct core_job_view){.id = job->rec.id,
                                 .batch = job->rec.batch,
                                 .name = job->rec.name,
                                 .state = job->rec.state,
                                 .account = job->rec.account,
                                 .error = job->rec.error,
                                 .advice = job->rec.advice,
                                 .attempts = job->rec.attempts,
                                 .paused = job->rec.paused,
                                 .cancel_wanted = job->rec.cancel_wanted,
                                 .changed = job->rec.changed};
  see_task(core, job, view);
  return true;
}

const struct job_record *core_job_record(const struct core *core, job_id id) {
  const struct job *job = job_by_id((struct core *)(uintptr_t)core, id);
  return job == NULL ? NULL : &job->rec;
}

size_t core_batch_count(const struct core *core) {
  return (size_t)core->batch_count;
}

/* Jobs are taken by rank, by as many slots as there are: the end of one is when the work up to it
 * is done, and no sooner than its own. */
static void expect_ends(const struct core *core, time_ms now, struct core_batch_view *views,
                        size_t count) {
  duration_ms work = 0;
  int slots = progress_slots(core);
  if (slots == 0 || (core->pace[0].n == 0 && core->pace[1].n == 0)) return;
  for (int32_t rank = 0; rank < core->rank_count; rank++) {
    const struct job *job = &core->jobs[core->by_rank[rank]];
    if (job_state_ended(job->rec.state) || job->rec.state == JOB_DOWNLOADING) continue;
    duration_ms left = progress_work_left(core, job);
    work += left;
    time_ms end = now + (work / slots > left ? work / slots : left);
    for (size_t i = 0; i < count; i++)
      if (views[i].id == job->rec.batch && end > views[i].eta) views[i].eta = end;
  }
}

size_t core_batches(const struct core *core, time_ms now, struct core_batch_view *views) {
  size_t count = 0;
  for (int32_t i = 0; i < core->batch_count; i++) {
    const struct batch_record *batch = &core->batches[i].rec;
    if (!core->batches[i].worked_on) continue;
    views[count++] = (struct core_batch_view){.id = batch->id,
                                              .key = core->batches[i].key,
                                              .path = batch->path,
                                              .paused = batch->paused,
                                              .why = batch->why};
  }
  expect_ends(core, now, views, count);
  return count;
}
