/* The scenario's `voices` and `accounts`. */
#include <string.h>

#include "sim/scenario_read.h"
#include "util/text.h"

/* ---- voices ---- */

/* "Maya" alone has the id voice-maya. */
static const char *id_from_name(struct arena *arena, const char *name) {
  char *id = arena_printf(arena, "voice-%s", name);
  for (char *at = id; *at != '\0'; at++) {
    if (*at >= 'A' && *at <= 'Z') *at = (char)(*at - 'A' + 'a');
    if (*at == ' ') *at = '-';
  }
  return id;
}

static void read_voice(const struct scenario_reader *reader, const struct yaml_node *node,
                       struct sim_voice *voice) {
  static const char *const keys[] = {"id", "name"};
  struct arena *arena = &reader->scenario->arena;
  voice->id = voice->name = "";
  if (node->kind == YAML_SCALAR) {
    const char *text;
    if (!yaml_read_text(reader->document, node, "voices", &text)) return;
    voice->name = arena_string(arena, text);
    voice->id = id_from_name(arena, text);
    return;
  }
  if (!CHECK_KEYS(reader, node, keys)) return;
  scenario_text(reader, node, "id", &voice->id);
  scenario_text(reader, node, "name", &voice->name);
  if (voice->id[0] == '\0' || voice->name[0] == '\0')
    yaml_error(reader->document, node, "a voice needs an id and a name");
}

void scenario_read_voices(const struct scenario_reader *reader, const struct yaml_node *root) {
  struct sim_scenario *scenario = reader->scenario;
  size_t count = scenario_count(reader, root, "voices");
  if (count == 0) {
    static const char *const names[] = {"Maya", "Leo", "Ivy", "Noah"};
    struct sim_voice *voices = ARENA_NEW_ARRAY(&scenario->arena, 4, struct sim_voice);
    for (size_t i = 0; i < 4; i++)
      voices[i] = (struct sim_voice){id_from_name(&scenario->arena, names[i]), names[i]};
    scenario->voices = voices;
    scenario->voice_count = 4;
    return;
  }
  struct sim_voice *voices = ARENA_NEW_ARRAY(&scenario->arena, count, struct sim_voice);
  for (size_t i = 0; i < count; i++)
    read_voice(reader, yaml_item(yaml_get(root, "voices"), i), &voices[i]);
  scenario->voices = voices;
  scenario->voice_count = count;
}

static void read_account_voices(const struct scenario_reader *reader, const struct yaml_node *map,
                                struct sim_account_plan *plan) {
  const struct sim_scenario *scenario = reader->scenario;
  size_t count = scenario_count(reader, map, "voices");
  int64_t *voices = ARENA_NEW_ARRAY(&reader->scenario->arena, count + 1, int64_t);
  for (size_t i = 0; i < count; i++) {
    const struct yaml_node *node = yaml_item(yaml_get(map, "voices"), i);
    const char *text;
    if (!yaml_read_text(reader->document, node, "voices", &text)) continue;
    size_t at = 0;
    while (at < scenario->voice_count && strcmp(scenario->voices[at].id, text) != 0 &&
           strcmp(scenario->voices[at].name, text) != 0)
      at++;
    if (at == scenario->voice_count)
      yaml_error(reader->document, node, "no voice of this scenario is called so");
    else
      voices[plan->voice_count++] = (int64_t)at;
  }
  plan->voices = voices;
}

/* ---- capacity ---- */

static void read_steps(const struct scenario_reader *reader, const struct yaml_node *list,
                       struct sim_account_plan *plan) {
  static const char *const keys[] = {"at", "slots"};
  struct sim_step *steps =
      ARENA_NEW_ARRAY(&reader->scenario->arena, list->count + 1, struct sim_step);
  duration_ms last = -1;
  for (size_t i = 0; i < list->count; i++) {
    const struct yaml_node *item = &list->items[i];
    int64_t slots = -1;
    duration_ms at = 0;
    if (!CHECK_KEYS(reader, item, keys)) continue;
    scenario_time(reader, item, "at", &at);
    scenario_int(reader, item, "slots", 0, 100, &slots);
    if (slots < 0 && yaml_get(item, "slots") == NULL)
      yaml_error(reader->document, item, "a step of capacity needs `slots`");
    if (at <= last || (i == 0 && at != 0))
      yaml_error(reader->document, item, "steps of capacity begin at 0s and go up in time");
    last = at;
    steps[i] = (struct sim_step){at, (int)slots};
  }
  plan->steps = steps;
  plan->step_count = list->count;
}

