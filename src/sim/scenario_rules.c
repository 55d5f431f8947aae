/* The scenario's `faults` (what befalls calls) and `failures` (tasks that end badly). */
#include <string.h>

#include "sim/scenario_read.h"

/* When a rule strikes. */
static void read_when(const struct scenario_reader *reader, const struct yaml_node *map,
                      struct sim_when *when) {
  *when = (struct sim_when){.window = {0, TIME_NEVER}};
  scenario_text(reader, map, "account", &when->account);
  scenario_text(reader, map, "asset", &when->asset);
  scenario_text(reader, map, "voice", &when->voice);
  scenario_text(reader, map, "ref", &when->ref);
  scenario_share(reader, map, "rate", 1, &when->rate);
  scenario_int(reader, map, "times", 1, INT32_MAX, &when->times);
  if (yaml_get(map, "from") != NULL || yaml_get(map, "until") != NULL)
    scenario_window(reader, map, &when->window);
  size_t count = scenario_count(reader, map, "nth");
  int64_t *nth = ARENA_NEW_ARRAY(&reader->scenario->arena, count + 1, int64_t);
  for (size_t i = 0; i < count; i++)
    if (yaml_read_integer(reader->document, yaml_item(yaml_get(map, "nth"), i), "nth", 1, INT32_MAX,
                          &nth[i]))
      when->nth_count++;
  when->nth = nth;
}

static void read_fault(const struct scenario_reader *reader, const struct yaml_node *map,
                       struct sim_fault_rule *rule) {
#define X(name, text) text,
  static const char *const kinds[] = {SIM_FAULTS(X)};
  static const char *const calls[] = {SIM_CALLS(X) "any"};
#undef X
  static const char *const bodies[] = {"json", "html", "empty"};
  static const char *const keys[] = {"kind", "call",  "account", "nth",  "rate",   "times",
                                     "from", "until", "status",  "body", "cut_at", "late"};
  size_t kind = FAULT_COUNT, call = SIM_CALL_COUNT, body = 0;
  *rule = (struct sim_fault_rule){.kind = FAULT_LOST_AFTER, .call = SIM_CALL_COUNT, .cut_at = 0.5};
  if (!CHECK_KEYS(reader, map, keys)) return;
  scenario_choice(reader, map, "kind", kinds, FAULT_COUNT, &kind);
  if (yaml_get(map, "kind") == NULL) yaml_error(reader->document, map, "a fault needs a `kind`");
  scenario_choice(reader, map, "call", calls, sizeof calls / sizeof calls[0], &call);
  if (yaml_get(map, "call") == NULL) yaml_error(reader->document, map, "a fault needs a `call`");
  if (kind < FAULT_COUNT) rule->kind = (enum sim_fault)kind;
  rule->call = (enum sim_call)call;
  if (rule->kind == FAULT_HTML) body = 1;
  scenario_choice(reader, map, "body", bodies, 3, &body);
  rule->body = bodies[body];
  int64_t status = rule->kind == FAULT_HTML ? 503 : 502;
  scenario_int(reader, map, "status", 200, 599, &status);
  rule->status = (int)status;
  scenario_share(reader, map, "cut_at", 0.99, &rule->cut_at);
  scenario_time(reader, map, "late", &rule->late);
  read_when(reader, map, &rule->when);
}

void scenario_read_faults(const struct scenario_reader *reader, const struct yaml_node *root) {
  struct sim_scenario *scenario = reader->scenario;
  size_t count = scenario_count(reader, root, "faults");
  struct sim_fault_rule *rules =
      ARENA_NEW_ARRAY(&scenario->arena, count + 1, struct sim_fault_rule);
  for (size_t i = 0; i < count; i++)
    read_fault(reader, yaml_item(yaml_get(root, "faults"), i), &rules[i]);
  scenario->faults = rules;
  scenario->fault_count = count;
}

static void read_failure(const struct scenario_reader *reader, const struct yaml_node *map,
                         struct sim_failure_rule *rule) {
#define X(name, text) text,
  static const char *const kinds[] = {SIM_FAILURES(X)};
#undef X
  static const char *const keys[] = {"kind",   "account",  "asset", "voice", "ref",
                                     "nth",    "rate",     "times", "from",  "until",
                                     "reason", "category", "at"};
  size_t kind = FAILURE_COUNT;
  *rule = (struct sim_failure_rule){.kind = FAILURE_INTERNAL, .at = 1};
  if (!CHECK_KEYS(reader, map, keys)) return;
  scenario_choice(reader, map, "kind", kinds, FAILURE_COUNT, &kind);
  if (yaml_get(map, "kind") == NULL) yaml_error(reader->document, map, "a failure needs a `kind`");
  if (kind < FAILURE_COUNT) rule->kind = (enum sim_failure)kind;
  bool moderated = rule->kind == FAILURE_MODERATION || rule->kind == FAILURE_SUBMISSION;
  rule->reason = moderated ? "SAFETY.INPUT.VIDEO" : "INTERNAL.BAD_OUTPUT.CODE01";
  if (moderated) rule->category = "VIOLENCE";
  scenario_text(reader, map, "reason", &rule->reason);
  scenario_text(reader, map, "category", &rule->category);
  scenario_share(reader, map, "at", 1, &rule->at);
  read_when(reader, map, &rule->when);
}

void scenario_read_failures(const struct scenario_reader *reader, const struct yaml_node *root) {
  struct sim_scenario *scenario = reader->scenario;
  size_t count = scenario_count(reader, root, "failures");
  struct sim_failure_rule *rules =
      ARENA_NEW_ARRAY(&scenario->arena, count + 1, struct sim_failure_rule);
  for (size_t i = 0; i < count; i++)
    read_failure(reader, yaml_item(yaml_get(root, "failures"), i), &rules[i]);
  scenario->failures = rules;
  scenario->failure_count = count;
}
