/* What a scenario expects beside its trace: so that a trace written anew without a look cannot hide
 * a broken promise. */
#include <stdio.h>
#include <string.h>

#include "support/scn.h"

static const char *word(const struct scn_line *line, size_t at) {
  return at < line->count ? line->words[at] : NULL;
}

static bool is(const char *a, const char *b) {
  return a != NULL && strcmp(a, b) == 0;
}

/* [at most|at least] N, beginning at word `at`. */
static void compare(struct scn_night *night, const struct scn_line *line, size_t at,
                    int64_t actual) {
  bool most = is(word(line, at), "at") && is(word(line, at + 1), "most");
  bool least = is(word(line, at), "at") && is(word(line, at + 1), "least");
  int64_t wanted = scn_number(night->file, line, word(line, most || least ? at + 2 : at));
  bool good = most ? actual <= wanted : least ? actual >= wanted : actual == wanted;
  if (!good) scn_fail(night, line, "it is %lld", (long long)actual);
}

static struct sim_totals totals_of(const struct scn_night *night) {
  return sim_service_totals(world_service(night->world));
}

static void expect_exit(struct scn_night *night, const struct scn_line *line) {
  if (night->status != scn_number(night->file, line, word(line, 2)))
    scn_fail(night, line, "the exit status is %d", night->status);
}

static void expect_state(struct scn_night *night, const struct scn_line *line) {
  size_t job = scn_job(night->file, line, word(line, 2));
  const char *state = job_state_name(world_job_record(night->world, job)->state);
  if (!is(word(line, 3), state)) scn_fail(night, line, "it is %s", state);
}

static void expect_attempts(struct scn_night *night, const struct scn_line *line) {
  size_t job = scn_job(night->file, line, word(line, 2));
  compare(night, line, 3, world_job_record(night->world, job)->attempts);
}

static void expect_on(struct scn_night *night, const struct scn_line *line) {
  size_t job = scn_job(night->file, line, word(line, 2));
  const char *account = world_job_record(night->world, job)->account;
  if (!is(account, scn_email(&night->arena, word(line, 3))))
    scn_fail(night, line, "it is on %s", account == NULL ? "none" : account);
}

static void expect_error(struct scn_night *night, const struct scn_line *line) {
  size_t job = scn_job(night->file, line, word(line, 2));
  const char *error = world_job_record(night->world, job)->error;
  if (error == NULL || strstr(error, word(line, 3)) == NULL)
    scn_fail(night, line, "it is \"%s\"", error == NULL ? "" : error);
}

static void expect_why(struct scn_night *night, const struct scn_line *line) {
  struct wait wait = world_job_why(night->world, scn_job(night->file, line, word(line, 2)));
  char text[300];
  wait_describe(&wait, text, sizeof text);
  if (strstr(text, word(line, 3)) == NULL) scn_fail(night, line, "it is \"%s\"", text);
}

static void expect_account(struct scn_night *night, const struct scn_line *line) {
  const struct core *core = world_core(night->world);
  const char *email = scn_email(&night->arena, word(line, 2));
  for (size_t i = 0; i < core_account_count(core); i++) {
    struct core_account_view view =
        core_account_at(core, (account_index)i, world_now(night->world));
    if (!is(view.email, email)) continue;
    if (!is(word(line, 3), account_state_name(view.state)))
      scn_fail(night, line, "it is %s", account_state_name(view.state));
    return;
  }
  scn_fail(night, line, "it is not there");
}

static void expect_duplicates(struct scn_night *night, const struct scn_line *line) {
  night->duplicates_told = true;
  compare(night, line, 2, totals_of(night).duplicates);
}

static void expect_accepted(struct scn_night *night, const struct scn_line *line) {
  compare(night, line, 2, totals_of(night).accepted);
}

static void expect_429s(struct scn_night *night, const struct scn_line *line) {
  struct sim_totals totals = totals_of(night);
  compare(night, line, 2, totals.refused_queue + totals.refused_runway);
}

static void expect_uploads(struct scn_night *night, const struct scn_line *line) {
  compare(night, line, 2, totals_of(night).uploads);
}

/* calls CALL [EMAIL] [of JOB] [between A and B] [at most|at least] N */
static void expect_calls(struct scn_night *night, const struct scn_line *line) {
  const char *email = NULL, *job = NULL;
  duration_ms from = 0, to = TIME_NEVER;
  size_t at = 3;
  const char *next = word(line, at);
  bool named = next != NULL && !is(next, "of") && !is(next, "between") && !is(next, "at") &&
               (next[0] < '0' || next[0] > '9');
  if (named) email = scn_email(&night->arena, line->words[at++]);
  if (is(word(line, at), "of")) {
    job = word(line, at + 1);
    at += 2;
  }
  if (is(word(line, at), "between")) {
    from = scn_time(night->file, line, word(line, at + 1));
    to = scn_time(night->file, line, word(line, at + 3));
    at += 4;
  }
  int64_t count = 0;
  for (size_t i = 0; i < night->call_count; i++) {
    const struct scn_call *call = &night->calls[i];
    count += is(word(line, 2), call_name(call->kind)) &&
             (email == NULL || is(call->email, email)) && (job == NULL || is(call->job, job)) &&
             call->at >= from && call->at <= to;
  }
  compare(night, line, at, count);
}

