/* No output leaves its directory: by what its path says, by links, or by a swap at the last moment.
 */
#include "http/place.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "nightshift/http.h"
#include "support/http_fixture.h"

#define STRANGER 54321 /* no user of any machine */

static char scratch[64], base[80], outside[80];
static const enum place_way ways[] = {PLACE_BY_SYSTEM, PLACE_BY_NAMES};

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *place) {
  (void)facts;
  (void)kind;
  (void)place;
  return remove(path);
}

/* scratch/batch is the batch's directory, scratch/outside what must not be reached. */
static int open_scene(void **state) {
  (void)state;
  snprintf(scratch, sizeof scratch, "/tmp/nightshift-place-XXXXXX");
  if (mkdtemp(scratch) == NULL) return 1;
  snprintf(base, sizeof base, "%s/batch", scratch);
  snprintf(outside, sizeof outside, "%s/outside", scratch);
  return mkdir(base, 0700) != 0 || mkdir(outside, 0700) != 0;
}

static int close_scene(void **state) {
  (void)state;
  return nftw(scratch, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static char *in(const char *directory, const char *name) {
  static char paths[4][PATH_MAX];
  static unsigned next;
  char *path = paths[next++ % 4];
  snprintf(path, PATH_MAX, "%s/%s", directory, name);
  return path;
}

static void make_directory(const char *path) {
  assert_true(mkdir(path, 0700) == 0 || errno == EEXIST);
}

static void make_link(const char *target, const char *path) {
  assert_true(unlink(path) == 0 || errno == ENOENT);
  assert_int_equal(symlink(target, path), 0);
}

static bool is_same_directory(int fd, const char *path) {
  struct stat one, other;
  assert_int_equal(fstat(fd, &one), 0);
  assert_int_equal(stat(path, &other), 0);
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static void count_entry(int *count, const char *path) {
  struct stat facts;
  if (lstat(path, &facts) == 0) (*count)++;
}

/* ---- what a path says ---- */

static void no_path_climbs_out(void **state) {
  (void)state;
  static const char *const paths[] = {
      "../outside/x",
      "../x",
      "..",
      "../",
      "../..",
      ".",
      "",
      "./",
      "./..",
      "./../outside/x",
      "../../x",
      "../../../../../../../../../../../../etc/x",
      "out/../../outside/x",
      "out/../../../x",
      "out/..",
      "out/../..",
      "out/.",
      "out/",
      "out/../",
      "out/./../../outside/x",
      "out//../../outside/x",
      "out//..//..//outside//x",
      "./out/../../outside/x",
      ".//../outside/x",
      "out/deep/../../../outside/x",
      "new/../../outside/x",
      "new/new/../../../outside/x",
      "../batch/../outside/x",
      "../batch/x",
      "../batch",
      "../outside/../batch/x",
      "out/../x",
      "out/../out/x",
      "new/../x",
      "../outside/.ssh/authorized_keys",
      "../outside/new/x",
      "a/b/c/d/e/../../../../../../outside/x",
      "./././../x",
      "..//x",
      "..//..//x",
  };
  assert_int_equal(sizeof paths / sizeof paths[0], 40);
  make_directory(in(base, "out"));
  make_directory(in(base, "out/deep"));
  for (size_t w = 0; w < 2; w++) {
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
      struct place place;
      int result = place_open_by(ways[w], &place, base, in(base, paths[i]), 0700);
      if (result == 0) fail_msg("%s was opened", paths[i]);
      assert_int_equal(place.fd, -1);
      assert_true(place.text[0] != '\0');
    }
  }
  int strange = 0;
  count_entry(&strange, in(scratch, "x"));
  count_entry(&strange, in(outside, "new"));
  count_entry(&strange, in(outside, ".ssh"));
  assert_int_equal(strange, 0);
}

/* Odd names, and all of them only names. */
static void what_looks_like_climbing_stays_inside(void **state) {
  (void)state;
  static const char *const paths[] = {
      "...",        "... /x",         "..x/y",          ".. /x",      "x../y",
      "\\..\\x",    "..\\..\\x",      "%2e%2e/x",       "%2e%2e%2fx", "..%2fx",
      "~/x",        "~root/x",        "$HOME/x",        "`id`/x",     "C:\\x",
      "\xc0\xae/x", "\xef\xbc\x8e/x", "\xe2\x80\xae/x", "-rf/--",     "new//x",
  };
  for (size_t w = 0; w < 2; w++) {
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
      struct place place;
      char path[PATH_MAX], real[PATH_MAX], through[64];
      snprintf(path, sizeof path, "%s/odd%zu/%s", base, w, paths[i]);
      if (place_open_by(ways[w], &place, base, path, 0700) != 0) fail_msg("%s", place.text);
      snprintf(through, sizeof through, "/proc/self/fd/%d", place.fd);
      assert_non_null(realpath(through, real));
      if (strncmp(real, base, strlen(base)) != 0 || real[strlen(base)] != '/')
        fail_msg("%s leads to %s", paths[i], real);
      place_close(&place);
    }
  }
}

static void missing_directories_are_made_below_the_base_only(void **state) {
  (void)state;
  struct place place;
  for (size_t w = 0; w < 2; w++) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/made%zu/b//c/x", base, w);
    assert_int_equal(place_open_by(ways[w], &place, base, path, PLACE_AS_IS), ENOENT);
    assert_int_equal(place_open_by(ways[w], &place, base, path, 0700), 0);
    assert_int_equal(place.made, 3);
    assert_string_equal(place.name, "x");
    place_close(&place);
    assert_int_equal(place_open_by(ways[w], &place, base, path, 0700), 0);
    assert_int_equal(place.made, 0);
    place_close(&place);
    const char *gone = in(scratch, "gone");
    assert_int_equal(place_open_by(ways[w], &place, gone, in(gone, "x"), 0700), ENOENT);
    assert_no_file(gone);
  }
}

