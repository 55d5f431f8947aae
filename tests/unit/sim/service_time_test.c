/* The model over time: capacity, others' tasks, lag, late creation, the bound, and that one seed is
 * one night. */
#include "sim_client.h"

#define WORK "seed: 3\nlatency: 0s\nwork: {base: 20s, per_second: 1s, jitter: 0%, start: 0s}\n"

/* Ten seconds of clip: a task of 30 s in its slot (and the 1 ms that rounding up adds). */
#define TASK_MS 30001

static void capacity_follows_its_steps(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  client_begin(&client, WORK "accounts:\n"
                             "  - email: one@example.com\n"
                             "    capacity: [{at: 0s, slots: 1}, {at: 10s, slots: 3}, "
                             "{at: 20s, slots: 0}]\n");
  client_upload(&client, "one@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 200);
  assert_int_equal(client_submit(&client, asset, "b:k:1", NULL, 0), 429);
  client.now += 10 * SECOND_MS;
  assert_int_equal(client_submit(&client, asset, "b:k:1", NULL, 0), 200);
  assert_int_equal(client_submit(&client, asset, "b:l:1", NULL, 0), 200);
  assert_int_equal(client_submit(&client, asset, "b:m:1", NULL, 0), 429);
  client.now += MINUTE_MS;
  assert_int_equal(client_submit(&client, asset, "b:m:1", NULL, 0), 429);
  assert_int_equal(sim_service_totals(client.service).refused_runway, 3);
  client_end(&client);
}

static void a_drawn_capacity_stays_within_its_bounds_and_changes(void **state) {
  struct client client;
  char asset[256];
  bool seen[5] = {false};
  (void)state;
  client_begin(&client, WORK "accounts:\n"
                             "  - email: one@example.com\n"
                             "    max_jobs: 10\n"
                             "    capacity: {between: [1, 3], every: 10m}\n");
  client_upload(&client, "one@example.com", "clip", 10, asset, sizeof asset);
  for (int i = 0; i < 100; i++) {
    size_t room = 0;
    while (room < 4 && client_submit(&client, asset, "b:j:1", NULL, 0) == 200)
      room++;
    seen[room] = true;
    client.now += 5 * MINUTE_MS;
  }
  assert_true(seen[1] && seen[2] && seen[3]);
  assert_false(seen[0] || seen[4]);
  client_end(&client);
}

static void tasks_beyond_the_capacity_wait_throttled_where_there_is_room(void **state) {
  struct client client;
  char asset[256], second[256] = "";
  (void)state;
  client_begin(&client,
               WORK "accounts: [{email: one@example.com, capacity: 1, waiting_room: 1}]\n");
  client_upload(&client, "one@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 200);
  assert_int_equal(client_submit(&client, asset, "b:k:1", second, sizeof second), 200);
  assert_int_equal(client_submit(&client, asset, "b:l:1", NULL, 0), 429);
  assert_string_equal(client_task_status(&client, second), "THROTTLED");
  client.now += TASK_MS;
  assert_string_equal(client_task_status(&client, second), "RUNNING");
  client.now += TASK_MS;
  assert_string_equal(client_task_status(&client, second), "SUCCEEDED");
  client_end(&client);
}

static void tasks_by_hand_take_slots_and_are_not_in_the_scheduler(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  client_begin(&client, WORK "accounts:\n"
                             "  - email: one@example.com\n"
                             "    capacity: 1\n"
                             "    by_hand: [{at: 10s, length: 60s}]\n");
  client_upload(&client, "one@example.com", "clip", 10, asset, sizeof asset);
  client.now += 20 * SECOND_MS;
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 429);
  assert_true(client_says(&client, "too many tasks"));
  assert_int_equal(client_get(&client, "/scheduler/"), 200);
  assert_int_equal(cJSON_GetArraySize(client.json), 0);
  assert_int_equal(client_get(&client, "/tasks/?offset=0&limit=10"), 200);
  assert_int_equal(cJSON_GetArraySize(client.json), 1);
  client.now += 51 * SECOND_MS;
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 200);
  client_end(&client);
}

