/* Text from outside made harmless for people's eyes: one line, no escape sequences, whole UTF-8,
 * and as wide as a column allows. */
#ifndef UTIL_PLAIN_H
#define UTIL_PLAIN_H

#include "util/buffer.h"

/* How a character is written down: itself, or \n \t \r or \u001b for one that would act on the
 * terminal or end the line, or U+FFFD for a byte that is not UTF-8. */
#define PLAIN_CHAR_MAX 12
/* Reads one character at `at` (not at the end) into `out`, NUL-terminated; returns bytes read. */
size_t plain_char(const char *at, char out[PLAIN_CHAR_MAX]);

/* Appends the whole text, harmless. */
void plain_text(struct buffer *out, const char *text);
/* Columns of a terminal that plain_text would take. */
size_t plain_columns(const char *text);
/* Appends exactly `columns` > 0 columns: the text, cut with "…" when it is longer, and spaces, put
 * before it when `right`. */
void plain_cell(struct buffer *out, const char *text, size_t columns, bool right);

struct arena;
/* The text fit to stand in a file's name: control characters made `_`, and '/' made `slash`. */
const char *plain_name(struct arena *arena, const char *text, char slash);

#endif
