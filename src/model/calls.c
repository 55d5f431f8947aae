/* A call as a value that may outlive the step that ordered it. */
#include "nightshift/call.h"
#include "util/arena.h"

void call_keep(struct call *call, struct arena *arena) {
  const char **strings[] = {&call->email,    &call->task_id,   &call->asset_id,
                            &call->voice_id, &call->reply_ref, &call->reply_url,
                            &call->name,     &call->path,      &call->content_type};
  for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
    *strings[i] = arena_string(arena, *strings[i]);
}
