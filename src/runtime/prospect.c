/* What `rehearse` and `check` look ahead at: what is left of the batches, the accounts and what was
 * learned of them, as one value that the simulator can let pass. */
#include "runtime/prospect.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/prepare.h"
#include "runtime/voices.h"
#include "util/check.h"

/* Assumed while no task was timed: service.md knows no duration. */
#define BASE_ASSUMED_MS       (20 * SECOND_MS)
#define PER_SECOND_ASSUMED_MS (6 * SECOND_MS)
#define SPREAD                0.1
#define USUAL_CLIP_S          10.0
#define EVEN_SPREAD           1.73 /* half the width of an even spread, in standard deviations */
/* Fewer tasks than this say nothing of how often they fail. */
#define TASKS_TELLING 20
#define ASSUMED_EMAIL "account"

struct planner {
  const struct run *run;
  const struct reach *reach; /* NULL: the service was not asked */
  struct arena *arena;
  struct prospect *night;
  struct map voices, clips;
  const char **voice_ids;   /* as jobs know them */
  const char **voice_texts; /* as written, for accounts that call them otherwise */
};

/* ---- accounts ---- */

static const struct account_record *known_account(const struct planner *planner,
                                                  const char *email) {
  const struct store_snapshot *snapshot = &planner->run->intake.snapshot;
  for (size_t i = 0; i < snapshot->account_count; i++)
    if (strcasecmp(snapshot->accounts[i].email, email) == 0) return &snapshot->accounts[i];
  return NULL;
}

static const struct account_record *keep_record(const struct planner *planner,
                                                const struct account_record *record) {
  if (record == NULL) return NULL;
  struct account_record *copy = ARENA_NEW(planner->arena, struct account_record);
  *copy = *record;
  copy->email = arena_string(planner->arena, record->email);
  copy->reason = arena_string(planner->arena, record->reason);
  return copy;
}

static const char *out_of(const struct account_record *known) {
  if (known == NULL) return NULL;
  if (known->state == ACCOUNT_PAUSED) return "paused";
  if (known->state == ACCOUNT_EMPTY) return "had no credits";
  if (known->state == ACCOUNT_LOST || known->state == ACCOUNT_BROKEN)
    return known->reason != NULL ? known->reason : account_state_name(known->state);
  return NULL;
}

static void add_account(struct planner *planner, const struct core_account *core,
                        const char *trouble, bool asked) {
  struct prospect *night = planner->night;
  const struct account_record *known = keep_record(planner, known_account(planner, core->email));
  struct prospect_account *account = &night->accounts[night->account_count];
  *account = (struct prospect_account){.core = *core, .known = known};
  account->core.email = arena_string(planner->arena, core->email);
  const struct reach_account guarded = {.email = account->core.email};
  account->core.guards =
      run_core_account(planner->run, planner->run->options->config, &guarded, planner->arena)
          .guards;
  account->out = arena_string(planner->arena, trouble);
  /* What the service says now counts more than what it said once; a person's pause holds. */
  if (account->out == NULL && (!asked || (known != NULL && known->state == ACCOUNT_PAUSED)))
    account->out = out_of(known);
  if (known != NULL) {
    account->capacity = known->capacity;
    if (account->core.credits < 0) account->core.credits = known->credits;
    if (account->core.max_jobs == 0) account->core.max_jobs = known->max_jobs;
  }
  night->account_count++;
}

static void add_reached(struct planner *planner, const struct reach *reach) {
  for (size_t i = 0; i < reach->account_count; i++) {
    const struct reach_account *from = &reach->accounts[i];
    const struct core_account core = {
        .email = from->email, .max_jobs = from->max_jobs, .credits = from->credits};
    add_account(planner, &core, from->trouble, true);
  }
}

static void add_configured(struct planner *planner, const struct config *config) {
  for (size_t i = 0; i < config->account_count; i++) {
    const struct core_account core = {.email = config->accounts[i].email,
                                      .max_jobs = config->accounts[i].max_jobs,
                                      .credits = -1};
    add_account(planner, &core, NULL, false);
  }
}

