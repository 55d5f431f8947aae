/* Seeds: first those that once failed (seeds.txt), then many small worlds. `./dev soak` runs more
 * of them, and larger ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/soak.h"
#include "util/check.h"

#define SEEDS       300
#define FIRST_SEED  1000
#define TWICE_EVERY 10
#define TAIL_LINES  40

static uint64_t seed_now;

static void on_failed_check(const char *file, int line, const char *function, const char *what) {
  fprintf(stderr, "seed %llu: crash: %s:%d: %s: %s\n%s", (unsigned long long)seed_now, file, line,
          function, what, soak_tail(soak_trace_now(), TAIL_LINES));
  abort();
}

static void run(uint64_t seed, bool small, struct soak_result *result) {
  struct soak_options options = {.seed = seed, .small = small};
  seed_now = seed;
  check_set_handler(on_failed_check);
  soak_run(&options, result);
  if (result->verdict == SOAK_CLEAN) return;
  print_error("seed %llu: %s: %s\n  %s\n  again: ./dev soak --seed %llu%s\n%s",
              (unsigned long long)seed, soak_verdict_name(result->verdict), result->text,
              result->described, (unsigned long long)seed, small ? " --small" : "",
              soak_tail(result->trace, TAIL_LINES));
  soak_result_release(result);
  fail();
}

static void seeds_that_once_failed_stay_mended(void **state) {
  char line[600], size[8];
  unsigned long long seed;
  int count = 0;
  FILE *file = fopen(TEST_SOURCE_DIR "/tests/sim/seeds.txt", "r");
  (void)state;
  assert_non_null(file);
  while (fgets(line, sizeof line, file) != NULL) {
    struct soak_result result;
    if (sscanf(line, "%llu %7s", &seed, size) != 2) continue;
    run(seed, strcmp(size, "small") == 0, &result);
    soak_result_release(&result);
    count++;
  }
  fclose(file);
  assert_true(count > 0);
}

static void no_seed_pays_twice_or_loses_anything(void **state) {
  int64_t crashes = 0, late = 0, again = 0, cancelled = 0;
  (void)state;
  for (uint64_t seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    struct soak_result result;
    run(seed, true, &result);
    crashes += result.hazards[HAZARD_CRASH_DURING];
    late += result.hazards[HAZARD_LATE_TASK];
    again += result.hazards[HAZARD_RETRY];
    cancelled += result.hazards[HAZARD_CANCEL];
    soak_result_release(&result);
  }
  assert_true(again > 0 && cancelled > 0);
  assert_true(crashes > 0 && late > 0); /* the faults are really there */
}

static void a_seed_gives_the_same_bytes_twice(void **state) {
  (void)state;
  for (uint64_t seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += SEEDS / TWICE_EVERY) {
    struct soak_result first, second;
    run(seed, true, &first);
    run(seed, true, &second);
    assert_string_equal(first.trace, second.trace);
    soak_result_release(&first);
    soak_result_release(&second);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(seeds_that_once_failed_stay_mended),
      cmocka_unit_test(no_seed_pays_twice_or_loses_anything),
      cmocka_unit_test(a_seed_gives_the_same_bytes_twice),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
