/* The scheduler in virtual time: how near each night comes to the best that could be had, what it
 * costs in calls, how soon all slots are used again after something changed; beside it what people
 * write for themselves. All from seeds; the same figures on every machine, but for the growth. */
#include <stdio.h>
#include <string.h>

#include "tests/bench/scheduler.h"
#include "util/text.h"

#define SEEDS_MOST 10000

const struct player players[] = {{"shipped", shipped_play},
                                 {"callbacks", callbacks_play},
                                 {"threads", threads_play},
                                 {"blind", blind_play}};
const size_t player_count = sizeof players / sizeof players[0];

struct asked {
  int64_t seeds, one, jobs, accounts;
  const char *who, *only, *page_path;
  bool record, full;
};
static struct asked asked = {.seeds = 60, .one = -1};
static struct record_page *page;
static bool complained;

/* ---- many seeds of one kind ---- */

struct sum {
  int64_t seeds;
  double over_bound, worst;
  uint64_t worst_seed;
  double refused, status_calls, requests, idle[IDLE_COUNT];
  int64_t paid_twice, not_done, full, never_full, minute_calls, minute_refused;
  int64_t most_minute_calls;
  duration_ms full_after, longest_full;
  int64_t steps;
  double core_s;
};

static void add(struct sum *sum, const struct score *score, uint64_t seed) {
  sum->seeds++;
  sum->over_bound += score->over_bound;
  if (score->over_bound > sum->worst) {
    sum->worst = score->over_bound;
    sum->worst_seed = seed;
  }
  sum->refused += score->refused;
  sum->status_calls += score->status_calls;
  sum->requests += score->requests;
  for (int i = 0; i < IDLE_COUNT; i++)
    sum->idle[i] += score->idle[i];
  sum->paid_twice += score->paid_twice;
  sum->not_done += score->not_done;
  sum->full += score->full_after >= 0;
  sum->never_full += score->full_after < 0;
  if (score->full_after >= 0) sum->full_after += score->full_after;
  if (score->full_after > sum->longest_full) sum->longest_full = score->full_after;
  sum->minute_calls += score->minute_calls;
  sum->minute_refused += score->minute_refused;
  if (score->minute_calls > sum->most_minute_calls) sum->most_minute_calls = score->minute_calls;
  sum->steps += score->steps;
  sum->core_s += score->core_s;
}

static struct sum play_seeds(const struct player *player, struct night_order order, int64_t seeds) {
  struct sum sum = {0};
  int64_t from = asked.one >= 0 ? asked.one : 1;
  if (asked.one >= 0) seeds = 1;
  for (int64_t seed = from; seed < from + seeds; seed++) {
    struct night night;
    struct score score = {0};
    order.seed = (uint64_t)seed;
    night_init(&night, &order);
    player->play(&night, &score);
    add(&sum, &score, order.seed);
    night_release(&night);
  }
  return sum;
}

/* ---- rows ---- */

/* Beside what was recorded, or into the record. */
static void tell(const char *key, const char *row) {
  const char *recorded = page == NULL ? NULL : page_row(page, key);
  printf("%s\n", row);
  if (asked.record && !page_replace(page, key, row)) {
    fprintf(stderr, "%s has no row %s ...: write one there, its other cells do not matter\n",
            asked.page_path, key);
    complained = true;
  } else if (!asked.record && recorded != NULL && strcmp(recorded, row) != 0) {
    printf("%*s\n", (int)strlen(recorded) + 4, recorded);
  }
  (void)fflush(stdout);
}

static bool wanted(const char *what, const char *only) {
  return only == NULL || strcmp(what, only) == 0;
}

/* ---- nights ---- */

static void tell_night(const struct player *player, const struct night_order *order,
                       const struct sum *sum) {
  char key[100], row[600];
  double seeds = (double)sum->seeds;
  int used = 0;
  snprintf(key, sizeof key, "| %-9s | %2lld | %5lld |", player->name, (long long)order->accounts,
           (long long)order->jobs);
  used = snprintf(row, sizeof row, "%s %2lld | %.3f | %.3f (%llu) | %5.2f | %5.2f | %6.2f |", key,
                  (long long)sum->seeds, sum->over_bound / seeds, sum->worst,
                  (unsigned long long)sum->worst_seed, sum->refused / seeds,
                  sum->status_calls / seeds, sum->requests / seeds);
  for (int i = 0; i < IDLE_COUNT; i++)
    used += snprintf(row + used, sizeof row - (size_t)used, " %4.1f |", 100 * sum->idle[i] / seeds);
  tell(key, row);
  if (sum->paid_twice == 0 && sum->not_done == 0) return;
  printf("  %lld jobs paid for twice, %lld not done\n", (long long)sum->paid_twice,
         (long long)sum->not_done);
  complained = true;
}

