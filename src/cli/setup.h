/* What commands need before they begin: the config, the state's path, the log. */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include <limits.h>

#include "cli/command.h"
#include "nightshift/runtime.h"

/* For run and check. */
struct setup {
  struct config config;
  struct diag_list *diags;
  bool failed; /* diags has errors */
  char state[PATH_MAX];
  const char *api_url;
  const char *listen;   /* "": nothing is served */
  char public_url[970]; /* without a trailing slash; the path of callbacks follows it */
  struct log_sink *log;
  void *invocation;       /* for reading the config again; not changed */
  struct run_options run; /* of all the above and the command line */
};
/* Reads the config and the rest; mistakes go to diags, so that those of the batches can be told
 * with them. False: told already, *status is the exit status, and setup_release has been called. */
bool setup_begin(struct setup *setup, const struct invocation *invocation, bool token_needed,
                 int *status);
void setup_release(struct setup *setup);

/* For commands that only look at the state: 0, or the exit status, told already. */
int setup_state(const struct invocation *invocation, char path[PATH_MAX]);

#endif
