/* conf/config.schema.json and conf/batch.schema.json are what the tables of keys make: by them
 * editors complete and check. UPDATE_SCHEMAS=1 writes them anew. Whether they say of files what the
 * program says of them is tests/e2e/schemas_say_what_check_says.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/batch_parts.h"
#include "input/config_parts.h"
#include "util/buffer.h"
#include "util/json_out.h"

#define SCHEMA_BYTES_MAX ((size_t)1024 * 1024)

struct schema {
  struct buffer text;
  struct json_out json;
};

/* ---- pieces ---- */

static void begin(struct schema *schema, const char *name, const char *title) {
  char id[100];
  buffer_init(&schema->text, SCHEMA_BYTES_MAX);
  json_begin(&schema->json, &schema->text);
  json_open_object(&schema->json, NULL);
  json_text(&schema->json, "$schema", "http://json-schema.org/draft-07/schema#");
  snprintf(id, sizeof id, "urn:nightshift:%s", name);
  json_text(&schema->json, "$id", id);
  json_text(&schema->json, "title", title);
}

/* `type` or `type` with `pattern`, as the members of an object that is open. */
static void put_text(struct json_out *json, const char *pattern) {
  json_text(json, "type", "string");
  if (pattern != NULL) json_text(json, "pattern", pattern);
}

/* In the config ${NAME} may stand in place of any value. */
#define FROM_ENVIRONMENT "\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}"
#define DURATION         "[0-9]+(ms|s|m|h)"

static void put_integer(struct json_out *json, int64_t low, int64_t high) {
  json_text(json, "type", "integer");
  json_number(json, "minimum", low);
  json_number(json, "maximum", high);
}

static void open_map(struct json_out *json, const char *name) {
  if (name != NULL) json_open_object(json, name);
  json_text(json, "type", "object");
  json_bool(json, "additionalProperties", false);
  json_open_object(json, "properties");
}

static void close_map(struct json_out *json, const char *name) {
  json_close_object(json); /* properties */
  if (name != NULL) json_close_object(json);
}

/* ---- the config ---- */

static void put_or_environment(struct json_out *json, const struct option *option) {
  json_open_array(json, "anyOf");
  json_open_object(json, NULL);
  put_integer(json, option->low, option->high);
  json_close_object(json);
  json_open_object(json, NULL);
  put_text(json, "^" FROM_ENVIRONMENT "$");
  json_close_object(json);
  json_close_array(json);
}

static void put_durations(struct json_out *json) {
  json_text(json, "type", "array");
  json_open_object(json, "items");
  put_text(json, "^" DURATION "$|" FROM_ENVIRONMENT);
  json_close_object(json);
  json_number(json, "minItems", 2);
  json_number(json, "maxItems", 2);
}

static const char *pattern_of(enum option_kind kind) {
  switch (kind) {
  case OPTION_URL:
    return "^$|^https?://[^\\s@?#/]|" FROM_ENVIRONMENT;
  case OPTION_LISTEN:
    return "^$|^[^\\s/@]+:[0-9]+$|" FROM_ENVIRONMENT;
  case OPTION_TOKEN:
    return NULL; /* what looks unlike one is a warning only */
  case OPTION_EMAIL:
    return "^[^\\s@:]+@[^\\s@:]+$|" FROM_ENVIRONMENT;
  case OPTION_HOURS:
    return "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$|" FROM_ENVIRONMENT;
  case OPTION_DURATION:
    return "^" DURATION "$|" FROM_ENVIRONMENT;
  case OPTION_STRIKES:
    return "^off$|^[0-9]+ in " DURATION "$|" FROM_ENVIRONMENT;
  case OPTION_SHARE:
    return "^off$|^([1-9][0-9]?|100)% of [0-9]+$|" FROM_ENVIRONMENT;
  case OPTION_TEXT:
  case OPTION_COMMAND:
  case OPTION_STATE:
  case OPTION_TOKEN_FILE:
  case OPTION_INT:
  case OPTION_NUMBER:
  case OPTION_DURATIONS:
    break;
  }
  return NULL;
}

/* Values are compared as they stand in the table: a number, a list, or text. */
static void put_default(struct json_out *json, const struct option *option) {
  char *end;
  const char *initial = option->initial;
  if (initial == NULL || option->kind == OPTION_DURATIONS) return;
  long number = strtol(initial, &end, 10);
  if (*end == '\0' && end != initial)
    json_number(json, "default", number);
  else
    json_text(json, "default", strcmp(initial, "\"\"") == 0 ? "" : initial);
}

static void put_option(struct json_out *json, const struct option *option) {
  json_open_object(json, config_option_key(option));
  json_text(json, "description", option->help);
  if (option->kind == OPTION_INT || option->kind == OPTION_NUMBER)
    put_or_environment(json, option);
  else if (option->kind == OPTION_DURATIONS)
    put_durations(json);
  else
    put_text(json, pattern_of(option->kind));
  put_default(json, option);
  json_close_object(json);
}

