/* Tasks of others on an account, by hand or by other programs: they hold slots as ours do, and when
 * one ends there is room. Followed by their progress, which lists show as they show ours. */
#include <string.h>

#include "core/hint.h"
#include "core/state.h"

#define LENGTH_USUAL_MS (2 * MINUTE_MS)
#define LENGTH_MEMORY   8
#define SPARING_MS      (5 * SECOND_MS)
#define GAINED_LEAST    10 /* percent between two sights that tell how long it takes */

static uint64_t hash(const char *text) { /* FNV-1a */
  uint64_t value = UINT64_C(0xcbf29ce484222325);
  for (; *text != '\0'; text++)
    value = (value ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
  return value;
}

void others_begin(struct account *account) {
  for (int i = 0; i < account->others_count; i++)
    account->others_seen[i].listed = false;
}

static struct other *other_for(struct account *account, uint64_t task) {
  for (int i = 0; i < account->others_count; i++)
    if (account->others_seen[i].task == task) return &account->others_seen[i];
  if (account->others_count == OTHERS_MOST) return NULL;
  struct other *other = &account->others_seen[account->others_count++];
  *other = (struct other){.task = task};
  return other;
}

/* How long it takes on the whole, once its progress tells. */
static void learn_length(struct core *core, struct other *other) {
  const struct course *course = &other->course;
  if (course->end == 0 || course->percent - course->first < GAINED_LEAST || other->learned) return;
  other->learned = true;
  duration_ms length = (course->seen - course->first_at) * 100 / (course->percent - course->first);
  core->others_ms += core->others_ms == 0 ? length : (length - core->others_ms) / LENGTH_MEMORY;
}

void others_see(struct core *core, struct account *account, const struct task_view *task) {
  struct other *other = other_for(account, hash(task->task_id));
  if (other == NULL) return;
  other->listed = true;
  other->throttled = task->status == TASK_THROTTLED;
  if (other->since == 0) other->since = core->now;
  foresee_sight(core, &other->course, other->throttled, task->progress_percent);
  learn_length(core, other);
}

void others_end(struct account *account) {
  for (int i = account->others_count; i-- > 0;)
    if (!account->others_seen[i].listed)
      account->others_seen[i] = account->others_seen[--account->others_count];
}

/* Until it was seen twice nothing tells how long it will take: as long as others did. A look when
 * half of the rest has passed tells the end well. */
static time_ms second_sight(const struct core *core, const struct other *other) {
  duration_ms length = core->others_ms > 0 ? core->others_ms : LENGTH_USUAL_MS;
  const struct course *course = &other->course;
  if (course->first_at == 0) return other->since + length / 2;
  return course->first_at + length * (100 - course->first) / 100 / 2;
}

static time_ms look_at(const struct core *core, const struct other *other) {
  struct foresight foresight = foresee_by_progress(core, &other->course);
  time_ms surely = foresight.end + foresight.spread;
  /* Where callbacks tell the rest, one look when it has ended does. */
  if (foresight.end != 0 && hint_work(core) && foresight.spread <= SPARING_MS &&
      other->course.seen < surely)
    return surely;
  if (foresight.end != 0) return foresee_look(core, &other->course, &foresight);
  time_ms second = second_sight(core, other), seen = other->course.seen;
  return second > seen ? second : seen + core->options.poll_high / 3;
}

time_ms others_look(const struct core *core, const struct account *account) {
  time_ms at = TIME_NEVER;
  for (int i = 0; i < account->others_count; i++) {
    const struct other *other = &account->others_seen[i];
    if (other->throttled) continue;
    time_ms look = look_at(core, other);
    if (look < at) at = look;
  }
  return at;
}
