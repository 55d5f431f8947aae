/* Texts that are kept from being seen. */
#include "util/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_secret_is_a_copy_that_can_be_compared(void **state) {
  (void)state;
  char text[] = "user:1-abc";
  struct secret *secret = secret_new(text), *copy = secret_copy(secret);
  memset(text, 'x', sizeof text - 1);
  assert_true(secret_is(secret, "user:1-abc"));
  assert_false(secret_is(secret, "user:1-ab"));
  assert_false(secret_is(secret, "user:1-abcd"));
  secret_free(secret);
  assert_string_equal(secret_reveal(copy), "user:1-abc");
  secret_free(copy);
  secret_free(NULL);
}

static void an_empty_one_is_one_too(void **state) {
  (void)state;
  struct secret *secret = secret_new("");
  assert_true(secret_is(secret, ""));
  secret_free(secret);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_secret_is_a_copy_that_can_be_compared),
      cmocka_unit_test(an_empty_one_is_one_too),
  };
  return cmocka_run_group_tests_name("util/secret", tests, NULL, NULL);
}
