/* struct http as its own files see it. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "http/transfer.h"
#include "nightshift/http.h"

#define FETCHES_AT_ONCE_MAX 8
/* Far more than 30 s of video take: a result without end must not fill the disk. */
#define FETCH_BYTES_MAX ((int64_t)8 << 30)

TAILQ_HEAD(transfer_list, transfer);
struct fetch;
TAILQ_HEAD(fetch_list, fetch);
struct remembered;

struct http {
  uv_loop_t *loop;
  char *api_url, *user_agent;
  struct secret **tokens;
  size_t token_count;
  char *fetch_proxy; /* NULL: downloads go straight to their hosts */
  char *authorities; /* a file of those to trust; NULL: the system's */
  bool loopback;
  mode_t mask;
  duration_ms connect_timeout, timeout;
  bool (*may_leave)(void *context); /* the gate of paid calls; NULL: open */
  void *gate_context;

  struct lane lanes[LANE_COUNT];
  struct transfer_list running, posted;
  uv_timer_t alarm; /* at the nearest deadline of `running`, or earlier */
  uv_timer_t post;  /* calls back what was posted outside the loop's own turns */
  bool draining;
  size_t under_way;

  struct fetch_list fetches;
  size_t fetching;               /* those on the network */
  int64_t fetch_bytes_max;       /* FETCH_BYTES_MAX but in tests */
  struct remembered *remembered; /* validators of .part files, see download.c */

  int open_handles; /* of libuv; the memory goes with the last */
};

/* In download.c. */
void fetches_free(struct http *http);
/* In call.c: frees the call that the transfer belongs to, without calling back. */
void call_free(struct transfer *transfer);
transfer_ended call_ended;

#endif
