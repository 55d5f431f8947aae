/* What the files of the board share. Only for files named board*.c. */
#ifndef REPORT_BOARD_H
#define REPORT_BOARD_H

#include "nightshift/board.h"
#include "util/buffer.h"

#define BOARD_LINES 200

/* `revision`: the change by which it last became another. */
struct board_seat {
  uint64_t revision;
  struct core_job_view view; /* its texts are the core's, which keeps them for its whole life */
  size_t batch;              /* place in `batches` */
  int account;               /* place in `accounts`; -1: none */
  bool there;
};

struct board_account {
  uint64_t revision;
  struct core_account_view view;
};

struct board_batch {
  uint64_t revision;
  struct core_batch_view view, told;
  struct core_counts counts, told_counts;
};

struct board_whole {
  uint64_t revision;
  int64_t per_hour;
  time_ms eta;
  double speed;
  bool stopping, over;
  int exit_status;
};

struct board_line {
  uint64_t revision;
  time_ms time;
  enum log_level level;
  enum log_event event;
  char *job, *account, *words; /* ours; job and account may be NULL */
};

struct board {
  uint64_t revision; /* the last change */
  time_ms now;
  struct board_whole whole, whole_told;
  struct board_account *accounts;
  size_t account_count;
  struct board_batch *batches;
  size_t batch_count;
  struct board_seat *seats; /* by the core's places of jobs */
  size_t seat_count;
  struct board_line lines[BOARD_LINES]; /* the last, by number modulo BOARD_LINES */
  uint64_t line_count;
  bool lines_came, reckon_anew;
  int64_t reckoned_ms;
};

/* -1: not among them. */
int board_account_of(const struct board *board, const char *email);

#endif
