/* Accounts, voices, features and assets in every form that is allowed. */
#include <stdio.h>

#include "reply.h"

static void accounts_come_by_email_and_leave_their_secrets_behind(void **state) {
  (void)state;
  struct answer answer = decode_kind(
      CALL_ACCOUNTS, 200,
      "{\"one@example.com\":{\"email\":\"one@example.com\",\"maxJobs\":5,\"password\":\"canary-p\","
      "\"jwt\":\"eyJjYW5hcnki.canary.j\"},\"two@example.com\":{\"maxJobs\":\"3\"}}");
  assert_outcome(answer, OUTCOME_OK);
  assert_true(answer.whole);
  assert_int_equal(answer.account_count, 2);
  assert_string_equal(answer.accounts[0].email, "one@example.com");
  assert_int_equal(answer.accounts[0].max_jobs, 5);
  assert_string_equal(answer.accounts[1].email, "two@example.com");
  assert_int_equal(answer.accounts[1].max_jobs, 3);
}

static void accounts_may_be_an_array_or_wrapped_or_one_alone(void **state) {
  (void)state;
  static const char *const bodies[] = {"[{\"email\":\"a@b.c\",\"maxJobs\":2}]",
                                       "{\"accounts\":{\"a@b.c\":{\"maxJobs\":2}}}",
                                       "{\"accounts\":[{\"email\":\"a@b.c\",\"maxJobs\":2}]}",
                                       "{\"email\":\"a@b.c\",\"maxJobs\":2}"};
  for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
    struct answer answer = decode_kind(CALL_ACCOUNTS, 200, bodies[i]);
    assert_outcome(answer, OUTCOME_OK);
    assert_int_equal(answer.account_count, 1);
    assert_string_equal(answer.accounts[0].email, "a@b.c");
    assert_int_equal(answer.accounts[0].max_jobs, 2);
  }
}

static void max_jobs_is_one_to_ten_or_not_said(void **state) {
  (void)state;
  static const struct {
    const char *said;
    int max_jobs;
  } cases[] = {{"1", 1}, {"10", 10}, {"11", 10}, {"0", 0}, {"-3", 0}, {"null", 0}, {"\"x\"", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const char *body =
        arena_printf(&arena, "[{\"email\":\"a@b.c\",\"maxJobs\":%s}]", cases[i].said);
    assert_int_equal(decode_kind(CALL_ACCOUNTS, 200, body).accounts[0].max_jobs, cases[i].max_jobs);
  }
}

static void no_accounts_are_told_from_no_answer(void **state) {
  (void)state;
  struct answer answer = decode_kind(CALL_ACCOUNTS, 200, "{}");
  assert_outcome(answer, OUTCOME_OK);
  assert_int_equal(answer.account_count, 0);
  assert_outcome(decode_kind(CALL_ACCOUNTS, 200, "{\"error\":\"no\"}"), OUTCOME_UNREADABLE);
  assert_outcome(decode_kind(CALL_ACCOUNTS, 200, "7"), OUTCOME_UNREADABLE);
}

/* Anything may be quoted when it goes wrong, so nothing is: the answer is searched byte by byte. */
static void no_secret_of_the_accounts_is_anywhere_in_an_answer(void **state) {
  (void)state;
  static const char body[] =
      "{\"one@example.com\":{\"email\":\"one@example.com\",\"password\":\"canary-password\","
      "\"jwt\":\"eyJcanary1234.eyJcanary.canary\",\"token\":\"canary-token-canary\"}}";
  for (size_t size = 0; size < sizeof body; size++) {
    arena_reset(&arena);
    struct answer answer =
        decode_bytes((struct call){.kind = CALL_ACCOUNTS}, size % 2 == 0 ? 200 : 400, body, size);
    assert_null(memmem(&answer.outcome, sizeof answer.outcome, "canary", 6));
    for (size_t i = 0; i < answer.account_count; i++)
      assert_string_equal(answer.accounts[i].email, "one@example.com");
  }
}

static void voices_have_an_id_under_either_name(void **state) {
  (void)state;
  static const char *const bodies[] = {
      "[{\"id\":\"v1\",\"name\":\"Maya\"},{\"voiceId\":\"v2\"}]",
      "{\"voices\":[{\"voiceId\":\"v1\",\"name\":\"Maya\"},{\"id\":\"v2\"}]}",
      "{\"data\":[{\"voiceId\":\"v1\",\"id\":\"other\",\"name\":\"Maya\"},{\"id\":\"v2\"}]}"};
  for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
    struct answer answer = decode_kind(CALL_VOICES, 200, bodies[i]);
    assert_outcome(answer, OUTCOME_OK);
    assert_true(answer.whole);
    assert_int_equal(answer.voice_count, 2);
    assert_string_equal(answer.voices[0].id, "v1");
    assert_string_equal(answer.voices[0].name, "Maya");
    assert_string_equal(answer.voices[1].id, "v2");
    assert_null(answer.voices[1].name);
  }
}

