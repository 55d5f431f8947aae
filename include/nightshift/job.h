/* A job: one clip, one voice, one output file; its states and the moves between them. Plain values.
 *
 *   queued -> uploading -> queued -> submitting -> running -> downloading -> succeeded
 *                                       |  ^  \        \-> moderated | failed | cancelled | held
 *                             unsure <--+  +-- refused, not sent: back to queued, nothing counted
 *                               |-> running (found) | queued (absent) | held (a person must tell)
 *
 * `unsure` while it is not known whether an attempt created a task; `held` when only a person can
 * tell (counts as ended). A paused job is `queued` with a reason. The words are the contract's. */
#ifndef NIGHTSHIFT_JOB_H
#define NIGHTSHIFT_JOB_H

#include "nightshift/types.h"

/* name, printed name, counts as ended */
#define JOB_STATES(X)                                                                              \
  X(JOB_QUEUED, "queued", false)                                                                   \
  X(JOB_UPLOADING, "uploading", false)                                                             \
  X(JOB_SUBMITTING, "submitting", false)                                                           \
  X(JOB_UNSURE, "unsure", false)                                                                   \
  X(JOB_RUNNING, "running", false)                                                                 \
  X(JOB_DOWNLOADING, "downloading", false)                                                         \
  X(JOB_SUCCEEDED, "succeeded", true)                                                              \
  X(JOB_FAILED, "failed", true)                                                                    \
  X(JOB_MODERATED, "moderated", true)                                                              \
  X(JOB_CANCELLED, "cancelled", true)                                                              \
  X(JOB_HELD, "held", true)

enum job_state {
#define X(name, text, ended) name,
  JOB_STATES(X)
#undef X
      JOB_STATE_COUNT
};

const char *job_state_name(enum job_state state);
/* Whether `text` names a state; sets *state when it does. */
bool job_state_parse(const char *text, enum job_state *state);
bool job_state_ended(enum job_state state);
/* The one table of allowed moves. */
bool job_move_allowed(enum job_state from, enum job_state to);

/* `explore: auto` uses the relaxed queue where the plan has it and credits elsewhere. */
enum explore_mode { EXPLORE_OFF, EXPLORE_ON, EXPLORE_AUTO };
const char *explore_mode_name(enum explore_mode mode);
bool explore_mode_parse(const char *text, enum explore_mode *mode);

/* The service takes clips of 3 to 30 s (seed page); 30 s clips measure up to 30.03 s, so a grace.
 */
#define CLIP_SHORTEST_MS (3 * SECOND_MS)
#define CLIP_LONGEST_MS  (30 * SECOND_MS)
#define CLIP_GRACE_MS    ((duration_ms)100)

/* What the media folder learned of a clip's file. Strings are the owner's. */
struct clip {
  const char *path; /* absolute */
  int64_t size_bytes;
  int64_t mtime_ns;
  const char *hash; /* content hash, lower-case hex: the clip's identity */
  duration_ms length_ms;
  int32_t width_px;
  int32_t height_px;
  bool has_video;
  bool has_sound;
  const char *content_type; /* what the upload declares: service.md, POST /assets */
  const char *fault;        /* why the service would not take it, for a person; NULL when good */
};

#endif
