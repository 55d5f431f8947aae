/* The pretend service: a model of useapi.net's Runway API and of Runway behind it, in virtual time,
 * built from docs/service.md and sharing no codec with the client. HTTP is one face of it; the
 * tests' virtual world is another. */
#ifndef NIGHTSHIFT_SIM_H
#define NIGHTSHIFT_SIM_H

#include <stdio.h>

#include "nightshift/diag.h"
#include "nightshift/error.h"
#include "nightshift/forecast.h"
#include "nightshift/types.h"

struct sim_scenario; /* accounts, capacities over time, service times, faults: from YAML */
/* Every mistake goes to diags. `path` NULL: the built-in scenario (two accounts, gentle). */
int sim_scenario_load(const char *path, struct sim_scenario **scenario, struct diag_list *diags);
int sim_scenario_parse(const char *text, size_t size, const char *shown,
                       struct sim_scenario **scenario, struct diag_list *diags);
void sim_scenario_free(struct sim_scenario *scenario);

/* `scenario` must outlive the service. */
struct sim_service;
struct sim_service *sim_service_new(const struct sim_scenario *scenario, time_ms now);
void sim_service_free(struct sim_service *service);

struct sim_request {
  const char *method;
  const char *target;        /* path and query as sent, still percent-encoded, with the base path */
  const char *authorization; /* the header, NULL: none */
  const char *content_type;  /* NULL: none */
  const char *body;          /* NULL with body_bytes > 0: counted and hashed, not kept (uploads) */
  size_t body_bytes;
  uint64_t body_hash;        /* when body is NULL: FNV-1a (64 bits) of what passed by */
  const char *range;         /* the Range header, NULL: none */
  const char *if_range;      /* the If-Range header, NULL: none */
  int earlier_on_connection; /* requests that this connection carried before this one */
};

/* What the network does to this exchange: drawn by the scenario's faults. */
enum sim_fate {
  SIM_REPLY,        /* the reply arrives after delay_ms */
  SIM_RESET_BEFORE, /* the connection is reset, the service never saw it */
  SIM_LOST_AFTER,   /* executed, then the connection is closed without a reply */
  SIM_CUT,          /* executed, the reply's body is cut in the middle */
  SIM_HANG          /* executed or not (as the scenario says), then silence */
};

struct sim_reply {
  enum sim_fate fate;
  int status;
  const char *content_type;
  const char *retry_after; /* header value, NULL: none */
  const char *body;
  size_t body_bytes;
  size_t sent_bytes;        /* CUT: how much of the body leaves */
  const char *etag;         /* artifacts: a strong validator, NULL: none */
  int64_t range_start;      /* artifacts: first byte, with a 206 */
  int64_t range_total;      /* artifacts: length of the whole, with a 206 or 416 */
  int64_t bytes_per_second; /* artifacts: how fast the body leaves, virtual; 0: at once */
  duration_ms delay_ms;     /* virtual */
  void *memory;             /* owns body; sim_reply_release */
};
/* Handles one request at virtual time `now` (never going back). */
void sim_service_handle(struct sim_service *service, time_ms now, const struct sim_request *request,
                        struct sim_reply *reply);
void sim_reply_release(struct sim_reply *reply);
/* Lets time pass: tasks start, progress and end. Called by handle as well. */
void sim_service_advance(struct sim_service *service, time_ms now);
/* When the model next changes by itself (a task ends, capacity changes); TIME_NEVER: never. */
time_ms sim_service_next(const struct sim_service *service);
/* A callback that the service wants POSTed to `url` as application/json. */
struct sim_callback {
  const char *url; /* of the submission */
  char *body;      /* yours to free */
  size_t body_bytes;
};
/* The next one, in the order in which they came up; false: none. */
bool sim_service_take_callback(struct sim_service *service, struct sim_callback *callback);
/* Base of artifact links, e.g. "http://127.0.0.1:8080"; default "https://artifacts.invalid". */
void sim_service_set_public_base(struct sim_service *service, const char *base);

/* The truth, for checkers and the ledger. */
struct sim_task_truth {
  const char *task_id, *email, *asset_id, *asset_name, *voice_id, *reply_ref;
  bool ordered; /* by a submission of the client; false: by hand */
  bool explore;
  time_ms created, started, ended; /* 0: not yet */
  const char *status;
  const char *reason; /* FAILED: the error's reason; NULL: none */
  double credits;
};
size_t sim_service_task_count(const struct sim_service *service);
struct sim_task_truth sim_service_task(const struct sim_service *service, size_t index);
struct sim_totals {
  int64_t requests, uploads, submissions, accepted, refused_queue, refused_runway, refused_other;
  int64_t lists, task_gets, scheduler_gets, downloads, faults, bad_requests, callbacks;
  int64_t refs_twice; /* replyRefs that came with more than one accepted submission */
  /* Tasks paid for beyond the first of a job: ordered tasks that did not fail (and were not
   * cancelled) with the same voice and the same job part of their replyRef (all before its last ':'
   * or '/'; without such a part the asset's name), less one each. */
  int64_t duplicates;
  int64_t most_in_flight; /* over any account's maxJobs by our submissions: 0 */
  double busy_ms;         /* slot time used by ordered tasks */
  time_ms first_accept, last_end;
  /* Ordered work over the capacity left by others' tasks, from the first request on: no schedule is
   * shorter. 0: no work yet, or no capacity ever. */
  double fluid_bound_ms;
};
struct sim_totals sim_service_totals(const struct sim_service *service);
/* The ledger: one line of JSON per request, then per task, then the totals. */
void sim_service_print_ledger(const struct sim_service *service, FILE *stream);

/* Lets the night pass in virtual time, again and again from different seeds: the shipped core
 * against the model with these accounts, a fifth of a second for a thousand jobs. The same night
 * gives the same forecast. A large one passes once as it is; its spread and what would change it
 * come from nights of every so-manieth job. Memory from `arena`; nothing outside is touched. */
struct forecast *sim_forecast(const struct prospect *night, struct arena *arena);
/* When it will end, cheaply: one night of some jobs. After the start; 0: it would not end. */
duration_ms sim_forecast_end(const struct prospect *night);

/* The HTTP face (libmicrohttpd): `nightshift simulate`. Blocks until *stop is set (by a signal
 * handler; wake it with any signal) or an error. Prints "listening on http://ADDR:PORT/v1/runwayml"
 * to `out` when ready; port 0 picks one. With `ledger_path` writes the ledger at the end and after
 * each GET /_ledger. */
struct sim_server_options {
  const char *listen; /* ADDR:PORT */
  const struct sim_scenario *scenario;
  double speed;
  const char *ledger_path; /* NULL: none */
  /* ADDR:PORT on this machine that all callbacks go to, https ones too, whatever host they name: a
   * web server that plays the rest of the world. NULL: only those that name this machine go out. */
  const char *callbacks_through;
  FILE *out;
  const volatile int *stop;
};
/* Whether ADDR:PORT is on this machine only. */
bool sim_listen_is_loopback(const char *listen);
int sim_server_run(const struct sim_server_options *options, struct error *error);

#endif
