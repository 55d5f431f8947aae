/* The config file: found, its defaults taken from the table, its sections read over them. */
#include "nightshift/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input/config_parts.h"
#include "input/path.h"
#include "input/yaml_text.h"
#include "nightshift/error.h"
#include "util/buffer.h"
#include "util/check.h"
#include "util/secret.h"

/* ---- sections ---- */

static void read_section(const struct config_reader *reader, const struct yaml_node *map,
                         const char *section) {
  const struct option *row;
  config_check_keys(reader, map, section);
  for (size_t i = 0; (row = config_option_row(i)) != NULL; i++) {
    if (!config_option_in(row, section)) continue;
    const struct yaml_node *value = yaml_get(map, config_option_key(row));
    if (value != NULL && !yaml_is_null(value))
      config_read_value(reader, row, value, reader->config);
  }
}

static void read_root(struct config_reader *reader, const struct yaml_node *root) {
  static const char *const sections[] = {"api", "scheduling", "moderation"};
  if (!yaml_expect(reader->document, root, "config", YAML_MAP)) return;
  read_section(reader, root, "");
  for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
    const struct yaml_node *map = yaml_get(root, sections[i]);
    if (map == NULL || yaml_is_null(map)) continue;
    if (yaml_expect(reader->document, map, sections[i], YAML_MAP))
      read_section(reader, map, sections[i]);
  }
  const struct yaml_node *api = yaml_get(root, "api"), *accounts = yaml_get(root, "accounts");
  if (api != NULL && api->kind == YAML_MAP)
    reader->api_token = config_read_token(reader, api, "api");
  if (accounts != NULL && !yaml_is_null(accounts)) config_read_accounts(reader, accounts);
}

/* ---- defaults: the table as a file ---- */

static void write_section(struct buffer *out, const char *section) {
  const struct option *row;
  bool fits = *section == '\0' || buffer_printf(out, "%s:\n", section);
  for (size_t i = 0; (row = config_option_row(i)) != NULL; i++)
    if (config_option_in(row, section) && row->initial != NULL)
      fits = fits && buffer_printf(out, "%s%s: %s\n", *section == '\0' ? "" : "  ",
                                   config_option_key(row), row->initial);
  CHECK(fits);
}

static void read_defaults(struct config_reader *reader) {
  static const char *const sections[] = {"", "api", "scheduling", "moderation"};
  struct arena scratch;
  struct yaml_document document;
  struct diag_list *diags = diag_new();
  struct buffer out;
  arena_init(&scratch);
  buffer_init(&out, CONFIG_BYTES_MAX);
  for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
    write_section(&out, sections[i]);
  reader->document = &document;
  CHECK(yaml_parse(&document, "defaults", out.bytes, out.length, "", YAML_NO_SECRETS, &scratch,
                   diags) == 0);
  read_root(reader, document.root);
  CHECK(diag_error_count(diags) == 0);
  reader->document = NULL;
  buffer_release(&out);
  arena_release(&scratch);
  diag_free(diags);
}

/* ---- finding the file ---- */

static const char *variable(const struct config_options *options, const char *name) {
  return options->getenv == NULL ? NULL : options->getenv(options->context, name);
}

/* $XDG_CONFIG_HOME, which counts only when absolute, else ~/.config. NULL: neither is known. */
static const char *user_config(const struct config_options *options, struct arena *arena) {
  const char *home = variable(options, "XDG_CONFIG_HOME");
  if (home != NULL && *home == '/') return arena_printf(arena, "%s/nightshift/config.yaml", home);
  home = variable(options, "HOME");
  if (home == NULL || *home != '/') return NULL;
  return arena_printf(arena, "%s/.config/nightshift/config.yaml", home);
}

/* The file to read, as it is shown; NULL: there is none. One that is there but cannot be read is
 * not passed over. */
static const char *find_file(const struct config_options *options, struct arena *arena) {
  const char *places[] = {"nightshift.yaml", user_config(options, arena),
                          "/etc/nightshift/config.yaml"};
  if (options->path != NULL) return options->path;
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    if (places[i] == NULL) continue;
    if (access(places[i], F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)) return places[i];
  }
  return NULL;
}

