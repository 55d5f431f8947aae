/* What is known of a task under way and of how long such tasks take: plain values, a part of
 * core/state.h, which includes it; nobody else does. */
#ifndef CORE_COURSES_H
#define CORE_COURSES_H

#include "nightshift/types.h"

/* How long tasks take: a line through clip length and task length, and how far off it was. Sums
 * over the tasks seen, older ones fading: learn.c. */
struct pace {
  double n, x, y, xx, xy; /* weights; clip lengths and task lengths, in seconds */
  double off;             /* squares of what the line was off by, as shares of it */
};
/* What the line says of a task; length 0: not known. */
struct expectation {
  duration_ms length, spread; /* the spread is one standard deviation */
};

/* How far a task has got, and when it will end by that: foresee.c. */
struct course {
  time_ms since;    /* when it began to count, at the earliest; 0: not known */
  bool held;        /* it was THROTTLED at first: it began later than that */
  time_ms seen;     /* when it was last seen in flight; 0: not yet */
  time_ms first_at; /* when progress was first seen; 0: not yet */
  int32_t first, percent;
  time_ms end; /* by its progress; 0: not known */
  duration_ms spread;
};
struct foresight {
  time_ms end; /* 0: not known */
  duration_ms spread;
};

/* A task of somebody else in flight on an account, as the last list showed it: others.c. */
struct other {
  uint64_t task; /* hash of its id */
  time_ms since; /* when it was first seen */
  bool listed, throttled;
  bool learned; /* how long it takes is part of what is known of them all */
  struct course course;
};
#define OTHERS_MOST 16

/* What callbacks have to do with a task: hint.c. */
struct hint {
  bool calls_back; /* submitted by this process with a reply URL */
  bool came;       /* and no look at the task was begun since */
  bool of_end;     /* the last that came spoke of an end */
  bool looked;     /* the last look was begun because of one, */
  bool doubted;    /* and showed the task in flight as before: the next is at the task alone */
  time_ms at;      /* when that look was begun; 0: never */
};
/* And what is known of callbacks on the whole. */
struct hints {
  bool came;      /* one about a task of ours, in this process */
  int untold;     /* ends in a row that none told of */
  bool lists_lag; /* a look at the task showed an end that a list did not show yet */
};

#endif
