/* Which rule strikes: faults of the network and the service per call, and tasks that end badly.
 *
 * Every matching call counts for a rule, whether or not another rule struck first, so that rules
 * can be added without moving the others. Chance is a function of seed, rule and count. */
#include <fnmatch.h>
#include <string.h>

#include "sim/service.h"

static bool pattern_matches(const char *pattern, const char *text) {
  return pattern == NULL || (text != NULL && fnmatch(pattern, text, 0) == 0);
}

/* Whether the rule strikes at its `seen`-th match. */
static bool strikes(const struct sim_when *when, uint64_t seed, const char *label, size_t rule,
                    int64_t seen, int64_t *struck) {
  bool hit = false;
  for (size_t i = 0; i < when->nth_count; i++)
    hit |= when->nth[i] == seen;
  if (when->rate > 0) {
    struct prng prng;
    prng_init(&prng, sim_hash(seed, label, ((int64_t)rule << 40) + seen));
    hit |= prng_unit(&prng) < when->rate;
  }
  /* Neither number nor chance: every match. */
  hit |= when->nth_count == 0 && when->rate <= 0;
  if (!hit || (when->times > 0 && *struck >= when->times)) return false;
  ++*struck;
  return true;
}

static bool in_window(const struct sim_service *service, const struct sim_window *window) {
  duration_ms at = service->now - service->began;
  return at >= window->from && at < window->until;
}

/* The account that a call is about, also when only the body names it. */
static const char *email_of(const struct sim_exchange *exchange) {
  const struct sim_service *service = exchange->service;
  const struct sim_request *request = exchange->request;
  if (sim_param(exchange, "email") != NULL) return sim_param(exchange, "email");
  for (size_t i = 0; i < service->scenario->account_count; i++) {
    const char *email = service->accounts[i].plan->email;
    const char *part = arena_printf(&exchange->service->scratch, "-runwayml:%s-", email);
    if (exchange->id != NULL && strstr(exchange->id, part) != NULL) return email;
    if (request->body != NULL && exchange->call == SIM_SUBMIT &&
        memmem(request->body, request->body_bytes, part, strlen(part)) != NULL)
      return email;
  }
  int64_t task;
  if (exchange->call == SIM_ARTIFACT && map_get(&service->tasks_by_uuid, exchange->id, &task))
    return service->accounts[service->tasks[task].account].plan->email;
  return NULL;
}

static bool fault_matches(const struct sim_exchange *exchange, const struct sim_fault_rule *rule,
                          const char *email) {
  if (rule->call != SIM_CALL_COUNT && rule->call != exchange->call) return false;
  if (rule->kind == FAULT_CLOSE_KEEPALIVE && exchange->request->earlier_on_connection == 0)
    return false;
  return in_window(exchange->service, &rule->when.window) &&
         pattern_matches(rule->when.account, email);
}

const struct sim_fault_rule *sim_fault_draw(struct sim_exchange *exchange) {
  struct sim_service *service = exchange->service;
  const struct sim_fault_rule *found = NULL;
  if (service->scenario->fault_count == 0) return NULL;
  const char *email = email_of(exchange);
  for (size_t i = 0; i < service->scenario->fault_count; i++) {
    const struct sim_fault_rule *rule = &service->scenario->faults[i];
    if (!fault_matches(exchange, rule, email)) continue;
    int64_t seen = ++service->fault_seen[i];
    if (found == NULL &&
        strikes(&rule->when, service->scenario->seed, "fault", i, seen, &service->fault_struck[i]))
      found = rule;
  }
  return found;
}

const struct sim_failure_rule *sim_failure_draw(struct sim_service *service, enum sim_stage stage,
                                                const char *email, const char *asset,
                                                const char *voice, const char *ref) {
  const struct sim_failure_rule *found = NULL;
  for (size_t i = 0; i < service->scenario->failure_count; i++) {
    const struct sim_failure_rule *rule = &service->scenario->failures[i];
    const struct sim_when *when = &rule->when;
    if ((rule->kind == FAILURE_SUBMISSION) != (stage == STAGE_SUBMISSION)) continue;
    if (!pattern_matches(when->account, email) || !pattern_matches(when->asset, asset) ||
        !pattern_matches(when->voice, voice) || !pattern_matches(when->ref, ref) ||
        !in_window(service, &when->window))
      continue;
    int64_t seen = ++service->failure_seen[i];
    if (found == NULL &&
        strikes(when, service->scenario->seed, "failure", i, seen, &service->failure_struck[i]))
      found = rule;
  }
  return found;
}
