/* Health: the process lives (/healthz); the run gets on, or why not (/readyz). */
#include "web/web.h"

enum MHD_Result web_answer_health(struct visit *visit) {
  return web_say(visit->connection, MHD_HTTP_OK, "ok\n");
}

enum MHD_Result web_answer_ready(struct visit *visit) {
  const struct web *web = visit->web;
  const char *why = web->options.unready(web->options.context);
  if (why == NULL) return web_say(visit->connection, MHD_HTTP_OK, "ready\n");
  struct buffer text;
  buffer_init(&text, 4096);
  buffer_printf(&text, "%s\n", why);
  enum MHD_Result result =
      web_say(visit->connection, MHD_HTTP_SERVICE_UNAVAILABLE, buffer_string(&text));
  buffer_release(&text);
  return result;
}
