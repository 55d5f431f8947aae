/* The steps of publishing that a test takes one by one. All names are of one directory. */
#ifndef HTTP_PUBLISH_H
#define HTTP_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

/* Renames without replacing; 0 or an errno, EEXIST when `to` is there. */
int rename_exclusive(int directory, const char *from, const char *to);
/* For filesystems without RENAME_NOREPLACE: by a second name, else by looking first. */
int rename_exclusive_by_link(int directory, const char *from, const char *to);
int rename_exclusive_by_look(int directory, const char *from, const char *to);

/* NAME.new.EXT for number 1, NAME.new2.EXT …; false when it does not fit. */
bool publish_other_name(const char *path, int number, char *other, size_t size);

#endif
