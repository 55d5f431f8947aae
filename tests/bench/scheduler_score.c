/* What a night came to, from the service's own ledger. */
#include "tests/bench/scheduler.h"

static int64_t done(const struct sim_service *service) {
  int64_t count = 0;
  for (size_t i = 0; i < service->task_count; i++)
    count +=
        service->tasks[i].origin == ORIGIN_ORDERED && service->tasks[i].state == STATE_SUCCEEDED;
  return count;
}

static void score_idle(const struct sim_service *service, const struct sights *sights,
                       double busy_ms, struct score *score) {
  double idle_ms[IDLE_COUNT], all = busy_ms;
  idle_sum(service, sights, idle_ms);
  for (int i = 0; i < IDLE_COUNT; i++)
    all += idle_ms[i];
  for (int i = 0; i < IDLE_COUNT; i++)
    score->idle[i] = all > 0 ? idle_ms[i] / all : 0;
}

/* The event's minute: after an outage the minute in which the network is back. */
static void score_event(const struct night *night, const struct sim_service *service,
                        const struct sights *sights, struct score *score) {
  duration_ms from = NIGHT_EVENT_AT;
  if (night->order.event == NIGHT_OUTAGE) from += NIGHT_OUTAGE_MS;
  score->full_after = idle_until_full(service, sights, from);
  for (size_t i = 0; i < service->record_count; i++) {
    const struct sim_record *record = &service->records[i];
    duration_ms at = record->at - service->began;
    if (at < from || at >= from + MINUTE_MS) continue;
    score->minute_calls++;
    score->minute_refused += record->call == SIM_SUBMIT && record->status == 429;
  }
}

void score_night(const struct night *night, const struct sim_service *service,
                 const struct sights *sights, struct score *score) {
  const struct sim_totals totals = sim_service_totals(service);
  double jobs = (double)night->order.jobs;
  if (totals.fluid_bound_ms > 0)
    score->over_bound = (double)(totals.last_end - service->first_request) / totals.fluid_bound_ms;
  score->refused = (double)(totals.refused_queue + totals.refused_runway) / jobs;
  score->status_calls = (double)(totals.lists + totals.task_gets + totals.scheduler_gets) / jobs;
  score->requests = (double)totals.requests / jobs;
  score->paid_twice = totals.duplicates;
  score->not_done = night->order.jobs - (done(service) - totals.duplicates);
  score_idle(service, sights, totals.busy_ms, score);
  if (night->order.event != NIGHT_WALKS && night->order.event != NIGHT_LOSES_REPLIES)
    score_event(night, service, sights, score);
}
