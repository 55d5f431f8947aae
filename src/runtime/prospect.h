/* From what prepare found out to a night that the simulator can let pass. */
#ifndef RUNTIME_PROSPECT_H
#define RUNTIME_PROSPECT_H

#include "nightshift/forecast.h"
#include "runtime/run.h"

/* The batches read, the service asked, nothing written: what can be looked ahead at. */
struct outlook {
  struct run run;
  struct reach reach;
  bool reached; /* the service was asked */
};
/* 0; or the exit status, told already. outlook_end in any case; *outlook stays where it is. */
int outlook_begin(struct outlook *outlook, const struct run_options *options);
void outlook_end(struct outlook *outlook);

/* `reach` NULL: the service was not asked. Memory from `arena`; nothing of `run` or `reach` is
 * needed afterwards. */
void prospect_make(const struct run *run, const struct reach *reach, struct arena *arena,
                   struct prospect *night);

#endif
