/* POSTs callbacks to replyUrls on this machine, never elsewhere, or all of them to one address that
 * stands for the rest of the world: a client of a few lines, since the simulator has no other use
 * for one. Each has a connection of its own and a few seconds; what does not get through is lost,
 * as with the service. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/server.h"
#include "util/text.h"

#define POST_SECONDS 5.0

/* ---- where it goes ---- */

struct target {
  struct sockaddr_storage address;
  socklen_t size;
  char host[128]; /* with its port, as it stands in the URL */
  const char *path;
};

static bool is_loopback(const char *host, uint16_t port, struct target *target) {
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  if (strcmp(host, "localhost") == 0) host = "127.0.0.1";
  if (inet_pton(AF_INET, host, &four.sin_addr) == 1) {
    memcpy(&target->address, &four, target->size = sizeof four);
    return ntohl(four.sin_addr.s_addr) >> 24 == 127;
  }
  if (inet_pton(AF_INET6, host, &six.sin6_addr) != 1) return false;
  memcpy(&target->address, &six, target->size = sizeof six);
  return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}

/* ADDR:PORT, or ADDR alone. */
static bool read_address(const char *text, struct target *target) {
  char host[128];
  int64_t port = 80;
  (void)snprintf(host, sizeof host, "%s", text);
  char *colon = strrchr(host, ':'), *bracket = strrchr(host, ']');
  if (colon != NULL && (bracket == NULL || colon > bracket)) {
    if (!text_to_int64(colon + 1, 1, 65535, &port)) return false;
    *colon = '\0';
  }
  if (host[0] != '[') return is_loopback(host, (uint16_t)port, target);
  if (bracket == NULL) return false;
  *bracket = '\0';
  return is_loopback(host + 1, (uint16_t)port, target);
}

/* "http://HOST/PATH", nothing cleverer; "https:" only on the way through somebody who speaks it. */
static bool read_url(const char *url, const char *through, struct target *target) {
  const char *start = strstr(url, "://");
  bool plain = text_starts_with(url, "http://");
  if (!plain && (through == NULL || !text_starts_with(url, "https://"))) return false;
  start += strlen("://");
  size_t size = strcspn(start, "/");
  if (size >= sizeof target->host || strcspn(start, "\r\n @") < strlen(start)) return false;
  (void)snprintf(target->host, sizeof target->host, "%.*s", (int)size, start);
  target->path = start[size] == '/' ? start + size : "/";
  return read_address(through == NULL ? target->host : through, target);
}

bool server_can_post_through(const char *through) {
  struct target target;
  return strchr(through, ':') != NULL && read_address(through, &target);
}

/* ---- one post ---- */

static void drop(struct post *post) {
  if (post->fd >= 0) (void)close(post->fd);
  buffer_release(&post->request);
  post->fd = -1;
}

static struct post *unused(struct server *server) {
  for (size_t i = 0; i < POSTS_MAX; i++)
    if (server->posts[i].fd < 0) return &server->posts[i];
  return NULL;
}

static void begin(struct server *server, const struct sim_callback *callback) {
  struct target target;
  struct post *post = unused(server);
  if (post == NULL || !read_url(callback->url, server->options->callbacks_through, &target)) return;
  post->fd = socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (post->fd < 0) return;
  post->sent = 0;
  post->due = server_real_now() + POST_SECONDS;
  buffer_init(&post->request, (size_t)1024 * 1024);
  buffer_printf(&post->request,
                "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
                "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                target.path, target.host, callback->body_bytes);
  buffer_append(&post->request, callback->body, callback->body_bytes);
  int rc = connect(post->fd, (const struct sockaddr *)&target.address, target.size);
  if (post->request.overflowed || (rc != 0 && errno != EINPROGRESS)) drop(post);
}

static bool is_sent(const struct post *post) {
  return post->sent == post->request.length;
}

/* The reply's first bytes end it: nobody cares what they say. */
void server_go_on_posting(struct post *post) {
  char reply[512];
  if (is_sent(post)) {
    if (recv(post->fd, reply, sizeof reply, 0) >= 0 || errno != EAGAIN) drop(post);
    return;
  }
  ssize_t sent = send(post->fd, post->request.bytes + post->sent, post->request.length - post->sent,
                      MSG_NOSIGNAL);
  if (sent >= 0)
    post->sent += (size_t)sent;
  else if (errno != EAGAIN && errno != EINTR)
    drop(post);
}

/* ---- all of them ---- */

void server_posts_init(struct server *server) {
  for (size_t i = 0; i < POSTS_MAX; i++)
    server->posts[i].fd = -1;
}

void server_posts_release(struct server *server) {
  for (size_t i = 0; i < POSTS_MAX; i++)
    drop(&server->posts[i]);
}

void server_post_callbacks(struct server *server) {
  struct sim_callback callback;
  double now = server_real_now();
  for (size_t i = 0; i < POSTS_MAX; i++)
    if (server->posts[i].fd >= 0 && server->posts[i].due <= now) drop(&server->posts[i]);
  sim_service_advance(server->service, server_now(server));
  while (sim_service_take_callback(server->service, &callback)) {
    begin(server, &callback);
    free(callback.body);
  }
}

size_t server_watch_posts(struct server *server, struct pollfd *fds, struct post **posts) {
  size_t count = 0;
  for (size_t i = 0; i < POSTS_MAX; i++) {
    struct post *post = &server->posts[i];
    if (post->fd < 0) continue;
    fds[count] = (struct pollfd){.fd = post->fd, .events = is_sent(post) ? POLLIN : POLLOUT};
    posts[count++] = post;
  }
  return count;
}
