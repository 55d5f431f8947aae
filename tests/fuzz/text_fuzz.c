/* Texts of outside on their way to people: redacted, made harmless, cut to a column, quoted as
 * JSON, matched against patterns. The first line is a pattern or a width, the rest the text. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "nightshift/wire.h"
#include "util/glob.h"
#include "util/json_out.h"
#include "util/plain.h"
#include "util/text.h"
#include "wire/json.h"
#include "wire/redact.h"

static void check_redacted(const char *text) {
  size_t length = strlen(text);
  char *copy = malloc(length + 1), line[200];
  CHECK(copy != NULL);
  memcpy(copy, text, length + 1);
  wire_redact(copy);
  CHECK(strlen(copy) <= length);
  redact_line(text, line, sizeof line);
  CHECK(strlen(line) < sizeof line && fuzz_is_harmless(line, strlen(line), false));
  char again[sizeof line];
  redact_line(line, again, sizeof again);
  CHECK(strlen(again) <= strlen(line));
  free(copy);
}

static void check_plain(const char *text, size_t columns) {
  struct buffer out;
  buffer_init(&out, SIZE_MAX / 4);
  plain_text(&out, text);
  CHECK(fuzz_is_harmless(buffer_string(&out), out.length, false));
  CHECK(plain_columns(text) == plain_columns(buffer_string(&out)));
  buffer_clear(&out);
  plain_cell(&out, text, columns, columns % 2 == 0);
  CHECK(plain_columns(buffer_string(&out)) == columns);
  buffer_release(&out);
}

/* What the JSON writer writes, the JSON reader reads. */
static void check_json(const char *text) {
  struct json_out json;
  struct json_document document;
  struct buffer out;
  buffer_init(&out, SIZE_MAX / 4);
  json_begin(&json, &out);
  json_open_object(&json, NULL);
  json_text(&json, "text", text);
  json_close_object(&json);
  CHECK(json_parse(&document, out.bytes, out.length));
  const char *read = json_string(json_member(document.root, "text"));
  CHECK(read != NULL);
  if (text_is_utf8(text, strlen(text))) CHECK(strcmp(read, text) == 0);
  json_release(&document);
  buffer_release(&out);
}

static void check_encoded(const char *text) {
  char *encoded = malloc(3 * strlen(text) + 1);
  CHECK(encoded != NULL);
  text_percent_encode(text, encoded);
  CHECK(strpbrk(encoded, " /?#&=\n\"") == NULL);
  free(encoded);
}

/* Names of files and ids of jobs against what a YAML scalar can hold. */
#define PATTERN_MAX ((size_t)64 * 1024)
static void check_glob(const char *pattern, const char *text) {
  (void)glob_matches(pattern, text);
  CHECK(glob_matches("*", text));
  if (strpbrk(text, "*?[\\") == NULL) CHECK(glob_matches(text, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_bytes bytes = {data, size};
  char *pattern = fuzz_line(&bytes), *text;
  char email[64];
  size_t left = bytes.left;
  struct fuzz_bytes rest = {bytes.at, left};
  text = fuzz_line(&rest);
  check_redacted(text);
  check_plain(text, strlen(pattern) % 40 + 1);
  check_json(text);
  check_encoded(text);
  if (strlen(text) <= PATH_MAX && strlen(pattern) <= PATTERN_MAX) check_glob(pattern, text);
  if (strlen(text) <= JSON_ID_MAX && wire_account_of(text, email, sizeof email))
    CHECK(strchr(email, '@') != NULL);
  (void)text_distance(pattern, text);
  free(text);
  free(pattern);
  return 0;
}

static void stars(struct buffer *out, size_t size) {
  (void)size;
  fuzz_repeat(out, PATTERN_MAX, "", "*a", "b\n");
  fuzz_repeat(out, PATTERN_MAX + PATH_MAX, "", "a", "");
}
static void classes(struct buffer *out, size_t size) {
  (void)size;
  fuzz_repeat(out, PATTERN_MAX, "*", "[a-", "\n");
  fuzz_repeat(out, PATTERN_MAX + PATH_MAX, "", "[", "");
}
static void ids(struct buffer *out, size_t size) {
  (void)size;
  fuzz_repeat(out, JSON_ID_MAX + 2, "x\n-runwayml:", "-asset:", "");
}
static void secrets(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "x\n", "user:1-", "");
}
static void links(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "x\n", "https://", "");
}
static void tokens(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "x\n", "eyJ", "");
}
static void words(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "x\n", "password=", "");
}
static void controls(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "x\n", "\x1b", "");
}

const struct fuzz_worst fuzz_worst[] = {
    {"stars", stars},     {"classes", classes},   {"beginnings of ids", ids},
    {"secrets", secrets}, {"links", links},       {"tokens", tokens},
    {"words", words},     {"controls", controls}, {NULL, NULL}};
