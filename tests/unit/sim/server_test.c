/* The HTTP face over real sockets, asked by a client made of nothing but send and recv. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sim_client.h"

#define SCENARIO                                                                                   \
  "seed: 3\nlatency: {any: 0s, scheduler: 300ms}\n"                                                \
  "work: {base: 20s, per_second: 1s, jitter: 0, start: 0s}\n"                                      \
  "artifacts: {bytes: 50000}\n"                                                                    \
  "accounts: [{email: one@example.com, capacity: 9, max_jobs: 10}]\n"                              \
  "faults:\n"                                                                                      \
  "  - {call: submit, kind: lost_after, nth: 1}\n"                                                 \
  "  - {call: voices, kind: reset_before}\n"                                                       \
  "  - {call: accounts, kind: cut, nth: 2, cut_at: 50%}\n"                                         \
  "  - {call: features, kind: hang_after}\n"                                                       \
  "  - {call: list-assets, kind: close_keepalive}\n"
#define SPEED 100.0

struct running {
  struct sim_scenario *scenario;
  volatile int stop;
  FILE *out;
  int out_pipe[2];
  pthread_t thread;
  int result;
  uint16_t port;
  char ledger[64];
  const char *through;
};

static void *run_server(void *context) {
  struct running *running = context;
  struct error error = {0};
  const struct sim_server_options options = {.listen = "127.0.0.1:0",
                                             .scenario = running->scenario,
                                             .speed = SPEED,
                                             .ledger_path = running->ledger,
                                             .callbacks_through = running->through,
                                             .out = running->out,
                                             .stop = &running->stop};
  running->result = sim_server_run(&options, &error);
  return NULL;
}

static int start_with(void **state, const char *through) {
  static struct running running;
  char line[256];
  struct diag_list *diags = diag_new();
  running = (struct running){.through = through};
  assert_int_equal(sim_scenario_parse(SCENARIO, strlen(SCENARIO), "s", &running.scenario, diags),
                   0);
  diag_free(diags);
  (void)snprintf(running.ledger, sizeof running.ledger, "/tmp/sim-ledger-%ld", (long)getpid());
  assert_int_equal(pipe(running.out_pipe), 0);
  assert_non_null(running.out = fdopen(running.out_pipe[1], "w"));
  assert_int_equal(pthread_create(&running.thread, NULL, run_server, &running), 0);
  ssize_t size = read(running.out_pipe[0], line, sizeof line - 1);
  assert_true(size > 0);
  line[size] = '\0';
  assert_true(text_starts_with(line, "listening on http://127.0.0.1:"));
  running.port = (uint16_t)strtoul(strrchr(line, ':') + 1, NULL, 10);
  *state = &running;
  return 0;
}

static int start(void **state) {
  return start_with(state, NULL);
}

static int stop(void **state) {
  struct running *running = *state;
  running->stop = 1;
  assert_int_equal(pthread_join(running->thread, NULL), 0);
  assert_int_equal(running->result, 0);
  assert_int_equal(fclose(running->out), 0);
  assert_int_equal(close(running->out_pipe[0]), 0);
  assert_int_equal(unlink(running->ledger), 0);
  sim_scenario_free(running->scenario);
  return 0;
}

static int connect_to(const struct running *running) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(running->port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval limit = {.tv_sec = 20};
  assert_true(fd >= 0);
  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  return fd;
}

static void send_request(int fd, const char *method, const char *target, const char *headers,
                         const char *body) {
  char text[4096];
  int size = snprintf(text, sizeof text,
                      "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: " CLIENT_TOKEN
                      "\r\n%sContent-Length: %zu\r\n\r\n%s",
                      method, target, headers, strlen(body), body);
  assert_int_equal(send(fd, text, (size_t)size, MSG_NOSIGNAL), size);
}

/* One reply, or what there was of it when the connection ended. */
struct reply {
  char text[65536];
  size_t size, head_size, promised;
  bool ended, reset;
};

static size_t promised(const struct reply *reply) {
  const char *length = strcasestr(reply->text, "Content-Length:");
  return length == NULL ? 0 : (size_t)strtoul(length + 15, NULL, 10);
}

static void receive(int fd, struct reply *reply) {
  *reply = (struct reply){0};
  while (reply->size < sizeof reply->text - 1) {
    const char *end = strstr(reply->text, "\r\n\r\n");
    if (end != NULL) {
      reply->head_size = (size_t)(end - reply->text) + 4;
      reply->promised = promised(reply);
      if (reply->size == reply->head_size + reply->promised) return;
    }
    ssize_t got = recv(fd, reply->text + reply->size, sizeof reply->text - 1 - reply->size, 0);
    reply->ended = got == 0;
    reply->reset = got < 0;
    if (got <= 0) return;
    reply->size += (size_t)got;
  }
}

