/* Shared by the decoders: where a reading stands. Each reader returns whether the body has what its
 * call is for. */
#ifndef WIRE_DECODE_H
#define WIRE_DECODE_H

#include "nightshift/wire.h"

struct cJSON;

struct reading {
  const struct call *call;
  struct arena *arena;
  const struct cJSON *root; /* the body */
  struct answer *answer;
};

/* Texts for people are cut to this, names and status words too. */
#define DECODE_TEXT_MAX ((size_t)1024)

/* decode_task.c: one object into a view; false when it has no id. */
bool decode_task_fields(const struct reading *reading, const struct cJSON *object,
                        struct task_view *task);
bool decode_submit(const struct reading *reading);
bool decode_get_task(const struct reading *reading);
void decode_callback(const struct reading *reading, struct task_view *task);
bool decode_list_tasks(const struct reading *reading);
bool decode_scheduler(const struct reading *reading);
/* 429 form 1: always leaves busy, busy_count, busy_listed and busy_limit well set. */
void decode_busy(const struct reading *reading);

/* decode_list.c */
/* The array behind a list: the value itself, or its member with one of these names (NULL-ended). */
const struct cJSON *decode_array(const struct cJSON *value, const char *const *names);
size_t decode_count(const struct cJSON *value);
bool decode_accounts(const struct reading *reading);
bool decode_voices(const struct reading *reading);
bool decode_features(const struct reading *reading);
bool decode_list_assets(const struct reading *reading);
bool decode_upload(const struct reading *reading);

#endif
