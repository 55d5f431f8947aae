/* Requests: what a command leaves in the state for the run at work, against every kind of store;
 * and who asks beside a run, which only a state in a file has. */
#include <unistd.h>

#include "unit/store/every_kind.h"

static int64_t give(struct fixture *fixture, const char *pattern) {
  const struct request_record request = {.verb = "cancel",
                                         .batch = "night",
                                         .pattern = pattern,
                                         .account = "one@example.com",
                                         .flags = "force all",
                                         .asked = 5};
  struct error error = {0};
  int64_t id = 0;
  if (store_give_request(fixture->store, &request, &id, &error) != 0) fail_msg("%s", error.text);
  return id;
}

static struct record answer_of(int64_t id, const char *text) {
  return (struct record){.kind = RECORD_REQUEST_ANSWER,
                         .as.request = {.id = id, .answered = 7, .status = 1, .answer = text}};
}

static void a_request_is_open_until_it_is_answered(void **state) {
  struct fixture *fixture = *state;
  struct store_requests open;
  int64_t first = give(fixture, "a"), second = give(fixture, NULL);
  assert_true(first > 0 && second > first);
  open_again(fixture);
  assert_int_equal(store_load_requests(fixture->store, &open, NULL), 0);
  assert_int_equal(open.count, 2);
  assert_int_equal(open.requests[0].id, first);
  assert_string_equal(open.requests[0].pattern, "a");
  assert_string_equal(open.requests[0].verb, "cancel");
  assert_string_equal(open.requests[0].batch, "night");
  assert_string_equal(open.requests[0].account, "one@example.com");
  assert_string_equal(open.requests[0].flags, "force all");
  assert_int_equal(open.requests[0].asked, 5);
  assert_null(open.requests[1].pattern);
  store_requests_release(&open);
  const struct record answer = answer_of(first, "done");
  commit(fixture, &answer, 1);
  open_again(fixture);
  assert_int_equal(store_load_requests(fixture->store, &open, NULL), 0);
  assert_int_equal(open.count, 1);
  assert_int_equal(open.requests[0].id, second);
  store_requests_release(&open);
}

static void an_answer_is_found_by_its_number(void **state) {
  struct fixture *fixture = *state;
  struct store_requests found;
  int64_t id = give(fixture, "a");
  assert_int_equal(store_find_request(fixture->store, id, &found, NULL), 0);
  assert_int_equal(found.count, 1);
  assert_int_equal(found.requests[0].answered, 0);
  assert_null(found.requests[0].answer);
  store_requests_release(&found);
  const struct record answer = answer_of(id, "a: cancelled\n");
  commit(fixture, &answer, 1);
  assert_int_equal(store_find_request(fixture->store, id, &found, NULL), 0);
  assert_int_equal(found.requests[0].answered, 7);
  assert_int_equal(found.requests[0].status, 1);
  assert_string_equal(found.requests[0].answer, "a: cancelled\n");
  assert_string_equal(found.requests[0].pattern, "a"); /* an answer leaves the order as it was */
  store_requests_release(&found);
  assert_int_equal(store_find_request(fixture->store, id + 1, &found, NULL), 0);
  assert_int_equal(found.count, 0);
  store_requests_release(&found);
}

/* The effects of a request and its answer are one group: a group that fails answers nothing. */
static void an_answer_goes_in_with_its_group_or_not_at_all(void **state) {
  struct fixture *fixture = *state;
  struct store_requests open;
  begin(fixture);
  int64_t id = give(fixture, NULL);
  const struct record group[] = {answer_of(id, "done"), sample_state(77, JOB_CANCELLED)};
  assert_refused(fixture, group, COUNT(group));
  assert_int_equal(store_load_requests(fixture->store, &open, NULL), 0);
  assert_int_equal(open.count, 1);
  store_requests_release(&open);
  const struct record missing = answer_of(id + 1, "done");
  assert_refused(fixture, &missing, 1);
}

static void giving_a_request_does_not_move_the_clock(void **state) {
  struct fixture *fixture = *state;
  struct store_snapshot snapshot;
  begin(fixture);
  give(fixture, NULL);
  load_or_fail(fixture->store, &snapshot);
  assert_int_equal(snapshot.latest, 1);
  store_snapshot_release(&snapshot);
}

static size_t found(struct fixture *fixture, int64_t id) {
  struct store_requests requests;
  assert_int_equal(store_find_request(fixture->store, id, &requests, NULL), 0);
  size_t count = requests.count;
  store_requests_release(&requests);
  return count;
}

