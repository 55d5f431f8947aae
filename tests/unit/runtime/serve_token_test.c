/* The page's token: made once, the same for all runs, for its owner's eyes alone. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/serve.h"

struct place {
  char directory[64], state[80], path[PATH_MAX], token[SERVE_SECRET_TEXT];
  struct error error;
};

static int begin(void **state) {
  struct place *place = calloc(1, sizeof *place);
  assert_non_null(place);
  snprintf(place->directory, sizeof place->directory, "/tmp/nightshift-token-%ld", (long)getpid());
  assert_int_equal(mkdir(place->directory, 0700), 0);
  snprintf(place->state, sizeof place->state, "%s/state.db", place->directory);
  *state = place;
  return 0;
}

static int end(void **state) {
  struct place *place = *state;
  (void)unlink(place->path); /* may not be there */
  assert_int_equal(rmdir(place->directory), 0);
  free(place);
  return 0;
}

static int read_it(struct place *place) {
  place->token[0] = '\0';
  return serve_read_token(place->state, place->path, sizeof place->path, place->token,
                          &place->error);
}

static void it_is_made_once_for_its_owner_alone(void **state) {
  struct place *place = *state;
  char first[SERVE_SECRET_TEXT];
  struct stat status;
  assert_int_equal(read_it(place), 0);
  assert_int_equal(strlen(place->token), 2 * SERVE_SECRET_BYTES);
  assert_int_equal(stat(place->path, &status), 0);
  assert_int_equal(status.st_mode & 07777, 0600);
  memcpy(first, place->token, sizeof first);
  assert_int_equal(read_it(place), 0);
  assert_string_equal(place->token, first);
}

static void removed_it_becomes_another(void **state) {
  struct place *place = *state;
  char first[SERVE_SECRET_TEXT];
  assert_int_equal(read_it(place), 0);
  memcpy(first, place->token, sizeof first);
  assert_int_equal(unlink(place->path), 0);
  assert_int_equal(read_it(place), 0);
  assert_string_not_equal(place->token, first);
}

static void one_that_others_can_read_is_none(void **state) {
  struct place *place = *state;
  assert_int_equal(read_it(place), 0);
  assert_int_equal(chmod(place->path, 0640), 0);
  assert_int_equal(read_it(place), ERR_IO);
  assert_non_null(strstr(place->error.text, "others can read it"));
  assert_string_equal(place->token, "");
}

static void what_is_no_token_is_refused(void **state) {
  static const char *const texts[] = {"", "\n", "short\n", "0123456789ABCDEF0123456789ABCDEF\n",
                                      "0123456789abcdef0123456789abcdef0\n"};
  struct place *place = *state;
  assert_int_equal(read_it(place), 0);
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    FILE *file = fopen(place->path, "w");
    assert_non_null(file);
    assert_true(fputs(texts[i], file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(read_it(place), ERR_IO);
    assert_non_null(strstr(place->error.text, "holds no token"));
  }
}

static void a_link_in_its_place_leads_nowhere(void **state) {
  struct place *place = *state;
  assert_int_equal(read_it(place), 0);
  assert_int_equal(unlink(place->path), 0);
  assert_int_equal(symlink("/dev/null", place->path), 0);
  assert_int_equal(read_it(place), ERR_IO);
}

static void where_it_cannot_be_made_is_told(void **state) {
  struct place *place = *state;
  struct place gone = *place;
  snprintf(gone.state, sizeof gone.state, "%s/none/state.db", place->directory);
  assert_int_equal(read_it(&gone), ERR_IO);
  assert_non_null(strstr(gone.error.text, "cannot be made"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
  const struct CMUnitTest tests[] = {
      TEST(it_is_made_once_for_its_owner_alone), TEST(removed_it_becomes_another),
      TEST(one_that_others_can_read_is_none),    TEST(what_is_no_token_is_refused),
      TEST(a_link_in_its_place_leads_nowhere),   TEST(where_it_cannot_be_made_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