static void add_remembered(struct planner *planner) {
  const struct store_snapshot *snapshot = &planner->run->intake.snapshot;
  for (size_t i = 0; i < snapshot->account_count; i++) {
    const struct core_account core = {.email = snapshot->accounts[i].email, .credits = -1};
    add_account(planner, &core, NULL, false);
  }
}

static void plan_accounts(struct planner *planner) {
  const struct config *config = planner->run->options->config;
  const struct core_account assumed = {.email = ASSUMED_EMAIL, .credits = -1};
  struct prospect *night = planner->night;
  size_t reached = planner->reach == NULL ? 0 : planner->reach->account_count;
  night->accounts = ARENA_NEW_ARRAY(planner->arena,
                                    reached + config->account_count +
                                        planner->run->intake.snapshot.account_count + 1,
                                    struct prospect_account);
  night->asked = planner->reach != NULL;
  if (planner->reach != NULL)
    add_reached(planner, planner->reach);
  else if (config->account_count > 0)
    add_configured(planner, config);
  else
    add_remembered(planner);
  night->accounts_assumed = night->account_count == 0;
  if (night->accounts_assumed) add_account(planner, &assumed, NULL, false);
}

static bool has_voice(const struct planner *planner, size_t account, size_t voice) {
  if (planner->reach == NULL) return true;
  const struct reach_account *reached = &planner->reach->accounts[account];
  if (!reached->voices_known) return true;
  return voices_there(reached, planner->voice_texts[voice]) != NULL ||
         voices_there(reached, planner->voice_ids[voice]) != NULL;
}

static void plan_voices(struct planner *planner) {
  struct prospect *night = planner->night;
  for (size_t a = 0; a < night->account_count; a++) {
    bool *voices = ARENA_NEW_ARRAY(planner->arena, night->voice_count + 1, bool);
    for (size_t v = 0; v < night->voice_count; v++)
      voices[v] = has_voice(planner, a, v);
    night->accounts[a].voices = voices;
  }
}

/* ---- jobs ---- */

static account_index pin_of(const struct planner *planner, const char *email) {
  for (size_t i = 0; email != NULL && i < planner->night->account_count; i++)
    if (strcasecmp(planner->night->accounts[i].core.email, email) == 0) return (account_index)i;
  return NO_ACCOUNT;
}

static int32_t voice_of(struct planner *planner, const struct job_record *job) {
  const char *id = job->voice_id != NULL ? job->voice_id : job->voice;
  int64_t place;
  if (map_get(&planner->voices, id, &place)) return (int32_t)place;
  place = (int64_t)planner->night->voice_count++;
  planner->voice_ids[place] = id;
  planner->voice_texts[place] = job->voice;
  map_set(&planner->voices, id, place);
  return (int32_t)place;
}

/* One that several jobs share is kept once. */
static const char *clip_of(struct planner *planner, const struct job_record *job,
                           const struct job_record *known) {
  const char *clip = job->clip_hash != NULL     ? job->clip_hash
                     : known == NULL            ? job->clip_path
                     : known->clip_hash != NULL ? known->clip_hash
                                                : job->clip_path;
  int64_t place;
  if (clip == NULL) return NULL;
  if (map_get(&planner->clips, clip, &place)) return planner->night->jobs[place].clip;
  map_set(&planner->clips, clip, (int64_t)planner->night->job_count);
  return arena_string(planner->arena, clip);
}

static void add_job(struct planner *planner, const struct job_record *job,
                    const struct job_record *known) {
  struct prospect *night = planner->night;
  bool is_asset = job->asset != NULL;
  struct prospect_job next = {.clip = is_asset ? NULL : clip_of(planner, job, known),
                              .length_ms = job->clip_ms > 0 ? job->clip_ms
                                           : known != NULL  ? known->clip_ms
                                                            : 0,
                              .voice = voice_of(planner, job),
                              .pin = pin_of(planner, job->pin),
                              .explore = job->explore,
                              .priority = job->priority};
  /* An asset on an account that is not there, or a clip that was never made out: any will do. */
  if (next.clip == NULL && next.pin == NO_ACCOUNT)
    next.clip = arena_printf(planner->arena, "job %zu", night->job_count);
  night->jobs[night->job_count++] = next;
}

