/* The directory of an output, opened so that nobody leads it elsewhere: beneath the batch's
 * directory, through no symbolic link but one that the user has made for outputs. */
#ifndef HTTP_PLACE_H
#define HTTP_PLACE_H

#include <stdbool.h>
#include <stddef.h>

/* "no links" of openat2 in one call, or name by name where the system has no openat2. */
enum place_way { PLACE_BY_SYSTEM, PLACE_BY_NAMES };

struct place {
  int fd;           /* of the directory, to be read and synced; -1: not open */
  const char *name; /* of the file in it; points into the path that was opened */
  int made;         /* directories that were made on the way: their names are to be synced */
  char text[256];   /* why it could not be opened: the path, the fact */
};

/* Opens the directory of `path`, a file's. `base` is the directory that the path may not leave;
 * NULL, or one that the path does not begin with, stands for the root. Missing directories below it
 * are made with the mode `make`, whatever the umask, or PLACE_AS_IS: not made.
 *
 * What the path says literally may not climb (`..`). A link on the way to `base` has to be root's
 * or the user's own; one below `base` the user's own, and so has the directory that it leads to. 0,
 * or an errno with a text. */
#define PLACE_AS_IS (-1)
int place_open(struct place *place, const char *base, const char *path, int make);
int place_open_by(enum place_way way, struct place *place, const char *base, const char *path,
                  int make);
void place_close(struct place *place);

#endif
