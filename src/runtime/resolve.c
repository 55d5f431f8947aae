/* Jobs against what the tokens reach: voices, pinned accounts, and the same voice written in two
 * ways. Part of the intake. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "nightshift/http.h"
#include "runtime/intake.h"
#include "runtime/voices.h"
#include "util/check.h"
#include "util/text.h"

struct resolver {
  struct intake *intake;
  struct intake_batch *entry;
  const struct reach *reach;
  struct map told;   /* faults that were told already */
  struct map chosen; /* "<voice as written>\n<pin>" to the id, as a place in `ids` */
  const char **ids;
  size_t id_count, id_room;
};

static const struct reach_account *find_account(const struct reach *reach, const char *email) {
  for (size_t i = 0; i < reach->account_count; i++)
    if (strcasecmp(reach->accounts[i].email, email) == 0) return &reach->accounts[i];
  return NULL;
}

/* A job that has ended, or that the service has, asks nothing of the accounts any more. */
static bool is_open(const struct resolver *resolver, const struct job_record *record) {
  return core_enroll_needs_clip(intake_stored(resolver->intake, &resolver->entry->batch), record);
}

static void tell_pin(const struct resolver *resolver, const struct batch_job *job) {
  const struct reach *reach = resolver->reach;
  const char **names =
      ARENA_NEW_ARRAY(&resolver->intake->arena, reach->account_count + 1, const char *);
  for (size_t i = 0; i < reach->account_count; i++)
    names[i] = reach->accounts[i].email;
  const char *near = text_nearest(job->account, names, reach->account_count);
  diag_error(resolver->intake->diags, resolver->entry->batch.shown, job->line, job->column, NULL,
             "job %s: no token reaches the account `%s`%s%s%s", job->id, job->account,
             near == NULL ? "" : "; did you mean `", near == NULL ? "" : near,
             near == NULL ? "" : "`?");
}

/* The account as the service spells it. NULL: there is none, or the job is for any. */
static const char *resolve_pin(const struct resolver *resolver, const struct batch_job *job,
                               struct job_record *record) {
  if (job->account == NULL) return NULL;
  const struct reach_account *account = find_account(resolver->reach, job->account);
  if (account != NULL) {
    record->pin = arena_string(&resolver->intake->arena, account->email);
    return record->pin;
  }
  /* It may be behind a token that was refused. */
  if (resolver->reach->tokens_refused == 0 && is_open(resolver, record)) tell_pin(resolver, job);
  return NULL;
}

static void tell_voice(struct resolver *resolver, const struct batch_job *job, const char *fault) {
  if (map_get(&resolver->told, fault, NULL)) return;
  map_set(&resolver->told, fault, 1);
  diag_error(resolver->intake->diags, resolver->entry->batch.shown, job->voice_line,
             job->voice_column, job->voice_source_text, "%s", fault);
}

/* Valid until the next one. */
static const char *wish_key(struct resolver *resolver, const char *voice, const char *pin) {
  arena_reset(&resolver->intake->scratch);
  return ARENA_JOIN(&resolver->intake->scratch, voice, "\n", pin == NULL ? "" : pin);
}

static const char *remember_choice(struct resolver *resolver, const struct voice_wish *wish,
                                   const char *id) {
  if (resolver->id_count == resolver->id_room) {
    resolver->id_room = resolver->id_room == 0 ? 16 : resolver->id_room * 2;
    resolver->ids = realloc(resolver->ids, resolver->id_room * sizeof *resolver->ids);
    CHECK(resolver->ids != NULL && "out of memory");
  }
  map_set(&resolver->chosen, wish_key(resolver, wish->text, wish->pin),
          (int64_t)resolver->id_count);
  resolver->ids[resolver->id_count] = arena_string(&resolver->intake->arena, id);
  return resolver->ids[resolver->id_count++];
}

/* Every account's voices are looked through for one; the jobs of a batch wish for few. NULL: a
 * mistake, told where the job is open. */
static const char *choose_voice(struct resolver *resolver, const struct batch_job *job,
                                struct job_record *record) {
  struct voice_choice choice;
  struct voice_wish wish = {.text = job->voice, .pin = resolve_pin(resolver, job, record)};
  int64_t place;
  if (map_get(&resolver->chosen, wish_key(resolver, wish.text, wish.pin), &place))
    return resolver->ids[place];
  wish.known = intake_known_voice(resolver->intake, resolver->entry->batch.key, job->voice);
  voices_resolve(resolver->reach, &wish, &choice);
  if (choice.id != NULL) return remember_choice(resolver, &wish, choice.id);
  if (is_open(resolver, record)) tell_voice(resolver, job, choice.fault);
  return NULL;
}

static void resolve_job(struct resolver *resolver, const struct batch_job *job,
                        struct job_record *record) {
  const char *id = choose_voice(resolver, job, record);
  if (id == NULL || strcmp(id, record->voice_id) == 0) return;
  record->voice_id = id;
  record->key = intake_job_key(&resolver->intake->arena, job, id);
}

