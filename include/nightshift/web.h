/* The listener: what the program serves over HTTP, on the run's own loop. `GET /healthz` (the
 * process lives), `GET /readyz` (the run gets on), `GET /metrics`, and `POST /callback/SECRET`, by
 * which the service tells of tasks. All else is 404; a body has a ceiling and a request a few
 * seconds.
 *
 * Nobody who calls here is believed or waited for: a callback is handed on as the bytes that came.
 */
#ifndef NIGHTSHIFT_WEB_H
#define NIGHTSHIFT_WEB_H

#include "nightshift/error.h"
#include "nightshift/types.h"

struct uv_loop_s;
struct web;
struct buffer;

struct web_options {
  const char *listen;     /* ADDR:PORT; port 0 picks one */
  const char *public_url; /* whose host name callers may use; "": callers use our address */
  const char *secret;     /* of the path of callbacks; NULL: none are taken */
  size_t body_most;       /* of a callback */
  duration_ms stay;       /* real time that a request and its reply may take; 0: 10 s */
  /* From the loop, for each callback. */
  void (*on_callback)(void *context, const char *body, size_t body_bytes);
  const char *(*unready)(void *context); /* why the run does not get on; NULL: it does */
  /* Writes the metrics, in OpenMetrics 1.0 or in Prometheus' text form. */
  void (*metrics)(void *context, bool openmetrics, struct buffer *out);
  size_t metrics_most; /* bytes of them; more is an error */
  void *context;
};

/* Whether this build has a listener (WEB=ON). */
bool web_is_there(void);
/* Copies the options. Errors: ERR_USAGE (not ADDR:PORT, or not in this build), ERR_IO. */
int web_start(struct web **web, struct uv_loop_s *loop, const struct web_options *options,
              struct error *error);
/* "127.0.0.1:9090": where it really listens. */
const char *web_address(const struct web *web);
/* What came in since the start and was not handed on. */
struct web_figures {
  int64_t wrong_path; /* POSTs to other paths than that of callbacks */
  int64_t too_large;  /* callbacks beyond body_most */
};
struct web_figures web_figures(const struct web *web);
/* Drops what is under way. The loop must run once more (until nothing is active), which frees the
 * rest. Not from within a callback of web's. */
void web_stop(struct web *web);

/* ADDR:PORT is well formed: a numeric address or a name, [ADDR] for IPv6, and a port. */
bool web_listen_is_well(const char *listen);

#endif
