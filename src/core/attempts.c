/* The life of an attempt: written down before its POST leaves, holding a slot of its account until
 * it is known that no task runs. */
#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "util/check.h"
#include "util/text.h"
#include "util/utf8.h"

/* service.md: replyRef holds at most 1,024 characters; batch and job get 300 each when encoded. */
#define REPLY_REF_MAX 1024
#define REF_PART_MAX  300

bool attempt_is_open(const struct attempt *attempt) {
  return attempt->rec.state == ATTEMPT_OPEN || attempt->rec.state == ATTEMPT_UNSURE ||
         attempt->rec.state == ATTEMPT_ACCEPTED;
}

/* Where the list of its account's attempts names it, or would name one more after the last. */
static int32_t *there_link(struct core *core, struct account *account, int32_t place) {
  int32_t *link = &account->first_there;
  while (*link != place && *link != NONE)
    link = &core->attempts[*link].next_there;
  return link;
}

static void hold_slot(struct core *core, struct attempt *attempt) {
  CHECK(!attempt->holds_slot);
  if (attempt->account == NONE) return;
  struct account *account = &core->accounts[attempt->account];
  attempt->holds_slot = true;
  attempt->next_there = NONE;
  *there_link(core, account, NONE) = attempt_place(core, attempt);
  capacity_take(account);
}

static void give_slot(struct core *core, struct attempt *attempt) {
  if (!attempt->holds_slot) return;
  struct account *account = &core->accounts[attempt->account];
  int32_t *link = there_link(core, account, attempt_place(core, attempt));
  CHECK(*link != NONE);
  *link = attempt->next_there;
  attempt->next_there = NONE;
  attempt->holds_slot = false;
  capacity_give(core, account);
}

static void count_undecided(struct core *core, const struct attempt *attempt, int by) {
  if (attempt->account != NONE) core->accounts[attempt->account].undecided += by;
}

static void open_add(struct core *core, struct attempt *attempt) {
  if (attempt->rec.state != ATTEMPT_ACCEPTED) count_undecided(core, attempt, 1);
  GROW(core->open, core->open_count, core->open_room);
  core->open[core->open_count++] = attempt_place(core, attempt);
  hold_slot(core, attempt);
}

static void open_remove(struct core *core, struct attempt *attempt) {
  for (int32_t i = 0; i < core->open_count; i++) {
    if (core->open[i] != attempt_place(core, attempt)) continue;
    memmove(&core->open[i], &core->open[i + 1],
            (size_t)(core->open_count - i - 1) * sizeof core->open[0]);
    core->open_count--;
    break;
  }
  give_slot(core, attempt);
}

static struct attempt *attempt_new(struct core *core) {
  GROW(core->attempts, core->attempt_count, core->attempt_room);
  struct attempt *attempt = &core->attempts[core->attempt_count++];
  *attempt =
      (struct attempt){.job = NONE, .account = NONE, .next_there = NONE, .get_at = TIME_NEVER};
  return attempt;
}

const char *attempt_ref_part(struct core *core, const char *text) {
  char cut[REF_PART_MAX / 3 + 1];
  size_t length = strlen(text), room = sizeof cut - 1;
  const char *from = length > room ? text + (length - room) : text; /* a path's end tells most */
  snprintf(cut, sizeof cut, "%s", from);
  char *encoded = arena_alloc(core->out->arena, strlen(cut) * 3 + 1);
  text_percent_encode(cut, encoded);
  return encoded;
}

/* ns1:<batch>:<job>:<16 hex>: readable by a person, unique in the world by its random part. */
static const char *make_ref(struct core *core, const struct job *job) {
  const char *batch = "";
  for (int32_t i = 0; i < core->batch_count; i++)
    if (core->batches[i].id == job->rec.batch) batch = core->batches[i].key;
  const char *ref = arena_printf(
      core->out->arena, "ns1:%s:%s:%016llx", attempt_ref_part(core, batch),
      attempt_ref_part(core, job->rec.name), (unsigned long long)prng_next(&core->prng));
  return core_keep(core, ref);
}

