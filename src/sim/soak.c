/* Runs one seed: pauses the world where the plan reaches in, kills and restarts its process, and
 * gives every moment to the checker. */
#include "sim/soak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/checker.h"
#include "sim/service.h"
#include "util/check.h"

#define LOOK_EVERY_MS (97 * SECOND_MS)
#define SETTLE_LEAST  (120 * SECOND_MS) /* of the protocol */
#define CUTS_MOST     12                /* what the world takes */
#define MENDS_MOST    4                 /* how often a person runs it again after all was mended */

struct soak {
  struct fault_plan *plan;
  struct prng prng; /* what is decided on the way */
  struct world *world;
  struct checker *checker;
  struct soak_result *result;
  int64_t to_crash; /* moments until the process dies; negative: never */
  int crashes;
  bool crash_now, recovering, safe, has_exited;
  enum store_point point;
  size_t next_hand, next_order;
  int64_t order_wait;       /* moments until the next order, when its time has come */
  duration_ms network_back; /* 0: it is there */
  duration_ms next_look;
  duration_ms deliver_at; /* the stuck request; 0: none is */
};

static struct world *under_way; /* for soak_trace_now */

const char *soak_verdict_name(enum soak_verdict verdict) {
#define X(name, text) text,
  static const char *const names[] = {SOAK_VERDICTS(X)};
#undef X
  CHECK(verdict < SOAK_VERDICT_COUNT);
  return names[verdict];
}

const char *soak_trace_now(void) {
  return under_way == NULL ? "" : world_trace(under_way);
}

const char *soak_tail(const char *trace, size_t lines) {
  const char *at = trace + strlen(trace);
  for (size_t seen = 0; at > trace; at--)
    if (at[-1] == '\n' && seen++ == lines) break;
  return at;
}

/* ---- crashes ---- */

static void plan_crash(struct soak *soak) {
  const struct fault_plan *plan = soak->plan;
  soak->recovering = false;
  soak->to_crash = -1;
  if (soak->crashes >= plan->crashes_most) return;
  soak->recovering = soak->crashes > 0 && fault_chance(&soak->prng, plan->recovery_percent);
  soak->to_crash = soak->recovering
                       ? prng_between(&soak->prng, 1, 30)
                       : fault_scale(&soak->prng, 1, plan->crash_gap < 1 ? 1 : plan->crash_gap);
}

/* ---- a request that is stuck ---- */

/* How late it may come, and still be listed within the settle time. */
static duration_ms draw_delay(struct soak *soak) {
  duration_ms room = SETTLE_LEAST - soak->plan->scenario->listing_lag;
  if (soak->plan->class == FAULT_BEYOND) return prng_between(&soak->prng, 0, 5 * SETTLE_LEAST);
  if (room <= 0) return 0;
  return fault_chance(&soak->prng, 30) ? room : prng_between(&soak->prng, 0, room);
}

/* The client gives it up after a minute; often the process dies before. */
static void get_stuck(struct soak *soak, duration_ms at) {
  soak->deliver_at = at + MINUTE_MS + draw_delay(soak);
  if (!soak->safe && fault_chance(&soak->prng, 60))
    soak->to_crash = prng_between(&soak->prng, 1, 6);
}

/* A new process counts from its start: not later than its settle time allows. */
static void hurry(struct soak *soak) {
  duration_ms latest = world_now(soak->world) + draw_delay(soak);
  if (soak->deliver_at > latest) soak->deliver_at = latest;
}

static void deliver(struct soak *soak) {
  struct sim_scenario *scenario = soak->plan->scenario;
  size_t rules = scenario->fault_count;
  scenario->fault_count = 0; /* late it is already */
  world_deliver(soak->world);
  scenario->fault_count = rules;
  soak->deliver_at = 0;
}

static bool order_comes(const struct soak *soak, duration_ms now) {
  return soak->next_order < soak->plan->order_count &&
         soak->plan->orders[soak->next_order].at <= now;
}

static bool is_countable(enum world_moment_kind kind) {
  return kind == WORLD_COMMITTING || kind == WORLD_COMMITTED || kind == WORLD_SENT ||
         kind == WORLD_ANSWERED;
}