static const int64_t all_jobs[] = {120, 600, 10000}, all_accounts[] = {6, 20};

struct growth {
  int64_t accounts, jobs;
  double steps, step_us, job_us; /* per job, per step, per job */
};
static struct growth growths[8];
static size_t growth_count;

static void note_growth(const struct night_order *order, const struct sum *sum) {
  double jobs = (double)(order->jobs * sum->seeds);
  if (growth_count == sizeof growths / sizeof growths[0]) return;
  growths[growth_count++] =
      (struct growth){order->accounts, order->jobs, (double)sum->steps / jobs,
                      sum->core_s * 1e6 / (double)sum->steps, sum->core_s * 1e6 / jobs};
}

static void play_night(const struct player *player, int64_t accounts, int64_t jobs) {
  struct night_order order = {.event = NIGHT_WALKS, .accounts = accounts, .jobs = jobs};
  bool script = player->play == threads_play || player->play == blind_play;
  bool fewer =
      script && jobs >= NIGHT_LONG && !asked.full; /* each of its many calls has its bytes */
  struct sum sum = play_seeds(player, order, fewer ? (asked.seeds + 9) / 10 : asked.seeds);
  tell_night(player, &order, &sum);
  if (player->play == shipped_play) note_growth(&order, &sum);
}

static void tell_growth(void) {
  printf("\ngrowth, by this machine's processor:\n");
  for (size_t i = 0; i < growth_count; i++)
    printf("  %2lld accounts, %5lld jobs: %5.1f steps a job, %5.2f us a step, %6.1f us a job\n",
           (long long)growths[i].accounts, (long long)growths[i].jobs, growths[i].steps,
           growths[i].step_us, growths[i].job_us);
}

static void play_nights(void) {
  printf("| who | accounts | jobs | seeds | over bound | worst (seed) | 429s | status calls | "
         "requests |");
  for (int i = 0; i < IDLE_COUNT; i++)
    printf(" %s |", idle_name((enum idle)i));
  printf("\n");
  for (size_t p = 0; p < player_count; p++) {
    if (!wanted(players[p].name, asked.who)) continue;
    for (size_t a = 0; a < 2; a++)
      for (size_t j = 0; j < 3; j++) {
        if (asked.jobs != 0 && j > 0) continue;
        if (asked.accounts != 0 && a > 0) continue;
        play_night(&players[p], asked.accounts != 0 ? asked.accounts : all_accounts[a],
                   asked.jobs != 0 ? asked.jobs : all_jobs[j]);
      }
  }
  if (growth_count > 0) tell_growth();
}

/* ---- events ---- */

static const struct {
  enum event_of_night event;
  const char *name;
} events[] = {{NIGHT_RISES, "capacity 1 to 3"},
              {NIGHT_FALLS, "capacity 3 to 1"},
              {NIGHT_OUTAGE, "outage of 10 min"}};

static void tell_event(const char *key, const struct sum *sum) {
  char row[400];
  double full = sum->full > 0 ? (double)sum->full : 1, seeds = (double)sum->seeds;
  snprintf(row, sizeof row, "%s %2lld | %6.1f | %6.1f | %lld | %5.1f | %3lld | %5.1f |", key,
           (long long)sum->seeds, (double)sum->full_after / full / 1000,
           (double)sum->longest_full / 1000, (long long)sum->never_full,
           (double)sum->minute_calls / seeds, (long long)sum->most_minute_calls,
           (double)sum->minute_refused / seeds);
  tell(key, row);
}

static void play_events(void) {
  printf("\n| who | event | seeds | all slots used again after s | longest | never | calls in the "
         "minute | most | of them 429 |\n");
  for (size_t p = 0; p < player_count; p++)
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
      char key[100];
      if (!wanted(players[p].name, asked.who)) continue;
      struct night_order order = {.event = events[i].event, .accounts = 6, .jobs = 600};
      struct sum sum = play_seeds(&players[p], order, asked.seeds);
      snprintf(key, sizeof key, "| %-9s | %-16s |", players[p].name, events[i].name);
      tell_event(key, &sum);
    }
}

