/* One request to its single completion. Every end, whatever its cause, goes through the list of the
 * posted and is told from the loop. */
#include "http/transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "http/address.h"
#include "http/client.h"
#include "util/check.h"

#define REDIRECTS_MAX 5L
/* libcurl 7.88 limits a line, not their number, and keeps them all. */
#define HEADER_BYTES_MAX ((size_t)256 * 1024)
/* Node.js, behind many an API, closes connections that were idle for 5 s; a paid POST on one of
 * those would be in doubt, and doubt costs minutes where a new handshake costs a moment. */
#define PAID_CONNECTION_IDLE_MAX_S 4L

int64_t boot_now_ms(void) {
  struct timespec now;
  CHECK(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- time ---- */

static void on_alarm(uv_timer_t *timer);

static void alarm_at(struct http *http, int64_t deadline_ms) {
  int64_t now_ms = (int64_t)uv_now(http->loop);
  uint64_t delay_ms = deadline_ms > now_ms ? (uint64_t)(deadline_ms - now_ms) : 1;
  if (uv_is_active((uv_handle_t *)&http->alarm) && uv_timer_get_due_in(&http->alarm) <= delay_ms)
    return;
  CHECK(uv_timer_start(&http->alarm, on_alarm, delay_ms, 0) == 0);
}

static void time_is_over(struct transfer *transfer) {
  const struct http *http = transfer->http;
  transfer_post(transfer, CURLE_OPERATION_TIMEDOUT);
  if (transfer->sendings == 0)
    snprintf(transfer->failure, sizeof transfer->failure, "no connection within %lld ms",
             (long long)(http->connect_timeout + http->timeout));
  else
    snprintf(transfer->failure, sizeof transfer->failure, "%s for %lld ms",
             transfer->stalls ? "nothing moved" : "no whole reply", (long long)http->timeout);
}

static void on_alarm(uv_timer_t *timer) {
  struct http *http = timer->data;
  int64_t now_ms = (int64_t)uv_now(http->loop), nearest_ms = TIME_NEVER;
  struct transfer *next;
  for (struct transfer *each = TAILQ_FIRST(&http->running); each != NULL; each = next) {
    next = TAILQ_NEXT(each, link);
    if (each->deadline_ms <= now_ms)
      time_is_over(each);
    else if (each->deadline_ms < nearest_ms)
      nearest_ms = each->deadline_ms;
  }
  if (nearest_ms != TIME_NEVER) alarm_at(http, nearest_ms);
  transfers_drain(http);
}

void transfer_moved(struct transfer *transfer) {
  if (!transfer->stalls) return;
  /* Later than the alarm: it looks again when it rings. */
  transfer->deadline_ms = (int64_t)uv_now(transfer->http->loop) + transfer->http->timeout;
}

/* ---- libcurl's questions ---- */

static bool may_connect(const struct transfer *transfer, const struct curl_sockaddr *address) {
  const struct http *http = transfer->http;
  if (transfer->lane != LANE_FETCHES || http->loopback || http->fetch_proxy != NULL) return true;
  return address_is_public(&address->addr);
}

static curl_socket_t on_open_socket(void *context, curlsocktype purpose,
                                    struct curl_sockaddr *address) {
  (void)purpose;
  struct transfer *transfer = context;
  if (!may_connect(transfer, address)) {
    transfer->refused = true;
    return CURL_SOCKET_BAD;
  }
  return lane_open_socket(&transfer->http->lanes[transfer->lane], address);
}

/* Whether this sending would carry a download's request in clear text off this machine. */
static bool leaves_in_the_clear(const struct transfer *transfer, const char *peer_ip) {
  const char *url = NULL;
  if (curl_easy_getinfo(transfer->easy, CURLINFO_EFFECTIVE_URL, &url) != CURLE_OK || url == NULL)
    return true;
  return strncasecmp(url, "https:", 6) != 0 && !address_text_is_loopback(peer_ip);
}

/* Before every sending, also those that libcurl repeats by itself. */
static int on_sending(void *context, char *peer_ip, char *own_ip, int peer_port, int own_port) {
  (void)own_ip;
  (void)peer_port;
  (void)own_port;
  struct transfer *transfer = context;
  const struct http *http = transfer->http;
  if (transfer->lane == LANE_PAID && transfer->sendings > 0) return CURL_PREREQFUNC_ABORT;
  if (transfer->lane == LANE_PAID && http->may_leave != NULL &&
      !http->may_leave(http->gate_context)) {
    transfer->held_back = true;
    return CURL_PREREQFUNC_ABORT;
  }
  if (leaves_in_the_clear(transfer, peer_ip)) {
    transfer->refused = true;
    return CURL_PREREQFUNC_ABORT;
  }
  if (transfer->sendings++ == 0) {
    transfer->begun_boot_ms = boot_now_ms();
    transfer->deadline_ms = (int64_t)uv_now(transfer->http->loop) + transfer->http->timeout;
    alarm_at(transfer->http, transfer->deadline_ms);
  }
  return CURL_PREREQFUNC_OK;
}

/* libcurl takes a connection that closes within the headers for a whole reply without a body. */
static size_t on_header(char *line, size_t size, size_t count, void *context) {
  struct transfer *transfer = context;
  size *= count;
  transfer->header_bytes += size;
  if (transfer->header_bytes > HEADER_BYTES_MAX) return size + 1; /* an error to libcurl */
  if (size >= 5 && memcmp(line, "HTTP/", 5) == 0) transfer->headers_whole = false;
  if (size > 0 && (line[0] == '\r' || line[0] == '\n')) transfer->headers_whole = true;
  return size;
}

/* ---- life ---- */

static void set_network(struct transfer *transfer) {
  struct http *http = transfer->http;
  struct lane *lane = &http->lanes[transfer->lane];
  TRANSFER_SET(transfer, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
  TRANSFER_SET(transfer, CURLOPT_OPENSOCKETDATA, transfer);
  TRANSFER_SET(transfer, CURLOPT_CLOSESOCKETFUNCTION, lane_close_socket);
  TRANSFER_SET(transfer, CURLOPT_CLOSESOCKETDATA, lane); /* outlives the transfer */
  TRANSFER_SET(transfer, CURLOPT_PREREQFUNCTION, on_sending);
  TRANSFER_SET(transfer, CURLOPT_PREREQDATA, transfer);
  TRANSFER_SET(transfer, CURLOPT_NOSIGNAL, 1L);
  TRANSFER_SET(transfer, CURLOPT_TCP_KEEPALIVE, 1L);
  TRANSFER_SET(transfer, CURLOPT_CONNECTTIMEOUT_MS, (long)http->connect_timeout);
  /* One request a connection, so that a long upload never stands before a paid POST. */
  TRANSFER_SET(transfer, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  TRANSFER_SET(transfer, CURLOPT_SSL_VERIFYPEER, 1L);
  TRANSFER_SET(transfer, CURLOPT_SSL_VERIFYHOST, 2L);
  TRANSFER_SET(transfer, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (http->authorities != NULL) {
    TRANSFER_SET(transfer, CURLOPT_CAINFO, http->authorities);
    TRANSFER_SET(transfer, CURLOPT_CAPATH, NULL);
  }
  if (http->loopback) TRANSFER_SET(transfer, CURLOPT_PROXY, "");
  if (transfer->lane == LANE_PAID)
    TRANSFER_SET(transfer, CURLOPT_MAXAGE_CONN, PAID_CONNECTION_IDLE_MAX_S);
}

static void set_limits(struct transfer *transfer) {
  const char *protocols = transfer->http->loopback ? "http,https" : "https";
  bool follows = transfer->lane == LANE_FETCHES;
  TRANSFER_SET(transfer, CURLOPT_PROTOCOLS_STR, protocols);
  TRANSFER_SET(transfer, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
  TRANSFER_SET(transfer, CURLOPT_FOLLOWLOCATION, follows ? 1L : 0L);
  TRANSFER_SET(transfer, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
  TRANSFER_SET(transfer, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
}

void transfer_init(struct transfer *transfer, struct http *http, enum lane_kind lane,
                   transfer_ended *ended) {
  *transfer = (struct transfer){.http = http, .lane = lane, .ended = ended};
  transfer->begun_boot_ms = boot_now_ms();
  transfer->easy = curl_easy_init();
  if (transfer->easy == NULL) {
    transfer->setup = CURLE_FAILED_INIT;
    return;
  }
  TRANSFER_SET(transfer, CURLOPT_PRIVATE, transfer);
  TRANSFER_SET(transfer, CURLOPT_ERRORBUFFER, transfer->failure);
  TRANSFER_SET(transfer, CURLOPT_USERAGENT, http->user_agent);
  TRANSFER_SET(transfer, CURLOPT_HEADERFUNCTION, on_header);
  TRANSFER_SET(transfer, CURLOPT_HEADERDATA, transfer);
  set_network(transfer);
  set_limits(transfer);
}

void transfer_header(struct transfer *transfer, const char *line) {
  struct curl_slist *longer = curl_slist_append(transfer->headers, line);
  if (longer != NULL)
    transfer->headers = longer;
  else if (transfer->setup == CURLE_OK)
    transfer->setup = CURLE_OUT_OF_MEMORY;
}

void transfer_forget_headers(struct transfer *transfer) {
  for (struct curl_slist *each = transfer->headers; each != NULL; each = each->next)
    explicit_bzero(each->data, strlen(each->data));
  curl_slist_free_all(transfer->headers);
  transfer->headers = NULL;
}

void transfer_start(struct transfer *transfer) {
  struct http *http = transfer->http;
  CHECK(transfer->state == TRANSFER_NEW || transfer->state == TRANSFER_ENDED);
  TRANSFER_SET(transfer, CURLOPT_HTTPHEADER, transfer->headers);
  if (transfer->setup != CURLE_OK) {
    transfer_post(transfer, transfer->setup);
    return;
  }
  if (lane_add(&http->lanes[transfer->lane], transfer->easy) != CURLM_OK) {
    transfer_post(transfer, CURLE_OUT_OF_MEMORY);
    return;
  }
  TAILQ_INSERT_TAIL(&http->running, transfer, link);
  transfer->state = TRANSFER_RUNNING;
  uv_update_time(http->loop); /* else the time that our caller took would count */
  transfer->deadline_ms = (int64_t)uv_now(http->loop) + http->connect_timeout + http->timeout;
  alarm_at(http, transfer->deadline_ms);
}

static void on_post(uv_timer_t *timer) {
  transfers_drain(timer->data);
}

static void post_soon(struct http *http) {
  CHECK(uv_timer_start(&http->post, on_post, 1, 0) == 0);
}

void transfer_post(struct transfer *transfer, CURLcode code) {
  struct http *http = transfer->http;
  CHECK(transfer->state != TRANSFER_POSTED);
  if (transfer->state == TRANSFER_RUNNING) {
    lane_remove(&http->lanes[transfer->lane], transfer->easy);
    TAILQ_REMOVE(&http->running, transfer, link);
  }
  TAILQ_INSERT_TAIL(&http->posted, transfer, link);
  transfer->state = TRANSFER_POSTED;
  transfer->code = code;
  if (!http->draining && !uv_is_active((uv_handle_t *)&http->post)) post_soon(http);
}

void transfer_release(struct transfer *transfer) {
  struct http *http = transfer->http;
  if (transfer->state == TRANSFER_RUNNING) {
    lane_remove(&http->lanes[transfer->lane], transfer->easy);
    TAILQ_REMOVE(&http->running, transfer, link);
  } else if (transfer->state == TRANSFER_POSTED) {
    TAILQ_REMOVE(&http->posted, transfer, link);
  }
  transfer->state = TRANSFER_ENDED;
  curl_easy_cleanup(transfer->easy);
  transfer->easy = NULL;
  transfer_forget_headers(transfer);
}

void transfers_drain(struct http *http) {
  CHECK(!http->draining);
  if (TAILQ_EMPTY(&http->posted)) return;
  http->draining = true;
  struct transfer_list batch = TAILQ_HEAD_INITIALIZER(batch);
  TAILQ_CONCAT(&batch, &http->posted, link);
  for (struct transfer *each; (each = TAILQ_FIRST(&batch)) != NULL;) {
    TAILQ_REMOVE(&batch, each, link);
    each->state = TRANSFER_ENDED;
    each->ended(each);
  }
  http->draining = false;
  /* What a callback has posted waits for the next turn, so that I/O gets one too. */
  if (TAILQ_EMPTY(&http->posted))
    CHECK(uv_timer_stop(&http->post) == 0);
  else
    post_soon(http);
}

/* ---- what lanes tell ---- */

static void on_lane_ended(void *context, CURL *easy, CURLcode code) {
  (void)context;
  char *private = NULL;
  CHECK(curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private) == CURLE_OK && private != NULL);
  struct transfer *transfer = (struct transfer *)(void *)private;
  bool cut = code == CURLE_OK && !transfer->headers_whole;
  transfer_post(transfer, cut ? CURLE_PARTIAL_FILE : code);
}

static void on_lane_broken(void *context, struct lane *lane, const char *why) {
  struct http *http = context;
  struct transfer *next;
  for (struct transfer *each = TAILQ_FIRST(&http->running); each != NULL; each = next) {
    next = TAILQ_NEXT(each, link);
    if (&http->lanes[each->lane] != lane) continue;
    transfer_post(each, CURLE_ABORTED_BY_CALLBACK);
    each->in_doubt = true;
    snprintf(each->failure, sizeof each->failure, "libcurl failed: %s", why);
  }
}

static void on_turn_over(void *context) {
  transfers_drain(context);
}

const struct lane_events transfer_lane_events = {
    .ended = on_lane_ended, .broken = on_lane_broken, .turn_over = on_turn_over};

/* ---- what became of it ---- */

const char *transfer_failure(const struct transfer *transfer) {
  if (transfer->refused)
    return "the link leads to an address that downloads may not reach (private, or not encrypted)";
  if (transfer->held_back)
    return "held back before it left: this process may no longer submit for its state";
  if (transfer->header_bytes > HEADER_BYTES_MAX)
    return "the headers of the reply are larger than any that are expected";
  if (transfer->lane == LANE_PAID && transfer->code == CURLE_ABORTED_BY_CALLBACK &&
      transfer->sendings > 0 && !transfer->in_doubt)
    return "the connection was closed before a reply came; sending again was prevented";
  /* Anything with a URL in it is not repeated: links are signed. */
  if (transfer->failure[0] == '\0' || strstr(transfer->failure, "://") != NULL)
    return curl_easy_strerror(transfer->code);
  return transfer->failure;
}

const char *transfer_reply_header(const struct transfer *transfer, const char *name) {
  struct curl_header *header = NULL;
  if (curl_easy_header(transfer->easy, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
    return NULL;
  return header->value;
}
