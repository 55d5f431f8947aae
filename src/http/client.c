/* The life of struct http: options checked and copied, lanes opened, everything closed. */
#include "http/client.h"

#include <stdlib.h>
#include <string.h>

#include "http/address.h"
#include "util/check.h"
#include "util/secret.h"
#include "util/text.h"

static int check_url(const char *url, struct error *error) {
  struct url_facts facts;
  if (url == NULL || !url_look(url, &facts) || facts.has_query)
    return error_set(error, ERR_USAGE, "the API's URL must be like https://host/path");
  if (!facts.https && !facts.loopback)
    return error_set(error, ERR_USAGE,
                     "the API's URL must begin with https:// (plain http only to this machine): "
                     "the token would be readable on the way");
  return 0;
}

static int check_token(const struct secret *secret, size_t number, struct error *error) {
  const char *token = secret_reveal(secret);
  if (token[0] == '\0') return error_set(error, ERR_USAGE, "token %zu is empty", number);
  for (; *token != '\0'; token++)
    if (*token <= ' ' || *token > '~')
      return error_set(error, ERR_USAGE, "token %zu holds a space or a character beyond ASCII",
                       number);
  return 0;
}

static int check_tokens(const struct http_options *options, struct error *error) {
  int result = 0;
  for (size_t i = 0; i < options->token_count && result == 0; i++)
    result = check_token(options->tokens[i], i + 1, error);
  return result;
}

/* As curl reads it for https. */
static const char *proxy_of_environment(void) {
  static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const char *value = getenv(names[i]);
    if (value != NULL && value[0] != '\0') return value;
  }
  return NULL;
}

/* As OpenSSL and most programs on it read it. */
static const char *authorities_of_environment(void) {
  const char *value = getenv("SSL_CERT_FILE");
  return value == NULL || value[0] == '\0' ? NULL : value;
}

/* Paths begin with a slash of their own. */
static void drop_last_slashes(char *url) {
  for (size_t size = strlen(url); size > 0 && url[size - 1] == '/'; size--)
    url[size - 1] = '\0';
}

static bool copy_options(struct http *http, const struct http_options *options) {
  http->loopback = http_api_is_loopback(options->api_url);
  http->connect_timeout = options->connect_timeout;
  http->timeout = options->timeout;
  http->mask = options->mask;
  http->api_url = strdup(options->api_url);
  http->user_agent = strdup(options->user_agent);
  const char *proxy = http->loopback ? NULL : proxy_of_environment();
  if (proxy != NULL) http->fetch_proxy = strdup(proxy);
  const char *authorities = authorities_of_environment();
  if (authorities != NULL) http->authorities = strdup(authorities);
  http->tokens = calloc(options->token_count + 1, sizeof(struct secret *));
  if (http->api_url == NULL || http->user_agent == NULL || http->tokens == NULL ||
      (proxy != NULL && http->fetch_proxy == NULL) ||
      (authorities != NULL && http->authorities == NULL))
    return false;
  drop_last_slashes(http->api_url);
  for (; http->token_count < options->token_count; http->token_count++)
    http->tokens[http->token_count] = secret_copy(options->tokens[http->token_count]);
  return true;
}

void http_set_gate(struct http *http, bool (*may_leave)(void *context), void *context) {
  http->may_leave = may_leave;
  http->gate_context = context;
}

int http_add_token(struct http *http, const struct secret *token, token_index *index,
                   struct error *error) {
  int result = check_token(token, http->token_count + 1, error);
  if (result != 0) return result;
  for (size_t i = 0; i < http->token_count; i++) {
    if (!secret_is(http->tokens[i], secret_reveal(token))) continue;
    *index = (token_index)i;
    return 0;
  }
  struct secret **tokens = realloc(http->tokens, (http->token_count + 2) * sizeof *tokens);
  if (tokens == NULL) return error_set(error, ERR_NOMEM, "no memory for a token");
  http->tokens = tokens;
  tokens[http->token_count] = secret_copy(token);
  *index = (token_index)http->token_count++;
  return 0;
}

static void memory_free(struct http *http) {
  for (size_t i = 0; i < http->token_count; i++)
    secret_free(http->tokens[i]);
  free(http->tokens);
  free(http->api_url);
  free(http->user_agent);
  free(http->fetch_proxy);
  free(http->authorities);
  free(http);
}

static void handle_closed(struct http *http) {
  if (--http->open_handles > 0) return;
  memory_free(http);
  curl_global_cleanup();
}

static void on_timer_closed(uv_handle_t *timer) {
  handle_closed(timer->data);
}

static void on_lane_closed(uv_handle_t *timer) {
  struct lane *lane = timer->data;
  handle_closed(lane->context);
}

static bool open_lanes(struct http *http) {
  bool good = true;
  for (int i = 0; i < LANE_COUNT; i++) {
    good &= lane_open(&http->lanes[i], http->loop, &transfer_lane_events, http);
    http->open_handles++;
  }
  /* A request that is ours no more must not arrive later: closing the connection, or dying, drops
   * what the kernel still holds of it. */
  http->lanes[LANE_PAID].reset_on_close = true;
  return good;
}

static void open_timers(struct http *http) {
  CHECK(uv_timer_init(http->loop, &http->alarm) == 0);
  CHECK(uv_timer_init(http->loop, &http->post) == 0);
  http->alarm.data = http->post.data = http;
  http->open_handles += 2;
}

int http_new(struct http **http, struct uv_loop_s *loop, const struct http_options *options,
             struct error *error) {
  int code = check_url(options->api_url, error);
  if (code == 0) code = check_tokens(options, error);
  if (code != 0) return code;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return error_set(error, ERR_IO, "libcurl cannot be set up");
  struct http *new = calloc(1, sizeof *new);
  if (new == NULL || !copy_options(new, options)) {
    if (new != NULL) memory_free(new);
    curl_global_cleanup();
    return error_set(error, ERR_NOMEM, "no memory for HTTP");
  }
  new->loop = loop;
  new->fetch_bytes_max = FETCH_BYTES_MAX;
  TAILQ_INIT(&new->running);
  TAILQ_INIT(&new->posted);
  TAILQ_INIT(&new->fetches);
  open_timers(new);
  if (!open_lanes(new)) {
    http_free(new);
    return error_set(error, ERR_NOMEM, "no memory for HTTP");
  }
  *http = new;
  return 0;
}

static void calls_free(struct transfer_list *list) {
  while (!TAILQ_EMPTY(list)) /* each leaves the list */
    call_free(TAILQ_FIRST(list));
}

void http_free(struct http *http) {
  if (http == NULL) return;
  CHECK(!http->draining);
  fetches_free(http);
  calls_free(&http->running); /* with the fetches gone, only calls are left */
  calls_free(&http->posted);
  for (int i = 0; i < LANE_COUNT; i++)
    lane_close(&http->lanes[i], on_lane_closed);
  uv_close((uv_handle_t *)&http->alarm, on_timer_closed);
  uv_close((uv_handle_t *)&http->post, on_timer_closed);
}

size_t http_under_way(const struct http *http) {
  return http->under_way;
}
