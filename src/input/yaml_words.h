/* libyaml's complaints in words that a person can act on. Only for yaml.c. */
#ifndef INPUT_YAML_WORDS_H
#define INPUT_YAML_WORDS_H

#include <yaml.h>

#include "input/yaml.h"

/* Tells the syntax mistake that stopped the parser. */
void yaml_tell_syntax(const struct yaml_document *document, const yaml_parser_t *parser);

#endif
