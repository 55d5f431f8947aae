#include "runtime/inhibit.h"

#include <stdlib.h>
#include <unistd.h>

#include "runtime/child.h"
#include "util/arena.h"

/* Only where systemd runs the machine. */
#define BOOTED_BY_SYSTEMD "/run/systemd/seats"

/* Refused (nobody to be asked for a password), or not to be had: the run goes on without. */
static void on_end(void *context, const struct child_end *end) {
  struct run *run = context;
  run->inhibitor = NULL;
  run_tell(run, LOG_DEBUG, LOG_SLEEP, "why",
           end->said[0] != '\0' ? end->said : "the machine may fall asleep: no lock was given");
}

void inhibit_start(struct run *run) {
  static const char *const arguments[] = {"systemd-inhibit",
                                          "--what=sleep",
                                          "--who=nightshift",
                                          "--why=a batch is at work",
                                          "--mode=block",
                                          "cat",
                                          NULL};
  const char *bus = getenv("DBUS_SYSTEM_BUS_ADDRESS");
  const char *environment[] = {"PATH=/usr/bin:/bin", NULL, NULL};
  struct child_options options = {.arguments = arguments,
                                  .environment = environment,
                                  .holds_input = true,
                                  .on_end = on_end,
                                  .context = run};
  if (access(BOOTED_BY_SYSTEMD, F_OK) != 0) return;
  if (bus != NULL) environment[1] = arena_printf(&run->arena, "DBUS_SYSTEM_BUS_ADDRESS=%s", bus);
  (void)child_start(&run->inhibitor, &run->loop,
                    &options); /* without the program: without a lock */
}

void inhibit_stop(struct run *run) {
  child_kill(run->inhibitor);
  run->inhibitor = NULL;
}
