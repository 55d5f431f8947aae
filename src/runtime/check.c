/* `check`: every mistake, then the plan, without spending anything or writing anything. */
#include <stdio.h>
#include <string.h>

#include "runtime/prepare.h"
#include "runtime/prospect.h"
#include "util/check.h"
#include "util/text.h"

struct plan {
  int64_t jobs, done, task, to_do;
  duration_ms clips_ms;
  int64_t uploads; /* different clips that still must go to at least one account */
};

/* What the state knows of this job, NULL: nothing. */
static const struct job_record *known_job(const struct intake *intake,
                                          const struct intake_batch *entry,
                                          const struct map *by_key, const char *key) {
  int64_t place;
  (void)entry;
  return map_get(by_key, key, &place) ? &intake->snapshot.jobs[place] : NULL;
}

static void index_jobs(const struct intake *intake, const struct intake_batch *entry,
                       struct map *by_key) {
  batch_id id = 0;
  for (size_t i = 0; i < intake->snapshot.batch_count; i++)
    if (strcmp(intake->snapshot.batches[i].key, entry->batch.key) == 0)
      id = intake->snapshot.batches[i].id;
  for (size_t i = 0; i < intake->snapshot.job_count; i++)
    if (intake->snapshot.jobs[i].batch == id && id != 0)
      map_set_kept(by_key, intake->snapshot.jobs[i].key, (int64_t)i);
}

static void count_job(struct plan *plan, const struct job_record *job,
                      const struct job_record *known, struct map *clips) {
  plan->jobs++;
  if (known != NULL && job_state_ended(known->state)) {
    plan->done++;
  } else if (known != NULL && (known->state == JOB_RUNNING || known->state == JOB_UNSURE ||
                               known->state == JOB_SUBMITTING || known->state == JOB_DOWNLOADING)) {
    plan->task++;
  } else {
    plan->to_do++;
    plan->clips_ms += job->clip_ms;
    if (job->clip_hash != NULL && !map_get(clips, job->clip_hash, NULL)) {
      map_set_kept(clips, job->clip_hash, 1);
      plan->uploads++;
    }
  }
}

static void print_plan(const struct intake *intake, const struct intake_batch *entry, FILE *out) {
  struct plan plan = {0};
  struct map by_key, clips;
  char length[40];
  map_init(&by_key);
  map_init(&clips);
  index_jobs(intake, entry, &by_key);
  for (size_t i = 0; i < entry->batch.job_count; i++)
    count_job(&plan, &entry->jobs[i], known_job(intake, entry, &by_key, entry->jobs[i].key),
              &clips);
  text_from_duration(plan.clips_ms, length, sizeof length);
  fprintf(out,
          "%s: %lld jobs: %lld ended, %lld with the service, %lld to do (%s of clips, %lld "
          "different)\n",
          entry->batch.shown, (long long)plan.jobs, (long long)plan.done, (long long)plan.task,
          (long long)plan.to_do, length, (long long)plan.uploads);
  map_release(&by_key);
  map_release(&clips);
}

static void print_accounts(const struct reach *reach, FILE *out) {
  for (size_t i = 0; i < reach->account_count; i++) {
    const struct reach_account *account = &reach->accounts[i];
    fprintf(out, "account %s:", account->email);
    if (account->trouble != NULL) {
      fprintf(out, " %s\n", account->trouble);
      continue;
    }
    if (account->max_jobs > 0) fprintf(out, " up to %d at a time,", account->max_jobs);
    fprintf(out, " %zu voices", account->voice_count);
    if (account->credits >= 0) fprintf(out, ", %lld credits", (long long)account->credits);
    fprintf(out, "\n");
  }
}

static void print_unchecked(const struct run_options *options, const struct reach *reach,
                            FILE *out) {
  const char *why = options->config->token_count == 0 ? "there is no token"
                    : reach->trouble != NULL          ? reach->trouble
                                                      : "the service gave no answer";
  fprintf(out, "not checked: voices and accounts, because %s\n", why);
}

static void print_end(const struct run *run, const struct reach *reach, FILE *out) {
  struct arena arena;
  struct prospect night;
  if (run->options->expected == NULL) return;
  arena_init(&arena);
  prospect_make(run, reach, &arena, &night);
  if (night.job_count > 0) forecast_print_glance(&night, run->options->expected(&night), out);
  arena_release(&arena);
}

int runtime_check(const struct run_options *options, FILE *out) {
  struct run run = {.options = options};
  struct prepare_wishes wishes = {.patient = false};
  struct reach reach = {0};
  struct error error = {0};
  bool reached = false;
  run.inbox_end = &run.inbox;
  pipeline_init(&run.pipeline);
  intake_init(&run.intake, options->diags);
  clock_start(&run.clock, options->speed, 0);
  int status = prepare_loop(&run, &error) != 0 ? 70 : 0;
  if (status == 0 && !options->config_failed && prepare_state(&run, &wishes.clips, &error) != 0)
    status = 4;
  if (status != 0) fprintf(stderr, "nightshift: %s\n", error.text);
  if (status == 0) status = prepare(&run, &wishes, &reach, &reached);
  if (status == 0) {
    for (size_t i = 0; i < run.intake.batch_count; i++)
      print_plan(&run.intake, &run.intake.batches[i], out);
    if (reached)
      print_accounts(&reach, out);
    else
      print_unchecked(options, &reach, out);
    print_end(&run, reached ? &reach : NULL, out);
  }
  store_close(wishes.clips);
  prepare_close(&run);
  reach_release(&reach);
  intake_release(&run.intake);
  return status;
}
