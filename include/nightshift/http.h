/* HTTP on the event loop: libcurl's multi interface on libuv. One request, one completion.
 *
 * API requests never follow redirects, have a ceiling on their body, and carry the token. The paid
 * POST leaves at most once: libcurl 7.88 would send it again on a connection that died
 * (docs/decisions). Downloads carry no token, allow https only (loopback http for a loopback API),
 * few redirects, and no private addresses unless the API itself is on loopback. */
#ifndef NIGHTSHIFT_HTTP_H
#define NIGHTSHIFT_HTTP_H

#include "nightshift/core.h"
#include "nightshift/error.h"
#include "nightshift/types.h"
#include "nightshift/wire.h"

struct uv_loop_s;
struct http;

struct http_options {
  const char *api_url; /* base, without a trailing slash */
  const char *const *tokens;
  size_t token_count;
  duration_ms connect_timeout; /* real time */
  duration_ms timeout;         /* real time, for one call without uploads; api.timeout */
  const char *user_agent;
};

/* Errors: ERR_USAGE (a URL that is none), ERR_NOMEM, ERR_IO. */
int http_new(struct http **http, struct uv_loop_s *loop, const struct http_options *options,
             struct error *error);
/* Cancels what is under way without calling back, closes. The loop must run once more after it. */
void http_free(struct http *http);
/* Whether the API is on loopback. */
bool http_api_is_loopback(const char *api_url);

/* One API call. `request` is copied; `paid` gives the guard of the paid POST. on_done is called
 * once, from the loop, never from within http_send; the reply's memory is valid during the call
 * only. `begun_real_ms` (CLOCK_BOOTTIME) is when the request was handed to the network. */
typedef void http_on_reply(void *context, const struct wire_reply *reply, int64_t begun_boot_ms);
void http_send(struct http *http, token_index token, const struct wire_request *request, bool paid,
               http_on_reply *on_done, void *context);

/* Fetches `url` to `path`.part, resuming what is there when the server agrees (If-Range by the
 * validator of the first answer, kept only in memory; a .part of an earlier process is begun anew
 * unless its length is below the expected length and the server answers 206 for the same total).
 * The .part is synced when whole. Results as core.h's enum fetch_result says. */
struct http_fetch_done {
  enum fetch_result result;
  int64_t bytes, inode;
  char text[256];
};
typedef void http_on_fetched(void *context, const struct http_fetch_done *done);
void http_fetch(struct http *http, const char *url, const char *path, int64_t expected_bytes,
                http_on_fetched *on_done, void *context);

/* How many requests and fetches are under way. */
size_t http_under_way(const struct http *http);
/* Cancels all fetches (their .part stays), calling back FETCH_FAILED; API calls go on. */
void http_stop_fetches(struct http *http);

/* Renames `path`.part, which must have `bytes` and `inode`, to `path` without replacing a file that
 * is there (then to NAME.new.EXT, NAME.new2.EXT …, told in `kept`), and syncs the directory. With
 * `overwrite` a file that is there is replaced. A `path` that already has this inode and length
 * counts as done. Blocking, quick. */
enum publish_result http_publish(const char *path, int64_t bytes, int64_t inode, bool overwrite,
                                 char *kept, size_t kept_size, struct error *error);

#endif
