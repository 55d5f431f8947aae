/* A service that answers at once, so that what is measured is the client: tasks end a fixed time
 * after they were accepted, nothing is refused, nothing else is modelled. It counts the calls, and
 * measures how long a client takes from a reply that shows an end to the arrival of the account's
 * next paid call.
 *
 * usage: quick_service ACCOUNTS TASK_MS [MAX_JOBS]   (SIGTERM: prints what it counted, and ends) */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "util/buffer.h"
#include "util/check.h"

#define REQUEST_MOST   ((size_t)4 * 1024 * 1024)
#define REPLY_MOST     ((size_t)4 * 1024 * 1024)
#define ARTIFACT_BYTES 2000
#define GAPS_MOST      100000

struct task {
  int64_t asset, accepted_us;
  bool end_told;
  char ref[200];
};

struct account {
  int64_t *tasks;
  size_t count, room;
  int64_t end_told_us; /* 0: none since the last submission */
};

struct peer {
  int fd;
  struct buffer in;
};

enum call { ACCOUNTS, FEATURES, VOICES, UPLOAD, SUBMIT, LIST, TASK, SCHEDULER, ARTIFACT, CALLS };
static const char *const call_names[CALLS] = {"accounts", "features",    "voices",
                                              "uploads",  "submissions", "lists",
                                              "looks",    "scheduler",   "downloads"};

static struct {
  int port, max_jobs;
  int64_t task_us, run;
  struct account *accounts;
  size_t account_count;
  struct task *tasks;
  size_t task_count, task_room;
  char (*assets)[80];
  size_t asset_count, asset_room;
  int64_t calls[CALLS], first_us, last_us;
  int64_t gaps[GAPS_MOST];
  size_t gap_count;
} service;

static volatile sig_atomic_t stopped;