static void read_walk(const struct scenario_reader *reader, const struct yaml_node *map,
                      struct sim_account_plan *plan) {
  static const char *const keys[] = {"between", "every"};
  if (!CHECK_KEYS(reader, map, keys)) return;
  plan->drawn = (struct sim_range){1, 3};
  plan->drawn_every = 10 * MINUTE_MS;
  scenario_ints(reader, map, "between", 0, 100, &plan->drawn);
  scenario_time(reader, map, "every", &plan->drawn_every);
  if (plan->drawn_every < SECOND_MS)
    yaml_error(reader->document, yaml_get(map, "every"), "every must be 1s at least");
}

static void read_capacity(const struct scenario_reader *reader, const struct yaml_node *map,
                          struct sim_account_plan *plan) {
  const struct yaml_node *node = yaml_get(map, "capacity");
  struct sim_step *step = ARENA_NEW(&reader->scenario->arena, struct sim_step);
  *step = (struct sim_step){0, 2};
  plan->steps = step;
  plan->step_count = 1;
  if (node == NULL) return;
  if (node->kind == YAML_MAP) {
    read_walk(reader, node, plan);
  } else if (node->kind == YAML_LIST && node->count > 0) {
    read_steps(reader, node, plan);
  } else {
    int64_t slots = 2;
    scenario_int(reader, map, "capacity", 0, 100, &slots);
    step->slots = (int)slots;
  }
}

/* ---- others ---- */

static void read_given(const struct scenario_reader *reader, const struct yaml_node *list,
                       struct sim_others *others) {
  static const char *const keys[] = {"at", "length"};
  struct sim_other *given =
      ARENA_NEW_ARRAY(&reader->scenario->arena, list->count + 1, struct sim_other);
  for (size_t i = 0; i < list->count; i++) {
    const struct yaml_node *item = &list->items[i];
    given[i] = (struct sim_other){0, 2 * MINUTE_MS};
    if (!CHECK_KEYS(reader, item, keys)) continue;
    scenario_time(reader, item, "at", &given[i].at);
    scenario_time(reader, item, "length", &given[i].length);
    if (i > 0 && given[i].at < given[i - 1].at)
      yaml_error(reader->document, item, "these go up in time");
  }
  others->given = given;
  others->given_count = list->count;
}

static void read_others(const struct scenario_reader *reader, const struct yaml_node *map,
                        const char *key, struct sim_others *others) {
  static const char *const keys[] = {"every", "length"};
  const struct yaml_node *node = yaml_get(map, key);
  others->length = (struct sim_range){MINUTE_MS, 3 * MINUTE_MS};
  if (node == NULL) return;
  if (node->kind == YAML_LIST) {
    if (scenario_count(reader, map, key) > 0) read_given(reader, node, others);
    return;
  }
  if (!CHECK_KEYS(reader, node, keys)) return;
  others->every = 15 * MINUTE_MS;
  scenario_time(reader, node, "every", &others->every);
  scenario_times(reader, node, "length", &others->length);
  if (others->every < SECOND_MS)
    yaml_error(reader->document, yaml_get(node, "every"), "every must be 1s at least");
}

static void read_broken(const struct scenario_reader *reader, const struct yaml_node *map,
                        struct sim_account_plan *plan) {
  static const char *const keys[] = {"from", "until"};
  size_t count = scenario_count(reader, map, "broken");
  struct sim_window *windows =
      ARENA_NEW_ARRAY(&reader->scenario->arena, count + 1, struct sim_window);
  for (size_t i = 0; i < count; i++) {
    const struct yaml_node *item = yaml_item(yaml_get(map, "broken"), i);
    windows[i] = (struct sim_window){0, TIME_NEVER};
    if (CHECK_KEYS(reader, item, keys)) scenario_window(reader, item, &windows[i]);
  }
  plan->broken = windows;
  plan->broken_count = count;
}

