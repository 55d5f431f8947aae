/* Getters for the tree: each tells what it expected and what it found, at the place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/yaml_text.h"
#include "util/text.h"
#include "util/utf8.h"

#define SHORT_MOST 60

const char *yaml_line(const struct yaml_document *document, int32_t line) {
  if (line < 1 || (size_t)line > document->line_count) return NULL;
  if (document->hidden != NULL && document->hidden[line - 1]) return NULL;
  return yaml_text_line(document, (size_t)line);
}

void yaml_error(const struct yaml_document *document, const struct yaml_node *node,
                const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  diag_add(document->diags, false, document->shown, node->line, node->column,
           yaml_line(document, node->line), format, arguments);
  va_end(arguments);
}

void yaml_warning(const struct yaml_document *document, const struct yaml_node *node,
                  const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  diag_add(document->diags, true, document->shown, node->line, node->column,
           yaml_line(document, node->line), format, arguments);
  va_end(arguments);
}

const char *yaml_short(const struct yaml_document *document, const char *text) {
  size_t size = strlen(text), at = 0;
  if (document->hidden != NULL && yaml_text_is_secret(text)) return "…";
  for (size_t signs = 0; at < size && signs < SHORT_MOST; signs++) {
    uint32_t code;
    at += utf8_next(text + at, size - at, &code);
  }
  return at == size ? text : arena_printf(document->arena, "%.*s…", (int)at, text);
}

static void wipe_node(const struct yaml_node *node) {
  /* The tree is const to its readers; its memory is ours. */
  if (node->kind == YAML_SCALAR) {
    if (*node->text != '\0') explicit_bzero((char *)(uintptr_t)node->text, strlen(node->text));
    return;
  }
  for (size_t i = 0; i < node->count; i++)
    wipe_node(node->kind == YAML_LIST ? &node->items[i] : &node->pairs[i].value);
}

void yaml_wipe(struct yaml_document *document) {
  if (document->root != NULL) wipe_node(document->root);
  if (document->text != NULL) explicit_bzero(document->text, document->text_size);
  document->root = NULL;
  document->line_count = 0;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key) {
  if (map == NULL || map->kind != YAML_MAP) return NULL;
  for (size_t i = 0; i < map->count; i++)
    if (strcmp(map->pairs[i].key.text, key) == 0) return &map->pairs[i].value;
  return NULL;
}

size_t yaml_item_count(const struct yaml_node *node) {
  return node->kind == YAML_LIST ? node->count : 1;
}

const struct yaml_node *yaml_item(const struct yaml_node *node, size_t index) {
  return node->kind == YAML_LIST ? &node->items[index] : node;
}

