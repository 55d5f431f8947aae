/* libcurl's multi interface on libuv: a lane is one curl multi with its own connections, sockets
 * and timer. Knows nothing of requests. */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

struct watch;
struct lane;

struct lane_events {
  /* A transfer of the lane has ended; it is still in the lane. */
  void (*ended)(void *context, CURL *easy, CURLcode code);
  /* libcurl itself failed: whoever is in the lane must leave it (lane_remove), in doubt. */
  void (*broken)(void *context, struct lane *lane, const char *why);
  /* After all `ended` of one turn: time to call back. */
  void (*turn_over)(void *context);
};

struct lane {
  uv_loop_t *loop;
  CURLM *multi; /* NULL: could not be made again after a failure, tried again by lane_add */
  uv_timer_t timer;
  bool in_timer;          /* the timer's callback is at work */
  bool reset_on_close;    /* sockets drop what is unsent when they are closed, or we die */
  struct watch **watches; /* by descriptor */
  size_t watch_room;
  const struct lane_events *events;
  void *context;
};

/* False without memory; lane_close must be called in either case. */
bool lane_open(struct lane *lane, uv_loop_t *loop, const struct lane_events *events, void *context);
/* Everybody must have left. `closed` is called with &lane->timer once the loop has run. */
void lane_close(struct lane *lane, uv_close_cb closed);

/* Begins the transfer; nothing is sent before the loop runs. */
CURLMcode lane_add(struct lane *lane, CURL *easy);
void lane_remove(struct lane *lane, CURL *easy);
/* What follows when libcurl's multi has failed: everybody out, a new one. */
void lane_break(struct lane *lane, const char *why);

/* For CURLOPT_OPENSOCKETFUNCTION, after the caller's own checks. */
curl_socket_t lane_open_socket(struct lane *lane, const struct curl_sockaddr *address);
/* For CURLOPT_CLOSESOCKETFUNCTION, with the lane as its data. */
int lane_close_socket(void *lane, curl_socket_t fd);

#endif
