/* When a task will end: by what its progress shows, or by how long such tasks take, whichever has
 * been the better guide; and when a look at it is worth its call.
 *
 * A look before a task can have ended finds nothing out but how far it is; one long after leaves a
 * slot idle. So the first look comes just before the earliest end that is likely: by then its
 * progress tells the end to a second or so, and the next look comes then. Without progress, looks
 * follow each other where the end is likely, at the pause where the calls cost as much as the idle
 * slot. */
#include <math.h>

#include "core/state.h"

#define START_MS      (2 * SECOND_MS) /* from acceptance to the first progress, by and large */
#define START_OFF_MS  (2 * SECOND_MS)
#define PERCENT_OFF   0.4 /* percents are rounded down: off by so much, evenly spread */
#define ANCHOR_GAINED 15  /* percent since the first sight that make it the better anchor */
#define ANCHOR_LEAST  3   /* where there is no other */
#define EARLY         1.8 /* spreads before the expected end: the first look */
#define AFTER         0.6 /* spreads after it: the look that shall find it ended */
#define LATE          2.0 /* spreads after it: it takes longer than foreseen */
#define SHARP_MS      (3 * SECOND_MS / 2) /* a spread that a closer look would not mend */
#define LOOK_COST_MS  400.0               /* idle slot time that a look is worth */
#define OFF_MEMORY    0.1                 /* a new value counts so much */
#define OFF_MOST      400.0

/* With two points of its progress the end is on the line through them; how far off that may be
 * follows from how far off the points may be. The acceptance is such a point too. */
static void extrapolate(const struct core *core, struct course *course, int percent) {
  double at = percent + 0.5, gained, anchor_off = PERCENT_OFF;
  duration_ms spent;
  bool sure = course->since != 0 && !course->held;
  if (percent - course->first >= (sure ? ANCHOR_GAINED : ANCHOR_LEAST)) {
    gained = percent - course->first;
    spent = core->now - course->first_at;
  } else if (sure && core->now > course->since + START_MS) {
    gained = at;
    spent = core->now - course->since - START_MS;
    anchor_off = gained * (double)START_OFF_MS / (double)spent;
  } else {
    return;
  }
  if (gained <= 0 || spent <= 0) return;
  double pace = (double)spent / gained, left = 100 - at, reach = left / gained;
  course->end = core->now + (duration_ms)(left * pace);
  course->spread = (duration_ms)(pace * (PERCENT_OFF * (1 + reach) + anchor_off * reach)) + 1;
}

void foresee_sight(const struct core *core, struct course *course, bool throttled, int percent) {
  if (throttled) { /* it has not begun to count */
    course->since = core->now;
    course->held = true;
  }
  course->seen = core->now;
  if (percent <= 0 || percent >= 100) return; /* at nothing it may still wait for its turn */
  bool moved = percent > course->percent;
  if (course->first_at == 0) {
    course->first_at = core->now;
    course->first = percent;
  }
  course->percent = percent;
  if (moved) extrapolate(core, course, percent);
}

struct foresight foresee_by_progress(const struct core *core, const struct course *course) {
  return (struct foresight){.end = course->end,
                            .spread =
                                (duration_ms)((double)course->spread * sqrt(core->progress_off))};
}

struct foresight foresee_end(const struct core *core, const struct attempt *attempt) {
  const struct course *course = &attempt->course;
  struct foresight progress = foresee_by_progress(core, course), usual = {0};
  if (course->since != 0) {
    struct expectation expected = learn_expected(
        core, &core->jobs[attempt->job],
        attempt->account == NONE ? NULL : &core->accounts[attempt->account], attempt->rec.explore);
    if (expected.length > 0)
      usual = (struct foresight){.end = course->since + expected.length, .spread = expected.spread};
  }
  if (usual.end == 0) return progress;
  return progress.end != 0 && progress.spread < usual.spread ? progress : usual;
}

time_ms foresee_ended(struct core *core, const struct course *course) {
  time_ms from = course->seen != 0 ? course->seen : course->since, to = core->now;
  if (from == 0) return to;
  time_ms middle = from + (to - from) / 2;
  if (course->end == 0) return middle;
  duration_ms off = course->end < from ? from - course->end
                    : course->end > to ? course->end - to
                                       : 0;
  double share = (double)off / (double)course->spread;
  double square = share * share > OFF_MOST ? OFF_MOST : share * share;
  /* An end within the time since the last look was foreseen as well as can be told. */
  core->progress_off += OFF_MEMORY * (square - core->progress_off);
  if (core->progress_off < 1) core->progress_off = 1;
  return off == 0 ? course->end : middle;
}

static duration_ms within(const struct core *core, duration_ms pause) {
  if (pause < core->options.poll_low) return core->options.poll_low;
  return pause > core->options.poll_high ? core->options.poll_high : pause;
}

time_ms foresee_look(const struct core *core, const struct course *course,
                     const struct foresight *foresight) {
  time_ms seen = course->seen > course->since ? course->seen : course->since;
  time_ms end = foresight->end;
  double spread = (double)foresight->spread;
  if (seen == 0) return core->now;
  if (end == 0)
    return seen + within(core, course->since == 0 ? core->options.poll_high / 3
                                                  : (seen - course->since) / 2);
  time_ms early = end - (duration_ms)(EARLY * spread), late = end + (duration_ms)(LATE * spread);
  bool sharp = foresight->spread <= SHARP_MS;
  if (sharp && seen < end + (duration_ms)(AFTER * spread))
    return end + (duration_ms)(AFTER * spread);
  if (!sharp && seen < early) return early;
  if (seen < late)
    return seen + within(core, (duration_ms)sqrt(2 * LOOK_COST_MS * (double)(late - seen)));
  return seen + within(core, (seen - end) / 3);
}
