/* Local times, round sizes and short paths, for people only. */
#include "report/show.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool local(time_ms time, struct tm *parts) {
  time_t seconds = (time_t)(time / SECOND_MS);
  return localtime_r(&seconds, parts) != NULL;
}

void show_clock(time_ms time, char *text, size_t size) {
  struct tm parts;
  if (!local(time, &parts) || strftime(text, size, "%H:%M:%S", &parts) == 0)
    snprintf(text, size, "??:??:??");
}

void show_hour(time_ms time, time_ms now, char *text, size_t size) {
  struct tm parts, today;
  if (!local(time, &parts) || !local(now, &today)) {
    snprintf(text, size, "??:??");
    return;
  }
  bool same = parts.tm_yday == today.tm_yday && parts.tm_year == today.tm_year;
  if (strftime(text, size, same ? "%H:%M" : "%a %H:%M", &parts) == 0) snprintf(text, size, "??:??");
}

void show_size(int64_t bytes, char *text, size_t size) {
  static const char *const units[] = {"kB", "MB", "GB", "TB"};
  double value = (double)bytes / 1000;
  size_t unit = 0;
  if (bytes < 1000) {
    snprintf(text, size, "%lld B", (long long)bytes);
    return;
  }
  while (value >= 999.5 && unit + 1 < sizeof units / sizeof units[0]) {
    value /= 1000;
    unit++;
  }
  snprintf(text, size, "%.*f %s", value < 9.95 ? 1 : 0, value, units[unit]);
}

const char *show_path(const char *path) {
  char here[PATH_MAX];
  if (path[0] != '/' || getcwd(here, sizeof here) == NULL) return path;
  size_t length = strlen(here);
  if (length <= 1 || strncmp(path, here, length) != 0 || path[length] != '/') return path;
  return path[length + 1] != '\0' ? path + length + 1 : path;
}