static int status_of(const struct reply *reply) {
  return reply->size < 12 ? 0 : (int)strtol(reply->text + 9, NULL, 10);
}

static void ask(const struct running *running, const char *target, const char *headers,
                struct reply *reply) {
  int fd = connect_to(running);
  send_request(fd, "GET", target, headers, "");
  receive(fd, reply);
  assert_int_equal(close(fd), 0);
}

static void upload(const struct running *running, char *asset, size_t size) {
  static struct reply reply;
  int fd = connect_to(running);
  send_request(fd, "POST", "/v1/runwayml/assets/?email=one@example.com&name=clip&duration=10",
               "Content-Type: video/mp4\r\n", "the bytes of a clip");
  receive(fd, &reply);
  assert_int_equal(status_of(&reply), 200);
  const char *id = strstr(reply.text, "\"assetId\":\"");
  assert_non_null(id);
  (void)snprintf(asset, size, "%.*s", (int)strcspn(id + 11, "\""), id + 11);
  assert_int_equal(close(fd), 0);
}

static void submit(int fd, const char *asset) {
  char body[512];
  (void)snprintf(body, sizeof body, "{\"video_assetId\":\"%s\",\"voiceId\":\"voice-maya\"}", asset);
  send_request(fd, "POST", "/v1/runwayml/gen4/act-two-voice",
               "Content-Type: application/json; charset=utf-8\r\n", body);
}

static void ledger_says(const struct running *running, const char *words) {
  static struct reply reply;
  ask(running, "/_ledger", "", &reply);
  assert_int_equal(status_of(&reply), 200);
  if (strstr(reply.text, words) == NULL) fail_msg("no %s in %s", words, reply.text);
}

static void replies_follow_each_other_on_one_connection(void **state) {
  static struct reply reply;
  int fd = connect_to(*state);
  for (int i = 0; i < 3; i++) {
    send_request(fd, "GET", "/v1/runwayml/scheduler/", "", "");
    receive(fd, &reply);
    assert_int_equal(status_of(&reply), 200);
    assert_string_equal(reply.text + reply.head_size, "[]");
  }
  send_request(fd, "GET", "/_health", "", "");
  receive(fd, &reply);
  assert_int_equal(status_of(&reply), 200);
  assert_int_equal(close(fd), 0);
}

static void a_lost_reply_closes_the_connection_and_the_task_is_there(void **state) {
  static struct reply reply;
  char asset[256];
  upload(*state, asset, sizeof asset);
  int fd = connect_to(*state);
  submit(fd, asset);
  receive(fd, &reply);
  assert_int_equal(reply.size, 0);
  assert_true(reply.ended);
  assert_int_equal(close(fd), 0);
  ask(*state, "/v1/runwayml/tasks/?offset=0&limit=10", "", &reply);
  assert_non_null(strstr(reply.text, "\"taskId\""));
  ledger_says(*state, "\"accepted\":1");
}

static void a_reset_is_a_reset(void **state) {
  static struct reply reply;
  ask(*state, "/v1/runwayml/lipsync/voices/", "", &reply);
  assert_int_equal(reply.size, 0);
  assert_true(reply.reset);
}

static void a_cut_reply_promises_all_and_sends_half(void **state) {
  static struct reply whole, cut;
  ask(*state, "/v1/runwayml/accounts", "", &whole);
  ask(*state, "/v1/runwayml/accounts", "", &cut);
  assert_int_equal(cut.promised, whole.promised);
  assert_int_equal(cut.size, cut.head_size + whole.promised / 2);
  assert_true(cut.ended);
}

static void a_silent_connection_ends_with_the_server_or_its_client(void **state) {
  struct running *running = *state;
  int leaving = connect_to(running), staying = connect_to(running);
  struct pollfd silent = {.events = POLLIN};
  send_request(leaving, "GET", "/v1/runwayml/features/", "", "");
  send_request(staying, "GET", "/v1/runwayml/features/", "", "");
  ledger_says(running, "\"faults\":2");
  silent.fd = staying;
  assert_int_equal(poll(&silent, 1, 50), 0);
  assert_int_equal(close(leaving), 0);
  ledger_says(running, "\"faults\":2");
  running->stop = 1;
  assert_int_equal(poll(&silent, 1, 20000), 1);
  char byte;
  assert_true(recv(staying, &byte, 1, 0) <= 0);
  assert_int_equal(close(staying), 0);
}

