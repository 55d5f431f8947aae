/* Any bytes as UTF-8 and back. */
#include "store/postgres.h"
#include "unit/store/samples.h"
#include "util/text.h"

static void assert_round(const char *bytes) {
  struct arena arena;
  char back[64];
  arena_init(&arena);
  const char *out = postgres_text_out(bytes, &arena);
  if (!text_is_utf8(out, strlen(out))) fail_msg("not UTF-8: %s", out);
  snprintf(back, sizeof back, "%s", out);
  assert_string_equal(postgres_text_in(back), bytes);
  arena_release(&arena);
}

static void every_pair_of_bytes_comes_back(void **state) {
  (void)state;
  for (int one = 1; one < 256; one++)
    for (int two = 0; two < 256; two++)
      assert_round((const char[]){(char)one, (char)two, 'z', '\0'});
}

static void every_byte_in_every_place_of_a_character_comes_back(void **state) {
  (void)state;
  for (size_t at = 0; at < 4; at++)
    for (int byte = 1; byte < 256; byte++) {
      char bytes[] = "\xF4\x8F\xBA\x80";
      bytes[at] = (char)byte;
      assert_round(bytes);
    }
}

static void what_is_a_text_already_is_left_alone(void **state) {
  static const char text[] = "caf\xC3\xA9 \xF0\x9F\x8E\xAC \xF4\x8F\xBF\xBF";
  (void)state;
  assert_ptr_equal(postgres_text_out(text, NULL), text);
  assert_null(postgres_text_out(NULL, NULL));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_pair_of_bytes_comes_back),
      cmocka_unit_test(every_byte_in_every_place_of_a_character_comes_back),
      cmocka_unit_test(what_is_a_text_already_is_left_alone),
  };
  return cmocka_run_group_tests_name("texts for PostgreSQL", tests, NULL, NULL);
}