/* order JOB JOB …: as they were submitted, others in between left out. */
static void expect_order(struct scn_night *night, const struct scn_line *line) {
  const char *at = buffer_string(&night->order);
  for (size_t i = 2; i < line->count; i++) {
    const char *name = arena_printf(&night->arena, "%s ", line->words[i]);
    while (at != NULL && strncmp(at, name, strlen(name)) != 0) {
      at = strchr(at, ' ');
      if (at != NULL) at++;
      if (at != NULL && *at == '\0') at = NULL;
    }
    if (at == NULL) {
      scn_fail(night, line, "it is %s", buffer_string(&night->order));
      return;
    }
    at += strlen(name);
  }
}

/* log TEXT [at most|at least] N: lines of the trace that hold it. */
static void expect_log(struct scn_night *night, const struct scn_line *line) {
  int64_t count = 0;
  const char *at = buffer_string(&night->trace.text);
  while ((at = strstr(at, word(line, 2))) != NULL) {
    count++;
    at = strchr(at, '\n');
    if (at == NULL) break;
  }
  compare(night, line, 3, count);
}

static void expect_published(struct scn_night *night, const struct scn_line *line) {
  compare(night, line, 3, world_published(night->world, scn_job(night->file, line, word(line, 2))));
}

static void expect_part(struct scn_night *night, const struct scn_line *line) {
  bool lies = world_part_lies(night->world, scn_job(night->file, line, word(line, 2)));
  if (lies != is(word(line, 3), "there"))
    scn_fail(night, line, "it is %sthere", lies ? "" : "not ");
}

/* now at most TIME | now at least TIME */
static void expect_now(struct scn_night *night, const struct scn_line *line) {
  duration_ms now = world_now(night->world), wanted = scn_time(night->file, line, word(line, 4));
  bool good = is(word(line, 3), "most") ? now <= wanted : now >= wanted;
  if (!good) scn_fail(night, line, "it is %lld ms", (long long)now);
}

/* answer STATUS TEXT: to the last order. */
static void expect_answer(struct scn_night *night, const struct scn_line *line) {
  int status;
  const char *text = world_answer(night->world, &status);
  if (status != scn_number(night->file, line, word(line, 2)) || strstr(text, word(line, 3)) == NULL)
    scn_fail(night, line, "it is %d \"%s\"", status, text);
}

static const struct {
  const char *name;
  void (*expect)(struct scn_night *night, const struct scn_line *line);
  size_t words;
} expectations[] = {{"exit", expect_exit, 3},           {"state", expect_state, 4},
                    {"attempts", expect_attempts, 4},   {"on", expect_on, 4},
                    {"error", expect_error, 4},         {"why", expect_why, 4},
                    {"account", expect_account, 4},     {"duplicates", expect_duplicates, 3},
                    {"accepted", expect_accepted, 3},   {"429s", expect_429s, 3},
                    {"uploads", expect_uploads, 3},     {"calls", expect_calls, 4},
                    {"order", expect_order, 4},         {"log", expect_log, 4},
                    {"published", expect_published, 4}, {"part", expect_part, 4},
                    {"answer", expect_answer, 4},       {"now", expect_now, 5}};

void scn_expect(struct scn_night *night, const struct scn_line *line) {
  for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
    if (is(word(line, 1), expectations[i].name) && line->count >= expectations[i].words) {
      expectations[i].expect(night, line);
      return;
    }
  scn_mistake(night->file, line, "nothing can be expected so");
}

/* What no story may break without saying so. */
void scn_expect_always(struct scn_night *night) {
  struct sim_totals totals = totals_of(night);
  if (!night->duplicates_told && totals.duplicates != 0)
    scn_fail(night, NULL, "%lld jobs were paid for twice", (long long)totals.duplicates);
  if (!night->duplicates_told && totals.refs_twice != 0)
    scn_fail(night, NULL, "a reference was accepted twice");
  if (totals.most_in_flight > 0) scn_fail(night, NULL, "more in flight than maxJobs allows");
  for (size_t i = 0; i < night->file->job_count; i++)
    if (world_published(night->world, i) > 1)
      scn_fail(night, NULL, "%s was published twice", night->file->jobs[i].name);
}
