/* Uploads that a person wants deleted: which of them no job needs. Those are forgotten first, so
 * that no job counts on them any more, and only then deleted by the one who asked. */
#include <stdlib.h>
#include <string.h>

#include "core/state.h"
#include "util/buffer.h"
#include "util/check.h"

/* One line of the order: an account and an asset there, with a tab between. */
struct wanted {
  char *account, *asset;
  struct upload *upload; /* NULL: the run does not count on it */
  int32_t clip;          /* its clip; NONE */
  const struct job *needed_by;
};

struct forgetting {
  struct core *core;
  char *text; /* the order, cut into its fields */
  struct wanted *wanted;
  size_t count;
  struct map by_asset;
};

static void read_order(struct forgetting *order, const char *pattern) {
  size_t lines = 1;
  for (const char *at = pattern; *at != '\0'; at++)
    lines += *at == '\n';
  order->text = strdup(pattern);
  order->wanted = calloc(lines, sizeof *order->wanted);
  CHECK(order->text != NULL && order->wanted != NULL && "out of memory");
  map_init(&order->by_asset);
  char *next = order->text;
  for (char *line = strsep(&next, "\n"); line != NULL; line = strsep(&next, "\n")) {
    char *tab = strchr(line, '\t');
    if (tab == NULL) continue;
    *tab = '\0';
    order->wanted[order->count] = (struct wanted){.account = line, .asset = tab + 1, .clip = NONE};
    map_set(&order->by_asset, tab + 1, (int64_t)order->count++);
  }
}

static struct wanted *find(const struct forgetting *order, const char *asset) {
  int64_t place;
  return asset != NULL && map_get(&order->by_asset, asset, &place) ? &order->wanted[place] : NULL;
}

static void find_uploads(struct forgetting *order) {
  struct core *core = order->core;
  for (int32_t clip = 0; clip < core->clip_count; clip++)
    for (int32_t i = 0; i < core->clips[clip].upload_count; i++) {
      struct upload *upload = &core->clips[clip].uploads[i];
      struct wanted *wanted = find(order, upload->asset_id);
      if (upload->state != UPLOAD_READY || wanted == NULL) continue;
      wanted->upload = upload;
      wanted->clip = clip;
    }
}

/* A held job counts as ended, but a task of it may be there. */
static bool may_need(const struct job *job) {
  return !job_state_ended(job->rec.state) || job->rec.state == JOB_HELD;
}

static bool may_have_task(const struct attempt_record *attempt) {
  return attempt->state == ATTEMPT_OPEN || attempt->state == ATTEMPT_UNSURE ||
         attempt->state == ATTEMPT_ACCEPTED || attempt->state == ATTEMPT_HELD;
}

/* Needed is a clip by any job of it that may still be submitted, on whichever account; and an asset
 * by a job that names it, and by a task that may be working on it. */
static void find_needs(struct forgetting *order) {
  const struct core *core = order->core;
  const struct job **of_clip = calloc((size_t)core->clip_count + 1, sizeof *of_clip);
  struct wanted *wanted;
  CHECK(of_clip != NULL && "out of memory");
  for (int32_t i = 0; i < core->job_count; i++) {
    const struct job *job = &core->jobs[i];
    if (!may_need(job)) continue;
    if (job->clip != NONE && of_clip[job->clip] == NULL) of_clip[job->clip] = job;
    if ((wanted = find(order, job->rec.asset)) != NULL) wanted->needed_by = job;
  }
  for (int32_t i = 0; i < core->attempt_count; i++) {
    const struct attempt *attempt = &core->attempts[i];
    if (attempt->job != NONE && may_have_task(&attempt->rec) &&
        (wanted = find(order, attempt->rec.asset_id)) != NULL)
      wanted->needed_by = &core->jobs[attempt->job];
  }
  for (size_t i = 0; i < order->count; i++)
    if (order->wanted[i].needed_by == NULL && order->wanted[i].clip != NONE)
      order->wanted[i].needed_by = of_clip[order->wanted[i].clip];
  free(of_clip);
}

static void answer(struct forgetting *order, const struct wanted *wanted, struct buffer *out) {
  struct core *core = order->core;
  int64_t account;
  bool known = map_get(&core->account_by_email, wanted->account, &account);
  buffer_printf(out, "%s\t", wanted->asset);
  if (wanted->needed_by != NULL) {
    buffer_printf(out, "job %s, which is %s, needs it\n", wanted->needed_by->rec.name,
                  job_state_name(wanted->needed_by->rec.state));
  } else if (!known) {
    buffer_text(out, core->started ? "the run at work does not have its account\n"
                                   : "the state does not know its account\n");
  } else {
    if (wanted->upload != NULL) upload_forget(core, wanted->clip, wanted->upload->account);
    buffer_text(out, CORE_FORGOTTEN "\n");
  }
}

void forget_uploads(struct core *core, const char *pattern, struct buffer *out) {
  struct forgetting order = {.core = core};
  read_order(&order, pattern == NULL ? "" : pattern);
  find_uploads(&order);
  find_needs(&order);
  for (size_t i = 0; i < order.count; i++)
    answer(&order, &order.wanted[i], out);
  map_release(&order.by_asset);
  free(order.wanted);
  free(order.text);
}
