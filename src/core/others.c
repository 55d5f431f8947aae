/* Tasks of others on an account, by hand or by other programs: they hold slots as ours do, and when
 * one ends there is room. Followed by their progress, which lists show as they show ours. */
#include <string.h>

#include "core/state.h"

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

void others_see(struct core *core, struct account *account, const struct task_view *task) {
  struct other *other = other_for(account, hash(task->task_id));
  if (other == NULL) return;
  other->listed = true;
  other->throttled = task->status == TASK_THROTTLED;
  foresee_sight(core, &other->course, other->throttled, task->progress_percent);
}

void others_end(struct account *account) {
  for (int i = account->others_count; i-- > 0;)
    if (!account->others_seen[i].listed)
      account->others_seen[i] = account->others_seen[--account->others_count];
}

time_ms others_look(const struct core *core, const struct account *account) {
  time_ms at = TIME_NEVER;
  for (int i = 0; i < account->others_count; i++) {
    const struct other *other = &account->others_seen[i];
    if (other->throttled) continue;
    struct foresight foresight = foresee_by_progress(core, &other->course);
    time_ms look = foresee_look(core, &other->course, &foresight);
    if (look < at) at = look;
  }
  return at;
}
