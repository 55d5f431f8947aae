/* Questions to the service before or beside a run, many at the same time: each answer to one
 * function. */
#ifndef RUNTIME_ASK_H
#define RUNTIME_ASK_H

#include "nightshift/call.h"
#include "nightshift/outcome.h"

struct run;
struct asking;

struct question {
  struct asking *asking;
  struct call call;
  size_t place; /* the asker's own */
};

/* Stays where it is until every answer has come, or the loop is closed. */
struct asking {
  struct run *run;
  struct question *questions;
  size_t count;
  /* The answer's memory is gone afterwards. */
  void (*read)(void *context, const struct question *question, const struct answer *answer);
  void *context;
  size_t next, under_way; /* ask.c's */
};

/* Asks all of them and runs the loop until the last answer. 0, or ERR_BUSY: interrupted. */
int ask_all(struct asking *asking);
/* The same for real_ms at most, and no longer than until a signal; what has not been answered by
 * then may be answered while the loop runs on. */
void ask_for(struct asking *asking, duration_ms real_ms);

#endif
