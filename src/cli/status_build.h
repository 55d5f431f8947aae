/* What `status` shows, put together from what is written down. */
#ifndef CLI_STATUS_BUILD_H
#define CLI_STATUS_BUILD_H

#include "nightshift/batch.h"
#include "nightshift/report.h"

struct arena;

struct status_source {
  const struct store_snapshot *snapshot;
  bool run_at_work; /* some process holds the state */
  time_ms now;
};
/* One batch of the snapshot; `jobs`: with its jobs and why they wait. Memory from `arena` and of
 * the snapshot, which must outlive it. */
void status_build(const struct status_source *source, const struct batch_record *batch, bool jobs,
                  struct arena *arena, struct status_batch *status);
/* A batch that was never run, as its file has it: all of it waits. Memory from `arena` and of both.
 */
void status_build_unbegun(const struct status_source *source, const struct batch *batch,
                          struct arena *arena, struct status_batch *status);

#endif
