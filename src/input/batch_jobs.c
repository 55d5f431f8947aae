/* Every clip of an entry with every voice of it: the jobs' ids, outputs, and whether one is there
 * already. */
#include <stdlib.h>
#include <string.h>

#include "input/batch_parts.h"
#include "input/path.h"
#include "input/shape.h"
#include "util/check.h"
#include "util/plain.h"

/* ---- the same mistake many times in an entry ---- */

static void tally_add(struct tally *tally, struct place place, const char *text) {
  if (tally->count++ == 0) *tally = (struct tally){.count = 1, .text = text, .place = place};
}

static void tally_tell(struct reader *reader, struct tally *tally, bool warning) {
  char more[64] = "";
  if (tally->count == 0) return;
  if (tally->count > 1)
    snprintf(more, sizeof more, " (and %zu more like this here)", tally->count - 1);
  if (warning)
    batch_warning(reader, tally->place, "%s%s", tally->text, more);
  else
    batch_error(reader, tally->place, "%s%s", tally->text, more);
  *tally = (struct tally){0};
}

static void tell_tallies(struct reader *reader) {
  tally_tell(reader, &reader->ids_twice, false);
  tally_tell(reader, &reader->outputs_twice, false);
  tally_tell(reader, &reader->dropped_twice, true);
  tally_tell(reader, &reader->kept_twice, true);
}

/* ---- one job ---- */

/* CLIP of an id: the path without its extension, `/` as `.`; an asset's own name. */
static const char *clip_word(struct reader *reader, const struct source *source) {
  if (source->clip_path == NULL)
    return plain_name(reader->work, shape_asset_name(source->clip_source), '.');
  size_t size = (size_t)(path_extension(source->clip_source) - source->clip_source);
  return plain_name(reader->work, arena_bytes(reader->work, source->clip_source, size), '.');
}

/* {video} of an output: the clip's name without directory and extension. */
static const char *video_word(struct reader *reader, const struct source *source) {
  if (source->clip_path == NULL) return shape_asset_name(source->clip_source);
  const char *name = path_name(source->clip_source);
  return arena_bytes(reader->work, name, (size_t)(path_extension(name) - name));
}

static const char *make_id(struct reader *reader, const struct settings *settings,
                           const struct source *source, const struct voice *voice) {
  const char *voice_word = plain_name(reader->work, voice->name, '_');
  if (settings->id == NULL)
    return ARENA_JOIN(reader->memory, clip_word(reader, source), "-", voice_word);
  bool all = !settings->id_own; /* a prefix from the defaults always needs both */
  bool clip = all || reader->clips_plural, voices = all || settings->voice_count > 1;
  if (!clip && !voices) return settings->id;
  return ARENA_JOIN(reader->memory, settings->id, clip ? "-" : "",
                    clip ? clip_word(reader, source) : "", voices ? "-" : "",
                    voices ? voice_word : "");
}

/* The clip and voice as one key. */
static const char *pair_of(struct reader *reader, const struct source *source,
                           const struct voice *voice) {
  const char *clip = source->clip_path != NULL ? source->clip_path : source->clip_source;
  return ARENA_JOIN(reader->work, clip, "\n", voice->name);
}

/* Whether the clip and voice are listed already, and this one adds nothing. */
static bool is_double(struct reader *reader, const struct settings *settings,
                      const struct source *source, const struct voice *voice, const char *pair) {
  int64_t index;
  if (!map_get(&reader->pairs, pair, &index)) return false;
  const struct batch_job *other = &reader->batch->jobs[index];
  bool here = other->line == reader->entry.line && other->column == reader->entry.column;
  bool dropped = here || (settings->id == NULL && !other->id_given);
  struct tally *tally = dropped ? &reader->dropped_twice : &reader->kept_twice;
  const char *text = "";
  if (tally->count == 0)
    text = arena_printf(reader->scratch, "`%s` with the voice %s is already on line %d: %s",
                        yaml_short(reader->document, source->clip_source), voice->name,
                        (int)other->video_line,
                        dropped ? "it is done once" : "it is done and paid for twice");
  tally_add(tally, source->place, text);
  return dropped;
}

static void claim_id(struct reader *reader, const char *id, const struct source *source) {
  int64_t index;
  if (!map_get(&reader->ids, id, &index)) {
    map_set_kept(&reader->ids, id, (int64_t)reader->batch->job_count);
    return;
  }
  const struct batch_job *other = &reader->batch->jobs[index];
  tally_add(&reader->ids_twice, source->place,
            reader->ids_twice.count > 0
                ? ""
                : arena_printf(reader->scratch,
                               "the id `%s` is also that of the job on line %d, column %d: write "
                               "different ones with `id:`",
                               yaml_short(reader->document, id), (int)other->video_line,
                               (int)other->video_column));
}