/* ---- lost replies ---- */

static void play_losses(void) {
  printf(
      "\n| who | with 3 %% of the replies to submissions lost | seeds | over bound | paid twice, "
      "per 1000 jobs | not done |\n");
  for (size_t p = 0; p < player_count; p++) {
    char key[100], row[400];
    if (!wanted(players[p].name, asked.who)) continue;
    struct night_order order = {.event = NIGHT_LOSES_REPLIES, .accounts = 6, .jobs = 120};
    struct sum sum = play_seeds(&players[p], order, asked.seeds);
    double jobs = (double)(sum.seeds * order.jobs);
    snprintf(key, sizeof key, "| %-9s | lost replies |", players[p].name);
    snprintf(row, sizeof row, "%s %2lld | %.3f | %5.1f | %5.1f |", key, (long long)sum.seeds,
             sum.over_bound / (double)sum.seeds, 1000 * (double)sum.paid_twice / jobs,
             1000 * (double)sum.not_done / jobs);
    tell(key, row);
  }
}

/* ---- what is asked ---- */

static int usage(void) {
  fprintf(
      stderr,
      "scheduler_bench [--seeds N] [--jobs N] [--accounts N] [--who NAME] [--only "
      "nights|events|losses] [--page FILE]\n"
      "  --full       scripts too play nights of 10000 jobs with all seeds, not with every tenth\n"
      "  --one SEED   one night (6 accounts, 120 jobs), with its trace\n"
      "  --record     writes the figures into the page, instead of showing what was there\n");
  return 2;
}

static bool read_number(const char *name, const char *value) {
  int64_t *number = strcmp(name, "--seeds") == 0      ? &asked.seeds
                    : strcmp(name, "--one") == 0      ? &asked.one
                    : strcmp(name, "--jobs") == 0     ? &asked.jobs
                    : strcmp(name, "--accounts") == 0 ? &asked.accounts
                                                      : NULL;
  int64_t most = number == &asked.one ? INT64_MAX / 2 : 100000;
  return number != NULL && text_to_int64(value, number == &asked.one ? 0 : 1, most, number);
}

static bool read_arguments(int count, char **words) {
  for (int i = 1; i < count; i++) {
    asked.record |= strcmp(words[i], "--record") == 0;
    asked.full |= strcmp(words[i], "--full") == 0;
    if (strcmp(words[i], "--record") == 0 || strcmp(words[i], "--full") == 0) continue;
    const char **word = strcmp(words[i], "--who") == 0    ? &asked.who
                        : strcmp(words[i], "--only") == 0 ? &asked.only
                        : strcmp(words[i], "--page") == 0 ? &asked.page_path
                                                          : NULL;
    if (i + 1 == count) return false;
    if (word != NULL)
      *word = words[++i];
    else if (!read_number(words[i], words[i + 1]))
      return false;
    else
      i++;
  }
  return asked.seeds <= SEEDS_MOST && asked.accounts <= 99;
}

/* Any choice of nights is a choice of that table. */
static void fill_in(void) {
  bool chosen = asked.one >= 0 || asked.jobs != 0 || asked.accounts != 0;
  if (chosen && asked.only == NULL) asked.only = "nights";
  if (asked.one < 0) return;
  if (asked.who == NULL) asked.who = players[0].name;
  if (asked.accounts == 0) asked.accounts = 6;
  if (asked.jobs == 0) asked.jobs = 120;
  shipped_show_trace();
}

static int finish(void) {
  if (asked.record && !complained && !page_save(page, asked.page_path)) {
    perror(asked.page_path);
    return 1;
  }
  page_free(page);
  return complained ? 1 : 0;
}

int main(int argument_count, char **arguments) {
  if (!read_arguments(argument_count, arguments)) return usage();
  fill_in();
  if (asked.page_path != NULL) page = page_open(asked.page_path);
  if (asked.record && (page == NULL || asked.seeds != 60 || asked.one >= 0)) {
    fprintf(stderr, "--record wants the page (--page FILE) and all 60 seeds\n");
    return 2;
  }
  if (wanted("nights", asked.only)) play_nights();
  if (wanted("events", asked.only)) play_events();
  if (wanted("losses", asked.only)) play_losses();
  return finish();
}
