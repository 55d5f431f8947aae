/* Local times, round sizes and short paths, for people only. */
#include "report/show.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/arena.h"

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

void show_day(time_ms time, char *text, size_t size) {
  struct tm parts;
  if (!local(time, &parts) || strftime(text, size, "%a %d %b, %H:%M", &parts) == 0)
    snprintf(text, size, "?");
}

void show_day_clock(time_ms time, char *text, size_t size) {
  struct tm parts;
  if (!local(time, &parts) || strftime(text, size, "%a %H:%M:%S", &parts) == 0)
    snprintf(text, size, "?");
}

bool show_days_differ(time_ms a, time_ms b) {
  struct tm one, other;
  if (!local(a, &one) || !local(b, &other)) return true;
  return one.tm_yday != other.tm_yday || one.tm_year != other.tm_year;
}

duration_ms show_offset(time_ms time) {
  struct tm parts;
  return local(time, &parts) ? parts.tm_gmtoff * SECOND_MS : 0;
}

void show_zone(time_ms time, char *text, size_t size) {
  struct tm parts;
  long minutes = (long)(show_offset(time) / MINUTE_MS), whole = minutes < 0 ? -minutes : minutes;
  const char *name = local(time, &parts) && parts.tm_zone != NULL ? parts.tm_zone : "UTC";
  if (minutes == 0)
    snprintf(text, size, "%s", strcmp(name, "GMT") == 0 ? name : "UTC");
  else
    snprintf(text, size, "%s, UTC%c%ld:%02ld", name, minutes < 0 ? '-' : '+', whole / 60,
             whole % 60);
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

const char *show_name(const char *key) {
  const char *slash = strrchr(key, '/');
  return slash != NULL && slash[1] != '\0' ? slash + 1 : key;
}

/* How much of both is the same directories, up to and with a slash. */
static size_t common(const char *directory, const char *path) {
  size_t at = 0, last = 0;
  while (directory[at] != '\0' && directory[at] == path[at]) {
    at++;
    if (directory[at - 1] == '/') last = at;
  }
  if (directory[at] == '\0' && path[at] == '/') last = at + 1;
  return last;
}

const char *show_relative(struct arena *arena, const char *directory, const char *path) {
  size_t same = common(directory, path);
  if (same == 0) return path;
  const char *up = "", *rest = path + same;
  for (const char *at = directory + (same <= strlen(directory) ? same : strlen(directory));
       *at != '\0';) {
    up = arena_printf(arena, "%s../", up);
    at += strcspn(at, "/");
    if (*at == '/') at++;
  }
  return arena_printf(arena, "%s%s", up, rest);
}

const char *show_path(const char *path) {
  char here[PATH_MAX];
  if (path[0] != '/' || getcwd(here, sizeof here) == NULL) return path;
  size_t length = strlen(here);
  if (length <= 1 || strncmp(path, here, length) != 0 || path[length] != '/') return path;
  return path[length + 1] != '\0' ? path + length + 1 : path;
}
