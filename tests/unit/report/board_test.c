/* What watchers are shown: the whole once, then what has changed, however slow they are. */
#include "unit/core/core_story.h"

#include <stdlib.h>

#include "nightshift/board.h"
#include "util/buffer.h"

#define MANY 3000

struct watching {
  struct story story;
  struct board *board;
  struct board_source source;
  struct buffer heard; /* the pieces of the last hearing, a line each */
  size_t longest;
};

static bool look(struct watching *watching, duration_ms later) {
  watching->source.core = watching->story.core;
  watching->source.now = watching->story.now;
  watching->source.real_ms += later;
  return board_update(watching->board, &watching->source);
}

static void begin(struct watching *watching) {
  memset(watching, 0, sizeof *watching);
  story_begin(&watching->story);
  story_job(&watching->story, "a");
  story_job(&watching->story, "<b>");
  story_start(&watching->story);
  watching->board = board_new();
  watching->source.speed = 1;
  buffer_init(&watching->heard, (size_t)16 * 1024 * 1024);
  assert_true(look(watching, 0));
}

static void end(struct watching *watching) {
  board_free(watching->board);
  buffer_release(&watching->heard);
  story_end(&watching->story);
}

/* All that the place has yet to be told. */
static const char *hear(struct watching *watching, struct board_place *place) {
  buffer_clear(&watching->heard);
  watching->longest = 0;
  for (size_t before = 0; board_next(watching->board, place, &watching->heard);
       before = watching->heard.length) {
    size_t size = watching->heard.length - before;
    if (size > watching->longest) watching->longest = size;
    buffer_text(&watching->heard, "\n");
    if (place->goal == 0) break;
  }
  return buffer_string(&watching->heard);
}

static size_t count_of(const char *text, const char *part) {
  size_t count = 0;
  for (; (text = strstr(text, part)) != NULL; text++)
    count++;
  return count;
}

static void fail_job(struct watching *watching, job_id job) {
  const struct event found = {.kind = EVENT_OUTPUT_FOUND, .job = job};
  core_output_reset(&watching->story.output);
  core_step(watching->story.core, watching->story.now, &found, &watching->story.output);
}

static void the_first_is_told_the_whole(void **state) {
  struct watching watching;
  struct board_place place = {0};
  (void)state;
  begin(&watching);
  const char *text = hear(&watching, &place);
  assert_int_equal(count_of(text, "\"reset\":true"), 1);
  assert_non_null(strstr(text, "\"states\":[\"queued\",\"uploading\","));
  assert_non_null(strstr(text, "\"phase\":\"running\""));
  assert_non_null(strstr(text, "\"key\":\"night\",\"paused\":false"));
  assert_non_null(strstr(text, "[0,\"one@example.com\",\"ready\","));
  assert_non_null(strstr(text, "[1,\"a\",0,0]"));
  assert_non_null(strstr(text, "[2,\"<b>\",0,0]"));
  assert_int_equal(place.goal, 0);
  assert_int_not_equal(place.since, 0);
  end(&watching);
}

static void when_nothing_has_changed_nothing_is_told(void **state) {
  struct watching watching;
  struct board_place place = {0};
  (void)state;
  begin(&watching);
  (void)hear(&watching, &place);
  assert_false(look(&watching, 60000));
  assert_string_equal(hear(&watching, &place), "");
  end(&watching);
}

static void only_what_has_changed_is_told(void **state) {
  struct watching watching;
  struct board_place place = {0};
  (void)state;
  begin(&watching);
  (void)hear(&watching, &place);
  fail_job(&watching, 2);
  assert_true(look(&watching, 500));
  const char *text = hear(&watching, &place);
  assert_null(strstr(text, "reset"));
  assert_null(strstr(text, "[1,\"a\""));
  assert_null(strstr(text, ONE));
  assert_non_null(strstr(text, "[2,\"<b>\",0,7,-1,"));
  assert_non_null(strstr(text, "a file stands where the result shall be"));
  assert_non_null(strstr(text, "move it away"));
  assert_non_null(strstr(text, "\"counts\":[1,0,0,0,0,0,0,1,0,0,0]"));
  end(&watching);
}

static void a_slow_one_is_told_the_newest_state_once(void **state) {
  struct watching watching;
  struct board_place place = {0};
  (void)state;
  begin(&watching);
  (void)hear(&watching, &place);
  fail_job(&watching, 1);
  (void)look(&watching, 500);
  const struct control retry = {.verb = CONTROL_RETRY, .batch = "night", .pattern = "a"};
  const struct event order = {.kind = EVENT_CONTROL, .control = &retry};
  core_step(watching.story.core, watching.story.now, &order, &watching.story.output);
  (void)look(&watching, 500);
  fail_job(&watching, 1);
  (void)look(&watching, 500);
  assert_int_equal(count_of(hear(&watching, &place), "[1,\"a\""), 1);
  assert_string_equal(hear(&watching, &place), "");
  end(&watching);
}

static void a_place_of_another_run_counts_as_nothing_known(void **state) {
  struct watching watching;
  struct board_place place = {.since = 1000000}, odd = {.since = 1, .goal = 1, .part = 99};
  (void)state;
  begin(&watching);
  assert_non_null(strstr(hear(&watching, &place), "reset"));
  assert_non_null(strstr(hear(&watching, &odd), "reset"));
  end(&watching);
}

