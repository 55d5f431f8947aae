/* HTTP on the event loop: libcurl's multi interface on libuv. One request, one completion.
 *
 * API requests never follow redirects, have a ceiling on their headers and body, and carry the
 * token. The paid POST leaves at most once: libcurl 7.88 would send it again on a connection that
 * died (docs/decisions). Downloads carry no token, allow https only (loopback http for a loopback
 * API), few redirects, and no private addresses unless the API itself is on loopback.
 *
 * TLS is verified, always, at 1.2 or newer, against the system's authorities or, as
 * curl and others do, against those of the file that SSL_CERT_FILE names.
 *
 * A proxy named by the environment (https_proxy, all_proxy, no_proxy as curl reads them) is used,
 * but never for a loopback API. Downloads then all go through it and the proxy decides which
 * addresses it reaches.
 *
 * Idle connections are kept and watched, so the loop stays alive until http_free. The program must
 * ignore SIGPIPE (and SIGXFSZ, where a file size limit may be set). */
#ifndef NIGHTSHIFT_HTTP_H
#define NIGHTSHIFT_HTTP_H

#include <sys/types.h>

#include "nightshift/core.h"
#include "nightshift/error.h"
#include "nightshift/types.h"
#include "nightshift/wire.h"

struct secret;
struct uv_loop_s;
struct http;

struct http_options {
  const char *api_url; /* base, without a trailing slash */
  struct secret *const *tokens;
  size_t token_count;
  duration_ms connect_timeout; /* real time; name, connection and TLS */
  /* Real time; api.timeout. A call: from the moment its request leaves to the end of its reply. An
   * upload or a download: the longest time without a byte moving. */
  duration_ms timeout;
  const char *user_agent;
  mode_t mask; /* of results and their directories, as umask gives it */
};

/* Copies the options. Errors: ERR_USAGE (a URL that is none, or plain http to another machine; a
 * token that cannot stand in a header), ERR_NOMEM, ERR_IO. */
int http_new(struct http **http, struct uv_loop_s *loop, const struct http_options *options,
             struct error *error);
/* One more token, of a config that was read again; one that is there keeps its index. ERR_USAGE as
 * http_new. */
int http_add_token(struct http *http, const struct secret *token, token_index *index,
                   struct error *error);
/* Asked right before the bytes of a paid call leave: false holds it back, and it is told as one
 * that was certainly not sent. NULL: nobody is asked. */
void http_set_gate(struct http *http, bool (*may_leave)(void *context), void *context);
/* Cancels what is under way without calling back, closes. The loop must run once more after it
 * (until nothing is active), which frees the rest. Not from within a callback of http's. */
void http_free(struct http *http);
/* Whether the API is on loopback: localhost, 127.0.0.0/8 or ::1. */
bool http_api_is_loopback(const char *api_url);

/* One API call. `request` is copied; `paid` gives the guard of the paid POST. on_done is called
 * once, from the loop, never from within http_send; the reply's memory is valid during the call
 * only. `begun_boot_ms` (CLOCK_BOOTTIME) is when the request was handed to the network; for one
 * that never was, when http_send was called.
 *
 * A body file is opened and its size compared at once: one that changed is WIRE_NOT_SENT, one that
 * changes while it is being sent never ends well (the last bytes are kept back). */
typedef void http_on_reply(void *context, const struct wire_reply *reply, int64_t begun_boot_ms);
void http_send(struct http *http, token_index token, const struct wire_request *request, bool paid,
               http_on_reply *on_done, void *context);

/* Fetches `url` to `path`.part, making missing directories below `base` (the batch's directory;
 * NULL or one that the path does not begin with: below the root) and following no symbolic link on
 * the way but one that the user has made to a directory of their own, resuming what is there when
 * the server agrees (If-Range by the validator of the first answer, kept only in memory; a .part of
 * an earlier process is begun anew unless its length is below the expected length and the server
 * answers 206 for the same total). `expected_bytes` -1: unknown. The .part is synced when whole.
 * Results as core.h's enum fetch_result says; with FETCH_LENGTH the .part is gone. At most 8 are
 * fetched at once, the others wait in order. on_done as for http_send; `text` holds no part of the
 * link but its host. */
struct http_fetch_done {
  enum fetch_result result;
  int64_t bytes, inode;
  char text[256];
};
typedef void http_on_fetched(void *context, const struct http_fetch_done *done);
void http_fetch(struct http *http, const char *url, const char *base, const char *path,
                int64_t expected_bytes, http_on_fetched *on_done, void *context);
/* Looks whether a result could be fetched to `path`, and makes nothing: its directory, or the
 * nearest one above that is there, is one that http_fetch would open and write to. False only for
 * what lasts until a person mends it; *error says what. Blocking, quick; any thread. */
bool http_can_land(const char *base, const char *path, struct error *error);
/* Removes `path`.part, reached in the same way; one that is not there is as good as gone. */
void http_discard(const char *base, const char *path);

/* How many requests and fetches are under way: those whose callback is still to come. */
size_t http_under_way(const struct http *http);
/* Cancels all fetches (their .part stays), calling back FETCH_FAILED from the loop; one that is
 * whole and being synced ends as it would have. API calls go on. */
void http_stop_fetches(struct http *http);

/* Renames `path`.part, which must have `bytes` and `inode`, to `path` without replacing a file that
 * is there (then to NAME.new.EXT, NAME.new2.EXT … up to 99, told in `kept`), and syncs the
 * directory. With `overwrite` a file that is there is replaced. A `path` (or a NAME.new.EXT) that
 * already has this inode and length counts as done, so that it can be called again after a crash.
 * The directory is opened once, as http_fetch does, and everything is done within it.
 * `error` is filled for LOST and FAILED. Needs no struct http; blocking, quick; any thread. */
enum publish_result http_publish(const char *base, const char *path, int64_t bytes, int64_t inode,
                                 bool overwrite, char *kept, size_t kept_size, struct error *error);

#endif