static void count_job(struct planner *planner, const struct job_record *job,
                      const struct job_record *known, bool batch_paused) {
  if (known != NULL && (job_state_ended(known->state) || known->cancel_wanted)) {
    planner->night->done++;
  } else if (known != NULL && known->state != JOB_QUEUED && known->state != JOB_UPLOADING) {
    planner->night->running++;
  } else if (batch_paused || (known != NULL && known->paused)) {
    planner->night->paused++;
  } else {
    add_job(planner, job, known);
  }
}

static void plan_batch(struct planner *planner, const struct intake_batch *entry) {
  struct known_jobs known;
  known_jobs_init(&known, &planner->run->intake.snapshot, entry->batch.key);
  for (size_t i = 0; i < entry->batch.job_count; i++)
    count_job(planner, &entry->jobs[i], known_job(&known, entry->jobs[i].key),
              known.batch != NULL && known.batch->paused);
  known_jobs_release(&known);
}

static void plan_jobs(struct planner *planner) {
  const struct intake *intake = &planner->run->intake;
  size_t count = 0;
  for (size_t b = 0; b < intake->batch_count; b++)
    count += intake->batches[b].batch.job_count;
  planner->night->jobs = ARENA_NEW_ARRAY(planner->arena, count + 1, struct prospect_job);
  planner->voice_ids = ARENA_NEW_ARRAY(planner->arena, count + 1, const char *);
  planner->voice_texts = ARENA_NEW_ARRAY(planner->arena, count + 1, const char *);
  for (size_t b = 0; b < intake->batch_count; b++)
    plan_batch(planner, &intake->batches[b]);
}

/* ---- what is under way, and what was learned ---- */

static const struct job_record *job_of(const struct store_snapshot *snapshot, job_id id) {
  for (size_t i = 0; i < snapshot->job_count; i++)
    if (snapshot->jobs[i].id == id) return &snapshot->jobs[i];
  return NULL;
}

static void add_task(struct planner *planner, const char *email, duration_ms age_ms,
                     duration_ms length_ms, bool ours) {
  struct prospect *night = planner->night;
  account_index account = pin_of(planner, email);
  if (account == NO_ACCOUNT) return;
  night->tasks[night->task_count++] = (struct prospect_task){account, age_ms, length_ms, ours};
}

static bool is_open(const struct attempt_record *attempt) {
  return attempt->state == ATTEMPT_OPEN || attempt->state == ATTEMPT_UNSURE ||
         attempt->state == ATTEMPT_ACCEPTED;
}

static void plan_tasks(struct planner *planner) {
  const struct store_snapshot *snapshot = &planner->run->intake.snapshot;
  struct prospect *night = planner->night;
  size_t others = 0;
  for (size_t i = 0; i < snapshot->account_count; i++)
    others += (size_t)snapshot->accounts[i].others;
  night->tasks =
      ARENA_NEW_ARRAY(planner->arena, snapshot->attempt_count + others + 1, struct prospect_task);
  for (size_t i = 0; i < snapshot->attempt_count; i++) {
    const struct attempt_record *attempt = &snapshot->attempts[i];
    if (!is_open(attempt)) continue;
    const struct job_record *job = job_of(snapshot, attempt->job);
    add_task(planner, attempt->account, night->start - attempt->opened,
             job == NULL ? 0 : job->clip_ms, true);
  }
  for (size_t i = 0; i < snapshot->account_count; i++)
    for (int32_t k = 0; k < snapshot->accounts[i].others; k++)
      add_task(planner, snapshot->accounts[i].email, 0, 0, false);
}

static void count_attempts(struct planner *planner) {
  const struct store_snapshot *snapshot = &planner->run->intake.snapshot;
  int64_t ended = 0, failed = 0, moderated = 0;
  for (size_t i = 0; i < snapshot->attempt_count; i++) {
    enum attempt_state state = snapshot->attempts[i].state;
    failed += state == ATTEMPT_FAILED;
    moderated += state == ATTEMPT_MODERATED;
    ended += state == ATTEMPT_FAILED || state == ATTEMPT_MODERATED || state == ATTEMPT_SUCCEEDED;
  }
  if (ended < TASKS_TELLING) return;
  planner->night->tasks_ended = ended;
  planner->night->tasks_failed = failed;
  planner->night->tasks_moderated = moderated;
}

