/* One code point at a time out of UTF-8 that may be broken, and how wide it looks. */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_BROKEN ((uint32_t)0xfffd)

/* The code point at `at`, of which `left` > 0 bytes may be read, and the bytes it takes. A byte
 * that begins no valid sequence is UTF8_BROKEN and takes one. */
size_t utf8_next(const char *at, size_t left, uint32_t *code);
/* Cells on a terminal: 0 for combining marks, 2 for East Asian wide signs and emoji, else 1. Close
 * enough to put a caret. */
int utf8_width(uint32_t code);
/* Signs that could change what a person sees around them: controls (a tab too) and direction marks.
 */
bool utf8_is_control(uint32_t code);

#endif
