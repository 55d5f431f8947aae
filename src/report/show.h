/* Times, sizes and paths as people on this machine say them. */
#ifndef REPORT_SHOW_H
#define REPORT_SHOW_H

#include "nightshift/types.h"

/* "22:14:05", local. */
void show_clock(time_ms time, char *text, size_t size);
/* "22:14", local; with the day ("Tue 22:14") when that is not the day of `now`. */
void show_hour(time_ms time, time_ms now, char *text, size_t size);
/* "Tue 25 Nov, 22:14", local; whether two times need it to be told apart. */
void show_day(time_ms time, char *text, size_t size);
bool show_days_differ(time_ms a, time_ms b);
/* "Tue 22:14:05", local. */
void show_day_clock(time_ms time, char *text, size_t size);
/* What to add to UTC for local time, and that in words: "CET, UTC+1". */
duration_ms show_offset(time_ms time);
void show_zone(time_ms time, char *text, size_t size);
/* "812 B", "33 kB", "4.2 MB". */
void show_size(int64_t bytes, char *text, size_t size);
/* What people call a batch: its name, or the name of its file. Points into `key`. */
const char *show_name(const char *key);
/* The absolute path as seen from the absolute directory: "out/a.mp4", "../b.mp4". */
struct arena;
const char *show_relative(struct arena *arena, const char *directory, const char *path);
/* The path as seen from the working directory when it lies below; else as it is. Points into
 * `path`. */
const char *show_path(const char *path);

#endif
