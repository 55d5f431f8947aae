/* From what the state knows to a core that can go on: jobs, attempts, uploads, accounts; and the
 * first step, where what was open becomes unsure and finished results are fetched first. */
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"

static void load_batches(struct core *core, const struct store_snapshot *snapshot,
                         const batch_id *batches, size_t batch_count) {
  core->batches = calloc(snapshot->batch_count + 1, sizeof *core->batches);
  CHECK(core->batches != NULL && "out of memory");
  for (size_t i = 0; i < snapshot->batch_count; i++) {
    bool worked_on = false;
    for (size_t k = 0; k < batch_count; k++)
      worked_on |= batches[k] == snapshot->batches[i].id;
    core->batches[i].id = snapshot->batches[i].id;
    core->batches[i].key = core_intern(core, snapshot->batches[i].key);
    core->batches[i].worked_on = worked_on;
    core->batches[i].rec = snapshot->batches[i];
    core->batches[i].rec.key = core->batches[i].key;
    core->batches[i].rec.path = core_intern(core, snapshot->batches[i].path);
    core->batches[i].rec.why = core_intern(core, snapshot->batches[i].why);
  }
  core->batch_count = (int32_t)snapshot->batch_count;
}

static bool batch_worked_on(const struct core *core, batch_id id) {
  for (int32_t i = 0; i < core->batch_count; i++)
    if (core->batches[i].id == id) return core->batches[i].worked_on;
  return false;
}

static int32_t clip_for(struct core *core, const char *hash) {
  int64_t place;
  if (map_get(&core->clip_by_hash, hash, &place)) return (int32_t)place;
  GROW(core->clips, core->clip_count, core->clip_room);
  const char *kept = core_keep(core, hash);
  core->clips[core->clip_count] = (struct clip_entry){.hash = kept};
  map_set_kept(&core->clip_by_hash, kept, core->clip_count);
  return core->clip_count++;
}

/* A text that is mostly the job's own, but for jobs of one clip, which follow each other. */
static const char *keep_like(struct core *core, const char *text, const char *before) {
  return text != NULL && before != NULL && strcmp(text, before) == 0 ? before
                                                                     : core_keep(core, text);
}

/* A clip's path from the batch's directory is the end of its whole path. */
static const char *keep_end(struct core *core, const char *text, const char *whole,
                            const char *before) {
  size_t size = text == NULL ? 0 : strlen(text), whole_size = whole == NULL ? 0 : strlen(whole);
  if (size > 0 && size <= whole_size && strcmp(whole + whole_size - size, text) == 0)
    return whole + whole_size - size;
  return keep_like(core, text, before);
}

/* Strings that many jobs share are kept once; the clip's hash is its entry's: find_parts.
 * `before`: of the job before it. */
static void keep_strings(struct core *core, struct job_record *rec,
                         const struct job_record *before) {
  rec->key = NULL; /* identity is the store's business: the core never writes the spec part */
  rec->name = core_keep(core, rec->name);
  rec->clip_path = keep_like(core, rec->clip_path, before->clip_path);
  rec->clip_source = keep_end(core, rec->clip_source, rec->clip_path, before->clip_source);
  rec->clip_type = core_intern(core, rec->clip_type);
  rec->asset = core_intern(core, rec->asset);
  rec->voice = core_intern(core, rec->voice);
  rec->voice_id = core_intern(core, rec->voice_id);
  rec->output = core_keep(core, rec->output);
  rec->pin = core_intern(core, rec->pin);
  rec->reference = core_keep(core, rec->reference);
  rec->reply_url = core_intern(core, rec->reply_url);
  rec->account = core_intern(core, rec->account);
  rec->task_id = core_keep(core, rec->task_id);
  rec->error = core_keep(core, rec->error);
  rec->advice = core_keep(core, rec->advice);
  rec->result = core_keep(core, rec->result);
}

static bool has_or_may_have_task(const struct job_record *rec) {
  return rec->state == JOB_SUBMITTING || rec->state == JOB_UNSURE || rec->state == JOB_RUNNING ||
         rec->state == JOB_DOWNLOADING;
}

