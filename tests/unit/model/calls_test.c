/* A call as a value that may outlive the step that ordered it. */
#include "nightshift/call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "util/arena.h"

/* Every string of the struct. */
static void a_kept_call_owns_each_of_its_strings(void **state) {
  (void)state;
  char given[] = "given";
  struct arena arena;
  struct call call = {.email = given,
                      .task_id = given,
                      .asset_id = given,
                      .voice_id = given,
                      .reply_ref = given,
                      .reply_url = given,
                      .name = given,
                      .path = given,
                      .content_type = given};
  arena_init(&arena);
  call_keep(&call, &arena);
  const char *strings[] = {call.email,    call.task_id,   call.asset_id,
                           call.voice_id, call.reply_ref, call.reply_url,
                           call.name,     call.path,      call.content_type};
  memcpy(given, "other", 5);
  for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
    assert_string_equal(strings[i], "given");
  arena_release(&arena);
}

static void what_is_not_there_stays_so(void **state) {
  (void)state;
  struct arena arena;
  struct call call = {.kind = CALL_SCHEDULER};
  arena_init(&arena);
  call_keep(&call, &arena);
  assert_null(call.email);
  assert_null(call.path);
  arena_release(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_kept_call_owns_each_of_its_strings),
      cmocka_unit_test(what_is_not_there_stays_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
