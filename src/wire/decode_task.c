/* Tasks out of JSON: one alone, a listing, the scheduler's, a 429's. All fields are optional. */
#include <math.h>
#include <string.h>

#include "util/arena.h"
#include "util/map.h"
#include "util/text.h"
#include "wire/classify.h"
#include "wire/decode.h"
#include "wire/json.h"
#include "wire/words.h"

/* Signed links are about 2 KB. */
#define LINK_MAX ((size_t)16 * 1024)

static enum task_status status_of(const char *word) {
  static const struct {
    const char *word;
    enum task_status status;
  } words[] = {{"PENDING", TASK_PENDING},   {"THROTTLED", TASK_THROTTLED},
               {"RUNNING", TASK_RUNNING},   {"SUCCEEDED", TASK_SUCCEEDED},
               {"FAILED", TASK_FAILED},     {"CANCELLED", TASK_CANCELLED},
               {"CANCELED", TASK_CANCELLED}};
  for (size_t i = 0; word != NULL && i < sizeof words / sizeof words[0]; i++)
    if (words_equal(word, words[i].word)) return words[i].status;
  return TASK_UNKNOWN;
}

/* "INTERNAL.BAD_OUTPUT.CODE01: The task failed" */
static const char *failure_text(struct arena *arena, const struct cJSON *error) {
  const char *bare = json_read_text(arena, error, DECODE_TEXT_MAX);
  if (bare != NULL) return bare;
  const char *reason = json_read_text(arena, json_member(error, "reason"), DECODE_TEXT_MAX);
  const char *words = json_read_text(arena, json_member(error, "errorMessage"), DECODE_TEXT_MAX);
  if (words == NULL) words = json_read_text(arena, json_member(error, "message"), DECODE_TEXT_MAX);
  if (reason == NULL || words == NULL) return reason != NULL ? reason : words;
  return arena_printf(arena, "%s: %s", reason, words);
}

static int percent_of(const struct cJSON *ratio) {
  double number;
  if (!json_read_number(ratio, &number) || number < 0) return -1;
  return number >= 1 ? 100 : (int)floor(number * 100);
}

static duration_ms milliseconds_of(const struct cJSON *seconds) {
  double number;
  if (!json_read_number(seconds, &number) || number < 0) return -1;
  return number > 1e6 ? 1000000 * SECOND_MS : (duration_ms)(number * 1e3);
}

/* The one text that keeps its query, so nothing odd may be in it. */
static const char *link_of(struct arena *arena, const struct cJSON *value) {
  const char *link = json_string(value);
  if (link == NULL || strnlen(link, LINK_MAX) == LINK_MAX) return NULL;
  if (!words_start(link, "https://") && !words_start(link, "http://")) return NULL;
  for (const char *at = link; *at != '\0'; at++)
    if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f || *at == '"') return NULL;
  return arena_string(arena, link);
}

static void read_artifact(const struct reading *reading, const struct cJSON *artifacts,
                          struct task_view *task) {
  const struct cJSON *first = json_is_array(artifacts) ? json_first(artifacts) : NULL;
  task->artifact_bytes = -1;
  if (first == NULL) return;
  task->artifact_url =
      link_of(reading->arena, json_is_object(first) ? json_member(first, "url") : first);
  (void)json_read_integer(json_member(first, "fileSize"), 0, INT64_MAX, &task->artifact_bytes);
}

static const struct cJSON *either(const struct cJSON *a, const struct cJSON *b) {
  return a != NULL ? a : b;
}

bool decode_task_fields(const struct reading *reading, const struct cJSON *object,
                        struct task_view *task) {
  struct arena *arena = reading->arena;
  const struct cJSON *options = json_member(object, "options"),
                     *error = json_member(object, "error"), *status = json_member(object, "status");
  *task = (struct task_view){.task_id = json_read_id(arena, json_member(object, "taskId"))};
  if (task->task_id == NULL) task->task_id = json_read_id(arena, json_member(object, "id"));
  task->name = json_read_text(
      arena, either(json_member(object, "name"), json_member(options, "name")), DECODE_TEXT_MAX);
  task->voice_id =
      json_read_id(arena, either(json_member(options, "voiceId"), json_member(object, "voiceId")));
  task->reply_ref = json_read_id(arena, json_member(object, "replyRef"));
  task->status = status_of(json_string(status));
  task->status_text = json_read_text(arena, status, 64);
  if (task->status == TASK_FAILED) task->failure = classify_failure(error);
  task->failure_text = failure_text(arena, error);
  task->progress_percent = percent_of(json_member(object, "progressRatio"));
  task->starts_in_ms = milliseconds_of(json_member(object, "estimatedTimeToStartSeconds"));
  read_artifact(reading, json_member(object, "artifacts"), task);
  return task->task_id != NULL;
}

static void keep_one(const struct reading *reading, const struct task_view *task) {
  reading->answer->tasks = ARENA_NEW(reading->arena, struct task_view);
  reading->answer->tasks[0] = *task;
  reading->answer->task_count = 1;
  reading->answer->whole = true;
}

/* Under `task`, else at top level. */
static const struct cJSON *the_task(const struct reading *reading) {
  const struct cJSON *inside = json_member(reading->root, "task");
  return json_is_object(inside) ? inside : reading->root;
}

/* A task is known by its taskId, in lists too: a bare `id` could be anything's, a request's for
 * one, and would never be found again. Without it the submission is in doubt, and the lists will
 * tell. */
bool decode_submit(const struct reading *reading) {
  struct task_view task;
  const struct cJSON *object = the_task(reading);
  if (json_string(json_member(object, "taskId")) == NULL) return false;
  if (!decode_task_fields(reading, object, &task)) return false;
  keep_one(reading, &task);
  return true;
}

