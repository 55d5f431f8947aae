/* A server on a loopback socket that does exactly what a test says, byte by byte: for what no
 * well-behaved server would do. Each connection has a thread that runs the test's script. */
#ifndef SUPPORT_TINY_SERVER_H
#define SUPPORT_TINY_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct tiny_server;
struct tiny_connection;

/* What a connection does. Returning closes it. `number` counts connections from 1. */
typedef void tiny_script(struct tiny_connection *connection, int number, void *context);

struct tiny_server *tiny_server_start(tiny_script *script, void *context);
/* Closes everything and waits for the threads. */
void tiny_server_stop(struct tiny_server *server);
int tiny_server_port(const struct tiny_server *server);

/* What was seen so far; safe from any thread. */
int tiny_server_connections(struct tiny_server *server);
int tiny_server_requests(struct tiny_server *server);
/* How often the text occurs in all that was received. */
int tiny_server_received(struct tiny_server *server, const char *text);

/* Reads one request with its body (Content-Length); false when the peer has closed. The text is
 * valid until the next one. */
bool tiny_read_request(struct tiny_connection *connection);
const char *tiny_request_head(const struct tiny_connection *connection);
const char *tiny_request_body(const struct tiny_connection *connection, size_t *size);
/* Reads the head of a request only, leaving its body unread. */
bool tiny_read_head(struct tiny_connection *connection);

/* False when the peer has gone. */
bool tiny_write(struct tiny_connection *connection, const char *text);
bool tiny_write_bytes(struct tiny_connection *connection, const char *bytes, size_t size);
/* A whole reply with status, one extra header line or NULL, and a body. */
bool tiny_reply(struct tiny_connection *connection, int status, const char *header,
                const char *body);
/* Waits until the peer closes; true when it did so with RST. */
bool tiny_wait_closed(struct tiny_connection *connection);
/* The connection ends with RST instead of FIN when the script returns. */
void tiny_reset(struct tiny_connection *connection);

#endif
