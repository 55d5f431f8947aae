/* libcurl's multi interface on libuv. The poll handle of a socket lives until libcurl closes the
 * socket, and stays armed between requests: taking it out of epoll and putting it back for every
 * request would double the system calls. */
#include "http/loop.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/check.h"

/* One and a little for each of many accounts: a connection made anew costs more than one kept. */
#define POOLED_CONNECTIONS_MAX 128L
/* Bytes not yet sent that the kernel holds of an upload; more would hide that nothing moves. */
#define UNSENT_MAX 131072

struct watch {
  uv_poll_t poll;
  struct lane *lane;
  curl_socket_t fd;
  int wanted;   /* libuv events that libcurl waits for; 0: the connection is idle */
  int armed;    /* libuv events that are polled */
  bool ours;    /* opened by lane_open_socket; else libcurl's own, which it closes by itself */
  bool closing; /* the memory goes when libuv lets go of it */
};

static struct watch *watch_of(const struct lane *lane, curl_socket_t fd) {
  return fd >= 0 && (size_t)fd < lane->watch_room ? lane->watches[fd] : NULL;
}

static bool make_watch_room(struct lane *lane, curl_socket_t fd) {
  size_t needed = (size_t)fd + 1;
  if (needed <= lane->watch_room) return true;
  size_t room = needed + 64;
  struct watch **watches = realloc(lane->watches, room * sizeof(struct watch *));
  if (watches == NULL) return false;
  for (size_t i = lane->watch_room; i < room; i++)
    watches[i] = NULL;
  lane->watches = watches;
  lane->watch_room = room;
  return true;
}

static struct watch *watch_new(struct lane *lane, curl_socket_t fd, bool ours) {
  CHECK(watch_of(lane, fd) == NULL);
  if (!make_watch_room(lane, fd)) return NULL;
  struct watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL) return NULL;
  if (uv_poll_init(lane->loop, &watch->poll, fd) != 0) {
    free(watch);
    return NULL;
  }
  watch->poll.data = watch;
  watch->lane = lane;
  watch->fd = fd;
  watch->ours = ours;
  lane->watches[fd] = watch;
  return watch;
}

static void on_watch_closed(uv_handle_t *handle) {
  free(handle->data);
}

static void watch_close(struct watch *watch) {
  watch->lane->watches[watch->fd] = NULL;
  watch->closing = true;
  uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
}

static void watch_stop(struct watch *watch) {
  CHECK(uv_poll_stop(&watch->poll) == 0);
  watch->armed = 0;
}

static void on_poll(uv_poll_t *handle, int status, int events);

static bool watch_want(struct watch *watch, int events) {
  watch->wanted = events;
  if (watch->armed == events) return true;
  if (uv_poll_start(&watch->poll, events, on_poll) != 0) return false;
  watch->armed = events;
  return true;
}

static void act(struct lane *lane, curl_socket_t fd, int flags) {
  int running = 0;
  CURLMcode code = curl_multi_socket_action(lane->multi, fd, flags, &running);
  if (code != CURLM_OK) {
    lane_break(lane, curl_multi_strerror(code));
  } else {
    int left = 0;
    for (CURLMsg *message; (message = curl_multi_info_read(lane->multi, &left)) != NULL;)
      if (message->msg == CURLMSG_DONE)
        lane->events->ended(lane->context, message->easy_handle, message->data.result);
  }
  lane->events->turn_over(lane->context);
}

