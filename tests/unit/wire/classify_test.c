/* Which reply means what: every kind of call with every status and every kind of body. The rule for
 * the paid POST is stated here a second time, in other words than the table's. */
#include "reply.h"

#include "wire/classify.h"
#include <stdio.h>

enum { HTML, EMPTY_OBJECT, WORDS, CODE_ONLY, CREDITS, A_TASK, BODY_KINDS };
static const char *const bodies[BODY_KINDS] = {
    [HTML] = "<html><body>Bad gateway</body></html>",
    [EMPTY_OBJECT] = "{}",
    [WORDS] = "{\"error\":\"That will not do\",\"code\":400}",
    [CODE_ONLY] = "{\"code\":400}",
    [CREDITS] = "{\"error\":\"You do not have enough credits to run this task.\"}",
    [A_TASK] = "{\"error\":\"odd\",\"task\":{\"taskId\":\"" TASK_1 "\"}}",
};

static bool is_one_of(int status, const int *list, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (list[i] == status) return true;
  return false;
}

/* service.md, "What counts as a definite refusal of the paid POST". */
static bool is_definite(int status, int body) {
  static const int listed[] = {400, 401, 402, 404, 412, 422, 596};
  bool readable = body == WORDS || body == CODE_ONLY || body == CREDITS;
  if (body == A_TASK || status < 400) return false;
  if (status == 429 || body == CREDITS) return true;
  return readable && is_one_of(status, listed, sizeof listed / sizeof listed[0]);
}

static void only_definite_refusals_of_a_submission_are_refused(void **state) {
  (void)state;
  for (int status = 100; status <= 999; status++)
    for (int body = 0; body < BODY_KINDS; body++) {
      struct answer answer = decode_kind(CALL_SUBMIT, status, bodies[body]);
      if (answer.outcome.refused != is_definite(status, body))
        fail_msg("status %d, body %s: refused %d", status, bodies[body], answer.outcome.refused);
      if (answer.outcome.kind == OUTCOME_OK) {
        assert_true(status >= 200 && status <= 299);
        assert_int_equal(body, A_TASK);
        assert_string_equal(answer.tasks[0].task_id, TASK_1);
      }
      assert_int_equal(answer.outcome.http_status, status);
    }
}

static void every_call_with_every_status_has_a_sensible_outcome(void **state) {
  (void)state;
  for (int kind = 0; kind < CALL_COUNT; kind++)
    for (int status = 0; status <= 999; status++)
      for (int body = 0; body < BODY_KINDS; body++) {
        struct answer answer = decode_kind((enum call_kind)kind, status, bodies[body]);
        enum outcome_kind outcome = answer.outcome.kind;
        assert_true(outcome != OUTCOME_NO_REPLY && outcome != OUTCOME_NOT_SENT);
        if (status < 200 || (status >= 300 && status < 400))
          assert_outcome(answer, OUTCOME_UNEXPECTED);
        if (outcome == OUTCOME_OK) assert_true(status >= 200 && status <= 299);
        if (outcome != OUTCOME_OK) assert_true(answer.outcome.text[0] != '\0');
        if (body == HTML && status != 204 && status < 300 && status >= 200)
          assert_outcome(answer, OUTCOME_UNREADABLE);
        if (body == HTML) assert_null(strstr(answer.outcome.text, "Bad gateway"));
        arena_reset(&arena);
      }
}

struct expectation {
  int status;
  const char *body;
  enum outcome_kind kind;
  bool refused;
};

static void assert_all(enum call_kind kind, const struct expectation *cases, size_t count) {
  for (size_t i = 0; i < count; i++) {
    struct answer answer = decode_kind(kind, cases[i].status, cases[i].body);
    if (answer.outcome.kind != cases[i].kind || answer.outcome.refused != cases[i].refused)
      fail_msg("%d %s: %s, refused %d", cases[i].status, cases[i].body,
               outcome_name(answer.outcome.kind), answer.outcome.refused);
  }
}

