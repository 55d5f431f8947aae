/* Real clips and the real helper: every container that the service takes, and what it does not. */
#include "unit/media/fixture.h"

#include "nightshift/media.h"
#include "util/prng.h"

#define DEMO TEST_SOURCE_DIR "/conf/demo/clips/"

static struct media_result result;

static int tear_down(void **state) {
  media_release(&result);
  return scratch_remove(state);
}

static void examine_all(const char *const *paths, size_t count) {
  struct media_options options = {.probe_path = real_probe(), .parallel = 1};
  struct error error = {0};
  media_release(&result);
  if (media_examine(paths, count, &options, &result, &error) != 0) fail_msg("%s", error.text);
}

static const struct clip *examine(const char *path) {
  examine_all(&path, 1);
  return &result.clips[0];
}

/* Writes <scratch>/<number> with a name that lasts. */
static void write_numbered(char path[80], size_t number, const char *bytes, size_t size) {
  char name[32];
  snprintf(name, sizeof name, "%zu", number);
  snprintf(path, 80, "%s", scratch_write(name, bytes, size));
}

static void every_container_of_the_service_is_known(void **state) {
  (void)state;
  static const struct {
    const char *path, *type;
    int width_px;
    duration_ms least_ms, most_ms;
  } rows[] = {
      {CLIPS "clip.mov", "video/quicktime", 64, 4000, 4000},
      {CLIPS "clip.3gp", "video/3gpp", 64, 4000, 4000},
      {CLIPS "clip.mkv", "video/x-matroska", 64, 4000, 4200},
      {CLIPS "clip.webm", "video/webm", 64, 4000, 4100},
      {CLIPS "clip.flv", "video/x-flv", 48, 4000, 4200},
      {CLIPS "clip.mpg", "video/mpeg", 32, 3400, 3700},
      {CLIPS "clip.ts", "video/MP2T", 64, 3900, 4300},
      {CLIPS "clip.avi", "video/x-msvideo", 32, 4000, 5000},
      {CLIPS "clip.ogv", "video/ogg", 64, 4000, 4100},
      {DEMO "hello.mp4", "video/mp4", 96, 3200, 3300},
      {DEMO "interview.mov", "video/quicktime", 128, 12000, 12100},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct clip *clip = examine(rows[i].path);
    if (clip->fault != NULL) fail_msg("%s %s", clip->path, clip->fault);
    assert_string_equal(clip->content_type, rows[i].type);
    assert_int_equal(clip->width_px, rows[i].width_px);
    assert_in_range(clip->length_ms, rows[i].least_ms, rows[i].most_ms);
    assert_true(clip->has_video && clip->has_sound);
    assert_int_equal(strlen(clip->hash), 64);
  }
}

static void all_clips_of_the_demo_are_good(void **state) {
  (void)state;
  static const char *const paths[] = {DEMO "hello.mp4",    DEMO "scene-01.mp4",
                                      DEMO "scene-02.mp4", DEMO "scene-03.mp4",
                                      DEMO "goodbye.mp4",  DEMO "interview.mov"};
  for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
    assert_null(examine(paths[i])->fault);
}

