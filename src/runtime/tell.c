/* What a run logs: where its lines go besides the log, and `run.finished`, its last word. */
#include "runtime/display.h"
#include "runtime/hooks.h"
#include "runtime/notify.h"
#include "runtime/run.h"
#include "runtime/serve.h"

static void keep_last(struct run *run, const struct log_line *line) {
  run->last = *line;
  run->has_last = true;
  for (size_t i = 0; i < line->field_count; i++)
    if (line->fields[i].text != NULL)
      run->last.fields[i].text = arena_printf(&run->arena, "%s", line->fields[i].text);
}

static void write_log(struct run *run, const struct log_line *line) {
  log_sink_write(run->options->log, line);
  hooks_see(run, line);
  serve_on_log(run, line);
  display_on_log(run);
  if (line->event == LOG_PROGRESS) notify_status(run);
}

void run_log(struct run *run, const struct log_line *line) {
  if (line->event == LOG_RUN_FINISHED)
    keep_last(run, line);
  else
    write_log(run, line);
}

/* In place of the core's, which did not get so far. */
static void make_last(struct run *run) {
  struct core_counts counts = core_count(run->core, 0);
  run->last = (struct log_line){.level = LOG_WARN, .event = LOG_RUN_FINISHED};
  log_number(&run->last, "status", run->exit_status);
  log_text(&run->last, "why", run->end_why);
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    if (counts.by_state[state] > 0)
      log_number(&run->last, job_state_name((enum job_state)state), counts.by_state[state]);
}

void run_log_last(struct run *run) {
  if (run->begun == 0 || run->told_last) return;
  if (!run->has_last) make_last(run);
  run->last.time = clock_now(&run->clock); /* the log's time never goes back */
  run->told_last = true;
  write_log(run, &run->last);
}

void run_tell(struct run *run, enum log_level level, enum log_event event, const char *name,
              const char *text) {
  struct log_line line = {.time = clock_now(&run->clock), .level = level, .event = event};
  if (name != NULL) log_text(&line, name, text);
  run_log(run, &line);
}