static void answers_to_a_submission(void **state) {
  (void)state;
  static const struct expectation cases[] = {
      {200, "{\"task\":{\"taskId\":\"" TASK_1 "\"}}", OUTCOME_OK, false},
      {201, "{\"taskId\":\"" TASK_1 "\"}", OUTCOME_OK, false},
      {200, "{}", OUTCOME_UNREADABLE, false},
      {200, "{\"task\":{\"status\":\"PENDING\"}}", OUTCOME_UNREADABLE, false},
      {200, "{\"error\":\"You do not have enough credits to run this task.\"}", OUTCOME_UNREADABLE,
       false},
      {200, "{\"id\":\"request-1\",\"status\":\"error\"}", OUTCOME_UNREADABLE, false},
      {204, "", OUTCOME_UNREADABLE, false},
      {301, "{\"error\":\"Moved\"}", OUTCOME_UNEXPECTED, false},
      {400, "{\"error\":\"<Error message>\",\"code\":400}", OUTCOME_BAD_REQUEST, true},
      {400, "{\"error\":{\"message\":\"voiceId is required\"}}", OUTCOME_BAD_REQUEST, true},
      {400, "not json", OUTCOME_UNREADABLE, false},
      {400, "[]", OUTCOME_UNREADABLE, false},
      {400, "{}", OUTCOME_UNREADABLE, false},
      {400, "{\"error\":\"cut", OUTCOME_UNREADABLE, false},
      {401, "{\"error\":\"Unauthorized\",\"code\":401}", OUTCOME_BAD_TOKEN, true},
      {401, "{\"error\":\"This account has been suspended.\"}", OUTCOME_SUSPENDED, true},
      {401, "<html>", OUTCOME_UNREADABLE, false},
      {402, "{\"error\":\"Subscription expired\"}", OUTCOME_NO_SUBSCRIPTION, true},
      {403, "{\"error\":\"Forbidden\"}", OUTCOME_UNEXPECTED, false},
      {403, "{\"error\":\"You do not have enough credits to run this task.\"}", OUTCOME_NO_CREDITS,
       true},
      {404, "{\"error\":\"Unable to retrieve assetId 1 (Not found.)\",\"code\":404}",
       OUTCOME_NOT_FOUND, true},
      {408, "{\"error\":\"timeout\"}", OUTCOME_UNEXPECTED, false},
      {409, "{\"error\":\"conflict\"}", OUTCOME_UNEXPECTED, false},
      {410, "{\"error\":\"gone\"}", OUTCOME_UNEXPECTED, false},
      {412, "{\"error\":\"You do not have enough credits to run this task.\"}", OUTCOME_NO_CREDITS,
       true},
      {412, "{\"error\":\"Precondition\"}", OUTCOME_NO_CREDITS, true},
      {412, "<html>", OUTCOME_UNREADABLE, false},
      {422, "{\"error\":\"moderated\"}", OUTCOME_MODERATED, true},
      {422, "<html>", OUTCOME_UNREADABLE, false},
      {425, "{\"error\":\"too early\"}", OUTCOME_UNEXPECTED, false},
      {429, "{\"error\":\"You have too many tasks running or pending. Please wait.\"}",
       OUTCOME_BUSY_RUNWAY, true},
      {429, "<html>rate limited</html>", OUTCOME_BUSY_RUNWAY, true},
      {429, "", OUTCOME_BUSY_RUNWAY, true},
      {429, "{\"taskId\":\"" TASK_1 "\"}", OUTCOME_UNREADABLE, false},
      {429, "{\"error\":\"Account " EMAIL " is busy executing 2 tasks\"}", OUTCOME_BUSY_QUEUE,
       true},
      {500, "{\"error\":\"Internal\"}", OUTCOME_UPSTREAM, false},
      {502, "<html>", OUTCOME_UPSTREAM, false},
      {503, "", OUTCOME_UPSTREAM, false},
      {520, "<html>", OUTCOME_UPSTREAM, false},
      {596, "{\"error\":\"Sign in again\",\"code\":596}", OUTCOME_BROKEN_SESSION, true},
      {596, "<html>", OUTCOME_UNREADABLE, false},
  };
  assert_all(CALL_SUBMIT, cases, sizeof cases / sizeof cases[0]);
}

