/* How long tasks take, learned per account and mode: a line (base and per second of clip) through
 * what was seen, and the spread around it. What an account does not know yet is taken from all
 * together. */
#include <math.h>

#include "core/state.h"
#include "util/check.h"

#define MEMORY      40.0 /* tasks: older ones count less and less */
#define FEW         4.0  /* an account with so many knows as much as all the others tell of it */
#define CLIP_S      10.0 /* a usual clip, */
#define CLIP_SPREAD 16.0 /* and the square of how its length differs, in seconds */
#define LINE_DOUBT  2.0  /* tasks that speak for half base, half per second */
#define OFF_USUAL   0.15 /* before anything was seen */
#define OFF_DOUBT   4.0
#define OFF_LEAST   0.02

struct line {
  double base, per_second; /* seconds */
};

static struct line fit(const struct pace *pace) {
  double x = pace->x / pace->n, y = pace->y / pace->n;
  double var = pace->xx / pace->n - x * x, cov = pace->xy / pace->n - x * y;
  double doubt = LINE_DOUBT * CLIP_SPREAD, usual = y / x / 2;
  double slope = (pace->n * cov + doubt * usual) / (pace->n * var + doubt);
  if (slope < 0) slope = 0;
  if (slope > y / x) slope = y / x;
  return (struct line){.base = y - slope * x, .per_second = slope};
}

static double spread_of(const struct pace *pace) {
  double off = (OFF_DOUBT * OFF_USUAL * OFF_USUAL + pace->off) / (OFF_DOUBT + pace->n);
  double spread = sqrt(off);
  return spread < OFF_LEAST ? OFF_LEAST : spread;
}

duration_ms learn_clip(const struct job *job) {
  return job->rec.clip_ms > 0 ? job->rec.clip_ms : (duration_ms)(CLIP_S * SECOND_MS);
}

static double clip_seconds(const struct job *job) {
  return (double)learn_clip(job) / SECOND_MS;
}

static double length_by(const struct pace *pace, double clip_s) {
  struct line line = fit(pace);
  return line.base + line.per_second * clip_s;
}

struct expectation learn_expected(const struct core *core, const struct job *job,
                                  const struct account *account, bool explore) {
  const struct pace *all = &core->pace[explore];
  const struct pace *own = account == NULL ? all : &account->pace[explore];
  if (all->n == 0) return (struct expectation){0};
  double share = own->n / (own->n + FEW), clip_s = clip_seconds(job);
  double length = length_by(all, clip_s), spread = spread_of(all);
  if (own->n > 0) {
    length = share * length_by(own, clip_s) + (1 - share) * length;
    spread = share * spread_of(own) + (1 - share) * spread;
  }
  return (struct expectation){.length = (duration_ms)(length * SECOND_MS),
                              .spread = (duration_ms)(length * spread * SECOND_MS)};
}

duration_ms learn_total(const struct core *core, bool explore, int64_t count, duration_ms clips) {
  const struct pace *all = &core->pace[explore];
  if (all->n == 0) return 0;
  struct line line = fit(all);
  return (duration_ms)(line.base * SECOND_MS * (double)count + line.per_second * (double)clips);
}

static void scale(struct pace *pace, double by) {
  pace->n *= by;
  pace->x *= by;
  pace->y *= by;
  pace->xx *= by;
  pace->xy *= by;
  pace->off *= by;
}

static void add(struct pace *pace, double clip_s, double task_s, double expected_s) {
  if (pace->n > MEMORY - 1) scale(pace, (MEMORY - 1) / pace->n);
  double off = expected_s > 0 ? (task_s - expected_s) / expected_s : OFF_USUAL;
  pace->n += 1;
  pace->x += clip_s;
  pace->y += task_s;
  pace->xx += clip_s * clip_s;
  pace->xy += clip_s * task_s;
  pace->off += off * off;
}

void learn_ended(struct core *core, const struct attempt *attempt, time_ms ended) {
  const struct job *job = &core->jobs[attempt->job];
  if (attempt->course.since == 0 || ended <= attempt->course.since || job->rec.clip_ms <= 0 ||
      attempt->account == NONE)
    return;
  struct account *account = &core->accounts[attempt->account];
  bool explore = attempt->rec.explore;
  double task_s = (double)(ended - attempt->course.since) / SECOND_MS, clip_s = clip_seconds(job);
  double expected_s = (double)learn_expected(core, job, account, explore).length / SECOND_MS;
  add(&core->pace[explore], clip_s, task_s, expected_s);
  add(&account->pace[explore], clip_s, task_s, expected_s);
  account_save(core, account);
}

/* The sums that give this line again, as if from so many tasks of usual clips. */
static struct pace from_line(double base_ms, double per_second_ms, int32_t spread_permille,
                             int32_t count) {
  double n = count > MEMORY ? MEMORY : count, per_second = per_second_ms / SECOND_MS;
  double y = base_ms / SECOND_MS + per_second * CLIP_S, spread = spread_permille / 1000.0;
  double xx = CLIP_S * CLIP_S + CLIP_SPREAD;
  double off = (OFF_DOUBT + n) * spread * spread - OFF_DOUBT * OFF_USUAL * OFF_USUAL;
  /* What doubt will take from the slope is added beforehand. */
  double doubt = LINE_DOUBT * CLIP_SPREAD, usual = y / CLIP_S / 2;
  double cov = per_second * CLIP_SPREAD + (per_second - usual) * doubt / n;
  return (struct pace){.n = n,
                       .x = n * CLIP_S,
                       .y = n * y,
                       .xx = n * xx,
                       .xy = n * (cov + CLIP_S * y),
                       .off = off > 0 ? off : 0};
}

static void join(struct pace *all, const struct pace *own) {
  all->n += own->n;
  all->x += own->x;
  all->y += own->y;
  all->xx += own->xx;
  all->xy += own->xy;
  all->off += own->off;
}

static void load(struct core *core, struct account *account, bool explore, struct pace pace) {
  account->pace[explore] = pace;
  join(&core->pace[explore], &pace);
}

void learn_load(struct core *core, struct account *account, const struct account_record *record) {
  if (record->task_count > 0 && record->task_base_ms + record->task_per_second_ms > 0)
    load(core, account, false,
         from_line((double)record->task_base_ms, (double)record->task_per_second_ms,
                   record->task_spread_permille, record->task_count));
  if (record->explore_count > 0 && record->explore_base_ms + record->explore_per_second_ms > 0)
    load(core, account, true,
         from_line((double)record->explore_base_ms, (double)record->explore_per_second_ms,
                   record->explore_spread_permille, record->explore_count));
}

void learn_save(const struct account *account, struct account_record *record) {
  const struct pace *pace = account->pace;
  if (pace[0].n > 0) {
    struct line line = fit(&pace[0]);
    record->task_base_ms = (int64_t)lround(line.base * SECOND_MS);
    record->task_per_second_ms = (int64_t)lround(line.per_second * SECOND_MS);
    record->task_spread_permille = (int32_t)lround(spread_of(&pace[0]) * 1000);
    record->task_count = (int32_t)lround(pace[0].n);
  }
  if (pace[1].n > 0) {
    struct line line = fit(&pace[1]);
    record->explore_base_ms = (int64_t)lround(line.base * SECOND_MS);
    record->explore_per_second_ms = (int64_t)lround(line.per_second * SECOND_MS);
    record->explore_spread_permille = (int32_t)lround(spread_of(&pace[1]) * 1000);
    record->explore_count = (int32_t)lround(pace[1].n);
  }
}
