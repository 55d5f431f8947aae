/* Answers that take a while: who asked waits, and costs nothing meanwhile. */
#include "web/web.h"

#include "util/check.h"

#define ANSWER_BYTES_MAX ((size_t)4 * 1024 * 1024)

web_ticket ticket_open(struct visit *visit) {
  struct web *web = visit->web;
  visit->ticket = ++web->last_ticket;
  visit->next_waiting = web->waiting;
  web->waiting = visit;
  buffer_init(&visit->answer, ANSWER_BYTES_MAX);
  return visit->ticket;
}

void ticket_close(struct visit *visit) {
  if (visit->ticket == 0) return;
  struct visit **at = &visit->web->waiting;
  while (*at != visit)
    at = &(*at)->next_waiting;
  *at = visit->next_waiting;
  visit->ticket = 0;
  buffer_release(&visit->answer);
}

enum MHD_Result ticket_answer(struct visit *visit) {
  if (visit->answer_status != 0)
    return web_say_typed(visit->connection, visit->answer_status, WEB_JSON,
                         buffer_string(&visit->answer), visit->answer.length);
  if (visit->web->stopping) return MHD_NO;
  MHD_suspend_connection(visit->connection);
  visit->suspended = true;
  return MHD_YES;
}

static void resume(struct visit *visit) {
  if (visit->suspended) MHD_resume_connection(visit->connection);
  if (visit->suspended) web_turn_soon(visit->web);
  visit->suspended = false;
}

void web_answer(struct web *web, web_ticket ticket, unsigned status, const char *json,
                size_t size) {
  struct visit *visit = web->waiting;
  while (visit != NULL && visit->ticket != ticket)
    visit = visit->next_waiting;
  if (visit == NULL || visit->answer_status != 0) return;
  bool whole = buffer_append(&visit->answer, json, size);
  visit->answer_status = whole ? status : MHD_HTTP_INTERNAL_SERVER_ERROR;
  resume(visit);
}

void tickets_release(struct web *web) {
  for (struct visit *visit = web->waiting; visit != NULL; visit = visit->next_waiting)
    resume(visit);
}
