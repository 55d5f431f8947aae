/* Comparing ASCII words without regard to case, on texts that came from outside. Independent of
 * the locale. */
#ifndef WIRE_WORDS_H
#define WIRE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

bool words_equal(const char *a, const char *b);
bool words_start(const char *text, const char *start);
/* Whether `part` stands anywhere in the text; false for a NULL text. */
bool words_contain(const char *text, const char *part);
/* The same, as a word of its own: "plan", but not "explanation". */
bool words_contain_word(const char *text, const char *word);
bool words_is_letter_or_digit(char c);

#endif
