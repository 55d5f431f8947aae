/* Getting at the values of a row by the description of its table: one code for every table. */
#include <string.h>

#include "store/tables.h"
#include "util/check.h"

bool column_is_text(const struct column *column) {
  return column->type >= COLUMN_TEXT;
}

static size_t column_size(const struct column *column) {
  switch (column->type) {
  case COLUMN_INT64:
    return sizeof(int64_t);
  case COLUMN_INT32:
    return sizeof(int32_t);
  case COLUMN_BOOL:
    return sizeof(bool);
  case COLUMN_TEXT:
    return sizeof(const char *);
  case COLUMN_JOB_STATE:
  case COLUMN_ATTEMPT_STATE:
  case COLUMN_ACCOUNT_STATE:
  case COLUMN_EXPLORE_MODE:
  case COLUMN_LOG_EVENT:
    return sizeof(enum job_state);
  }
  CHECK_UNREACHABLE();
}
_Static_assert(sizeof(enum job_state) == sizeof(unsigned) &&
                   sizeof(enum attempt_state) == sizeof(unsigned) &&
                   sizeof(enum account_state) == sizeof(unsigned) &&
                   sizeof(enum explore_mode) == sizeof(unsigned) &&
                   sizeof(enum log_event) == sizeof(unsigned),
               "enums are read and written as unsigned");

static const char *choice_name(enum column_type type, unsigned choice) {
  switch (type) {
  case COLUMN_JOB_STATE:
    return job_state_name((enum job_state)choice);
  case COLUMN_ATTEMPT_STATE:
    return attempt_state_name((enum attempt_state)choice);
  case COLUMN_ACCOUNT_STATE:
    return account_state_name((enum account_state)choice);
  case COLUMN_EXPLORE_MODE:
    return explore_mode_name((enum explore_mode)choice);
  case COLUMN_LOG_EVENT:
    return log_event_name((enum log_event)choice);
  case COLUMN_INT64:
  case COLUMN_INT32:
  case COLUMN_BOOL:
  case COLUMN_TEXT:
    break;
  }
  CHECK_UNREACHABLE();
}

static unsigned choice_count(enum column_type type) {
  switch (type) {
  case COLUMN_JOB_STATE:
    return JOB_STATE_COUNT;
  case COLUMN_ATTEMPT_STATE:
    return ATTEMPT_STATE_COUNT;
  case COLUMN_ACCOUNT_STATE:
    return ACCOUNT_STATE_COUNT;
  case COLUMN_EXPLORE_MODE:
    return EXPLORE_AUTO + 1;
  case COLUMN_LOG_EVENT:
    return LOG_EVENT_COUNT;
  case COLUMN_INT64:
  case COLUMN_INT32:
  case COLUMN_BOOL:
  case COLUMN_TEXT:
    break;
  }
  CHECK_UNREACHABLE();
}

const char *column_text(const struct column *column, const void *row) {
  const char *at = (const char *)row + column->offset;
  if (column->type == COLUMN_TEXT) {
    const char *text;
    memcpy(&text, at, sizeof text);
    return text;
  }
  unsigned choice;
  memcpy(&choice, at, sizeof choice);
  return choice_name(column->type, choice);
}

bool column_set_text(const struct column *column, void *row, const char *text) {
  char *at = (char *)row + column->offset;
  if (column->type == COLUMN_TEXT) {
    memcpy(at, &text, sizeof text);
    return true;
  }
  unsigned count = choice_count(column->type);
  for (unsigned choice = 0; text != NULL && choice < count; choice++) {
    if (strcmp(choice_name(column->type, choice), text) != 0) continue;
    memcpy(at, &choice, sizeof choice);
    return true;
  }
  return false;
}

int64_t column_number(const struct column *column, const void *row) {
  const char *at = (const char *)row + column->offset;
  int64_t wide;
  int32_t narrow;
  bool truth;
  if (column->type == COLUMN_INT64) {
    memcpy(&wide, at, sizeof wide);
    return wide;
  }
  if (column->type == COLUMN_INT32) {
    memcpy(&narrow, at, sizeof narrow);
    return narrow;
  }
  CHECK(column->type == COLUMN_BOOL);
  memcpy(&truth, at, sizeof truth);
  return truth ? 1 : 0;
}

bool column_set_number(const struct column *column, void *row, int64_t number) {
  char *at = (char *)row + column->offset;
  if (column->type == COLUMN_INT64) {
    memcpy(at, &number, sizeof number);
    return true;
  }
  if (column->type == COLUMN_INT32) {
    int32_t narrow = (int32_t)number;
    memcpy(at, &narrow, sizeof narrow);
    return narrow == number;
  }
  CHECK(column->type == COLUMN_BOOL);
  bool truth = number != 0;
  memcpy(at, &truth, sizeof truth);
  return number == 0 || number == 1;
}

void column_copy(const struct column *column, void *to, const void *from) {
  memcpy((char *)to + column->offset, (const char *)from + column->offset, column_size(column));
}

static int text_compare(const char *a, const char *b) {
  if (a == NULL || b == NULL) return (a != NULL) - (b != NULL);
  return strcmp(a, b);
}

static int column_compare(const struct column *column, const void *a, const void *b) {
  if (column_is_text(column)) return text_compare(column_text(column, a), column_text(column, b));
  int64_t left = column_number(column, a), right = column_number(column, b);
  return (left > right) - (left < right);
}

bool column_equal(const struct column *column, const void *a, const void *b) {
  return column_compare(column, a, b) == 0;
}

/* ---- rows ---- */

int row_compare(const struct table *table, const void *a, const void *b) {
  for (size_t i = 0; i < table->column_count; i++) {
    if (table->columns[i].part != PART_KEY) continue;
    int order = column_compare(&table->columns[i], a, b);
    if (order != 0) return order;
  }
  return 0;
}

size_t row_texts_size(const struct table *table, const void *row) {
  size_t size = 0;
  for (size_t i = 0; i < table->column_count; i++) {
    if (table->columns[i].type != COLUMN_TEXT) continue;
    const char *text = column_text(&table->columns[i], row);
    if (text != NULL) size += strlen(text) + 1;
  }
  return size;
}

void row_move_texts(const struct table *table, void *row, char *space) {
  for (size_t i = 0; i < table->column_count; i++) {
    if (table->columns[i].type != COLUMN_TEXT) continue;
    const char *text = column_text(&table->columns[i], row);
    if (text == NULL) continue;
    size_t size = strlen(text) + 1;
    memcpy(space, text, size);
    column_set_text(&table->columns[i], row, space);
    space += size;
  }
}
