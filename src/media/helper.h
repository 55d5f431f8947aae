/* The helper program as a process: started without secrets, asked about one clip at a time, ended.
 * One thread owns it. */
#ifndef MEDIA_HELPER_H
#define MEDIA_HELPER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "nightshift/error.h"
#include "nightshift/probe.h"
#include "nightshift/types.h"

#define STOPPED_TEXT "stopped while looking at clips" /* of ERR_BUSY */

struct helper {
  pid_t process; /* 0: not running */
  int socket;
};

enum helper_end {
  HELPER_ANSWERED,
  HELPER_DIED,   /* ended, or said what is no answer */
  HELPER_HUNG,   /* no answer within the limit */
  HELPER_STOPPED /* *stop was set */
};

/* Starts it and waits for its greeting. ERR_IO when it cannot be run or does not greet, ERR_BUSY
 * when *stop was set. *helper is not running then. */
int helper_start(struct helper *helper, const char *program, const atomic_bool *stop,
                 struct error *error);
bool helper_running(const struct helper *helper);
/* Hands it the open file `clip` and waits for the answer line. Unless HELPER_ANSWERED it is ended
 * by force. */
enum helper_end helper_ask(struct helper *helper, int clip, duration_ms limit_ms,
                           const atomic_bool *stop, char answer[PROBE_ANSWER_MAX]);
/* Ends it, by force when it does not go by itself within 2 s. Returns its wait status, 0 when it
 * was not running. */
int helper_stop(struct helper *helper);

#endif
