/* Writing to PostgreSQL: one transaction per group, whole or not at all. Its statements are on
 * their way together; the end of the transaction goes once all of them have written their row. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres.h"
#include "util/check.h"

#define VALUES_MAX 64

static enum postgres_statement_id statement_of(const struct record *record) {
  return (enum postgres_statement_id)(POSTGRES_WRITE + (int)record->kind);
}

static const char *number_text(struct arena *arena, int64_t number) {
  return arena_printf(arena, "%lld", (long long)number);
}

static int values_of(const struct record *record, const char *values[VALUES_MAX],
                     struct arena *arena) {
  const struct table *table = table_at(record_table(record->kind));
  unsigned parts = record_parts(record->kind);
  int count = 0;
  for (size_t i = 0; i < table->column_count; i++) {
    const struct column *column = &table->columns[i];
    if ((column->part & parts) == 0) continue;
    CHECK(count < VALUES_MAX);
    values[count++] = column_is_text(column)
                          ? postgres_text_out(column_text(column, record_row(record)), arena)
                          : number_text(arena, column_number(column, record_row(record)));
  }
  return count;
}

static bool give_record(struct postgres_store *store, const struct record *record) {
  const char *values[VALUES_MAX];
  struct arena arena;
  arena_init(&arena);
  int count = values_of(record, values, &arena);
  bool given = postgres_many_give(store, statement_of(record), values, count);
  arena_release(&arena);
  return given;
}

/* No row was written: it is missing, or it is another's. */
static int refused(struct postgres_store *store, const struct record *record, struct error *error) {
  const struct table *table = table_at(record_table(record->kind));
  int code = error_set(error, ERR_DAMAGED,
                       "the state %s refuses what does not go with the rest of it (the %s with %s "
                       "%lld is %s): this is a fault of nightshift; nothing of it was written",
                       store->shown, table->name, table->columns[0].name,
                       (long long)column_number(&table->columns[0], record_row(record)),
                       record_is_update(record->kind) ? "missing" : "there with another identity");
  postgres_disconnect(store);
  return code;
}

/* What every transaction begins with: the number, so that one who was replaced writes nothing and
 * waits for nobody's rows; then the clock. */
static const enum postgres_statement_id opening[] = {POSTGRES_BEGIN, POSTGRES_WRITER_SEEN,
                                                     POSTGRES_CLOCK_SET};
#define OPENING (sizeof opening / sizeof opening[0])

/* How many rows the next statement wrote; -1: see postgres_failed. */
static int next_answer(struct postgres_store *store) {
  PGresult *result = postgres_many_next(store);
  int rows = result == NULL ? -1 : atoi(PQcmdTuples(result));
  PQclear(result);
  return rows;
}

static int take_opening(struct postgres_store *store, struct error *error) {
  int rows[OPENING] = {0};
  for (size_t i = 0; i < OPENING; i++)
    if ((rows[i] = next_answer(store)) < 0) return postgres_failed(store, error);
  if (rows[1] != 1) return postgres_writer_taken(store, error);
  return rows[2] == 2 ? 0 : postgres_damaged(store, "its clock is missing", error);
}

static int take_answers(struct postgres_store *store, const struct record *records, size_t count,
                        struct error *error) {
  for (size_t i = 0; i < count; i++) {
    int rows = next_answer(store);
    if (rows < 0) return postgres_failed(store, error);
    if (rows != 1) return refused(store, &records[i], error);
  }
  return 0;
}

static bool prepare_all(struct postgres_store *store, const struct record *records, size_t count) {
  bool good = true;
  for (size_t i = 0; good && i < OPENING; i++)
    good = postgres_prepare(store, opening[i]);
  for (size_t i = 0; good && i < count; i++)
    good = postgres_prepare(store, statement_of(&records[i]));
  return good;
}

static bool give_opening(struct postgres_store *store, const char *clock) {
  const char *number = store->number_text;
  return postgres_many_give(store, POSTGRES_BEGIN, NULL, 0) &&
         postgres_many_give(store, POSTGRES_WRITER_SEEN, &number, 1) &&
         postgres_many_give(store, POSTGRES_CLOCK_SET, &clock, 1);
}

/* `clock`: this is the beginning; NULL: the transaction goes on. */
static int write_some(struct postgres_store *store, const char *clock, const struct record *records,
                      size_t count, struct error *error) {
  bool good = prepare_all(store, records, count) && postgres_many_begin(store) &&
              (clock == NULL || give_opening(store, clock));
  for (size_t i = 0; good && i < count; i++)
    good = give_record(store, &records[i]);
  if (!good || !postgres_many_sent(store)) return postgres_failed(store, error);
  int result = clock == NULL ? 0 : take_opening(store, error);
  if (result == 0) result = take_answers(store, records, count, error);
  if (result != 0) return result;
  return postgres_many_end(store) ? 0 : postgres_failed(store, error);
}

int postgres_commit(struct store *base, time_ms now, const struct record *records, size_t count,
                    struct error *error) {
  struct postgres_store *store = (struct postgres_store *)base;
  int result = postgres_ready(store, error);
  int64_t asked_boot_ms = postgres_boot_ms();
  char clock[24];
  snprintf(clock, sizeof clock, "%lld", (long long)now);
  for (size_t done = 0, some; result == 0 && (done == 0 || done < count); done += some) {
    some = count - done < POSTGRES_AT_ONCE ? count - done : POSTGRES_AT_ONCE;
    result = write_some(store, done == 0 ? clock : NULL, records + done, some, error);
    if (count == 0) break;
  }
  if (result != 0) return result;
  if (!postgres_execute(store, "COMMIT")) return postgres_failed(store, error);
  postgres_writer_extend(store, asked_boot_ms);
  return 0;
}

static bool forget_requests(struct postgres_store *store, time_ms before) {
  char time[24];
  snprintf(time, sizeof time, "%lld", (long long)before);
  PGresult *result = postgres_run(store, POSTGRES_FORGET_REQUESTS, (const char *const[]){time}, 1);
  PQclear(result);
  return result != NULL;
}

/* Its number; 0: see postgres_failed. */
static int64_t add_request(struct postgres_store *store, const struct request_record *request) {
  struct arena arena;
  arena_init(&arena);
  const char *const values[] = {
      postgres_text_out(request->verb, &arena),    postgres_text_out(request->batch, &arena),
      postgres_text_out(request->pattern, &arena), postgres_text_out(request->account, &arena),
      postgres_text_out(request->flags, &arena),   number_text(&arena, request->asked)};
  PGresult *result = postgres_run(store, POSTGRES_GIVE_REQUEST, values, 6);
  int64_t number = result != NULL && PQntuples(result) == 1 ? atoll(PQgetvalue(result, 0, 0)) : 0;
  PQclear(result);
  arena_release(&arena);
  return number;
}

/* Numbers are given in the order in which orders become visible, for whoever reads them goes by the
 * highest that it has seen: the row of changes is held from before the number to the end. */
int postgres_give_request(struct store *base, const struct request_record *request, int64_t *id,
                          struct error *error) {
  struct postgres_store *store = (struct postgres_store *)base;
  int result = postgres_ready(store, error);
  int64_t number = 0;
  if (result != 0) return result;
  if (!postgres_execute(store, "BEGIN; UPDATE meta SET value = value + 1 WHERE name = 'changes'") ||
      !forget_requests(store, request->asked - STORE_REQUESTS_KEPT_MS) ||
      (number = add_request(store, request)) == 0 || !postgres_execute(store, "COMMIT"))
    return postgres_failed(store, error);
  *id = number;
  return 0;
}
