#include "input/shape.h"

#include <string.h>

#include "util/utf8.h"

/* No blank or control character in the bytes. */
static bool is_solid(const char *text, size_t size) {
  for (size_t i = 0; i < size; i++)
    if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f) return false;
  return size > 0;
}

static bool is_email(const char *text, size_t size) {
  const char *at = memchr(text, '@', size);
  if (at == NULL || at == text || !is_solid(text, size)) return false;
  size_t rest = size - (size_t)(at - text) - 1;
  return rest > 0 && memchr(at + 1, '@', rest) == NULL && memchr(text, ':', size) == NULL;
}

bool shape_is_email(const char *text) {
  return is_email(text, strlen(text));
}

const char *shape_asset_name(const char *text) {
  static const char mark[] = "-asset:";
  const char *found = NULL;
  for (const char *at = text; (at = strstr(at, mark)) != NULL; at++)
    found = at;
  return found == NULL ? "" : found + sizeof mark - 1;
}

const char *shape_asset_email(struct arena *arena, const char *text) {
  static const char mark[] = "-runwayml:";
  const char *email = strstr(text, mark), *name = shape_asset_name(text);
  if (strncmp(text, "user:", 5) != 0 || email == NULL || *name == '\0') return NULL;
  email += sizeof mark - 1;
  const char *end = name - (sizeof "-asset:" - 1);
  if (end <= email || !is_solid(text, strlen(text))) return NULL;
  if (!is_email(email, (size_t)(end - email))) return NULL;
  return arena_bytes(arena, email, (size_t)(end - email));
}

bool shape_is_token(const char *text) {
  if (strncmp(text, "user:", 5) != 0 || !is_solid(text, strlen(text))) return false;
  size_t digits = strspn(text + 5, "0123456789");
  return digits > 0 && text[5 + digits] == '-' && text[6 + digits] != '\0';
}

bool shape_is_web_address(const char *text) {
  size_t scheme = strncmp(text, "https://", 8) == 0 ? 8 : strncmp(text, "http://", 7) == 0 ? 7 : 0;
  if (scheme == 0 || text[scheme] == '\0' || text[scheme] == '/') return false;
  for (const char *at = text; *at != '\0'; at++)
    if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7f) return false;
  return true;
}

size_t shape_length(const char *text) {
  size_t size = strlen(text), count = 0;
  for (size_t at = 0; at < size; count++) {
    uint32_t code;
    at += utf8_next(text + at, size - at, &code);
  }
  return count;
}

bool shape_has_control(const char *text) {
  size_t size = strlen(text);
  for (size_t at = 0; at < size;) {
    uint32_t code;
    at += utf8_next(text + at, size - at, &code);
    if (utf8_is_control(code)) return true;
  }
  return false;
}
