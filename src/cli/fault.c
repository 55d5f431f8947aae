/* What is said when a check of our own fails. All that was paid for is on disk by then. */
#include "cli/fault.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "nightshift/report.h"
#include "util/check.h"

static const struct log_sink *recent; /* a failed check has no caller to hand it over */

/* A lack of memory shows itself at a check, but is nothing to report. */
static void tell_memory(const char *file, int line, const char *function, const char *what) {
  dprintf(STDERR_FILENO,
          "nightshift " NIGHTSHIFT_VERSION ": no memory left (at %s:%d, in %s: %s)\n"
          "What is done and paid for is written down: run the same command again to go on.\n",
          file, line, function, what);
  _exit(EXIT_FAULT);
}

static void tell(const char *file, int line, const char *function, const char *what) {
  if (errno == ENOMEM) tell_memory(file, line, function, what);
  dprintf(STDERR_FILENO,
          "nightshift " NIGHTSHIFT_VERSION ": a fault of its own at %s:%d, in %s: %s\n"
          "What is done and paid for is written down: run the same command again to go on. If it "
          "comes\nback, report the line above%s\n",
          file, line, function, what, recent != NULL ? " with these:" : ".");
  if (recent != NULL) log_sink_print_recent(recent, STDERR_FILENO);
  _exit(EXIT_FAULT);
}

void fault_install(void) {
  check_set_handler(tell);
}

void fault_set_log(const struct log_sink *log) {
  recent = log;
}
