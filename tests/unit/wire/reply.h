/* A reply of the service for the tests of wire: a status and a body, decoded for a call. */
#ifndef TESTS_WIRE_REPLY_H
#define TESTS_WIRE_REPLY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nightshift/wire.h"
#include "util/arena.h"

#define EMAIL       "one@example.com"
#define ID(kind, n) "user:1234-runwayml:" EMAIL "-" kind ":6e7d8c9b-0000-4000-8000-00000000000" n
#define ASSET_1     ID("asset", "1")
#define TASK_1      ID("task", "1")
#define TASK_2      ID("task", "2")

static struct arena arena;

static inline struct answer decode_bytes(struct call call, int status, const char *body,
                                         size_t size) {
  struct wire_reply reply = {.transport = WIRE_REPLIED,
                             .status = status,
                             .content_type = "application/json",
                             .body = body,
                             .body_bytes = size};
  struct answer answer;
  wire_decode(&call, &reply, 0, &arena, &answer);
  return answer;
}

static inline struct answer decode(struct call call, int status, const char *body) {
  return decode_bytes(call, status, body, strlen(body));
}

static inline struct answer decode_kind(enum call_kind kind, int status, const char *body) {
  return decode((struct call){.kind = kind, .email = EMAIL}, status, body);
}

#define assert_outcome(answer, expected)                                                           \
  assert_string_equal(outcome_name((answer).outcome.kind), outcome_name(expected))

static inline int open_arena(void **state) {
  (void)state;
  arena_init(&arena);
  return 0;
}
static inline int close_arena(void **state) {
  (void)state;
  arena_release(&arena);
  return 0;
}

#endif