static void put_section(struct json_out *json, const char *section) {
  const struct option *option;
  for (size_t i = 0; (option = config_option_row(i)) != NULL; i++)
    if (config_option_in(option, section)) put_option(json, option);
}

static void make_config(struct schema *schema) {
  static const char *const sections[] = {"api", "scheduling", "moderation"};
  struct json_out *json = &schema->json;
  begin(schema, "config", "A config of nightshift");
  open_map(json, NULL);
  put_section(json, "");
  for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
    open_map(json, sections[i]);
    put_section(json, sections[i]);
    close_map(json, sections[i]);
  }
  json_open_object(json, "accounts");
  json_text(json, "description", "Left out: every account of the token.");
  json_text(json, "type", "array");
  json_number(json, "minItems", 1);
  open_map(json, "items");
  put_section(json, "accounts");
  json_close_object(json);
  json_open_array(json, "required");
  json_text(json, NULL, "email");
  json_close_array(json);
  json_close_object(json); /* items */
  json_close_object(json); /* accounts */
  close_map(json, NULL);
  json_close_object(json);
}

/* ---- the batch ---- */

static void put_one_or_more(struct json_out *json) {
  json_open_array(json, "type");
  json_text(json, NULL, "string");
  json_text(json, NULL, "array");
  json_close_array(json);
  json_number(json, "minLength", 1);
  json_number(json, "minItems", 1);
  json_open_object(json, "items");
  json_text(json, "type", "string");
  json_number(json, "minLength", 1);
  json_close_object(json);
}

static void put_length(struct json_out *json, int64_t least, int64_t most) {
  put_text(json, NULL);
  if (least > 0) json_number(json, "minLength", least);
  json_number(json, "maxLength", most);
}

static void put_explore(struct json_out *json) {
  json_open_array(json, "enum");
  json_bool(json, NULL, true);
  json_bool(json, NULL, false);
  json_text(json, NULL, "auto");
  json_close_array(json);
  json_bool(json, "default", false);
}

static void put_asset(struct json_out *json) {
  put_text(json, "^user:\\S+-runwayml:[^\\s@:]+@[^\\s@:]+-asset:\\S+$");
}
static void put_output(struct json_out *json) {
  put_text(json, NULL);
  json_number(json, "minLength", 1);
  json_text(json, "default", BATCH_OUTPUT_DEFAULT);
}
static void put_id(struct json_out *json) {
  put_length(json, 1, BATCH_ID_MAX);
}
static void put_priority(struct json_out *json) {
  put_integer(json, -BATCH_PRIORITY_MAX, BATCH_PRIORITY_MAX);
  json_number(json, "default", 0);
}
static void put_account(struct json_out *json) {
  put_text(json, "^[^\\s@:]+@[^\\s@:]+$");
}
static void put_reference(struct json_out *json) {
  put_length(json, 0, BATCH_REFERENCE_MAX);
}
static void put_reply_url(struct json_out *json) {
  put_text(json, "^https?://[!-.0-~][!-~]*$");
  json_number(json, "maxLength", BATCH_REPLY_URL_MAX);
}

/* What each key of a job takes. A key of the program's own table that is not here fails the test.
 */
static const struct {
  const char *key, *help;
  void (*put)(struct json_out *json);
} job_keys[] = {
    {"video", "The clip: a path from the batch file's directory, a glob, or a list of them.",
     put_one_or_more},
    {"asset", "An assetId that is uploaded already, instead of `video`: runs on that account.",
     put_asset},
    {"voice", "A voice's id or its name, or a list of them: every clip with every voice.",
     put_one_or_more},
    {"output", "Where the result goes; {id} {video} {voice} {n} {account} may be used.",
     put_output},
    {"id", "What the job is called; a prefix where the entry is several jobs.", put_id},
    {"explore", "The relaxed queue of an Unlimited plan, no credits; auto: where the plan has it.",
     put_explore},
    {"priority", "Higher first.", put_priority},
    {"account", "Only on this account.", put_account},
    {"reference", "Free text, kept with the job.", put_reference},
    {"reply_url", "Told of the task by the service, when nightshift's own callbacks are off.",
     put_reply_url},
};
#define JOB_KEYS (sizeof job_keys / sizeof job_keys[0])

static void put_job_key(struct json_out *json, const char *key) {
  for (size_t i = 0; i < JOB_KEYS; i++) {
    if (strcmp(job_keys[i].key, key) != 0) continue;
    json_open_object(json, key);
    json_text(json, "description", job_keys[i].help);
    job_keys[i].put(json);
    json_close_object(json);
    return;
  }
  fail_msg("the schema does not know the key `%s` of a job", key);
}