static void claim_output(struct reader *reader, const struct batch_job *job,
                         const struct settings *settings, const struct source *source) {
  int64_t index;
  if (!map_get(&reader->outputs, job->output, &index)) {
    map_set_kept(&reader->outputs, job->output, (int64_t)reader->batch->job_count);
    return;
  }
  const struct batch_job *other = &reader->batch->jobs[index];
  const char *below = path_below(reader->batch->directory, job->output);
  tally_add(
      &reader->outputs_twice, settings->output_own ? settings->output_place : source->place,
      reader->outputs_twice.count > 0
          ? ""
          : arena_printf(reader->scratch,
                         "output: `%s` is also that of the job `%s` on line %d: make them differ, "
                         "with {video}, {voice}, {id} or {n}",
                         below != NULL ? below : job->output,
                         yaml_short(reader->document, other->id), (int)other->video_line));
}

static void append(struct reader *reader, const struct batch_job *job) {
  struct batch *batch = reader->batch;
  if (batch->job_count == reader->job_room) {
    reader->job_room = reader->job_room == 0 ? 64 : reader->job_room * 2;
    batch->jobs = realloc(batch->jobs, reader->job_room * sizeof *batch->jobs);
    CHECK(batch->jobs != NULL && "out of memory");
  }
  batch->jobs[batch->job_count++] = *job;
}

/* False when no output can be made: the same mistake awaits every other job of the entry. */
static bool add_job(struct reader *reader, const struct settings *settings,
                    const struct source *source, const struct voice *voice) {
  arena_reset(reader->work);
  const char *pair = pair_of(reader, source, voice);
  if (is_double(reader, settings, source, voice, pair)) return true;
  struct batch_job job = {.number = (int64_t)reader->batch->job_count + 1,
                          .id = make_id(reader, settings, source, voice),
                          .id_given = settings->id != NULL,
                          .clip_path = source->clip_path,
                          .clip_source = source->clip_source,
                          .asset = source->clip_path == NULL ? source->clip_source : NULL,
                          .voice = voice->name,
                          .explore = settings->explore,
                          .priority = settings->priority,
                          .account = settings->account,
                          .reference = settings->reference,
                          .reply_url = settings->reply_url,
                          .line = reader->entry.line,
                          .column = reader->entry.column,
                          .video_line = source->place.line,
                          .video_column = source->place.column,
                          .voice_line = voice->place.line,
                          .voice_column = voice->place.column,
                          .voice_source_text = voice->source_text,
                          .video_source_text = batch_keep_line(reader, source->place.line)};
  struct output_values values = {
      .id = job.id, .video = video_word(reader, source), .voice = job.voice, .number = job.number};
  struct place place = settings->output_place.line > 0 ? settings->output_place : source->place;
  job.output = batch_make_output(reader, settings->output, &values, place);
  if (job.output == NULL) return false;
  claim_id(reader, job.id, source);
  claim_output(reader, &job, settings, source);
  if (job.clip_path != NULL) map_set_kept(&reader->clips, job.clip_path, job.number - 1);
  map_set(&reader->pairs, pair, job.number - 1);
  append(reader, &job);
  return true;
}

/* ---- an entry ---- */

/* A missing clip matters only where a job still must upload it. */
static void tell_fault(struct reader *reader, const struct source *source, size_t first_job,
                       bool broken) {
  const struct batch_options *options = reader->options;
  const struct batch *batch = reader->batch;
  bool needed = options->is_clip_needed == NULL || broken;
  for (size_t i = first_job; i < batch->job_count && !needed; i++)
    needed = options->is_clip_needed(options->context, batch, &batch->jobs[i]);
  if (!needed) return;
  bool home = strncmp(source->clip_source, "~/", 2) == 0;
  batch_error(reader, source->place, "video: `%s`: %s%s",
              yaml_short(reader->document, source->clip_source), source->fault,
              home ? " (`~` is not expanded: write the whole path)" : "");
}

void batch_add_jobs(struct reader *reader, const struct settings *settings) {
  bool good = !settings->broken;
  for (size_t i = 0; i < reader->source_count; i++) {
    const struct source *source = &reader->sources[i];
    size_t first = reader->batch->job_count;
    for (size_t v = 0; v < settings->voice_count && good; v++) {
      if (reader->batch->job_count > reader->jobs_max) break;
      good = add_job(reader, settings, source, &settings->voices[v]);
    }
    if (source->fault != NULL) tell_fault(reader, source, first, !good);
  }
  tell_tallies(reader);
}

void batch_check_outputs(struct reader *reader) {
  const struct batch *batch = reader->batch;
  for (size_t i = 0; i < batch->job_count; i++) {
    const struct batch_job *job = &batch->jobs[i];
    struct place place = {job->video_line, job->video_column};
    int64_t clip;
    if (map_get(&reader->clips, job->output, &clip))
      batch_error(reader, place, "output: the job `%s` would overwrite the clip on line %d",
                  yaml_short(reader->document, job->id), (int)batch->jobs[clip].video_line);
    if (strcmp(job->output, batch->path) == 0)
      batch_error(reader, place, "output: the job `%s` would overwrite the batch file",
                  yaml_short(reader->document, job->id));
  }
}