static void a_voices_id_may_be_a_number_as_long_as_it_is_exact(void **state) {
  (void)state;
  struct answer answer = decode_kind(
      CALL_VOICES, 200, "[{\"id\":17},{\"id\":1.5},{\"id\":9007199254740993},{\"id\":1e300}]");
  assert_int_equal(answer.voice_count, 1);
  assert_string_equal(answer.voices[0].id, "17");
  assert_false(answer.whole);
}

static void credits_are_what_is_permitted_less_what_is_used(void **state) {
  (void)state;
  static const struct {
    const char *body;
    int64_t credits;
  } cases[] = {
      {"{\"permitted\":{\"numPlanCredits\":2250},\"used\":{\"numPlanCredits\":250}}", 2000},
      {"{\"permitted\":{\"numPlanCredits\":\"2250\"},\"used\":{\"numPlanCredits\":\"250.5\"}}",
       1999},
      {"{\"features\":{\"permitted\":{\"numPlanCredits\":9},\"used\":{\"numPlanCredits\":0}}}", 9},
      {"{\"permitted\":{\"numPlanCredits\":5},\"used\":{\"numPlanCredits\":7}}", 0},
      {"{\"permitted\":{\"numPlanCredits\":5}}", -1},
      {"{\"used\":{\"numPlanCredits\":5}}", -1},
      {"{\"permitted\":{\"numPlanCredits\":null},\"used\":{\"numPlanCredits\":7}}", -1},
      {"{\"permitted\":[],\"used\":7}", -1},
      {"{}", -1}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct answer answer = decode_kind(CALL_FEATURES, 200, cases[i].body);
    assert_outcome(answer, OUTCOME_OK);
    assert_int_equal(answer.credits, cases[i].credits);
  }
  assert_outcome(decode_kind(CALL_FEATURES, 200, "[]"), OUTCOME_UNREADABLE);
  assert_int_equal(decode_kind(CALL_FEATURES, 500, "").credits, -1);
}

static void storage_is_read_as_far_as_it_is_said(void **state) {
  (void)state;
  static const struct {
    const char *body;
    int64_t permitted, storage, used;
  } cases[] = {{"{\"permitted\":{\"storageGB\":500,\"numPlanCredits\":2250},\"used\":{"
                "\"numPlanCredits\":1}}",
                2250, INT64_C(500000000000), -1},
               {"{\"permitted\":{\"storageGB\":\"0.5\"},\"used\":{\"storageGB\":\"0.125\"}}", -1,
                500000000, 125000000},
               {"{\"permitted\":{\"storageGB\":-3},\"used\":{\"storageGB\":1e300}}", -1, 0,
                INT64_C(1000000000000000)},
               {"{\"permitted\":{\"storageGB\":null},\"used\":{\"storageGB\":[]}}", -1, -1, -1},
               {"{}", -1, -1, -1}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct answer answer = decode_kind(CALL_FEATURES, 200, cases[i].body);
    assert_outcome(answer, OUTCOME_OK);
    assert_int_equal(answer.credits_permitted, cases[i].permitted);
    assert_int_equal(answer.storage_bytes, cases[i].storage);
    assert_int_equal(answer.storage_used_bytes, cases[i].used);
  }
  assert_int_equal(decode_kind(CALL_FEATURES, 500, "").storage_bytes, -1);
}

