/* Sets of small numbers: walked in order, across the borders of words and of summaries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/fault.h"
#include "util/bitset.h"
#include "util/prng.h"

static void an_empty_set_has_no_member(void **state) {
  (void)state;
  struct bitset set;
  bitset_init(&set, 0);
  assert_int_equal(bitset_next(&set, 0), BITSET_END);
  assert_false(bitset_has(&set, 0));
  bitset_remove(&set, 0);
  EXPECT_FAULT(bitset_add(&set, 0));
  bitset_release(&set);
  bitset_release(&set);
}

static void members_are_walked_in_order_whatever_they_were_added_in(void **state) {
  (void)state;
  static const size_t members[] = {8192, 0, 63, 64, 4095, 4096, 4097, 65, 9999};
  static const size_t sorted[] = {0, 63, 64, 65, 4095, 4096, 4097, 8192, 9999};
  struct bitset set;
  bitset_init(&set, 10000);
  for (size_t i = 0; i < 9; i++)
    bitset_add(&set, members[i]);
  size_t from = 0;
  for (size_t i = 0; i < 9; i++, from++) {
    from = bitset_next(&set, from);
    assert_int_equal(from, sorted[i]);
  }
  assert_int_equal(bitset_next(&set, from), BITSET_END);
  bitset_release(&set);
}

static void a_member_counts_once(void **state) {
  (void)state;
  struct bitset set;
  bitset_init(&set, 100);
  bitset_add(&set, 5);
  bitset_add(&set, 5);
  assert_int_equal(set.count, 1);
  bitset_remove(&set, 5);
  bitset_remove(&set, 5);
  assert_int_equal(set.count, 0);
  assert_int_equal(bitset_next(&set, 0), BITSET_END);
  bitset_release(&set);
}

static void a_number_beyond_its_size_is_never_in_it(void **state) {
  (void)state;
  struct bitset set;
  bitset_init(&set, 65);
  bitset_add(&set, 64);
  assert_int_equal(bitset_next(&set, 65), BITSET_END);
  assert_int_equal(bitset_next(&set, SIZE_MAX), BITSET_END);
  assert_false(bitset_has(&set, 65));
  bitset_remove(&set, 65);
  EXPECT_FAULT(bitset_add(&set, 65));
  bitset_release(&set);
}

/* What a set must say, the slow way. */
static size_t plain_next(const bool *members, size_t size, size_t from) {
  while (from < size && !members[from])
    from++;
  return from < size ? from : BITSET_END;
}

static void it_agrees_with_a_plain_array_through_thousands_of_changes(void **state) {
  (void)state;
  enum { SIZE = 5000 };
  static bool members[SIZE];
  struct bitset set;
  struct prng prng;
  bitset_init(&set, SIZE);
  prng_init(&prng, 2025);
  for (int i = 0; i < 20000; i++) {
    size_t member = (size_t)prng_between(&prng, 0, SIZE - 1);
    bool add = prng_between(&prng, 0, 99) < 30; /* few members, so that long gaps are walked */
    if (add)
      bitset_add(&set, member);
    else
      bitset_remove(&set, member);
    members[member] = add;
    size_t from = (size_t)prng_between(&prng, 0, SIZE - 1);
    assert_int_equal(bitset_next(&set, from), plain_next(members, SIZE, from));
  }
  bitset_release(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_empty_set_has_no_member),
      cmocka_unit_test(members_are_walked_in_order_whatever_they_were_added_in),
      cmocka_unit_test(a_member_counts_once),
      cmocka_unit_test(a_number_beyond_its_size_is_never_in_it),
      cmocka_unit_test(it_agrees_with_a_plain_array_through_thousands_of_changes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
