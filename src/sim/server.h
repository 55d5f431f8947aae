/* What the server*.c files share: the loop, its clock, requests under way. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include <microhttpd.h>
#include <poll.h>

#include "nightshift/sim.h"
#include "util/buffer.h"

struct server;

enum visit_phase {
  VISIT_READING,
  VISIT_WAITING, /* suspended until due */
  VISIT_DUE,     /* to be answered now */
  VISIT_PARKED,  /* suspended until the client leaves */
  VISIT_SENDING,
  VISIT_CLOSING /* to be closed without a reply */
};

/* One request, from its first line to its completion. */
struct visit {
  struct server *server;
  struct visit *previous, *next; /* all that are under way */
  struct MHD_Connection *connection;
  char *target;
  const char *method; /* MHD's */
  bool begun;
  enum visit_phase phase;
  bool suspended;
  struct buffer body; /* what is kept of it */
  uint64_t body_bytes, body_hash;
  struct sim_reply reply;
  double due; /* real seconds on the monotonic clock */
  double sending_since;
};

/* A callback on its way to a replyUrl. */
struct post {
  int fd; /* -1: none */
  struct buffer request;
  size_t sent;
  double due; /* given up then; real seconds on the monotonic clock */
};
#define POSTS_MAX 64

struct server {
  const struct sim_server_options *options;
  struct sim_service *service;
  struct MHD_Daemon *daemon;
  int listen_fd, epoll_fd;
  double began_real; /* monotonic, seconds */
  time_ms began;     /* virtual */
  struct visit *visits;
  struct post posts[POSTS_MAX];
  bool stopping; /* no connection is suspended any more */
  char base[128];
};

double server_real_now(void);
time_ms server_now(const struct server *server);
/* 0 or an error in words. */
int server_write_ledger(const struct server *server, struct error *error);

/* ---- server_listen.c ---- */
/* A listening socket for ADDR:PORT, and the base URL that reaches it. */
int server_listen(const char *listen, int *fd, char *base, size_t base_size, struct error *error);

/* ---- server_callbacks.c: to replyUrls on this machine ---- */
void server_posts_init(struct server *server);
void server_posts_release(struct server *server);
/* Begins what the model has to tell by now; gives up what takes too long. */
void server_post_callbacks(struct server *server);
/* Whether this is ADDR:PORT on this machine. */
bool server_can_post_through(const char *through);
/* What to wait for, POSTS_MAX at most; whose it is. */
size_t server_watch_posts(struct server *server, struct pollfd *fds, struct post **posts);
void server_go_on_posting(struct post *post);

/* ---- server_visit.c: MHD's callbacks ---- */
void *server_on_uri(void *context, const char *uri, struct MHD_Connection *connection);
enum MHD_Result server_on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload_data,
                                  size_t *upload_size, void **visit);
void server_on_completed(void *context, struct MHD_Connection *connection, void **visit,
                         enum MHD_RequestTerminationCode code);
void server_on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code);
void visit_suspend(struct visit *visit);
void visit_resume(struct visit *visit);

/* ---- server_reply.c ---- */
/* Sends what the model answered, in the way the fate says. MHD_NO closes the connection. */
enum MHD_Result visit_answer(struct visit *visit);
/* A reply of the server's own, beside the service. */
enum MHD_Result visit_answer_ledger(struct visit *visit);
enum MHD_Result visit_answer_health(struct visit *visit);

#endif