/* ---- links ---- */

static int opens(size_t w, const char *path) {
  struct place place;
  int result = place_open_by(ways[w], &place, base, in(base, path), 0700);
  if (result == 0) {
    assert_false(is_same_directory(place.fd, base));
    place_close(&place);
  }
  return result;
}

static void a_link_of_the_users_own_leads_to_their_own_directory(void **state) {
  (void)state;
  make_directory(in(base, "real"));
  make_link(outside, in(base, "absolute"));
  make_link("../outside", in(base, "relative"));
  make_link("real", in(base, "beside"));
  make_link("absolute", in(base, "twice"));
  static const char *const paths[] = {"absolute/x", "relative/x", "beside/x", "twice/x",
                                      "absolute/new/x"};
  for (size_t w = 0; w < 2; w++)
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
      if (opens(w, paths[i]) != 0) fail_msg("%s should open", paths[i]);
  assert_int_equal(rmdir(in(outside, "new")), 0);
}

static void links_to_anything_else_are_not_followed(void **state) {
  (void)state;
  write_file(in(outside, "file"), "theirs", 6);
  make_link(in(outside, "file"), in(base, "to-file"));
  make_link("nowhere", in(base, "to-nothing"));
  make_link("loop", in(base, "loop"));
  make_link("/dev/null", in(base, "to-device"));
  make_link("there", in(base, "back"));
  make_link("back", in(base, "there"));
  assert_true(unlink(in(base, "long")) == 0 || errno == ENOENT);
  static const char *const chain[] = {"real",   "chain0", "chain1", "chain2", "chain3", "chain4",
                                      "chain5", "chain6", "chain7", "chain8", "chain9"};
  for (size_t i = 0; i < 10; i++)
    make_link(chain[i], in(base, chain[i + 1]));
  static const char *const paths[] = {"to-file/x", "to-nothing/x", "loop/x",   "to-device/x",
                                      "back/x",    "there/x",      "chain9/x", "to-file/../x"};
  for (size_t w = 0; w < 2; w++)
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
      if (opens(w, paths[i]) == 0) fail_msg("%s should not open", paths[i]);
  assert_no_file(in(base, "nowhere"));
  for (size_t w = 0; w < 2; w++)
    assert_int_equal(opens(w, "chain7/x"), 0); /* eight links */
}

