/* `check`: every mistake, then the plan, without spending anything or writing anything. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/ask.h"
#include "runtime/prepare.h"
#include "runtime/prospect.h"
#include "runtime/voices.h"
#include "util/buffer.h"

struct planner {
  const struct outlook *outlook;
  struct arena *arena;
  struct plan *plan;
  struct map clips, voices; /* met already */
  struct map uploaded;      /* hashes of clips that lie on some account */
};

/* ---- jobs ---- */

static void note_clip(struct planner *planner, const struct job_record *job) {
  if (job->clip_hash == NULL || map_get(&planner->clips, job->clip_hash, NULL)) return;
  map_set_kept(&planner->clips, job->clip_hash, 1);
  planner->plan->clips++;
  planner->plan->clip_bytes += job->clip_bytes;
  planner->plan->clips_there += map_get(&planner->uploaded, job->clip_hash, NULL);
}

static void count_job(struct planner *planner, struct plan_batch *batch,
                      const struct job_record *job, const struct job_record *known, bool paused) {
  batch->jobs++;
  if (known != NULL && (job_state_ended(known->state) || known->cancel_wanted)) {
    batch->ended++;
  } else if (known != NULL && known->state != JOB_QUEUED && known->state != JOB_UPLOADING) {
    batch->at_work++;
  } else {
    if (paused || (known != NULL && known->paused))
      batch->paused++;
    else
      batch->to_do++;
    batch->clips_ms += job->clip_ms;
    note_clip(planner, job);
  }
}

static const char *places_of(struct planner *planner, const char *written) {
  const struct reach *reach = &planner->outlook->reach;
  const char *places = NULL;
  size_t have = 0, asked = 0;
  for (size_t i = 0; i < reach->account_count; i++) {
    if (!reach->accounts[i].voices_known) continue;
    asked++;
    if (voices_there(&reach->accounts[i], written) == NULL) continue;
    have++;
    places = arena_printf(planner->arena, "%s%s", places == NULL ? "only on " : places,
                          places == NULL
                              ? reach->accounts[i].email
                              : arena_printf(planner->arena, ", %s", reach->accounts[i].email));
  }
  return have < asked ? places : NULL;
}

static void note_voice(struct planner *planner, const struct job_record *job) {
  if (job->voice_id == NULL || map_get(&planner->voices, job->voice, NULL)) return;
  map_set_kept(&planner->voices, job->voice, 1);
  planner->plan->voices[planner->plan->voice_count++] = (struct plan_voice){
      .written = job->voice, .id = job->voice_id, .places = places_of(planner, job->voice)};
}

static void plan_batch(struct planner *planner, const struct intake_batch *entry) {
  const struct outlook *outlook = planner->outlook;
  struct plan_batch *batch = &planner->plan->batches[planner->plan->batch_count++];
  struct known_jobs known;
  *batch = (struct plan_batch){.name = entry->batch.key};
  known_jobs_init(&known, &outlook->run.intake.snapshot, entry->batch.key);
  for (size_t i = 0; i < entry->batch.job_count; i++) {
    const struct job_record *job = &entry->jobs[i];
    count_job(planner, batch, job, known_job(&known, job->key),
              known.batch != NULL && known.batch->paused);
    note_voice(planner, job);
  }
  known_jobs_release(&known);
}

static void plan_batches(struct planner *planner) {
  const struct intake *intake = &planner->outlook->run.intake;
  const struct store_snapshot *snapshot = &intake->snapshot;
  size_t jobs = 0;
  for (size_t i = 0; i < snapshot->upload_count; i++)
    if (snapshot->uploads[i].asset_id != NULL)
      map_set_kept(&planner->uploaded, snapshot->uploads[i].clip_hash, 1);
  for (size_t i = 0; i < intake->batch_count; i++)
    jobs += intake->batches[i].batch.job_count;
  planner->plan->batches = ARENA_NEW_ARRAY(planner->arena, intake->batch_count, struct plan_batch);
  planner->plan->voices = ARENA_NEW_ARRAY(planner->arena, jobs, struct plan_voice);
  for (size_t i = 0; i < intake->batch_count; i++)
    plan_batch(planner, &intake->batches[i]);
}

