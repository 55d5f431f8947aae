/* Somebody who knows where callbacks go and sends lies: by the hundred thousand, over as many
 * connections at a time as the listener takes, while others of his stay on the line and say
 * nothing.
 *
 * usage: forger ADDR:PORT PATH COUNT ABREAST SLOW TASK...
 *
 * Sends COUNT requests, ABREAST at a time, and keeps SLOW connections on which a body is promised
 * and never comes. Prints what came back: "sent=100000 200=60000 404=10000 413=10000 none=20000
 * ms=8000".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "util/buffer.h"
#include "util/check.h"
#include "util/text.h"

#define MANY_MOST  256
#define HUGE_BYTES 200000

static struct {
  struct sockaddr_in address;
  const char *host, *path;
  char **tasks;
  int task_count;
  long left, made;
  long replies[600], none;
} forger;

struct line {
  int fd; /* -1: none */
  bool is_slow;
  struct buffer request;
  size_t sent;
  char reply[64];
  size_t heard;
};

static const char *task(long number) {
  return forger.tasks[number % forger.task_count];
}

static void write_nest(struct buffer *body) {
  for (int i = 0; i < 5000; i++)
    buffer_text(body, "[{\"taskId\":");
}

static void write_huge(struct buffer *body) {
  for (int i = 0; i < HUGE_BYTES / 10; i++)
    buffer_text(body, "0123456789");
}

/* Lies about ends and progress of our own tasks; of nobody's; what is no callback at all. */
static void write_body(struct buffer *body, long number, int kind) {
  static const char *const ends[] = {
      "\"SUCCEEDED\",\"artifacts\":[{\"url\":\"http://127.0.0.1:1/x\",\"fileSize\":\"1\"}]",
      "\"FAILED\",\"error\":{\"reason\":\"SAFETY.X\",\"errorMessage\":\"moderated\"}",
      "\"CANCELLED\"", "\"RUNNING\",\"progressRatio\":\"0.5\""};
  if (kind < 4)
    buffer_printf(body, "{\"taskId\":\"%s\",\"status\":%s}", task(number / 10), ends[kind]);
  else if (kind == 4)
    buffer_printf(body, "{\"taskId\":\"%s%ld\",\"status\":\"SUCCEEDED\"}", task(number), number);
  else if (kind == 5)
    buffer_printf(body, "{\"taskId\":7,\"taskId\":\"\\u0000\",\"replyRef\":\"%ld\"}", number);
  else if (kind == 6)
    write_nest(body);
  else if (kind == 7)
    write_huge(body);
  else
    buffer_text(body, "no JSON at all");
}

/* Kind 9 does not know the secret. */
static void write_request(struct line *line) {
  long number = line->is_slow ? 0 : forger.made++;
  int kind = (int)(number % 10);
  size_t path = strlen(forger.path);
  struct buffer body;
  buffer_init(&body, (size_t)1024 * 1024);
  write_body(&body, number, kind);
  buffer_clear(&line->request);
  buffer_printf(&line->request, "POST %.*s%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %zu\r\n\r\n",
                (int)(kind == 9 ? path - 1 : path), forger.path, kind == 9 ? "x" : "", forger.host,
                line->is_slow ? 100 : body.length);
  if (line->is_slow)
    buffer_text(&line->request, "{");
  else
    buffer_append(&line->request, buffer_string(&body), body.length);
  CHECK(!line->request.overflowed);
  buffer_release(&body);
}

static void call(struct line *line) {
  line->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  CHECK(line->fd >= 0);
  int rc = connect(line->fd, (struct sockaddr *)&forger.address, sizeof forger.address);
  CHECK(rc == 0 || errno == EINPROGRESS || errno == ECONNREFUSED);
  write_request(line);
  line->sent = line->heard = 0;
}

