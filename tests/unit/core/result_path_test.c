/* Where a result goes: `{account}` is the service's word, and only ever a part of a name. */
#include "core_story.h"

static const char *path_of(struct story *story, const char *output, const char *email) {
  struct job job = {.rec = {.output = output}};
  struct account account = *story->core->accounts;
  account.email = email;
  return submit_result_path(story->core, &job, &account);
}

static void the_account_s_address_is_filled_in_wherever_it_stands(void **state) {
  struct story story;
  (void)state;
  story_begin(&story);
  story.core->out = &story.output; /* as within a step */
  assert_string_equal(path_of(&story, "/b/out/x.mp4", ONE), "/b/out/x.mp4");
  assert_string_equal(path_of(&story, "/b/{account}/x.mp4", ONE), "/b/" ONE "/x.mp4");
  assert_string_equal(path_of(&story, "/b/{account}/{account}-x.mp4", ONE),
                      "/b/" ONE "/" ONE "-x.mp4");
  /* What it brings in is no placeholder again. */
  assert_string_equal(path_of(&story, "/b/{account}.mp4", "{account}@x"), "/b/{account}@x.mp4");
  story_end(&story);
}

static void no_address_of_the_service_leaves_the_directory(void **state) {
  static const char *const emails[][2] = {
      {"../../../etc/cron.d/x", ".._.._.._etc_cron.d_x"},
      {"/etc/passwd", "_etc_passwd"},
      {"..", "_"},
      {".", "_"},
      {"../x@example.com", ".._x@example.com"},
      {"a/../../b@example.com", "a_.._.._b@example.com"},
      {"x@example.com/..", "x@example.com_.."},
      {"./x@example.com", "._x@example.com"},
      {"a//b", "a__b"},
      {"/", "_"},
      {"//", "__"},
      {"\xc2\x9b@example.com", "_@example.com"},
      {"\xe2\x80\xaexe@example.com", "_xe@example.com"},
  };
  struct story story;
  (void)state;
  story_begin(&story);
  story.core->out = &story.output; /* as within a step */
  for (size_t i = 0; i < sizeof emails / sizeof emails[0]; i++) {
    char wanted[128];
    snprintf(wanted, sizeof wanted, "/b/out/%s/x.mp4", emails[i][1]);
    assert_string_equal(path_of(&story, "/b/out/{account}/x.mp4", emails[i][0]), wanted);
  }
  story_end(&story);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_account_s_address_is_filled_in_wherever_it_stands),
      cmocka_unit_test(no_address_of_the_service_leaves_the_directory),
  };
  return cmocka_run_group_tests_name("core/result_path", tests, NULL, NULL);
}
