/* cJSON 1.7.15 has traps that this file steps around: it reads beyond a buffer that has no NUL,
 * accepts what follows the value unless asked, cuts strings at an escaped NUL, takes names without
 * case, rounds large integers, and answers a body of nothing but commas with a gigabyte of nodes.
 */
#include "wire/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/check.h"
#include "util/text.h"
#include "wire/redact.h"

#define EXACT_MOST 9007199254740992.0 /* 2^53 */

static void wipe(char *bytes, size_t size) {
  memset(bytes, 0, size);
  __asm__ volatile("" : : "r"(bytes) : "memory"); /* so that the memset is not left out */
}

/* An escaped NUL would end the string for cJSON, and make one name out of two: it becomes U+FFFD.
 * `at` stands on the backslash; returns the last byte of the escape's first two. */
static size_t pass_escape(char *text, size_t at) {
  if (strncmp(text + at + 1, "u0000", 5) == 0) memcpy(text + at + 1, "ufffd", 5);
  return at + 1;
}

/* Whether the body keeps to the limits; strings are passed over. */
static bool is_modest(char *text, size_t size) {
  size_t depth = 0, values = 1;
  bool in_string = false;
  for (size_t i = 0; i < size; i++) {
    char c = text[i];
    if (c == '\0') return false;
    if (in_string && c == '\\') {
      i = pass_escape(text, i);
      continue;
    }
    if (c == '"') in_string = !in_string;
    if (in_string) continue;
    if (c == '[' || c == '{') depth++;
    if ((c == ']' || c == '}') && depth-- == 0) return false;
    if (c == '[' || c == '{' || c == ',') values++;
    if (depth > JSON_DEPTH_MAX || values > JSON_VALUES_MAX) return false;
  }
  return true;
}

bool json_parse(struct json_document *document, const char *bytes, size_t size) {
  document->root = NULL;
  if (bytes == NULL || size == 0) return false;
  char *copy = malloc(size + 1);
  CHECK(copy != NULL && "out of memory");
  memcpy(copy, bytes, size);
  copy[size] = '\0';
  if (is_modest(copy, size)) document->root = cJSON_ParseWithLengthOpts(copy, size + 1, NULL, true);
  wipe(copy, size);
  free(copy);
  return document->root != NULL;
}

static void wipe_strings(struct cJSON *value) {
  for (struct cJSON *item = value; item != NULL; item = item->next) {
    if (item->valuestring != NULL) wipe(item->valuestring, strlen(item->valuestring));
    if (item->child != NULL) wipe_strings(item->child); /* depth is limited by is_modest */
  }
}

void json_release(struct json_document *document) {
  wipe_strings(document->root);
  cJSON_Delete(document->root);
  document->root = NULL;
}

bool json_is_object(const struct cJSON *value) {
  return cJSON_IsObject(value);
}
bool json_is_array(const struct cJSON *value) {
  return cJSON_IsArray(value);
}
bool json_is_true(const struct cJSON *value) {
  return cJSON_IsTrue(value);
}
bool json_is_false(const struct cJSON *value) {
  return cJSON_IsFalse(value);
}

const struct cJSON *json_member(const struct cJSON *object, const char *name) {
  if (!cJSON_IsObject(object)) return NULL;
  const struct cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
  return cJSON_IsNull(member) ? NULL : member;
}

const struct cJSON *json_first(const struct cJSON *value) {
  return value == NULL ? NULL : value->child;
}
const struct cJSON *json_next(const struct cJSON *item) {
  return item->next;
}
const char *json_name(const struct cJSON *item) {
  return item == NULL ? NULL : item->string;
}
const char *json_string(const struct cJSON *value) {
  return cJSON_IsString(value) ? value->valuestring : NULL;
}

static bool is_clean(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) return false;
  return text_is_utf8(text, length);
}

const char *json_keep_id(struct arena *arena, const char *text) {
  size_t length = strnlen(text, JSON_ID_MAX + 1);
  if (length == 0 || length > JSON_ID_MAX || !is_clean(text, length)) return NULL;
  return arena_bytes(arena, text, length);
}

const char *json_read_id(struct arena *arena, const struct cJSON *value) {
  if (cJSON_IsNumber(value)) {
    double number = value->valuedouble;
    if (!(fabs(number) < EXACT_MOST) || trunc(number) < number || trunc(number) > number)
      return NULL;
    return arena_printf(arena, "%.0f", number);
  }
  const char *text = json_string(value);
  return text == NULL ? NULL : json_keep_id(arena, text);
}

const char *json_read_text(struct arena *arena, const struct cJSON *value, size_t limit) {
  const char *raw = json_string(value);
  if (raw == NULL) return NULL;
  size_t length = strlen(raw);
  if (length > limit) length = limit;
  char *line = arena_alloc(arena, length + 1);
  redact_line(raw, line, length + 1);
  return line[0] == '\0' ? NULL : line;
}

bool json_read_number(const struct cJSON *value, double *number) {
  if (cJSON_IsString(value)) return text_to_double(value->valuestring, number);
  if (!cJSON_IsNumber(value) || !isfinite(value->valuedouble)) return false;
  *number = value->valuedouble;
  return true;
}

bool json_read_integer(const struct cJSON *value, int64_t low, int64_t high, int64_t *number) {
  double real;
  if (!json_read_number(value, &real) || fabs(real) > EXACT_MOST) return false;
  int64_t whole = (int64_t)real;
  if (whole < low || whole > high) return false;
  *number = whole;
  return true;
}
