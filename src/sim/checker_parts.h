/* The checker's own memory, and what the checker*.c files share. Everyone else: sim/checker.h. */
#ifndef SIM_CHECKER_PARTS_H
#define SIM_CHECKER_PARTS_H

#include "nightshift/store.h"
#include "sim/checker.h"
#include "util/map.h"

/* A submission as it left the client. */
struct paper {
  size_t job;
  size_t account;
  bool refused; /* the service's reply said so, and reached the client */
  bool flagged; /* the refusal was moderation's */
  time_ms sent, answered;
  bool pardoned; /* a person ordered to pay again in spite of it */
};

/* A row of the state as it was acknowledged, and as a group not yet acknowledged has it. */
struct row {
  uint64_t known, coming;
  bool is_known, is_coming;
  enum attempt_state attempt,
      attempt_coming;       /* rows of attempts; and whose they are: an id whose */
  uint64_t ref, ref_coming; /* group was lost is given again */
};

struct job_truth {
  enum job_state state;
  int published;
  int64_t events;
  int retries;         /* of its ends, ordered by a person */
  bool paused;         /* its row says so */
  bool cancel_ordered; /* and not withdrawn */
  bool released;       /* by an order of the group under way: it may leave its end */
  bool must_pause;     /* by an order of the group under way */
  bool flagged;        /* the state keeps that something of it was moderated */
  bool forced;         /* its row says that a person wants it sent all the same */
  bool listed;         /* its row is there, and says that the batch's file has it */
  time_ms ended;
};

struct account_truth {
  int64_t paper;             /* the submission on the wire, -1 */
  time_ms refused;           /* when it last said 429; 0: never */
  time_ms penniless;         /* when it last said that credits are short */
  time_ms unwell;            /* when it last answered 596 */
  time_ms well;              /* when a list of it last came in */
  time_ms asked;             /* when it was last asked anything */
  time_ms gone;              /* when it last refused the account as such */
  bool paused;               /* by a person, and answered so */
  bool listed;               /* a list of it came in, in this process */
  time_ms pardoned;          /* its row says: by a person */
  time_ms submitted;         /* when a submission last left; 0: never */
  struct core_guards guards; /* of the process at work */
};

#define STRIKES_MAX 4096
struct strike {
  size_t account;
  time_ms time;
};

struct order_truth {
  struct request_record order;
  bool answered;
};

struct checker {
  const struct fault_plan *plan;
  struct world *world;
  const struct sim_service *service;
  char complaint[600];
  bool failed;
  struct paper *papers;
  size_t paper_count, paper_room;
  struct map by_ref;   /* to papers */
  struct map attempts; /* ref to row */
  struct map keys;     /* key of a row to its place in rows */
  struct row *rows;
  size_t row_count, row_room;
  size_t *coming; /* rows of the group under way */
  size_t coming_count, coming_room;
  bool under_way;
  struct map tasks; /* ref to the place in `made`, of the last task that bears it */
  struct made *made;
  size_t task_count, made_room; /* tasks of the service seen so far */
  struct job_truth *jobs;
  struct account_truth *accounts;
  struct order_truth *orders; /* by id, from 1 */
  size_t order_count, order_room;
  bool batch_paused;
  bool batch_guarded;     /* its row says: by a guard */
  time_ms batch_pardoned; /* its row says: let go on by a person */
  int64_t last_moderation;
  time_ms until; /* --until of the process at work; 0: none */
  bool credits_limited;
  int64_t max_credits; /* of the process at work */
  time_ms process_began;
  struct strike strikes[STRIKES_MAX];
  size_t strike_count;
  bool stopped, network_up;
  time_ms network_changed; /* 0: never */
  int64_t moments, moments_then, steps_then;
  int64_t paid_again;
  duration_ms behind_since; /* since when the deadline lies in the past; -1: it does not */
};

/* A task of the service; tasks of one reference are chained. */
struct made {
  int64_t before; /* another with the same reference, -1 */
};

void checker_complain(struct checker *checker, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
time_ms checker_now(const struct checker *checker);
/* NO_SUCH when it is none of ours. */
#define NO_SUCH SIZE_MAX
size_t checker_account(const struct checker *checker, const char *email, size_t length);
/* Of a reference "ns1:BATCH:JOB:RANDOM". */
size_t checker_job_of_ref(const struct checker *checker, const char *ref);

/* ---- checker_state.c: what the store acknowledged ---- */
void checker_committing(struct checker *checker, const struct world_moment *moment);
void checker_committed(struct checker *checker, const struct world_moment *moment);
void checker_compare(struct checker *checker, struct store *store);
/* Which jobs the state knows as those of the batch's file, where that is edited. */
void checker_read_listed(struct checker *checker);
/* Of the attempt with this reference; false: none is acknowledged. */
bool checker_attempt(const struct checker *checker, const char *ref, enum attempt_state *state);

/* ---- checker_truth.c: submissions against tasks ---- */
void checker_sent(struct checker *checker, const struct world_moment *moment);
void checker_answered(struct checker *checker, const struct world_moment *moment);
void checker_attempt_changed(struct checker *checker, const struct attempt_record *attempt);
void checker_job_changed(struct checker *checker, const struct job_record *job);
void checker_refresh(struct checker *checker);
/* Once, and at most once more for each retry that a person ordered. */
bool checker_published_well(const struct checker *checker, size_t job);
/* How many tasks of this reference there are or will be; of those, `alive` did not fail by a fault
 * of the service's own. */
struct task_tally {
  int all, alive, succeeded, cancelled, moderated, failed;
  time_ms finished; /* when the last of them succeeded */
};
struct task_tally checker_tally(struct checker *checker, const char *ref);
/* `alive` without those that a person ordered to pay for again. */
struct task_tally checker_tally_job(struct checker *checker, size_t job);

/* ---- checker_orders.c: what a person ordered ---- */
void checker_answer_written(struct checker *checker, const struct request_record *answer);
/* Answers that a crash left in the state without anybody having been told. */
void checker_answers_found(struct checker *checker, struct store *store);
/* All records of a group have been looked at. */
void checker_group_over(struct checker *checker);
void checker_submission_permitted(struct checker *checker, size_t job, size_t account,
                                  const char *ref);
/* Before its state is noted. */
void checker_job_cancelled(struct checker *checker, size_t job);
bool checker_is_paused(const struct checker *checker);
void checker_orders_finish(struct checker *checker);

/* ---- checker_guards.c: guards of a person's config ---- */
void checker_moderation_written(struct checker *checker, const struct moderation_record *row);
void checker_batch_written(struct checker *checker, const struct batch_record *batch);
void checker_account_written(struct checker *checker, const struct account_record *row);
/* How many the state keeps that count now. */
int checker_strikes(const struct checker *checker, size_t account);
bool checker_clip_flagged(const struct checker *checker, size_t job);
bool checker_is_money_guarded(const struct checker *checker, size_t account);
bool checker_has_money_guard(const struct checker *checker);
/* Whether the reason goes with the account's guards of time. */
bool checker_time_is_so(struct checker *checker, size_t account, const struct wait *wait);
void checker_guards_permit(struct checker *checker, size_t job, size_t account, const char *ref);

/* ---- checker_why.c: reasons and pace ---- */
void checker_look_at_jobs(struct checker *checker);
void checker_look_at_pace(struct checker *checker);

#endif
