/* The description of the tables: that no field of a record is left out, and the values' borders. */
#include "unit/store/samples.h"

static size_t size_of(const struct column *column) {
  switch (column->type) {
  case COLUMN_INT64:
    return sizeof(int64_t);
  case COLUMN_INT32:
    return sizeof(int32_t);
  case COLUMN_BOOL:
    return sizeof(bool);
  case COLUMN_TEXT:
    return sizeof(char *);
  case COLUMN_JOB_STATE:
  case COLUMN_ATTEMPT_STATE:
  case COLUMN_ACCOUNT_STATE:
  case COLUMN_EXPLORE_MODE:
  case COLUMN_LOG_EVENT:
    return sizeof(unsigned);
  }
  return 0;
}

/* A field that no column covers leaves a gap that alignment does not explain. */
static void every_field_of_a_record_has_its_column(void **state) {
  (void)state;
  for (int id = 0; id < TABLE_COUNT; id++) {
    const struct table *table = table_at((enum table_id)id);
    size_t end = 0;
    for (size_t i = 0; i < table->column_count; i++) {
      size_t size = size_of(&table->columns[i]);
      size_t aligned = (end + size - 1) / size * size;
      if (table->columns[i].offset != aligned)
        fail_msg("before %s.%s a field is missing", table->name, table->columns[i].name);
      end = aligned + size;
    }
    assert_true(table->row_size - end < sizeof(int64_t));
  }
}

static const struct column *column_named(enum table_id id, const char *name) {
  const struct table *table = table_at(id);
  for (size_t i = 0; i < table->column_count; i++)
    if (strcmp(table->columns[i].name, name) == 0) return &table->columns[i];
  fail_msg("no column %s", name);
  return NULL;
}

static void values_beyond_their_type_are_not_taken(void **state) {
  (void)state;
  struct job_record job = {0};
  const struct column *narrow = column_named(TABLE_JOB, "priority");
  assert_true(column_set_number(narrow, &job, INT32_MIN));
  assert_int_equal(job.priority, INT32_MIN);
  assert_false(column_set_number(narrow, &job, (int64_t)INT32_MAX + 1));
  const struct column *truth = column_named(TABLE_JOB, "listed");
  assert_true(column_set_number(truth, &job, 1));
  assert_false(column_set_number(truth, &job, 2));
  const struct column *choice = column_named(TABLE_JOB, "state");
  assert_true(column_set_text(choice, &job, "held"));
  assert_int_equal(job.state, JOB_HELD);
  assert_false(column_set_text(choice, &job, "HELD"));
  assert_false(column_set_text(choice, &job, NULL));
  assert_int_equal(job.state, JOB_HELD);
}

static void every_enum_has_its_names(void **state) {
  (void)state;
  struct event_record event;
  const struct column *column = column_named(TABLE_EVENT, "event");
  for (int i = 0; i < LOG_EVENT_COUNT; i++) {
    assert_true(column_set_text(column, &event, log_event_name((enum log_event)i)));
    assert_int_equal(event.event, i);
  }
}

static int told;
static sigjmp_buf *back;
static _Noreturn void give_up(void) {
  told++;
  siglongjmp(*back, 1);
}

#include "util/check.h"
static void on_check(const char *file, int line, const char *function, const char *what) {
  (void)file;
  (void)line;
  (void)function;
  (void)what;
  give_up();
}

static void assert_ends_the_program(struct record record) {
  sigjmp_buf here;
  back = &here;
  told = 0;
  if (sigsetjmp(here, 0) == 0) {
    check_set_handler(on_check);
    record_check(&record);
  }
  check_set_handler(NULL);
  assert_int_equal(told, 1);
}

static void a_record_without_its_identity_is_a_fault_of_ours(void **state) {
  (void)state;
  struct record job = sample_job(1, 1, 1);
  record_check(&job);
  job.as.job.key = NULL;
  assert_ends_the_program(job);
  assert_ends_the_program(sample_job(0, 1, 1));
  assert_ends_the_program(sample_attempt(1, 1, NULL, ATTEMPT_OPEN));
  assert_ends_the_program(sample_event(1, 0, 1));
  struct record change = sample_state(1, JOB_RUNNING); /* only what it writes is asked for */
  record_check(&change);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_field_of_a_record_has_its_column),
      cmocka_unit_test(values_beyond_their_type_are_not_taken),
      cmocka_unit_test(every_enum_has_its_names),
      cmocka_unit_test(a_record_without_its_identity_is_a_fault_of_ours),
  };
  return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
