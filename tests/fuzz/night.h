/* A core in a fuzz target: what it ordered and was not answered yet, what it wrote down, and
 * answers made of bytes that keep to what wire promises of them (reply_fuzz.c checks that). */
#ifndef TESTS_NIGHT_H
#define TESTS_NIGHT_H

#include "fuzz.h"
#include "nightshift/core.h"
#include "util/map.h"

#define START       ((time_ms)1767225600000) /* 2026-01-01T00:00:00Z */
#define ORDERS_MOST 256
#define POOL_MOST   64

struct order {
  enum action_kind kind;
  request_id request;
  struct call call; /* strings of the night's arena */
};

/* Texts that the service may come back with, newest last; the oldest are forgotten. */
struct pool {
  const char *texts[POOL_MOST];
  size_t count;
};

struct night {
  struct fuzz_bytes *bytes;
  struct core *core;
  struct core_output output;
  struct arena arena; /* for the whole night */
  struct order orders[ORDERS_MOST];
  size_t order_count;
  struct pool tasks, names, refs, assets;
  struct map sent; /* replyRefs that left */
  time_ms now;
  unsigned jobs; /* have the ids from 1 on */
  bool ended;
  void (*write)(struct night *night); /* makes output.records durable; NULL: nothing does */
};

void night_init(struct night *night, struct fuzz_bytes *bytes);
void night_release(struct night *night);
/* Takes over what the last step wants. */
void night_take(struct night *night);
/* One step, by bytes: time passes, something is answered, somebody orders something. */
void night_step(struct night *night);
void night_feed(struct night *night, const struct event *event);
/* All that can be asked of a core. */
void night_ask(const struct night *night);

#endif
