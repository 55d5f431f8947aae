#include "runtime/clock.h"

#include <time.h>

#include "util/check.h"

#define NS_PER_MS   INT64_C(1000000)
#define SHORTEST_NS NS_PER_MS
#define LONGEST_NS  (INT64_C(24) * 3600 * 1000 * NS_PER_MS)

static int64_t read_ns(clockid_t id) {
  struct timespec now;
  CHECK(clock_gettime(id, &now) == 0);
  return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

int64_t clock_boot_ns(void) {
  return read_ns(CLOCK_BOOTTIME);
}

void clock_start(struct clock *clock, double speed, time_ms latest) {
  time_ms wall = read_ns(CLOCK_REALTIME) / NS_PER_MS;
  *clock = (struct clock){
      .base = wall > latest ? wall : latest, .boot_base_ns = clock_boot_ns(), .speed = speed};
}

void clock_not_before(struct clock *clock, time_ms latest) {
  time_ms now = clock_now(clock);
  if (latest > now) clock->base += latest - now;
}

static time_ms at_boot_ns(const struct clock *clock, int64_t boot_ns) {
  return clock->base +
         (time_ms)((double)(boot_ns - clock->boot_base_ns) * clock->speed / (double)NS_PER_MS);
}

time_ms clock_now(const struct clock *clock) {
  return at_boot_ns(clock, clock_boot_ns());
}

time_ms clock_from_boot(const struct clock *clock, int64_t boot_ms) {
  return at_boot_ns(clock, boot_ms * NS_PER_MS);
}

int64_t clock_real_ns_until(const struct clock *clock, time_ms at) {
  time_ms now = clock_now(clock);
  if (at <= now) return SHORTEST_NS;
  double wait = (double)(at - now) * (double)NS_PER_MS / clock->speed + (double)NS_PER_MS / 4;
  if (wait > (double)LONGEST_NS) return LONGEST_NS;
  return wait < (double)SHORTEST_NS ? SHORTEST_NS : (int64_t)wait;
}
