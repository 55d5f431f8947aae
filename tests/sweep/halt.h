/* Halting the program around its first paid call: see halt.c. */
#ifndef SWEEP_HALT_H
#define SWEEP_HALT_H

#include <stdbool.h>
#include <stddef.h>

/* Whether these bytes, on their way to the network, are that call; they wait here until SIGCONT. */
bool halt_before(const void *bytes, size_t size);
/* The kernel has them: waits again, if `halted`. Leaves errno alone. */
void halt_after(bool halted);

#endif
