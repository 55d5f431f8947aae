/* What happens when an assertion of ours fails. */
#include "util/check.h"

#include <stdlib.h>

static check_handler *installed;

void check_set_handler(check_handler *handler) {
  installed = handler;
}

_Noreturn void check_failed(const char *file, int line, const char *function, const char *what) {
  check_handler *handler = installed;
  installed = NULL; /* a check that fails inside the handler only aborts */
  if (handler != NULL) handler(file, line, function, what);
  abort();
}
