/* The virtual-time benchmark of the scheduler: what its scheduler_*.c files share. A night is drawn
 * from its seed and gone through by one of several players, all against the same model of the
 * service. */
#ifndef BENCH_SCHEDULER_H
#define BENCH_SCHEDULER_H

#include "sim/service.h"
#include "sim/world.h"

/* ---- scheduler_night.c: a night from its seed ---- */

enum event_of_night { NIGHT_WALKS, NIGHT_RISES, NIGHT_FALLS, NIGHT_OUTAGE, NIGHT_LOSES_REPLIES };
#define NIGHT_EVENT_AT  (20 * MINUTE_MS) /* when capacity rises or falls, or the network goes */
#define NIGHT_OUTAGE_MS (10 * MINUTE_MS)
struct night_order {
  enum event_of_night event; /* WALKS: capacities wander, and others work there */
  uint64_t seed;
  int64_t accounts, jobs;
};
struct night {
  struct night_order order;
  struct sim_scenario *scenario;
  struct world_job *jobs;
  struct arena arena;
};
#define NIGHT_LONG  10000 /* jobs; from here on lists and results pass without their bytes */
#define NIGHT_TOKEN "user:1234-demo-secret"
void night_init(struct night *night, const struct night_order *order);
void night_release(struct night *night);

/* ---- scheduler_sights.c: when the player was told what, beside the service's own truth ---- */

struct sight {
  time_ms at;
  size_t account;
  int uploads; /* one more on the wire, or one less */
};
struct sights {
  time_ms *told; /* per task of the service: when the player was told of its end; 0: never */
  size_t told_room;
  struct sight *uploads;
  size_t upload_count, upload_room;
};
void sights_release(struct sights *sights);
void sights_sent(struct sights *sights, const struct sim_service *service, time_ms at,
                 const struct call *call);
void sights_answered(struct sights *sights, const struct sim_service *service, time_ms at,
                     const struct call *call, const struct answer *answer);

/* ---- scheduler_idle.c: slots that were free though work was waiting ---- */

#define IDLES(X)                                                                                   \
  X(IDLE_START, "start")   /* before the first task on that slot */                                \
  X(IDLE_RISE, "rise")     /* capacity rose, and nobody noticed yet */                             \
  X(IDLE_OTHERS, "others") /* somebody else's task ended, and nobody noticed yet */                \
  X(IDLE_END, "end")       /* a task of ours ended, and the player was not told yet */             \
  X(IDLE_UPLOAD, "upload") /* told, but the next clip is still on its way */                       \
  X(IDLE_WAIT, "wait")     /* told, and yet nothing was tried */                                   \
  X(IDLE_TAIL, "tail")     /* all jobs have been submitted: nothing is waiting */
enum idle {
#define X(name, text) name,
  IDLES(X)
#undef X
      IDLE_COUNT
};
const char *idle_name(enum idle idle);
/* Slot time that was free from the first request to the end of the last task, by cause. */
void idle_sum(const struct sim_service *service, const struct sights *sights,
              double idle_ms[IDLE_COUNT]);
/* How long from `from` on (since the start) until each account has had all its slots in use once;
 * -1: one never did. */
duration_ms idle_until_full(const struct sim_service *service, const struct sights *sights,
                            duration_ms from);

/* ---- the players ---- */

struct score {
  double over_bound;                      /* makespan by the fluid bound */
  double refused, status_calls, requests; /* per job */
  double idle[IDLE_COUNT];                /* shares of the slot time that could have been had */
  int64_t paid_twice, not_done;           /* jobs */
  duration_ms full_after; /* nights with an event: until all slots were used again; -1 never */
  int64_t minute_calls, minute_refused; /* in the minute after the event */
  int64_t steps;
  double core_s;
};

struct player {
  const char *name;
  void (*play)(const struct night *night, struct score *score);
};
extern const struct player players[];
extern const size_t player_count;

/* scheduler_shipped.c: the shipped core and wire in the virtual world. */
void shipped_play(const struct night *night, struct score *score);
/* The same with callbacks, all of which arrive. */
void callbacks_play(const struct night *night, struct score *score);
/* Its trace goes to standard output from now on. */
void shipped_show_trace(void);
/* scheduler_scripts.c: what people write for themselves. */
void threads_play(const struct night *night, struct score *score);
void blind_play(const struct night *night, struct score *score);

/* scheduler_score.c: what the service's ledger says of the night. */
void score_night(const struct night *night, const struct sim_service *service,
                 const struct sights *sights, struct score *score);

/* ---- scheduler_record.c: docs/benchmarks.md ---- */

struct record_page;
/* NULL when the page cannot be read. */
struct record_page *page_open(const char *path);
void page_free(struct record_page *page);
/* The recorded row whose first cells are `key` ("| shipped | 6 | 120 |"); NULL: none. */
const char *page_row(const struct record_page *page, const char *key);
/* False: the page has no such row. */
bool page_replace(struct record_page *page, const char *key, const char *row);
bool page_save(const struct record_page *page, const char *path);

#endif