/* ---- one voice in two ways: by its name and by its id ---- */

static bool is_double(struct resolver *resolver, const struct batch_job *job,
                      const struct batch_job *other) {
  bool dropped = !job->id_given && !other->id_given;
  if (strcmp(job->voice, other->voice) == 0) return false; /* told when the file was read */
  diag_warning(resolver->intake->diags, resolver->entry->batch.shown, job->voice_line,
               job->voice_column, job->voice_source_text,
               "`%s` and `%s` are the same voice, and `%s` is already on line %d: %s", job->voice,
               other->voice, job->clip_source, (int)other->video_line,
               dropped ? "it is done once" : "it is done and paid for twice");
  return dropped;
}

static void drop_doubles(struct resolver *resolver) {
  struct intake_batch *entry = resolver->entry;
  struct arena scratch;
  struct map first;
  size_t kept = 0;
  arena_init(&scratch);
  map_init(&first);
  map_reserve(&first, entry->batch.job_count);
  for (size_t i = 0; i < entry->batch.job_count; i++) {
    const struct batch_job *job = &entry->batch.jobs[i];
    const char *work = ARENA_JOIN(&scratch, job->clip_source, "|", entry->jobs[i].voice_id);
    int64_t other;
    if (!map_get(&first, work, &other))
      map_set_kept(&first, work, (int64_t)kept);
    else if (is_double(resolver, job, &entry->batch.jobs[other]))
      continue;
    entry->batch.jobs[kept] = *job;
    entry->jobs[kept++] = entry->jobs[i];
  }
  entry->batch.job_count = kept;
  map_release(&first);
  arena_release(&scratch);
}

/* ---- all of it ---- */

/* A file that is not there is among the mistakes already, where those were told. */
static bool wants_clip(const struct resolver *resolver, size_t place) {
  const struct intake_batch *entry = resolver->entry;
  const char *path = entry->batch.jobs[place].clip_path;
  if (path == NULL) return false;
  if (is_open(resolver, &entry->jobs[place])) return entry->read || access(path, F_OK) == 0;
  return core_enroll_may_be_new(intake_stored(resolver->intake, &entry->batch)) &&
         access(path, F_OK) == 0;
}

static void find_needs(struct resolver *resolver) {
  struct intake_batch *entry = resolver->entry;
  for (size_t i = 0; i < entry->batch.job_count; i++)
    entry->needs_clip[i] = wants_clip(resolver, i);
}

/* A file in the directory of the output; the account's part of the path is not known yet. */
static const char *output_probe(struct resolver *resolver, const struct batch_job *job) {
  const char *account = strstr(job->output, "{account}");
  size_t size = account == NULL ? strlen(job->output) : (size_t)(account - job->output);
  while (size > 0 && job->output[size - 1] != '/')
    size--;
  arena_reset(&resolver->intake->scratch);
  const char *directory = arena_bytes(&resolver->intake->scratch, job->output, size);
  return ARENA_JOIN(&resolver->intake->scratch, directory, "result");
}

/* A directory that cannot take results is told before anything is paid, once for all its jobs. */
static void look_at_outputs(struct resolver *resolver) {
  const struct intake_batch *entry = resolver->entry;
  struct map looked;
  map_init(&looked);
  for (size_t i = 0; i < entry->batch.job_count; i++) {
    const struct batch_job *job = &entry->batch.jobs[i];
    struct error error = {0};
    if (job->output == NULL || !is_open(resolver, &entry->jobs[i])) continue;
    const char *path = output_probe(resolver, job);
    if (map_get(&looked, path, NULL)) continue;
    map_set_kept(&looked, arena_string(&resolver->intake->arena, path), 1);
    if (!http_can_land(entry->batch.directory, path, &error))
      diag_error(resolver->intake->diags, entry->batch.shown, job->line, job->column, NULL,
                 "output: no result can be written there: %s", error.text);
  }
  map_release(&looked);
}

static void resolve_batch(struct resolver *resolver) {
  struct intake_batch *entry = resolver->entry;
  map_init(&resolver->told);
  map_init(&resolver->chosen);
  for (size_t i = 0; i < entry->batch.job_count && resolver->reach != NULL; i++)
    resolve_job(resolver, &entry->batch.jobs[i], &entry->jobs[i]);
  if (resolver->reach != NULL) drop_doubles(resolver);
  find_needs(resolver);
  look_at_outputs(resolver);
  map_release(&resolver->told);
  map_release(&resolver->chosen);
  free(resolver->ids);
}

void intake_resolve(struct intake *intake, const struct reach *reach) {
  for (size_t i = 0; i < intake->batch_count; i++) {
    struct resolver resolver = {.intake = intake, .entry = &intake->batches[i], .reach = reach};
    resolve_batch(&resolver);
  }
}
