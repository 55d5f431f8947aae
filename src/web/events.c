/* GET /events: those who watch, by server-sent events. Nothing waits for any of them in memory:
 * what a watcher is told next is written when he has taken what came before, from the newest
 * picture, and watchers who know as much share the same bytes. One who takes nothing for some
 * seconds is gone. */
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "util/check.h"
#include "util/text.h"
#include "web/web.h"

#define WATCHERS_MOST   64
#define FRAMES_KEPT     16
#define FRAME_BYTES_MAX ((size_t)1024 * 1024)
#define BLOCK_BYTES     ((size_t)12 * 1024)
#define BEAT_MS         15000
#define SOCKET_BYTES    (64 * 1024) /* no more waits in the kernel for one who has stopped */
#define SILENT_MS       20000       /* before a peer that acknowledges nothing is gone */

/* One event, shared by all who are told it. */
struct frame {
  unsigned holders;
  struct web_place from, to;
  struct buffer bytes;
};

struct watcher {
  struct watcher *next;
  struct web *web;
  struct MHD_Connection *connection;
  struct web_place place;
  struct frame *frame; /* being told; NULL: none */
  size_t taken;        /* of its bytes */
  bool sleeps;         /* his connection is suspended: nothing is new */
  uint64_t told_ms;
};

struct watchers {
  struct watcher *first;
  size_t count;
  uint64_t run; /* tells the places of this run from those of another */
  struct frame *kept[FRAMES_KEPT];
  size_t next_kept;
};

struct watchers *watchers_new(void) {
  struct watchers *watchers = calloc(1, sizeof *watchers);
  CHECK(watchers != NULL && "out of memory");
  CHECK(getrandom(&watchers->run, sizeof watchers->run, 0) == (ssize_t)sizeof watchers->run);
  return watchers;
}

/* ---- frames ---- */

static void let_go(struct frame *frame) {
  if (frame == NULL || --frame->holders > 0) return;
  buffer_release(&frame->bytes);
  free(frame);
}

static void forget_frames(struct watchers *watchers) {
  for (size_t i = 0; i < FRAMES_KEPT; i++) {
    let_go(watchers->kept[i]);
    watchers->kept[i] = NULL;
  }
}

void watchers_free(struct watchers *watchers) {
  if (watchers == NULL) return;
  forget_frames(watchers);
  free(watchers);
}

static bool is_same_place(const struct web_place *a, const struct web_place *b) {
  return a->since == b->since && a->goal == b->goal && a->part == b->part && a->at == b->at;
}

static struct frame *find_frame(const struct watchers *watchers, const struct web_place *from) {
  for (size_t i = 0; i < FRAMES_KEPT; i++)
    if (watchers->kept[i] != NULL && is_same_place(&watchers->kept[i]->from, from))
      return watchers->kept[i];
  return NULL;
}

static void keep(struct watchers *watchers, struct frame *frame) {
  struct frame **kept = &watchers->kept[watchers->next_kept++ % FRAMES_KEPT];
  let_go(*kept);
  *kept = frame;
  frame->holders++;
}

/* Its number stands first, but is known last. NULL: nothing is new. */
static struct frame *make_frame(struct web *web, const struct web_place *from) {
  struct frame *frame = calloc(1, sizeof *frame);
  struct buffer piece;
  CHECK(frame != NULL && "out of memory");
  frame->from = frame->to = *from;
  buffer_init(&frame->bytes, FRAME_BYTES_MAX);
  buffer_init(&piece, FRAME_BYTES_MAX);
  bool news = web->options.next(web->options.context, &frame->to, &piece);
  if (news && frame->to.goal == 0)
    buffer_printf(&frame->bytes, "id: %016" PRIx64 "-%" PRIu64 "\n", web->watchers->run,
                  frame->to.since);
  if (news) buffer_printf(&frame->bytes, "data: %s\n\n", buffer_string(&piece));
  buffer_release(&piece);
  if (news) return frame;
  frame->holders = 1;
  let_go(frame);
  return NULL;
}

/* ---- what a watcher is told next ---- */

static bool take_news(struct watcher *watcher) {
  struct watchers *watchers = watcher->web->watchers;
  struct frame *frame = find_frame(watchers, &watcher->place);
  if (frame == NULL) {
    frame = make_frame(watcher->web, &watcher->place);
    if (frame == NULL) return false;
    keep(watchers, frame);
  }
  frame->holders++;
  watcher->frame = frame;
  watcher->place = frame->to;
  return true;
}

static duration_ms beat_ms(const struct web *web) {
  return web->options.beat > 0 ? web->options.beat : BEAT_MS;
}

static bool is_due(const struct watcher *watcher) {
  return web_now(watcher->web) - watcher->told_ms >= (uint64_t)beat_ms(watcher->web);
}

