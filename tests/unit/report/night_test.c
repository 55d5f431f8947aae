/* What a night came to, and how it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "nightshift/night.h"
#include "util/arena.h"
#include "util/buffer.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])
#define AT(minutes) ((minutes)*MINUTE_MS)

static struct account_record accounts[] = {
    {.email = "one@example.com", .state = ACCOUNT_READY, .credits = 900},
    {.email = "two@example.com", .state = ACCOUNT_BROKEN, .reason = "sign in", .credits = -1},
    {.email = "idle@example.com", .state = ACCOUNT_READY, .credits = 5},
};

static struct job_record job(job_id id, const char *name, enum job_state state, const char *email,
                             time_ms ended) {
  return (struct job_record){.id = id,
                             .batch = 1,
                             .name = name,
                             .state = state,
                             .account = email,
                             .ended = ended,
                             .listed = true};
}

static struct attempt_record attempt(job_id id, const char *email, enum attempt_state state,
                                     time_ms from, time_ms to) {
  return (struct attempt_record){.job = id,
                                 .account = email,
                                 .state = state,
                                 .task_id = to != 0 || state == ATTEMPT_ACCEPTED ? "task" : NULL,
                                 .opened = from,
                                 .task_ended = to};
}

struct made {
  struct job_record jobs[8];
  struct attempt_record attempts[8];
  struct store_snapshot snapshot;
  struct night_source source;
  struct arena arena;
  struct night night;
};
static const batch_id only_batch = 1;

static void begin(struct made *made, size_t jobs, size_t attempts) {
  made->snapshot = (struct store_snapshot){.jobs = made->jobs,
                                           .job_count = jobs,
                                           .accounts = accounts,
                                           .account_count = COUNT(accounts)};
  made->source = (struct night_source){.snapshot = &made->snapshot,
                                       .attempts = made->attempts,
                                       .attempt_count = attempts,
                                       .batches = &only_batch,
                                       .batch_count = 1,
                                       .since = AT(10),
                                       .until = AT(70)};
  arena_init(&made->arena);
  night_build(&made->source, &made->arena, &made->night);
}

static void a_night_counts_what_ended_in_it(void **state) {
  (void)state;
  struct made made = {0};
  made.jobs[0] = job(1, "old", JOB_SUCCEEDED, "one@example.com", AT(5));
  made.jobs[1] = job(2, "new", JOB_SUCCEEDED, "one@example.com", AT(20));
  made.jobs[2] = job(3, "bad", JOB_MODERATED, "two@example.com", AT(30));
  made.jobs[3] = job(4, "waits", JOB_QUEUED, NULL, 0);
  made.jobs[4] = job(5, "other batch", JOB_SUCCEEDED, "one@example.com", AT(20));
  made.jobs[4].batch = 2;
  made.jobs[5] = job(6, "taken out", JOB_CANCELLED, NULL, AT(20));
  made.jobs[5].listed = false;
  begin(&made, 6, 0);
  assert_int_equal(made.night.counts.jobs, 4);
  assert_int_equal(made.night.counts.by_state[JOB_SUCCEEDED], 2);
  assert_int_equal(made.night.ended[JOB_SUCCEEDED], 1);
  assert_int_equal(made.night.account_count, 2); /* nothing was tried on the idle one */
  assert_int_equal(made.night.accounts[0].succeeded, 1);
  assert_int_equal(made.night.accounts[1].moderated, 1);
  arena_release(&made.arena);
}