static bool watch(void *context, const struct world_moment *moment) {
  struct soak *soak = context;
  if (soak->checker == NULL) return false;
  checker_moment(soak->checker, moment);
  if (checker_complaint(soak->checker) != NULL) return true;
  if (world_holds(soak->world) && soak->deliver_at == 0) {
    get_stuck(soak, moment->at);
    return true;
  }
  if (!is_countable(moment->kind)) return false;
  bool order = soak->order_wait > 0 && order_comes(soak, moment->at) && --soak->order_wait == 0;
  if (soak->safe || soak->to_crash < 0 || --soak->to_crash > 0) return order;
  soak->crash_now = true;
  soak->point = (enum store_point)prng_between(&soak->prng, STORE_BEFORE, STORE_AFTER);
  world_die(soak->world);
  return true;
}

static void crash(struct soak *soak, bool in_commit) {
  static const enum hazard kinds[] = {HAZARD_CRASH_BEFORE, HAZARD_CRASH_DURING, HAZARD_CRASH_AFTER};
  duration_ms after = fault_chance(&soak->prng, 60)
                          ? prng_between(&soak->prng, 1, 2 * SECOND_MS)
                          : fault_scale(&soak->prng, SECOND_MS, 4 * HOUR_MS);
  soak->result->hazards[in_commit ? kinds[soak->point] : HAZARD_CRASH_BETWEEN]++;
  soak->result->hazards[HAZARD_CRASH_RECOVERY] += soak->recovering;
  soak->crashes++;
  soak->crash_now = false;
  world_crash(soak->world, soak->point, after);
  checker_restarted(soak->checker);
  plan_crash(soak);
}

/* ---- hands ---- */

static void set_network(struct soak *soak, bool up) {
  world_set_network(soak->world, up);
  checker_network(soak->checker, up);
}

static void fail_commits(struct soak *soak, const struct hand *hand) {
  bool full = hand->kind == HAZARD_COMMIT_FULL;
  store_fail_next(world_store(soak->world), full ? ERR_FULL : ERR_IO, hand->number,
                  hand->kind == HAZARD_COMMIT_UNKNOWN ? STORE_AFTER : STORE_BEFORE);
}

static void fail_fetches(struct soak *soak, const struct hand *hand) {
  static const enum fetch_result results[] = {FETCH_EXPIRED, FETCH_FAILED, FETCH_LENGTH,
                                              FETCH_FULL};
  world_fail_fetches(soak->world, results[prng_between(&soak->prng, 0, 3)], hand->number);
}

/* The reply ends in the middle, and yet it came in whole. */
static void cut_whole(struct soak *soak, const struct hand *hand) {
  static const struct {
    enum call_kind kind;
    const char *before;
  } cuts[] = {{CALL_LIST_TASKS, "\"status\""},  {CALL_LIST_TASKS, "\"taskId\""},
              {CALL_SUBMIT, "\"taskId\""},      {CALL_SUBMIT, "\"status\""},
              {CALL_SCHEDULER, "\"replyRef\""}, {CALL_GET_TASK, "\"artifacts\""}};
  size_t which = (size_t)prng_between(&soak->prng, 0, sizeof cuts / sizeof cuts[0] - 1);
  duration_ms until = world_now(soak->world) + hand->length;
  if (soak->result->hazards[HAZARD_CUT_WHOLE] >= CUTS_MOST) return;
  if (until > soak->plan->safety_ms) until = soak->plan->safety_ms;
  world_rewrite(soak->world, cuts[which].kind, cuts[which].before, NULL, until);
}

static void refuse_token(struct soak *soak, const struct hand *hand) {
  duration_ms until = world_now(soak->world) + hand->length;
  if (until > soak->plan->safety_ms) until = soak->plan->safety_ms;
  world_refuse_token(soak->world, (token_index)hand->subject, hand->number, until);
}

static const char *output_of(const struct soak *soak, size_t job, char *path, size_t size) {
  snprintf(path, size, "/out/%s.mp4", soak->plan->jobs[job].name);
  return path;
}

