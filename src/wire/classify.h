/* What a reply means: the two tables of the project's dealings with the service. */
#ifndef WIRE_CLASSIFY_H
#define WIRE_CLASSIFY_H

#include "nightshift/call.h"
#include "nightshift/outcome.h"

struct cJSON;

struct verdict {
  enum outcome_kind kind;
  bool refused;
};

/* A whole reply; `root` is its body, NULL when that is no JSON. OUTCOME_OK still has to prove
 * itself: a body without what the call is for makes it OUTCOME_UNREADABLE. */
struct verdict classify_reply(const struct call *call, int status, const struct cJSON *root);

/* What the body says went wrong (`error` as a string or object, or `message`), unredacted, valid as
 * long as the document; NULL when it says nothing. */
const char *classify_error_words(const struct cJSON *root);

/* What a FAILED task's `error` (string, object or absent) means for its job. */
enum task_failure classify_failure(const struct cJSON *error);

/* "… is busy executing <n> tasks": n; 0 when the words are others. */
int classify_busy_count(const char *words);

#endif
