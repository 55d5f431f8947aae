/* Which reply means what. The tables are read from top to bottom, the first line that fits counts.
 *
 * For the paid POST only a definite refusal has `refused`; the rest is doubt, which the core never
 * submits again without evidence. A 429 is a refusal whatever its body: whoever counts requests
 * turns them away before carrying them out. All other refusals need a readable body: a JSON object
 * that says what was wrong or repeats a code. A body's own "code" never outweighs the HTTP status.
 */
#include "wire/classify.h"

#include <string.h>

#include "util/check.h"
#include "wire/json.h"
#include "wire/words.h"

/* What a body says, as far as the table asks. */
enum {
  IS_JSON = 1,      /* any JSON value */
  SAYS = 2,         /* an object that says what was wrong, or repeats a code */
  SAYS_BUSY = 4,    /* form 1 of 429: runningTasks, or its sentence */
  SAYS_CREDITS = 8, /* not enough credits */
  SAYS_SUSPENDED = 16,
  SAYS_EXPLORE = 32, /* names explore mode or the plan, when explore mode was asked for */
  HAS_TASK = 64      /* a taskId */
};

enum { PAID = 1, UPLOADS = 2, DELETES = 4, READS = 8, ALL = PAID | UPLOADS | DELETES | READS };

#define REFUSED true
#define DOUBT   false

static const struct {
  unsigned calls;
  int from, to;
  unsigned needs;
  enum outcome_kind kind;
  bool refused;
} rules[] = {
    /* done */
    {ALL, 200, 299, IS_JSON, OUTCOME_OK, DOUBT},
    {DELETES, 204, 204, 0, OUTCOME_OK, DOUBT},
    {ALL, 200, 299, 0, OUTCOME_UNREADABLE, DOUBT},
    /* a refusal that brings a task contradicts itself */
    {PAID, 400, 999, HAS_TASK, OUTCOME_UNREADABLE, DOUBT},
    /* no room */
    {ALL, 429, 429, SAYS | SAYS_BUSY, OUTCOME_BUSY_QUEUE, REFUSED},
    {ALL, 429, 429, 0, OUTCOME_BUSY_RUNWAY, REFUSED},
    /* definite refusals, by a readable body */
    {ALL, 400, 999, SAYS | SAYS_CREDITS, OUTCOME_NO_CREDITS, REFUSED},
    {ALL, 412, 412, SAYS, OUTCOME_NO_CREDITS, REFUSED},
    {PAID, 400, 400, SAYS | SAYS_EXPLORE, OUTCOME_NO_EXPLORE, REFUSED},
    {ALL, 400, 400, SAYS, OUTCOME_BAD_REQUEST, REFUSED},
    {ALL, 401, 401, SAYS | SAYS_SUSPENDED, OUTCOME_SUSPENDED, REFUSED},
    {ALL, 401, 401, SAYS, OUTCOME_BAD_TOKEN, REFUSED},
    {ALL, 402, 402, SAYS, OUTCOME_NO_SUBSCRIPTION, REFUSED},
    {ALL, 404, 404, SAYS, OUTCOME_NOT_FOUND, REFUSED},
    {PAID | UPLOADS, 422, 422, SAYS, OUTCOME_MODERATED, REFUSED},
    {ALL, 596, 596, SAYS, OUTCOME_BROKEN_SESSION, REFUSED},
    /* the same without one: may come from something in between */
    {ALL, 400, 402, 0, OUTCOME_UNREADABLE, DOUBT},
    {ALL, 404, 404, 0, OUTCOME_UNREADABLE, DOUBT},
    {ALL, 412, 412, 0, OUTCOME_UNREADABLE, DOUBT},
    {PAID | UPLOADS, 422, 422, 0, OUTCOME_UNREADABLE, DOUBT},
    {ALL, 596, 596, 0, OUTCOME_UNREADABLE, DOUBT},
    /* the rest */
    {UPLOADS | DELETES | READS, 410, 410, 0, OUTCOME_EXPIRED, DOUBT},
    {ALL, 500, 599, 0, OUTCOME_UPSTREAM, DOUBT},
    /* every other status: OUTCOME_UNEXPECTED, in doubt */
};

static unsigned group_of(enum call_kind kind) {
  switch (kind) {
  case CALL_SUBMIT:
    return PAID;
  case CALL_UPLOAD:
    return UPLOADS;
  case CALL_DELETE_ASSET:
  case CALL_DELETE_TASK:
    return DELETES;
  case CALL_ACCOUNTS:
  case CALL_VOICES:
  case CALL_FEATURES:
  case CALL_LIST_ASSETS:
  case CALL_LIST_TASKS:
  case CALL_GET_TASK:
  case CALL_SCHEDULER:
    return READS;
  case CALL_COUNT:
    break;
  }
  CHECK_UNREACHABLE();
}

