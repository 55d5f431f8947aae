/* What every interposed call needs: where it was called from, and the one that it stands before. */
#ifndef SWEEP_NEXT_H
#define SWEEP_NEXT_H

#include <dlfcn.h>

#define CALLER __builtin_return_address(0)

/* `next`: the C library's function of this name, or the sanitizer's before it. */
#define NEXT(type, name)                                                                           \
  static __typeof__(type) *next;                                                                   \
  if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, name)

#endif