static void hang_up(struct line *line) {
  int status = 0;
  line->reply[line->heard] = '\0';
  (void)close(line->fd);
  line->fd = -1;
  if (line->is_slow) return;
  if (sscanf(line->reply, "HTTP/1.%*d %d", &status) == 1 && status >= 100 && status < 600)
    forger.replies[status]++;
  else
    forger.none++;
}

static void speak(struct line *line) {
  ssize_t sent = send(line->fd, line->request.bytes + line->sent, line->request.length - line->sent,
                      MSG_NOSIGNAL);
  if (sent > 0) line->sent += (size_t)sent;
  if (sent < 0 && errno != EAGAIN) line->sent = line->request.length; /* it may have answered */
}

static void hear(struct line *line) {
  char rest[4096];
  size_t room = sizeof line->reply - 1 - line->heard;
  ssize_t got = room > 0 ? recv(line->fd, line->reply + line->heard, room, 0)
                         : recv(line->fd, rest, sizeof rest, 0);
  if (got > 0 && room > 0) line->heard += (size_t)got;
  if (got == 0 || (got < 0 && errno != EAGAIN)) hang_up(line);
}

/* Whether anybody still waits for an answer, or has one to give. */
static bool go_round(struct line *lines, size_t count) {
  struct pollfd fds[MANY_MOST];
  bool busy = false;
  for (size_t i = 0; i < count; i++) {
    struct line *line = &lines[i];
    if (line->fd < 0 && (line->is_slow || forger.left > 0)) {
      if (!line->is_slow) forger.left--;
      call(line);
    }
    bool speaks = line->sent < line->request.length;
    fds[i] = (struct pollfd){.fd = line->fd, .events = (short)(speaks ? POLLIN | POLLOUT : POLLIN)};
    busy = busy || (line->fd >= 0 && !line->is_slow);
  }
  CHECK(poll(fds, count, 1000) >= 0);
  for (size_t i = 0; i < count; i++) {
    if (lines[i].fd >= 0 && (fds[i].revents & POLLOUT) != 0) speak(&lines[i]);
    if (lines[i].fd >= 0 && (fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) hear(&lines[i]);
  }
  return busy || forger.left > 0;
}

static int64_t now_ms(void) {
  struct timespec now;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t number(const char *text, int64_t most) {
  int64_t value;
  if (text_to_int64(text, 0, most, &value)) return value;
  fprintf(stderr, "forger: %s is no number up to %lld\n", text, (long long)most);
  exit(2);
}

int main(int argc, char **argv) {
  struct line lines[MANY_MOST] = {0};
  char host[64], *colon;
  if (argc < 7) return 2;
  (void)snprintf(host, sizeof host, "%s", argv[1]);
  colon = strrchr(host, ':');
  if (colon == NULL) return 2;
  *colon = '\0';
  forger.address = (struct sockaddr_in){.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)number(colon + 1, 65535))};
  if (inet_pton(AF_INET, host, &forger.address.sin_addr) != 1) return 2;
  forger.host = argv[1];
  forger.path = argv[2];
  long count = forger.left = (long)number(argv[3], 100000000);
  size_t abreast = (size_t)number(argv[4], MANY_MOST / 2),
         slow = (size_t)number(argv[5], MANY_MOST / 2);
  forger.tasks = argv + 6;
  forger.task_count = argc - 6;
  for (size_t i = 0; i < abreast + slow; i++) {
    lines[i] = (struct line){.fd = -1, .is_slow = i < slow};
    buffer_init(&lines[i].request, (size_t)1024 * 1024);
  }
  int64_t began = now_ms();
  while (go_round(lines, abreast + slow)) {
  }
  printf("sent=%ld 200=%ld 404=%ld 413=%ld none=%ld ms=%lld\n", count, forger.replies[200],
         forger.replies[404], forger.replies[413], forger.none, (long long)(now_ms() - began));
  for (size_t i = 0; i < abreast + slow; i++)
    buffer_release(&lines[i].request);
  return 0;
}