static void an_uploads_asset_is_read_at_top_level_or_under_asset(void **state) {
  (void)state;
  static const char *const bodies[] = {
      "{\"assetId\":\"" ASSET_1 "\",\"id\":\"u\",\"name\":\"ns-1\",\"size\":4711}",
      "{\"asset\":{\"assetId\":\"" ASSET_1 "\",\"name\":\"ns-1\",\"size\":\"4711\"}}"};
  for (int i = 0; i < 2; i++) {
    struct answer answer = decode_kind(CALL_UPLOAD, 200 + i, bodies[i]);
    assert_outcome(answer, OUTCOME_OK);
    assert_int_equal(answer.asset_count, 1);
    assert_string_equal(answer.assets[0].asset_id, ASSET_1);
    assert_string_equal(answer.assets[0].name, "ns-1");
    assert_int_equal(answer.assets[0].size_bytes, 4711);
  }
}

static void an_upload_without_an_asset_id_is_unreadable(void **state) {
  (void)state;
  struct answer answer = decode_kind(CALL_UPLOAD, 200, "{\"id\":\"u\"}");
  assert_outcome(answer, OUTCOME_UNREADABLE);
  assert_int_equal(answer.asset_count, 0);
}

static void assets_are_listed_bare_or_wrapped(void **state) {
  (void)state;
  static const char *const bodies[] = {
      "[{\"assetId\":\"a\",\"name\":\"n\"},{\"assetId\":\"b\"}]",
      "{\"assets\":[{\"assetId\":\"a\",\"name\":\"n\"},{\"assetId\":\"b\"}]}",
      "{\"data\":[{\"assetId\":\"a\",\"name\":\"n\"},{\"assetId\":\"b\"}]}"};
  for (int i = 0; i < 3; i++) {
    struct answer answer =
        decode((struct call){.kind = CALL_LIST_ASSETS, .limit = 2}, 200, bodies[i]);
    assert_outcome(answer, OUTCOME_OK);
    assert_true(answer.whole);
    assert_int_equal(answer.asset_count, 2);
    assert_string_equal(answer.assets[0].name, "n");
    assert_int_equal(answer.assets[1].size_bytes, -1);
    assert_false(decode((struct call){.kind = CALL_LIST_ASSETS, .limit = 1}, 200, bodies[i]).whole);
  }
  assert_false(decode_kind(CALL_LIST_ASSETS, 200, "[{\"id\":\"x\"}]").whole);
}

static void the_length_of_an_asset_is_read_where_it_is_said(void **state) {
  (void)state;
  static const struct {
    const char *said;
    duration_ms length;
  } cases[] = {{"\"duration\":4.2", 4200},
               {"\"duration\":\"12\"", 12000},
               {"\"metadata\":{\"duration\":3.0334}", 3033},
               {"\"metadata\":null", 0},
               {"\"duration\":-1", 0},
               {"\"duration\":1e30", 0},
               {"\"duration\":\"long\"", 0}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char body[200];
    (void)snprintf(body, sizeof body, "[{\"assetId\":\"a\",%s}]", cases[i].said);
    assert_int_equal(decode_kind(CALL_LIST_ASSETS, 200, body).assets[0].length_ms, cases[i].length);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accounts_come_by_email_and_leave_their_secrets_behind),
      cmocka_unit_test(accounts_may_be_an_array_or_wrapped_or_one_alone),
      cmocka_unit_test(max_jobs_is_one_to_ten_or_not_said),
      cmocka_unit_test(no_accounts_are_told_from_no_answer),
      cmocka_unit_test(no_secret_of_the_accounts_is_anywhere_in_an_answer),
      cmocka_unit_test(voices_have_an_id_under_either_name),
      cmocka_unit_test(a_voices_id_may_be_a_number_as_long_as_it_is_exact),
      cmocka_unit_test(credits_are_what_is_permitted_less_what_is_used),
      cmocka_unit_test(storage_is_read_as_far_as_it_is_said),
      cmocka_unit_test(an_uploads_asset_is_read_at_top_level_or_under_asset),
      cmocka_unit_test(an_upload_without_an_asset_id_is_unreadable),
      cmocka_unit_test(assets_are_listed_bare_or_wrapped),
      cmocka_unit_test(the_length_of_an_asset_is_read_where_it_is_said),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