/* The first account stays named: a config without any is refused. */
static void edit(struct soak *soak, const struct hand *hand) {
  struct world *world = soak->world;
  const struct fault_plan *plan = soak->plan;
  bool named = fault_chance(&soak->prng, 50);
  switch ((enum edit)hand->number) {
  case EDIT_TAKE_OUT:
  case EDIT_PUT_BACK:
    world_list_job(world, hand->subject, hand->number == EDIT_PUT_BACK);
    break;
  case EDIT_ADD:
    world_write_jobs(world, hand->subject + 1);
    break;
  case EDIT_ACCOUNT:
    if (hand->subject > 0) world_name_account(world, plan->accounts[hand->subject].email, named);
    break;
  case EDIT_NOTHING:
  case EDIT_COUNT:
    break;
  }
  if (hand->length == 0 || world_core(world) == NULL || soak->has_exited) return;
  soak->result->hazards[HAZARD_RELOAD]++;
  world_reload(world);
}

/* Everything is in the file, and known to be. */
static void end_edits(struct soak *soak) {
  if (soak->plan->first_jobs == 0) return;
  for (size_t i = 0; i < soak->plan->job_count; i++)
    world_list_job(soak->world, i, true);
  world_write_jobs(soak->world, soak->plan->job_count);
  world_reload(soak->world);
}

/* What is stuck in the network arrives there, whether or not we are awake. */
static void fall_asleep(struct soak *soak, duration_ms length) {
  duration_ms until = world_now(soak->world) + length;
  bool cut = fault_chance(&soak->prng, 50);
  if (soak->deliver_at != 0 && soak->deliver_at < until) {
    if (soak->deliver_at > world_now(soak->world))
      world_sleep(soak->world, soak->deliver_at - world_now(soak->world), cut);
    deliver(soak);
  }
  world_sleep(soak->world, until - world_now(soak->world), cut);
  soak->next_look = world_now(soak->world) + LOOK_EVERY_MS; /* let it rub its eyes */
}

/* False: it had nothing to do here. */
static bool reach_in(struct soak *soak, const struct hand *hand) {
  struct world *world = soak->world;
  char path[300];
  switch (hand->kind) {
  case HAZARD_NETWORK:
    set_network(soak, false);
    soak->network_back = world_now(world) + hand->length;
    return true;
  case HAZARD_SLEEP:
    fall_asleep(soak, hand->length);
    return true;
  case HAZARD_COMMIT_FULL:
  case HAZARD_COMMIT_ERROR:
  case HAZARD_COMMIT_UNKNOWN:
    fail_commits(soak, hand);
    return true;
  case HAZARD_FETCH:
    fail_fetches(soak, hand);
    return true;
  case HAZARD_CUT_WHOLE:
    cut_whole(soak, hand);
    return true;
  case HAZARD_ASSETS_GONE:
    return soak->plan->jobs[hand->subject].clip != NULL &&
           world_delete_assets(world, hand->subject);
  case HAZARD_TASK_GONE:
    return world_delete_task(world, hand->subject);
  case HAZARD_FILE_APPEARS:
    if (world_published(world, hand->subject) > 0) return false;
    world_put_file(world, output_of(soak, hand->subject, path, sizeof path));
    return true;
  case HAZARD_UNNAMED:
    if (soak->plan->scenario->account_count < 2 || hand->subject == 0) return false;
    world_name_account(world, soak->plan->accounts[hand->subject].email, false);
    return true;
  case HAZARD_STOP:
    if (world_core(world) == NULL) return false;
    world_stop(world);
    checker_stopped(soak->checker);
    return true;
  case HAZARD_HELD:
    world_hold_submit(world);
    return true;
  case HAZARD_TOKEN:
    refuse_token(soak, hand);
    return true;
  case HAZARD_CLOCK:
    world_set_clock(world, hand->number * hand->length);
    return true;
  case HAZARD_EDIT:
    edit(soak, hand);
    return true;
  case HAZARD_LATE_TASK:
  case HAZARD_LISTING_LAG:
  case HAZARD_NO_REFS:
  case HAZARD_NO_NAMES:
  case HAZARD_CAPACITY:
  case HAZARD_BROKEN:
  case HAZARD_SUSPENDED:
  case HAZARD_CREDITS:
  case HAZARD_OTHERS:
  case HAZARD_CRASH_BEFORE:
  case HAZARD_CRASH_DURING:
  case HAZARD_CRASH_AFTER:
  case HAZARD_CRASH_BETWEEN:
  case HAZARD_CRASH_RECOVERY:
  case HAZARD_RETRY:
  case HAZARD_CANCEL:
  case HAZARD_PAUSE:
  case HAZARD_RESUME:
  case HAZARD_CALLBACK_LOST:
  case HAZARD_CALLBACK_DOUBLED:
  case HAZARD_CALLBACK_LATE:
  case HAZARD_CALLBACK_FORGED:
  case HAZARD_RELOAD:
  case HAZARD_COUNT:
    break;
  }
  CHECK_UNREACHABLE();
}

