/* A call of the service, as the core orders it: kind and parameters, no bytes. `wire` turns it into
 * an HTTP request and its reply into a `struct answer`. service.md has the facts of each. */
#ifndef NIGHTSHIFT_CALL_H
#define NIGHTSHIFT_CALL_H

#include "nightshift/types.h"

#define CALLS(X)                                                                                   \
  X(CALL_ACCOUNTS, "accounts")                                                                     \
  X(CALL_VOICES, "voices")                                                                         \
  X(CALL_FEATURES, "features")                                                                     \
  X(CALL_LIST_ASSETS, "list-assets")                                                               \
  X(CALL_UPLOAD, "upload")                                                                         \
  X(CALL_DELETE_ASSET, "delete-asset")                                                             \
  X(CALL_SUBMIT, "submit") /* the paid one: leaves at most once per attempt */                     \
  X(CALL_LIST_TASKS, "list-tasks")                                                                 \
  X(CALL_GET_TASK, "get-task")                                                                     \
  X(CALL_DELETE_TASK, "delete-task")                                                               \
  X(CALL_SCHEDULER, "scheduler")

enum call_kind {
#define X(name, text) name,
  CALLS(X)
#undef X
      CALL_COUNT
};

const char *call_name(enum call_kind kind);

/* Unused fields are zero. Strings live as long as the list of actions they came in. */
struct call {
  enum call_kind kind;
  token_index token;
  const char *email;        /* the account; NULL for ACCOUNTS and SCHEDULER */
  const char *task_id;      /* GET_TASK, DELETE_TASK */
  const char *asset_id;     /* SUBMIT, DELETE_ASSET */
  const char *voice_id;     /* SUBMIT */
  const char *reply_ref;    /* SUBMIT; at most 1024 characters */
  const char *reply_url;    /* SUBMIT; NULL: none */
  bool explore;             /* SUBMIT */
  int max_jobs;             /* SUBMIT: 1..10, 0: not sent */
  int64_t offset;           /* lists: 0..1000 */
  int64_t limit;            /* lists: 1..1000 */
  const char *name;         /* UPLOAD: the asset's unique name */
  const char *path;         /* UPLOAD: the file whose bytes are sent */
  const char *content_type; /* UPLOAD */
  int64_t size_bytes;       /* UPLOAD: the file's size when it was hashed */
  int64_t mtime_ns;         /* UPLOAD: its time then; a file that changed since is not sent */
  duration_ms length_ms;    /* UPLOAD; 0: not sent */
  int32_t width_px;         /* UPLOAD; 0: not sent */
  int32_t height_px;        /* UPLOAD; 0: not sent */
};

struct arena;

/* Makes the call's strings its own, copied into `arena`: for a call that outlives the step that
 * ordered it. */
void call_keep(struct call *call, struct arena *arena);

#endif
