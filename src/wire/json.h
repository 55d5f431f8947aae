/* A body as JSON, behind typed getters with limits: the only file of wire that knows cJSON.
 *
 * Getters take NULL, so that they can be chained: what is absent, null or of another type gives
 * NULL or false. Of two members with one name the first counts. */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct cJSON;

/* Beyond these a body is unreadable. A listing of 1,000 tasks has about 60,000 values, 8 deep. */
#define JSON_DEPTH_MAX  64
#define JSON_VALUES_MAX ((size_t)500000)
/* Longer ids are no ids. A replyRef has at most 1024 characters. */
#define JSON_ID_MAX ((size_t)4096)

struct json_document {
  struct cJSON *root; /* NULL: unreadable */
};

/* The whole body has to be one JSON value, with nothing but white space around it. */
bool json_parse(struct json_document *document, const char *bytes, size_t size);
/* Wipes the strings first: replies of /accounts hold passwords. */
void json_release(struct json_document *document);

bool json_is_object(const struct cJSON *value);
bool json_is_array(const struct cJSON *value);
bool json_is_true(const struct cJSON *value);
bool json_is_false(const struct cJSON *value);
/* NULL when absent or null. Names are compared with case. */
const struct cJSON *json_member(const struct cJSON *object, const char *name);
/* The items of an array or object in their order; NULL at the end. */
const struct cJSON *json_first(const struct cJSON *value);
const struct cJSON *json_next(const struct cJSON *item);
const char *json_name(const struct cJSON *item); /* its name in its object */
/* The string as it is, valid as long as the document; NULL when it is none. */
const char *json_string(const struct cJSON *value);
/* An exact copy, or NULL: empty, too long, not UTF-8, or with control characters. A whole number is
 * taken as its digits as long as JSON keeps it exact. */
const char *json_read_id(struct arena *arena, const struct cJSON *value);
/* The same of a text, such as an object's name. */
const char *json_keep_id(struct arena *arena, const char *text);
/* For people: one line, redacted, cut to `limit` bytes; NULL when it is no string or empty. */
const char *json_read_text(struct arena *arena, const struct cJSON *value, size_t limit);
/* A number, or a string that is one. */
bool json_read_number(const struct cJSON *value, double *number);
/* The same without its fraction; false outside the range. */
bool json_read_integer(const struct cJSON *value, int64_t low, int64_t high, int64_t *number);

#endif
