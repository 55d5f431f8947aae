/* Where the helper program is. */
#ifndef MEDIA_LOCATE_H
#define MEDIA_LOCATE_H

#include <stddef.h>

#include "nightshift/error.h"

/* Writes the path of a program that may be run: `given` when not NULL, else nightshift-probe beside
 * the running program, in ../libexec/nightshift from there, or on PATH. ERR_IO when there is none:
 * the text names where it was sought. */
int locate_probe(const char *given, char *path, size_t size, struct error *error);
/* The same for a running program in `directory` and a PATH of `search` (NULL: none). */
int locate_probe_from(const char *directory, const char *search, char *path, size_t size,
                      struct error *error);

#endif