static void an_answer_is_forgotten_a_day_later_by_the_next_request(void **state) {
  struct fixture *fixture = *state;
  struct request_record later = {.verb = "pause", .batch = "night"};
  int64_t open = give(fixture, "open"), done = give(fixture, "done"), next = 0, last = 0;
  const struct record answer = answer_of(done, "done"); /* at 7 */
  commit(fixture, &answer, 1);
  later.asked = 7 + STORE_REQUESTS_KEPT_MS;
  assert_int_equal(store_give_request(fixture->store, &later, &next, NULL), 0);
  assert_int_equal(found(fixture, done), 1);
  later.asked++;
  assert_int_equal(store_give_request(fixture->store, &later, &last, NULL), 0);
  open_again(fixture);
  assert_int_equal(found(fixture, done), 0);
  assert_int_equal(found(fixture, open), 1); /* nobody has carried it out yet */
  assert_int_equal(found(fixture, next), 1);
  assert_true(last > next && next > done);
}

/* The number of one that is forgotten is not given again: who waits for it would take another's
 * answer for his own. */
static void a_forgotten_number_is_not_given_again(void **state) {
  struct fixture *fixture = *state;
  struct request_record later = {.verb = "pause", .asked = 8 + STORE_REQUESTS_KEPT_MS};
  int64_t first = give(fixture, NULL), next = 0, last = 0;
  const struct record answer = answer_of(first, "done");
  commit(fixture, &answer, 1);
  assert_int_equal(store_give_request(fixture->store, &later, &next, NULL), 0);
  assert_int_equal(found(fixture, first), 0);
  assert_true(next > first);
  assert_int_equal(store_give_request(fixture->store, &later, &last, NULL), 0);
  assert_true(last > next);
}

/* ---- beside a run at work ---- */

static int setup_without_state(void **state) {
  struct fixture *fixture = calloc(1, sizeof *fixture);
  assert_non_null(fixture);
  directory_make(fixture->directory);
  snprintf(fixture->path, sizeof fixture->path, "%s/state.db", fixture->directory);
  *state = fixture;
  return 0;
}

static struct store *asker_or_fail(const struct fixture *fixture) {
  struct store *store = NULL;
  struct error error = {0};
  if (store_open(&store, fixture->path, STORE_ASK, &error) != 0) fail_msg("%s", error.text);
  return store;
}

/* A command has its own connection, which leaves the run's journal where it is. */
static void one_who_asks_gives_requests_beside_a_writer(void **state) {
  struct fixture *fixture = *state;
  const struct request_record request = {.verb = "pause", .batch = "night", .asked = 1};
  const struct record change = sample_state(1, JOB_UPLOADING);
  struct store_requests open;
  char journal[sizeof fixture->path + 16];
  int64_t first = 0, second = 0;
  begin(fixture);
  struct store *asker = asker_or_fail(fixture);
  snprintf(journal, sizeof journal, "%s-journal", fixture->path);
  commit(fixture, &change, 1);
  assert_int_equal(store_give_request(asker, &request, &first, NULL), 0);
  assert_int_equal(access(journal, F_OK), 0);
  commit(fixture, &change, 1);
  assert_int_equal(store_give_request(asker, &request, &second, NULL), 0);
  assert_true(second > first);
  assert_int_equal(store_load_requests(fixture->store, &open, NULL), 0);
  assert_int_equal(open.count, 2);
  store_requests_release(&open);
  store_close(asker);
}

static void one_who_asks_makes_no_state(void **state) {
  struct fixture *fixture = *state;
  struct store *store = NULL;
  struct error error = {0};
  assert_int_equal(store_open(&store, fixture->path, STORE_ASK, &error), ERR_NOT_FOUND);
  assert_int_equal(error.code, ERR_NOT_FOUND);
  assert_non_null(strstr(error.text, fixture->path));
  assert_non_null(strstr(error.text, "no state yet"));
  assert_int_not_equal(access(fixture->path, F_OK), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_request_is_open_until_it_is_answered),
      TEST(an_answer_is_found_by_its_number),
      TEST(an_answer_goes_in_with_its_group_or_not_at_all),
      TEST(giving_a_request_does_not_move_the_clock),
      TEST(an_answer_is_forgotten_a_day_later_by_the_next_request),
      TEST(a_forgotten_number_is_not_given_again),
  };
  const struct CMUnitTest beside[] = {
      TEST(one_who_asks_gives_requests_beside_a_writer),
      cmocka_unit_test_setup_teardown(one_who_asks_makes_no_state, setup_without_state, teardown),
  };
  int failed = run_against_every_kind(tests, COUNT(tests));
  failed += run_against(KIND_SQLITE, "beside a run", beside, COUNT(beside));
  return failed == 0 ? 0 : 1;
}
