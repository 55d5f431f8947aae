#include "runtime/hours.h"

#include <string.h>
#include <time.h>

#include "util/check.h"
#include "util/text.h"

#define DAYS 400 /* no run lasts longer */

/* When the clock on the wall shows so many minutes past midnight, `day` days after the day of
 * `now`. On a day that has no such time (clocks are set forward) an hour later or earlier. */
static time_ms on_the_wall(time_ms now, int day, int minutes) {
  time_t seconds = (time_t)(now / SECOND_MS);
  struct tm local;
  CHECK(localtime_r(&seconds, &local) != NULL);
  local.tm_mday += day;
  local.tm_hour = minutes / 60;
  local.tm_min = minutes % 60;
  local.tm_sec = 0;
  local.tm_isdst = -1;
  return (time_ms)mktime(&local) * SECOND_MS;
}

static int minutes_of(const char *text) {
  return ((text[0] - '0') * 10 + (text[1] - '0')) * 60 + (text[3] - '0') * 10 + (text[4] - '0');
}

size_t hours_windows(const char *hours, time_ms now, struct arena *arena,
                     struct time_window **windows) {
  int from = minutes_of(hours), to = minutes_of(hours + strlen("HH:MM-"));
  size_t count = 0;
  tzset();
  *windows = ARENA_NEW_ARRAY(arena, DAYS + 2, struct time_window);
  for (int day = -1; day <= DAYS; day++) {
    struct time_window window = {on_the_wall(now, day, from),
                                 on_the_wall(now, day + (to <= from), to)};
    if (window.until > now && window.until > window.from) (*windows)[count++] = window;
  }
  return count;
}

time_ms hours_until(const char *until, time_ms now) {
  duration_ms duration;
  if (until == NULL) return 0;
  if (text_to_duration(until, &duration)) return now + duration;
  tzset();
  time_ms today = on_the_wall(now, 0, minutes_of(until));
  return today > now ? today : on_the_wall(now, 1, minutes_of(until));
}
