/* The listener's life, and libmicrohttpd on libuv: its epoll descriptor is watched, its timeout is
 * honoured, and nobody may stay long. */
#include "web/web.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/check.h"

#define VISITORS_MOST  128 /* half of them may watch */
#define STAY_MS        10000
#define LOOK_ROUND_MS  500 /* so often somebody is looked for who has stayed too long */
#define FLUSH_TURNS    8   /* a connection writes once a turn */
#define CONNECTION_MEM ((size_t)16 * 1024)

bool web_is_there(void) {
  return true;
}

/* ---- who is here ---- */

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code) {
  struct web *web = context;
  struct visitor *visitor = *socket_context;
  if (code == MHD_CONNECTION_NOTIFY_STARTED) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    visitor = calloc(1, sizeof *visitor);
    CHECK(visitor != NULL && info != NULL);
    *visitor = (struct visitor){
        .next = web->visitors, .fd = info->connect_fd, .came_ms = uv_now(web->timer.loop)};
    if (web->visitors != NULL) web->visitors->previous = visitor;
    web->visitors = visitor;
    *socket_context = visitor;
    return;
  }
  if (visitor == NULL) return;
  if (visitor->previous != NULL)
    visitor->previous->next = visitor->next;
  else
    web->visitors = visitor->next;
  if (visitor->next != NULL) visitor->next->previous = visitor->previous;
  free(visitor);
  *socket_context = NULL;
}

/* libmicrohttpd's own limit is on silence: one who sends a byte now and then would stay for ever.
 */
static void show_out(struct web *web) {
  uint64_t now_ms = uv_now(web->timer.loop);
  for (struct visitor *visitor = web->visitors; visitor != NULL; visitor = visitor->next) {
    if (visitor->shown_out || visitor->stays ||
        now_ms - visitor->came_ms < (uint64_t)web->options.stay)
      continue;
    visitor->shown_out = true;
    (void)shutdown(visitor->fd, SHUT_RDWR); /* gone already: just as well */
  }
}

/* ---- on the loop ---- */

static void on_timer(uv_timer_t *timer);

/* libuv must not be asked for 0 ms: it would look at nothing else. */
static void arm(struct web *web, bool busy) {
  MHD_UNSIGNED_LONG_LONG own;
  uint64_t wait_ms = LOOK_ROUND_MS;
  bool wanted = MHD_get_timeout(web->daemon, &own) == MHD_YES;
  if (wanted && own < wait_ms) wait_ms = own > 0 ? own : 1;
  if (wanted || busy)
    CHECK(uv_timer_start(&web->timer, on_timer, wait_ms, 0) == 0);
  else
    CHECK(uv_timer_stop(&web->timer) == 0);
}

/* Where the place was full, libmicrohttpd lets the next one in only in a turn after the one in
 * which the last of the others left: hence one turn more. */
static void turn(struct web *web) {
  bool busy = web->visitors != NULL;
  show_out(web);
  watchers_beat(web);
  (void)MHD_run(web->daemon); /* of its failures there is nothing to be done: callers try again */
  arm(web, busy || web->visitors != NULL);
}

uint64_t web_now(const struct web *web) {
  return uv_now(web->timer.loop);
}

void web_turn_soon(struct web *web) {
  if (!web->stopping) CHECK(uv_timer_start(&web->timer, on_timer, 1, 0) == 0);
}

static void on_timer(uv_timer_t *timer) {
  turn(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events) {
  (void)status;
  (void)events;
  turn(poll->data);
}

void web_flush(struct web *web) {
  for (int i = 0; i < FLUSH_TURNS; i++)
    turn(web);
}

/* ---- life ---- */

static void release(struct web *web) {
  free(web->public_url);
  free(web->secret);
  free(web->token);
  watchers_free(web->watchers);
  free(web);
}

static int start_daemon(struct web *web, int listen_fd, struct error *error) {
  web->daemon = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, web_on_request, web,
      MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_NOTIFY_COMPLETED, web_on_completed, web,
      MHD_OPTION_NOTIFY_CONNECTION, on_connection, web, MHD_OPTION_CONNECTION_LIMIT,
      (unsigned)VISITORS_MOST, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(STAY_MS / 1000),
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEM, MHD_OPTION_END);
  if (web->daemon != NULL) return 0;
  (void)close(listen_fd);
  return error_set(error, ERR_IO, "the HTTP server cannot be started on %s", web->address);
}

static int join_loop(struct web *web, struct uv_loop_s *loop, struct error *error) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(web->daemon, MHD_DAEMON_INFO_EPOLL_FD);
  CHECK(info != NULL);
  web->timer.data = web->poll.data = web;
  CHECK(uv_timer_init(loop, &web->timer) == 0);
  web->open_handles = 1;
  if (uv_poll_init(loop, &web->poll, info->epoll_fd) != 0)
    return error_set(error, ERR_IO, "the event loop has no room for the HTTP server");
  web->open_handles = 2;
  if (uv_poll_start(&web->poll, UV_READABLE, on_poll) != 0)
    return error_set(error, ERR_IO, "the event loop has no room for the HTTP server");
  arm(web, false);
  return 0;
}

static void on_closed(uv_handle_t *handle) {
  struct web *web = handle->data;
  if (--web->open_handles == 0) release(web);
}

void web_stop(struct web *web) {
  if (web == NULL) return;
  int handles = web->open_handles;
  web->stopping = true;
  if (web->daemon != NULL) {
    watchers_release(web); /* nobody may be suspended when the daemon stops */
    tickets_release(web);
  }
  if (web->daemon != NULL && handles > 1) (void)uv_poll_stop(&web->poll);
  if (web->daemon != NULL) MHD_stop_daemon(web->daemon);
  web->daemon = NULL;
  if (handles > 1) uv_close((uv_handle_t *)&web->poll, on_closed);
  if (handles > 0) uv_close((uv_handle_t *)&web->timer, on_closed);
  if (handles == 0) release(web);
}

struct web_figures web_figures(const struct web *web) {
  return web->figures;
}

const char *web_address(const struct web *web) {
  return web->address;
}

static char *copy_of(const char *text) {
  char *copy = text == NULL ? NULL : strdup(text);
  CHECK((text == NULL || copy != NULL) && "out of memory");
  return copy;
}

int web_start(struct web **started, struct uv_loop_s *loop, const struct web_options *options,
              struct error *error) {
  struct web *web = calloc(1, sizeof *web);
  int fd = -1;
  CHECK(web != NULL && "out of memory");
  web->options = *options;
  if (web->options.stay <= 0) web->options.stay = STAY_MS;
  web->public_url = copy_of(options->public_url);
  web->secret = copy_of(options->secret);
  web->token = copy_of(options->token);
  web->watchers = watchers_new();
  web_host_of(web->public_url, web->public_host, sizeof web->public_host);
  web_host_of(options->page_url, web->page_host, sizeof web->page_host);
  int result = web_listen(options->listen, &fd, web->address, sizeof web->address, error);
  if (result == 0) result = start_daemon(web, fd, error);
  if (result == 0) result = join_loop(web, loop, error);
  if (result != 0) {
    web_stop(web);
    return result;
  }
  *started = web;
  return 0;
}