void decode_callback(const struct reading *reading, struct task_view *task) {
  (void)decode_task_fields(reading, the_task(reading), task);
}

/* Whether `id` names the task that was asked for: the same, or its uuid alone. */
static bool is_asked_for(const char *asked, const char *id) {
  if (strcmp(asked, id) == 0) return true;
  size_t asked_length = strlen(asked), length = strlen(id);
  return length < asked_length && text_ends_with(asked, id) &&
         asked[asked_length - length - 1] == ':';
}

/* Another task's reply proves nothing about this one. */
bool decode_get_task(const struct reading *reading) {
  struct task_view task;
  const struct cJSON *object = the_task(reading);
  if (json_member(object, "taskId") == NULL && json_member(object, "status") == NULL) return false;
  bool named = decode_task_fields(reading, object, &task);
  const char *asked = reading->call->task_id;
  if (asked != NULL) {
    if (named && !is_asked_for(asked, task.task_id)) return false;
    task.task_id = arena_string(reading->arena, asked);
  }
  keep_one(reading, &task);
  return task.task_id != NULL;
}

/* Tasks of an array, each id once. Appends to tasks; false when an item could not be read. */
static bool read_tasks(const struct reading *reading, const struct cJSON *array, struct map *seen,
                       struct task_view *tasks, size_t *count) {
  bool whole = true;
  for (const struct cJSON *item = json_first(array); item != NULL; item = json_next(item)) {
    struct task_view task;
    if (!json_is_object(item) || !decode_task_fields(reading, item, &task)) {
      whole = false;
      continue;
    }
    if (map_get(seen, task.task_id, NULL)) continue;
    map_set(seen, task.task_id, 1);
    tasks[(*count)++] = task;
  }
  return whole;
}

static bool read_list(const struct reading *reading, const char *const *names) {
  const struct cJSON *array = decode_array(reading->root, names);
  if (array == NULL) return false;
  struct answer *answer = reading->answer;
  size_t items = decode_count(array);
  struct map seen;
  map_init(&seen);
  answer->tasks = ARENA_NEW_ARRAY(reading->arena, items, struct task_view);
  answer->whole = read_tasks(reading, array, &seen, answer->tasks, &answer->task_count);
  if (reading->call->limit > 0 && items > (size_t)reading->call->limit) answer->whole = false;
  map_release(&seen);
  return true;
}

bool decode_list_tasks(const struct reading *reading) {
  static const char *const names[] = {"tasks", "data", NULL};
  return read_list(reading, names);
}

bool decode_scheduler(const struct reading *reading) {
  static const char *const names[] = {"scheduler", "tasks", "runningTasks", "data", NULL};
  return read_list(reading, names);
}

/* Whether an item of a bare list is this account's, by its email or the one in its id. */
static bool is_of_account(const struct cJSON *item, const char *email) {
  char in_id[512];
  const char *said = json_string(json_member(item, "email"));
  if (said != NULL) return words_equal(said, email);
  return wire_account_of(json_string(json_member(item, "taskId")), in_id, sizeof in_id) &&
         words_equal(in_id, email);
}

/* {"<email>": [tasks]}: the account's lists, whatever the case of its key. */
static void read_busy_by_email(const struct reading *reading, const struct cJSON *running,
                               const char *email, struct map *seen) {
  struct answer *answer = reading->answer;
  for (const struct cJSON *item = json_first(running); item != NULL; item = json_next(item)) {
    if (!words_equal(json_name(item), email)) continue;
    bool whole =
        json_is_array(item) && read_tasks(reading, item, seen, answer->busy, &answer->busy_count);
    answer->busy_listed = whole;
    if (!whole) return;
  }
}

/* A bare list of all accounts' tasks: one that cannot be placed makes it unreadable. */
static void read_busy_bare(const struct reading *reading, const struct cJSON *running,
                           const char *email, struct map *seen) {
  struct answer *answer = reading->answer;
  answer->busy_listed = true;
  for (const struct cJSON *item = json_first(running); item != NULL; item = json_next(item)) {
    struct task_view task;
    if (!json_is_object(item) || !decode_task_fields(reading, item, &task)) {
      answer->busy_listed = false;
      continue;
    }
    if (!is_of_account(item, email) || map_get(seen, task.task_id, NULL)) continue;
    map_set(seen, task.task_id, 1);
    answer->busy[answer->busy_count++] = task;
  }
}

/* How many items the lists hold, at most. */
static size_t busy_room(const struct cJSON *running) {
  size_t room = decode_count(running);
  for (const struct cJSON *item = json_first(running); item != NULL; item = json_next(item))
    room += decode_count(item);
  return room;
}

void decode_busy(const struct reading *reading) {
  struct answer *answer = reading->answer;
  const struct cJSON *running = json_member(reading->root, "runningTasks");
  const char *email = reading->call->email;
  char in_id[512];
  if (email == NULL && wire_account_of(reading->call->asset_id, in_id, sizeof in_id)) email = in_id;
  if (email != NULL && running != NULL) {
    struct map seen;
    map_init(&seen);
    answer->busy = ARENA_NEW_ARRAY(reading->arena, busy_room(running), struct task_view);
    if (json_is_array(running))
      read_busy_bare(reading, running, email, &seen);
    else if (json_is_object(running))
      read_busy_by_email(reading, running, email, &seen);
    map_release(&seen);
  }
  answer->busy_limit = classify_busy_count(classify_error_words(reading->root));
  if (answer->busy_limit == 0) answer->busy_limit = (int)answer->busy_count;
}
