/* The environment in the values of a config file: ${NAME} becomes its value, `$$` a dollar. A `$`
 * before anything else stays as it is. Commands are left to their shell, which reads the same. */
#include <string.h>

#include "input/config_parts.h"
#include "util/buffer.h"

static bool is_name(const char *text, size_t size) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  if (size == 0 || strchr(letters, *text) == NULL) return false;
  for (size_t i = 0; i < size; i++)
    if (strchr(letters, text[i]) == NULL && (text[i] < '0' || text[i] > '9')) return false;
  return true;
}

static const char *lookup(const struct config_reader *reader, const char *name) {
  const struct config_options *options = reader->options;
  const char *value = options->getenv == NULL ? NULL : options->getenv(options->context, name);
  return value != NULL && *value != '\0' ? value : NULL;
}

/* One ${NAME}, `at` behind its brace. *end is what follows it. False when a mistake was told, or
 * (*missing) a token is not set and none is needed. */
static bool expand_one(const struct config_reader *reader, const struct yaml_node *node,
                       const char *at, bool token, struct buffer *out, const char **end) {
  const char *close = strchr(at, '}');
  size_t size = close == NULL ? 0 : (size_t)(close - at);
  if (!is_name(at, size)) {
    yaml_error(reader->document, node,
               "expected ${NAME}, with the name of an environment "
               "variable; write $$ for a dollar");
    return false;
  }
  const char *name = arena_bytes(reader->memory, at, size), *value = lookup(reader, name);
  *end = close + 1;
  if (value == NULL) {
    if (!token || reader->options->token_needed)
      yaml_error(reader->document, node,
                 "the environment variable %s is not set: set it, as in `export %s=…`", name, name);
    return false;
  }
  if (buffer_text(out, value)) return true;
  yaml_error(reader->document, node, "the value is longer than %zu bytes", YAML_SCALAR_MAX);
  return false;
}

static bool expand_text(const struct config_reader *reader, const struct yaml_node *node,
                        bool token, struct buffer *out) {
  for (const char *at = node->text; *at != '\0';) {
    size_t plain = strcspn(at, "$");
    if (!buffer_append(out, at, plain)) return false;
    at += plain;
    if (at[0] == '$' && at[1] == '{') {
      if (!expand_one(reader, node, at + 2, token, out, &at)) return false;
    } else if (*at == '$') {
      if (!buffer_text(out, "$")) return false;
      at += at[1] == '$' ? 2 : 1;
    }
  }
  return true;
}

static void expand_scalar(const struct config_reader *reader, struct yaml_node *node, bool token) {
  struct buffer out;
  if (strchr(node->text, '$') == NULL) return;
  buffer_init(&out, YAML_SCALAR_MAX);
  bool expanded = expand_text(reader, node, token, &out);
  /* What could not be read is left out, so that nothing more is said of it. */
  node->text = expanded ? arena_string(reader->document->arena, buffer_string(&out)) : "";
  node->quoted = expanded;
  node->hidden = true;
  if (out.bytes != NULL) explicit_bzero(out.bytes, out.length);
  buffer_release(&out);
}

static bool is_command(const char *key) {
  return strcmp(key, "on_finish") == 0 || strcmp(key, "on_alert") == 0;
}

static void expand(const struct config_reader *reader, struct yaml_node *node, bool token) {
  if (node->kind == YAML_SCALAR) {
    node->hidden = node->hidden || token;
    expand_scalar(reader, node, token);
    return;
  }
  for (size_t i = 0; i < node->count; i++) {
    if (node->kind == YAML_LIST) {
      expand(reader, &node->items[i], token);
      continue;
    }
    const char *key = node->pairs[i].key.text;
    if (!is_command(key)) expand(reader, &node->pairs[i].value, strcmp(key, "token") == 0);
  }
}

void config_expand(const struct config_reader *reader, struct yaml_node *root) {
  expand(reader, root, false);
}
