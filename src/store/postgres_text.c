/* Bytes as UTF-8 and back: PostgreSQL takes no other text, and a file's name may be any bytes. */
#include <string.h>

#include "store/postgres.h"
#include "util/text.h"

/* U+10FE80 to U+10FEFF, of a plane for private use: F4 8F BA 80 to F4 8F BB BF. */
static bool is_stand_in(const unsigned char *at) {
  return at[0] == 0xF4 && at[1] == 0x8F && (at[2] == 0xBA || at[2] == 0xBB) && at[3] >= 0x80 &&
         at[3] <= 0xBF;
}

/* How many bytes the character takes that begins here; 0: none does. */
static size_t character_size(const char *at) {
  unsigned char first = (unsigned char)at[0];
  size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return strnlen(at, size) == size && text_is_utf8(at, size) ? size : 0;
}

static bool is_plain(const char *text) {
  if (!text_is_utf8(text, strlen(text))) return false;
  for (const char *at = text; (at = strchr(at, 0xF4)) != NULL; at++)
    if (is_stand_in((const unsigned char *)at)) return false;
  return true;
}

const char *postgres_text_out(const char *text, struct arena *arena) {
  if (text == NULL || is_plain(text)) return text;
  char *out = arena_alloc(arena, strlen(text) * 4 + 1), *to = out;
  while (*text != '\0') {
    size_t size = character_size(text);
    if (size == 4 && is_stand_in((const unsigned char *)text)) size = 0;
    if (size > 0) {
      memcpy(to, text, size);
      to += size;
      text += size;
      continue;
    }
    unsigned char byte = (unsigned char)*text++;
    memcpy(
        to,
        (const char[]){'\xF4', '\x8F', byte < 0xC0 ? '\xBA' : '\xBB', (char)(0x80 | (byte & 0x3F))},
        4);
    to += 4;
  }
  return out;
}

char *postgres_text_in(char *text) {
  char *to = strchr(text, 0xF4);
  if (to == NULL) return text;
  for (const char *at = to; *at != '\0';) {
    const unsigned char *bytes = (const unsigned char *)at;
    if (is_stand_in(bytes)) {
      *to++ = (char)((bytes[2] == 0xBA ? 0x80 : 0xC0) | (bytes[3] & 0x3F));
      at += 4;
    } else {
      *to++ = *at++;
    }
  }
  *to = '\0';
  return text;
}