void job_copy_spec(struct job_record *to, const struct job_record *from) {
  to->key = from->key;
  to->name = from->name;
  to->number = from->number;
  to->listed = from->listed;
  to->line = from->line;
  to->column = from->column;
  to->clip_path = from->clip_path;
  to->clip_source = from->clip_source;
  to->clip_hash = from->clip_hash;
  to->clip_bytes = from->clip_bytes;
  to->clip_mtime_ns = from->clip_mtime_ns;
  to->clip_ms = from->clip_ms;
  to->clip_width = from->clip_width;
  to->clip_height = from->clip_height;
  to->clip_type = from->clip_type;
  to->asset = from->asset;
  to->voice = from->voice;
  to->voice_id = from->voice_id;
  to->output = from->output;
  to->explore = from->explore;
  to->priority = from->priority;
  to->pin = from->pin;
  to->reference = from->reference;
  to->reply_url = from->reply_url;
}

/* What follows from the spec part. */
static void find_parts(struct core *core, struct job *job) {
  struct job_record *rec = &job->rec;
  int64_t place;
  job->clip = rec->asset == NULL && rec->clip_hash != NULL ? clip_for(core, rec->clip_hash) : NONE;
  rec->clip_hash =
      job->clip != NONE ? core->clips[job->clip].hash : core_keep(core, rec->clip_hash);
  job->voice = voice_for(core, rec->voice_id == NULL ? "" : rec->voice_id);
  job->pin = NONE;
  if (rec->pin != NULL)
    job->pin = map_get(&core->account_by_email, rec->pin, &place) ? (int32_t)place : PIN_UNKNOWN;
  /* A job taken out of the file is followed to its end while it has or may have a task. */
  job->ours = batch_worked_on(core, rec->batch) && (rec->listed || has_or_may_have_task(rec));
  job_count(core, job, 1);
}

void job_take_spec(struct core *core, struct job *job, const struct job_record *record) {
  job_count(core, job, -1);
  job_copy_spec(&job->rec, record);
  keep_strings(core, &job->rec, &(struct job_record){0});
  find_parts(core, job);
}

void job_load(struct core *core, struct job *job, const struct job_record *record, int64_t events) {
  int64_t place;
  *job = (struct job){.rec = *record,
                      .clip = NONE,
                      .pin = NONE,
                      .attempt = NONE,
                      .account = NONE,
                      .avoid = NONE,
                      .rank = NONE,
                      .events = events,
                      .fetch_at = TIME_NEVER};
  const struct job_record none = {0};
  keep_strings(core, &job->rec, job == core->jobs ? &none : &job[-1].rec);
  find_parts(core, job);
  if (record->account != NULL && map_get(&core->account_by_email, record->account, &place))
    job->account = (int32_t)place;
  if (record->cancel_wanted) cancel_remember(core, job);
}

static int by_id(const void *a, const void *b, void *context) {
  const struct core *core = context;
  job_id x = core->jobs[*(const int32_t *)a].rec.id, y = core->jobs[*(const int32_t *)b].rec.id;
  return x < y ? -1 : x > y;
}

void jobs_rank(struct core *core) {
  size_t count = (size_t)core->job_count;
  free(core->by_id);
  free(core->by_rank);
  core->rank_count = 0;
  core->by_id = calloc(count + 1, sizeof *core->by_id);
  core->by_rank = calloc(count + 1, sizeof *core->by_rank);
  CHECK(core->by_id != NULL && core->by_rank != NULL && "out of memory");
  for (int32_t i = 0; i < core->job_count; i++) {
    core->by_id[i] = i;
    core->jobs[i].rank = NONE;
    if (core->jobs[i].ours) core->by_rank[core->rank_count++] = i;
  }
  order_places(core, core->by_id, core->job_count, by_id);
  order_jobs(core);
  bitset_release(&core->ready);
  bitset_init(&core->ready, (size_t)core->rank_count);
  for (int32_t i = 0; i < core->account_count; i++) {
    bitset_release(&core->accounts[i].pinned);
    bitset_init(&core->accounts[i].pinned, (size_t)core->rank_count);
  }
  jobs_ready_again(core);
}

