/* Paths as text, without asking the system: joined, without `.`, `..` and doubled slashes. */
#ifndef INPUT_PATH_H
#define INPUT_PATH_H

#include <stdbool.h>

#include "util/arena.h"

/* `a//b/./c/../d` becomes `a/b/d`. A relative path keeps the `..` that lead out of it, an absolute
 * one cannot leave `/`. Nothing left is `.` */
char *path_normalise(struct arena *arena, const char *path);
/* The path, taken from `directory` when it is relative, normalised. */
char *path_resolve(struct arena *arena, const char *directory, const char *path);
/* The part of an absolute path below a directory; NULL when it is not below. */
const char *path_below(const char *directory, const char *path);
bool path_climbs(const char *normalised); /* is `..` or begins with `../` */
/* The last component, and where its extension begins: at the last dot that is not its first sign;
 * at the end when there is none. */
const char *path_name(const char *path);
const char *path_extension(const char *path);

#endif
