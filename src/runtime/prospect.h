/* From what prepare found out to a night that the simulator can let pass. */
#ifndef RUNTIME_PROSPECT_H
#define RUNTIME_PROSPECT_H

#include "nightshift/forecast.h"
#include "runtime/run.h"

/* `reach` NULL: the service was not asked. Memory from `arena`; nothing of `run` or `reach` is
 * needed afterwards. */
void prospect_make(const struct run *run, const struct reach *reach, struct arena *arena,
                   struct prospect *night);

#endif
