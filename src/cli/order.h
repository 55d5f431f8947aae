/* What retry, cancel, pause and resume have in common: an order for whoever holds the state, and
 * its answer. */
#ifndef CLI_ORDER_H
#define CLI_ORDER_H

#include "cli/command.h"

/* The exit status. `verb` is the command's name. */
int order_run(const struct invocation *invocation, const char *verb);

#endif
