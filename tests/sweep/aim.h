/* What one run is to suffer: a kill at its n-th visible effect, or a call that fails. The driver
 * says it in the environment:
 *
 *   SWEEP_TABLE=FILE                 counts every call by what, whereto and wherefrom, as text
 *   SWEEP_KILL=N before|half|after   SIGKILL around the N-th effect that others can see
 *   SWEEP_FAIL=WHAT WHERETO WHEREFROM N ERROR once|on   the N-th such call fails, or all from it
 * on; a `*` fits anything
 *
 * Only the program itself is touched, not the helpers that it starts. */
#ifndef SWEEP_AIM_H
#define SWEEP_AIM_H

#include <stdbool.h>
#include <stdint.h>

struct aimed {
  bool fails;   /* do not carry it out: errno is set */
  bool by_half; /* carry out the first half */
  bool kills;   /* once it is carried out */
};

/* Before a call. `effect`: others can see it, so it counts for SWEEP_KILL. */
struct aimed aim_begin(const char *what, const char *whereto, const void *wherefrom, bool effect);
/* After it. Leaves errno alone. */
void aim_end(const struct aimed *aimed);

/* The same call was made again on a descriptor whose fsync had failed. */
void aim_tell_retried(void);

bool aim_is_active(void);
/* Whether the code at this address is the program's own and no library's. */
bool aim_is_own(const void *address);

#endif
