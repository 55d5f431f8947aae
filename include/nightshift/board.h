/* What a run at work shows to those who watch it on its page: the whole picture once, then what has
 * changed since, as JSON in pieces of some 12 kB. However many watch and however slow they are, the
 * board keeps one picture only: each place says up to which change somebody knows it, and what it
 * is told next is written when it is ready to take it. */
#ifndef NIGHTSHIFT_BOARD_H
#define NIGHTSHIFT_BOARD_H

#include "nightshift/core.h"

struct board;
struct buffer;

struct board_source {
  const struct core *core;
  time_ms now;
  int64_t real_ms; /* a clock that never stops: when to reckon anew what costs more */
  double speed;
  bool stopping;
  bool over; /* the run has ended: */
  int exit_status;
};

struct board *board_new(void);
void board_free(struct board *board); /* NULL does nothing */
/* Kept with the picture, the last 200 of them. */
void board_log(struct board *board, const struct log_line *line);
/* Looks at all of the run; true: something has changed since. */
bool board_update(struct board *board, const struct board_source *source);

/* Up to where somebody knows it; all zeroes: nothing yet. */
struct board_place {
  uint64_t since; /* all changes up to this one */
  uint64_t goal;  /* the one that the pieces under way lead to; 0: none are */
  unsigned part;  /* of the picture, in which the next piece begins, */
  size_t at;      /* and where in it */
};
/* Appends the next piece, one line of JSON, and moves the place on; false: nothing is new. After a
 * piece with `goal` 0 the place is whole again, and may be gone on from by another who knows as
 * much. A place that this board never gave counts as nothing known. */
bool board_next(const struct board *board, struct board_place *place, struct buffer *out);

struct store_history;
/* One job with all that is known of it, and its history: one line of JSON. */
void board_job(const struct core *core, const struct job_record *job, time_ms now,
               const struct store_history *history, struct buffer *out);

#endif
