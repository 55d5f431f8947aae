/* Looking at many clips, with a helper that only pretends. */
#include "unit/media/fixture.h"

#include "nightshift/media.h"

/* Answers every clip, and counts in the file `asked`. */
#define ANSWER_ALL "while read line; do echo asked >> $dir/asked; echo '" GOOD_ANSWER "'; done"

struct memory {
  struct clip clip;
  const char *path; /* remembered */
  int64_t size_bytes, mtime_ns;
  int calls;
  size_t told; /* the last `done` of on_progress */
  size_t total;
  bool in_order;
  size_t cancel_after;
  bool cancelled;
};

static struct memory memory;
static struct media_options options;
static struct media_result result;
static struct error error;

static void note_progress(void *context, size_t done, size_t total) {
  struct memory *noted = context;
  noted->in_order = noted->in_order && done == noted->told + 1;
  noted->told = done;
  noted->total = total;
  if (done == noted->cancel_after) noted->cancelled = true;
}

static bool remember(void *context, const char *path, int64_t size_bytes, int64_t mtime_ns,
                     struct clip *clip) {
  struct memory *known = context;
  known->calls++;
  if (known->path == NULL || strcmp(path, known->path) != 0) return false;
  known->size_bytes = size_bytes;
  known->mtime_ns = mtime_ns;
  *clip = known->clip;
  return true;
}

static int set_up(void **state) {
  memory = (struct memory){.in_order = true};
  options = (struct media_options){.parallel = 1,
                                   .on_progress = note_progress,
                                   .recall = remember,
                                   .context = &memory,
                                   .cancelled = &memory.cancelled,
                                   .probe_limit_ms = 20 * SECOND_MS};
  result = (struct media_result){0};
  error = (struct error){0};
  return scratch_make(state);
}

static int tear_down(void **state) {
  media_release(&result);
  return scratch_remove(state);
}

static void examine(const char *const *paths, size_t count) {
  int code = media_examine(paths, count, &options, &result, &error);
  if (code != 0) fail_msg("%s", error.text);
  assert_int_equal(result.count, count);
}

static size_t times_asked(void) {
  size_t size;
  free(read_file(scratch_path("asked"), &size));
  return size / strlen("asked\n");
}

static const char *make_clip(const char *name) {
  return scratch_text(name, name);
}

