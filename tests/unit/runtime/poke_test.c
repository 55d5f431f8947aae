/* The socket that wakes a run: whose it is, what gives way to it, and states with long paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/poke.h"

struct place {
  char directory[64];
  char state[PATH_MAX];
};

static int setup(void **state) {
  struct place *place = calloc(1, sizeof *place);
  if (place == NULL) return -1;
  snprintf(place->directory, sizeof place->directory, "/tmp/poke-test-XXXXXX");
  if (mkdtemp(place->directory) == NULL) return -1;
  snprintf(place->state, sizeof place->state, "%s/state.db", place->directory);
  *state = place;
  return 0;
}

static int teardown(void **state) {
  struct place *place = *state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", place->directory);
  int result = system(command);
  free(place);
  return result;
}

static void make_file(const char *path) {
  int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  assert_true(fd >= 0);
  assert_int_equal(close(fd), 0);
}

static void listen_or_fail(struct poke *poke, const char *state) {
  struct error error = {0};
  if (poke_listen(poke, state, &error) != 0) fail_msg("%s", error.text);
}

static bool is_poked(const struct poke *poke) {
  struct pollfd fd = {.fd = poke->fd, .events = POLLIN};
  return poll(&fd, 1, 0) == 1;
}

static void a_poke_is_felt_until_it_is_taken(void **state) {
  struct place *place = *state;
  struct poke poke;
  listen_or_fail(&poke, place->state);
  assert_false(is_poked(&poke));
  assert_true(poke_send(place->state));
  assert_true(poke_send(place->state));
  assert_true(is_poked(&poke));
  poke_drain(&poke);
  assert_false(is_poked(&poke));
  poke_close(&poke);
}

static void without_a_run_nobody_is_poked(void **state) {
  struct place *place = *state;
  struct poke poke;
  assert_false(poke_send(place->state));
  listen_or_fail(&poke, place->state);
  poke_close(&poke);
  assert_false(poke_send(place->state));
}

static void the_socket_is_its_owners_alone_and_goes_with_the_run(void **state) {
  struct place *place = *state;
  struct poke poke;
  struct stat status;
  char path[PATH_MAX + 8];
  snprintf(path, sizeof path, "%s.sock", place->state);
  mode_t before = umask(0);
  listen_or_fail(&poke, place->state);
  (void)umask(before);
  assert_int_equal(lstat(path, &status), 0);
  assert_true(S_ISSOCK(status.st_mode));
  assert_int_equal(status.st_mode & 0777, 0600);
  poke_close(&poke);
  assert_int_not_equal(lstat(path, &status), 0);
}

static void a_dead_runs_socket_gives_way(void **state) {
  struct place *place = *state;
  struct poke dead, poke;
  listen_or_fail(&dead, place->state);
  assert_int_equal(close(dead.fd), 0); /* as a killed process leaves it */
  assert_false(poke_send(place->state));
  listen_or_fail(&poke, place->state);
  assert_true(poke_send(place->state));
  assert_true(is_poked(&poke));
  poke_close(&poke);
}

static void another_kind_of_file_does_not(void **state) {
  struct place *place = *state;
  struct poke poke;
  struct error error = {0};
  char path[PATH_MAX + 8];
  snprintf(path, sizeof path, "%s.sock", place->state);
  make_file(path);
  assert_int_equal(poke_listen(&poke, place->state, &error), ERR_IO);
  assert_non_null(strstr(error.text, path));
  assert_int_equal(access(path, F_OK), 0);
  assert_false(poke_send(place->state));
}

static void check_long(struct place *place, const char *state) {
  struct poke poke;
  make_file(state);
  listen_or_fail(&poke, state);
  assert_true(poke_send(state));
  assert_true(is_poked(&poke));
  poke_close(&poke);
  assert_false(poke_send(state));
  (void)place;
}

/* An address of a socket holds 108 bytes. */
static void a_state_deep_down_is_reached(void **state) {
  struct place *place = *state;
  char path[PATH_MAX];
  size_t used = (size_t)snprintf(path, sizeof path, "%s", place->directory);
  for (int i = 0; i < 20; i++) {
    used += (size_t)snprintf(path + used, sizeof path - used, "/twenty-characters-%d", i);
    assert_int_equal(mkdir(path, 0700), 0);
  }
  snprintf(path + used, sizeof path - used, "/state.db");
  check_long(place, path);
}

static void a_state_with_a_long_name_is_reached(void **state) {
  struct place *place = *state;
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%0200d.db", place->directory, 7);
  check_long(place, path);
}

static void a_link_to_a_state_leads_to_its_run(void **state) {
  struct place *place = *state;
  struct poke poke;
  char link[PATH_MAX];
  make_file(place->state);
  snprintf(link, sizeof link, "%s/link.db", place->directory);
  assert_int_equal(symlink(place->state, link), 0);
  listen_or_fail(&poke, place->state);
  assert_true(poke_send(link));
  assert_true(is_poked(&poke));
  poke_close(&poke);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_poke_is_felt_until_it_is_taken),
      TEST(without_a_run_nobody_is_poked),
      TEST(the_socket_is_its_owners_alone_and_goes_with_the_run),
      TEST(a_dead_runs_socket_gives_way),
      TEST(another_kind_of_file_does_not),
      TEST(a_state_deep_down_is_reached),
      TEST(a_state_with_a_long_name_is_reached),
      TEST(a_link_to_a_state_leads_to_its_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
