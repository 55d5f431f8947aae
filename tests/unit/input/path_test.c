/* Paths as text, and what addresses and ids look like. */
#include "input/path.h"

#include "input/shape.h"
#include "unit/input/files.h"

static struct arena arena;

static int begin(void **state) {
  (void)state;
  arena_init(&arena);
  return 0;
}

static int end(void **state) {
  (void)state;
  arena_release(&arena);
  return 0;
}

static void dots_and_doubled_slashes_go_away(void **state) {
  (void)state;
  static const char *const pairs[][2] = {
      {"./clips//a.mp4", "clips/a.mp4"},
      {"a/./b/../c", "a/c"},
      {"../a/../b", "../b"},
      {"a/..", "."},
      {"", "."},
      {"../..", "../.."},
      {"a/../../b/", "../b"},
      {"/a/../../b", "/b"},
      {"//a///b/", "/a/b"},
      {"/..", "/"},
      {"..a/.b/...", "..a/.b/..."},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
    assert_string_equal(path_normalise(&arena, pairs[i][0]), pairs[i][1]);
}

static void a_path_is_resolved_from_a_directory(void **state) {
  (void)state;
  assert_string_equal(path_resolve(&arena, "/d/e", "../x//y"), "/d/x/y");
  assert_string_equal(path_resolve(&arena, "/", "x"), "/x");
  assert_string_equal(path_resolve(&arena, "/d", "/x/./y"), "/x/y");
}

static void what_is_below_a_directory_is_told(void **state) {
  (void)state;
  assert_string_equal(path_below("/d", "/d/x/y"), "x/y");
  assert_string_equal(path_below("/", "/x"), "x");
  assert_null(path_below("/d", "/dx/y"));
  assert_null(path_below("/d", "/d"));
}

static void only_a_leading_double_dot_climbs(void **state) {
  (void)state;
  assert_true(path_climbs(".."));
  assert_true(path_climbs("../a"));
  assert_false(path_climbs("..a"));
  assert_false(path_climbs("a/.."));
}

static void the_extension_begins_at_the_last_dot(void **state) {
  (void)state;
  assert_string_equal(path_extension("a.b/c.tar.mp4"), ".mp4");
  assert_string_equal(path_extension("a.b/c"), "");
  assert_string_equal(path_extension("a/.mp4"), "");
  assert_string_equal(path_name("a/b.c"), "b.c");
}

static void emails_assets_and_tokens_are_known_by_their_shape(void **state) {
  (void)state;
  assert_true(shape_is_email("one@example.com"));
  assert_false(shape_is_email("one"));
  assert_false(shape_is_email("@example.com"));
  assert_false(shape_is_email("one@"));
  assert_false(shape_is_email("a b@example.com"));
  assert_false(shape_is_email("a@b@c"));
  assert_string_equal(shape_asset_email(&arena, "user:1-runwayml:a@b.c-asset:ff"), "a@b.c");
  assert_string_equal(shape_asset_name("user:1-runwayml:a@b.c-asset:ff"), "ff");
  assert_null(shape_asset_email(&arena, "user:1-runwayml:a@b.c-task:ff"));
  assert_null(shape_asset_email(&arena, "user:1-runwayml:ab-asset:ff"));
  assert_null(shape_asset_email(&arena, "user:1-runwayml:a@b.c-asset:"));
  assert_null(shape_asset_email(&arena, "-asset:x user:1-runwayml:"));
  assert_true(shape_is_token("user:12-secret"));
  assert_false(shape_is_token("user:x-secret"));
  assert_false(shape_is_token("user:12-"));
  assert_int_equal(shape_length("\xc3\xa9x"), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(dots_and_doubled_slashes_go_away),
      TEST(a_path_is_resolved_from_a_directory),
      TEST(what_is_below_a_directory_is_told),
      TEST(only_a_leading_double_dot_climbs),
      TEST(the_extension_begins_at_the_last_dot),
      TEST(emails_assets_and_tokens_are_known_by_their_shape),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
