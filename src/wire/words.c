#include "wire/words.h"

#include <string.h>

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool words_is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

bool words_start(const char *text, const char *start) {
  for (; *start != '\0'; text++, start++)
    if (lower(*text) != lower(*start)) return false;
  return true;
}

bool words_equal(const char *a, const char *b) {
  return strlen(a) == strlen(b) && words_start(a, b);
}

bool words_contain(const char *text, const char *part) {
  if (text == NULL) return false;
  for (; *text != '\0'; text++)
    if (words_start(text, part)) return true;
  return false;
}

bool words_contain_word(const char *text, const char *word) {
  if (text == NULL) return false;
  char before = ' ';
  for (; *text != '\0'; before = *text, text++) {
    if (words_is_letter_or_digit(before) || !words_start(text, word)) continue;
    if (!words_is_letter_or_digit(text[strlen(word)])) return true;
  }
  return false;
}