/* How many different ones there are at most: jobs of one clip mostly follow each other. */
static size_t clips_of(const struct store_snapshot *snapshot) {
  size_t count = 0;
  const char *before = NULL;
  for (size_t i = 0; i < snapshot->job_count; i++) {
    const char *hash = snapshot->jobs[i].clip_hash;
    count += hash != NULL && (before == NULL || strcmp(hash, before) != 0);
    before = hash;
  }
  return count;
}

static void load_jobs(struct core *core, const struct store_snapshot *snapshot,
                      const int64_t *event_counts) {
  core->jobs = calloc(snapshot->job_count + 1, sizeof *core->jobs);
  CHECK(core->jobs != NULL && "out of memory");
  core->job_count = (int32_t)snapshot->job_count;
  map_reserve(&core->clip_by_hash, clips_of(snapshot));
  for (size_t i = 0; i < snapshot->job_count; i++)
    job_load(core, &core->jobs[i], &snapshot->jobs[i], event_counts == NULL ? 0 : event_counts[i]);
  jobs_rank(core);
}

void account_load(struct core *core, const struct account_record *record) {
  int64_t place;
  if (!map_get(&core->account_by_email, record->email, &place)) return;
  struct account *account = &core->accounts[place];
  if (account->credits < 0) account->credits = record->credits;
  learn_load(core, account, record);
  capacity_load(account, record);
  account->pardoned = record->pardoned;
  account->submitted = record->submitted;
  account->price = (double)record->price_micro / 1e6;
  account->clean_credits = record->quiet_credits;
  account->clean_at = record->quiet_at;
  const char *why = core_keep(core, record->reason == NULL ? "paused" : record->reason);
  if (record->state == ACCOUNT_PAUSED && record->until == 0) {
    account->paused = why;
  } else if (record->state == ACCOUNT_PAUSED) { /* by a guard, which a run asks anew */
    account->rest = WAIT_PAUSED;
    account->rest_until = record->until;
    account->rest_why = why;
  }
  if (record->state == ACCOUNT_EMPTY) {
    account->state = record->state;
    account->reason = core_keep(core, record->reason);
    account->probe_at = 0; /* an empty one is asked for its credits at once */
    /* Who runs it again may have bought some: then any that are there are worth a try. */
    account->credits = 0;
  }
}

void core_load(struct core *core, const struct store_snapshot *snapshot,
               const int64_t *event_counts, const batch_id *batches, size_t batch_count) {
  CHECK(!core->started && core->jobs == NULL);
  load_batches(core, snapshot, batches, batch_count);
  load_jobs(core, snapshot, event_counts);
  for (size_t i = 0; i < snapshot->account_count; i++)
    account_load(core, &snapshot->accounts[i]);
  for (size_t i = 0; i < snapshot->upload_count; i++)
    upload_restore(core, &snapshot->uploads[i]);
  for (size_t i = 0; i < snapshot->stranger_count; i++)
    map_set(&core->strangers, snapshot->strangers[i].task_id, snapshot->strangers[i].seen);
  for (size_t i = 0; i < snapshot->moderation_count; i++)
    moderation_restore(core, &snapshot->moderations[i]);
  for (size_t i = 0; i < snapshot->attempt_count; i++)
    attempt_restore(core, &snapshot->attempts[i]);
  core->last_attempt = snapshot->last_attempt;
  core->now = snapshot->latest;
}

struct core *core_at_rest(const struct store_snapshot *snapshot, const int64_t *event_counts) {
  struct core *core = core_new(&(struct core_options){0});
  batch_id *batches = calloc(snapshot->batch_count + 1, sizeof *batches);
  CHECK(batches != NULL && "out of memory");
  for (size_t i = 0; i < snapshot->batch_count; i++)
    batches[i] = snapshot->batches[i].id;
  for (size_t i = 0; i < snapshot->account_count; i++)
    (void)core_add_account(core, &(struct core_account){.email = snapshot->accounts[i].email,
                                                        .max_jobs = snapshot->accounts[i].max_jobs,
                                                        .credits = -1});
  core_load(core, snapshot, event_counts, batches, snapshot->batch_count);
  free(batches);
  return core;
}

