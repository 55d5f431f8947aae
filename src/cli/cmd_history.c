/* `history BATCH.yaml JOB` */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "cli/state_view.h"
#include "util/buffer.h"
#include "util/plain.h"

#define TEXT_BYTES_MAX ((size_t)64 * 1024 * 1024)

/* The job of that very id, else all that the glob matches. */
static bool is_meant(const struct job_record *job, const char *pattern, bool exactly) {
  return exactly ? strcmp(job->name, pattern) == 0 : fnmatch(pattern, job->name, 0) == 0;
}

static void put_event(struct buffer *out, const struct event_record *event) {
  char when[32];
  struct tm parts;
  time_t seconds = (time_t)(event->time / SECOND_MS);
  if (localtime_r(&seconds, &parts) == NULL ||
      strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &parts) == 0)
    snprintf(when, sizeof when, "?");
  buffer_printf(out, "%s  %-17s", when, log_event_name(event->event));
  if (event->account != NULL) {
    buffer_text(out, "  ");
    plain_text(out, event->account);
  }
  if (event->text != NULL && event->text[0] != '\0') {
    buffer_text(out, "  ");
    plain_text(out, event->text);
  }
  buffer_text(out, "\n");
}

static int put_job(struct store *store, const struct job_record *job, struct buffer *out,
                   struct error *error) {
  struct store_history history;
  int result = store_load_history(store, job->id, &history, error);
  if (result != 0) return result;
  plain_text(out, job->name);
  buffer_printf(out, ": %s\n", job_state_name(job->state));
  for (size_t i = 0; i < history.count; i++)
    put_event(out, &history.events[i]);
  if (history.count == 0) buffer_text(out, "nothing has happened to it yet\n");
  store_history_release(&history);
  return 0;
}

static size_t put_meant(const struct state_view *view, struct store *store, batch_id batch,
                        const char *pattern, bool exactly, struct buffer *out, int *result,
                        struct error *error) {
  size_t found = 0;
  for (size_t i = 0; i < view->snapshot.job_count && *result == 0; i++) {
    const struct job_record *job = &view->snapshot.jobs[i];
    if (job->batch != batch || !is_meant(job, pattern, exactly)) continue;
    if (found++ > 0) buffer_text(out, "\n");
    *result = put_job(store, job, out, error);
  }
  return found;
}

/* All is read before the first line is printed: see state_view.h. */
static int collect(const struct state_view *view, const struct batch_record *batch,
                   const char *pattern, struct buffer *out) {
  struct error error = {0};
  struct store *store = NULL;
  int result = store_open(&store, view->path, STORE_READ, &error);
  if (result == 0) {
    size_t found = put_meant(view, store, batch->id, pattern, true, out, &result, &error);
    if (found == 0) found = put_meant(view, store, batch->id, pattern, false, out, &result, &error);
    store_close(store);
    if (found == 0) result = error_set(&error, ERR_NOT_FOUND, "the batch has no job '%s'", pattern);
  }
  if (result != 0) complain("%s", error.text);
  return exit_of_error(result);
}

static int run_history(const struct invocation *invocation) {
  struct state_view view;
  struct buffer out;
  int status = state_view_load(&view, invocation);
  if (status != EXIT_DONE) return status;
  buffer_init(&out, TEXT_BYTES_MAX);
  const struct batch_record *batch = state_view_batch(&view, invocation->options.args[0]);
  status =
      batch != NULL ? collect(&view, batch, invocation->options.args[1], &out) : EXIT_NOTHING_SUCH;
  state_view_release(&view);
  (void)fwrite(buffer_string(&out), 1, out.length, stdout); /* finish_stdout tells a failure */
  buffer_release(&out);
  return finish_stdout(status);
}

const struct command command_history = {
    .name = "history",
    .args = "BATCH.yaml JOB",
    .summary = "everything that happened to one job",
    .examples = "  nightshift history spring.yaml clips.hello-Maya\n"
                "  nightshift history spring.yaml 'clips.scene-*'\n",
    .help = "JOB is a job's id, or a glob: 'scene-12-*'. Times are local.\n",
    .args_least = 2,
    .args_most = 2,
    .run = run_history,
};
