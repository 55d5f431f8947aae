/* The environment without its tokens: they are copied, and overwritten where anybody who may read
 * /proc/PID/environ, or a command that is started, would see them. */
#ifndef CLI_ENVIRONMENT_H
#define CLI_ENVIRONMENT_H

#include <stddef.h>

struct environment {
  struct hidden_variable *hidden;
  size_t count;
};

/* Takes USEAPI_TOKEN, and every variable whose value looks like a token of useapi.net, out of the
 * process's environment. To be called first of all, while there is one thread. */
void environment_hide_tokens(struct environment *environment);
/* The value, hidden or not; NULL: none. `context` is the struct environment (for config_load). */
const char *environment_get(void *context, const char *name);
/* Overwrites the copies too. */
void environment_release(struct environment *environment);

#endif
