/* Tokens leave the environment, and the memory that /proc/PID/environ shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/environment.h"

/* An environment of our own, as the kernel would have laid it out. */
static char token[] = "USEAPI_TOKEN=user:1-canary", second[] = "SECOND=user:22-canary",
            home[] = "HOME=/home/me", odd[] = "ODD=user:x-canary", other[] = "user:1-=x";
static char *block[] = {home, token, second, odd, other, NULL};

static void tokens_are_hidden_but_can_be_asked_for(void **state) {
  (void)state;
  struct environment environment;
  char **real = environ;
  environ = block;
  environment_hide_tokens(&environment);
  assert_null(getenv("USEAPI_TOKEN"));
  assert_null(getenv("SECOND"));
  assert_string_equal(environment_get(&environment, "USEAPI_TOKEN"), "user:1-canary");
  assert_string_equal(environment_get(&environment, "SECOND"), "user:22-canary");
  assert_string_equal(environment_get(&environment, "HOME"), "/home/me");
  assert_string_equal(environment_get(&environment, "ODD"), "user:x-canary");
  assert_null(environment_get(&environment, "NOTHING"));
  environ = real;
  environment_release(&environment);
  /* in place: every byte of the value */
  assert_string_equal(token, "USEAPI_TOKEN=");
  assert_string_equal(second, "SECOND=");
  for (size_t i = strlen(token); i < sizeof token; i++)
    assert_int_equal(token[i], 0);
  for (size_t i = strlen(second); i < sizeof second; i++)
    assert_int_equal(second[i], 0);
  assert_string_equal(home, "HOME=/home/me");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tokens_are_hidden_but_can_be_asked_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