/* ---- orders ---- */

static bool in_commit(const struct soak *soak) {
  return checker_in_commit(soak->checker);
}

static void give_order(struct soak *soak, const struct request_record *order) {
  const char *subject = order->account != NULL ? order->account : order->pattern;
  char words[400];
  snprintf(words, sizeof words, "a person orders: %s %s, flags: %s", order->verb,
           subject == NULL ? "the batch" : subject, order->flags == NULL ? "none" : order->flags);
  world_note(soak->world, words);
  checker_ordered(soak->checker, order);
  world_order(soak->world, order);
  if (soak->crash_now) crash(soak, in_commit(soak));
}

static void wait_for_order(struct soak *soak) {
  soak->order_wait =
      soak->next_order < soak->plan->order_count ? soak->plan->orders[soak->next_order].moments : 0;
}

static void give_due_orders(struct soak *soak) {
  while (order_comes(soak, world_now(soak->world)) && checker_complaint(soak->checker) == NULL) {
    bool running = world_core(soak->world) != NULL && !soak->has_exited;
    if (running && soak->order_wait > 0) return;
    const struct person_order *order = &soak->plan->orders[soak->next_order++];
    wait_for_order(soak);
    soak->result->hazards[order->kind]++;
    give_order(soak, &order->request);
  }
}

/* Nothing stays paused. */
static void resume_all(struct soak *soak) {
  if (!fault_has_orders(soak->plan->seed) && !fault_has_guards(soak->plan->seed)) return;
  give_order(soak, &(struct request_record){.verb = "resume"});
  for (size_t i = 0; i < soak->plan->scenario->account_count; i++)
    give_order(
        soak, &(struct request_record){.verb = "resume", .account = soak->plan->accounts[i].email});
}

static void do_due(struct soak *soak, bool running) {
  duration_ms now = world_now(soak->world);
  if (soak->network_back != 0 && now >= soak->network_back) {
    set_network(soak, true);
    soak->network_back = 0;
  }
  if (soak->deliver_at != 0 && now >= soak->deliver_at) deliver(soak);
  while (soak->next_hand < soak->plan->hand_count &&
         soak->plan->hands[soak->next_hand].at <= world_now(soak->world)) {
    const struct hand *hand = &soak->plan->hands[soak->next_hand++];
    if (hand->kind == HAZARD_STOP && !running) continue;
    if (reach_in(soak, hand)) soak->result->hazards[hand->kind]++;
  }
  give_due_orders(soak);
  if (now >= soak->next_look) {
    if (running) checker_look(soak->checker);
    soak->next_look = now + LOOK_EVERY_MS;
  }
}

/* ---- the two phases ---- */

static duration_ms nearest(duration_ms a, duration_ms b) {
  return a < b ? a : b;
}

static duration_ms next_pause(const struct soak *soak, duration_ms end) {
  duration_ms at = nearest(end, soak->next_look);
  if (soak->next_hand < soak->plan->hand_count)
    at = nearest(at, soak->plan->hands[soak->next_hand].at);
  if (soak->network_back != 0) at = nearest(at, soak->network_back);
  if (soak->next_order < soak->plan->order_count && !order_comes(soak, world_now(soak->world)))
    at = nearest(at, soak->plan->orders[soak->next_order].at);
  if (soak->deliver_at != 0) at = nearest(at, soak->deliver_at);
  return at;
}

