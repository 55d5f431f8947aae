/* Config and batches that were read again while the run is at work: new jobs and accounts join,
 * jobs that were taken out are followed to their end or not submitted any more, accounts that were
 * taken out get nothing new, changed limits hold from now on. */
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"

struct reload {
  struct core *core;
  const struct core_reload *given;
  int64_t jobs_added, jobs_removed, jobs_changed, accounts_added, accounts_removed,
      accounts_changed;
};

/* ---- accounts ---- */

static bool is_given(const struct reload *reload, const struct account *account) {
  for (size_t i = 0; i < reload->given->account_count; i++)
    if (strcmp(reload->given->accounts[i].email, account->email) == 0) return true;
  return false;
}

static void remove_accounts(struct reload *reload) {
  struct core *core = reload->core;
  for (int32_t i = 0; i < core->account_count; i++) {
    struct account *account = &core->accounts[i];
    if (account->removed || is_given(reload, account)) continue;
    account->removed = true;
    while (account->ahead_count > 0)
      job_requeue(core, &core->jobs[account->ahead[account->ahead_count - 1]]);
    reload->accounts_removed++;
  }
}

/* Another token mends an account whose own was refused. */
static void update_account(struct reload *reload, struct account *account,
                           const struct core_account *given) {
  struct core *core = reload->core;
  bool other_token = account->token != given->token;
  int max_jobs = account_max_jobs(given);
  if (account->removed)
    reload->accounts_added++;
  else if (other_token || account->max_jobs != max_jobs)
    reload->accounts_changed++;
  account->removed = false;
  account->token = given->token;
  account->max_jobs = max_jobs;
  account_take_guards(account, &given->guards);
  if (other_token && account->state == ACCOUNT_LOST && !account->suspended)
    account_mark_found(core, account);
}

/* What earlier runs have learned of it and a person has said: that it is paused, its strikes. */
static void recall_account(const struct reload *reload, int32_t place) {
  const struct store_snapshot *known = reload->given->known;
  struct core *core = reload->core;
  const char *email = core->accounts[place].email;
  for (size_t i = 0; known != NULL && i < known->account_count; i++)
    if (strcmp(known->accounts[i].email, email) == 0) account_load(core, &known->accounts[i]);
  for (size_t i = 0; known != NULL && i < known->moderation_count; i++) {
    const struct moderation_record *record = &known->moderations[i];
    if (record->account != NULL && strcmp(record->account, email) == 0)
      moderation_rejoin(core, record->id, place);
  }
  attempts_rejoin(core, place);
  money_join(core, &core->accounts[place]);
}

static void add_account(struct reload *reload, const struct core_account *given) {
  struct core *core = reload->core;
  int32_t place = account_add(core, given);
  for (int32_t i = 0; i < core->voice_count; i++) {
    struct voice *voice = &core->voices[i];
    if (voice->there == NULL) continue;
    voice->there = realloc(voice->there, (size_t)core->account_count * sizeof *voice->there);
    CHECK(voice->there != NULL && "out of memory");
    voice->there[place] = NULL;
  }
  for (int32_t i = 0; i < core->job_count; i++) {
    struct job *job = &core->jobs[i];
    if (job->pin == PIN_UNKNOWN && strcmp(job->rec.pin, given->email) == 0) job->pin = place;
  }
  recall_account(reload, place);
  reload->accounts_added++;
}

static void take_accounts(struct reload *reload) {
  struct core *core = reload->core;
  const struct core_reload *given = reload->given;
  int64_t place;
  for (size_t i = 0; i < given->account_count; i++) {
    if (map_get(&core->account_by_email, given->accounts[i].email, &place))
      update_account(reload, &core->accounts[place], &given->accounts[i]);
    else
      add_account(reload, &given->accounts[i]);
  }
  for (size_t i = 0; i < given->voice_count; i++) {
    const struct core_voice *voice = &given->voices[i];
    bool known = map_get(&core->account_by_email, voice->email, &place);
    CHECK(known);
    core_add_voice(core, voice->voice_id, (account_index)place, voice->id_there);
  }
}

/* ---- jobs ---- */

/* What only waits is taken from where it waits; it gets a new place when all is known. */
static void take_from_place(struct core *core, struct job *job) {
  if (job->rec.state == JOB_UPLOADING) job_move(core, job, JOB_QUEUED);
  if (job->rec.state == JOB_QUEUED) job_unplace(core, job);
}

static void take_spec(struct reload *reload, const struct job_record *record) {
  struct core *core = reload->core;
  struct job *job = job_by_id(core, record->id);
  CHECK(job != NULL);
  bool was_listed = job->rec.listed;
  take_from_place(core, job);
  job_take_spec(core, job, record);
  if (was_listed && !record->listed)
    reload->jobs_removed++;
  else if (!was_listed && record->listed)
    reload->jobs_added++;
  else
    reload->jobs_changed++;
}