static void other_programs_fill_the_same_queue(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  client_begin(&client, WORK "accounts:\n"
                             "  - email: one@example.com\n"
                             "    capacity: 3\n"
                             "    max_jobs: 1\n"
                             "    by_program: [{at: 10s, length: 60s}]\n");
  client_upload(&client, "one@example.com", "clip", 10, asset, sizeof asset);
  client.now += 20 * SECOND_MS;
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 429);
  assert_true(client_says(&client, "busy executing 1 tasks"));
  assert_true(client_says(&client, "another-program"));
  assert_int_equal(client_get(&client, "/scheduler/"), 200);
  assert_int_equal(cJSON_GetArraySize(client.json), 1);
  client_end(&client);
}

static void a_new_task_is_listed_only_after_the_lag(void **state) {
  struct client client;
  char asset[256], task[256] = "";
  (void)state;
  client_begin(&client, "listing_lag: 60s\n" WORK "accounts: [{email: one@example.com}]\n");
  client_upload(&client, "one@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_submit(&client, asset, "b:j:1", task, sizeof task), 200);
  client.now += 59 * SECOND_MS;
  assert_int_equal(client_get(&client, "/tasks/?offset=0&limit=10"), 200);
  assert_int_equal(cJSON_GetArraySize(client.json), 0);
  assert_string_equal(client_task_status(&client, task), "SUCCEEDED");
  client.now += SECOND_MS;
  assert_int_equal(client_get(&client, "/tasks/?offset=0&limit=10"), 200);
  assert_int_equal(cJSON_GetArraySize(client.json), 1);
  client_end(&client);
}

static void a_lost_submission_can_create_its_task_late(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  client_begin(&client, WORK "accounts: [{email: one@example.com, capacity: 1}]\n"
                             "faults: [{call: submit, kind: lost_after, nth: 1, late: 30s}]\n");
  client_upload(&client, "one@example.com", "clip", 10, asset, sizeof asset);
  (void)client_submit(&client, asset, "b:j:1", NULL, 0);
  assert_int_equal(client.reply.fate, SIM_LOST_AFTER);
  client.now += 29 * SECOND_MS;
  assert_int_equal(client_get(&client, "/scheduler/"), 200);
  assert_int_equal(cJSON_GetArraySize(client.json), 0);
  client.now += SECOND_MS;
  assert_int_equal(client_get(&client, "/scheduler/"), 200);
  assert_int_equal(cJSON_GetArraySize(client.json), 1);
  assert_true(client_says(&client, "b:j:1"));
  assert_int_equal(sim_service_task(client.service, 0).created, client.now);
  client_end(&client);
}

static void the_service_says_when_it_changes_next(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  client_begin(&client, WORK "accounts: [{email: one@example.com}]\n");
  assert_true(sim_service_next(client.service) == TIME_NEVER);
  client_upload(&client, "one@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 200);
  assert_true(sim_service_next(client.service) <= client.now + TASK_MS);
  sim_service_advance(client.service, client.now + TASK_MS);
  assert_true(sim_service_next(client.service) == TIME_NEVER);
  assert_int_equal(sim_service_task(client.service, 0).ended, client.now + TASK_MS);
  client_end(&client);
}

/* One slot until 31 s, then two, less the one that somebody takes by hand from 31 s to 61 s: of
 * three tasks' 90 s of work 61 are done by one slot, the other 29 by two. */
static void the_fluid_bound_is_what_can_be_worked_out_by_hand(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  client_begin(&client, WORK "accounts:\n"
                             "  - email: one@example.com\n"
                             "    capacity: [{at: 0s, slots: 1}, {at: 31s, slots: 2}]\n"
                             "    by_hand: [{at: 31s, length: 30s}]\n");
  client_upload(&client, "one@example.com", "clip", 10, asset, sizeof asset);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 200);
    client.now += 35 * SECOND_MS;
  }
  client.now += MINUTE_MS;
  sim_service_advance(client.service, client.now);
  struct sim_totals totals = sim_service_totals(client.service);
  assert_int_equal((int64_t)totals.busy_ms, 3 * TASK_MS);
  double by_hand = 61000 + (3 * TASK_MS - 61000) / 2.0;
  assert_true(totals.fluid_bound_ms > by_hand - 2 && totals.fluid_bound_ms < by_hand + 2);
  client_end(&client);
}

