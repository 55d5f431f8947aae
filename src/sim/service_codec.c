/* What comes in: the body of a submission, as JSON or as a form (multipart/form-data). Shares
 * nothing with the client's wire code, so that a mistake made there cannot hide here. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "sim/service.h"
#include "util/text.h"

#define TEXT_MAX 1024 /* characters of replyUrl and replyRef */

static size_t characters(const char *text) {
  size_t count = 0;
  for (; *text != '\0'; text++)
    if (((unsigned char)*text & 0xc0) != 0x80) count++;
  return count;
}

static bool check_texts(struct arena *arena, const struct sim_submission *submission,
                        const char **problem) {
  const struct {
    const char *name, *text;
  } limited[] = {{"replyUrl", submission->reply_url}, {"replyRef", submission->reply_ref}};
  for (size_t i = 0; i < 2; i++) {
    if (limited[i].text == NULL || characters(limited[i].text) <= TEXT_MAX) continue;
    *problem = arena_printf(arena, "Parameter %s exceeds maximum length of %d characters",
                            limited[i].name, TEXT_MAX);
    return false;
  }
  if (submission->asset_id == NULL || submission->asset_id[0] == '\0') {
    *problem = "Parameter video_assetId is required";
    return false;
  }
  if (submission->voice_id == NULL || submission->voice_id[0] == '\0') {
    *problem = "Parameter voiceId is required";
    return false;
  }
  return true;
}

/* ---- JSON ---- */

static const cJSON *member(const cJSON *object, const char *name) {
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
  return cJSON_IsNull(item) ? NULL : item;
}

static bool read_text(struct arena *arena, const cJSON *object, const char *name,
                      const char **value, const char **problem) {
  const cJSON *item = member(object, name);
  if (item == NULL) return true;
  if (!cJSON_IsString(item)) {
    *problem = arena_printf(arena, "Parameter %s must be a string", name);
    return false;
  }
  *value = arena_string(arena, item->valuestring);
  return true;
}

static bool read_max_jobs(struct arena *arena, double number, int *value, const char **problem) {
  if (!(number >= 1 && number <= 10) || floor(number) < number) {
    *problem = arena_printf(arena, "Parameter maxJobs must be between 1 and 10 (%g)", number);
    return false;
  }
  *value = (int)number;
  return true;
}

static bool read_members(struct arena *arena, const cJSON *root, struct sim_submission *submission,
                         const char **problem) {
  const cJSON *explore = member(root, "exploreMode");
  const cJSON *max_jobs = member(root, "maxJobs");
  if (!cJSON_IsObject(root)) {
    *problem = "Request body must be a JSON object";
    return false;
  }
  if (explore != NULL && !cJSON_IsBool(explore)) {
    *problem = "Parameter exploreMode must be true or false";
    return false;
  }
  submission->explore = cJSON_IsTrue(explore);
  if (max_jobs != NULL && !cJSON_IsNumber(max_jobs)) {
    *problem = "Parameter maxJobs must be a number";
    return false;
  }
  if (max_jobs != NULL &&
      !read_max_jobs(arena, max_jobs->valuedouble, &submission->max_jobs, problem))
    return false;
  return read_text(arena, root, "video_assetId", &submission->asset_id, problem) &&
         read_text(arena, root, "voiceId", &submission->voice_id, problem) &&
         read_text(arena, root, "replyUrl", &submission->reply_url, problem) &&
         read_text(arena, root, "replyRef", &submission->reply_ref, problem);
}

static bool read_json(struct arena *arena, const char *body, size_t size,
                      struct sim_submission *submission, const char **problem) {
  const char *text = arena_bytes(arena, body, size), *end = NULL;
  cJSON *root = strlen(text) == size && text_is_utf8(text, size)
                    ? cJSON_ParseWithLengthOpts(text, size + 1, &end, 1)
                    : NULL;
  if (root == NULL) {
    *problem = "Unable to parse request body as JSON";
    return false;
  }
  bool good = read_members(arena, root, submission, problem);
  cJSON_Delete(root);
  return good;
}

