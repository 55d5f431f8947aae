/* Many seeds, in parallel: `./dev soak`. One process per job, so that a crash costs one seed and is
 * told apart. What each has done lies in memory that all share.
 *
 * Exit status: 0 clean; 70 a seed crashed, 71 broke a promise of safety, 72 did not end in time
 * (the gravest counts); 2 wrong usage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/soak.h"
#include "util/check.h"
#include "util/text.h"

#define STATUS_CRASH    70
#define STATUS_SAFETY   71
#define STATUS_LIVENESS 72
#define JOBS_MOST       16
#define TAIL_LINES      40

struct asked {
  int64_t seeds, from, jobs, twice_every, file_every;
  bool small, one;
};

/* What a worker has done so far, and the seed that it is at. */
struct worker {
  uint64_t seed;
  pid_t process;
  int64_t clean, crashed, unsafe, late, beyond, paid_again, doubled, processes, steps, unlike,
      files;
  int64_t simulated_ms, large_ms;
  double large_s; /* time taken by worlds of 20 accounts, which simulated large_ms */
  int64_t hazards[HAZARD_COUNT], faults[FAULT_COUNT], failures[FAILURE_COUNT];
  int64_t jobs[JOB_STATE_COUNT];
};

static struct asked asked = {
    .seeds = 1000, .from = 1, .jobs = 2, .twice_every = 50, .file_every = 8};
static struct worker *workers;
static struct worker *me;

