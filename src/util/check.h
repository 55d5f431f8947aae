/* Assertions that stay on in release: a fault of our own ends the program at once, with its place,
 * so that nothing is paid for on a wrong belief. Everything of worth is already on disk by then. */
#ifndef UTIL_CHECK_H
#define UTIL_CHECK_H

/* Ends the program when `condition` does not hold: exit status 70 (by check_failed's handler) after
 * a line with the place. */
#define CHECK(condition)                                                                           \
  ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, __func__, #condition))
/* A place that cannot be reached. */
#define CHECK_UNREACHABLE() check_failed(__FILE__, __LINE__, __func__, "unreachable")

_Noreturn void check_failed(const char *file, int line, const char *function, const char *what);

/* Told of a failed check before the program ends: prints what happened and what led to it. The
 * default (NULL) only aborts. Set once, by main. The handler may end the program itself. */
typedef void check_handler(const char *file, int line, const char *function, const char *what);
void check_set_handler(check_handler *handler);

#endif
