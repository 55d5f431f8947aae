/* GET /metrics: which form is wanted, and the text that the run writes. */
#include "web/web.h"

#define TEXT_TYPE "text/plain; version=0.0.4; charset=utf-8"
#define OPEN_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

enum MHD_Result web_answer_metrics(struct visit *visit) {
  const struct web_options *options = &visit->web->options;
  bool open = web_accepts_openmetrics(web_header(visit->connection, "Accept"));
  enum MHD_Result result;
  struct buffer text;
  buffer_init(&text, options->metrics_most);
  options->metrics(options->context, open, &text);
  if (text.overflowed)
    result = web_say(visit->connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
                     "more accounts than can be told of\n");
  else
    result = web_say_typed(visit->connection, MHD_HTTP_OK, open ? OPEN_TYPE : TEXT_TYPE,
                           buffer_string(&text), text.length);
  buffer_release(&text);
  return result;
}
