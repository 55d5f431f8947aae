/* POST /orders?verb=…: what a person orders. Its words are in the query, so that no form of
 * another page can say them. */
#include <string.h>

#include "web/web.h"

static bool is_set(struct visit *visit, const char *name) {
  const char *value = web_argument(visit->connection, name);
  return value != NULL && strcmp(value, "1") == 0;
}

enum MHD_Result web_answer_order(struct visit *visit) {
  const struct web *web = visit->web;
  if (visit->ticket != 0) return ticket_answer(visit);
  const struct web_order order = {.verb = web_argument(visit->connection, "verb"),
                                  .batch = web_argument(visit->connection, "batch"),
                                  .pattern = web_argument(visit->connection, "pattern"),
                                  .account = web_argument(visit->connection, "account"),
                                  .force = is_set(visit, "force"),
                                  .again = is_set(visit, "again"),
                                  .all = is_set(visit, "all")};
  web->options.on_order(web->options.context, &order, ticket_open(visit));
  return ticket_answer(visit);
}
