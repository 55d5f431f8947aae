/* What the files of web share: the listener, its connections and requests. */
#ifndef WEB_WEB_H
#define WEB_WEB_H

#include <microhttpd.h>
#include <uv.h>

#include "nightshift/web.h"
#include "util/buffer.h"

/* A connection, which carries one request. */
struct visitor {
  struct visitor *previous, *next;
  int fd;
  uint64_t came_ms; /* the loop's time */
  bool shown_out;
};

/* A request, from its head to its end. */
struct visit {
  struct buffer body;
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
};

/* ---- listen.c ---- */
int web_listen(const char *listen, int *fd, char *address, size_t address_size,
               struct error *error);

/* ---- host.c: whom a request means ---- */
/* The host of a URL, in small letters and without its port; "" when it has none or it is too long.
 */
void web_host_of(const char *url, char *host, size_t size);
/* Whether a Host header may stand here: an address, localhost, or the public name. A name of others
 * that leads here is somebody's trick on a browser. */
bool web_host_is_ours(const char *header, const char *public_host);

/* ---- answer.c: libmicrohttpd's callbacks ---- */
enum MHD_Result web_on_request(void *context, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload_data,
                               size_t *upload_size, void **state);
void web_on_completed(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode code);

#endif