static int64_t now_us(void) {
  struct timespec now;
  CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void *grown(void *array, size_t size, size_t count, size_t *room) {
  if (count < *room) return array;
  *room = *room == 0 ? 64 : *room * 2;
  array = realloc(array, *room * size);
  CHECK(array != NULL);
  return array;
}

/* ---- what a request says ---- */

/* The account's number behind `mark`, as in "email=a7%40…" and "runwayml:a7@…". */
static struct account *account_behind(const char *text, const char *mark) {
  const char *found = strstr(text, mark);
  size_t number = found == NULL ? SIZE_MAX : strtoul(found + strlen(mark), NULL, 10);
  CHECK(number < service.account_count);
  return &service.accounts[number];
}

/* The number at the end of an id, as ids below are made. */
static int64_t id_number(const char *text, const char *mark) {
  const char *found = strstr(text, mark);
  CHECK(found != NULL);
  return (int64_t)strtoll(found + strlen(mark) + strlen("00000000-0000-4000-8000-"), NULL, 16);
}

static void copy_value(const char *text, const char *key, const char *ends, char *value,
                       size_t size) {
  const char *found = strstr(text, key);
  size_t length = 0;
  if (found != NULL) {
    found += strlen(key);
    length = strcspn(found, ends);
  }
  CHECK(length < size);
  if (found != NULL) memcpy(value, found, length);
  value[length] = '\0';
}

/* ---- answers ---- */

static void print_id(struct buffer *out, const struct account *account, const char *what,
                     int64_t number) {
  buffer_printf(
      out, "user:1234-runwayml:a%zu@example.com-%s:%08" PRIx64 "-0000-4000-8000-%012" PRIx64,
      (size_t)(account - service.accounts), what, (uint64_t)service.run, (uint64_t)number);
}

static bool has_ended(const struct task *task, int64_t now) {
  return now - task->accepted_us >= service.task_us;
}

static void print_task(struct buffer *out, const struct account *account, int64_t number,
                       int64_t now) {
  const struct task *task = &service.tasks[number];
  buffer_text(out, "{\"taskId\":\"");
  print_id(out, account, "task", number);
  buffer_printf(out, "\",\"name\":\"Maya_%s\",\"replyRef\":\"%s\",\"status\":\"%s\"",
                service.assets[task->asset], task->ref,
                has_ended(task, now) ? "SUCCEEDED" : "RUNNING");
  if (has_ended(task, now))
    buffer_printf(out,
                  ",\"artifacts\":[{\"url\":\"http://127.0.0.1:%d/artifacts/%" PRId64
                  "\",\"fileSize\":\"%d\"}]",
                  service.port, number, ARTIFACT_BYTES);
  buffer_text(out, "}");
}

static void answer_accounts(struct buffer *out) {
  buffer_text(out, "{");
  for (size_t i = 0; i < service.account_count; i++)
    buffer_printf(out, "%s\"a%zu@example.com\":{\"email\":\"a%zu@example.com\",\"maxJobs\":%d}",
                  i > 0 ? "," : "", i, i, service.max_jobs);
  buffer_text(out, "}");
}

static void answer_upload(struct buffer *out, const char *target) {
  struct account *account = account_behind(target, "email=a");
  service.assets =
      grown(service.assets, sizeof *service.assets, service.asset_count, &service.asset_room);
  copy_value(target, "name=", "& ", service.assets[service.asset_count], sizeof *service.assets);
  if (service.first_us == 0) service.first_us = now_us();
  buffer_text(out, "{\"assetId\":\"");
  print_id(out, account, "asset", (int64_t)service.asset_count);
  buffer_printf(out, "\",\"name\":\"%s\"}", service.assets[service.asset_count]);
  service.asset_count++;
}

static void answer_submit(struct buffer *out, const char *body) {
  struct account *account = account_behind(body, "runwayml:a");
  int64_t now = now_us();
  if (account->end_told_us != 0 && service.gap_count < GAPS_MOST)
    service.gaps[service.gap_count++] = now - account->end_told_us;
  account->end_told_us = 0;
  account->tasks = grown(account->tasks, sizeof *account->tasks, account->count, &account->room);
  account->tasks[account->count++] = (int64_t)service.task_count;
  service.tasks =
      grown(service.tasks, sizeof *service.tasks, service.task_count, &service.task_room);
  struct task *task = &service.tasks[service.task_count++];
  *task = (struct task){.asset = id_number(body, "-asset:"), .accepted_us = now};
  copy_value(body, "\"replyRef\":\"", "\"", task->ref, sizeof task->ref);
  CHECK((size_t)task->asset < service.asset_count);
  buffer_text(out, "{\"task\":");
  print_task(out, account, (int64_t)service.task_count - 1, 0);
  buffer_text(out, "}");
}

/* True: it shows an end that no list has shown before. */
static bool answer_list(struct buffer *out, const char *target, struct account *account) {
  const char *limit_text = strstr(target, "limit=");
  size_t limit = limit_text == NULL ? 1000 : strtoul(limit_text + 6, NULL, 10);
  int64_t now = now_us();
  bool news = false;
  buffer_text(out, "[");
  for (size_t i = account->count, shown = 0; i-- > 0 && shown < limit; shown++) {
    struct task *task = &service.tasks[account->tasks[i]];
    if (shown > 0) buffer_text(out, ",");
    print_task(out, account, account->tasks[i], now);
    if (!has_ended(task, now) || task->end_told) continue;
    task->end_told = news = true;
  }
  buffer_text(out, "]");
  return news;
}

static void answer_artifact(struct buffer *out) {
  static char bytes[ARTIFACT_BYTES];
  buffer_append(out, bytes, sizeof bytes);
  service.last_us = now_us();
}

static enum call call_of(const char *request) {
  static const struct {
    const char *begins;
    enum call call;
  } known[] = {{"GET /v1/runwayml/accounts", ACCOUNTS},
               {"GET /v1/runwayml/features", FEATURES},
               {"GET /v1/runwayml/lipsync", VOICES},
               {"POST /v1/runwayml/assets", UPLOAD},
               {"POST /v1/runwayml/gen4", SUBMIT},
               {"GET /v1/runwayml/tasks/?", LIST},
               {"GET /v1/runwayml/tasks/", TASK},
               {"GET /v1/runwayml/scheduler", SCHEDULER},
               {"GET /artifacts/", ARTIFACT}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strncmp(request, known[i].begins, strlen(known[i].begins)) == 0) return known[i].call;
  fprintf(stderr, "quick_service: no answer to %.60s\n", request);
  exit(1);
}

/* The account whose end the reply is the first to show; NULL. */
static struct account *answer(struct buffer *out, const char *request, const char *body) {
  enum call call = call_of(request);
  struct account *account = NULL;
  service.calls[call]++;
  switch (call) {
  case ACCOUNTS:
    answer_accounts(out);
    break;
  case FEATURES:
    buffer_text(out,
                "{\"permitted\":{\"numPlanCredits\":1000000000},\"used\":{\"numPlanCredits\":0}}");
    break;
  case VOICES:
    buffer_text(out, "[{\"id\":\"voice-maya\",\"name\":\"Maya\"}]");
    break;
  case UPLOAD:
    answer_upload(out, request);
    break;
  case SUBMIT:
    answer_submit(out, body);
    break;
  case LIST:
    account = account_behind(request, "email=a");
    if (!answer_list(out, request, account)) account = NULL;
    break;
  case TASK:
    account = account_behind(request, "runwayml%3Aa");
    print_task(out, account, id_number(request, "-task%3A"), now_us());
    account = NULL;
    break;
  case SCHEDULER:
    buffer_text(out, "[]");
    break;
  case ARTIFACT:
    answer_artifact(out);
    break;
  case CALLS:
    CHECK_UNREACHABLE();
  }
  return account;
}

/* ---- connections ---- */

static void write_all(int fd, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    if (sent < 0 && errno == EAGAIN)
      (void)poll(&room, 1, -1);
    else if (sent < 0)
      return; /* the client has left: its next read says so */
    bytes += sent > 0 ? sent : 0;
    size -= sent > 0 ? (size_t)sent : 0;
  }
}