static double usual_length_ms(const struct account_record *known) {
  return (double)known->task_base_ms + (double)known->task_per_second_ms * USUAL_CLIP_S;
}

/* What a second of a clip costs: the mean of what was learned on the accounts. */
static void learn_price(struct planner *planner) {
  const struct store_snapshot *snapshot = &planner->run->intake.snapshot;
  int64_t sum = 0, count = 0;
  for (size_t i = 0; i < snapshot->account_count; i++) {
    sum += snapshot->accounts[i].price_micro;
    count += snapshot->accounts[i].price_micro > 0;
  }
  planner->night->credits_per_second = count > 0 ? (double)sum / (double)count / 1e6 : -1;
}

/* The line and the spread of all accounts, each counting by the tasks it rests on; and how much
 * slower than that each is. */
static void learn_pace(struct planner *planner) {
  const struct store_snapshot *snapshot = &planner->run->intake.snapshot;
  struct prospect *night = planner->night;
  double base = 0, per_second = 0, spread = 0, count = 0;
  for (size_t i = 0; i < snapshot->account_count; i++) {
    const struct account_record *known = &snapshot->accounts[i];
    base += (double)known->task_base_ms * known->task_count;
    per_second += (double)known->task_per_second_ms * known->task_count;
    spread += (double)known->task_spread_permille / 1000 * known->task_count;
    count += known->task_count;
  }
  night->timed = count > 0;
  night->task_base_ms = night->timed ? (duration_ms)(base / count) : BASE_ASSUMED_MS;
  night->task_ms_per_second =
      night->timed ? (duration_ms)(per_second / count) : PER_SECOND_ASSUMED_MS;
  night->task_spread = night->timed ? spread / count * EVEN_SPREAD : SPREAD;
  double usual = (base + per_second * USUAL_CLIP_S) / (count > 0 ? count : 1);
  for (size_t i = 0; night->timed && i < night->account_count; i++) {
    const struct account_record *known = night->accounts[i].known;
    if (known != NULL && known->task_count > 0)
      night->accounts[i].pace = usual_length_ms(known) / usual;
  }
}

void prospect_make(const struct run *run, const struct reach *reach, struct arena *arena,
                   struct prospect *night) {
  struct planner planner = {.run = run, .reach = reach, .arena = arena, .night = night};
  *night = (struct prospect){.start = clock_now(&run->clock),
                             .core = run_core_options(run, run->options->config)};
  map_init(&planner.voices);
  map_init(&planner.clips);
  plan_accounts(&planner);
  plan_jobs(&planner);
  plan_voices(&planner);
  plan_tasks(&planner);
  count_attempts(&planner);
  learn_pace(&planner);
  learn_price(&planner);
  map_release(&planner.voices);
  map_release(&planner.clips);
}

int outlook_begin(struct outlook *outlook, const struct run_options *options) {
  struct run *run = &outlook->run;
  struct prepare_wishes wishes = {.patient = false};
  struct error error = {0};
  *outlook = (struct outlook){.run = {.options = options}};
  run->inbox_end = &run->inbox;
  pipeline_init(&run->pipeline);
  intake_init(&run->intake, options->diags);
  clock_start(&run->clock, options->speed, 0);
  int status = prepare_loop(run, &error) != 0 ? 70 : 0;
  if (status == 0 && !options->config_failed && prepare_state(run, &wishes.clips, &error) != 0)
    status = 4;
  if (status != 0) report_complain(stderr, "%s", error.text);
  if (status == 0) status = prepare(run, &wishes, &outlook->reach, &outlook->reached);
  store_close(wishes.clips);
  return status;
}

void outlook_end(struct outlook *outlook) {
  prepare_close(&outlook->run);
  reach_release(&outlook->reach);
  intake_release(&outlook->run.intake);
}

int runtime_prospect(const struct run_options *options, struct arena *arena,
                     struct prospect *night) {
  struct outlook outlook;
  int status = outlook_begin(&outlook, options);
  if (status == 0)
    prospect_make(&outlook.run, outlook.reached ? &outlook.reach : NULL, arena, night);
  outlook_end(&outlook);
  return status;
}