static void links_of_others_are_not_followed(void **state) {
  (void)state;
  if (geteuid() != 0) skip(); /* only root gives files away */
  make_directory(in(outside, "of-stranger"));
  make_directory(in(base, "of-stranger"));
  make_link(outside, in(base, "strange"));
  make_link(in(outside, "of-stranger"), in(base, "to-stranger"));
  make_link("strange", in(base, "through-strange"));
  assert_int_equal(lchown(in(base, "strange"), STRANGER, STRANGER), 0);
  assert_int_equal(chown(in(outside, "of-stranger"), STRANGER, STRANGER), 0);
  assert_int_equal(chown(in(base, "of-stranger"), STRANGER, STRANGER), 0);
  static const char *const refused[] = {"strange/x", "to-stranger/x", "through-strange/x",
                                        "strange/new/x", "of-stranger/../strange/x"};
  for (size_t w = 0; w < 2; w++) {
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
      if (opens(w, refused[i]) == 0) fail_msg("%s should not open", refused[i]);
    assert_int_equal(opens(w, "strange/x"), ELOOP);
    assert_int_equal(opens(w, "of-stranger/x"), 0); /* no link: what stands there is used */
  }
  struct place place;
  assert_int_equal(place_open(&place, base, in(base, "strange/x"), 0700), ELOOP);
  assert_non_null(strstr(place.text, "batch/strange: a symbolic link that another user has made"));
  assert_int_equal(place_open(&place, base, in(base, "to-stranger/x"), 0700), ELOOP);
  assert_non_null(strstr(place.text, "batch/to-stranger: a symbolic link to a directory that is"));
}

/* A batch in /tmp/link/b where root has made the link, as /home is one on some machines. */
static void links_of_root_lead_to_a_base_and_a_stranger_s_do_not(void **state) {
  (void)state;
  if (geteuid() != 0) skip();
  struct place place;
  char linked[PATH_MAX];
  make_link(base, in(scratch, "linked"));
  snprintf(linked, sizeof linked, "%s/linked", scratch);
  for (size_t w = 0; w < 2; w++) {
    assert_int_equal(lchown(linked, 0, 0), 0);
    assert_int_equal(place_open_by(ways[w], &place, linked, in(linked, "x"), 0700), 0);
    assert_true(is_same_directory(place.fd, base));
    place_close(&place);
    assert_int_equal(lchown(linked, STRANGER, STRANGER), 0);
    assert_int_equal(place_open_by(ways[w], &place, linked, in(linked, "x"), 0700), ELOOP);
    assert_int_equal(place_open_by(ways[w], &place, NULL, in(linked, "x"), 0700), ELOOP);
  }
}

/* ---- at the last moment ---- */

struct swapper {
  atomic_bool stop;
  char directory[PATH_MAX], aside[PATH_MAX], link[PATH_MAX];
};

/* Someone who may write to the batch's directory: the directory and a link, in turns. */
static void *swap(void *context) {
  struct swapper *swapper = context;
  while (!atomic_load(&swapper->stop))
    (void)renameat2(AT_FDCWD, swapper->directory, AT_FDCWD, swapper->link, RENAME_EXCHANGE);
  return NULL;
}

