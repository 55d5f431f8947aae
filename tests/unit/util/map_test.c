/* The table from text to number: what goes in comes out, in the order it went in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "support/fault.h"
#include "util/map.h"

static int begin(void **state) {
  static struct map map;
  map_init(&map);
  *state = &map;
  return 0;
}

static int end(void **state) {
  map_release(*state);
  return 0;
}

static void nothing_is_found_in_an_empty_map(void **state) {
  int64_t value = 7;
  assert_false(map_get(*state, "a", &value));
  assert_false(map_get(*state, NULL, &value));
  assert_int_equal(value, 7);
}

static void a_value_is_replaced_without_a_second_entry(void **state) {
  struct map *map = *state;
  int64_t value = 0;
  map_set(map, "a", 1);
  map_set(map, "a", -2);
  assert_int_equal(map->count, 1);
  assert_true(map_get(map, "a", &value));
  assert_int_equal(value, -2);
  assert_true(map_get(map, "a", NULL));
}

static void keys_are_copied_and_told_apart_by_every_byte(void **state) {
  char key[] = "one";
  int64_t value = 0;
  map_set(*state, key, 1);
  key[0] = 'O';
  assert_false(map_get(*state, key, &value));
  assert_true(map_get(*state, "one", &value));
  assert_false(map_get(*state, "on", &value));
  assert_false(map_get(*state, "", &value));
  map_set(*state, "", 9);
  assert_true(map_get(*state, "", &value));
  assert_int_equal(value, 9);
  assert_false(map_get(*state, NULL, &value));
}

static void a_kept_key_is_the_callers_own(void **state) {
  struct map *map = *state;
  const char key[] = "kept";
  int64_t value = 0;
  map_set_kept(map, key, 1);
  map_set_kept(map, "kept", 2);
  assert_int_equal(map->count, 1);
  assert_ptr_equal(map->entries[0].key, key);
  assert_true(map_get(map, "kept", &value));
  assert_int_equal(value, 2);
}

static void many_keys_are_found_and_keep_their_order(void **state) {
  struct map *map = *state;
  char key[32];
  for (int i = 0; i < 20000; i++) {
    snprintf(key, sizeof key, "job-%d", (i * 7919) % 20000);
    map_set(map, key, i);
  }
  assert_int_equal(map->count, 20000);
  for (int i = 0; i < 20000; i++) {
    int64_t value = -1;
    snprintf(key, sizeof key, "job-%d", (i * 7919) % 20000);
    assert_true(map_get(map, key, &value));
    assert_int_equal(value, i);
    assert_string_equal(map->entries[i].key, key);
  }
  assert_false(map_get(map, "job-20000", NULL));
}

static void an_interned_key_stays_where_it_is(void **state) {
  const char *first = map_intern(*state, "voice", 5);
  char key[32];
  for (int i = 0; i < 5000; i++) {
    snprintf(key, sizeof key, "%d", i);
    map_set(*state, key, i);
  }
  assert_ptr_equal(map_intern(*state, "voice", 6), first);
  int64_t value = 0;
  assert_true(map_get(*state, "voice", &value));
  assert_int_equal(value, 5); /* the value counts for a new key only */
}

static void setting_without_a_key_is_a_fault(void **state) {
  EXPECT_FAULT(map_set(*state, NULL, 1));
}

static void a_released_map_can_be_used_again(void **state) {
  map_set(*state, "a", 1);
  map_release(*state);
  assert_false(map_get(*state, "a", NULL));
  map_set(*state, "b", 2);
  assert_true(map_get(*state, "b", NULL));
}

static void the_hash_is_the_same_on_every_machine(void **state) {
  (void)state;
  /* FNV-1a's published values, folded once: offset basis for "", 0xaf63dc4c8601ec8c for "a" */
  assert_true(hash_bytes("", 0) == (UINT64_C(0xcbf29ce484222325) ^ UINT64_C(0xcbf29ce4)));
  assert_true(hash_bytes("a", 1) == (UINT64_C(0xaf63dc4c8601ec8c) ^ UINT64_C(0xaf63dc4c)));
}

static void room_made_beforehand_changes_nothing_but_the_growing(void **state) {
  struct map *map = *state;
  char key[32];
  map_set(map, "first", 1);
  map_reserve(map, 0);
  map_reserve(map, 5000);
  const struct map_entry *entries = map->entries;
  const struct map_slot *slots = map->slots;
  for (int i = 1; i < 5000; i++) {
    snprintf(key, sizeof key, "clips/scene-%d.mp4", i);
    map_set(map, key, i);
  }
  assert_ptr_equal(map->entries, entries);
  assert_ptr_equal(map->slots, slots);
  int64_t value = 0;
  assert_true(map_get(map, "first", &value));
  assert_int_equal(value, 1);
  assert_true(map_get(map, "clips/scene-4999.mp4", &value));
  assert_int_equal(value, 4999);
  assert_false(map_get(map, "clips/scene-5000.mp4", NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(nothing_is_found_in_an_empty_map, begin, end),
      cmocka_unit_test_setup_teardown(a_value_is_replaced_without_a_second_entry, begin, end),
      cmocka_unit_test_setup_teardown(keys_are_copied_and_told_apart_by_every_byte, begin, end),
      cmocka_unit_test_setup_teardown(a_kept_key_is_the_callers_own, begin, end),
      cmocka_unit_test_setup_teardown(many_keys_are_found_and_keep_their_order, begin, end),
      cmocka_unit_test_setup_teardown(an_interned_key_stays_where_it_is, begin, end),
      cmocka_unit_test_setup_teardown(setting_without_a_key_is_a_fault, begin, end),
      cmocka_unit_test_setup_teardown(a_released_map_can_be_used_again, begin, end),
      cmocka_unit_test_setup_teardown(room_made_beforehand_changes_nothing_but_the_growing, begin,
                                      end),
      cmocka_unit_test(the_hash_is_the_same_on_every_machine),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