static void put_job_keys(struct json_out *json, size_t from) {
  for (size_t i = from; i < sizeof batch_job_keys / sizeof batch_job_keys[0]; i++)
    put_job_key(json, batch_job_keys[i]);
}

/* Exactly one of the two. */
static void put_source_needed(struct json_out *json) {
  json_open_array(json, "oneOf");
  for (size_t i = 0; i < 2; i++) {
    json_open_object(json, NULL);
    json_open_array(json, "required");
    json_text(json, NULL, batch_job_keys[i]);
    json_close_array(json);
    json_close_object(json);
  }
  json_close_array(json);
}

static void put_jobs(struct json_out *json) {
  json_open_object(json, "jobs");
  json_text(json, "description", "Clips, or entries that say more of them.");
  json_text(json, "type", "array");
  json_number(json, "minItems", 1);
  json_open_object(json, "items");
  json_open_array(json, "anyOf");
  json_open_object(json, NULL);
  json_text(json, "type", "string");
  json_number(json, "minLength", 1);
  json_close_object(json);
  json_open_object(json, NULL);
  open_map(json, NULL);
  put_job_keys(json, 0);
  close_map(json, NULL);
  put_source_needed(json);
  json_close_object(json);
  json_close_array(json);
  json_close_object(json);
  json_close_object(json);
}

static void make_batch(struct schema *schema) {
  struct json_out *json = &schema->json;
  begin(schema, "batch", "A batch of nightshift");
  open_map(json, NULL);
  assert_int_equal(sizeof batch_root_keys / sizeof batch_root_keys[0], 3);
  json_open_object(json, batch_root_keys[0]);
  json_text(json, "description", "Its name; left out: the file's path.");
  put_length(json, 1, BATCH_NAME_MAX);
  json_close_object(json);
  json_open_object(json, batch_root_keys[1]);
  json_text(json, "description", "What holds for entries that do not say otherwise.");
  open_map(json, NULL);
  put_job_keys(json, 2);
  close_map(json, NULL);
  json_close_object(json);
  assert_string_equal(batch_root_keys[2], "jobs");
  put_jobs(json);
  close_map(json, NULL);
  json_open_array(json, "required");
  json_text(json, NULL, "jobs");
  json_close_array(json);
  json_close_object(json);
}

/* ---- the files ---- */

static void new_line(struct buffer *out, int depth) {
  buffer_printf(out, "\n%*s", depth * 2, "");
}

/* One member a line, for people. */
static void indent(const char *from, struct buffer *out) {
  bool inside = false;
  int depth = 0;
  for (const char *at = from; *at != '\0'; at++) {
    bool escaped = inside && *at == '\\';
    if (*at == '"') inside = !inside;
    if (!inside && (*at == '}' || *at == ']')) new_line(out, --depth);
    buffer_printf(out, "%c", *at);
    if (escaped) buffer_printf(out, "%c", *++at);
    if (!inside && (*at == '{' || *at == '[')) new_line(out, ++depth);
    if (!inside && *at == ',') new_line(out, depth);
    if (!inside && *at == ':') buffer_text(out, " ");
  }
  buffer_text(out, "\n");
}

static char *read_file(const char *path) {
  char *text = calloc(1, SCHEMA_BYTES_MAX);
  FILE *file = fopen(path, "r");
  assert_non_null(text);
  if (file == NULL) return text;
  assert_true(fread(text, 1, SCHEMA_BYTES_MAX - 1, file) > 0);
  assert_int_equal(fclose(file), 0);
  return text;
}

static void expect_file(struct schema *schema, const char *path) {
  struct buffer text;
  buffer_init(&text, SCHEMA_BYTES_MAX);
  indent(buffer_string(&schema->text), &text);
  if (getenv("UPDATE_SCHEMAS") != NULL) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(buffer_string(&text), file) >= 0);
    assert_int_equal(fclose(file), 0);
  }
  char *there = read_file(path);
  if (strcmp(there, buffer_string(&text)) != 0)
    fail_msg("%s is not what the table makes: run UPDATE_SCHEMAS=1 %s/tests/unit_input_schema_test",
             path, TEST_BINARY_DIR);
  free(there);
  buffer_release(&text);
  buffer_release(&schema->text);
}

static void the_config_is_described_as_the_table_has_it(void **state) {
  (void)state;
  struct schema schema;
  make_config(&schema);
  expect_file(&schema, TEST_SOURCE_DIR "/conf/config.schema.json");
}

static void the_batch_is_described_as_its_keys_are_read(void **state) {
  (void)state;
  struct schema schema;
  assert_int_equal(JOB_KEYS, sizeof batch_job_keys / sizeof batch_job_keys[0]);
  make_batch(&schema);
  expect_file(&schema, TEST_SOURCE_DIR "/conf/batch.schema.json");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_config_is_described_as_the_table_has_it),
      cmocka_unit_test(the_batch_is_described_as_its_keys_are_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
