/* A program that is started beside the run: nothing of ours but what it is given, watched without
 * waiting, ended when its time is over. */
#ifndef RUNTIME_CHILD_H
#define RUNTIME_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <uv.h>

#define CHILD_SAID_MAX 240 /* of what it writes so much is kept, the rest is thrown away */

struct child_end {
  bool killed;                   /* its time was over */
  int signal;                    /* that ended it otherwise; 0: none */
  int status;                    /* its exit status */
  char said[CHILD_SAID_MAX + 1]; /* its first line on standard output or error, made harmless */
};

struct child_options {
  const char *const *arguments;   /* NULL at the end; the first is looked for in PATH */
  const char *const *environment; /* NULL at the end */
  unsigned limit_ms;              /* real time; 0: none */
  bool holds_input; /* its standard input is a pipe that stays open as long as we live, else
                     * /dev/null */
  /* Called once, from the loop, when it has ended; the child is gone afterwards. */
  void (*on_end)(void *context, const struct child_end *end);
  void *context;
};

struct child;
/* A process group of its own, no signal blocked or ignored, no descriptor but the standard three.
 * 0, or an errno: then on_end is never called. */
int child_start(struct child **child, uv_loop_t *loop, const struct child_options *options);
/* Another limit, from now on. */
void child_limit(struct child *child, unsigned limit_ms);
/* Ends it, with all that is in its group, without a call of on_end; the loop has to run on for what
 * is left of it. NULL does nothing. */
void child_kill(struct child *child);

#endif
