/* Callbacks: the replyUrl of a submission is told when its task begins to run, at half its work and
 * at its end. Here they are only written; who runs the model takes and delivers them. */
#include <stdlib.h>

#include "sim/service.h"
#include "util/check.h"

#define BODY_MAX ((size_t)64 * 1024)

static time_ms half_of(const struct sim_task *task) {
  return task->run_at + task->work_ms / 2;
}

time_ms sim_callback_next(const struct sim_task *task) {
  bool to_come = task->reply_url != NULL && task->state == STATE_RUNNING && !task->half_told;
  return to_come ? half_of(task) : TIME_NEVER;
}

static struct sim_told *new_told(struct sim_service *service) {
  if (service->told_count == service->told_room) {
    service->told_room = service->told_room == 0 ? 16 : service->told_room * 2;
    service->told = realloc(service->told, service->told_room * sizeof *service->told);
    CHECK(service->told != NULL && "out of memory");
  }
  return &service->told[service->told_count++];
}

void sim_callback_add(struct sim_service *service, struct sim_task *task) {
  struct sim_exchange exchange = {.service = service};
  if (task->reply_url == NULL) return;
  if (task->run_at != 0 && service->now >= half_of(task)) task->half_told = true;
  buffer_init(&exchange.body, BODY_MAX);
  json_begin(&exchange.json, &exchange.body);
  sim_write_task(&exchange, &exchange.json, NULL, task, DETAIL_ALONE);
  CHECK(!exchange.body.overflowed);
  *new_told(service) =
      (struct sim_told){task->reply_url, exchange.body.bytes, exchange.body.length};
}

bool sim_service_take_callback(struct sim_service *service, struct sim_callback *callback) {
  if (service->told_taken == service->told_count) return false;
  const struct sim_told *told = &service->told[service->told_taken++];
  *callback = (struct sim_callback){told->url, told->body, told->body_bytes};
  service->totals.callbacks++;
  if (service->told_taken == service->told_count) service->told_taken = service->told_count = 0;
  return true;
}

void sim_callbacks_release(struct sim_service *service) {
  for (size_t i = service->told_taken; i < service->told_count; i++)
    free(service->told[i].body);
  free(service->told);
}
