/* When a player was told of the end of each task, and when clips were on their way. */
#include <stdlib.h>
#include <string.h>

#include "nightshift/outcome.h"
#include "tests/bench/scheduler.h"
#include "util/check.h"

void sights_release(struct sights *sights) {
  free(sights->told);
  free(sights->uploads);
  *sights = (struct sights){0};
}

static void add_upload(struct sights *sights, const struct sim_service *service, time_ms at,
                       const char *email, int change) {
  if (sights->upload_count == sights->upload_room) {
    sights->upload_room = sights->upload_room == 0 ? 256 : sights->upload_room * 2;
    sights->uploads = realloc(sights->uploads, sights->upload_room * sizeof *sights->uploads);
    CHECK(sights->uploads != NULL && "out of memory");
  }
  sights->uploads[sights->upload_count++] =
      (struct sight){at, sim_account_by_email(service, 0, email), change};
}

static void tell(struct sights *sights, const struct sim_service *service, time_ms at,
                 const char *task_id) {
  int64_t task;
  if (!map_get(&service->tasks_by_id, task_id, &task)) return;
  if ((size_t)task >= sights->told_room) {
    size_t room = (size_t)task * 2 + 64;
    sights->told = realloc(sights->told, room * sizeof *sights->told);
    CHECK(sights->told != NULL && "out of memory");
    memset(sights->told + sights->told_room, 0, (room - sights->told_room) * sizeof *sights->told);
    sights->told_room = room;
  }
  if (sights->told[task] == 0) sights->told[task] = at;
}

void sights_sent(struct sights *sights, const struct sim_service *service, time_ms at,
                 const struct call *call) {
  if (call->kind == CALL_UPLOAD) add_upload(sights, service, at, call->email, 1);
}

void sights_answered(struct sights *sights, const struct sim_service *service, time_ms at,
                     const struct call *call, const struct answer *answer) {
  if (call->kind == CALL_UPLOAD) add_upload(sights, service, at, call->email, -1);
  if (call->kind != CALL_LIST_TASKS && call->kind != CALL_GET_TASK) return;
  for (size_t i = 0; i < answer->task_count; i++)
    if (!task_status_in_flight(answer->tasks[i].status))
      tell(sights, service, at, answer->tasks[i].task_id);
}
