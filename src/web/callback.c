/* POST /callback/SECRET: the service tells of a task. Handed on as it came, believed by nobody. */
#include "web/web.h"

enum MHD_Result web_answer_callback(struct visit *visit) {
  const struct web *web = visit->web;
  web->options.on_callback(web->options.context, buffer_string(&visit->body), visit->body.length);
  return web_say(visit->connection, MHD_HTTP_OK, "thank you\n");
}