static void swapper_start(struct swapper *swapper, pthread_t *thread) {
  atomic_init(&swapper->stop, false);
  snprintf(swapper->directory, PATH_MAX, "%s", in(base, "swapped"));
  snprintf(swapper->link, PATH_MAX, "%s", in(base, "bait"));
  make_directory(swapper->directory);
  make_link(outside, swapper->link);
  assert_int_equal(lchown(swapper->link, STRANGER, STRANGER), 0);
  assert_int_equal(pthread_create(thread, NULL, swap, swapper), 0);
}

static void swapper_stop(struct swapper *swapper, pthread_t thread) {
  atomic_store(&swapper->stop, true);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(remove(swapper->directory), 0); /* whichever is which by now */
  assert_int_equal(remove(swapper->link), 0);
}

static void a_directory_swapped_for_a_link_is_never_entered(void **state) {
  (void)state;
  if (geteuid() != 0) skip();
  struct swapper swapper;
  pthread_t thread;
  swapper_start(&swapper, &thread);
  int opened = 0, refused = 0;
  for (int i = 0; opened < 1000 || refused < 1000; i++) {
    struct place place;
    int result = place_open_by(ways[i % 2], &place, base, in(base, "swapped/x"), 0700);
    if (result == 0 && is_same_directory(place.fd, outside)) fail_msg("led outside");
    opened += result == 0;
    refused += result != 0;
    place_close(&place);
  }
  swapper_stop(&swapper, thread);
}

static void a_swap_between_fetch_and_rename_moves_nothing_outside(void **state) {
  (void)state;
  if (geteuid() != 0) skip();
  char part[PATH_MAX], path[PATH_MAX], kept[PATH_MAX];
  snprintf(part, sizeof part, "%s", in(outside, "x.mp4.part"));
  snprintf(path, sizeof path, "%s", in(base, "swapped/x.mp4"));
  write_file(part, "victim", 6);
  struct stat facts;
  assert_int_equal(stat(part, &facts), 0);
  struct swapper swapper;
  pthread_t thread;
  swapper_start(&swapper, &thread);
  for (int i = 0; i < 1000; i++) {
    struct error error = {0};
    /* Even the right length and inode: they lie in another directory. */
    enum publish_result result = http_publish(base, path, facts.st_size, (int64_t)facts.st_ino,
                                              i % 2 == 0, kept, sizeof kept, &error);
    if (result != PUBLISH_LOST && result != PUBLISH_FAILED) fail_msg("published outside");
    http_discard(base, path);
  }
  swapper_stop(&swapper, thread);
  assert_file_is(part, "victim");
  assert_no_file(in(outside, "x.mp4"));
}

static void nothing_is_left_open(void **state) {
  (void)state;
  int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
  assert_true(lowest >= 0);
  close(lowest);
  struct place place;
  for (size_t w = 0; w < 2; w++) {
    (void)place_open_by(ways[w], &place, base, in(base, "loop/x"), 0700);
    place_close(&place);
    (void)place_open_by(ways[w], &place, base, in(base, "twice/x"), 0700);
    place_close(&place);
    (void)place_open_by(ways[w], &place, base, in(base, "../x"), 0700);
    place_close(&place);
  }
  int now = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(now);
  assert_int_equal(now, lowest);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_path_climbs_out),
      cmocka_unit_test(what_looks_like_climbing_stays_inside),
      cmocka_unit_test(missing_directories_are_made_below_the_base_only),
      cmocka_unit_test(a_link_of_the_users_own_leads_to_their_own_directory),
      cmocka_unit_test(links_to_anything_else_are_not_followed),
      cmocka_unit_test(links_of_others_are_not_followed),
      cmocka_unit_test(links_of_root_lead_to_a_base_and_a_stranger_s_do_not),
      cmocka_unit_test(a_directory_swapped_for_a_link_is_never_entered),
      cmocka_unit_test(a_swap_between_fetch_and_rename_moves_nothing_outside),
      cmocka_unit_test(nothing_is_left_open),
  };
  return cmocka_run_group_tests_name("http/place", tests, open_scene, close_scene);
}
