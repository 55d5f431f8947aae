/* The printed names of states, outcomes, calls and events, made from their one list each. */
#include <string.h>

#include "nightshift/account.h"
#include "nightshift/call.h"
#include "nightshift/job.h"
#include "nightshift/log.h"
#include "nightshift/outcome.h"
#include "nightshift/record.h"
#include "util/check.h"

static const char *name_at(const char *const *names, int count, int index) {
  CHECK(index >= 0 && index < count);
  return names[index];
}

static bool index_of(const char *const *names, int count, const char *text, int *index) {
  for (int i = 0; i < count; i++) {
    if (strcmp(names[i], text) != 0) continue;
    *index = i;
    return true;
  }
  return false;
}

#define X(name, text, ended) text,
static const char *const job_names[] = {JOB_STATES(X)};
#undef X
#define X(name, text) text,
static const char *const account_names[] = {ACCOUNT_STATES(X)};
static const char *const attempt_names[] = {ATTEMPT_STATES(X)};
static const char *const outcome_names[] = {OUTCOMES(X)};
static const char *const call_names[] = {CALLS(X)};
static const char *const event_names[] = {LOG_EVENTS(X)};
#undef X
static const char *const explore_names[] = {"false", "true", "auto"};
static const char *const level_names[] = {"debug", "info", "warn", "error"};

const char *job_state_name(enum job_state state) {
  return name_at(job_names, JOB_STATE_COUNT, (int)state);
}
bool job_state_parse(const char *text, enum job_state *state) {
  int index;
  if (!index_of(job_names, JOB_STATE_COUNT, text, &index)) return false;
  *state = (enum job_state)index;
  return true;
}

const char *account_state_name(enum account_state state) {
  return name_at(account_names, ACCOUNT_STATE_COUNT, (int)state);
}
bool account_state_parse(const char *text, enum account_state *state) {
  int index;
  if (!index_of(account_names, ACCOUNT_STATE_COUNT, text, &index)) return false;
  *state = (enum account_state)index;
  return true;
}

const char *attempt_state_name(enum attempt_state state) {
  return name_at(attempt_names, ATTEMPT_STATE_COUNT, (int)state);
}
bool attempt_state_parse(const char *text, enum attempt_state *state) {
  int index;
  if (!index_of(attempt_names, ATTEMPT_STATE_COUNT, text, &index)) return false;
  *state = (enum attempt_state)index;
  return true;
}

const char *explore_mode_name(enum explore_mode mode) {
  return name_at(explore_names, 3, (int)mode);
}
bool explore_mode_parse(const char *text, enum explore_mode *mode) {
  int index;
  if (!index_of(explore_names, 3, text, &index)) return false;
  *mode = (enum explore_mode)index;
  return true;
}

const char *outcome_name(enum outcome_kind kind) {
  return name_at(outcome_names, OUTCOME_COUNT, (int)kind);
}
const char *call_name(enum call_kind kind) {
  return name_at(call_names, CALL_COUNT, (int)kind);
}
const char *log_event_name(enum log_event event) {
  return name_at(event_names, LOG_EVENT_COUNT, (int)event);
}
const char *log_level_name(enum log_level level) {
  return name_at(level_names, 4, (int)level);
}

bool task_status_in_flight(enum task_status status) {
  switch (status) {
  case TASK_PENDING:
  case TASK_THROTTLED:
  case TASK_RUNNING:
  case TASK_UNKNOWN:
    return true;
  case TASK_SUCCEEDED:
  case TASK_FAILED:
  case TASK_CANCELLED:
    return false;
  }
  CHECK_UNREACHABLE();
}

static void add_field(struct log_line *line, const char *name, const char *text, int64_t number) {
  if (line->field_count == LOG_FIELDS_MAX) return;
  line->fields[line->field_count++] =
      (struct log_field){.name = name, .text = text, .number = number};
}

void log_text(struct log_line *line, const char *name, const char *text) {
  if (text != NULL) add_field(line, name, text, 0);
}
void log_number(struct log_line *line, const char *name, int64_t number) {
  add_field(line, name, NULL, number);
}