/* ---- the first step ---- */

/* An attempt that was open when the process ended may have left: it is over for us from now on. */
static void open_becomes_unsure(struct core *core, struct attempt *attempt) {
  struct job *job = &core->jobs[attempt->job];
  CHECK(job->rec.state == JOB_SUBMITTING);
  if (attempt->account != NONE) { /* it may have left only just now */
    core->accounts[attempt->account].submitted = core->now;
    account_save(core, &core->accounts[attempt->account]);
  }
  settle_begin(core, attempt, "the program ended while its submission may have been on the wire");
}

/* From when on the process that wrote the attempt down can send it no more: at once, but for one on
 * another machine of which it is not certain that it is gone. That may have been said before. */
static void over_from(struct core *core, struct attempt *attempt, time_ms before) {
  time_ms over = core->now + core->options.stray_ms;
  attempt->rec.over = over > before ? over : before;
  attempt_touch(core, attempt);
}

static void resume_attempts(struct core *core) {
  for (int32_t i = 0; i < core->open_count; i++) {
    struct attempt *attempt = &core->attempts[core->open[i]];
    if (attempt->rec.state == ATTEMPT_OPEN) {
      open_becomes_unsure(core, attempt);
      over_from(core, attempt, 0);
    } else if (attempt->rec.state == ATTEMPT_UNSURE) {
      attempt->rec.absent_once = 0;
      over_from(core, attempt, attempt->rec.over); /* its request may only now arrive */
    } else {
      attempt->accepted = core->now;
      /* Of one that was in doubt it is not known when it began. */
      if (attempt->rec.over == 0) attempt->course.since = attempt->rec.settled;
    }
  }
}

static void resume_job(struct core *core, struct job *job) {
  switch (job->rec.state) {
  case JOB_UPLOADING:
  case JOB_QUEUED:
    job_requeue(core, job);
    break;
  case JOB_DOWNLOADING:
    fetch_resume(core, job);
    break;
  case JOB_SUBMITTING:
  case JOB_UNSURE:
  case JOB_RUNNING:
  case JOB_SUCCEEDED:
  case JOB_FAILED:
  case JOB_MODERATED:
  case JOB_CANCELLED:
  case JOB_HELD:
  case JOB_STATE_COUNT:
    break;
  }
}

static void tell_started(struct core *core) {
  struct log_line *line = log_add(core, LOG_INFO, LOG_RUN_STARTED);
  log_number(line, "count", core->rank_count);
  log_number(line, "accounts", core->account_count);
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    if (core->counts[state] > 0)
      log_number(line, job_state_name((enum job_state)state), core->counts[state]);
}

void core_start(struct core *core, time_ms now, struct core_output *output) {
  CHECK(!core->started && core->jobs != NULL && now >= core->now);
  core->started = true;
  core->now = core->started_at = now;
  core->progress_at = now + MINUTE_MS;
  progress_on_end(core); /* from now on */
  core->succeeded_before = core->counts[JOB_SUCCEEDED];
  core->out = output;
  tell_started(core);
  for (int32_t i = 0; i < core->account_count; i++) {
    core->accounts[i].look_at = core->accounts[i].look_asked = TIME_NEVER;
    capacity_start(core, &core->accounts[i]);
    core->accounts[i].rest = WAIT_NONE;
    core->accounts[i].rest_until = 0;
  }
  for (int32_t i = 0; i < core->rank_count; i++) /* finished results first */
    resume_job(core, &core->jobs[core->by_rank[i]]);
  resume_attempts(core);
  moderation_wake(core);
  guard_wake(core);
  accounts_wake(core);
  money_start(core);
  money_wake(core);
  look_wake(core);
  schedule_end(core);
  core_flush(core);
  core_check(core);
  core->out = NULL;
}
