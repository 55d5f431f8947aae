/* What the files of web share: the listener, its connections, requests and routes.
 *
 * A request goes: head (answer.c: whose name, which route, who may) -> body, up to the route's
 * ceiling -> the route's `answer`, in a file of its own, which says something or keeps the
 * connection waiting. A connection carries one request. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <microhttpd.h>
#include <uv.h>

#include "nightshift/web.h"
#include "util/buffer.h"

/* A connection. */
struct visitor {
  struct visitor *previous, *next;
  int fd;
  uint64_t came_ms; /* the loop's time */
  bool shown_out;
};

/* A request, from its head to its end. */
struct visit {
  struct web *web;
  struct MHD_Connection *connection;
  const struct route *route;
  struct buffer body;
};

/* Who may ask for a route. */
enum access {
  ACCESS_ANYBODY, /* who reaches the listener by one of its names, public_url's too */
  ACCESS_PAGE     /* not by public_url's name, which is for callbacks alone */
};

struct route {
  const char *method; /* "GET": HEAD as well */
  const char *path;
  enum access access;
  bool is_secret; /* the path is followed by the secret of callbacks, and may be led by others */
  enum MHD_Result (*answer)(struct visit *visit); /* all of the request is there */
};

struct web {
  struct web_options options;
  char *public_url, *secret;
  char address[128];
  char public_host[256]; /* of public_url, without its port; "": none */
  struct MHD_Daemon *daemon;
  uv_poll_t poll;
  uv_timer_t timer;
  int open_handles;
  struct visitor *visitors;
  struct web_figures figures;
};

/* ---- listen.c ---- */
int web_listen(const char *listen, int *fd, char *address, size_t address_size,
               struct error *error);

/* ---- host.c: whom a request means ---- */
/* The host of a URL, in small letters and without its port; "" when it has none or it is too long.
 */
void web_host_of(const char *url, char *host, size_t size);
/* localhost, or an address that only this machine itself reaches. */
bool web_host_is_loopback(const char *host);
/* What a Host header names. A name of others that leads here is somebody's trick on a browser; an
 * address cannot be. */
enum host_kind {
  HOST_OF_OTHERS,
  HOST_PUBLIC,  /* public_url's, unless that is on loopback */
  HOST_OURS,    /* an address */
  HOST_LOOPBACK /* this machine, by itself or through a tunnel */
};
enum host_kind web_host_kind(const char *header, const char *public_host);

/* ---- routes.c: all that is served ---- */
extern const struct route web_routes[];
extern const size_t web_route_count;

/* ---- accept.c ---- */
/* Whether who asks with this Accept header (NULL: none) would rather have OpenMetrics 1.0 than the
 * text form. */
bool web_accepts_openmetrics(const char *accept);

/* ---- answer.c: libmicrohttpd's callbacks, and what routes say ---- */
enum MHD_Result web_on_request(void *context, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload_data,
                               size_t *upload_size, void **state);
void web_on_completed(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode code);
const char *web_header(struct MHD_Connection *connection, const char *name); /* NULL: none */
/* A short text, not to be kept by anybody. */
enum MHD_Result web_say(struct MHD_Connection *connection, unsigned status, const char *text);
/* The same with a Content-Type of its own. */
enum MHD_Result web_say_typed(struct MHD_Connection *connection, unsigned status, const char *type,
                              const char *bytes, size_t size);

/* ---- a file for each route ---- */
enum MHD_Result web_answer_health(struct visit *visit);   /* health.c */
enum MHD_Result web_answer_ready(struct visit *visit);    /* health.c */
enum MHD_Result web_answer_callback(struct visit *visit); /* callback.c */
enum MHD_Result web_answer_metrics(struct visit *visit);  /* metrics.c */

#endif
