/* The helper as a process: what it is given, what it is denied, and how it may end. */
#include "unit/media/fixture.h"

#include <signal.h>
#include <sys/wait.h>

#include "media/helper.h"

#define LIMIT_MS 30000

static struct helper helper;
static struct error error;
static atomic_bool stop;
static char answer[PROBE_ANSWER_MAX];

static int set_up(void **state) {
  helper = (struct helper){0};
  error = (struct error){0};
  stop = false;
  answer[0] = '\0';
  return scratch_make(state);
}

static int tear_down(void **state) {
  (void)helper_stop(&helper);
  return scratch_remove(state);
}

static void start(const char *program) {
  int code = helper_start(&helper, program, &stop, &error);
  if (code != 0) fail_msg("%s", error.text);
}

static enum helper_end ask(const char *path, duration_ms limit_ms) {
  int clip = open(path, O_RDONLY | O_CLOEXEC);
  assert_true(clip >= 0);
  enum helper_end end = helper_ask(&helper, clip, limit_ms, &stop, answer);
  assert_int_equal(close(clip), 0);
  return end;
}

static enum helper_end ask_fake(const char *body, duration_ms limit_ms) {
  start(fake_probe(body));
  return ask("/dev/null", limit_ms);
}

static void the_environment_holds_nothing_of_ours(void **state) {
  (void)state;
  assert_int_equal(setenv("USEAPI_TOKEN", "user:1234-canary", 1), 0);
  assert_int_equal(
      ask_fake("read line; tr '\\0' '\\n' < /proc/$$/environ > $dir/seen; echo done", LIMIT_MS),
      HELPER_ANSWERED);
  assert_int_equal(unsetenv("USEAPI_TOKEN"), 0);
  char *seen = read_file(scratch_path("seen"), NULL);
  assert_string_equal(seen, "PATH=/usr/bin:/bin\nLC_ALL=C\n");
  free(seen);
}

static void descriptors_that_we_left_open_are_not_inherited(void **state) {
  (void)state;
  int open_file = open(scratch_text("token-file", "secret"), O_RDONLY);
  assert_true(open_file >= 0);
  assert_int_equal(ask_fake("read line; ls -l /proc/$$/fd > $dir/seen; echo done", LIMIT_MS),
                   HELPER_ANSWERED);
  assert_int_equal(close(open_file), 0);
  char *seen = read_file(scratch_path("seen"), NULL);
  assert_non_null(strstr(seen, "0 -> socket:"));
  assert_null(strstr(seen, "token-file"));
  free(seen);
}

static void signals_of_ours_do_not_reach_it(void **state) {
  (void)state;
  assert_int_equal(ask_fake("read line; cut -d' ' -f5 /proc/$$/stat > $dir/group;"
                            /* read by the shell itself, which blocks signals while it forks */
                            "while read word value; do case $word in SigBlk:) echo $value"
                            " > $dir/blocked;; esac; done < /proc/$$/status; echo done",
                            LIMIT_MS),
                   HELPER_ANSWERED);
  char *group = read_file(scratch_path("group"), NULL);
  assert_int_equal(atoi(group), helper.process);
  free(group);
  char *blocked = read_file(scratch_path("blocked"), NULL);
  assert_string_equal(blocked, "0000000000000000\n");
  free(blocked);
}

static void a_program_that_cannot_be_run_is_an_error(void **state) {
  (void)state;
  const char *path = scratch_text("no-program", "text");
  assert_int_equal(helper_start(&helper, path, &stop, &error), ERR_IO);
  assert_non_null(strstr(error.text, path));
  assert_non_null(strstr(error.text, "cannot be started"));
  assert_false(helper_running(&helper));
}

static void start_script(const char *script) {
  const char *path = scratch_text("script", script);
  assert_int_equal(chmod(path, 0700), 0);
  assert_int_equal(helper_start(&helper, path, &stop, &error), ERR_IO);
  assert_false(helper_running(&helper));
}

static void a_program_that_ends_as_it_starts_is_an_error_with_its_status(void **state) {
  (void)state;
  start_script("#!/bin/sh\nexit 127\n");
  assert_non_null(strstr(error.text, "ended with status 127 as it started"));
  start_script("#!/bin/sh\nkill -TERM $$\n");
  assert_non_null(strstr(error.text, "ended by signal 15 as it started"));
}

static void a_program_that_greets_otherwise_is_not_the_helper(void **state) {
  (void)state;
  start_script("#!/bin/sh\necho 'nightshift-probe 2'\nread line\n");
  assert_non_null(strstr(error.text, "is not the helper program of this version"));
}

