/* What happens in the world, told: to the trace and to the watcher. */
#include <stdio.h>
#include <string.h>

#include "sim/world_parts.h"

/* ---- the trace ---- */

/* Milliseconds since the start instead of the time of day; times inside a line likewise. */
static void trace_field(struct world *world, const struct log_field *field) {
  bool is_time = strcmp(field->name, "until") == 0 || strcmp(field->name, "eta") == 0;
  if (field->text == NULL)
    buffer_printf(
        &world->trace, " %s=%lld", field->name,
        (long long)(is_time ? field->number - world->ahead - world->start : field->number));
  else if (strchr(field->text, ' ') != NULL)
    buffer_printf(&world->trace, " %s=\"%s\"", field->name, field->text);
  else
    buffer_printf(&world->trace, " %s=%s", field->name, field->text);
}

static void trace_time(struct world *world, time_ms time) {
  duration_ms at = time - world->start;
  buffer_printf(&world->trace, "%7lld.%03llds ", (long long)(at / 1000), (long long)(at % 1000));
}

static void trace_line(struct world *world, const struct log_line *line) {
  if (world->options.lean || (line->level == LOG_DEBUG && !world->options.trace_debug)) return;
  trace_time(world, line->time - world->ahead);
  buffer_text(&world->trace, log_event_name(line->event));
  for (size_t i = 0; i < line->field_count; i++)
    trace_field(world, &line->fields[i]);
  buffer_text(&world->trace, "\n");
}

/* ---- the watcher ---- */

static void tell(struct world *world, struct world_moment *moment, const struct buffer *words) {
  moment->at = world->now - world->start;
  moment->words = buffer_string(words);
  if (world->options.watcher != NULL && world->options.watcher(world->options.context, moment))
    world->paused = true;
}

static const char *field_of(const struct log_line *line, const char *name) {
  for (size_t i = 0; i < line->field_count; i++)
    if (strcmp(line->fields[i].name, name) == 0) return line->fields[i].text;
  return NULL;
}

void tell_line(struct world *world, const struct log_line *line) {
  struct world_moment moment = {.kind = WORLD_LOGGED, .line = line};
  struct buffer words;
  const char *subject = field_of(line, "job");
  if (subject == NULL) subject = field_of(line, "account");
  trace_line(world, line);
  if (world->options.watcher == NULL) return;
  buffer_init(&words, 4096);
  buffer_printf(&words, "log %s%s%s", log_event_name(line->event), subject == NULL ? "" : " ",
                subject == NULL ? "" : subject);
  tell(world, &moment, &words);
  buffer_release(&words);
}

static void add_record(struct buffer *words, const struct record *record) {
  if (record->kind == RECORD_JOB_STATE)
    buffer_printf(words, " job=%s%s", job_state_name(record->as.job.state),
                  record->as.job.result_bytes >= 0 ? "+part" : "");
  else if (record->kind == RECORD_ATTEMPT)
    buffer_printf(words, " attempt=%s", attempt_state_name(record->as.attempt.state));
  else if (record->kind == RECORD_UPLOAD)
    buffer_text(words, " upload");
}

void tell_commit(struct world *world, enum world_moment_kind kind,
                 const struct core_output *output) {
  struct world_moment moment = {
      .kind = kind, .records = output->records, .record_count = output->record_count};
  struct buffer words;
  if (world->options.watcher == NULL) return;
  buffer_init(&words, (size_t)1 << 20);
  buffer_text(&words, kind == WORLD_COMMITTING ? "committing" : "committed");
  for (size_t i = 0; i < output->record_count; i++)
    add_record(&words, &output->records[i]);
  tell(world, &moment, &words);
  buffer_release(&words);
}

static void tell_call(struct world *world, struct world_moment *moment) {
  const struct call *call = moment->call;
  const struct answer *answer = moment->answer;
  struct buffer words;
  if (world->options.watcher == NULL) return;
  buffer_init(&words, 4096);
  buffer_printf(&words, "%s %s", answer == NULL ? "sent" : "answered", call_name(call->kind));
  if (call->email != NULL) buffer_printf(&words, " %s", call->email);
  if (answer != NULL) buffer_printf(&words, " %s", outcome_name(answer->outcome.kind));
  tell(world, moment, &words);
  buffer_release(&words);
}

void tell_sent(struct world *world, const struct call *call, const struct wire_request *bytes) {
  tell_call(world, &(struct world_moment){.kind = WORLD_SENT, .call = call, .bytes = bytes});
}

void tell_answered(struct world *world, const struct call *call, const struct answer *answer,
                   const struct wire_reply *reply) {
  tell_call(world, &(struct world_moment){
                       .kind = WORLD_ANSWERED, .call = call, .answer = answer, .reply = reply});
}

void tell_file(struct world *world, const char *what, job_id job, const char *url) {
  struct world_moment moment = {.kind = WORLD_SENT, .job = job, .url = url};
  struct buffer words;
  if (world->options.watcher == NULL) return;
  buffer_init(&words, 4096);
  buffer_printf(&words, "sent %s %s", what, world->options.jobs[job - 1].name);
  tell(world, &moment, &words);
  buffer_release(&words);
}

void tell_fate(struct world *world, enum world_moment_kind kind, const char *what) {
  struct world_moment moment = {.kind = kind};
  struct buffer words;
  trace_time(world, world->now);
  buffer_printf(&world->trace, "(%s)\n", what);
  buffer_init(&words, 4096);
  buffer_text(&words, what);
  tell(world, &moment, &words);
  buffer_release(&words);
}

void world_note(struct world *world, const char *words) {
  tell_fate(world, WORLD_FATE, words);
}