static void each_bad_clip_is_told_what_is_wrong_with_it(void **state) {
  (void)state;
  static const struct {
    const char *path, *fault;
  } rows[] = {
      {CLIPS "short.mp4", "lasts 2.00 s: the service takes 3 to 30 s"},
      {CLIPS "long.mp4", "lasts 31.00 s: the service takes 3 to 30 s"},
      {CLIPS "mute.mp4", "has no sound"},
      {CLIPS "clip.mjpeg", "has no sound"},
      {CLIPS "sound-only.mp4", "has no picture"},
      {CLIPS "cover.mp4", "has no picture"}, /* the cover of a record is none */
      {CLIPS "text.mp4", "is not a video: "},
      {CLIPS "cut.mp4", "is cut off"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    const struct clip *clip = examine(rows[i].path);
    assert_non_null(clip->fault);
    assert_non_null(strstr(clip->fault, rows[i].fault));
    assert_null(clip->hash);
  }
}

static void a_clip_recorded_without_a_length_is_measured(void **state) {
  (void)state;
  const struct clip *clip = examine(CLIPS "no-length.webm");
  assert_null(clip->fault);
  assert_in_range(clip->length_ms, 3900, 4100);
}

static void a_clip_filmed_upright_is_higher_than_wide(void **state) {
  (void)state;
  const struct clip *clip = examine(CLIPS "rotated.mp4"); /* 64x48, turned by 90 degrees */
  assert_null(clip->fault);
  assert_int_equal(clip->width_px, 48);
  assert_int_equal(clip->height_px, 64);
}

static void a_name_may_hold_any_bytes(void **state) {
  (void)state;
  size_t size;
  char *bytes = read_file(CLIPS "clip.mov", &size);
  const char *path = scratch_write("a\nb' \"$(x)\xff.mov", bytes, size);
  free(bytes);
  assert_null(examine(path)->fault);
}

static void playlists_that_name_other_files_are_not_followed(void **state) {
  (void)state;
  char text[1024];
  snprintf(text, sizeof text,
           "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4.0,\n%s\n#EXT-X-ENDLIST\n", CLIPS "clip.ts");
  assert_non_null(strstr(examine(scratch_text("list.mp4", text))->fault, "is not a video"));
  snprintf(text, sizeof text, "ffconcat version 1.0\nfile '%s'\n", CLIPS "clip.mov");
  assert_non_null(strstr(examine(scratch_text("list.mov", text))->fault, "is not a video"));
}

/* An MP4 cut anywhere is never good: either its header or its end is missing. */
static void a_clip_cut_anywhere_is_a_fault(void **state) {
  (void)state;
  enum { PARTS = 40 };
  static char names[PARTS][80];
  const char *paths[PARTS];
  size_t size;
  char *bytes = read_file(DEMO "hello.mp4", &size);
  for (size_t i = 0; i < PARTS; i++) {
    write_numbered(names[i], i, bytes, size * i / PARTS);
    paths[i] = names[i];
  }
  free(bytes);
  examine_all(paths, PARTS);
  for (size_t i = 0; i < PARTS; i++)
    if (result.clips[i].fault == NULL) fail_msg("%zu of %d parts are taken for whole", i, PARTS);
}

/* A Matroska file has no list of its packets: only reading it through tells that its end is gone.
 */
static void a_matroska_clip_cut_in_the_middle_is_a_fault(void **state) {
  (void)state;
  size_t size;
  char *bytes = read_file(CLIPS "clip.mkv", &size);
  const char *path = scratch_write("part.mkv", bytes, size / 2);
  free(bytes);
  const struct clip *clip = examine(path);
  assert_non_null(clip->fault);
  assert_non_null(strstr(clip->fault, "is cut off"));
}

/* Bytes turned at random: whatever comes of it, the helper answers, and nothing is made up. */
static void damaged_clips_are_answered_for(void **state) {
  (void)state;
  enum { ROUNDS = 200, TURNED = 12 };
  static char names[ROUNDS][80];
  const char *paths[ROUNDS];
  struct prng prng;
  prng_init(&prng, 20250908);
  for (size_t i = 0; i < ROUNDS; i++) {
    size_t size;
    char *bytes = read_file(i % 2 == 0 ? CLIPS "clip.mkv" : CLIPS "clip.mov", &size);
    for (int k = 0; k < TURNED; k++)
      bytes[prng_between(&prng, 0, (int64_t)size - 1)] = (char)prng_between(&prng, -128, 127);
    write_numbered(names[i], i, bytes, size);
    paths[i] = names[i];
    free(bytes);
  }
  examine_all(paths, ROUNDS);
  for (size_t i = 0; i < ROUNDS; i++) {
    const struct clip *clip = &result.clips[i];
    assert_true((clip->fault == NULL) == (clip->hash != NULL));
    if (clip->fault != NULL) assert_null(strstr(clip->fault, "crash"));
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(every_container_of_the_service_is_known),
      TEST(all_clips_of_the_demo_are_good),
      TEST(each_bad_clip_is_told_what_is_wrong_with_it),
      TEST(a_clip_recorded_without_a_length_is_measured),
      TEST(a_clip_filmed_upright_is_higher_than_wide),
      TEST(a_name_may_hold_any_bytes),
      TEST(playlists_that_name_other_files_are_not_followed),
      TEST(a_clip_cut_anywhere_is_a_fault),
      TEST(a_matroska_clip_cut_in_the_middle_is_a_fault),
      TEST(damaged_clips_are_answered_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