static void add_jobs(struct reload *reload) {
  struct core *core = reload->core;
  const struct core_reload *given = reload->given;
  for (size_t i = 0; i < given->record_count; i++)
    reload->jobs_added += given->records[i].kind == RECORD_JOB;
  size_t room = (size_t)(core->job_count + reload->jobs_added + 1);
  core->jobs = realloc(core->jobs, room * sizeof *core->jobs);
  CHECK(core->jobs != NULL && "out of memory");
  for (size_t i = 0; i < given->record_count; i++)
    if (given->records[i].kind == RECORD_JOB)
      job_load(core, &core->jobs[core->job_count++], &given->records[i].as.job, 0);
}

static void take_batch(struct core *core, const struct batch_record *record) {
  for (int32_t i = 0; i < core->batch_count; i++) {
    if (core->batches[i].id != record->id) continue;
    core->batches[i].key = core_intern(core, record->key);
    core->batches[i].rec.key = core->batches[i].key;
    core->batches[i].rec.named = record->named;
    core->batches[i].rec.path = core_intern(core, record->path);
  }
}

/* Everything of it is durable before anything that rests on it is sent: it is of this step. */
static void take_records(struct reload *reload) {
  struct core *core = reload->core;
  for (size_t i = 0; i < reload->given->record_count; i++) {
    const struct record *record = &reload->given->records[i];
    *record_add(core, record->kind) = *record;
    if (record->kind == RECORD_BATCH) take_batch(core, &record->as.batch);
    if (record->kind == RECORD_JOB_SPEC) take_spec(reload, &record->as.job);
  }
  add_jobs(reload); /* jobs are not found by their ids any more until they are ranked */
}

static void place_anew(struct core *core) {
  jobs_rank(core);
  for (int32_t i = 0; i < core->job_count; i++) {
    struct job *job = &core->jobs[i];
    if (job->rec.state == JOB_QUEUED && job->place == PLACE_NONE) job_place_queued(core, job);
  }
}

/* ---- all of it ---- */

static void take_options(struct core *core, const struct core_options *given) {
  struct core_options options = *given;
  options.seed = core->options.seed;
  options.settle_ms = core->options.settle_ms;
  options.start_limit = core->options.start_limit;
  options.adopt = core->options.adopt;
  options.until = core->options.until;
  options.credits_limited = core->options.credits_limited;
  options.max_credits = core->options.max_credits;
  options.reply_url = core->options.reply_url;
  core->options = options;
}

static void tell_number(struct log_line *line, const char *name, int64_t number) {
  if (number > 0) log_number(line, name, number);
}

static void tell(const struct reload *reload) {
  struct core *core = reload->core;
  const char *settings = reload->given->settings;
  int64_t changes = reload->jobs_added + reload->jobs_removed + reload->jobs_changed +
                    reload->accounts_added + reload->accounts_removed + reload->accounts_changed;
  struct log_line *line = log_add(core, LOG_INFO, LOG_CONFIG_RELOADED);
  tell_number(line, "jobs_added", reload->jobs_added);
  tell_number(line, "jobs_removed", reload->jobs_removed);
  tell_number(line, "jobs_changed", reload->jobs_changed);
  tell_number(line, "accounts_added", reload->accounts_added);
  tell_number(line, "accounts_removed", reload->accounts_removed);
  tell_number(line, "accounts_changed", reload->accounts_changed);
  log_text(line, "settings", arena_string(core->out->arena, settings));
  if (changes == 0 && settings == NULL) log_text(line, "why", "nothing has changed");
}

void reload_on_event(struct core *core, const struct core_reload *given) {
  struct reload reload = {.core = core, .given = given};
  take_options(core, given->options);
  remove_accounts(&reload);
  take_accounts(&reload);
  take_records(&reload);
  place_anew(core);
  tell(&reload);
}

void core_refresh(const struct core *core, struct store_snapshot *snapshot) {
  for (size_t i = 0; i < snapshot->job_count; i++) {
    struct job_record *stored = &snapshot->jobs[i];
    const struct job *job = job_by_id((struct core *)(uintptr_t)core, stored->id);
    if (job == NULL) continue;
    struct job_record now = job->rec;
    job_copy_spec(&now, stored);
    *stored = now;
  }
  for (size_t i = 0; i < snapshot->batch_count; i++)
    for (int32_t k = 0; k < core->batch_count; k++)
      if (core->batches[k].id == snapshot->batches[i].id) {
        struct batch_record now = core->batches[k].rec;
        now.key = snapshot->batches[i].key;
        now.path = snapshot->batches[i].path;
        snapshot->batches[i] = now;
      }
}
