/* Times, sizes and paths as people on this machine say them. */
#ifndef REPORT_SHOW_H
#define REPORT_SHOW_H

#include "nightshift/types.h"

/* "22:14:05", local. */
void show_clock(time_ms time, char *text, size_t size);
/* "22:14", local; with the day ("Tue 22:14") when that is not the day of `now`. */
void show_hour(time_ms time, time_ms now, char *text, size_t size);
/* "812 B", "33 kB", "4.2 MB". */
void show_size(int64_t bytes, char *text, size_t size);
/* The path as seen from the working directory when it lies below; else as it is. Points into
 * `path`. */
const char *show_path(const char *path);

#endif
