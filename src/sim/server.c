/* The simulator's loop: one thread that serves connections, lets replies go when they are due, and
 * notices when a client of a silent connection has left. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/server.h"
#include "util/check.h"

#define CONNECTIONS_MAX 500
#define LOOK_UP_MS      200 /* so often *stop is looked at when nothing happens */

double server_real_now(void) {
  struct timespec now;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

time_ms server_now(const struct server *server) {
  double passed = server_real_now() - server->began_real;
  return server->began + (time_ms)(passed * server->options->speed * 1000);
}

int server_write_ledger(const struct server *server, struct error *error) {
  const char *path = server->options->ledger_path;
  if (path == NULL) return 0;
  FILE *file = fopen(path, "we");
  if (file == NULL) return error_set(error, ERR_IO, "cannot write %s: %s", path, strerror(errno));
  sim_service_print_ledger(server->service, file);
  bool good = ferror(file) == 0;
  if (fclose(file) != 0) good = false;
  return good ? 0 : error_set(error, ERR_IO, "cannot write %s: %s", path, strerror(errno));
}

/* ---- what is due ---- */

static bool rests(const struct visit *visit) {
  return visit->suspended && visit->phase != VISIT_PARKED;
}

static void resume_due(struct server *server) {
  double now = server_real_now();
  for (struct visit *visit = server->visits; visit != NULL; visit = visit->next) {
    if (!rests(visit) || visit->due > now) continue;
    if (visit->phase == VISIT_WAITING) visit->phase = VISIT_DUE;
    visit_resume(visit);
  }
}

static int until_next(const struct server *server) {
  double now = server_real_now(), wait = LOOK_UP_MS / 1000.0;
  MHD_UNSIGNED_LONG_LONG own;
  for (const struct visit *visit = server->visits; visit != NULL; visit = visit->next)
    if (rests(visit) && visit->due - now < wait) wait = visit->due - now;
  time_ms change = sim_service_next(server->service);
  if (change != TIME_NEVER) {
    double due = (double)(change - server_now(server)) / 1000 / server->options->speed;
    if (due < wait) wait = due;
  }
  if (MHD_get_timeout(server->daemon, &own) == MHD_YES && (double)own / 1000 < wait)
    wait = (double)own / 1000;
  return wait <= 0 ? 0 : (int)(wait * 1000) + 1;
}

/* ---- waiting ---- */

static size_t watch_parked(const struct server *server, struct pollfd *fds, struct visit **parked) {
  size_t count = 0;
  for (struct visit *visit = server->visits; visit != NULL && count < CONNECTIONS_MAX;
       visit = visit->next) {
    if (visit->phase != VISIT_PARKED || !visit->suspended) continue;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(visit->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info == NULL) continue;
    fds[count] = (struct pollfd){.fd = info->connect_fd, .events = POLLRDHUP};
    parked[count++] = visit;
  }
  return count;
}

static void close_visit(struct visit *visit) {
  if (visit->phase != VISIT_SENDING) visit->phase = VISIT_CLOSING;
  visit_resume(visit);
}

static int wait_for_work(struct server *server, struct error *error) {
  struct pollfd fds[1 + CONNECTIONS_MAX + POSTS_MAX];
  struct visit *parked[CONNECTIONS_MAX];
  struct post *posts[POSTS_MAX];
  fds[0] = (struct pollfd){.fd = server->epoll_fd, .events = POLLIN};
  size_t count = watch_parked(server, fds + 1, parked);
  struct pollfd *post_fds = fds + 1 + count;
  size_t post_count = server_watch_posts(server, post_fds, posts);
  int ready = poll(fds, (nfds_t)(1 + count + post_count), until_next(server));
  if (ready < 0 && errno != EINTR)
    return error_set(error, ERR_IO, "cannot wait for connections: %s", strerror(errno));
  for (size_t i = 0; ready > 0 && i < count; i++)
    if ((fds[1 + i].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) close_visit(parked[i]);
  for (size_t i = 0; ready > 0 && i < post_count; i++)
    if (post_fds[i].revents != 0) server_go_on_posting(posts[i]);
  return 0;
}

static int run_loop(struct server *server, struct error *error) {
  while (!*server->options->stop) {
    resume_due(server);
    server_post_callbacks(server);
    if (MHD_run(server->daemon) != MHD_YES)
      return error_set(error, ERR_IO, "the HTTP server does not run any more");
    int rc = wait_for_work(server, error);
    if (rc != 0) return rc;
  }
  return 0;
}

/* ---- life ---- */

static int start_daemon(struct server *server, struct error *error) {
  server->daemon = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK, 0, NULL, NULL,
      server_on_request, server, MHD_OPTION_LISTEN_SOCKET, server->listen_fd,
      MHD_OPTION_URI_LOG_CALLBACK, server_on_uri, server, MHD_OPTION_NOTIFY_COMPLETED,
      server_on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, server_on_connection, server,
      MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      (size_t)64 * 1024, MHD_OPTION_END);
  if (server->daemon == NULL) {
    (void)close(server->listen_fd);
    return error_set(error, ERR_IO, "cannot start the HTTP server");
  }
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
  CHECK(info != NULL);
  server->epoll_fd = info->epoll_fd;
  return 0;
}

/* No connection may be suspended when the daemon stops. */
static void stop_daemon(struct server *server) {
  server->stopping = true;
  for (struct visit *visit = server->visits; visit != NULL; visit = visit->next)
    close_visit(visit);
  (void)MHD_run(server->daemon);
  for (struct visit *visit = server->visits; visit != NULL; visit = visit->next)
    visit_resume(visit);
  MHD_stop_daemon(server->daemon);
}

static time_ms wall_now(void) {
  struct timespec now;
  CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
  return (time_ms)now.tv_sec * SECOND_MS + now.tv_nsec / 1000000;
}

static int serve(struct server *server, struct error *error) {
  const struct sim_server_options *options = server->options;
  if (fprintf(options->out, "listening on %s/v1/runwayml\n", server->base) < 0 ||
      fflush(options->out) != 0)
    return error_set(error, ERR_IO, "cannot write: %s", strerror(errno));
  int rc = run_loop(server, error);
  sim_service_advance(server->service, server_now(server));
  int ledger_rc = server_write_ledger(server, rc == 0 ? error : NULL);
  return rc != 0 ? rc : ledger_rc;
}

int sim_server_run(const struct sim_server_options *options, struct error *error) {
  struct server server = {.options = options};
  if (options->callbacks_through != NULL && !server_can_post_through(options->callbacks_through))
    return error_set(error, ERR_USAGE, "--callbacks-through: %s is not ADDR:PORT on this machine",
                     options->callbacks_through);
  int rc =
      server_listen(options->listen, &server.listen_fd, server.base, sizeof server.base, error);
  if (rc != 0) return rc;
  server.began = wall_now();
  server.began_real = server_real_now();
  server.service = sim_service_new(options->scenario, server.began);
  sim_service_set_public_base(server.service, server.base);
  server_posts_init(&server);
  rc = start_daemon(&server, error);
  if (rc == 0) {
    rc = serve(&server, error);
    stop_daemon(&server);
  }
  server_posts_release(&server);
  sim_service_free(server.service);
  return rc;
}
