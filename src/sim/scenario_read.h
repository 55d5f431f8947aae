/* Reading values of a scenario's own kinds; what the scenario_*.c files share. Every function tells
 * mistakes with their place and leaves the value alone then; a NULL node leaves it alone too. */
#ifndef SIM_SCENARIO_READ_H
#define SIM_SCENARIO_READ_H

#include "input/yaml.h"
#include "sim/scenario.h"

#define SCENARIO_COUNT_MAX ((size_t)1000) /* accounts, rules, voices, tasks of others … */
#define SCENARIO_TIME_MAX  (10000 * HOUR_MS)

struct scenario_reader {
  const struct yaml_document *document;
  struct sim_scenario *scenario;
};

void scenario_text(const struct scenario_reader *reader, const struct yaml_node *map,
                   const char *key, const char **value);
void scenario_bool(const struct scenario_reader *reader, const struct yaml_node *map,
                   const char *key, bool *value);
void scenario_int(const struct scenario_reader *reader, const struct yaml_node *map,
                  const char *key, int64_t low, int64_t high, int64_t *value);
void scenario_real(const struct scenario_reader *reader, const struct yaml_node *map,
                   const char *key, double low, double high, double *value);
void scenario_time(const struct scenario_reader *reader, const struct yaml_node *map,
                   const char *key, duration_ms *value);
/* "20%" or 0.2, up to `high`. */
void scenario_share(const struct scenario_reader *reader, const struct yaml_node *map,
                    const char *key, double high, double *value);
/* One of `names`: its place among them. */
void scenario_choice(const struct scenario_reader *reader, const struct yaml_node *map,
                     const char *key, const char *const *names, size_t count, size_t *value);
/* One value, or [low, high]. */
void scenario_times(const struct scenario_reader *reader, const struct yaml_node *map,
                    const char *key, struct sim_range *value);
void scenario_ints(const struct scenario_reader *reader, const struct yaml_node *map,
                   const char *key, int64_t low, int64_t high, struct sim_range *value);
/* {from: 10m, until: 20m}; either may be left out. */
void scenario_window(const struct scenario_reader *reader, const struct yaml_node *map,
                     struct sim_window *value);
/* A list (or one thing alone) of mappings: how many; 0 when there is none or too many (told). */
size_t scenario_count(const struct scenario_reader *reader, const struct yaml_node *map,
                      const char *key);

#define CHECK_KEYS(reader, map, names)                                                             \
  (yaml_expect((reader)->document, (map), "this", YAML_MAP) &&                                     \
   (yaml_check_keys((reader)->document, (map), (names), sizeof(names) / sizeof((names)[0])),       \
    true))

/* ---- scenario_accounts.c, scenario_rules.c ---- */
void scenario_read_voices(const struct scenario_reader *reader, const struct yaml_node *root);
void scenario_read_accounts(const struct scenario_reader *reader, const struct yaml_node *root);
void scenario_read_faults(const struct scenario_reader *reader, const struct yaml_node *root);
void scenario_read_failures(const struct scenario_reader *reader, const struct yaml_node *root);

#endif