static void the_second_request_of_a_connection_can_end_it(void **state) {
  static const char target[] = "/v1/runwayml/assets/?offset=0&limit=1";
  static struct reply reply;
  int fd = connect_to(*state);
  send_request(fd, "GET", target, "", "");
  receive(fd, &reply);
  assert_int_equal(status_of(&reply), 200);
  send_request(fd, "GET", target, "", "");
  receive(fd, &reply);
  assert_int_equal(reply.size, 0);
  assert_int_equal(close(fd), 0);
  ledger_says(*state, "\"requests\":2");
}

static void link_of(const struct reply *reply, char *path, size_t size) {
  const char *url = strstr(reply->text, "/artifacts/");
  assert_non_null(url);
  (void)snprintf(path, size, "%.*s", (int)strcspn(url, "\""), url);
}

static void an_artifact_can_be_fetched_in_two_parts(void **state) {
  static struct reply reply, rest;
  char asset[256], path[512];
  upload(*state, asset, sizeof asset);
  for (int i = 0; i < 2; i++) { /* the first one's reply is lost */
    int fd = connect_to(*state);
    submit(fd, asset);
    receive(fd, &reply);
    assert_int_equal(close(fd), 0);
  }
  /* Thirty virtual seconds are 300 ms: asked until it is done. */
  do {
    ask(*state, "/v1/runwayml/tasks/?offset=0&limit=1", "", &reply);
  } while (strstr(reply.text, "SUCCEEDED") == NULL);
  link_of(&reply, path, sizeof path);
  ask(*state, path, "", &reply);
  assert_int_equal(status_of(&reply), 200);
  assert_int_equal(reply.promised, 50000);
  ask(*state, path, "Range: bytes=20000-\r\n", &rest);
  assert_int_equal(status_of(&rest), 206);
  assert_non_null(strstr(rest.text, "Content-Range: bytes 20000-49999/50000\r\n"));
  assert_memory_equal(rest.text + rest.head_size, reply.text + reply.head_size + 20000, 30000);
}

static void uploads_are_counted_and_hashed(void **state) {
  char asset[256];
  static struct reply reply;
  upload(*state, asset, sizeof asset);
  int fd = connect_to(*state);
  submit(fd, asset);
  receive(fd, &reply);
  assert_int_equal(close(fd), 0);
  /* FNV-1a of "the bytes of a clip", worked out elsewhere. */
  ledger_says(*state, "\"asset_bytes\":19,\"asset_hash\":\"f41cb72c0fa7a30f\"");
}

static void many_connections_wait_at_once_without_keeping_each_other(void **state) {
  enum { MANY = 200 };
  static struct reply reply;
  int fds[MANY];
  struct timespec began, ended;
  assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &began), 0);
  for (int i = 0; i < MANY; i++) {
    fds[i] = connect_to(*state);
    send_request(fds[i], "GET", "/v1/runwayml/scheduler/", "", "");
  }
  for (int i = 0; i < MANY; i++) {
    receive(fds[i], &reply);
    assert_int_equal(status_of(&reply), 200);
    assert_int_equal(close(fds[i]), 0);
  }
  assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ended), 0);
  assert_true(ended.tv_sec - began.tv_sec < 10);
}

/* Somebody who waits for callbacks; its port. */
static int wait_at_home(uint16_t *port) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  struct timeval limit = {.tv_sec = 20};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  assert_true(fd >= 0);
  assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(listen(fd, 10), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
  *port = ntohs(address.sin_port);
  return fd;
}

static void submit_with(const struct running *running, const char *url) {
  static struct reply reply;
  char asset[256], body[600];
  upload(running, asset, sizeof asset);
  (void)snprintf(body, sizeof body,
                 "{\"video_assetId\":\"%s\",\"voiceId\":\"voice-maya\",\"replyUrl\":\"%s\"}", asset,
                 url);
  int fd = connect_to(running);
  send_request(fd, "POST", "/v1/runwayml/gen4/act-two-voice", "Content-Type: application/json\r\n",
               body);
  receive(fd, &reply);
  assert_int_equal(close(fd), 0);
}

static void submit_with_url(const struct running *running, const char *host, uint16_t port) {
  char url[100];
  (void)snprintf(url, sizeof url, "http://%s:%d/secret", host, port);
  submit_with(running, url);
}

