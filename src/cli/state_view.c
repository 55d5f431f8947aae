/* Reading the state for commands that only look, and finding a batch in it. */
#include "cli/state_view.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/setup.h"
#include "nightshift/batch.h"

/* A run with --speed is ahead of the world's clock; its state says how far at least. */
static time_ms clock_of(const struct store_snapshot *snapshot) {
  struct timespec real = {0};
  if (clock_gettime(CLOCK_REALTIME, &real) != 0) return snapshot->latest;
  time_ms now = (time_ms)real.tv_sec * SECOND_MS + real.tv_nsec / 1000000;
  return now > snapshot->latest ? now : snapshot->latest;
}

static int load(struct state_view *view, const struct invocation *invocation, bool if_any) {
  struct error error = {0};
  struct store *store = NULL;
  *view = (struct state_view){0};
  int status = setup_state(invocation, view->path);
  if (status != EXIT_DONE) return status;
  int result = store_open(&store, view->path, STORE_READ, &error);
  if (result == 0) {
    result = state_read(store, &view->snapshot, &error);
    store_close(store);
  }
  if (result == ERR_NOT_FOUND && !if_any) {
    complain("there is no state at %s yet: nothing has been run", view->path);
    return EXIT_NOTHING_SUCH;
  }
  if (result != 0 && result != ERR_NOT_FOUND) {
    complain("%s", error.text);
    return exit_of_error(result);
  }
  view->run_at_work = run_lock_is_held(view->path);
  view->now = clock_of(&view->snapshot);
  return EXIT_DONE;
}

int state_view_load(struct state_view *view, const struct invocation *invocation) {
  return load(view, invocation, false);
}

int state_view_load_if_any(struct state_view *view, const struct invocation *invocation) {
  return load(view, invocation, true);
}

void state_view_release(struct state_view *view) {
  store_snapshot_release(&view->snapshot);
}

static const struct batch_record *by_key(const struct store_snapshot *snapshot, const char *key) {
  for (size_t i = 0; i < snapshot->batch_count; i++)
    if (strcmp(snapshot->batches[i].key, key) == 0) return &snapshot->batches[i];
  return NULL;
}

/* The newest batch that was last run from this file. */
static const struct batch_record *by_path(const struct store_snapshot *snapshot, const char *path) {
  for (size_t i = snapshot->batch_count; i-- > 0;) {
    const struct batch_record *batch = &snapshot->batches[i];
    if (batch->path != NULL && strcmp(batch->path, path) == 0) return batch;
  }
  return NULL;
}

/* A file that says who it is: what it says counts, even when nothing of that name was run. */
static bool read_key(const char *argument, const struct store_snapshot *snapshot,
                     const struct batch_record **found) {
  const struct batch_options options = {.allow_absolute_output = true};
  struct diag_list *unheard = diag_new();
  struct batch batch = {0};
  bool read = batch_load(argument, &options, &batch, unheard) == 0;
  if (read) *found = by_key(snapshot, batch.key);
  batch_release(&batch);
  diag_free(unheard);
  return read;
}

/* Also for a file that is gone: its directory may still be there. */
static bool canonical(const char *argument, char path[PATH_MAX]) {
  char copy[PATH_MAX], directory[PATH_MAX];
  if (realpath(argument, path) != NULL) return true;
  if (snprintf(copy, sizeof copy, "%s", argument) >= (int)sizeof copy) return false;
  char *slash = strrchr(copy, '/');
  const char *name = slash != NULL ? slash + 1 : copy;
  if (slash != NULL) *slash = '\0';
  const char *parent = slash == NULL ? "." : slash == copy ? "/" : copy;
  if (realpath(parent, directory) == NULL) return false;
  int length =
      snprintf(path, PATH_MAX, "%s/%s", strcmp(directory, "/") != 0 ? directory : "", name);
  return length < PATH_MAX;
}

const struct batch_record *state_view_find(const struct state_view *view, const char *argument) {
  const struct store_snapshot *snapshot = &view->snapshot;
  const struct batch_record *found = NULL;
  char path[PATH_MAX];
  if (!read_key(argument, snapshot, &found)) {
    bool has_path = canonical(argument, path);
    if (has_path) found = by_key(snapshot, path);
    if (found == NULL && has_path) found = by_path(snapshot, path);
    if (found == NULL) found = by_key(snapshot, argument);
  }
  return found;
}

const struct batch_record *state_view_batch(const struct state_view *view, const char *argument) {
  const struct batch_record *found = state_view_find(view, argument);
  if (found == NULL)
    complain("the state %s has no batch '%s': 'nightshift status' lists them", view->path,
             argument);
  return found;
}
