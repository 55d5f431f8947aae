/* Downloads: a link to a synced .part. A fetch waits for its place, opens the .part, asks for what
 * is missing, judges the reply before the first byte is written, and is synced by a thread. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/address.h"
#include "http/client.h"
#include "http/output.h"
#include "util/check.h"
#include "util/text.h"

/* Slower than this for so long is as good as hanging. */
#define SLOWEST_BYTES_PER_S 1000L
#define SLOWEST_FOR_S       60L
#define READ_BYTES          65536L

enum fetch_state { FETCH_WAITING, FETCH_ON_NETWORK, FETCH_SYNCING };

struct fetch {
  struct transfer transfer; /* first */
  TAILQ_ENTRY(fetch) fetches;
  enum fetch_state state;
  bool posted; /* its end is on its way */
  char *url, *path;
  struct output output;
  int64_t expected_bytes; /* -1: not known */
  int64_t total_bytes;    /* of the whole file, by this reply; -1: not known */
  bool asked_range, judged, judged_good;
  bool tried_anew; /* after a 416; once */
  enum fetch_result result;
  int64_t inode;
  char text[256];
  uv_work_t work;
  http_on_fetched *on_done;
  void *context;
};

/* What the first answer said of a file that is half here, so that the other half can be asked of
 * the same file only. */
struct remembered {
  struct remembered *next;
  char *path, *etag; /* strong */
  int64_t total_bytes;
};

static struct remembered **place_of(struct http *http, const char *path) {
  struct remembered **place = &http->remembered;
  while (*place != NULL && strcmp((*place)->path, path) != 0)
    place = &(*place)->next;
  return place;
}

static void forget(struct http *http, const char *path) {
  struct remembered **place = place_of(http, path), *found = *place;
  if (found == NULL) return;
  *place = found->next;
  free(found->path);
  free(found->etag);
  free(found);
}

static void remember(struct fetch *fetch) {
  struct http *http = fetch->transfer.http;
  const char *etag = transfer_reply_header(&fetch->transfer, "ETag");
  forget(http, fetch->path);
  if (etag == NULL || etag[0] != '"' || fetch->total_bytes < 0) return;
  struct remembered *new = calloc(1, sizeof *new);
  CHECK(new != NULL);
  new->path = strdup(fetch->path);
  new->etag = strdup(etag);
  CHECK(new->path != NULL &&new->etag != NULL);
  new->total_bytes = fetch->total_bytes;
  new->next = http->remembered;
  http->remembered = new;
}

static enum fetch_result say(struct fetch *fetch, enum fetch_result result, const char *text) {
  snprintf(fetch->text, sizeof fetch->text, "%s", text);
  return result;
}

/* ---- judging the reply ---- */

static int64_t content_length(const struct fetch *fetch) {
  curl_off_t length = -1;
  CHECK(curl_easy_getinfo(fetch->transfer.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length) ==
        CURLE_OK);
  return length;
}

/* "bytes 5-9/10" for a part from where ours ends; the total may be "*". */
static bool range_fits(struct fetch *fetch) {
  const char *text = transfer_reply_header(&fetch->transfer, "Content-Range");
  int64_t start = 0, end = 0;
  int read = 0;
  if (text == NULL || sscanf(text, "bytes %" SCNd64 "-%" SCNd64 "/%n", &start, &end, &read) != 2)
    return false;
  if (read == 0 || start != fetch->output.bytes || end < start) return false;
  if (strcmp(text + read, "*") == 0) return true;
  return text_to_int64(text + read, end + 1, INT64_MAX, &fetch->total_bytes);
}

static enum fetch_result judge_part(struct fetch *fetch) {
  if (!fetch->asked_range || !range_fits(fetch))
    return say(fetch, FETCH_LENGTH, "the server sent another part of the file than was asked for");
  if (fetch->total_bytes < 0 && content_length(fetch) >= 0)
    fetch->total_bytes = fetch->output.bytes + content_length(fetch);
  return FETCH_WHOLE;
}

static enum fetch_result judge_whole(struct fetch *fetch) {
  fetch->total_bytes = content_length(fetch);
  if (fetch->output.bytes == 0) return FETCH_WHOLE;
  enum fetch_result result = output_empty(&fetch->output); /* it would not resume */
  return result == FETCH_WHOLE ? result : say(fetch, result, fetch->output.text);
}