static void answers_to_a_look(void **state) {
  (void)state;
  static const struct expectation cases[] = {
      {200, "{\"taskId\":\"x\",\"status\":\"RUNNING\"}", OUTCOME_OK, false},
      {200, "{\"hello\":1}", OUTCOME_UNREADABLE, false},
      {200, "{\"taskId\":", OUTCOME_UNREADABLE, false},
      {404, "{\"error\":\"Not found\"}", OUTCOME_NOT_FOUND, true},
      {404, "<html>", OUTCOME_UNREADABLE, false},
      {410, "{\"error\":\"expired\"}", OUTCOME_EXPIRED, false},
      {410, "", OUTCOME_EXPIRED, false},
      {422, "{\"error\":\"bad limit\"}", OUTCOME_UNEXPECTED, false},
      {504, "", OUTCOME_UPSTREAM, false},
      {596, "{\"error\":\"session\"}", OUTCOME_BROKEN_SESSION, true},
  };
  assert_all(CALL_GET_TASK, cases, sizeof cases / sizeof cases[0]);
}

static void a_deletion_needs_no_body_but_must_not_say_that_it_failed(void **state) {
  (void)state;
  static const struct expectation cases[] = {
      {200, "{\"success\":true}", OUTCOME_OK, false},
      {204, "", OUTCOME_OK, false},
      {200, "{\"success\":false}", OUTCOME_UNREADABLE, false},
      {200, "<html>", OUTCOME_UNREADABLE, false},
      {404, "{\"error\":\"no such task\"}", OUTCOME_NOT_FOUND, true},
  };
  assert_all(CALL_DELETE_TASK, cases, sizeof cases / sizeof cases[0]);
  assert_all(CALL_DELETE_ASSET, cases, sizeof cases / sizeof cases[0]);
}

static void a_400_is_about_explore_mode_only_when_that_was_asked_for(void **state) {
  (void)state;
  static const char *const named[] = {
      "{\"error\":\"exploreMode is not available\"}",
      "{\"error\":{\"message\":\"Your plan does not include this\"}}",
      "{\"error\":\"Unlimited subscription needed\"}"};
  struct call call = {.kind = CALL_SUBMIT, .explore = true};
  for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
    struct answer answer = decode(call, 400, named[i]);
    assert_outcome(answer, OUTCOME_NO_EXPLORE);
    assert_true(answer.outcome.refused);
    assert_outcome(decode_kind(CALL_SUBMIT, 400, named[i]), OUTCOME_BAD_REQUEST);
  }
  assert_outcome(decode(call, 400, "{\"error\":\"See the explanation; planned\"}"),
                 OUTCOME_BAD_REQUEST);
}

static void the_http_status_outweighs_the_code_in_the_body(void **state) {
  (void)state;
  struct answer answer = decode_kind(CALL_SUBMIT, 500, "{\"error\":\"x\",\"code\":400}");
  assert_outcome(answer, OUTCOME_UPSTREAM);
  assert_false(answer.outcome.refused);
  answer = decode_kind(CALL_SUBMIT, 200, "{\"task\":{\"taskId\":\"t\",\"code\":500}}");
  assert_outcome(answer, OUTCOME_OK);
}

static void no_reply_and_not_sent_keep_the_transports_words(void **state) {
  (void)state;
  struct call call = {.kind = CALL_SUBMIT};
  struct wire_reply reply = {.transport = WIRE_NO_REPLY, .failure = "reset by\npeer"};
  struct answer answer;
  wire_decode(&call, &reply, 0, &arena, &answer);
  assert_outcome(answer, OUTCOME_NO_REPLY);
  assert_false(answer.outcome.refused);
  assert_string_equal(answer.outcome.text, "reset by peer");
  assert_int_equal(answer.outcome.retry_after_ms, -1);
  reply = (struct wire_reply){.transport = WIRE_NOT_SENT};
  wire_decode(&call, &reply, 0, &arena, &answer);
  assert_outcome(answer, OUTCOME_NOT_SENT);
  assert_false(answer.outcome.refused);
  assert_string_equal(answer.outcome.text, "");
}

static void the_services_words_are_found_wherever_they_are(void **state) {
  (void)state;
  static const char *const forms[] = {"{\"error\":\"words\"}",
                                      "{\"error\":{\"message\":\"words\",\"reason\":\"R\"}}",
                                      "{\"error\":{\"error\":\"words\"}}",
                                      "{\"error\":{\"errorMessage\":\"words\"}}",
                                      "{\"error\":{\"reason\":\"words\"}}",
                                      "{\"error\":[\"words\"]}",
                                      "{\"error\":[{\"message\":\"words\"}]}",
                                      "{\"error\":true,\"message\":\"words\"}",
                                      "{\"message\":\"words\"}",
                                      "{\"error\":\"\",\"message\":\"words\"}"};
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
    assert_string_equal(decode_kind(CALL_SUBMIT, 400, forms[i]).outcome.text, "words");
}