static void lost_accounts_add_nothing_to_the_bound(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  client_begin(&client, WORK "accounts:\n"
                             "  - {email: one@example.com, capacity: 1}\n"
                             "  - {email: two@example.com, capacity: 3, suspended: 0s}\n"
                             "  - {email: three@example.com, capacity: 3, broken: {until: 1h}}\n");
  client_upload(&client, "one@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 200);
  sim_service_advance(client.service, client.now + MINUTE_MS);
  assert_int_equal((int64_t)sim_service_totals(client.service).fluid_bound_ms, TASK_MS);
  client_end(&client);
}

static void twice_paid_is_told_apart_from_tried_again(void **state) {
  struct client client;
  char asset[256];
  (void)state;
  client_begin(&client, WORK "accounts: [{email: one@example.com, capacity: 9, max_jobs: 10}]\n"
                             "failures: [{kind: internal, nth: 1}]\n");
  client_upload(&client, "one@example.com", "clip", 10, asset, sizeof asset);
  assert_int_equal(client_submit(&client, asset, "b:j:1", NULL, 0), 200);
  client.now += MINUTE_MS;
  assert_int_equal(client_submit(&client, asset, "b:j:2", NULL, 0), 200);
  assert_int_equal(sim_service_totals(client.service).duplicates, 0);
  assert_int_equal(client_submit(&client, asset, "b:j:3", NULL, 0), 200);
  assert_int_equal(client_submit(&client, asset, "b:k:1", NULL, 0), 200);
  struct sim_totals totals = sim_service_totals(client.service);
  assert_int_equal(totals.duplicates, 1);
  assert_int_equal(totals.refs_twice, 0);
  assert_int_equal(client_submit(&client, asset, "b:k:1", NULL, 0), 200);
  totals = sim_service_totals(client.service);
  assert_int_equal(totals.duplicates, 2);
  assert_int_equal(totals.refs_twice, 1);
  client_end(&client);
}

static char *night(const char *seed) {
  struct client client;
  char yaml[2048], asset[256], *text = NULL;
  size_t size;
  (void)snprintf(yaml, sizeof yaml,
                 "%s\nlatency: [10ms, 900ms]\n"
                 "accounts:\n"
                 "  - email: one@example.com\n"
                 "    capacity: {between: [1, 3], every: 1m}\n"
                 "    by_hand: {every: 3m, length: [10s, 90s]}\n"
                 "    by_program: {every: 4m, length: [10s, 90s]}\n"
                 "faults: [{call: any, kind: lost_after, rate: 20%%}]\n"
                 "failures: [{kind: internal, rate: 20%%}]\n",
                 seed);
  client_begin(&client, yaml);
  for (int i = 0; i < 300; i++) {
    char ref[32];
    (void)snprintf(ref, sizeof ref, "b:%d:1", i);
    if (i % 50 == 0) client_upload(&client, "one@example.com", "clip", 10, asset, sizeof asset);
    (void)client_submit(&client, asset, ref, NULL, 0);
    client.now += 7 * SECOND_MS;
  }
  FILE *stream = open_memstream(&text, &size);
  assert_non_null(stream);
  sim_service_print_ledger(client.service, stream);
  assert_int_equal(fclose(stream), 0);
  client_end(&client);
  return text;
}

static void one_seed_is_one_night_to_the_byte(void **state) {
  (void)state;
  char *one = night("seed: 5"), *again = night("seed: 5"), *other = night("seed: 6");
  assert_string_equal(one, again);
  assert_string_not_equal(one, other);
  assert_non_null(strstr(one, "\"origin\":\"by-hand\""));
  assert_non_null(strstr(one, "\"origin\":\"by-program\""));
  assert_non_null(strstr(one, "\"fault\":\"lost_after\""));
  assert_non_null(strstr(one, "\"failure\":\"internal\""));
  free(one);
  free(again);
  free(other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(capacity_follows_its_steps),
      cmocka_unit_test(a_drawn_capacity_stays_within_its_bounds_and_changes),
      cmocka_unit_test(tasks_beyond_the_capacity_wait_throttled_where_there_is_room),
      cmocka_unit_test(tasks_by_hand_take_slots_and_are_not_in_the_scheduler),
      cmocka_unit_test(other_programs_fill_the_same_queue),
      cmocka_unit_test(a_new_task_is_listed_only_after_the_lag),
      cmocka_unit_test(a_lost_submission_can_create_its_task_late),
      cmocka_unit_test(the_service_says_when_it_changes_next),
      cmocka_unit_test(the_fluid_bound_is_what_can_be_worked_out_by_hand),
      cmocka_unit_test(lost_accounts_add_nothing_to_the_bound),
      cmocka_unit_test(twice_paid_is_told_apart_from_tried_again),
      cmocka_unit_test(one_seed_is_one_night_to_the_byte),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
