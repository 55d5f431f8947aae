/* Allocations of the program's own code, told by the address that they return to. Those of
 * libraries pass untouched and uncounted. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aim.h"
#include "next.h"

static bool fails(const char *function, const void *caller) {
  if (!aim_is_own(caller)) return false;
  return aim_begin("alloc", function, caller, false).fails;
}

void *malloc(size_t size) {
  NEXT(void *(size_t), "malloc");
  return fails("malloc", CALLER) ? NULL : next(size);
}

void *calloc(size_t count, size_t size) {
  NEXT(void *(size_t, size_t), "calloc");
  return fails("calloc", CALLER) ? NULL : next(count, size);
}

void *realloc(void *old, size_t size) {
  NEXT(void *(void *, size_t), "realloc");
  return fails("realloc", CALLER) ? NULL : next(old, size);
}

char *strdup(const char *text) {
  NEXT(char *(const char *), "strdup");
  return fails("strdup", CALLER) ? NULL : next(text);
}

char *strndup(const char *text, size_t size) {
  NEXT(char *(const char *, size_t), "strndup");
  return fails("strndup", CALLER) ? NULL : next(text, size);
}

FILE *open_memstream(char **text, size_t *size) {
  NEXT(FILE * (char **, size_t *), "open_memstream");
  return fails("memstream", CALLER) ? NULL : next(text, size);
}

int asprintf(char **text, const char *format, ...) {
  va_list more;
  if (fails("asprintf", CALLER)) return -1;
  va_start(more, format);
  int result = vasprintf(text, format, more);
  va_end(more);
  return result;
}

int __asprintf_chk(char **text, int flag, const char *format, ...);
int __asprintf_chk(char **text, int flag, const char *format, ...) {
  va_list more;
  (void)flag;
  if (fails("asprintf", CALLER)) return -1;
  va_start(more, format);
  int result = vasprintf(text, format, more);
  va_end(more);
  return result;
}