static void serve(struct peer *peer, const char *body) {
  static struct buffer out, reply;
  buffer_init(&out, REPLY_MOST);
  buffer_init(&reply, REPLY_MOST);
  struct account *ended = answer(&out, peer->in.bytes, body);
  buffer_printf(&reply,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                out.length);
  buffer_append(&reply, out.bytes, out.length);
  CHECK(!out.overflowed && !reply.overflowed);
  if (ended != NULL && ended->end_told_us == 0) ended->end_told_us = now_us();
  write_all(peer->fd, reply.bytes, reply.length);
  buffer_release(&out);
  buffer_release(&reply);
}

/* Bytes of the first request, 0: not whole yet. */
static size_t request_size(const struct buffer *in, const char **body) {
  const char *end = strstr(buffer_string(in), "\r\n\r\n");
  if (end == NULL) return 0;
  const char *length = strcasestr(in->bytes, "\r\nContent-Length:");
  size_t head = (size_t)(end - in->bytes) + 4;
  size_t size = head + (length == NULL || length > end ? 0 : strtoul(length + 17, NULL, 10));
  *body = in->bytes + head;
  return in->length >= size ? size : 0;
}

/* False: the client has left. */
static bool hear(struct peer *peer) {
  char piece[65536];
  const char *body;
  ssize_t got = recv(peer->fd, piece, sizeof piece, 0);
  if (got <= 0) return got < 0 && errno == EAGAIN;
  CHECK(buffer_append(&peer->in, piece, (size_t)got));
  size_t size = request_size(&peer->in, &body);
  if (size == 0) return true;
  CHECK(size == peer->in.length); /* nobody sends a second one before the answer */
  serve(peer, body);
  buffer_clear(&peer->in);
  return true;
}

static void meet(int epoll, int listener) {
  int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
  struct peer *peer = calloc(1, sizeof *peer);
  CHECK(peer != NULL);
  peer->fd = fd;
  buffer_init(&peer->in, REQUEST_MOST);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
  CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

static void part(struct peer *peer) {
  close(peer->fd);
  buffer_release(&peer->in);
  free(peer);
}

static int listen_somewhere(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 512) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &size) == 0);
  service.port = ntohs(address.sin_port);
  return fd;
}

static void on_term(int number) {
  (void)number;
  stopped = 1;
}

/* ---- what was counted ---- */

static int by_size(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static int64_t gap_at(int per_mille) {
  return service.gap_count == 0 ? 0
                                : service.gaps[(service.gap_count - 1) * (size_t)per_mille / 1000];
}

static void tell(void) {
  qsort(service.gaps, service.gap_count, sizeof service.gaps[0], by_size);
  for (int i = 0; i < CALLS; i++)
    printf("%s=%" PRId64 "\n", call_names[i], service.calls[i]);
  printf("span_us=%" PRId64 "\n", service.last_us - service.first_us);
  printf("gaps=%zu\ngap_median_us=%" PRId64 "\ngap_p99_us=%" PRId64 "\ngap_most_us=%" PRId64 "\n",
         service.gap_count, gap_at(500), gap_at(990), gap_at(1000));
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: quick_service ACCOUNTS TASK_MS [MAX_JOBS]\n");
    return 2;
  }
  service.account_count = strtoul(argv[1], NULL, 10);
  service.task_us = strtoll(argv[2], NULL, 10) * 1000;
  service.max_jobs = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 10;
  service.run = (int64_t)time(NULL) & 0xffffffff;
  service.accounts = calloc(service.account_count, sizeof *service.accounts);
  CHECK(service.accounts != NULL);
  struct sigaction action = {.sa_handler = on_term};
  CHECK(sigaction(SIGTERM, &action, NULL) == 0);
  int listener = listen_somewhere(), epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[64];
  CHECK(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) == 0);
  printf("listening on http://127.0.0.1:%d/v1/runwayml\n", service.port);
  fflush(stdout);
  while (!stopped) {
    int count = epoll_wait(epoll, events, 64, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == NULL)
        meet(epoll, listener);
      else if (!hear(events[i].data.ptr))
        part(events[i].data.ptr);
    }
  }
  tell();
  return 0;
}
