/* The state as commands look at it: copied out whole, so that nothing they do later, such as
 * waiting for a pager, holds up a run. */
#ifndef CLI_STATE_VIEW_H
#define CLI_STATE_VIEW_H

#include <limits.h>

#include "cli/command.h"
#include "nightshift/store.h"

struct state_view {
  char path[PATH_MAX];
  struct store_snapshot snapshot;
  bool run_at_work;
  time_ms now; /* of the state's clock */
};
/* 0; or the exit status, told already: then there is nothing to release. */
int state_view_load(struct state_view *view, const struct invocation *invocation);
/* The same, but where there is no state yet an empty one is shown. */
int state_view_load_if_any(struct state_view *view, const struct invocation *invocation);
void state_view_release(struct state_view *view);

/* The batch that a person means: by the name in the file, the file's canonical path, or the name
 * itself. A file that is broken or gone is no hindrance. NULL: there is none. */
const struct batch_record *state_view_find(const struct state_view *view, const char *argument);
/* The same; that there is none is told. */
const struct batch_record *state_view_batch(const struct state_view *view, const char *argument);

#endif