/* ---- accounts ---- */

static size_t token_index_of(struct sim_scenario *scenario, const char *token) {
  for (size_t i = 0; i < scenario->token_count; i++)
    if (strcmp(scenario->tokens[i], token) == 0) return i;
  scenario->tokens[scenario->token_count] = token;
  return scenario->token_count++;
}

static void check_email(const struct scenario_reader *reader, const struct yaml_node *map,
                        struct sim_account_plan *plans, size_t index) {
  const char *email = plans[index].email;
  const struct yaml_node *node = yaml_get(map, "email");
  if (email == NULL) {
    plans[index].email = "";
    if (node == NULL) yaml_error(reader->document, map, "an account needs an email");
    return;
  }
  if (strchr(email, '@') == NULL || strpbrk(email, ": /") != NULL)
    yaml_error(reader->document, node, "email must be an address");
  for (size_t i = 0; i < index; i++)
    if (plans[i].token == plans[index].token && strcmp(plans[i].email, email) == 0)
      yaml_error(reader->document, node, "this account is there already");
}

static void read_account(const struct scenario_reader *reader, const struct yaml_node *map,
                         struct sim_account_plan *plans, size_t index) {
  static const char *const keys[] = {
      "email",        "token",  "max_jobs", "capacity",  "credits", "storage_gb", "unlimited",
      "waiting_room", "voices", "broken",   "suspended", "by_hand", "by_program", "pace"};
  struct sim_account_plan *plan = &plans[index];
  const char *token = NULL;
  int64_t max_jobs = 5, waiting_room = 0;
  *plan = (struct sim_account_plan){.credits = 1e6, .suspended = TIME_NEVER};
  if (!CHECK_KEYS(reader, map, keys)) {
    plan->email = ""; /* others are compared with it */
    return;
  }
  scenario_text(reader, map, "email", &plan->email);
  scenario_text(reader, map, "token", &token);
  if (token != NULL) plan->token = token_index_of(reader->scenario, token);
  check_email(reader, map, plans, index);
  scenario_int(reader, map, "max_jobs", 1, 10, &max_jobs);
  plan->max_jobs = (int)max_jobs;
  scenario_int(reader, map, "waiting_room", 0, 10, &waiting_room);
  plan->waiting_room = (int)waiting_room;
  read_capacity(reader, map, plan);
  scenario_real(reader, map, "credits", 0, 1e9, &plan->credits);
  scenario_real(reader, map, "storage_gb", 0, 1e6, &plan->storage_gb);
  scenario_real(reader, map, "pace", 0.01, 100, &plan->pace);
  scenario_bool(reader, map, "unlimited", &plan->unlimited);
  read_account_voices(reader, map, plan);
  read_broken(reader, map, plan);
  scenario_time(reader, map, "suspended", &plan->suspended);
  read_others(reader, map, "by_hand", &plan->by_hand);
  read_others(reader, map, "by_program", &plan->by_program);
}

void scenario_read_accounts(const struct scenario_reader *reader, const struct yaml_node *root) {
  struct sim_scenario *scenario = reader->scenario;
  const struct yaml_node *node = yaml_get(root, "accounts");
  size_t count = scenario_count(reader, root, "accounts");
  if (count == 0) {
    yaml_error(reader->document, node == NULL ? root : node, "a scenario needs `accounts`");
    return;
  }
  const char *token = "user:1234-demo-secret";
  scenario_text(reader, root, "token", &token);
  scenario->tokens = ARENA_NEW_ARRAY(&scenario->arena, count + 1, const char *);
  scenario->tokens[scenario->token_count++] = token;
  struct sim_account_plan *plans =
      ARENA_NEW_ARRAY(&scenario->arena, count, struct sim_account_plan);
  for (size_t i = 0; i < count; i++)
    read_account(reader, yaml_item(node, i), plans, i);
  scenario->accounts = plans;
  scenario->account_count = count;
}