static double now_s(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- telling ---- */

static void tell_failure(const char *what, const char *text, const char *described,
                         const char *trace) {
  printf("seed %llu: %s: %s\n  %s\n  again: ./dev soak --seed %llu%s\n%s\n",
         (unsigned long long)me->seed, what, text, described, (unsigned long long)me->seed,
         asked.small ? " --small" : "", soak_tail(trace, TAIL_LINES));
  fflush(stdout);
}

static void on_failed_check(const char *file, int line, const char *function, const char *what) {
  char text[400];
  snprintf(text, sizeof text, "%s:%d: %s: %s", file, line, function, what);
  tell_failure("crash", text, "", soak_trace_now());
  _exit(STATUS_CRASH);
}

/* ---- a worker ---- */

static void add(int64_t *sums, const int64_t *numbers, size_t count) {
  for (size_t i = 0; i < count; i++)
    sums[i] += numbers[i];
}

static void count(const struct soak_result *result, double took_s) {
  me->clean += result->verdict == SOAK_CLEAN;
  me->unsafe += result->verdict == SOAK_SAFETY;
  me->late += result->verdict == SOAK_LIVENESS;
  me->beyond += result->class == FAULT_BEYOND;
  me->paid_again += result->paid_again;
  me->doubled += result->doubled;
  me->processes += result->processes;
  me->steps += result->steps;
  me->simulated_ms += result->simulated_ms;
  if (result->accounts == 20) {
    me->large_ms += result->simulated_ms;
    me->large_s += took_s;
  }
  add(me->hazards, result->hazards, HAZARD_COUNT);
  add(me->faults, result->faults, FAULT_COUNT);
  add(me->failures, result->failures, FAILURE_COUNT);
  add(me->jobs, result->jobs, JOB_STATE_COUNT);
}

/* ---- states in files ---- */

static char directory[64]; /* of this run; in memory where the system has such a place */

static void make_directory(void) {
  snprintf(directory, sizeof directory, "%s/nightshift-soak-XXXXXX",
           access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  if (mkdtemp(directory) != NULL) return;
  perror(directory);
  exit(STATUS_CRASH);
}

static void remove_state(const char *path) {
  char journal[120];
  snprintf(journal, sizeof journal, "%s-journal", path);
  (void)unlink(path);
  (void)unlink(journal);
}

/* NULL: the seed keeps its state in memory. */
static const char *fresh_state(uint64_t seed) {
  static char path[100];
  bool in_file =
      asked.file_every > 0 && seed % (uint64_t)asked.file_every == 1 % (uint64_t)asked.file_every;
  if (!in_file) return NULL;
  snprintf(path, sizeof path, "%s/%lld.db", directory, (long long)getpid());
  remove_state(path);
  return path;
}

/* The same seed has to give the same bytes. */
static void run_again(const struct soak_options *options, const struct soak_result *first) {
  struct soak_result second;
  if (options->state_path != NULL) remove_state(options->state_path);
  soak_run(options, &second);
  if (second.trace_hash != first->trace_hash || strcmp(second.trace, first->trace) != 0) {
    me->unlike++;
    tell_failure("unlike", "two runs of one seed differ", second.described, second.trace);
  }
  soak_result_release(&second);
}

static void run_seed(uint64_t seed) {
  struct soak_options options = {.seed = seed,
                                 .small = asked.small,
                                 .trace_debug = asked.one,
                                 .state_path = fresh_state(seed)};
  struct soak_result result;
  me->seed = seed;
  double began_s = now_s();
  soak_run(&options, &result);
  count(&result, now_s() - began_s);
  me->files += options.state_path != NULL;
  if (asked.one) printf("%s\n%s", result.described, result.trace);
  if (result.verdict != SOAK_CLEAN)
    tell_failure(soak_verdict_name(result.verdict), result.text, result.described, result.trace);
  if (asked.one || (asked.twice_every > 0 && seed % (uint64_t)asked.twice_every == 0))
    run_again(&options, &result);
  if (options.state_path != NULL) remove_state(options.state_path);
  soak_result_release(&result);
}

static void work(uint64_t first) {
  uint64_t end = (uint64_t)asked.from + (uint64_t)asked.seeds;
  for (uint64_t seed = first; seed < end; seed += (uint64_t)asked.jobs) {
    check_set_handler(on_failed_check);
    run_seed(seed);
  }
}

static void start(struct worker *worker, uint64_t first) {
  fflush(stdout);
  worker->seed = first;
  pid_t process = fork();
  if (process < 0) {
    perror("fork");
    exit(STATUS_CRASH);
  }
  if (process > 0) {
    worker->process = process;
    return;
  }
  me = worker;
  work(first);
  fflush(stdout);
  _exit(0);
}

/* One that crashed is counted, and its place is taken from the next seed on. */
static void follow(void) {
  int running = (int)asked.jobs, status = 0;
  while (running > 0) {
    pid_t process = wait(&status);
    if (process < 0) return;
    for (int64_t i = 0; i < asked.jobs; i++) {
      struct worker *worker = &workers[i];
      if (worker->process != process) continue;
      running--;
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0) break;
      worker->crashed++;
      printf("seed %llu: crash: its process ended with %s %d\n", (unsigned long long)worker->seed,
             WIFSIGNALED(status) ? "signal" : "status",
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
      start(worker, worker->seed + (uint64_t)asked.jobs);
      running++;
      break;
    }
  }
}

/* ---- the sum ---- */

static void sum_up(struct worker *sum) {
  *sum = (struct worker){0};
  for (int64_t i = 0; i < asked.jobs; i++) {
    const struct worker *one = &workers[i];
    add(&sum->clean, &one->clean, 11);
    sum->simulated_ms += one->simulated_ms;
    sum->large_ms += one->large_ms;
    sum->large_s += one->large_s;
    add(sum->hazards, one->hazards, HAZARD_COUNT);
    add(sum->faults, one->faults, FAULT_COUNT);
    add(sum->failures, one->failures, FAILURE_COUNT);
    add(sum->jobs, one->jobs, JOB_STATE_COUNT);
  }
}

static void print_counts(const struct worker *sum) {
  printf("injected:\n");
  for (int i = 0; i < FAULT_COUNT; i++)
    printf("  %8lld  call: %s\n", (long long)sum->faults[i], sim_fault_name((enum sim_fault)i));
  for (int i = 0; i < FAILURE_COUNT; i++)
    printf("  %8lld  task: %s\n", (long long)sum->failures[i],
           sim_failure_name((enum sim_failure)i));
  for (int i = 0; i < HAZARD_COUNT; i++)
    printf("  %8lld  %s\n", (long long)sum->hazards[i], hazard_name((enum hazard)i));
  printf("jobs:");
  for (int i = 0; i < JOB_STATE_COUNT; i++)
    if (sum->jobs[i] > 0)
      printf(" %s=%lld", job_state_name((enum job_state)i), (long long)sum->jobs[i]);
  printf("\n");
}

static int report(double took_s) {
  struct worker sum;
  sum_up(&sum);
  print_counts(&sum);
  double simulated_s = (double)sum.simulated_ms / 1000;
  printf(
      "time: %.2f years simulated in %.1f s: %.0f simulated seconds a second and process; with 20 "
      "accounts %.0f\n",
      simulated_s / (365.25 * 86400), took_s, simulated_s / took_s / (double)asked.jobs,
      sum.large_s > 0 ? (double)sum.large_ms / 1000 / sum.large_s : 0);
  printf("processes: %lld; steps: %lld; states in a file: %lld\n", (long long)sum.processes,
         (long long)sum.steps, (long long)sum.files);
  printf("lists that lag beyond the settle time: %lld seeds, %lld submissions paid again; "
         "submissions that a proxy doubled: %lld\n",
         (long long)sum.beyond, (long long)sum.paid_again, (long long)sum.doubled);
  printf("seeds: %lld clean, %lld crashed, %lld unsafe, %lld not ended, %lld unlike themselves\n",
         (long long)sum.clean, (long long)sum.crashed, (long long)sum.unsafe, (long long)sum.late,
         (long long)sum.unlike);
  if (sum.crashed > 0) return STATUS_CRASH;
  if (sum.unsafe > 0 || sum.unlike > 0) return STATUS_SAFETY;
  return sum.late > 0 ? STATUS_LIVENESS : 0;
}

/* ---- what is asked ---- */

static int usage(void) {
  fprintf(stderr,
          "soak [--seeds N] [--from SEED] [--jobs N] [--small] [--twice-every N] [--file-every N]\n"
          "soak --seed SEED [--small]    one seed, with its trace\n");
  return 2;
}

static bool read_arguments(int count, char **words) {
  for (int i = 1; i < count; i++) {
    int64_t *number = strcmp(words[i], "--seeds") == 0         ? &asked.seeds
                      : strcmp(words[i], "--from") == 0        ? &asked.from
                      : strcmp(words[i], "--seed") == 0        ? &asked.from
                      : strcmp(words[i], "--jobs") == 0        ? &asked.jobs
                      : strcmp(words[i], "--twice-every") == 0 ? &asked.twice_every
                      : strcmp(words[i], "--file-every") == 0  ? &asked.file_every
                                                               : NULL;
    if (strcmp(words[i], "--small") == 0) {
      asked.small = true;
      continue;
    }
    asked.one |= strcmp(words[i], "--seed") == 0;
    if (number == NULL || i + 1 == count || !text_to_int64(words[++i], 0, INT64_MAX / 4, number))
      return false;
  }
  if (asked.one) asked.seeds = asked.jobs = 1;
  return asked.jobs >= 1 && asked.jobs <= JOBS_MOST;
}

int main(int argument_count, char **arguments) {
  if (!read_arguments(argument_count, arguments)) return usage();
  make_directory();
  size_t size = sizeof *workers * (size_t)asked.jobs;
  workers = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (workers == MAP_FAILED) {
    perror("mmap");
    return STATUS_CRASH;
  }
  if (asked.one)
    printf("seed %lld\n", (long long)asked.from);
  else
    printf("seeds %lld to %lld\n", (long long)asked.from,
           (long long)(asked.from + asked.seeds - 1));
  double began_s = now_s();
  for (int64_t i = 0; i < asked.jobs; i++)
    start(&workers[i], (uint64_t)(asked.from + i));
  follow();
  int status = report(now_s() - began_s);
  (void)munmap(workers, size);
  (void)rmdir(directory);
  return status;
}
