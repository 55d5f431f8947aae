/* One request to its single completion: what an API call and a download have in common. Counts how
 * often the request was sent, stops it when its time is over, reports its end from the loop. */
#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "http/loop.h"

struct http;
struct transfer;

enum lane_kind {
  LANE_CALLS,
  LANE_PAID, /* connections of its own: all of them drop what is unsent when they are closed */
  LANE_FETCHES,
  LANE_COUNT
};

enum transfer_state {
  TRANSFER_NEW,
  TRANSFER_RUNNING,
  TRANSFER_POSTED, /* over, not yet told */
  TRANSFER_ENDED
};

/* May start it again, or release and free it. */
typedef void transfer_ended(struct transfer *transfer);

/* The first member of an API call or a fetch. */
struct transfer {
  TAILQ_ENTRY(transfer) link; /* in http's running or posted */
  struct http *http;
  enum lane_kind lane;
  enum transfer_state state;
  CURL *easy;
  struct curl_slist *headers;
  CURLcode setup;      /* of the first option that could not be set */
  CURLcode code;       /* how it ended */
  bool in_doubt;       /* libcurl itself failed: whatever was counted, it may have been sent */
  bool stalls;         /* its time begins anew with every byte that moves */
  bool refused;        /* its host leads where downloads may not go */
  bool held_back;      /* the gate did not let it leave */
  bool headers_whole;  /* of the last reply, to their empty line */
  size_t header_bytes; /* of all replies of it: interim ones, redirects, trailers */
  int sendings;
  int64_t begun_boot_ms; /* first sending, else start */
  int64_t deadline_ms;   /* on uv_now's clock */
  char failure[CURL_ERROR_SIZE];
  transfer_ended *ended;
};

/* Sets an option, remembering the first that fails; transfer_start then ends the transfer. */
#define TRANSFER_SET(transfer, option, value)                                                      \
  ((transfer)->setup = (transfer)->setup != CURLE_OK                                               \
                           ? (transfer)->setup                                                     \
                           : curl_easy_setopt((transfer)->easy, (option), (value)))

void transfer_init(struct transfer *transfer, struct http *http, enum lane_kind lane,
                   transfer_ended *ended);
/* The line is copied; transfer_release wipes it. */
void transfer_header(struct transfer *transfer, const char *line);
void transfer_forget_headers(struct transfer *transfer);
void transfer_start(struct transfer *transfer);
/* Ends it, whatever it was doing: `ended` is called from the loop. Our own words go to `failure`
 * after this. */
void transfer_post(struct transfer *transfer, CURLcode code);
void transfer_release(struct transfer *transfer);

/* A byte has moved. */
void transfer_moved(struct transfer *transfer);
/* Why it failed, in libcurl's words without anything secret, or ours. */
const char *transfer_failure(const struct transfer *transfer);
/* The last value of a reply's header, or NULL. */
const char *transfer_reply_header(const struct transfer *transfer, const char *name);

/* The handlers of lanes and timers; the context is struct http. */
extern const struct lane_events transfer_lane_events;
/* Calls back all that is posted. */
void transfers_drain(struct http *http);

int64_t boot_now_ms(void);

#endif
