/* The service's rules for a clip. */
#include "unit/media/fixture.h"

#include "nightshift/media.h"

static const struct clip good = {.length_ms = 4000, .has_video = true, .has_sound = true};

static const char *judge(struct clip clip) {
  static char text[512];
  return media_judge(&clip, text, sizeof text);
}

static const char *judge_length(duration_ms length_ms) {
  struct clip clip = good;
  clip.length_ms = length_ms;
  return judge(clip);
}

static void clips_of_3_to_30_seconds_are_good(void **state) {
  (void)state;
  assert_null(judge_length(3000));
  assert_null(judge_length(30000));
}

static void a_tenth_of_a_second_is_forgiven_and_no_more(void **state) {
  (void)state;
  assert_null(judge_length(2900));
  assert_null(judge_length(30100));
  assert_non_null(judge_length(2899));
  assert_non_null(judge_length(30101));
}

static void a_long_clip_is_told_its_length_the_rule_and_the_remedy(void **state) {
  (void)state;
  assert_string_equal(judge_length(31400), "lasts 31.40 s: the service takes 3 to 30 s; cut it");
}

static void a_short_clip_is_not_told_to_be_cut(void **state) {
  (void)state;
  assert_string_equal(judge_length(2050),
                      "lasts 2.05 s: the service takes 3 to 30 s; take a longer one");
}

static void a_clip_without_length_is_refused(void **state) {
  (void)state;
  assert_non_null(strstr(judge_length(0), "has no length that can be read"));
}

static void a_clip_without_sound_has_no_voice_to_swap(void **state) {
  (void)state;
  struct clip clip = good;
  clip.has_sound = false;
  assert_string_equal(judge(clip),
                      "has no sound: there is no voice to swap; export it with its sound");
}

static void all_that_is_wrong_is_told_at_once(void **state) {
  (void)state;
  const char *text = judge((struct clip){.length_ms = 60000});
  assert_non_null(strstr(text, "has no picture"));
  assert_non_null(strstr(text, "; has no sound"));
  assert_non_null(strstr(text, "; lasts 60.00 s"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(clips_of_3_to_30_seconds_are_good),
      cmocka_unit_test(a_tenth_of_a_second_is_forgiven_and_no_more),
      cmocka_unit_test(a_long_clip_is_told_its_length_the_rule_and_the_remedy),
      cmocka_unit_test(a_short_clip_is_not_told_to_be_cut),
      cmocka_unit_test(a_clip_without_length_is_refused),
      cmocka_unit_test(a_clip_without_sound_has_no_voice_to_swap),
      cmocka_unit_test(all_that_is_wrong_is_told_at_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