/* The first string among these members. */
static const char *words_among(const struct cJSON *object, const char *const *names) {
  for (; *names != NULL; names++) {
    const char *words = json_string(json_member(object, *names));
    if (words != NULL && words[0] != '\0') return words;
  }
  return NULL;
}

const char *classify_error_words(const struct cJSON *root) {
  static const char *const inside[] = {"message", "errorMessage", "error",
                                       "reason",  "detail",       NULL};
  static const char *const outside[] = {"error", "message", "errorMessage", "detail", NULL};
  const struct cJSON *error = json_member(root, "error");
  if (json_is_array(error)) error = json_first(error);
  const char *words = json_string(error);
  if (words != NULL && words[0] != '\0') return words;
  words = words_among(error, inside);
  return words != NULL ? words : words_among(root, outside);
}

int classify_busy_count(const char *words) {
  static const char start[] = "is busy executing ";
  for (; words != NULL && *words != '\0'; words++) {
    if (!words_start(words, start)) continue;
    const char *number = words + strlen(start);
    int count = 0;
    for (; *number >= '0' && *number <= '9' && count < 1000; number++)
      count = count * 10 + (*number - '0');
    if (words_start(number, " task")) return count;
  }
  return 0;
}

static bool says_credits(const char *words) {
  return words_contain(words, "not have enough credits") ||
         words_contain(words, "not enough credits") || words_contain(words, "insufficient credits");
}

static bool names_plan(const char *words) {
  return words_contain(words, "explore") || words_contain_word(words, "plan") ||
         words_contain_word(words, "unlimited");
}

static bool is_named(const struct cJSON *task) {
  const char *id = json_string(json_member(task, "taskId"));
  return id != NULL && id[0] != '\0';
}

static unsigned facts_of(const struct call *call, const struct cJSON *root) {
  unsigned facts = root == NULL ? 0 : IS_JSON;
  if (!json_is_object(root)) return facts;
  const char *words = classify_error_words(root);
  const struct cJSON *running = json_member(root, "runningTasks");
  int64_t code;
  if (words != NULL || running != NULL ||
      json_read_integer(json_member(root, "code"), 100, 999, &code))
    facts |= SAYS;
  if (running != NULL || words_contain(words, "is busy executing")) facts |= SAYS_BUSY;
  if (says_credits(words)) facts |= SAYS_CREDITS;
  if (words_contain(words, "suspended")) facts |= SAYS_SUSPENDED;
  if (call->explore && names_plan(words)) facts |= SAYS_EXPLORE;
  if (is_named(root) || is_named(json_member(root, "task"))) facts |= HAS_TASK;
  return facts;
}

struct verdict classify_reply(const struct call *call, int status, const struct cJSON *root) {
  unsigned group = group_of(call->kind), facts = facts_of(call, root);
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
    if ((rules[i].calls & group) == 0 || (facts & rules[i].needs) != rules[i].needs) continue;
    if (status >= rules[i].from && status <= rules[i].to)
      return (struct verdict){rules[i].kind, rules[i].refused};
  }
  return (struct verdict){OUTCOME_UNEXPECTED, DOUBT};
}

/* What a failed task means. Moderation first: it is never tried again by itself. */
static const struct {
  const char *field;
  enum { STARTS, MENTIONS, IS_SET } how;
  const char *text;
  enum task_failure failure;
} failures[] = {
    {"reason", STARTS, "SAFETY.", TASK_FAILURE_MODERATED},
    {"moderation_category", IS_SET, "", TASK_FAILURE_MODERATED},
    {"errorMessage", MENTIONS, "moderat", TASK_FAILURE_MODERATED},
    {"message", MENTIONS, "moderat", TASK_FAILURE_MODERATED},
    {"reason", STARTS, "INTERNAL.", TASK_FAILURE_RETRY},
};

static bool is_set(const struct cJSON *value) {
  if (value == NULL || json_is_false(value)) return false;
  const char *text = json_string(value);
  return text == NULL || text[0] != '\0';
}

/* An error that is a bare string serves as its own reason and message. */
enum task_failure classify_failure(const struct cJSON *error) {
  const char *bare = json_string(error);
  for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
    const struct cJSON *value = json_member(error, failures[i].field);
    const char *text = bare != NULL ? bare : json_string(value);
    bool fits = failures[i].how == IS_SET   ? is_set(value)
                : text == NULL              ? false
                : failures[i].how == STARTS ? words_start(text, failures[i].text)
                                            : words_contain(text, failures[i].text);
    if (fits) return failures[i].failure;
  }
  return TASK_FAILURE_FINAL;
}
