/* What a run keeps count of besides what its core knows: how long calls and commits take. Real
 * time.
 */
#ifndef RUNTIME_MEASURE_H
#define RUNTIME_MEASURE_H

#include "nightshift/call.h"
#include "nightshift/wire.h"
#include "util/histogram.h"

/* Of what kind a reply was: 429 says something of its own, and some calls get none. */
#define REPLIES(X)                                                                                 \
  X(REPLY_2XX, "2xx")                                                                              \
  X(REPLY_3XX, "3xx")                                                                              \
  X(REPLY_4XX, "4xx")                                                                              \
  X(REPLY_429, "429")                                                                              \
  X(REPLY_5XX, "5xx")                                                                              \
  X(REPLY_NONE, "none")

enum reply_kind {
#define X(name, text) name,
  REPLIES(X)
#undef X
      REPLY_KIND_COUNT
};
const char *reply_kind_name(enum reply_kind kind);

struct measure {
  double started; /* the process: seconds since the epoch */
  struct histogram calls[CALL_COUNT];
  int64_t replies[CALL_COUNT][REPLY_KIND_COUNT];
  struct histogram commits;
  uint64_t commit_began_ns;
  int64_t unreadable; /* callbacks of which nothing could be read */
};

void measure_init(struct measure *measure);
/* A call that was handed to the network then has ended. One that never left has no duration. */
void measure_call(struct measure *measure, enum call_kind kind, const struct wire_reply *reply,
                  int64_t begun_boot_ms);
void measure_commit_begun(struct measure *measure);
void measure_commit_done(struct measure *measure);

#endif
