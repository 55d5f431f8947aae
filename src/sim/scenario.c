/* A scenario from its YAML: the file's top level, and what holds where nothing is said. All keys
 * are described in docs/simulation.md. */
#include "sim/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "sim/scenario_read.h"
#include "util/check.h"

#define SCENARIO_BYTES_MAX ((size_t)1024 * 1024)

const char sim_scenario_builtin[] = "# Two accounts, gentle: nothing goes wrong.\n"
                                    "token: user:1234-demo-secret\n"
                                    "accounts:\n"
                                    "  - email: one@example.com\n"
                                    "    capacity: 2\n"
                                    "  - email: two@example.com\n"
                                    "    capacity: 2\n";

static void set_defaults(struct sim_scenario *scenario) {
  scenario->seed = 1;
  scenario->forms.submit_nested = true;
  scenario->forms.list_refs = scenario->forms.list_names = true;
  scenario->forms.retry_after_ms = 15 * SECOND_MS;
  scenario->work_base = 20 * SECOND_MS;
  scenario->work_per_second = 2 * SECOND_MS;
  scenario->work_jitter = 0.1;
  scenario->start = (struct sim_range){SECOND_MS, 3 * SECOND_MS};
  scenario->explore_factor = 3;
  scenario->credits_per_second = 5;
  scenario->subscription_ends = TIME_NEVER;
  for (size_t i = 0; i < SIM_CALL_COUNT; i++)
    scenario->latency[i] = (struct sim_range){80, 250};
  scenario->artifact_bytes = (struct sim_range){20000, 200000};
  scenario->artifact_ttl = HOUR_MS;
}

static void read_work(const struct scenario_reader *reader, const struct yaml_node *root) {
  static const char *const keys[] = {"base", "per_second", "jitter", "start", "explore_factor"};
  struct sim_scenario *scenario = reader->scenario;
  const struct yaml_node *map = yaml_get(root, "work");
  if (map == NULL || !CHECK_KEYS(reader, map, keys)) return;
  scenario_time(reader, map, "base", &scenario->work_base);
  scenario_time(reader, map, "per_second", &scenario->work_per_second);
  scenario_share(reader, map, "jitter", 0.9, &scenario->work_jitter);
  scenario_times(reader, map, "start", &scenario->start);
  scenario_real(reader, map, "explore_factor", 0.01, 1000, &scenario->explore_factor);
}

static void read_latency(const struct scenario_reader *reader, const struct yaml_node *root) {
#define X(name, text) text,
  static const char *const calls[] = {SIM_CALLS(X) "any"};
#undef X
  struct sim_scenario *scenario = reader->scenario;
  const struct yaml_node *node = yaml_get(root, "latency");
  if (node == NULL) return;
  struct sim_range any = scenario->latency[0];
  if (node->kind == YAML_MAP) {
    (void)CHECK_KEYS(reader, node, calls);
    scenario_times(reader, node, "any", &any);
  } else {
    scenario_times(reader, root, "latency", &any);
  }
  for (size_t i = 0; i < SIM_CALL_COUNT; i++) {
    scenario->latency[i] = any;
    if (node->kind == YAML_MAP) scenario_times(reader, node, calls[i], &scenario->latency[i]);
  }
}

static void read_artifacts(const struct scenario_reader *reader, const struct yaml_node *root) {
  static const char *const keys[] = {"bytes", "ttl", "bytes_per_second"};
  struct sim_scenario *scenario = reader->scenario;
  const struct yaml_node *map = yaml_get(root, "artifacts");
  if (map == NULL || !CHECK_KEYS(reader, map, keys)) return;
  scenario_ints(reader, map, "bytes", 64, (int64_t)64 * 1024 * 1024, &scenario->artifact_bytes);
  scenario_time(reader, map, "ttl", &scenario->artifact_ttl);
  scenario_int(reader, map, "bytes_per_second", 1, INT32_MAX, &scenario->artifact_bytes_per_second);
}

static void read_two(const struct scenario_reader *reader, const struct yaml_node *map,
                     const char *key, const char *no, const char *yes, bool *value) {
  const char *const names[] = {no, yes};
  size_t place = *value ? 1 : 0;
  scenario_choice(reader, map, key, names, 2, &place);
  *value = place == 1;
}

