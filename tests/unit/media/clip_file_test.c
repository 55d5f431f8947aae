/* Opening and hashing a clip's file. */
#include "unit/media/fixture.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "media/clip_file.h"
#include "nightshift/error.h"

static char fault[512];

static int open_path(const char *path, struct clip *clip) {
  *clip = (struct clip){.path = path};
  fault[0] = '\0';
  return clip_file_open(clip, fault, sizeof fault);
}

static void assert_refused(const char *path, const char *why) {
  struct clip clip;
  assert_int_equal(open_path(path, &clip), -1);
  assert_non_null(strstr(fault, why));
}

static int hash_text(const char *text, bool stopped, char *hash) {
  struct clip clip;
  int file = open_path(scratch_text("file", text), &clip);
  assert_true(file >= 0);
  atomic_bool stop = stopped;
  int code = clip_file_hash(file, &clip, &stop, hash, fault, sizeof fault);
  assert_int_equal(close(file), 0);
  return code;
}

static void the_hash_is_sha_256(void **state) {
  (void)state;
  char hash[HASH_TEXT];
  assert_int_equal(hash_text("abc", false, hash), 0);
  /* FIPS 180-2, appendix B.1 */
  assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void a_file_of_many_chunks_is_hashed_whole(void **state) {
  (void)state;
  char first[HASH_TEXT], second[HASH_TEXT];
  size_t size = 700 * 1000;
  char *text = malloc(size + 1);
  assert_non_null(text);
  memset(text, 'a', size);
  text[size] = '\0';
  assert_int_equal(hash_text(text, false, first), 0);
  text[size - 1] = 'b';
  assert_int_equal(hash_text(text, false, second), 0);
  free(text);
  assert_string_not_equal(first, second);
}

static void hashing_stops_when_told(void **state) {
  (void)state;
  char hash[HASH_TEXT];
  assert_int_equal(hash_text("abc", true, hash), ERR_BUSY);
}

static void a_file_that_grew_since_it_was_opened_has_no_hash(void **state) {
  (void)state;
  char hash[HASH_TEXT];
  struct clip clip;
  atomic_bool stop = false;
  int file = open_path(scratch_text("file", "abc"), &clip);
  (void)scratch_text("file", "abcdef");
  assert_int_equal(clip_file_hash(file, &clip, &stop, hash, fault, sizeof fault), ERR_IO);
  assert_non_null(strstr(fault, "changed while it was read"));
  assert_int_equal(close(file), 0);
}

static void a_file_that_shrank_since_it_was_opened_has_no_hash(void **state) {
  (void)state;
  char hash[HASH_TEXT];
  struct clip clip;
  atomic_bool stop = false;
  int file = open_path(scratch_text("file", "abc"), &clip);
  (void)scratch_text("file", "a");
  assert_int_equal(clip_file_hash(file, &clip, &stop, hash, fault, sizeof fault), ERR_IO);
  assert_non_null(strstr(fault, "changed while it was read"));
  assert_int_equal(close(file), 0);
}

static void what_is_no_file_is_refused_and_never_waited_for(void **state) {
  (void)state;
  assert_refused(scratch_path("nowhere"), "is not there: check the path");
  assert_refused(scratch_path("nowhere/at/all"), "is not there: check the path");
  assert_refused(scratch, "is a directory");
  assert_refused("/dev/zero", "is a device");
  assert_refused(scratch_text("empty", ""), "is empty");
  const char *pipe_path = scratch_path("pipe");
  assert_int_equal(mkfifo(pipe_path, 0600), 0);
  assert_refused(pipe_path, "is a pipe");
}

static void a_socket_is_refused(void **state) {
  (void)state;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path, scratch_path("socket"));
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
  assert_refused(address.sun_path, "is a socket");
  assert_int_equal(close(listener), 0);
}

static void a_link_in_a_circle_is_told_by_the_systems_words(void **state) {
  (void)state;
  const char *path = scratch_path("circle");
  assert_int_equal(symlink(path, path), 0);
  assert_refused(path, "cannot be read (");
}

static void a_file_of_someone_else_is_told_to_be_made_readable(void **state) {
  (void)state;
  const char *path = scratch_text("secret", "abc");
  assert_int_equal(chmod(path, 0), 0);
  bool root = geteuid() == 0; /* may read all, so steps down for a moment */
  if (root) assert_int_equal(chmod(scratch, 0755) | seteuid(65534), 0);
  assert_refused(path, "give it read permission");
  if (root) assert_int_equal(seteuid(0), 0);
}

static void the_file_is_opened_with_its_size_and_time(void **state) {
  (void)state;
  const struct timespec times[2] = {{.tv_sec = 7, .tv_nsec = 9}, {.tv_sec = 7, .tv_nsec = 9}};
  const char *path = scratch_text("file", "abc");
  assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
  struct clip clip, same = {.path = path};
  int file = open_path(path, &clip);
  assert_int_equal(clip.size_bytes, 3);
  assert_int_equal(clip.mtime_ns, INT64_C(7000000009));
  assert_true(clip_file_stat(&same));
  assert_int_equal(same.mtime_ns, clip.mtime_ns);
  assert_true(clip_file_unchanged(file, &clip));
  assert_int_equal(close(file), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_make, scratch_remove)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(the_hash_is_sha_256),
      TEST(a_file_of_many_chunks_is_hashed_whole),
      TEST(hashing_stops_when_told),
      TEST(a_file_that_grew_since_it_was_opened_has_no_hash),
      TEST(a_file_that_shrank_since_it_was_opened_has_no_hash),
      TEST(what_is_no_file_is_refused_and_never_waited_for),
      TEST(a_socket_is_refused),
      TEST(a_link_in_a_circle_is_told_by_the_systems_words),
      TEST(a_file_of_someone_else_is_told_to_be_made_readable),
      TEST(the_file_is_opened_with_its_size_and_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