/* ---- forms ---- */

static const char *find(const char *from, const char *end, const char *what) {
  return from == NULL ? NULL : memmem(from, (size_t)(end - from), what, strlen(what));
}

static bool put_field(struct arena *arena, const char *name, const char *value,
                      struct sim_submission *submission, const char **problem) {
  double number;
  if (strcmp(name, "video_assetId") == 0) submission->asset_id = value;
  if (strcmp(name, "voiceId") == 0) submission->voice_id = value;
  if (strcmp(name, "replyUrl") == 0) submission->reply_url = value;
  if (strcmp(name, "replyRef") == 0) submission->reply_ref = value;
  if (strcmp(name, "exploreMode") == 0) {
    submission->explore = strcmp(value, "true") == 0;
    if (!submission->explore && strcmp(value, "false") != 0) {
      *problem = "Parameter exploreMode must be true or false";
      return false;
    }
  }
  if (strcmp(name, "maxJobs") == 0)
    return read_max_jobs(arena, text_to_double(value, &number) ? number : 0, &submission->max_jobs,
                         problem);
  return true;
}

/* One part, from after its boundary's line to before the next boundary. */
static bool read_part(struct arena *arena, const char *part, const char *end,
                      struct sim_submission *submission, const char **problem) {
  static const char label[] = "name=\"";
  const char *blank = find(part, end, "\r\n\r\n");
  const char *name = blank == NULL ? NULL : find(part, blank, label);
  if (name != NULL) name += strlen(label);
  const char *quote = name == NULL ? NULL : memchr(name, '"', (size_t)(blank - name));
  if (quote == NULL) {
    *problem = "Unable to parse request body as multipart/form-data";
    return false;
  }
  const char *value = blank + 4;
  return put_field(arena, arena_bytes(arena, name, (size_t)(quote - name)),
                   arena_bytes(arena, value, (size_t)(end - value)), submission, problem);
}

static bool read_form(struct arena *arena, const char *content_type, const char *body, size_t size,
                      struct sim_submission *submission, const char **problem) {
  static const char label[] = "boundary=";
  const char *boundary = strcasestr(content_type, label), *end = body + size;
  *problem = "Unable to parse request body as multipart/form-data";
  if (boundary == NULL) return false;
  boundary += strlen(label);
  bool quoted = *boundary == '"';
  if (quoted) boundary++;
  const char *line =
      arena_printf(arena, "--%.*s", (int)strcspn(boundary, quoted ? "\"" : "; "), boundary);
  const char *inner = arena_printf(arena, "\r\n%s", line);
  const char *at = find(body, end, line);
  if (at != NULL) at += strlen(line);
  while (at != NULL && !(end - at >= 2 && memcmp(at, "--", 2) == 0)) {
    const char *next = find(at, end, inner);
    if (next == NULL || !read_part(arena, at, next, submission, problem)) return false;
    at = next + strlen(inner);
  }
  return at != NULL;
}

bool sim_read_submission(struct arena *arena, const char *content_type, const char *body,
                         size_t size, struct sim_submission *submission, const char **problem) {
  static const char json[] = "application/json", form[] = "multipart/form-data";
  *submission = (struct sim_submission){0};
  *problem = NULL;
  bool good;
  if (content_type != NULL && strncasecmp(content_type, json, strlen(json)) == 0) {
    good = read_json(arena, body == NULL ? "" : body, body == NULL ? 0 : size, submission, problem);
  } else if (content_type != NULL && strncasecmp(content_type, form, strlen(form)) == 0) {
    good = read_form(arena, content_type, body == NULL ? "" : body, body == NULL ? 0 : size,
                     submission, problem);
  } else {
    *problem = "Content-Type must be application/json or multipart/form-data";
    return false;
  }
  return good && check_texts(arena, submission, problem);
}