static void the_busy_share_is_of_the_slots_that_were_in_use_at_once(void **state) {
  (void)state;
  struct made made = {0};
  made.jobs[0] = job(1, "a", JOB_SUCCEEDED, "one@example.com", AT(70));
  /* One slot all of the hour, from before it began; another for half of it, in two pieces that
   * touch; one task runs on. */
  made.attempts[0] = attempt(1, "one@example.com", ATTEMPT_SUCCEEDED, AT(5), AT(40));
  made.attempts[1] = attempt(1, "one@example.com", ATTEMPT_ACCEPTED, AT(40), 0);
  made.attempts[2] = attempt(1, "one@example.com", ATTEMPT_FAILED, AT(20), AT(30));
  made.attempts[3] = attempt(1, "one@example.com", ATTEMPT_SUCCEEDED, AT(30), AT(50));
  made.attempts[4] = attempt(1, "one@example.com", ATTEMPT_SUCCEEDED, AT(1), AT(9));
  begin(&made, 1, 5);
  const struct night_account *one = &made.night.accounts[0];
  assert_int_equal(one->most, 2);
  assert_int_equal(one->failed, 1);
  assert_int_equal(one->slot_ms, AT(90));
  assert_int_equal(night_busy_percent(&made.night, one), 75);
  assert_int_equal(night_busy_percent(&made.night, &made.night.accounts[1]), -1);
  arena_release(&made.arena);
}

static void refusals_are_counted_by_their_kind(void **state) {
  (void)state;
  struct made made = {0};
  for (size_t i = 0; i < 4; i++)
    made.attempts[i] = attempt(1, "one@example.com", ATTEMPT_REFUSED, AT(20), 0);
  made.attempts[0].cause = made.attempts[1].cause = "runway";
  made.attempts[2].cause = "maxjobs";
  made.attempts[3].cause = "refused (400): no";
  begin(&made, 0, 4);
  assert_int_equal(made.night.accounts[0].busy_runway, 2);
  assert_int_equal(made.night.accounts[0].busy_queue, 1);
  arena_release(&made.arena);
}

static void the_slowest_come_first_and_are_few(void **state) {
  (void)state;
  struct made made = {0};
  for (int i = 0; i < 8; i++) {
    made.jobs[i] = job(i + 1, "job", JOB_SUCCEEDED, "one@example.com", AT(60));
    made.attempts[i] =
        attempt(i + 1, "one@example.com", ATTEMPT_SUCCEEDED, AT(20), AT(20) + (i * 3 % 8 + 1));
  }
  begin(&made, 8, 8);
  assert_int_equal(made.night.slow_count, NIGHT_SLOWEST);
  for (int i = 0; i < NIGHT_SLOWEST; i++)
    assert_int_equal(made.night.slowest[i].took_ms, 8 - i);
  assert_int_equal(made.night.slowest[0].job->id, 6);
  arena_release(&made.arena);
}

static void ends_are_grouped_by_remedy_and_cause(struct made *made) {
  static const char *const names[] = {"a", "b", "c", "d", "e"};
  for (int i = 0; i < 5; i++) {
    made->jobs[i] = job(i + 1, names[i], i == 0 ? JOB_MODERATED : JOB_FAILED, NULL, AT(20));
    made->jobs[i].advice = i == 0 ? "change the clip" : "look at it";
    made->jobs[i].error = i == 4 ? "no sound" : "no face";
  }
  made->jobs[5] = job(6, "f", JOB_CANCELLED, NULL, AT(20));
  begin(made, 6, 0);
}

static void the_most_frequent_remedy_and_cause_come_first(void **state) {
  (void)state;
  struct made made = {0};
  ends_are_grouped_by_remedy_and_cause(&made);
  assert_int_equal(made.night.group_count, 3);
  const struct night_group *first = &made.night.groups[0];
  assert_int_equal(first->state, JOB_FAILED);
  assert_int_equal(first->count, 4);
  assert_int_equal(first->cause_count, 2);
  assert_string_equal(first->causes[0].error, "no face");
  assert_int_equal(first->causes[0].count, 3);
  assert_string_equal(first->causes[0].jobs[0]->name, "b");
  assert_string_equal(first->causes[1].error, "no sound");
  assert_null(made.night.groups[2].advice);
  arena_release(&made.arena);
}

