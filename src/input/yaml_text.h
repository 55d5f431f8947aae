/* A YAML file as bytes and lines, before libyaml sees it. Only for the files named yaml*.c. */
#ifndef INPUT_YAML_TEXT_H
#define INPUT_YAML_TEXT_H

#include "input/yaml.h"

/* Copies the bytes and finds the lines. Tells the first byte that no text file may have, or a
 * directive, and returns false. A byte order mark is skipped: *start says where the text begins. */
bool yaml_text_prepare(struct yaml_document *document, const char *bytes, size_t size, bool secrets,
                       size_t *start);
/* The line's text, secret or not, "" beyond the end; lines count from 1. */
const char *yaml_text_line(const struct yaml_document *document, size_t line);
/* The text from a place on to the end of its line; "" beyond. */
const char *yaml_text_at(const struct yaml_document *document, size_t line, size_t column);
/* Whether a text could be or hold a token, a password or a key to something. */
bool yaml_text_is_secret(const char *text);
/* A mistake at a place. */
void yaml_tell(const struct yaml_document *document, size_t line, size_t column, const char *format,
               ...) __attribute__((format(printf, 4, 5)));

#endif