const char *attempt_full_ref(struct core *core, const struct attempt *attempt) {
  const char *reference = core->jobs[attempt->job].rec.reference, *ours = attempt->rec.reply_ref;
  size_t used = strlen(ours) + 1;
  if (reference == NULL || *reference == '\0' || used >= REPLY_REF_MAX) return ours;
  char *ref = arena_alloc(core->out->arena, used + strlen(reference) + 1);
  memcpy(ref, ours, used - 1);
  ref[used - 1] = ' ';
  for (size_t left = strlen(reference), size; left > 0; left -= size, reference += size) {
    uint32_t code;
    size = utf8_next(reference, left, &code);
    if (used + size > REPLY_REF_MAX) break;
    if (utf8_is_control(code) || code == UTF8_BROKEN)
      ref[used++] = '_';
    else
      for (size_t i = 0; i < size; i++)
        ref[used++] = reference[i];
  }
  ref[used] = '\0';
  return ref;
}

struct attempt *attempt_of_ref(struct core *core, const char *reply_ref) {
  int64_t place;
  if (reply_ref == NULL) return NULL;
  const char *ours = arena_bytes(core->out->arena, reply_ref, strcspn(reply_ref, " "));
  return map_get(&core->by_ref, ours, &place) ? &core->attempts[place] : NULL;
}

static const char *join_anchors(struct core *core, const struct account *account) {
  char text[8 * 260] = "";
  size_t used = 0;
  for (size_t i = 0; i < sizeof account->anchors / sizeof account->anchors[0]; i++) {
    const char *id = account->anchors[i];
    if (id == NULL || strlen(id) > 250) continue;
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used == 0 ? "" : " ", id);
  }
  return used == 0 ? NULL : core_keep(core, text);
}

struct attempt *attempt_add(struct core *core, struct job *job, struct account *account) {
  int32_t place = account_place(core, account);
  const struct upload *upload = job->clip == NONE ? NULL : upload_find(core, job->clip, place);
  struct attempt *attempt = attempt_new(core);
  attempt->job = job_place(core, job);
  attempt->account = place;
  attempt->rec = (struct attempt_record){
      .id = ++core->last_attempt,
      .job = job->rec.id,
      .number = job->rec.attempts + 1,
      .account = account->email,
      .reply_ref = make_ref(core, job),
      .asset_id = upload == NULL ? job->rec.asset : upload->asset_id,
      .asset_name = upload == NULL ? NULL : upload->asset_name,
      .voice_id = voice_there(core, job, account),
      /* `true` never costs credits: where the plan lacks it, the service refuses. */
      .explore = job->rec.explore == EXPLORE_ON ||
                 (job->rec.explore == EXPLORE_AUTO && !account->explore_missing),
      .anchors = join_anchors(core, account),
      .state = ATTEMPT_OPEN,
      .opened = core->now};
  CHECK(attempt->rec.asset_id != NULL && attempt->rec.voice_id != NULL);
  map_set(&core->by_ref, attempt->rec.reply_ref, attempt_place(core, attempt));
  job->attempt = attempt_place(core, attempt);
  open_add(core, attempt);
  money_left(core, attempt);
  attempt_touch(core, attempt);
  return attempt;
}

struct attempt *attempt_adopt(struct core *core, struct job *job, struct account *account,
                              const char *reply_ref) {
  struct attempt *attempt = attempt_new(core);
  attempt->job = job_place(core, job);
  attempt->account = account_place(core, account);
  attempt->rec = (struct attempt_record){
      .id = ++core->last_attempt,
      .job = job->rec.id,
      .number = job->rec.attempts + 1,
      .account = account->email,
      .reply_ref =
          core_keep(core, arena_bytes(core->out->arena, reply_ref, strcspn(reply_ref, " "))),
      .state = ATTEMPT_OPEN,
      .opened = core->now};
  map_set(&core->by_ref, attempt->rec.reply_ref, attempt_place(core, attempt));
  job->attempt = attempt_place(core, attempt);
  open_add(core, attempt);
  attempt_touch(core, attempt);
  return attempt;
}

/* A task that turned up late made an attempt the current one again, whatever came after it. */
static bool has_its_task(const struct core *core, const struct job *job) {
  if (job->attempt == NONE || job->rec.task_id == NULL) return false;
  const char *task_id = core->attempts[job->attempt].rec.task_id;
  return task_id != NULL && strcmp(task_id, job->rec.task_id) == 0;
}