static void the_last_lines_are_kept(void **state) {
  struct watching watching;
  struct board_place place = {0};
  char error[300];
  (void)state;
  begin(&watching);
  memset(error, 'e', sizeof error - 1);
  error[sizeof error - 1] = '\0';
  for (int i = 0; i < 500; i++) {
    struct log_line line = {.time = START, .level = LOG_WARN, .event = LOG_JOB_FAILED};
    log_text(&line, "job", "a");
    log_text(&line, "error", error);
    board_log(watching.board, &line);
  }
  struct log_line quiet = {.time = START, .level = LOG_DEBUG, .event = LOG_API_ERROR};
  struct log_line progress = {.time = START, .level = LOG_INFO, .event = LOG_PROGRESS};
  board_log(watching.board, &quiet);
  board_log(watching.board, &progress);
  assert_true(look(&watching, 500));
  const char *text = hear(&watching, &place);
  assert_int_equal(count_of(text, "\"job.failed\",\"a\",null,\"eee"), 200);
  assert_non_null(strstr(text, "[300,"));
  assert_non_null(strstr(text, "[499,"));
  assert_int_equal(count_of(text, "api.error") + count_of(text, "\"progress\""), 0);
  assert_in_range(watching.longest, 1, 16 * 1024);
  end(&watching);
}

/* The same batch as a story's, larger. */
static void begin_many(struct watching *watching, struct job_record *jobs, char (*names)[24]) {
  struct batch_record batch = {.id = 1, .key = "night", .named = true};
  memset(watching, 0, sizeof *watching);
  story_begin(&watching->story);
  struct job_record *sample = story_job(&watching->story, "sample");
  for (int i = 0; i < MANY; i++) {
    snprintf(names[i], sizeof names[i], "clip-%04d", i);
    jobs[i] = *sample;
    jobs[i].id = jobs[i].number = i + 1;
    jobs[i].name = names[i];
  }
  struct store_snapshot snapshot = {.latest = START,
                                    .batches = &batch,
                                    .batch_count = 1,
                                    .jobs = jobs,
                                    .job_count = MANY,
                                    .last_batch = 1,
                                    .last_job = MANY};
  core_load(watching->story.core, &snapshot, NULL, &batch.id, 1);
  core_start(watching->story.core, watching->story.now, &watching->story.output);
  watching->board = board_new();
  buffer_init(&watching->heard, (size_t)16 * 1024 * 1024);
  assert_true(look(watching, 0));
}

static void many_jobs_come_in_small_pieces_and_none_is_missed(void **state) {
  struct watching watching;
  struct board_place place = {0};
  struct job_record *jobs = calloc(MANY, sizeof *jobs);
  char(*names)[24] = calloc(MANY, sizeof *names);
  (void)state;
  assert_true(jobs != NULL && names != NULL);
  begin_many(&watching, jobs, names);
  const char *text = hear(&watching, &place);
  assert_int_equal(count_of(text, ",\"clip-"), MANY);
  assert_int_equal(count_of(text, "\"reset\""), 1);
  assert_in_range(watching.longest, 1, 13 * 1024);
  assert_in_range(count_of(text, "\"more\":true"), 4, 100);

  /* What changes between two pieces is told by the end. */
  place = (struct board_place){0};
  buffer_clear(&watching.heard);
  assert_true(board_next(watching.board, &place, &watching.heard));
  assert_int_not_equal(place.goal, 0);
  fail_job(&watching, 1);
  (void)look(&watching, 500);
  (void)hear(&watching, &place);
  assert_non_null(strstr(hear(&watching, &place), "[1,\"clip-0000\",0,7"));
  assert_string_equal(hear(&watching, &place), "");
  end(&watching);
  free(jobs);
  free(names);
}

static void the_end_is_told(void **state) {
  struct watching watching;
  struct board_place place = {0};
  (void)state;
  begin(&watching);
  (void)hear(&watching, &place);
  watching.source.over = true;
  watching.source.exit_status = 3;
  assert_true(look(&watching, 500));
  assert_non_null(strstr(hear(&watching, &place), "\"phase\":\"over\",\"speed\":1,"));
  assert_non_null(strstr(buffer_string(&watching.heard), "\"status\":3"));
  end(&watching);
}

static void a_job_is_told_with_its_history(void **state) {
  struct watching watching;
  struct buffer out;
  struct event_record happened = {.job = 1,
                                  .number = 1,
                                  .time = START,
                                  .event = LOG_JOB_PAUSED,
                                  .account = ONE,
                                  .text = "why=\"so\""};
  const struct store_history history = {.events = &happened, .count = 1};
  (void)state;
  begin(&watching);
  buffer_init(&out, 65536);
  board_job(watching.story.core, core_job_record(watching.story.core, 1), START, &history, &out);
  assert_non_null(strstr(buffer_string(&out), "\"name\":\"a\",\"state\":\"queued\",\"why\":\""));
  assert_non_null(
      strstr(buffer_string(&out), "\"job.paused\",\"one@example.com\",\"why=\\\"so\\\"\"]]}"));
  assert_null(core_job_record(watching.story.core, 3));
  buffer_release(&out);
  end(&watching);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_is_told_the_whole),
      cmocka_unit_test(when_nothing_has_changed_nothing_is_told),
      cmocka_unit_test(only_what_has_changed_is_told),
      cmocka_unit_test(a_slow_one_is_told_the_newest_state_once),
      cmocka_unit_test(a_place_of_another_run_counts_as_nothing_known),
      cmocka_unit_test(the_last_lines_are_kept),
      cmocka_unit_test(many_jobs_come_in_small_pieces_and_none_is_missed),
      cmocka_unit_test(the_end_is_told),
      cmocka_unit_test(a_job_is_told_with_its_history),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
