/* GET /job?id=…: one job, with its history. */
#include "web/web.h"

#include "util/text.h"

enum MHD_Result web_answer_job(struct visit *visit) {
  const struct web *web = visit->web;
  const char *id = web_argument(visit->connection, "id");
  int64_t job;
  if (visit->ticket != 0) return ticket_answer(visit);
  if (id == NULL || !text_to_int64(id, 1, INT64_MAX, &job))
    return web_say(visit->connection, MHD_HTTP_BAD_REQUEST, "id: a number is wanted\n");
  web->options.on_job(web->options.context, job, ticket_open(visit));
  return ticket_answer(visit);
}
