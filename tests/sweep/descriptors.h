/* What a descriptor or a path is to nightshift, by its name: "state", "journal", "lock", "part",
 * "result", "clip", "dir", "input", "net", "unix", "std", "file", or "loop" for what is none of
 * these. The words are compared by address. */
#ifndef SWEEP_DESCRIPTORS_H
#define SWEEP_DESCRIPTORS_H

#include <stdbool.h>

const char *path_kind(const char *path, int flags);
const char *descriptor_kind(int fd);
void descriptor_opened(int fd, const char *kind);
void descriptor_closed(int fd);
void descriptor_written(int fd);
/* Before an fsync: true when it relies on what a failed one of this descriptor did not write.
 * Rolling back, SQLite writes all of it anew and syncs that. */
bool descriptor_sync_is_late(int fd, bool fails);
/* Others can see what is written there. */
bool kind_is_visible(const char *kind);

#endif
