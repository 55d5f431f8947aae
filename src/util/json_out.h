/* The one writer of JSON that we print. Correct by construction: commas and escapes are its
 * business. */
#ifndef UTIL_JSON_OUT_H
#define UTIL_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "util/buffer.h"

struct json_out {
  struct buffer *out;
  unsigned depth;
  bool comma[16]; /* per depth: an item has been written */
};

void json_begin(struct json_out *json, struct buffer *out);
/* `name` is the key inside an object, NULL inside an array or at the top. */
void json_open_object(struct json_out *json, const char *name);
void json_open_array(struct json_out *json, const char *name);
void json_close_object(struct json_out *json);
void json_close_array(struct json_out *json);
/* NULL is written as null. Bytes that are not UTF-8 become U+FFFD. */
void json_text(struct json_out *json, const char *name, const char *text);
void json_number(struct json_out *json, const char *name, int64_t number);
void json_real(struct json_out *json, const char *name, double number);
void json_bool(struct json_out *json, const char *name, bool value);
void json_null(struct json_out *json, const char *name);

#endif