static void on_poll(uv_poll_t *handle, int status, int events) {
  struct watch *watch = handle->data;
  if (status < 0) watch->armed = 0; /* libuv has stopped it */
  if (watch->wanted == 0) {
    /* Nobody waits: the server has closed an idle connection, or talks out of turn. libcurl finds
     * out before it uses the connection again. */
    watch_stop(watch);
    return;
  }
  int flags = (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
              (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0) | (status < 0 ? CURL_CSELECT_ERR : 0);
  act(watch->lane, watch->fd, flags);
  if (!watch->closing && watch->wanted != 0 && !watch_want(watch, watch->wanted))
    lane_break(watch->lane, "the socket cannot be watched");
}

static int events_of(int what) {
  return (what & CURL_POLL_IN ? UV_READABLE : 0) | (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context) {
  (void)easy;
  (void)socket_context;
  struct lane *lane = context;
  struct watch *watch = watch_of(lane, fd);
  if (what == CURL_POLL_REMOVE) {
    if (watch == NULL) return 0;
    watch->wanted = 0;
    if (!watch->ours) watch_close(watch);
    return 0;
  }
  if (watch == NULL) watch = watch_new(lane, fd, false);
  if (watch == NULL || !watch_want(watch, events_of(what))) return -1;
  return 0;
}

static void on_timer(uv_timer_t *timer) {
  struct lane *lane = timer->data;
  lane->in_timer = true;
  if (lane->multi != NULL) act(lane, CURL_SOCKET_TIMEOUT, 0);
  lane->in_timer = false;
}

static int on_timer_wanted(CURLM *multi, long timeout_ms, void *context) {
  (void)multi;
  struct lane *lane = context;
  if (timeout_ms < 0) return uv_timer_stop(&lane->timer) == 0 ? 0 : -1;
  /* At once is the loop's next turn. But from within the timer never 0 ms: libuv before 1.48 would
   * run it again and again before any I/O. */
  uint64_t delay_ms = timeout_ms < 1 ? (lane->in_timer ? 1 : 0) : (uint64_t)timeout_ms;
  return uv_timer_start(&lane->timer, on_timer, delay_ms, 0) == 0 ? 0 : -1;
}

static CURLM *new_multi(struct lane *lane) {
  CURLM *multi = curl_multi_init();
  if (multi == NULL) return NULL;
  bool good = curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
              curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, lane) == CURLM_OK &&
              curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted) == CURLM_OK &&
              curl_multi_setopt(multi, CURLMOPT_TIMERDATA, lane) == CURLM_OK &&
              curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, POOLED_CONNECTIONS_MAX) == CURLM_OK;
  if (good) return multi;
  CHECK(curl_multi_cleanup(multi) == CURLM_OK);
  return NULL;
}

static void drop_multi(struct lane *lane) {
  if (lane->multi == NULL) return;
  CHECK(curl_multi_cleanup(lane->multi) == CURLM_OK);
  lane->multi = NULL;
  for (size_t i = 0; i < lane->watch_room; i++) /* none, unless libcurl broke half-way */
    if (lane->watches[i] != NULL) watch_close(lane->watches[i]);
}

bool lane_open(struct lane *lane, uv_loop_t *loop, const struct lane_events *events,
               void *context) {
  *lane = (struct lane){.loop = loop, .events = events, .context = context};
  CHECK(uv_timer_init(loop, &lane->timer) == 0);
  lane->timer.data = lane;
  lane->multi = new_multi(lane);
  return lane->multi != NULL;
}

void lane_close(struct lane *lane, uv_close_cb closed) {
  drop_multi(lane);
  free(lane->watches);
  lane->watches = NULL;
  lane->watch_room = 0;
  uv_close((uv_handle_t *)&lane->timer, closed);
}

CURLMcode lane_add(struct lane *lane, CURL *easy) {
  if (lane->multi == NULL) lane->multi = new_multi(lane);
  if (lane->multi == NULL) return CURLM_OUT_OF_MEMORY;
  return curl_multi_add_handle(lane->multi, easy);
}

void lane_remove(struct lane *lane, CURL *easy) {
  /* A failure here would leave libcurl with a handle that we free next. */
  CHECK(curl_multi_remove_handle(lane->multi, easy) == CURLM_OK);
}

void lane_break(struct lane *lane, const char *why) {
  lane->events->broken(lane->context, lane, why);
  drop_multi(lane);
  CHECK(uv_timer_stop(&lane->timer) == 0);
  lane->multi = new_multi(lane);
}

curl_socket_t lane_open_socket(struct lane *lane, const struct curl_sockaddr *address) {
  int fd =
      socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  int unsent = UNSENT_MAX;
  struct linger reset = {.l_onoff = 1, .l_linger = 0};
  bool good =
      setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent) == 0 &&
      (!lane->reset_on_close || setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
  if (good && watch_new(lane, fd, true) != NULL) return fd;
  close(fd);
  return CURL_SOCKET_BAD;
}

int lane_close_socket(void *context, curl_socket_t fd) {
  struct lane *lane = context;
  struct watch *watch = watch_of(lane, fd);
  if (watch != NULL) watch_close(watch);
  return close(fd);
}
