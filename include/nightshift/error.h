/* The world failed us: what a function fills in when it returns a negative ERR_* code.
 *
 * A caller's `struct error` is untouched on success. The text names the thing, the fact and, where
 * there is one, the remedy; it is a whole sentence without a final period and never holds a secret.
 * A refusal by the service is not an error but an outcome (outcome.h); a fault of our own aborts
 * (util/check.h). */
#ifndef NIGHTSHIFT_ERROR_H
#define NIGHTSHIFT_ERROR_H

enum {
  ERR_USAGE = -1,   /* what the person typed or wrote is wrong: exit 2 */
  ERR_IO = -2,      /* a file, a socket or the system refused */
  ERR_NOMEM = -3,   /* no memory */
  ERR_BUSY = -4,    /* held by another process */
  ERR_DAMAGED = -5, /* the state is not what we wrote */
  ERR_NEWER = -6,   /* the state was written by a newer version */
  ERR_NOT_FOUND = -7,
  ERR_FULL = -8,   /* no room left on the device */
  ERR_LIMIT = -9,  /* beyond a stated limit */
  ERR_OLDER = -10, /* the state was written by an older version, and only reading was asked for */
  ERR_AWAY =
      -11, /* the state's server cannot be reached or does not answer: it may be back later */
  ERR_TAKEN = -12 /* another process has taken over the state */
};

struct error {
  int code;
  char text[768];
};

/* Fills `error` (which may be NULL) and returns `code`, so that a failing function can end with
 * `return error_set(error, ERR_IO, "...")`. Text beyond the buffer is cut. */
int error_set(struct error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
