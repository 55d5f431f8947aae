/* The listener: what the program serves over HTTP, on the run's own loop: health, metrics,
 * callbacks of the service, and a page on which people watch the run and, with a token, order.
 * src/web/routes.c has all that is served in one table. All else is 404; a body has a ceiling and a
 * request a few seconds.
 *
 * Nobody who calls here is believed or waited for: a callback is handed on as the bytes that came,
 * and a watcher who does not keep up is told the newest state when he is ready, or is gone. */
#ifndef NIGHTSHIFT_WEB_H
#define NIGHTSHIFT_WEB_H

#include "nightshift/error.h"
#include "nightshift/types.h"

struct buffer;
struct uv_loop_s;
struct web;

/* Up to where a watcher knows the picture, which alone knows what it means. All zeroes: nothing
 * yet. `goal` 0: a place where the picture was whole, by which `since` may be named to it again. */
struct web_place {
  uint64_t since, goal;
  unsigned part;
  size_t at;
};

/* A request whose answer is awaited: web_answer. */
typedef uint64_t web_ticket;

/* What a person orders: texts as they came, NULL where they did not. */
struct web_order {
  const char *verb, *batch, *pattern, *account;
  bool force, again, all;
};

struct web_options {
  const char *listen;     /* ADDR:PORT; port 0 picks one */
  const char *public_url; /* its host name may be called for callbacks and health; "": none */
  const char *page_url;   /* its host name may be called for the page too; "": our address only */
  const char *secret;     /* of the path of callbacks; NULL: none are taken */
  const char *token;      /* of those who order, or read from elsewhere; NULL: nobody may */
  size_t body_most;       /* of a callback */
  duration_ms stay;       /* real time that a request and its reply may take; 0: 10 s */
  duration_ms beat;       /* a watcher hears something that often at least; 0: 15 s */
  /* All from the loop. */
  void (*on_callback)(void *context, const char *body, size_t body_bytes);
  const char *(*unready)(void *context); /* why the run does not get on; NULL: it does */
  /* Writes the metrics, in OpenMetrics 1.0 or in Prometheus' text form. */
  void (*metrics)(void *context, bool openmetrics, struct buffer *out);
  size_t metrics_most; /* bytes of them; more is an error */
  /* Somebody begins to watch: the picture should be up to date. */
  void (*on_watcher)(void *context);
  /* Appends what comes next to one who knows it up to there, a line of JSON of some 12 kB, and
   * moves the place on; false: nothing is new. */
  bool (*next)(void *context, struct web_place *place, struct buffer *piece);
  /* Both are answered by web_answer, at once or later. */
  void (*on_order)(void *context, const struct web_order *order, web_ticket ticket);
  void (*on_job)(void *context, int64_t job, web_ticket ticket);
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
/* The picture has changed: all who watch are told, as soon as each is ready. */
void web_news(struct web *web);
/* Tells them at once, as far as each is ready: the loop will not come round again. */
void web_flush(struct web *web);
size_t web_watchers(const struct web *web);
/* The answer that a ticket waits for, as JSON; copied. Nothing, when who asked has gone. */
void web_answer(struct web *web, web_ticket ticket, unsigned status, const char *json, size_t size);
/* Drops what is under way. The loop must run once more (until nothing is active), which frees the
 * rest. Not from within a callback of web's. */
void web_stop(struct web *web);

/* ADDR:PORT is well formed: a numeric address or a name, [ADDR] for IPv6, and a port. */
bool web_listen_is_well(const char *listen);

#endif
