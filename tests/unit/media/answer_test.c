/* What the helper says, read without trust; and containers to content types. */
#include "unit/media/fixture.h"

#include "media/answer.h"
#include "media/container.h"

static char fault[512];

static struct clip read_answer(const char *line) {
  struct clip clip = {.path = "/clips/a.mp4"};
  fault[0] = '\0';
  answer_read(line, &clip, fault, sizeof fault);
  return clip;
}

static void a_good_answer_fills_the_clip(void **state) {
  (void)state;
  struct clip clip = read_answer(GOOD_ANSWER "\n");
  assert_string_equal(fault, "");
  assert_int_equal(clip.length_ms, 4000);
  assert_int_equal(clip.width_px, 64);
  assert_int_equal(clip.height_px, 48);
  assert_true(clip.has_video && clip.has_sound);
  assert_string_equal(clip.content_type, "video/mp4");
}

static void an_answer_that_makes_no_sense_is_a_fault(void **state) {
  (void)state;
  static const char *const lines[] = {
      "\n",
      "ok\n",
      "nonsense\n",
      "no surprise\n",
      "no \n",
      "ok length_ms=-5 width=64 height=48 video=1 sound=1 format=mov,mp4 brand=isom\n",
      "ok length_ms=99999999999999999999 width=64 height=48 video=1 sound=1 format=avi brand=-\n",
      "ok length_ms=4000 width=64 height=-1 video=1 sound=1 format=mov,mp4 brand=isom\n",
      "ok length_ms=4000 width=64 height=48 video=7 sound=1 format=mov,mp4 brand=isom\n",
      "ok length_ms=4000 width=64 height=48 video=1 sound=1 format=wav brand=-\n",
      "ok length_ms=4000 width=64 height=48 video=1 sound=1 format=avi\n",
      "ok length_ms= width=64 height=48 video=1 sound=1 format=avi brand=-\n",
  };
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    (void)read_answer(lines[i]);
    assert_non_null(strstr(fault, "install nightshift-probe of the same version"));
  }
}

static void each_refusal_has_its_fact_and_remedy(void **state) {
  (void)state;
  static const struct {
    const char *line, *text;
  } refusals[] = {
      {"no container\n", "is not a video: the service takes mp4, "},
      {"no container wav\n", "is not a video that the service takes (it looks like wav): "},
      {"no header\n", "damaged: export it again"},
      {"no length\n", "has no length that can be read: export it again"},
      {"no cut\n", "its end is missing: copy it again whole"},
      {"no memory\n", "needs too much memory"},
  };
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
    (void)read_answer(refusals[i].line);
    assert_non_null(strstr(fault, refusals[i].text));
  }
}

static void the_content_decides_the_content_type(void **state) {
  (void)state;
  static const struct {
    const char *format, *brand, *path, *type;
  } rows[] = {
      {"mov,mp4,m4a,3gp,3g2,mj2", "isom", "a.mp4", "video/mp4"},
      {"mov,mp4,m4a,3gp,3g2,mj2", "isom", "a.mov", "video/mp4"},
      {"mov,mp4,m4a,3gp,3g2,mj2", "qt__", "a.mp4", "video/quicktime"},
      {"mov,mp4,m4a,3gp,3g2,mj2", "3gp6", "a.mp4", "video/3gpp"},
      {"mov,mp4,m4a,3gp,3g2,mj2", "-", "a.MOV", "video/quicktime"},
      {"mov,mp4,m4a,3gp,3g2,mj2", "-", "a.mp4", "video/mp4"},
      {"matroska,webm", "-", "a.mkv", "video/x-matroska"},
      {"matroska,webm", "-", "a.WebM", "video/webm"},
      {"flv", "-", "a", "video/x-flv"},
      {"mpeg", "-", "a", "video/mpeg"},
      {"mpegts", "-", "a", "video/MP2T"},
      {"avi", "-", "a", "video/x-msvideo"},
      {"mjpeg", "-", "a", "video/x-motion-jpeg"},
      {"ogg", "-", "a", "video/ogg"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    assert_string_equal(container_content_type(rows[i].format, rows[i].brand, rows[i].path),
                        rows[i].type);
  assert_null(container_content_type("hls", "-", "a.mp4"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_good_answer_fills_the_clip),
      cmocka_unit_test(an_answer_that_makes_no_sense_is_a_fault),
      cmocka_unit_test(each_refusal_has_its_fact_and_remedy),
      cmocka_unit_test(the_content_decides_the_content_type),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
