/* A whole .part gets its final name, and never takes the place of another's file. */
#include "http/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "nightshift/http.h"
#include "support/http_fixture.h"

static char start[256];

struct scene {
  int64_t bytes, inode;
  char kept[64];
  struct error error;
};

/* A directory with a fetched out.mp4.part in it. */
static void scene_open(struct scene *scene) {
  *scene = (struct scene){0};
  char directory[] = "/tmp/nightshift-publish-XXXXXX";
  assert_non_null(mkdtemp(directory));
  assert_int_equal(chdir(directory), 0);
  write_file("out.mp4.part", "result", 6);
  struct stat facts;
  assert_int_equal(stat("out.mp4.part", &facts), 0);
  scene->bytes = 6;
  scene->inode = (int64_t)facts.st_ino;
}

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place) {
  (void)facts;
  (void)kind;
  (void)place;
  return remove(path);
}

static void scene_close(void) {
  char directory[256];
  assert_non_null(getcwd(directory, sizeof directory));
  assert_int_equal(chdir(start), 0);
  assert_int_equal(nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static enum publish_result publish(struct scene *scene, const char *path, bool overwrite) {
  return http_publish(NULL, path, scene->bytes, scene->inode, overwrite, scene->kept,
                      sizeof scene->kept, &scene->error);
}

static void a_free_name_is_taken(void **state) {
  (void)state;
  struct scene scene;
  scene_open(&scene);
  assert_int_equal(publish(&scene, "out.mp4", false), PUBLISH_DONE);
  assert_file_is("out.mp4", "result");
  assert_no_file("out.mp4.part");
  assert_int_equal(scene.error.code, 0);
  assert_string_equal(scene.kept, "");
  scene_close();
}

static void done_again_is_done(void **state) {
  (void)state;
  struct scene scene;
  scene_open(&scene);
  assert_int_equal(publish(&scene, "out.mp4", false), PUBLISH_DONE);
  assert_int_equal(publish(&scene, "out.mp4", false), PUBLISH_DONE);
  assert_int_equal(publish(&scene, "out.mp4", true), PUBLISH_DONE);
  assert_file_is("out.mp4", "result");
  scene_close();
}

static void a_path_with_directories_works(void **state) {
  (void)state;
  struct scene scene;
  scene_open(&scene);
  assert_int_equal(mkdir("a", 0700), 0);
  assert_int_equal(rename("out.mp4.part", "a/out.mp4.part"), 0);
  assert_int_equal(publish(&scene, "a/out.mp4", false), PUBLISH_DONE);
  assert_file_is("a/out.mp4", "result");
  scene_close();
}

static void a_taken_name_is_left_alone(void **state) {
  (void)state;
  struct scene scene;
  scene_open(&scene);
  write_file("out.mp4", "theirs", 6);
  write_file("out.new.mp4", "older", 5);
  assert_int_equal(publish(&scene, "out.mp4", false), PUBLISH_TAKEN);
  assert_string_equal(scene.kept, "out.new2.mp4");
  assert_file_is("out.mp4", "theirs");
  assert_file_is("out.new.mp4", "older");
  assert_file_is("out.new2.mp4", "result");
  assert_no_file("out.mp4.part");
  /* After a crash before this was recorded. */
  memset(scene.kept, 0, sizeof scene.kept);
  assert_int_equal(publish(&scene, "out.mp4", false), PUBLISH_TAKEN);
  assert_string_equal(scene.kept, "out.new2.mp4");
  scene_close();
}

static void a_link_to_nowhere_is_a_taken_name_too(void **state) {
  (void)state;
  struct scene scene;
  scene_open(&scene);
  assert_int_equal(symlink("nowhere", "out.mp4"), 0);
  assert_int_equal(publish(&scene, "out.mp4", false), PUBLISH_TAKEN);
  assert_string_equal(scene.kept, "out.new.mp4");
  assert_no_file("nowhere");
  scene_close();
}

static void a_taken_name_is_replaced_when_told_so(void **state) {
  (void)state;
  struct scene scene;
  scene_open(&scene);
  write_file("out.mp4", "theirs", 6);
  assert_int_equal(publish(&scene, "out.mp4", true), PUBLISH_DONE);
  assert_file_is("out.mp4", "result");
  assert_no_file("out.mp4.part");
  scene_close();
}

static void another_part_is_not_published(void **state) {
  (void)state;
  struct scene scene;
  scene_open(&scene);
  scene.bytes = 5;
  assert_int_equal(publish(&scene, "out.mp4", false), PUBLISH_LOST);
  assert_int_equal(scene.error.code, ERR_NOT_FOUND);
  scene.bytes = 6;
  scene.inode++;
  assert_int_equal(publish(&scene, "out.mp4", true), PUBLISH_LOST);
  scene.inode--;
  assert_int_equal(rename("out.mp4.part", "elsewhere"), 0);
  assert_int_equal(symlink("elsewhere", "out.mp4.part"), 0);
  assert_int_equal(publish(&scene, "out.mp4", false), PUBLISH_LOST);
  assert_int_equal(unlink("out.mp4.part"), 0);
  assert_int_equal(publish(&scene, "out.mp4", false), PUBLISH_LOST);
  assert_no_file("out.mp4");
  scene_close();
}

static void a_refusal_of_the_system_names_the_path(void **state) {
  (void)state;
  struct scene scene;
  scene_open(&scene);
  assert_int_equal(mkdir("out.mp4", 0700), 0);
  assert_int_equal(publish(&scene, "out.mp4", true), PUBLISH_FAILED);
  assert_non_null(strstr(scene.error.text, "out.mp4: "));
  assert_file_is("out.mp4.part", "result");
  scene_close();
}

static void when_all_names_are_taken_it_stays_where_it_is(void **state) {
  (void)state;
  struct scene scene;
  scene_open(&scene);
  write_file("out.mp4", "", 0);
  for (int i = 1; i <= 99; i++) {
    char name[64];
    assert_true(publish_other_name("out.mp4", i, name, sizeof name));
    write_file(name, "", 0);
  }
  assert_int_equal(publish(&scene, "out.mp4", false), PUBLISH_FAILED);
  assert_int_equal(scene.error.code, ERR_LIMIT);
  assert_file_is("out.mp4.part", "result");
  scene_close();
}

static void a_crash_between_link_and_unlink_is_mended(void **state) {
  (void)state;
  struct scene scene;
  scene_open(&scene);
  assert_int_equal(link("out.mp4.part", "out.mp4"), 0);
  assert_int_equal(publish(&scene, "out.mp4", false), PUBLISH_DONE);
  assert_no_file("out.mp4.part");
  assert_file_is("out.mp4", "result");
  scene_close();
}

static void every_way_of_renaming_spares_what_is_there(void **state) {
  (void)state;
  int (*const ways[])(int, const char *, const char *) = {
      rename_exclusive, rename_exclusive_by_link, rename_exclusive_by_look};
  struct scene scene;
  scene_open(&scene);
  write_file("theirs", "theirs", 6);
  for (size_t i = 0; i < 3; i++) {
    write_file("ours", "ours", 4);
    assert_int_equal(ways[i](AT_FDCWD, "ours", "theirs"), EEXIST);
    assert_file_is("theirs", "theirs");
    assert_file_is("ours", "ours");
    assert_int_equal(ways[i](AT_FDCWD, "ours", "free"), 0);
    assert_file_is("free", "ours");
    assert_no_file("ours");
    assert_int_equal(ways[i](AT_FDCWD, "ours", "other"), ENOENT);
    assert_int_equal(ways[i](AT_FDCWD, "free", "nowhere/free"), ENOENT);
    assert_int_equal(unlink("free"), 0);
  }
  scene_close();
}

static void the_other_name_keeps_the_extension(void **state) {
  (void)state;
  static const char *const names[][3] = {
      {"out.mp4", "out.new.mp4", "out.new2.mp4"},
      {"a.b/out", "a.b/out.new", "a.b/out.new2"},
      {"/x/.mp4", "/x/.mp4.new", "/x/.mp4.new2"},
      {"a.tar.gz", "a.tar.new.gz", "a.tar.new2.gz"},
  };
  char other[32];
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    for (int number = 1; number <= 2; number++) {
      assert_true(publish_other_name(names[i][0], number, other, sizeof other));
      assert_string_equal(other, names[i][number]);
    }
  assert_false(publish_other_name("out.mp4", 1, other, 11));
  assert_true(publish_other_name("out.mp4", 1, other, 12));
}

/* What is asked of a place before anything is paid, by a path below the working directory. */
static bool can_land(const char *path, struct error *error) {
  char directory[256], whole[512];
  assert_non_null(getcwd(directory, sizeof directory));
  snprintf(whole, sizeof whole, "%s/%s", directory, path);
  *error = (struct error){0};
  return http_can_land(directory, whole, error);
}

static void a_place_that_can_never_take_a_result_is_told_beforehand(void **state) {
  struct scene scene;
  struct error error;
  (void)state;
  scene_open(&scene);
  assert_true(can_land("out.mp4", &error));
  assert_true(can_land("not/yet/there/out.mp4", &error));
  assert_int_equal(access("not", F_OK), -1);
  write_file("plain", "mine", 4);
  assert_false(can_land("plain/out.mp4", &error));
  assert_non_null(strstr(error.text, "/plain: Not a directory"));
  assert_false(can_land("plain/deeper/out.mp4", &error));
  assert_int_equal(mkdir("real", 0700), 0);
  assert_int_equal(symlink("real", "mine"), 0);
  assert_true(can_land("mine/out.mp4", &error));
  assert_int_equal(symlink("mine-again", "mine-again"), 0);
  assert_false(can_land("mine-again/out.mp4", &error));
  scene_close();
}

/* As somebody who is not root: root may write everywhere. */
static void a_directory_that_may_not_be_written_is_told_beforehand(void **state) {
  struct scene scene;
  struct error error;
  int status;
  (void)state;
  scene_open(&scene);
  assert_int_equal(mkdir("open", 0777), 0);
  assert_int_equal(chmod(".", 0755), 0);
  assert_int_equal(chmod("open", 0777), 0);
  assert_int_equal(mkdir("shut", 0555), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    if (geteuid() == 0 && setuid(65534) != 0) _exit(9);
    bool told = !can_land("shut/out.mp4", &error) && strstr(error.text, "/shut: ") != NULL &&
                !can_land("shut/deeper/out.mp4", &error) && can_land("open/out.mp4", &error);
    _exit(told ? 0 : 1);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_int_equal(status, 0);
  scene_close();
}

int main(void) {
  if (getcwd(start, sizeof start) == NULL) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_free_name_is_taken),
      cmocka_unit_test(done_again_is_done),
      cmocka_unit_test(a_path_with_directories_works),
      cmocka_unit_test(a_taken_name_is_left_alone),
      cmocka_unit_test(a_link_to_nowhere_is_a_taken_name_too),
      cmocka_unit_test(a_taken_name_is_replaced_when_told_so),
      cmocka_unit_test(another_part_is_not_published),
      cmocka_unit_test(a_refusal_of_the_system_names_the_path),
      cmocka_unit_test(when_all_names_are_taken_it_stays_where_it_is),
      cmocka_unit_test(a_crash_between_link_and_unlink_is_mended),
      cmocka_unit_test(every_way_of_renaming_spares_what_is_there),
      cmocka_unit_test(the_other_name_keeps_the_extension),
      cmocka_unit_test(a_place_that_can_never_take_a_result_is_told_beforehand),
      cmocka_unit_test(a_directory_that_may_not_be_written_is_told_beforehand),
  };
  return cmocka_run_group_tests_name("http/publish", tests, NULL, NULL);
}