static enum fetch_result judge_status(struct fetch *fetch, long status) {
  if (status == 200) return judge_whole(fetch);
  if (status == 206) return judge_part(fetch);
  snprintf(fetch->text, sizeof fetch->text, "the server answered %ld", status);
  bool expired = status == 401 || status == 403 || status == 404 || status == 410;
  return expired ? FETCH_EXPIRED : FETCH_FAILED;
}

static enum fetch_result too_large(struct fetch *fetch) {
  snprintf(fetch->text, sizeof fetch->text, "larger than any result: above %" PRId64 " MB",
           fetch->transfer.http->fetch_bytes_max / 1000000);
  return FETCH_LENGTH;
}

static enum fetch_result judge_length(struct fetch *fetch, int64_t bytes) {
  if (bytes > fetch->transfer.http->fetch_bytes_max) return too_large(fetch);
  if (fetch->expected_bytes < 0 || bytes < 0 || bytes == fetch->expected_bytes) return FETCH_WHOLE;
  snprintf(fetch->text, sizeof fetch->text, "%" PRId64 " bytes instead of %" PRId64, bytes,
           fetch->expected_bytes);
  return FETCH_LENGTH;
}

/* Once, when the headers are known: whether this reply's body belongs into the .part. */
static bool judge(struct fetch *fetch) {
  if (fetch->judged) return fetch->judged_good;
  fetch->judged = true;
  long status = 0;
  CHECK(curl_easy_getinfo(fetch->transfer.easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK);
  fetch->result = judge_status(fetch, status);
  if (fetch->result == FETCH_WHOLE) fetch->result = judge_length(fetch, fetch->total_bytes);
  if (fetch->result == FETCH_WHOLE) remember(fetch);
  fetch->judged_good = fetch->result == FETCH_WHOLE;
  return fetch->judged_good;
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *context) {
  struct fetch *fetch = context;
  size *= count;
  transfer_moved(&fetch->transfer);
  if (!judge(fetch)) return CURL_WRITEFUNC_ERROR;
  int64_t limit = fetch->expected_bytes;
  if ((int64_t)size > fetch->transfer.http->fetch_bytes_max - fetch->output.bytes) {
    fetch->result = too_large(fetch);
    return CURL_WRITEFUNC_ERROR;
  }
  if (limit >= 0 && (int64_t)size > limit - fetch->output.bytes) {
    fetch->result = say(fetch, FETCH_LENGTH, "more bytes than were promised");
    return CURL_WRITEFUNC_ERROR;
  }
  fetch->result = output_write(&fetch->output, bytes, size);
  if (fetch->result == FETCH_WHOLE) return size;
  say(fetch, fetch->result, fetch->output.text);
  return CURL_WRITEFUNC_ERROR;
}

/* ---- life ---- */

static void fetches_start(struct http *http);

static void fetch_free(struct fetch *fetch) {
  output_release(&fetch->output);
  free(fetch->url);
  free(fetch->path);
  free(fetch);
}

static void leave_network(struct fetch *fetch) {
  if (fetch->state == FETCH_ON_NETWORK) fetch->transfer.http->fetching--;
}

static void fetch_finish(struct fetch *fetch) {
  struct http *http = fetch->transfer.http;
  if (fetch->result == FETCH_LENGTH) output_remove(&fetch->output);
  if (fetch->result == FETCH_LENGTH || fetch->result == FETCH_WHOLE) forget(http, fetch->path);
  leave_network(fetch);
  TAILQ_REMOVE(&http->fetches, fetch, fetches);
  http->under_way--;
  transfer_release(&fetch->transfer);
  struct http_fetch_done done = {.result = fetch->result};
  if (fetch->result == FETCH_WHOLE || fetch->result == FETCH_FAILED)
    done.bytes = fetch->output.bytes;
  if (fetch->result == FETCH_WHOLE) {
    done.inode = fetch->inode;
  } else {
    snprintf(done.text, sizeof done.text, "%s", fetch->text);
  }
  http_on_fetched *on_done = fetch->on_done;
  void *context = fetch->context;
  fetch_free(fetch);
  on_done(context, &done);
  fetches_start(http);
}

/* In a thread of libuv's pool: no submission waits for a disk. */
static void sync_in_thread(uv_work_t *work) {
  struct fetch *fetch = work->data;
  fetch->result = output_sync(&fetch->output, &fetch->inode);
}

static void on_synced(uv_work_t *work, int status) {
  struct fetch *fetch = work->data;
  if (fetch->transfer.http == NULL) { /* http_free did not wait */
    fetch_free(fetch);
    return;
  }
  CHECK(status == 0);
  if (fetch->result != FETCH_WHOLE) say(fetch, fetch->result, fetch->output.text);
  fetch_finish(fetch);
}

static void fetch_sync(struct fetch *fetch) {
  leave_network(fetch);
  fetch->state = FETCH_SYNCING;
  fetch->work.data = fetch;
  fetches_start(fetch->transfer.http);
  CHECK(uv_queue_work(fetch->transfer.http->loop, &fetch->work, sync_in_thread, on_synced) == 0);
}

static enum fetch_result result_of_whole(struct fetch *fetch) {
  if (!judge(fetch)) return fetch->result;
  if (fetch->output.bytes == 0) return say(fetch, FETCH_LENGTH, "an empty file");
  int64_t bytes = fetch->output.bytes;
  if (fetch->total_bytes >= 0 && bytes != fetch->total_bytes)
    return say(fetch, FETCH_LENGTH, "another length than the server had promised");
  return judge_length(fetch, bytes);
}

static enum fetch_result result_of(struct fetch *fetch) {
  if (fetch->transfer.code == CURLE_OK) return result_of_whole(fetch);
  if (fetch->judged && fetch->result != FETCH_WHOLE) return fetch->result;
  return say(fetch, FETCH_FAILED, transfer_failure(&fetch->transfer));
}

static bool range_was_refused(const struct fetch *fetch) {
  long status = 0;
  return fetch->asked_range && !fetch->tried_anew && !fetch->posted &&
         curl_easy_getinfo(fetch->transfer.easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
         status == 416;
}

/* What is here may be asked to be completed when the length of the whole is known. */
static void ask_for_rest(struct fetch *fetch) {
  struct transfer *transfer = &fetch->transfer;
  const struct remembered *known = *place_of(transfer->http, fetch->path);
  int64_t whole = fetch->expected_bytes;
  if (whole < 0 && known != NULL) whole = known->total_bytes;
  fetch->asked_range = fetch->output.bytes > 0 && fetch->output.bytes < whole;
  if (!fetch->asked_range) return;
  char text[256];
  snprintf(text, sizeof text, "%" PRId64 "-", fetch->output.bytes);
  TRANSFER_SET(transfer, CURLOPT_RANGE, text);
  if (known == NULL) return;
  int length = snprintf(text, sizeof text, "If-Range: %s", known->etag);
  if (length > 0 && (size_t)length < sizeof text) transfer_header(transfer, text);
}

static void fetch_request(struct fetch *fetch) {
  struct transfer *transfer = &fetch->transfer;
  fetch->judged = false;
  fetch->total_bytes = -1;
  ask_for_rest(fetch);
  if (!fetch->asked_range && fetch->output.bytes > 0) {
    fetch->result = output_empty(&fetch->output);
    if (fetch->result != FETCH_WHOLE) {
      say(fetch, fetch->result, fetch->output.text);
      fetch->posted = true;
      transfer_post(transfer, CURLE_WRITE_ERROR);
      return;
    }
  }
  transfer_start(transfer);
}

static void fetch_try_anew(struct fetch *fetch) {
  fetch->tried_anew = true;
  forget(fetch->transfer.http, fetch->path);
  fetch->result = output_empty(&fetch->output);
  if (fetch->result != FETCH_WHOLE) {
    say(fetch, fetch->result, fetch->output.text);
    fetch_finish(fetch);
    return;
  }
  TRANSFER_SET(&fetch->transfer, CURLOPT_RANGE, NULL);
  transfer_forget_headers(&fetch->transfer);
  fetch_request(fetch);
}

static void fetch_ended(struct transfer *transfer) {
  struct fetch *fetch = (struct fetch *)(void *)transfer;
  if (range_was_refused(fetch)) {
    fetch_try_anew(fetch);
    return;
  }
  if (!fetch->posted) fetch->result = result_of(fetch);
  if (fetch->result == FETCH_WHOLE)
    fetch_sync(fetch);
  else
    fetch_finish(fetch);
}

static void fetch_post(struct fetch *fetch, enum fetch_result result, const char *text) {
  fetch->posted = true;
  fetch->result = say(fetch, result, text);
  transfer_post(&fetch->transfer, CURLE_ABORTED_BY_CALLBACK);
}

static void set_options(struct fetch *fetch) {
  struct transfer *transfer = &fetch->transfer;
  struct http *http = transfer->http;
  transfer->stalls = true;
  TRANSFER_SET(transfer, CURLOPT_URL, fetch->url);
  TRANSFER_SET(transfer, CURLOPT_WRITEFUNCTION, on_bytes);
  TRANSFER_SET(transfer, CURLOPT_WRITEDATA, fetch);
  TRANSFER_SET(transfer, CURLOPT_BUFFERSIZE, READ_BYTES);
  TRANSFER_SET(transfer, CURLOPT_LOW_SPEED_LIMIT, SLOWEST_BYTES_PER_S);
  TRANSFER_SET(transfer, CURLOPT_LOW_SPEED_TIME, SLOWEST_FOR_S);
  /* Set, so that libcurl does not look for one by itself: whether the address of a socket is the
   * proxy's or the server's must be known. */
  TRANSFER_SET(transfer, CURLOPT_PROXY, http->fetch_proxy == NULL ? "" : http->fetch_proxy);
  TRANSFER_SET(transfer, CURLOPT_NOPROXY, "");
}

static bool link_is_allowed(const struct fetch *fetch) {
  struct url_facts facts;
  if (!url_look(fetch->url, &facts)) return false;
  return facts.https || (facts.loopback && fetch->transfer.http->loopback);
}

static void fetch_begin(struct fetch *fetch) {
  fetch->state = FETCH_ON_NETWORK;
  fetch->transfer.http->fetching++;
  if (!link_is_allowed(fetch)) {
    fetch_post(fetch, FETCH_FAILED, "the link is none that downloads may follow (https only)");
    return;
  }
  enum fetch_result result = output_open(&fetch->output);
  if (result != FETCH_WHOLE) {
    fetch_post(fetch, result, fetch->output.text);
    return;
  }
  set_options(fetch);
  fetch_request(fetch);
}

static void fetches_start(struct http *http) {
  struct fetch *next;
  for (struct fetch *each = TAILQ_FIRST(&http->fetches); each != NULL; each = next) {
    next = TAILQ_NEXT(each, fetches);
    if (http->fetching >= FETCHES_AT_ONCE_MAX) return;
    if (each->state == FETCH_WAITING && !each->posted) fetch_begin(each);
  }
}

void http_fetch(struct http *http, const char *url, const char *base, const char *path,
                int64_t expected_bytes, http_on_fetched *on_done, void *context) {
  struct fetch *fetch = calloc(1, sizeof *fetch);
  CHECK(fetch != NULL);
  fetch->url = strdup(url);
  fetch->path = strdup(path);
  CHECK(fetch->url != NULL && fetch->path != NULL);
  fetch->expected_bytes = expected_bytes;
  fetch->on_done = on_done;
  fetch->context = context;
  output_init(&fetch->output, base, path, http->mask);
  transfer_init(&fetch->transfer, http, LANE_FETCHES, fetch_ended);
  TAILQ_INSERT_TAIL(&http->fetches, fetch, fetches);
  http->under_way++;
  fetches_start(http);
}

void http_stop_fetches(struct http *http) {
  struct fetch *each;
  TAILQ_FOREACH(each, &http->fetches, fetches) {
    bool over = each->posted || each->state == FETCH_SYNCING;
    if (!over && each->transfer.state != TRANSFER_POSTED) fetch_post(each, FETCH_FAILED, "stopped");
  }
}

void fetches_free(struct http *http) {
  for (struct fetch *each; (each = TAILQ_FIRST(&http->fetches)) != NULL;) {
    TAILQ_REMOVE(&http->fetches, each, fetches);
    transfer_release(&each->transfer);
    each->transfer.http = NULL;
    if (each->state != FETCH_SYNCING) fetch_free(each); /* else on_synced does */
  }
  while (http->remembered != NULL)
    forget(http, http->remembered->path);
}
