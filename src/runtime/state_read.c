/* Reading a state that something is to go on from: also what the store cannot judge is looked at.
 */
#include "nightshift/core.h"
#include "nightshift/runtime.h"
#include "nightshift/store.h"

int state_read(struct store *store, struct store_snapshot *snapshot, struct error *error) {
  int result = store_load(store, snapshot, error);
  if (result != 0) return result;
  const char *fault = core_load_fault(snapshot);
  if (fault == NULL) return 0;
  store_snapshot_release(snapshot);
  return error_set(error, ERR_DAMAGED,
                   "the state does not fit together (%s), it may have been written to by something "
                   "else: nothing was sent; put back a copy of it, or name another --state",
                   fault);
}