/* ---- accounts ---- */

static void plan_accounts(struct planner *planner) {
  const struct reach *reach = &planner->outlook->reach;
  planner->plan->accounts =
      ARENA_NEW_ARRAY(planner->arena, reach->account_count, struct plan_account);
  for (size_t i = 0; i < reach->account_count; i++) {
    const struct reach_account *account = &reach->accounts[i];
    planner->plan->accounts[planner->plan->account_count++] =
        (struct plan_account){.email = account->email,
                              .trouble = account->trouble,
                              .max_jobs = account->max_jobs,
                              .running = account->executing,
                              .credits = account->credits,
                              .credits_permitted = account->credits_permitted,
                              .storage_bytes = account->storage_bytes,
                              .storage_used_bytes = account->storage_used_bytes};
  }
}

static const char *why_not_asked(const struct outlook *outlook) {
  if (outlook->run.options->config->token_count == 0) return "there is no token";
  if (intake_is_done(&outlook->run.intake)) return "nothing is left to do";
  return outlook->reach.trouble != NULL ? outlook->reach.trouble : "the service gave no answer";
}

/* ---- what speaks against it ---- */

static void warn(const struct plan *plan) {
  int64_t credits = 0;
  bool known = plan->account_count > 0;
  for (size_t i = 0; i < plan->account_count; i++) {
    const struct plan_account *account = &plan->accounts[i];
    int64_t left = account->storage_bytes - account->storage_used_bytes;
    known &= account->credits >= 0;
    credits += account->credits > 0 ? account->credits : 0;
    if (account->storage_bytes >= 0 && account->storage_used_bytes >= 0 && plan->clip_bytes > left)
      report_complain(stderr,
                      "warning: %s may have too little storage for the clips; `nightshift assets "
                      "--clean` makes room",
                      account->email);
  }
  if (known && plan->credits_needed > credits)
    report_complain(stderr,
                    "warning: the jobs need about %lld credits, and %lld are left; a run "
                    "waits for more",
                    (long long)plan->credits_needed, (long long)credits);
}

/* ---- the command ---- */

static int64_t credits_needed(const struct plan *plan, const struct prospect *night) {
  double seconds = 0;
  for (size_t i = 0; i < plan->batch_count; i++)
    seconds += (double)plan->batches[i].clips_ms / 1000;
  bool told = night->credits_per_second >= 0 && seconds > 0;
  return told ? (int64_t)(seconds * night->credits_per_second + 0.5) : -1;
}

static void tell(const struct outlook *outlook, FILE *out) {
  struct arena arena;
  struct prospect night;
  struct plan plan = {.credits_needed = -1};
  struct planner planner = {.outlook = outlook, .arena = &arena, .plan = &plan};
  const struct run_options *options = outlook->run.options;
  arena_init(&arena);
  map_init(&planner.clips);
  map_init(&planner.voices);
  map_init(&planner.uploaded);
  plan_batches(&planner);
  if (outlook->reached)
    plan_accounts(&planner);
  else
    plan.not_asked = why_not_asked(outlook);
  prospect_make(&outlook->run, outlook->reached ? &outlook->reach : NULL, &arena, &night);
  plan.credits_needed = credits_needed(&plan, &night);
  plan_print(&plan, out);
  if (options->expected != NULL && night.job_count > 0)
    forecast_print_glance(&night, options->expected(&night), out);
  warn(&plan);
  map_release(&planner.clips);
  map_release(&planner.voices);
  map_release(&planner.uploaded);
  arena_release(&arena);
}

int runtime_check(const struct run_options *options, FILE *out) {
  struct outlook outlook;
  int status = outlook_begin(&outlook, options);
  if (status == 0 && outlook.reached && !outlook.run.interrupted)
    preflight_executing(&outlook.run, &outlook.reach);
  if (status == 0) tell(&outlook, out);
  outlook_end(&outlook);
  return status;
}