static void starting_stops_when_told(void **state) {
  (void)state;
  const char *path = scratch_text("script", "#!/bin/sh\nexec sleep 1000\n");
  assert_int_equal(chmod(path, 0700), 0);
  stop = true;
  assert_int_equal(helper_start(&helper, path, &stop, &error), ERR_BUSY);
}

static void a_helper_that_hangs_is_ended(void **state) {
  (void)state;
  assert_int_equal(ask_fake("read line; exec sleep 1000", 50), HELPER_HUNG);
  assert_false(helper_running(&helper));
}

static void a_helper_that_dies_is_noticed_at_once(void **state) {
  (void)state;
  assert_int_equal(ask_fake("read line; kill -SEGV $$", LIMIT_MS), HELPER_DIED);
  assert_false(helper_running(&helper));
}

static void a_helper_that_died_before_it_was_asked_is_noticed(void **state) {
  (void)state;
  start(fake_probe("read line; echo never"));
  assert_int_equal(kill(helper.process, SIGKILL), 0);
  siginfo_t info;
  assert_int_equal(waitid(P_PID, (id_t)helper.process, &info, WEXITED | WNOWAIT), 0);
  assert_int_equal(ask("/dev/null", LIMIT_MS), HELPER_DIED);
}

static void a_helper_that_talks_too_much_is_ended(void **state) {
  (void)state;
  assert_int_equal(ask_fake("read line; printf '%05000d' 1; read line", LIMIT_MS), HELPER_DIED);
  assert_int_equal(ask_fake("read line; printf 'one\\ntwo\\n'; read line", LIMIT_MS), HELPER_DIED);
}

static void asking_stops_when_told(void **state) {
  (void)state;
  start(fake_probe("read line; exec sleep 1000"));
  stop = true;
  assert_int_equal(ask("/dev/null", LIMIT_MS), HELPER_STOPPED);
}

static void an_answer_in_pieces_is_put_together(void **state) {
  (void)state;
  assert_int_equal(ask_fake("read line; printf 'a'; printf 'b'; printf 'c\\n'", LIMIT_MS),
                   HELPER_ANSWERED);
  assert_string_equal(answer, "abc\n");
}

static void the_real_helper_ends_well_when_its_input_ends(void **state) {
  (void)state;
  start(real_probe());
  assert_int_equal(ask(CLIPS "clip.mkv", LIMIT_MS), HELPER_ANSWERED);
  assert_int_equal(helper_stop(&helper), 0); /* a leak found at its end would show here */
}

static bool says(const char *file, const char *line) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", (int)helper.process, file);
  char *text = read_file(path, NULL);
  bool found = strstr(text, line) != NULL;
  free(text);
  return found;
}

static void the_real_helper_has_confined_itself_before_it_greets(void **state) {
  (void)state;
  start(real_probe());
  assert_true(says("status", "NoNewPrivs:\t1\n"));
  assert_true(says("limits", "Max file size             0                    0 "));
  assert_true(says("limits", "Max core file size        0                    0 "));
#if !defined(__SANITIZE_ADDRESS__)
  assert_true(says("limits", "Max open files            4                    4 "));
  assert_true(says("limits", "Max processes             0                    0 "));
  assert_true(says("limits", "Max address space         805306368            805306368 "));
#endif
}

static void the_real_helper_refuses_what_is_no_regular_file(void **state) {
  (void)state;
  start(real_probe());
  assert_int_equal(ask("/dev/zero", LIMIT_MS), HELPER_ANSWERED);
  assert_string_equal(answer, "no container\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(the_environment_holds_nothing_of_ours),
      TEST(descriptors_that_we_left_open_are_not_inherited),
      TEST(signals_of_ours_do_not_reach_it),
      TEST(a_program_that_cannot_be_run_is_an_error),
      TEST(a_program_that_ends_as_it_starts_is_an_error_with_its_status),
      TEST(a_program_that_greets_otherwise_is_not_the_helper),
      TEST(starting_stops_when_told),
      TEST(a_helper_that_hangs_is_ended),
      TEST(a_helper_that_dies_is_noticed_at_once),
      TEST(a_helper_that_died_before_it_was_asked_is_noticed),
      TEST(a_helper_that_talks_too_much_is_ended),
      TEST(asking_stops_when_told),
      TEST(an_answer_in_pieces_is_put_together),
      TEST(the_real_helper_ends_well_when_its_input_ends),
      TEST(the_real_helper_has_confined_itself_before_it_greets),
      TEST(the_real_helper_refuses_what_is_no_regular_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