static void a_good_clip_is_told_whole(void **state) {
  (void)state;
  options.probe_path = fake_probe(ANSWER_ALL);
  const char *paths[] = {make_clip("abc")};
  examine(paths, 1);
  const struct clip *clip = &result.clips[0];
  assert_null(clip->fault);
  assert_string_equal(clip->path, paths[0]);
  assert_int_equal(clip->size_bytes, 3);
  assert_true(clip->mtime_ns > 0);
  assert_string_equal(clip->hash,
                      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert_int_equal(clip->length_ms, 4000);
  assert_int_equal(clip->width_px, 64);
  assert_int_equal(clip->height_px, 48);
  assert_string_equal(clip->content_type, "video/mp4");
  assert_true(result.fresh[0]);
}

static void no_clips_need_no_helper(void **state) {
  (void)state;
  options.probe_path = "/nowhere/probe";
  examine(NULL, 0);
}

static void a_path_given_thrice_is_looked_at_once(void **state) {
  (void)state;
  options.probe_path = fake_probe(ANSWER_ALL);
  const char *one = make_clip("one"), *two = make_clip("two");
  const char *paths[] = {one, two, one, one};
  examine(paths, 4);
  assert_int_equal(times_asked(), 2);
  assert_int_equal(memory.total, 2);
  for (size_t i = 0; i < 4; i++) {
    assert_string_equal(result.clips[i].path, paths[i]);
    assert_null(result.clips[i].fault);
  }
  assert_string_equal(result.clips[0].hash, result.clips[3].hash);
  assert_string_not_equal(result.clips[0].hash, result.clips[1].hash);
  assert_true(result.fresh[0] && result.fresh[1]);
  assert_false(result.fresh[2] || result.fresh[3]);
}

static void what_is_remembered_is_not_looked_at(void **state) {
  (void)state;
  options.probe_path = "/nowhere/probe"; /* needed by none */
  const char *paths[] = {make_clip("known")};
  memory.path = paths[0];
  memory.clip = (struct clip){.hash = "cafe",
                              .length_ms = 5000,
                              .has_video = true,
                              .has_sound = true,
                              .content_type = "video/webm"};
  examine(paths, 1);
  assert_null(result.clips[0].fault);
  assert_string_equal(result.clips[0].hash, "cafe");
  assert_string_equal(result.clips[0].content_type, "video/webm");
  assert_string_equal(result.clips[0].path, paths[0]);
  assert_int_equal(memory.size_bytes, 5);
  assert_int_equal(result.clips[0].size_bytes, 5);
  assert_int_equal(result.clips[0].mtime_ns, memory.mtime_ns);
  assert_false(result.fresh[0]);
  assert_int_equal(memory.told, 1);
}

static void only_what_is_not_remembered_is_looked_at(void **state) {
  (void)state;
  options.probe_path = fake_probe(ANSWER_ALL);
  const char *paths[] = {make_clip("new"), make_clip("known"), make_clip("newer")};
  memory.path = paths[1];
  memory.clip = (struct clip){.hash = "cafe",
                              .length_ms = 5000,
                              .has_video = true,
                              .has_sound = true,
                              .content_type = "video/webm"};
  examine(paths, 3);
  assert_int_equal(times_asked(), 2);
  assert_int_equal(memory.told, 3);
  assert_true(memory.in_order);
  assert_true(result.fresh[0] && !result.fresh[1] && result.fresh[2]);
}

static void a_memory_without_a_hash_is_no_memory(void **state) {
  (void)state;
  options.probe_path = fake_probe(ANSWER_ALL);
  const char *paths[] = {make_clip("known")};
  memory.path = paths[0];
  memory.clip = (struct clip){.length_ms = 5000, .content_type = "video/webm"};
  examine(paths, 1);
  assert_int_equal(times_asked(), 1);
  assert_int_equal(result.clips[0].length_ms, 4000);
}

static void what_is_remembered_is_judged_again(void **state) {
  (void)state;
  const char *paths[] = {make_clip("known")};
  memory.path = paths[0];
  memory.clip = (struct clip){.hash = "cafe",
                              .length_ms = 45000,
                              .has_video = true,
                              .has_sound = true,
                              .content_type = "video/webm"};
  examine(paths, 1);
  assert_non_null(strstr(result.clips[0].fault, "lasts 45.00 s"));
}

static void files_that_are_none_are_faults_and_need_no_helper(void **state) {
  (void)state;
  options.probe_path = "/nowhere/probe";
  const char *pipe_path = scratch_path("pipe");
  assert_int_equal(mkfifo(pipe_path, 0600), 0);
  const char *paths[] = {scratch_path("missing.mp4"), scratch, pipe_path,
                         scratch_text("empty", "")};
  examine(paths, 4);
  assert_non_null(strstr(result.clips[0].fault, "is not there"));
  assert_non_null(strstr(result.clips[1].fault, "is a directory"));
  assert_non_null(strstr(result.clips[2].fault, "is a pipe"));
  assert_non_null(strstr(result.clips[3].fault, "is empty"));
  for (size_t i = 0; i < 4; i++) {
    assert_null(result.clips[i].hash);
    assert_false(result.fresh[i]);
  }
  assert_int_equal(memory.told, 4);
}

static void a_missing_helper_is_an_error_that_names_it(void **state) {
  (void)state;
  options.probe_path = "/nowhere/probe";
  const char *paths[] = {make_clip("clip")};
  assert_int_equal(media_examine(paths, 1, &options, &result, &error), ERR_IO);
  assert_int_equal(error.code, ERR_IO);
  assert_non_null(strstr(error.text, "/nowhere/probe"));
  assert_null(result.clips);
}

static void a_clip_that_crashes_the_helper_costs_only_itself(void **state) {
  (void)state;
  options.probe_path = fake_probe("for n in 1 2; do mkdir $dir/crash$n 2>/dev/null && read line && "
                                  "kill -SEGV $$; done\n" ANSWER_ALL);
  const char *paths[] = {make_clip("bad"), make_clip("good"), make_clip("better")};
  examine(paths, 3);
  assert_non_null(strstr(result.clips[0].fault, "crash"));
  assert_null(result.clips[1].fault);
  assert_null(result.clips[2].fault);
}

static void a_helper_killed_by_others_costs_no_clip(void **state) {
  (void)state;
  options.probe_path =
      fake_probe("mkdir $dir/crash 2>/dev/null && read line && kill -KILL $$\n" ANSWER_ALL);
  const char *paths[] = {make_clip("one"), make_clip("two")};
  examine(paths, 2);
  assert_null(result.clips[0].fault);
  assert_null(result.clips[1].fault);
}

static void a_clip_that_hangs_the_helper_costs_only_itself(void **state) {
  (void)state;
  options.probe_limit_ms =
      2 * SECOND_MS; /* all that a busy machine may take to start a shell's loop */
  options.probe_path =
      fake_probe("mkdir $dir/hang 2>/dev/null && read line && exec sleep 1000\n" ANSWER_ALL);
  const char *paths[] = {make_clip("bad"), make_clip("good"), make_clip("better")};
  examine(paths, 3);
  assert_non_null(strstr(result.clips[0].fault, "cannot be read within 2 s"));
  assert_null(result.clips[1].fault);
  assert_null(result.clips[2].fault);
}

static void a_clip_that_changes_while_it_is_read_is_a_fault(void **state) {
  (void)state;
  options.probe_path =
      fake_probe("while read line; do echo more >> $dir/clip; echo '" GOOD_ANSWER "'; done");
  const char *paths[] = {make_clip("clip")};
  examine(paths, 1);
  assert_non_null(strstr(result.clips[0].fault, "changed while it was read"));
  assert_null(result.clips[0].hash);
  assert_false(result.fresh[0]);
}

static void nothing_is_begun_when_cancelled_already(void **state) {
  (void)state;
  options.probe_path = fake_probe(ANSWER_ALL);
  memory.cancelled = true;
  const char *paths[] = {make_clip("clip")};
  assert_int_equal(media_examine(paths, 1, &options, &result, &error), ERR_BUSY);
  assert_int_equal(times_asked(), 0);
  assert_null(result.clips);
}

static void a_hanging_helper_does_not_hold_up_a_cancel(void **state) {
  (void)state;
  options.probe_limit_ms = HOUR_MS; /* the test's own limit would strike first */
  options.probe_path = fake_probe("read line; echo '" GOOD_ANSWER "'; read line; exec sleep 1000");
  memory.cancel_after = 1;
  const char *paths[] = {make_clip("one"), make_clip("two"), make_clip("three")};
  assert_int_equal(media_examine(paths, 3, &options, &result, &error), ERR_BUSY);
  assert_string_equal(error.text, "stopped while looking at clips");
  assert_int_equal(memory.told, 1);
}

static void hundreds_of_clips_are_all_told_once_and_in_order(void **state) {
  (void)state;
  enum { COUNT = 300 };
  static char names[COUNT][80];
  const char *paths[COUNT];
  for (int i = 0; i < COUNT; i++) {
    char name[32];
    snprintf(name, sizeof name, "clip-%d", i);
    snprintf(names[i], sizeof names[i], "%s", make_clip(name));
    paths[i] = names[i];
  }
  options.parallel = 3;
  options.probe_path = fake_probe(ANSWER_ALL);
  examine(paths, COUNT);
  assert_int_equal(times_asked(), COUNT);
  assert_int_equal(memory.told, COUNT);
  assert_int_equal(memory.total, COUNT);
  assert_true(memory.in_order);
  for (int i = 0; i < COUNT; i++) {
    assert_string_equal(result.clips[i].path, paths[i]);
    assert_null(result.clips[i].fault);
    assert_non_null(result.clips[i].hash);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_good_clip_is_told_whole),
      TEST(no_clips_need_no_helper),
      TEST(a_path_given_thrice_is_looked_at_once),
      TEST(what_is_remembered_is_not_looked_at),
      TEST(only_what_is_not_remembered_is_looked_at),
      TEST(a_memory_without_a_hash_is_no_memory),
      TEST(what_is_remembered_is_judged_again),
      TEST(files_that_are_none_are_faults_and_need_no_helper),
      TEST(a_missing_helper_is_an_error_that_names_it),
      TEST(a_clip_that_crashes_the_helper_costs_only_itself),
      TEST(a_helper_killed_by_others_costs_no_clip),
      TEST(a_clip_that_hangs_the_helper_costs_only_itself),
      TEST(a_clip_that_changes_while_it_is_read_is_a_fault),
      TEST(nothing_is_begun_when_cancelled_already),
      TEST(a_hanging_helper_does_not_hold_up_a_cancel),
      TEST(hundreds_of_clips_are_all_told_once_and_in_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
