/* Values of a scenario's own kinds: shares, ranges, choices, windows. */
#include "sim/scenario_read.h"

#include <stdlib.h>
#include <string.h>

#include "util/text.h"

void scenario_text(const struct scenario_reader *reader, const struct yaml_node *map,
                   const char *key, const char **value) {
  const struct yaml_node *node = yaml_get(map, key);
  if (node == NULL) return;
  const char *text;
  if (!yaml_read_text(reader->document, node, key, &text)) return;
  if (*text == '\0')
    yaml_error(reader->document, node, "%s must not be empty", key);
  else
    *value = arena_string(&reader->scenario->arena, text);
}

void scenario_bool(const struct scenario_reader *reader, const struct yaml_node *map,
                   const char *key, bool *value) {
  const struct yaml_node *node = yaml_get(map, key);
  if (node != NULL) (void)yaml_read_bool(reader->document, node, key, value);
}

void scenario_int(const struct scenario_reader *reader, const struct yaml_node *map,
                  const char *key, int64_t low, int64_t high, int64_t *value) {
  const struct yaml_node *node = yaml_get(map, key);
  if (node != NULL) (void)yaml_read_integer(reader->document, node, key, low, high, value);
}

void scenario_real(const struct scenario_reader *reader, const struct yaml_node *map,
                   const char *key, double low, double high, double *value) {
  const struct yaml_node *node = yaml_get(map, key);
  if (node != NULL) (void)yaml_read_real(reader->document, node, key, low, high, value);
}

void scenario_time(const struct scenario_reader *reader, const struct yaml_node *map,
                   const char *key, duration_ms *value) {
  const struct yaml_node *node = yaml_get(map, key);
  if (node != NULL)
    (void)yaml_read_duration(reader->document, node, key, 0, SCENARIO_TIME_MAX, value);
}

void scenario_share(const struct scenario_reader *reader, const struct yaml_node *map,
                    const char *key, double high, double *value) {
  const struct yaml_node *node = yaml_get(map, key);
  const char *text;
  double number;
  if (node == NULL || !yaml_read_text(reader->document, node, key, &text)) return;
  bool percent = text_ends_with(text, "%");
  const char *digits =
      percent ? arena_bytes(&reader->scenario->arena, text, strlen(text) - 1) : text;
  if (!text_to_double(digits, &number) || number < 0 || number > (percent ? high * 100 : high))
    yaml_error(reader->document, node, "%s must be a share from 0%% to %g%%", key, high * 100);
  else
    *value = percent ? number / 100 : number;
}

void scenario_choice(const struct scenario_reader *reader, const struct yaml_node *map,
                     const char *key, const char *const *names, size_t count, size_t *value) {
  const struct yaml_node *node = yaml_get(map, key);
  const char *text;
  if (node == NULL || !yaml_read_text(reader->document, node, key, &text)) return;
  for (size_t i = 0; i < count; i++) {
    if (strcmp(names[i], text) != 0) continue;
    *value = i;
    return;
  }
  const char *nearest = text_nearest(text, names, count);
  if (nearest != NULL) {
    yaml_error(reader->document, node, "%s has no such value; did you mean \"%s\"?", key, nearest);
    return;
  }
  struct arena *arena = &reader->scenario->arena;
  const char *list = "";
  for (size_t i = 0; i < count; i++)
    list = arena_printf(arena, "%s%s%s", list, i == 0 ? "" : ", ", names[i]);
  yaml_error(reader->document, node, "%s must be one of: %s", key, list);
}

static bool read_bound(const struct scenario_reader *reader, const struct yaml_node *node,
                       const char *key, bool times, const struct sim_range *limits,
                       int64_t *value) {
  return times ? yaml_read_duration(reader->document, node, key, limits->low, limits->high, value)
               : yaml_read_integer(reader->document, node, key, limits->low, limits->high, value);
}

static void read_range(const struct scenario_reader *reader, const struct yaml_node *map,
                       const char *key, bool times, const struct sim_range *limits,
                       struct sim_range *value) {
  const struct yaml_node *node = yaml_get(map, key);
  struct sim_range range;
  if (node == NULL) return;
  if (node->kind == YAML_MAP || (node->kind == YAML_LIST && node->count != 2)) {
    yaml_error(reader->document, node, "%s must be one value, or a list [low, high]", key);
    return;
  }
  const struct yaml_node *low = yaml_item(node, 0);
  const struct yaml_node *high = node->kind == YAML_LIST ? yaml_item(node, 1) : low;
  if (!read_bound(reader, low, key, times, limits, &range.low) ||
      !read_bound(reader, high, key, times, limits, &range.high))
    return;
  if (range.low > range.high)
    yaml_error(reader->document, node, "%s: the low value is above the high one", key);
  else
    *value = range;
}

void scenario_times(const struct scenario_reader *reader, const struct yaml_node *map,
                    const char *key, struct sim_range *value) {
  read_range(reader, map, key, true, &(struct sim_range){0, SCENARIO_TIME_MAX}, value);
}

void scenario_ints(const struct scenario_reader *reader, const struct yaml_node *map,
                   const char *key, int64_t low, int64_t high, struct sim_range *value) {
  read_range(reader, map, key, false, &(struct sim_range){low, high}, value);
}

void scenario_window(const struct scenario_reader *reader, const struct yaml_node *map,
                     struct sim_window *value) {
  scenario_time(reader, map, "from", &value->from);
  scenario_time(reader, map, "until", &value->until);
  if (value->until <= value->from)
    yaml_error(reader->document, yaml_get(map, "until"), "until must be later than from");
}

size_t scenario_count(const struct scenario_reader *reader, const struct yaml_node *map,
                      const char *key) {
  const struct yaml_node *node = yaml_get(map, key);
  if (node == NULL || yaml_is_null(node)) return 0;
  size_t count = yaml_item_count(node);
  if (count <= SCENARIO_COUNT_MAX) return count;
  yaml_error(reader->document, node, "%s has more than %zu entries", key, SCENARIO_COUNT_MAX);
  return 0;
}
