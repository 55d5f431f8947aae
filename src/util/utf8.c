#include "util/utf8.h"

#include "util/text.h"

size_t utf8_next(const char *at, size_t left, uint32_t *code) {
  unsigned char lead = (unsigned char)*at;
  *code = lead;
  if (lead < 0x80) return 1;
  size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  *code = UTF8_BROKEN;
  if (length > left || !text_is_utf8(at, length)) return 1;
  *code = lead & (0x7fu >> length);
  for (size_t i = 1; i < length; i++)
    *code = *code << 6 | ((unsigned char)at[i] & 0x3fu);
  return length;
}

struct range {
  uint32_t first, last;
};

static bool within(const struct range *ranges, size_t count, uint32_t code) {
  for (size_t i = 0; i < count; i++)
    if (code >= ranges[i].first && code <= ranges[i].last) return true;
  return false;
}

int utf8_width(uint32_t code) {
  static const struct range none[] = {{0x300, 0x36f}, {0x200b, 0x200d}, {0xfe00, 0xfe0f}};
  static const struct range wide[] = {{0x1100, 0x115f},   {0x2e80, 0xa4cf},  {0xac00, 0xd7a3},
                                      {0xf900, 0xfaff},   {0xfe30, 0xfe6f},  {0xff00, 0xff60},
                                      {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
  if (code < 0x300) return 1;
  if (within(none, sizeof none / sizeof none[0], code)) return 0;
  return within(wide, sizeof wide / sizeof wide[0], code) ? 2 : 1;
}

bool utf8_is_control(uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200e && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x206f) ||
         code == 0x61c || code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) ||
         (code & ~0x7fu) == 0xe0000;
}