static void read_replies(const struct scenario_reader *reader, const struct yaml_node *root) {
  static const char *const keys[] = {
      "submit", "task",       "tasks",       "assets",     "voices",     "voice_key",  "list_refs",
      "error",  "list_names", "retry_after", "retry_wait", "used_asset", "assets_page"};
  static const char *const after[] = {"none", "seconds", "date", "field"};
  struct sim_forms *forms = &reader->scenario->forms;
  const struct yaml_node *map = yaml_get(root, "replies");
  size_t place = forms->retry_after;
  if (map == NULL || !CHECK_KEYS(reader, map, keys)) return;
  read_two(reader, map, "submit", "top", "nested", &forms->submit_nested);
  read_two(reader, map, "task", "top", "nested", &forms->get_nested);
  read_two(reader, map, "tasks", "array", "object", &forms->tasks_object);
  read_two(reader, map, "assets", "array", "object", &forms->assets_object);
  read_two(reader, map, "voices", "array", "object", &forms->voices_object);
  read_two(reader, map, "voice_key", "id", "voiceId", &forms->voice_id_key);
  scenario_bool(reader, map, "list_refs", &forms->list_refs);
  scenario_bool(reader, map, "list_names", &forms->list_names);
  read_two(reader, map, "error", "text", "object", &forms->error_object);
  read_two(reader, map, "used_asset", "deleted", "kept", &forms->keeps_used);
  scenario_int(reader, map, "assets_page", 1, 1000, &forms->assets_page);
  scenario_choice(reader, map, "retry_after", after, 4, &place);
  forms->retry_after = (enum sim_after)place;
  scenario_time(reader, map, "retry_wait", &forms->retry_after_ms);
}

static void read_root(const struct scenario_reader *reader, const struct yaml_node *root) {
  static const char *const keys[] = {"seed",        "token",
                                     "voices",      "accounts",
                                     "work",        "credits_per_second",
                                     "listing_lag", "subscription_ends",
                                     "latency",     "artifacts",
                                     "replies",     "faults",
                                     "failures"};
  struct sim_scenario *scenario = reader->scenario;
  int64_t seed = 1;
  if (!CHECK_KEYS(reader, root, keys)) return;
  scenario_int(reader, root, "seed", 0, INT64_MAX, &seed);
  scenario->seed = (uint64_t)seed;
  scenario_read_voices(reader, root);
  scenario_read_accounts(reader, root);
  read_work(reader, root);
  scenario_real(reader, root, "credits_per_second", 0, 1000, &scenario->credits_per_second);
  scenario_time(reader, root, "listing_lag", &scenario->listing_lag);
  scenario_time(reader, root, "subscription_ends", &scenario->subscription_ends);
  read_latency(reader, root);
  read_artifacts(reader, root);
  read_replies(reader, root);
  scenario_read_faults(reader, root);
  scenario_read_failures(reader, root);
}

static struct sim_scenario *new_scenario(void) {
  struct sim_scenario *scenario = calloc(1, sizeof *scenario);
  CHECK(scenario != NULL && "out of memory");
  arena_init(&scenario->arena);
  set_defaults(scenario);
  return scenario;
}

/* Hands the scenario over when the file had no mistake. */
static int finish(struct sim_scenario *read, struct yaml_document *document, int rc,
                  struct sim_scenario **scenario, size_t mistakes_before) {
  if (rc == 0) read_root(&(struct scenario_reader){document, read}, document->root);
  if (rc == 0 && diag_error_count(document->diags) > mistakes_before) rc = ERR_USAGE;
  if (rc == 0)
    *scenario = read;
  else
    sim_scenario_free(read);
  return rc;
}

static const char when_empty[] = "a scenario needs `accounts`";

int sim_scenario_parse(const char *text, size_t size, const char *shown,
                       struct sim_scenario **scenario, struct diag_list *diags) {
  struct sim_scenario *read = new_scenario();
  struct yaml_document document = {.diags = diags};
  size_t before = diag_error_count(diags);
  int rc =
      yaml_parse(&document, shown, text, size, when_empty, YAML_NO_SECRETS, &read->arena, diags);
  return finish(read, &document, rc, scenario, before);
}

int sim_scenario_load(const char *path, struct sim_scenario **scenario, struct diag_list *diags) {
  if (path == NULL)
    return sim_scenario_parse(sim_scenario_builtin, strlen(sim_scenario_builtin), "(built in)",
                              scenario, diags);
  struct sim_scenario *read = new_scenario();
  struct yaml_document document = {.diags = diags};
  size_t before = diag_error_count(diags);
  int rc = yaml_load(&document, path, path, SCENARIO_BYTES_MAX, when_empty, YAML_NO_SECRETS,
                     &read->arena, diags);
  return finish(read, &document, rc, scenario, before);
}

void sim_scenario_free(struct sim_scenario *scenario) {
  if (scenario == NULL) return;
  arena_release(&scenario->arena);
  free(scenario);
}