static void an_unreadable_body_is_described_and_never_quoted(void **state) {
  (void)state;
  struct answer answer = decode_kind(CALL_SUBMIT, 502, "secret words");
  assert_string_equal(answer.outcome.text,
                      "HTTP 502 without readable JSON (application/json, 12 bytes)");
  answer = decode_kind(CALL_LIST_TASKS, 200, "{\"x\":1}");
  assert_string_equal(answer.outcome.text, "HTTP 200 that says nothing usable");
}

static int busy_limit(const char *words) {
  char body[300];
  snprintf(body, sizeof body, "{\"error\":\"%s\",\"runningTasks\":{}}", words);
  return decode_kind(CALL_SUBMIT, 429, body).busy_limit;
}

static void how_many_tasks_it_executes_is_read_out_of_its_sentence(void **state) {
  (void)state;
  assert_int_equal(busy_limit("Account x is busy executing 2 tasks"), 2);
  assert_int_equal(busy_limit("It IS BUSY EXECUTING 10 task(s)"), 10);
  assert_int_equal(busy_limit("is busy executing tasks"), 0);
  assert_int_equal(busy_limit("is busy executing 2 apples"), 0);
  assert_int_equal(busy_limit("is busy executing 2: tasks"), 0);
  assert_int_equal(busy_limit("is busy executing 99999999999999999999 tasks"), 0);
  assert_int_equal(busy_limit("is busy executing x; is busy executing 3 tasks"), 3);
  assert_int_equal(busy_limit("is idle"), 0);
}

static void every_sentence_about_credits_is_one(void **state) {
  (void)state;
  static const char *const sentences[] = {"You do not have enough credits.", "Not enough credits",
                                          "insufficient credits for this"};
  for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
    char body[100];
    snprintf(body, sizeof body, "{\"error\":\"%s\"}", sentences[i]);
    struct answer answer = decode_kind(CALL_SUBMIT, 500, body);
    assert_outcome(answer, OUTCOME_NO_CREDITS);
    assert_true(answer.outcome.refused);
  }
}

static enum task_failure failure_of(const char *error) {
  char body[300];
  snprintf(body, sizeof body, "{\"taskId\":\"t\",\"status\":\"FAILED\",\"error\":%s}", error);
  return decode_kind(CALL_GET_TASK, 200, body).tasks[0].failure;
}

static void only_a_category_that_is_set_means_moderation(void **state) {
  (void)state;
  assert_int_equal(failure_of("{\"moderation_category\":\"VIOLENCE\"}"), TASK_FAILURE_MODERATED);
  assert_int_equal(failure_of("{\"moderation_category\":true}"), TASK_FAILURE_MODERATED);
  assert_int_equal(failure_of("{\"moderation_category\":{}}"), TASK_FAILURE_MODERATED);
  assert_int_equal(failure_of("{\"moderation_category\":false}"), TASK_FAILURE_FINAL);
  assert_int_equal(failure_of("{\"moderation_category\":\"\"}"), TASK_FAILURE_FINAL);
  assert_int_equal(failure_of("{\"moderation_category\":null}"), TASK_FAILURE_FINAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_definite_refusals_of_a_submission_are_refused),
      cmocka_unit_test(every_call_with_every_status_has_a_sensible_outcome),
      cmocka_unit_test(answers_to_a_submission),
      cmocka_unit_test(answers_to_a_look),
      cmocka_unit_test(a_deletion_needs_no_body_but_must_not_say_that_it_failed),
      cmocka_unit_test(a_400_is_about_explore_mode_only_when_that_was_asked_for),
      cmocka_unit_test(the_http_status_outweighs_the_code_in_the_body),
      cmocka_unit_test(no_reply_and_not_sent_keep_the_transports_words),
      cmocka_unit_test(the_services_words_are_found_wherever_they_are),
      cmocka_unit_test(an_unreadable_body_is_described_and_never_quoted),
      cmocka_unit_test(how_many_tasks_it_executes_is_read_out_of_its_sentence),
      cmocka_unit_test(every_sentence_about_credits_is_one),
      cmocka_unit_test(only_a_category_that_is_set_means_moderation),
  };
  return cmocka_run_group_tests(tests, open_arena, close_arena);
}
