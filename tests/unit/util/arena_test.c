/* Arenas: zeroed and aligned pieces, copies, and what stays after a reset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdalign.h>

#include "support/fault.h"
#include "util/arena.h"

static int begin(void **state) {
  static struct arena arena;
  arena_init(&arena);
  *state = &arena;
  return 0;
}

static int end(void **state) {
  arena_release(*state);
  return 0;
}

static void an_empty_arena_holds_nothing(void **state) {
  struct arena *arena = *state;
  assert_int_equal(arena_size(arena), 0);
  arena_reset(arena);
  arena_release(arena);
  assert_int_equal(arena_size(arena), 0);
}

static void pieces_are_zeroed_aligned_and_apart(void **state) {
  unsigned char *pieces[200];
  for (size_t i = 0; i < 200; i++) {
    pieces[i] = arena_alloc(*state, i + 1);
    assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
    for (size_t k = 0; k <= i; k++)
      assert_int_equal(pieces[i][k], 0);
    memset(pieces[i], (int)(i + 1), i + 1);
  }
  for (size_t i = 0; i < 200; i++)
    for (size_t k = 0; k <= i; k++)
      assert_int_equal(pieces[i][k], i + 1);
}

static void a_piece_used_before_a_reset_is_zeroed_again(void **state) {
  char *before = arena_alloc(*state, 64);
  memset(before, 'x', 64);
  arena_reset(*state);
  char *after = arena_alloc(*state, 64);
  assert_ptr_equal(after, before); /* the kept block is used from its start */
  assert_int_equal(after[0] | after[63], 0);
}

static void a_piece_larger_than_any_block_has_room(void **state) {
  size_t size = (size_t)3 << 20;
  char *piece = arena_alloc(*state, size);
  memset(piece, 'x', size);
  assert_true(arena_size(*state) >= size);
  memset(arena_alloc(*state, 100), 'y', 100);
  assert_int_equal(piece[size - 1], 'x');
}

static void a_reset_keeps_the_largest_block_alone(void **state) {
  for (int i = 0; i < 100; i++)
    (void)arena_alloc(*state, 1000);
  (void)arena_alloc(*state, (size_t)1 << 20);
  (void)arena_alloc(*state, 10);
  size_t before = arena_size(*state);
  arena_reset(*state);
  size_t kept = arena_size(*state);
  assert_true(kept >= (size_t)1 << 20 && kept < before);
  (void)arena_alloc(*state, (size_t)1 << 20);
  assert_int_equal(arena_size(*state), kept);
}

static void texts_are_copied_and_null_stays_null(void **state) {
  char text[] = "scene-12";
  char *copy = arena_string(*state, text);
  text[0] = 'X';
  assert_string_equal(copy, "scene-12");
  assert_null(arena_string(*state, NULL));
  assert_string_equal(arena_string(*state, ""), "");
}

static void bytes_are_copied_with_a_nul_behind_them(void **state) {
  char *copy = arena_bytes(*state, "a\0bc", 3);
  assert_memory_equal(copy, "a\0b\0", 4);
  assert_string_equal(arena_bytes(*state, NULL, 0), "");
}

static void printed_text_has_the_room_it_needs(void **state) {
  char *text = arena_printf(*state, "%s-%05d-%300s", "job", 42, "end");
  assert_int_equal(strlen(text), 3 + 1 + 5 + 1 + 300);
  assert_memory_equal(text, "job-00042-", 10);
  assert_string_equal(text + 307, "end");
}

static void an_array_whose_size_overflows_is_a_fault(void **state) {
  volatile size_t count = SIZE_MAX / 8;
  EXPECT_FAULT(arena_alloc_array(*state, count, 16));
  EXPECT_FAULT(arena_alloc(*state, SIZE_MAX - count));
  assert_non_null(arena_alloc_array(*state, count, 0));
}

static void texts_are_joined_in_their_order(void **state) {
  struct arena *arena = *state;
  assert_string_equal(ARENA_JOIN(arena, "clip:", "", "a.mp4", "|", "v"), "clip:a.mp4|v");
  assert_string_equal(ARENA_JOIN(arena, ""), "");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(texts_are_joined_in_their_order, begin, end),
      cmocka_unit_test_setup_teardown(an_empty_arena_holds_nothing, begin, end),
      cmocka_unit_test_setup_teardown(pieces_are_zeroed_aligned_and_apart, begin, end),
      cmocka_unit_test_setup_teardown(a_piece_used_before_a_reset_is_zeroed_again, begin, end),
      cmocka_unit_test_setup_teardown(a_piece_larger_than_any_block_has_room, begin, end),
      cmocka_unit_test_setup_teardown(a_reset_keeps_the_largest_block_alone, begin, end),
      cmocka_unit_test_setup_teardown(texts_are_copied_and_null_stays_null, begin, end),
      cmocka_unit_test_setup_teardown(bytes_are_copied_with_a_nul_behind_them, begin, end),
      cmocka_unit_test_setup_teardown(printed_text_has_the_room_it_needs, begin, end),
      cmocka_unit_test_setup_teardown(an_array_whose_size_overflows_is_a_fault, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