/* Until the process ends, dies, or it is time for a hand. The status of a run that ended, or -1. */
static int go_on(struct soak *soak, duration_ms end) {
  bool is_new = world_core(soak->world) == NULL || soak->has_exited;
  if (is_new && soak->deliver_at != 0) hurry(soak);
  soak->has_exited = false;
  int status = world_run(soak->world, next_pause(soak, end));
  soak->result->processes += is_new;
  if (checker_complaint(soak->checker) != NULL) return -1;
  if (soak->crash_now) {
    crash(soak, in_commit(soak));
    return -1;
  }
  if (status >= 0) {
    soak->has_exited = true;
    checker_exited(soak->checker, status);
    checker_restarted(soak->checker);
    world_apply_orders(soak->world);
    if (soak->crash_now) crash(soak, in_commit(soak));
  }
  return status;
}

/* A person who sees in the morning that a guard has stopped it. */
static void look_at_guards(struct soak *soak, int status) {
  if (status == 3 && fault_has_guards(soak->plan->seed) && fault_chance(&soak->prng, 50))
    resume_all(soak);
}

/* Ended jobs may be ordered again. */
static void sleep_until_order(struct soak *soak) {
  duration_ms length = soak->plan->orders[soak->next_order].at - world_now(soak->world);
  if (length > 0) fall_asleep(soak, length);
}

/* True: every job has ended and the program has said so. */
static bool safety_phase(struct soak *soak) {
  duration_ms end = soak->plan->safety_ms;
  while (world_now(soak->world) < end && checker_complaint(soak->checker) == NULL) {
    int status = go_on(soak, end);
    /* An order that the run left open may have set one going again. */
    bool all_ended = (status == 0 || status == 1) && checker_all_ended(soak->checker);
    if (all_ended && soak->next_order == soak->plan->order_count) return true;
    if (all_ended)
      sleep_until_order(soak);
    else if (status >= 0) /* run again some time later */
      fall_asleep(soak, fault_scale(&soak->prng, SECOND_MS, HOUR_MS));
    if (!all_ended) look_at_guards(soak, status);
    do_due(soak, status < 0);
  }
  return false;
}

/* A config is read by the next process: what times it keeps would outlast the bound. */
static void lift_guards(struct soak *soak) {
  world_next_options(soak->world)->until = 0;
  world_next_options(soak->world)->credits_limited = false;
  if (world_core(soak->world) == NULL || soak->has_exited) return;
  checker_stopped(soak->checker);
  world_stop(soak->world);
}

static void stop_faults(struct soak *soak) {
  soak->safe = true;
  soak->next_hand = soak->plan->hand_count;
  soak->next_order = soak->plan->order_count;
  soak->order_wait = 0;
  soak->network_back = 0;
  set_network(soak, true);
  world_calm_callbacks(soak->world);
  world_fail_fetches(soak->world, FETCH_FAILED, 0);
  store_fail_next(world_store(soak->world), ERR_IO, 0, STORE_BEFORE);
  for (size_t i = 0; i < soak->plan->scenario->account_count; i++)
    world_name_account(soak->world, soak->plan->accounts[i].email, true);
  if (soak->plan->guards != NULL) lift_guards(soak);
  fault_plan_mend(soak->plan);
  if (world_core(soak->world) == NULL || soak->has_exited) checker_guards_read(soak->checker);
  resume_all(soak);
  end_edits(soak);
}

static bool liveness_phase(struct soak *soak) {
  duration_ms end = soak->plan->safety_ms + soak->plan->bound_ms;
  int mends = 0;
  if (world_now(soak->world) > soak->plan->safety_ms)
    end = world_now(soak->world) + soak->plan->bound_ms;
  stop_faults(soak);
  while (world_now(soak->world) < end && checker_complaint(soak->checker) == NULL) {
    int status = go_on(soak, end);
    if ((status == 0 || status == 1) && checker_all_ended(soak->checker)) return true;
    if (status >= 0) {
      if (++mends > MENDS_MOST) return false;
      world_sleep(soak->world, MINUTE_MS, false);
      resume_all(soak); /* an account that this run did not have could not be resumed during it */
    }
    do_due(soak, status < 0);
  }
  return false;
}

/* ---- the whole ---- */

static void tell_unended(struct soak *soak, char *text, size_t size) {
  size_t used = (size_t)snprintf(text, size, "not ended in time:");
  for (size_t i = 0; i < soak->plan->job_count && used < size; i++) {
    enum job_state state = checker_job_state(soak->checker, i);
    char why[300] = "";
    if (job_state_ended(state)) continue;
    if (world_core(soak->world) != NULL) {
      struct wait wait = world_job_why(soak->world, i);
      wait_describe(&wait, why, sizeof why);
    }
    used += (size_t)snprintf(text + used, size - used, " %s=%s, %s;", soak->plan->jobs[i].name,
                             job_state_name(state), why);
  }
}