void attempt_restore(struct core *core, const struct attempt_record *record) {
  struct attempt *attempt = attempt_new(core);
  int64_t account = NONE;
  struct job *job = job_by_id(core, record->job);
  if (job == NULL) { /* of a batch long gone: only its task is kept in mind */
    if (record->task_id != NULL) map_set(&core->by_task, record->task_id, core->attempt_count - 1);
  }
  (void)map_get(&core->account_by_email, record->account, &account);
  attempt->rec = *record;
  attempt->rec.account = core_intern(core, record->account);
  attempt->rec.reply_ref = core_keep(core, record->reply_ref);
  attempt->rec.asset_id = core_intern(core, record->asset_id);
  attempt->rec.asset_name = core_intern(core, record->asset_name);
  attempt->rec.voice_id = core_intern(core, record->voice_id);
  attempt->rec.anchors = core_keep(core, record->anchors);
  attempt->rec.task_id = core_keep(core, record->task_id);
  attempt->rec.cause = core_keep(core, record->cause);
  attempt->account = (int32_t)account;
  attempt->job = job == NULL ? NONE : job_place(core, job);
  int32_t place = attempt_place(core, attempt);
  if (record->reply_ref != NULL) map_set(&core->by_ref, attempt->rec.reply_ref, place);
  if (record->asset_name != NULL) map_set(&core->assets, record->asset_name, 1);
  if (record->task_id != NULL) {
    map_set(&core->by_task, record->task_id, place);
    if (account != NONE) core->accounts[account].ever_task = true;
  }
  if (job == NULL) return;
  /* Remembered in case a task of it turns up; its job went on without it. */
  if (record->state == ATTEMPT_REFUSED && !job_state_ended(job->rec.state)) return;
  if (!has_its_task(core, job)) { /* attempts come by id: else the last one is the current one */
    job->attempt = place;
    job->account = (int32_t)account;
  }
  if (attempt_is_open(attempt)) open_add(core, attempt);
}

void attempts_rejoin(struct core *core, int32_t account) {
  for (int32_t i = 0; i < core->attempt_count; i++) {
    struct attempt *attempt = &core->attempts[i];
    if (attempt->account != NONE ||
        strcmp(attempt->rec.account, core->accounts[account].email) != 0)
      continue;
    attempt->account = account; /* one that is over counts for jobs_per_day */
    if (attempt->job == NONE || !attempt_is_open(attempt)) continue;
    if (attempt->rec.state != ATTEMPT_ACCEPTED) count_undecided(core, attempt, 1);
    hold_slot(core, attempt);
    core->jobs[attempt->job].account = account;
  }
}

void attempt_accept(struct core *core, struct attempt *attempt, const char *task_id) {
  bool late = attempt->rec.state == ATTEMPT_ABSENT || attempt->rec.state == ATTEMPT_REFUSED;
  CHECK(attempt->rec.state == ATTEMPT_OPEN || attempt->rec.state == ATTEMPT_UNSURE || late);
  attempt->rec.state = ATTEMPT_ACCEPTED;
  attempt->rec.task_id = core_keep(core, task_id);
  attempt->rec.settled = core->now;
  attempt->accepted = core->now;
  /* Of one that was in doubt it is not known when it began. */
  if (attempt->rec.over == 0) attempt->course.since = core->now;
  core->jobs[attempt->job].accepted = core->now;
  attempt->status = TASK_PENDING;
  map_set(&core->by_task, task_id, attempt_place(core, attempt));
  if (late)
    open_add(core, attempt);
  else
    count_undecided(core, attempt, -1);
  if (attempt->account != NONE) core->accounts[attempt->account].ever_task = true;
  attempt_touch(core, attempt);
}

void attempt_close(struct core *core, struct attempt *attempt, enum attempt_state state,
                   const char *cause) {
  CHECK(attempt_is_open(attempt));
  bool had_task = attempt->rec.state == ATTEMPT_ACCEPTED;
  attempt->rec.state = state;
  attempt->rec.cause = core_keep(core, cause);
  if (!had_task) count_undecided(core, attempt, -1);
  *(had_task ? &attempt->rec.task_ended : &attempt->rec.settled) = core->now;
  attempt_touch(core, attempt);
  open_remove(core, attempt);
  money_ended(core, attempt);
}
