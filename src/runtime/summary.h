/* What a run tells at its end. */
#ifndef RUNTIME_SUMMARY_H
#define RUNTIME_SUMMARY_H

#include "runtime/run.h"

/* Asks every account for its credits again, for a few seconds at most; not when the run was stopped
 * by a signal. While the loop and the store's thread are still there. */
void summary_ask(struct run *run, const struct reach *reach);
/* Tells what was done since run->begun, from the state: as a text on a terminal, as log lines
 * elsewhere, with `run.finished` after them. A state that cannot be read any more is passed over:
 * `run.finished` has the counts. The store must have no thread of its own any more. */
void summary_tell(struct run *run, const struct reach *reach, const batch_id *batches,
                  size_t batch_count);

#endif
