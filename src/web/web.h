/* What the files of web share: the listener, its connections, requests and routes.
 *
 * A request goes: head (answer.c: whose name, which route; access.c: who may) -> body, up to the
 * route's ceiling -> the route's `answer`, in a file of its own, which says something at once
 * (reply.c), later (ticket.c), or again and again (events.c). A connection carries one request. */
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
  bool stays; /* a watcher: not shown out */
};

/* A request, from its head to its end. */
struct visit {
  struct web *web;
  struct MHD_Connection *connection;
  const struct route *route;
  struct buffer body;
  /* ticket.c */
  struct visit *next_waiting;
  web_ticket ticket; /* 0: nothing is awaited */
  bool suspended;
  unsigned answer_status; /* 0: not there yet */
  struct buffer answer;
};

/* Who may ask for a route. */
enum access {
  ACCESS_ANYBODY, /* who reaches the listener by one of its names, public_url's too */
  ACCESS_PAGE,    /* not by public_url's name, which is for callbacks alone; nothing of the run */
  ACCESS_READ,    /* the same; from this machine, or with the token */
  ACCESS_ORDER    /* with the token, and from our own page or no page at all */
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
  char *public_url, *secret, *token;
  char address[128];
  char public_host[256], page_host[256]; /* without their ports; "": none */
  struct MHD_Daemon *daemon;
  uv_poll_t poll;
  uv_timer_t timer;
  int open_handles;
  bool stopping;
  struct visitor *visitors;
  struct web_figures figures;
  struct visit *waiting; /* ticket.c */
  web_ticket last_ticket;
  struct watchers *watchers; /* events.c */
};

/* ---- web.c ---- */
uint64_t web_now(const struct web *web); /* the loop's */
void web_turn_soon(struct web *web);     /* connections were resumed */

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
  HOST_PUBLIC,  /* public_url's, unless that is on loopback or page_url's too */
  HOST_OURS,    /* an address, or page_url's */
  HOST_LOOPBACK /* this machine, by itself or through a tunnel */
};
enum host_kind web_host_kind(const char *header, const char *public_host, const char *page_host);

/* ---- access.c: who may ---- */
/* 0: go on; else the status of the refusal. */
unsigned web_refusal(const struct web *web, struct MHD_Connection *connection, enum access access);

/* ---- routes.c: all that is served ---- */
extern const struct route web_routes[];
extern const size_t web_route_count;

/* ---- accept.c ---- */
/* Whether who asks with this Accept header (NULL: none) would rather have OpenMetrics 1.0 than the
 * text form. */
bool web_accepts_openmetrics(const char *accept);

/* ---- answer.c: libmicrohttpd's callbacks ---- */
enum MHD_Result web_on_request(void *context, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload_data,
                               size_t *upload_size, void **state);
void web_on_completed(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode code);

/* ---- reply.c: saying something ---- */
const char *web_header(struct MHD_Connection *connection, const char *name); /* NULL: none */
/* Of the query; NULL: not there, or not a text. */
const char *web_argument(struct MHD_Connection *connection, const char *name);
/* A short text, not to be kept by anybody. */
enum MHD_Result web_say(struct MHD_Connection *connection, unsigned status, const char *text);
/* The same with a Content-Type of its own. */
enum MHD_Result web_say_typed(struct MHD_Connection *connection, unsigned status, const char *type,
                              const char *bytes, size_t size);
/* Says it with the headers of all our replies, and lets the response go; NULL closes the
 * connection. */
enum MHD_Result web_send(struct MHD_Connection *connection, unsigned status, const char *type,
                         const char *caching, struct MHD_Response *response);
#define WEB_KEEP_NOT "no-store"
#define WEB_JSON     "application/json"

/* ---- ticket.c: answers that take a while ---- */
web_ticket ticket_open(struct visit *visit);
/* After the question was asked: says the answer, or waits for it. Called again when it is there. */
enum MHD_Result ticket_answer(struct visit *visit);
void ticket_close(struct visit *visit);
void tickets_release(struct web *web); /* the listener stops: nobody waits any longer */

/* ---- events.c: those who watch ---- */
struct watchers *watchers_new(void);
void watchers_free(struct watchers *watchers);
void watchers_beat(struct web *web);    /* wakes those who have heard nothing for a while */
void watchers_release(struct web *web); /* the listener stops */

/* ---- a file for each route ---- */
enum MHD_Result web_answer_health(struct visit *visit);   /* health.c */
enum MHD_Result web_answer_ready(struct visit *visit);    /* health.c */
enum MHD_Result web_answer_callback(struct visit *visit); /* callback.c */
enum MHD_Result web_answer_metrics(struct visit *visit);  /* metrics.c */
enum MHD_Result web_answer_file(struct visit *visit);     /* files.c: the page */
enum MHD_Result web_answer_events(struct visit *visit);   /* events.c */
enum MHD_Result web_answer_job(struct visit *visit);      /* job.c */
enum MHD_Result web_answer_order(struct visit *visit);    /* order.c */

/* ---- the page's files, made at build time of src/web/page ---- */
struct web_file {
  const char *path, *type;
  const char *tag; /* of its content, in quotes: an ETag */
  const unsigned char *bytes;
  size_t size;
};
extern const struct web_file web_files[];
extern const size_t web_file_count;

#endif