static void judge(struct soak *soak, bool ended) {
  struct soak_result *result = soak->result;
  if (ended) checker_finish(soak->checker);
  const char *complaint = checker_complaint(soak->checker);
  if (complaint != NULL) {
    result->verdict = SOAK_SAFETY;
    snprintf(result->text, sizeof result->text, "%s", complaint);
  } else if (!ended) {
    result->verdict = SOAK_LIVENESS;
    tell_unended(soak, result->text, sizeof result->text);
  }
}

static void count_callbacks(struct soak *soak) {
  struct world_callback_counts counts = world_callback_counts(soak->world);
  soak->result->hazards[HAZARD_CALLBACK_LOST] += counts.lost;
  soak->result->hazards[HAZARD_CALLBACK_DOUBLED] += counts.doubled;
  soak->result->hazards[HAZARD_CALLBACK_LATE] += counts.late;
  soak->result->hazards[HAZARD_CALLBACK_FORGED] += counts.forged;
}

static void count(struct soak *soak) {
  struct soak_result *result = soak->result;
  const struct sim_service *service = world_service(soak->world);
  const struct sim_scenario *scenario = soak->plan->scenario;
  for (size_t i = 0; i < scenario->fault_count; i++) {
    result->faults[scenario->faults[i].kind] += service->fault_struck[i];
    if (scenario->faults[i].late > 0) result->hazards[HAZARD_LATE_TASK] += service->fault_struck[i];
  }
  for (size_t i = 0; i < scenario->failure_count; i++)
    result->failures[scenario->failures[i].kind] += service->failure_struck[i];
  for (int i = 0; i < HAZARD_COUNT; i++)
    result->hazards[i] += soak->plan->drawn[i];
  count_callbacks(soak);
  for (size_t i = 0; i < soak->plan->job_count; i++)
    result->jobs[checker_job_state(soak->checker, i)]++;
  result->simulated_ms = world_now(soak->world);
  result->steps = world_steps(soak->world);
  result->paid_again = checker_paid_again(soak->checker);
  result->doubled = sim_service_totals(service).refs_twice;
  result->accounts = scenario->account_count;
  result->trace = strdup(world_trace(soak->world));
  CHECK(result->trace != NULL && "out of memory");
  result->trace_hash = hash_bytes(result->trace, strlen(result->trace));
}

static void prepare(void *context, struct sim_service *service, time_ms now) {
  struct soak *soak = context;
  fault_plan_prepare(soak->plan, service, now);
}

void soak_run(const struct soak_options *options, struct soak_result *result) {
  struct soak soak = {.result = result, .plan = fault_plan_new(options->seed, options->small)};
  *result = (struct soak_result){0};
  result->class = soak.plan->class;
  fault_plan_describe(soak.plan, result->described, sizeof result->described);
  prng_init(&soak.prng, options->seed ^ UINT64_C(0x5eed));
  struct world_options world = {.scenario = soak.plan->scenario,
                                .seed = prng_next(&soak.prng),
                                .state_path = options->state_path,
                                .jobs = soak.plan->jobs,
                                .job_count = soak.plan->job_count,
                                .first_jobs = soak.plan->first_jobs,
                                .core = soak.plan->core,
                                .guards = soak.plan->guards,
                                .callbacks = soak.plan->callbacks,
                                .trace_debug = options->trace_debug,
                                .watcher = watch,
                                .context = &soak,
                                .prepare = prepare};
  plan_crash(&soak);
  wait_for_order(&soak);
  under_way = soak.world = world_new(&world);
  soak.checker = checker_new(soak.plan);
  checker_begin(soak.checker, soak.world);
  bool ended = safety_phase(&soak) || liveness_phase(&soak);
  judge(&soak, ended);
  count(&soak);
  under_way = NULL;
  checker_free(soak.checker);
  world_free(soak.world);
  fault_plan_free(soak.plan);
}

void soak_result_release(struct soak_result *result) {
  free(result->trace);
  result->trace = NULL;
}