static const char *directory_of(struct arena *arena, const char *path) {
  char *canonical = realpath(path, NULL);
  if (canonical == NULL) return "/";
  char *slash = strrchr(canonical, '/');
  slash[slash == canonical ? 1 : 0] = '\0';
  const char *directory = arena_string(arena, canonical);
  free(canonical);
  return directory;
}

/* ---- the whole ---- */

/* Accounts without a token, where others have one: looked at last, when all else is right. */
static void check_tokens(const struct config_reader *reader) {
  const struct config *config = reader->config;
  if (!reader->options->token_needed || config->token_count == 0) return;
  for (size_t i = 0; i < config->account_count; i++)
    if (config->accounts[i].token < 0)
      yaml_tell(reader->document, (size_t)config->accounts[i].line,
                (size_t)config->accounts[i].column,
                "the account %s has no token: write `token:` here or under `api:`, or set %s",
                config->accounts[i].email, TOKEN_VARIABLE);
}

static bool names_poll(const struct yaml_node *root) {
  const struct yaml_node *poll = yaml_get(yaml_get(root, "scheduling"), "poll");
  return poll != NULL && !yaml_is_null(poll);
}

/* Whether the file says where its token comes from, be it there or not. */
static bool names_token(const struct yaml_node *root) {
  const struct yaml_node *api = root->kind == YAML_MAP ? yaml_get(root, "api") : NULL;
  if (api == NULL || api->kind != YAML_MAP) return false;
  const struct yaml_node *token = yaml_get(api, "token"), *file = yaml_get(api, "token_file");
  return (token != NULL && !yaml_is_null(token)) || (file != NULL && !yaml_is_null(file));
}

static int read_file(struct config_reader *reader, const char *path, struct arena *scratch,
                     struct diag_list *diags) {
  struct yaml_document document;
  reader->config->path = arena_string(reader->memory, path);
  reader->directory = directory_of(reader->memory, path);
  int result =
      yaml_load(&document, path, path, CONFIG_BYTES_MAX, NULL, YAML_SECRETS, scratch, diags);
  reader->document = &document;
  if (result == 0) {
    /* The tree was made for us alone. */
    struct yaml_node *root = (struct yaml_node *)(uintptr_t)document.root;
    reader->names_token = names_token(root);
    config_expand(reader, root);
    read_root(reader, root);
    reader->config->poll_given = names_poll(root);
    config_fill_tokens(reader);
    if (diag_error_count(diags) == 0) check_tokens(reader);
  }
  yaml_wipe(&document);
  reader->document = NULL;
  return result;
}

static int load(struct config_reader *reader, struct diag_list *diags) {
  struct arena scratch;
  size_t errors = diag_error_count(diags);
  int result = 0;
  arena_init(&scratch);
  read_defaults(reader);
  const char *path = find_file(reader->options, &scratch);
  if (path != NULL) {
    result = read_file(reader, path, &scratch, diags);
  } else {
    struct yaml_document none = {.diags = diags, .arena = &scratch, .shown = ""};
    reader->document = &none;
    config_fill_tokens(reader);
    reader->document = NULL;
  }
  arena_release(&scratch);
  if (result == 0 && diag_error_count(diags) > errors) result = ERR_USAGE;
  return result;
}

int config_load(const struct config_options *options, struct config *config,
                struct diag_list *diags) {
  struct arena *memory = calloc(1, sizeof *memory);
  CHECK(memory != NULL && "out of memory");
  arena_init(memory);
  *config = (struct config){.memory = memory};
  struct config_reader reader = {
      .config = config, .options = options, .memory = memory, .directory = "/", .api_token = -1};
  return load(&reader, diags);
}

void config_release(struct config *config) {
  struct arena *memory = config->memory;
  for (size_t i = 0; i < config->token_count; i++)
    secret_free(config->tokens[i]);
  free(config->tokens);
  if (memory != NULL) arena_release(memory);
  free(memory);
  *config = (struct config){0};
}
