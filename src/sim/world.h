/* The virtual world: the shipped core, wire and recovery code against the model of the service,
 * with a virtual clock, a network that delays and loses as the scenario says, and a store in
 * memory. No thread, no socket, no file; the same seed gives the same bytes of trace. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "nightshift/core.h"
#include "nightshift/sim.h"
#include "util/buffer.h"

/* A job of the world's one batch, "night". */
struct world_job {
  const char *name;
  const char *clip;      /* its content hash and path are made from it; NULL: `asset` */
  duration_ms length_ms; /* of the clip */
  const char *asset;
  const char *voice; /* a voice's id */
  const char *pin;   /* email, NULL: any account */
  enum explore_mode explore;
  int32_t priority;
};

struct world_options {
  const struct sim_scenario *scenario; /* must outlive the world */
  const char *token;                   /* of the scenario */
  uint64_t seed;
  const struct world_job *jobs;
  size_t job_count;
  struct core_options core; /* zeroes: the contract's defaults; seed is set by the world */
  bool trace_debug;         /* debug lines too */
};

struct world;
struct world *world_new(const struct world_options *options);
void world_free(struct world *world);

/* Goes on until the run ends, or until `until` after the start (TIME_NEVER: two weeks). Returns the
 * exit status of the run, or -1 when it has not ended. */
int world_run(struct world *world, duration_ms until);
/* The process is gone at once, with all that was on the wire; what was durable stays. The next
 * world_run begins with a new process `after` later. `point` says whether the commit under way, if
 * there is one, happened. */
void world_crash(struct world *world, enum store_point point, duration_ms after);
/* A signal. */
void world_stop(struct world *world);
/* The next `count` commits fail with `code`. */
void world_fail_commits(struct world *world, int code, int count);

duration_ms world_now(const struct world *world); /* since the start */
/* The log lines so far, "  12.345s event key=value …": what golden traces are made of. */
const char *world_trace(const struct world *world);
const struct sim_service *world_service(const struct world *world);
enum job_state world_job_state(const struct world *world, size_t job);
struct wait world_job_why(const struct world *world, size_t job);
const struct core *world_core(const struct world *world);
/* How many steps the core took, for benchmarks. */
int64_t world_steps(const struct world *world);
/* How often the job's result was published. */
int world_published(const struct world *world, size_t job);

#endif
