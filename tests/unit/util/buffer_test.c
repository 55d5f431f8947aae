/* Growing buffers: the ceiling is exact, and what did not fit leaves a mark. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/buffer.h"

static void an_empty_buffer_is_an_empty_string(void **state) {
  (void)state;
  struct buffer buffer;
  buffer_init(&buffer, 10);
  assert_string_equal(buffer_string(&buffer), "");
  buffer_clear(&buffer);
  assert_true(buffer_append(&buffer, NULL, 0));
  assert_string_equal(buffer_string(&buffer), "");
  buffer_release(&buffer);
  buffer_release(&buffer);
}

static void the_ceiling_is_reached_to_the_byte(void **state) {
  (void)state;
  struct buffer buffer;
  buffer_init(&buffer, 5);
  assert_true(buffer_text(&buffer, "abc"));
  assert_true(buffer_text(&buffer, "de"));
  assert_false(buffer.overflowed);
  assert_string_equal(buffer_string(&buffer), "abcde");
  assert_false(buffer_text(&buffer, "f"));
  assert_true(buffer.overflowed);
  assert_string_equal(buffer_string(&buffer), "abcde");
  buffer_release(&buffer);
}

static void what_does_not_fit_is_left_out_whole(void **state) {
  (void)state;
  struct buffer buffer;
  buffer_init(&buffer, 5);
  assert_true(buffer_text(&buffer, "abc"));
  assert_false(buffer_printf(&buffer, "%d", 1234));
  assert_string_equal(buffer_string(&buffer), "abc");
  buffer_release(&buffer);
}

static void nothing_follows_what_did_not_fit(void **state) {
  (void)state;
  struct buffer buffer;
  buffer_init(&buffer, 5);
  assert_false(buffer_text(&buffer, "too long"));
  assert_false(buffer_text(&buffer, "a")); /* else a text with a hole in it */
  assert_int_equal(buffer.length, 0);
  buffer_clear(&buffer);
  assert_false(buffer.overflowed);
  assert_true(buffer_text(&buffer, "a"));
  buffer_release(&buffer);
}

static void a_size_that_would_wrap_is_beyond_the_ceiling(void **state) {
  (void)state;
  struct buffer buffer;
  buffer_init(&buffer, 100);
  assert_true(buffer_text(&buffer, "abc"));
  volatile size_t huge = SIZE_MAX - 1;
  assert_false(buffer_append(&buffer, "", huge));
  assert_int_equal(buffer.length, 3);
  buffer_release(&buffer);
}

static void bytes_and_printed_text_grow_it(void **state) {
  (void)state;
  struct buffer buffer;
  buffer_init(&buffer, 1 << 20);
  assert_true(buffer_append(&buffer, "a\0b", 3));
  for (int i = 0; i < 10000; i++)
    assert_true(buffer_printf(&buffer, "%06d", i));
  assert_int_equal(buffer.length, 60003);
  assert_memory_equal(buffer_string(&buffer), "a\0b000000000001", 15);
  assert_string_equal(buffer_string(&buffer) + 59997, "009999");
  buffer_release(&buffer);
}

static void a_cleared_buffer_keeps_its_memory(void **state) {
  (void)state;
  struct buffer buffer;
  buffer_init(&buffer, 1000);
  assert_true(buffer_text(&buffer, "abc"));
  const char *bytes = buffer.bytes;
  buffer_clear(&buffer);
  assert_string_equal(buffer_string(&buffer), "");
  assert_true(buffer_text(&buffer, "x"));
  assert_ptr_equal(buffer.bytes, bytes);
  buffer_release(&buffer);
  assert_null(buffer.bytes);
  assert_int_equal(buffer.ceiling, 1000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_empty_buffer_is_an_empty_string),
      cmocka_unit_test(the_ceiling_is_reached_to_the_byte),
      cmocka_unit_test(what_does_not_fit_is_left_out_whole),
      cmocka_unit_test(nothing_follows_what_did_not_fit),
      cmocka_unit_test(a_size_that_would_wrap_is_beyond_the_ceiling),
      cmocka_unit_test(bytes_and_printed_text_grow_it),
      cmocka_unit_test(a_cleared_buffer_keeps_its_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