static void assert_told(int home, const char *status) {
  static struct reply post;
  int fd = accept(home, NULL, NULL);
  assert_true(fd >= 0);
  receive(fd, &post);
  assert_memory_equal(post.text, "POST /secret HTTP/1.1\r\n", 23);
  assert_int_equal(post.size, post.head_size + post.promised);
  if (strstr(post.text, status) == NULL) fail_msg("no %s in %s", status, post.text);
  assert_int_equal(send(fd, "HTTP/1.1 204 No Content\r\n\r\n", 27, MSG_NOSIGNAL), 27);
  assert_int_equal(close(fd), 0);
}

static void a_reply_url_on_this_machine_is_told_of_its_task(void **state) {
  uint16_t port;
  int home = wait_at_home(&port);
  submit_with_url(*state, "127.0.0.1", port); /* nobody hears the reply: the task is there */
  assert_told(home, "\"status\":\"RUNNING\"");
  assert_told(home, "\"status\":\"RUNNING\"");
  assert_told(home, "\"status\":\"SUCCEEDED\"");
  assert_int_equal(close(home), 0);
}

/* 0.0.0.0 would lead here, too. */
static void other_addresses_are_never_called(void **state) {
  uint16_t port;
  int home = wait_at_home(&port);
  submit_with_url(*state, "0.0.0.0", port);
  submit_with_url(*state, "example.com", port);
  submit_with_url(*state, "localhost", port);
  for (int i = 0; i < 3; i++)
    assert_told(home, "\"replyUrl\":\"http://localhost:");
  assert_int_equal(close(home), 0);
}

static int far_home;
static int start_far(void **state) {
  static char through[40];
  uint16_t port;
  far_home = wait_at_home(&port);
  (void)snprintf(through, sizeof through, "127.0.0.1:%d", port);
  return start_with(state, through);
}

static void all_can_go_through_one_who_plays_the_world(void **state) {
  submit_with(*state, "https://far.example:8443/secret");
  submit_with(*state, "ftp://far.example/secret");
  for (int i = 0; i < 3; i++)
    assert_told(far_home, "Host: far.example:8443\r\n");
  submit_with(*state, "http://127.0.0.1:1/secret");
  assert_told(far_home, "Host: 127.0.0.1:1\r\n");
  assert_int_equal(close(far_home), 0);
}

static void one_who_does_not_listen_holds_up_nobody(void **state) {
  static struct reply reply;
  uint16_t port;
  int home = wait_at_home(&port);
  submit_with_url(*state, "127.0.0.1", port); /* taken by the kernel, read by nobody */
  submit_with_url(*state, "127.0.0.1", 1);    /* refused */
  do {
    ask(*state, "/v1/runwayml/tasks/?offset=0&limit=1", "", &reply);
  } while (strstr(reply.text, "SUCCEEDED") == NULL);
  assert_int_equal(close(home), 0);
}

static void addresses_are_read_and_known_as_loopback_or_not(void **state) {
  (void)state;
  assert_true(sim_listen_is_loopback("127.0.0.1:80"));
  assert_true(sim_listen_is_loopback("[::1]:80"));
  assert_false(sim_listen_is_loopback("0.0.0.0:80"));
  assert_false(sim_listen_is_loopback("127.0.0.1"));
  struct error error = {0};
  struct sim_server_options options = {.listen = "127.0.0.1:99999"};
  assert_int_equal(sim_server_run(&options, &error), ERR_USAGE);
  static const char *const elsewhere[] = {"192.0.2.1:80", "far.example:80", "127.0.0.1", "", ":80"};
  options.listen = "127.0.0.1:0";
  for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
    options.callbacks_through = elsewhere[i];
    assert_int_equal(sim_server_run(&options, &error), ERR_USAGE);
  }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
  const struct CMUnitTest tests[] = {
      TEST(replies_follow_each_other_on_one_connection),
      TEST(a_lost_reply_closes_the_connection_and_the_task_is_there),
      TEST(a_reset_is_a_reset),
      TEST(a_cut_reply_promises_all_and_sends_half),
      TEST(a_silent_connection_ends_with_the_server_or_its_client),
      TEST(the_second_request_of_a_connection_can_end_it),
      TEST(an_artifact_can_be_fetched_in_two_parts),
      TEST(uploads_are_counted_and_hashed),
      TEST(many_connections_wait_at_once_without_keeping_each_other),
      TEST(a_reply_url_on_this_machine_is_told_of_its_task),
      TEST(other_addresses_are_never_called),
      cmocka_unit_test_setup_teardown(all_can_go_through_one_who_plays_the_world, start_far, stop),
      TEST(one_who_does_not_listen_holds_up_nobody),
      cmocka_unit_test(addresses_are_read_and_known_as_loopback_or_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
