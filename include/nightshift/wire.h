/* Calls to bytes and bytes to answers. Pure: no socket, no clock. cJSON lives here.
 *
 * Every form that service.md allows is read; what is beyond a limit or unreadable becomes an
 * outcome OUTCOME_UNREADABLE, never a crash. No secret of a reply (jwt, password of /accounts) is
 * kept. */
#ifndef NIGHTSHIFT_WIRE_H
#define NIGHTSHIFT_WIRE_H

#include "nightshift/call.h"
#include "nightshift/outcome.h"

struct arena;

/* Without the Authorization header, which only http/ adds. */
struct wire_request {
  const char *method; /* GET, POST, DELETE */
  const char *path;   /* below the API's base, with query, percent-encoded: "/tasks/?email=…" */
  const char *content_type; /* NULL: no body */
  const char *body;         /* NULL: none, or the file `body_path` */
  size_t body_bytes;
  const char *body_path; /* the body is this file's bytes */
  int64_t body_path_bytes;
};
/* Memory from `arena`. */
void wire_encode(const struct call *call, struct arena *arena, struct wire_request *request);

enum wire_transport {
  WIRE_REPLIED,  /* a whole reply: status, headers, body */
  WIRE_NOT_SENT, /* certainly not one byte of the request left */
  WIRE_NO_REPLY  /* it may have arrived, no whole reply came */
};

struct wire_reply {
  enum wire_transport transport;
  int status;
  const char *content_type; /* may be NULL */
  const char *retry_after;  /* the header's text, may be NULL */
  const char *date; /* the Date header, may be NULL: against which a Retry-After date counts */
  const char *body; /* not NUL-terminated */
  size_t body_bytes;
  const char *failure; /* transport's words when there was no reply */
};

/* The largest body that is read; http/ stops a larger one. A listing of 1,000 tasks is about 3 MB.
 */
#define WIRE_BODY_MAX ((size_t)32 * 1024 * 1024)

/* Memory from `arena`; never fails: what cannot be read is an outcome. `now` (UTC) is only for a
 * Retry-After that is a date when the reply has no Date of its own. */
void wire_decode(const struct call *call, const struct wire_reply *reply, time_ms now,
                 struct arena *arena, struct answer *answer);

/* What a callback claims: only the task's id, its replyRef and its status are read, and nobody
 * knows who sent it. False: too large, not readable, or it names no task. Memory from `arena`. */
#define WIRE_CALLBACK_MAX ((size_t)64 * 1024)
bool wire_read_callback(const char *body, size_t body_bytes, struct arena *arena,
                        struct task_view *said);

/* Whether text could hold a secret (Bearer, "user:<n>-<secret>", JWT, signed query); replaces such
 * parts in place by "…". Used on every text that came from outside before it goes on. */
void wire_redact(char *text);

/* The account's email inside an assetId or taskId, into `email`; false when there is none. */
bool wire_account_of(const char *id, char *email, size_t size);

#endif
