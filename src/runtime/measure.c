/* Keeping count of calls and commits. */
#include "runtime/measure.h"

#include <uv.h>

#include "runtime/clock.h"
#include "util/check.h"

/* Calls take tenths of seconds, uploads and long lists more; api.timeout is 60 s. */
static const double call_bounds[] = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
/* A commit of a quiet disk is about a millisecond. */
static const double commit_bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                       0.05,   0.1,   0.25,   1,     5};

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

const char *reply_kind_name(enum reply_kind kind) {
#define X(name, text) text,
  static const char *const names[] = {REPLIES(X)};
#undef X
  CHECK(kind >= 0 && kind < REPLY_KIND_COUNT);
  return names[kind];
}

void measure_init(struct measure *measure) {
  uv_timeval64_t now;
  *measure = (struct measure){0};
  CHECK(uv_gettimeofday(&now) == 0);
  measure->started = (double)now.tv_sec + (double)now.tv_usec / 1e6;
  for (int i = 0; i < CALL_COUNT; i++)
    histogram_init(&measure->calls[i], call_bounds, COUNT_OF(call_bounds));
  histogram_init(&measure->commits, commit_bounds, COUNT_OF(commit_bounds));
}

static enum reply_kind kind_of(const struct wire_reply *reply) {
  if (reply->transport != WIRE_REPLIED) return REPLY_NONE;
  if (reply->status == 429) return REPLY_429;
  if (reply->status >= 500) return REPLY_5XX;
  if (reply->status >= 400) return REPLY_4XX;
  return reply->status >= 300 ? REPLY_3XX : REPLY_2XX;
}

void measure_call(struct measure *measure, enum call_kind kind, const struct wire_reply *reply,
                  int64_t begun_boot_ms) {
  measure->replies[kind][kind_of(reply)]++;
  if (reply->transport == WIRE_NOT_SENT) return;
  double took = (double)(clock_boot_ns() / 1000000 - begun_boot_ms) / 1000;
  histogram_add(&measure->calls[kind], took > 0 ? took : 0);
}

void measure_commit_begun(struct measure *measure) {
  measure->commit_began_ns = uv_hrtime();
}

void measure_commit_done(struct measure *measure) {
  histogram_add(&measure->commits, (double)(uv_hrtime() - measure->commit_began_ns) / 1e9);
}