/* So that both sides notice when the other is gone. */
static void take_beat(struct watcher *watcher) {
  watcher->frame = calloc(1, sizeof *watcher->frame);
  CHECK(watcher->frame != NULL && "out of memory");
  watcher->frame->holders = 1;
  buffer_init(&watcher->frame->bytes, 16);
  buffer_text(&watcher->frame->bytes, ":\n\n");
}

static size_t take_bytes(struct watcher *watcher, char *bytes, size_t room) {
  const struct buffer *all = &watcher->frame->bytes;
  size_t size = all->length - watcher->taken < room ? all->length - watcher->taken : room;
  memcpy(bytes, all->bytes + watcher->taken, size);
  watcher->taken += size;
  if (watcher->taken < all->length) return size;
  let_go(watcher->frame);
  watcher->frame = NULL;
  watcher->taken = 0;
  return size;
}

/* libmicrohttpd has let go of what came before, and asks for more. */
static ssize_t on_ready(void *context, uint64_t position, char *bytes, size_t room) {
  struct watcher *watcher = context;
  (void)position;
  if (watcher->web->stopping) return MHD_CONTENT_READER_END_OF_STREAM;
  if (watcher->frame == NULL && !take_news(watcher)) {
    if (!is_due(watcher)) {
      MHD_suspend_connection(watcher->connection);
      watcher->sleeps = true;
      return 0;
    }
    take_beat(watcher);
  }
  watcher->told_ms = web_now(watcher->web);
  return (ssize_t)take_bytes(watcher, bytes, room);
}

/* ---- coming and going ---- */

static void on_gone(void *context) {
  struct watcher *watcher = context;
  struct watchers *watchers = watcher->web->watchers;
  struct watcher **at = &watchers->first;
  while (*at != watcher)
    at = &(*at)->next;
  *at = watcher->next;
  watchers->count--;
  let_go(watcher->frame);
  free(watcher);
}

/* "RUN-SINCE" of this run; else he is told the whole. */
static void read_place(const struct web *web, struct MHD_Connection *connection,
                       struct web_place *place) {
  char run[40];
  const char *known = web_header(connection, "Last-Event-ID");
  int length = snprintf(run, sizeof run, "%016" PRIx64 "-", web->watchers->run);
  int64_t since;
  if (known == NULL || strncmp(known, run, (size_t)length) != 0) return;
  if (text_to_int64(known + length, 0, INT64_MAX, &since)) place->since = (uint64_t)since;
}

static void let_stay(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  struct visitor *visitor = info == NULL ? NULL : info->socket_context;
  int bytes = SOCKET_BYTES;
  unsigned silent_ms = SILENT_MS;
  if (visitor == NULL) return;
  visitor->stays = true;
  /* Where the system refuses these, a watcher who has stopped is only noticed later. */
  (void)setsockopt(visitor->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  (void)setsockopt(visitor->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silent_ms, sizeof silent_ms);
}

enum MHD_Result web_answer_events(struct visit *visit) {
  struct web *web = visit->web;
  if (web->watchers->count >= WATCHERS_MOST)
    return web_say(visit->connection, MHD_HTTP_SERVICE_UNAVAILABLE, "too many watch already\n");
  struct watcher *watcher = calloc(1, sizeof *watcher);
  CHECK(watcher != NULL && "out of memory");
  *watcher = (struct watcher){.next = web->watchers->first,
                              .web = web,
                              .connection = visit->connection,
                              .told_ms = web_now(web)};
  read_place(web, visit->connection, &watcher->place);
  struct MHD_Response *response =
      MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, on_ready, watcher, on_gone);
  if (response == NULL) {
    free(watcher);
    return MHD_NO;
  }
  web->watchers->first = watcher;
  web->watchers->count++;
  let_stay(visit->connection);
  web->options.on_watcher(web->options.context);
  return web_send(visit->connection, MHD_HTTP_OK, "text/event-stream", WEB_KEEP_NOT, response);
}

/* ---- waking ---- */

static void wake(struct watcher *watcher) {
  watcher->sleeps = false;
  MHD_resume_connection(watcher->connection);
  web_turn_soon(watcher->web);
}

void web_news(struct web *web) {
  forget_frames(web->watchers);
  for (struct watcher *watcher = web->watchers->first; watcher != NULL; watcher = watcher->next)
    if (watcher->sleeps) wake(watcher);
}

void watchers_beat(struct web *web) {
  for (struct watcher *watcher = web->watchers->first; watcher != NULL; watcher = watcher->next)
    if (watcher->sleeps && is_due(watcher)) wake(watcher);
}

void watchers_release(struct web *web) {
  for (struct watcher *watcher = web->watchers->first; watcher != NULL; watcher = watcher->next)
    if (watcher->sleeps) wake(watcher);
}

size_t web_watchers(const struct web *web) {
  return web->watchers->count;
}