static void a_person_reads_counts_accounts_and_remedies(void **state) {
  (void)state;
  struct made made = {0};
  struct buffer out;
  made.attempts[0] = attempt(1, "one@example.com", ATTEMPT_SUCCEEDED, AT(10), AT(40));
  ends_are_grouped_by_remedy_and_cause(&made);
  made.source.attempt_count = 1;
  made.jobs[6] = job(7, "well", JOB_SUCCEEDED, "one@example.com", AT(40));
  made.jobs[0].name = "a\x1b[31m";
  made.snapshot.job_count = 7;
  night_build(&made.source, &made.arena, &made.night);
  made.night.accounts[0].credits_before = 1000000;
  made.night.accounts[0].credits_after = 999875;
  buffer_init(&out, 1 << 20);
  night_print(&made.night, false, &out);
  assert_string_equal(
      buffer_string(&out),
      "\n1 of 7 jobs succeeded, 4 failed, 1 moderated, 1 cancelled\n"
      "this run: 7 ended in 1h 00m, 7 an hour\n"
      "\n"
      "ACCOUNT          DONE  FAILED  MODERATED  429S           CREDITS  BUSY\n"
      "one@example.com     1       0          0     0  1000000 \xe2\x86\x92 999875   50%\n"
      "two@example.com     0       0          0     0                 -     -\n"
      "    broken: sign in\n"
      "\n"
      "slowest: a\\u001b[31m in 30m 00s\n"
      "\nwhat to do next:\n"
      "  4 failed\n    look at it\n    (b, c, d and 1 more)\n"
      "  1 moderated\n    change the clip\n    (a\\u001b[31m)\n"
      "  1 cancelled\n    nothing is to be done about it\n    (f)\n");
  buffer_release(&out);
  arena_release(&made.arena);
}

struct heard {
  struct buffer text;
};
static void hear(void *context, const struct log_line *line) {
  struct heard *heard = context;
  buffer_text(&heard->text, log_event_name(line->event));
  for (size_t i = 0; i < line->field_count; i++)
    if (line->fields[i].text != NULL)
      buffer_printf(&heard->text, " %s=%s", line->fields[i].name, line->fields[i].text);
    else
      buffer_printf(&heard->text, " %s=%lld", line->fields[i].name,
                    (long long)line->fields[i].number);
  buffer_text(&heard->text, "\n");
}

static void a_program_reads_the_same(void **state) {
  (void)state;
  struct made made = {0};
  struct heard heard;
  made.attempts[0] = attempt(2, "one@example.com", ATTEMPT_SUCCEEDED, AT(10), AT(40));
  ends_are_grouped_by_remedy_and_cause(&made);
  made.source.attempt_count = 1;
  made.snapshot.job_count = 2;
  night_build(&made.source, &made.arena, &made.night);
  buffer_init(&heard.text, 1 << 20);
  night_log(&made.night, 1, hear, &heard);
  assert_string_equal(
      buffer_string(&heard.text),
      "summary.account account=one@example.com state=ready succeeded=0 failed=0 moderated=0 "
      "throttled=0 credits_after=900 busy_percent=50 slots=1\n"
      "summary.account account=two@example.com state=broken reason=sign in succeeded=0 failed=0 "
      "moderated=0 throttled=0\n"
      "summary.slowest job=b account=one@example.com took_ms=1800000\n"
      "summary.advice state=failed count=1 advice=look at it jobs=b\n"
      "summary.advice state=moderated count=1 advice=change the clip jobs=a\n");
  buffer_release(&heard.text);
  arena_release(&made.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_night_counts_what_ended_in_it),
      cmocka_unit_test(the_busy_share_is_of_the_slots_that_were_in_use_at_once),
      cmocka_unit_test(refusals_are_counted_by_their_kind),
      cmocka_unit_test(the_slowest_come_first_and_are_few),
      cmocka_unit_test(the_most_frequent_remedy_and_cause_come_first),
      cmocka_unit_test(a_person_reads_counts_accounts_and_remedies),
      cmocka_unit_test(a_program_reads_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