bool yaml_is_null(const struct yaml_node *node) {
  return node->kind == YAML_SCALAR && !node->quoted &&
         (*node->text == '\0' || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

/* What the node is, for "found …". */
const char *yaml_found(const struct yaml_document *document, const struct yaml_node *node) {
  if (node->kind == YAML_LIST) return "a list";
  if (node->kind == YAML_MAP) return "a mapping";
  if (yaml_is_null(node)) return "nothing";
  if (node->hidden) return "a text that is not shown here";
  return arena_printf(document->arena, "`%s`", yaml_short(document, node->text));
}

static bool is_braced(const struct yaml_document *document, const struct yaml_node *node) {
  char first = *yaml_text_at(document, (size_t)node->line, (size_t)node->column);
  return node->kind != YAML_SCALAR && (first == '{' || first == '[');
}

bool yaml_expect(const struct yaml_document *document, const struct yaml_node *node,
                 const char *name, enum yaml_kind kind) {
  static const char *const kinds[] = {"text", "a list", "a mapping of keys and values"};
  if (node->kind == kind && (kind != YAML_SCALAR || !yaml_is_null(node))) return true;
  bool braced = kind == YAML_SCALAR && is_braced(document, node);
  yaml_error(document, node, "%s: expected %s, found %s%s", name, kinds[kind],
             yaml_found(document, node),
             braced ? "; a value that begins with { or [ must be in quotes" : "");
  return false;
}

bool yaml_read_text(const struct yaml_document *document, const struct yaml_node *node,
                    const char *name, const char **value) {
  if (!yaml_expect(document, node, name, YAML_SCALAR)) return false;
  *value = node->text;
  return true;
}

/* YAML 1.1's other words for them, which surprise more often than they help. */
const char *yaml_meant_bool(const char *text) {
  static const char *const yes[] = {"yes", "on", "y"}, *const no[] = {"no", "off", "n"};
  for (size_t i = 0; i < 3; i++) {
    if (strcasecmp(text, yes[i]) == 0) return "true";
    if (strcasecmp(text, no[i]) == 0) return "false";
  }
  return strcasecmp(text, "true") == 0 ? "true" : strcasecmp(text, "false") == 0 ? "false" : NULL;
}

bool yaml_read_bool(const struct yaml_document *document, const struct yaml_node *node,
                    const char *name, bool *value) {
  bool scalar = node->kind == YAML_SCALAR;
  if (scalar && strcmp(node->text, "true") == 0) return *value = true, true;
  if (scalar && strcmp(node->text, "false") == 0) return *value = false, true;
  const char *meant = scalar ? yaml_meant_bool(node->text) : NULL;
  if (meant != NULL)
    yaml_error(document, node, "%s: write %s instead of %s", name, meant,
               yaml_found(document, node));
  else
    yaml_error(document, node, "%s: expected true or false, found %s", name,
               yaml_found(document, node));
  return false;
}

bool yaml_read_integer(const struct yaml_document *document, const struct yaml_node *node,
                       const char *name, int64_t low, int64_t high, int64_t *value) {
  if (node->kind == YAML_SCALAR && text_to_int64(node->text, low, high, value)) return true;
  yaml_error(document, node, "%s: expected a whole number from %lld to %lld, found %s", name,
             (long long)low, (long long)high, yaml_found(document, node));
  return false;
}

bool yaml_read_real(const struct yaml_document *document, const struct yaml_node *node,
                    const char *name, double low, double high, double *value) {
  double number;
  if (node->kind == YAML_SCALAR && text_to_double(node->text, &number) && number >= low &&
      number <= high) {
    *value = number;
    return true;
  }
  yaml_error(document, node, "%s: expected a number from %g to %g, found %s", name, low, high,
             yaml_found(document, node));
  return false;
}

/* As it is written in a file: the largest unit that divides it. */
static const char *written(const struct yaml_document *document, duration_ms duration) {
  static const struct {
    const char *unit;
    duration_ms ms;
  } units[] = {{"h", HOUR_MS}, {"m", MINUTE_MS}, {"s", SECOND_MS}};
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
    if (duration > 0 && duration % units[i].ms == 0)
      return arena_printf(document->arena, "%lld%s", (long long)(duration / units[i].ms),
                          units[i].unit);
  return arena_printf(document->arena, "%lldms", (long long)duration);
}

bool yaml_read_duration(const struct yaml_document *document, const struct yaml_node *node,
                        const char *name, duration_ms low, duration_ms high, duration_ms *value) {
  duration_ms duration;
  if (node->kind != YAML_SCALAR || !text_to_duration(node->text, &duration)) {
    yaml_error(document, node, "%s: expected a duration such as 250ms, 10s, 5m or 2h, found %s",
               name, yaml_found(document, node));
    return false;
  }
  if (duration < low || duration > high) {
    yaml_error(document, node, "%s: expected a duration from %s to %s, found %s", name,
               written(document, low), written(document, high), yaml_found(document, node));
    return false;
  }
  *value = duration;
  return true;
}

void yaml_unknown_key(const struct yaml_document *document, const struct yaml_node *key,
                      const char *const *names, size_t count) {
  const char *nearest = text_nearest(key->text, names, count);
  const char *shown = yaml_short(document, key->text);
  if (nearest != NULL)
    yaml_error(document, key, "unknown key `%s`: did you mean `%s`?", shown, nearest);
  else
    yaml_error(document, key, "unknown key `%s`", shown);
}

bool yaml_check_keys(const struct yaml_document *document, const struct yaml_node *map,
                     const char *const *names, size_t count) {
  bool good = true;
  for (size_t i = 0; i < map->count; i++) {
    const struct yaml_node *key = &map->pairs[i].key;
    size_t k = 0;
    while (k < count && strcmp(names[k], key->text) != 0)
      k++;
    if (k < count) continue;
    yaml_unknown_key(document, key, names, count);
    good = false;
  }
  return good;
}
