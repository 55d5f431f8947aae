/* Numbers from a seed: the same seed, the same numbers, on every machine and in every version. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/fault.h"
#include "util/prng.h"

static void the_numbers_are_splitmix64(void **state) {
  (void)state;
  /* the generator's published first outputs for the seed 1234567 */
  static const uint64_t known[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                   UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                                   UINT64_C(16408922859458223821)};
  struct prng prng;
  prng_init(&prng, 1234567);
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    assert_true(prng_next(&prng) == known[i]);
}

static void another_seed_gives_other_numbers(void **state) {
  (void)state;
  struct prng one, two;
  prng_init(&one, 0);
  prng_init(&two, 1);
  int same = 0;
  for (int i = 0; i < 100; i++)
    same += prng_next(&one) == prng_next(&two);
  assert_int_equal(same, 0);
}

static void both_ends_of_a_range_are_drawn_and_nothing_beyond(void **state) {
  (void)state;
  struct prng prng;
  prng_init(&prng, 42);
  int counts[5] = {0};
  for (int i = 0; i < 5000; i++) {
    int64_t number = prng_between(&prng, -2, 2);
    assert_in_range(number + 2, 0, 4);
    counts[number + 2]++;
  }
  for (int i = 0; i < 5; i++)
    assert_in_range(counts[i], 850, 1150); /* 1000 expected; five sigma is 141 */
}

static void the_widest_and_the_narrowest_range_work(void **state) {
  (void)state;
  struct prng prng;
  prng_init(&prng, 7);
  assert_int_equal(prng_between(&prng, 9, 9), 9);
  assert_int_equal(prng_between(&prng, INT64_MIN, INT64_MIN), INT64_MIN);
  int negative = 0;
  for (int i = 0; i < 200; i++)
    negative += prng_between(&prng, INT64_MIN, INT64_MAX) < 0;
  assert_in_range(negative, 60, 140);
}

static void a_range_upside_down_is_a_fault(void **state) {
  (void)state;
  struct prng prng;
  prng_init(&prng, 7);
  EXPECT_FAULT(prng_between(&prng, 2, 1));
}

static void a_unit_number_is_below_one(void **state) {
  (void)state;
  struct prng prng;
  prng_init(&prng, 99);
  double sum = 0;
  for (int i = 0; i < 10000; i++) {
    double number = prng_unit(&prng);
    assert_true(number >= 0 && number < 1);
    sum += number;
  }
  assert_true(sum > 4850 && sum < 5150);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_numbers_are_splitmix64),
      cmocka_unit_test(another_seed_gives_other_numbers),
      cmocka_unit_test(both_ends_of_a_range_are_drawn_and_nothing_beyond),
      cmocka_unit_test(the_widest_and_the_narrowest_range_work),
      cmocka_unit_test(a_range_upside_down_is_a_fault),
      cmocka_unit_test(a_unit_number_is_below_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
