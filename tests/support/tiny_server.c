/* A server on a loopback socket that does exactly what a test says. */
#include "support/tiny_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/check.h"

#define CONNECTIONS_MAX 512

struct tiny_connection {
  struct tiny_server *server;
  pthread_t thread;
  int fd, number;
  char *bytes; /* received, not yet taken */
  size_t length, room;
  char *head, *body; /* of the last request */
  size_t body_length;
};

struct tiny_server {
  int listener, port;
  tiny_script *script;
  void *context;
  pthread_t thread;
  pthread_mutex_t lock; /* of all below */
  bool stopping;
  struct tiny_connection *connections[CONNECTIONS_MAX];
  int connection_count, request_count;
  char *received;
  size_t received_length;
};

static void lock(struct tiny_server *server) {
  CHECK(pthread_mutex_lock(&server->lock) == 0);
}

static void unlock(struct tiny_server *server) {
  CHECK(pthread_mutex_unlock(&server->lock) == 0);
}

static void append(char **bytes, size_t *length, const char *more, size_t size) {
  *bytes = realloc(*bytes, *length + size + 1);
  CHECK(*bytes != NULL);
  memcpy(*bytes + *length, more, size);
  *length += size;
  (*bytes)[*length] = '\0';
}

static bool receive(struct tiny_connection *connection) {
  char block[65536];
  ssize_t got = recv(connection->fd, block, sizeof block, 0);
  if (got <= 0) return false;
  append(&connection->bytes, &connection->length, block, (size_t)got);
  lock(connection->server);
  append(&connection->server->received, &connection->server->received_length, block, (size_t)got);
  unlock(connection->server);
  return true;
}

static char *take(struct tiny_connection *connection, size_t size) {
  char *taken = malloc(size + 1);
  CHECK(taken != NULL);
  if (size > 0) memcpy(taken, connection->bytes, size);
  taken[size] = '\0';
  if (size > 0) memmove(connection->bytes, connection->bytes + size, connection->length - size + 1);
  connection->length -= size;
  return taken;
}

bool tiny_read_head(struct tiny_connection *connection) {
  char *end;
  while (connection->bytes == NULL || (end = strstr(connection->bytes, "\r\n\r\n")) == NULL)
    if (!receive(connection)) return false;
  free(connection->head);
  connection->head = take(connection, (size_t)(end + 4 - connection->bytes));
  lock(connection->server);
  connection->server->request_count++;
  unlock(connection->server);
  return true;
}

bool tiny_read_request(struct tiny_connection *connection) {
  if (!tiny_read_head(connection)) return false;
  const char *field = strcasestr(connection->head, "\r\nContent-Length:");
  size_t size = field == NULL ? 0 : strtoul(field + strlen("\r\nContent-Length:"), NULL, 10);
  while (connection->length < size)
    if (!receive(connection)) return false;
  free(connection->body);
  connection->body = take(connection, size);
  connection->body_length = size;
  return true;
}

const char *tiny_request_head(const struct tiny_connection *connection) {
  return connection->head;
}

const char *tiny_request_body(const struct tiny_connection *connection, size_t *size) {
  if (size != NULL) *size = connection->body_length;
  return connection->body;
}

bool tiny_write_bytes(struct tiny_connection *connection, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t sent = send(connection->fd, bytes, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    size -= (size_t)sent;
  }
  return true;
}

bool tiny_write(struct tiny_connection *connection, const char *text) {
  return tiny_write_bytes(connection, text, strlen(text));
}

bool tiny_reply(struct tiny_connection *connection, int status, const char *header,
                const char *body) {
  char head[512];
  snprintf(head, sizeof head, "HTTP/1.1 %d Said\r\nContent-Length: %zu\r\n%s%s\r\n", status,
           strlen(body), header == NULL ? "" : header, header == NULL ? "" : "\r\n");
  return tiny_write(connection, head) && tiny_write(connection, body);
}

bool tiny_wait_closed(struct tiny_connection *connection) {
  errno = 0; /* recv leaves it alone at an orderly end */
  while (receive(connection))
    ;
  return errno == ECONNRESET;
}

void tiny_reset(struct tiny_connection *connection) {
  struct linger now = {.l_onoff = 1, .l_linger = 0};
  CHECK(setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now) == 0);
}

static void *serve(void *context) {
  struct tiny_connection *connection = context;
  struct tiny_server *server = connection->server;
  server->script(connection, connection->number, server->context);
  lock(server); /* tiny_server_stop shuts down what is open */
  close(connection->fd);
  connection->fd = -1;
  unlock(server);
  return NULL;
}

static void greet(struct tiny_server *server, int fd) {
  int on = 1;
  CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
  struct tiny_connection *connection = calloc(1, sizeof *connection);
  CHECK(connection != NULL && server->connection_count < CONNECTIONS_MAX);
  connection->server = server;
  connection->fd = fd;
  connection->number = server->connection_count + 1;
  server->connections[server->connection_count++] = connection;
  CHECK(pthread_create(&connection->thread, NULL, serve, connection) == 0);
}

static void *accept_all(void *context) {
  struct tiny_server *server = context;
  for (;;) {
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) return NULL;
    lock(server);
    if (server->stopping)
      close(fd);
    else
      greet(server, fd);
    unlock(server);
  }
}

struct tiny_server *tiny_server_start(tiny_script *script, void *context) {
  struct tiny_server *server = calloc(1, sizeof *server);
  CHECK(server != NULL);
  server->script = script;
  server->context = context;
  CHECK(pthread_mutex_init(&server->lock, NULL) == 0);
  server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  CHECK(bind(server->listener, (struct sockaddr *)&address, size) == 0);
  CHECK(listen(server->listener, CONNECTIONS_MAX) == 0);
  CHECK(getsockname(server->listener, (struct sockaddr *)&address, &size) == 0);
  server->port = ntohs(address.sin_port);
  CHECK(pthread_create(&server->thread, NULL, accept_all, server) == 0);
  return server;
}

static void connection_free(struct tiny_connection *connection) {
  CHECK(pthread_join(connection->thread, NULL) == 0);
  free(connection->bytes);
  free(connection->head);
  free(connection->body);
  free(connection);
}

void tiny_server_stop(struct tiny_server *server) {
  lock(server);
  server->stopping = true;
  CHECK(shutdown(server->listener, SHUT_RDWR) == 0);
  for (int i = 0; i < server->connection_count; i++)
    if (server->connections[i]->fd >= 0) shutdown(server->connections[i]->fd, SHUT_RDWR);
  unlock(server);
  CHECK(pthread_join(server->thread, NULL) == 0);
  for (int i = 0; i < server->connection_count; i++)
    connection_free(server->connections[i]);
  close(server->listener);
  CHECK(pthread_mutex_destroy(&server->lock) == 0);
  free(server->received);
  free(server);
}

int tiny_server_port(const struct tiny_server *server) {
  return server->port;
}

int tiny_server_connections(struct tiny_server *server) {
  lock(server);
  int count = server->connection_count;
  unlock(server);
  return count;
}

int tiny_server_requests(struct tiny_server *server) {
  lock(server);
  int count = server->request_count;
  unlock(server);
  return count;
}

int tiny_server_received(struct tiny_server *server, const char *text) {
  lock(server);
  int count = 0;
  for (const char *at = server->received; at != NULL && (at = strstr(at, text)) != NULL; at++)
    count++;
  unlock(server);
  return count;
}
