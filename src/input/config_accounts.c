/* `accounts:` of the config file: a list of mappings, or of plain e-mail addresses. */
#include <ctype.h>
#include <string.h>

#include "input/config_parts.h"
#include "util/map.h"

static void read_fields(const struct config_reader *reader, const struct yaml_node *node,
                        struct config_account *account) {
  const struct option *row;
  for (size_t i = 0; (row = config_option_row(i)) != NULL; i++) {
    if (!config_option_in(row, "accounts")) continue;
    const struct yaml_node *value = yaml_get(node, config_option_key(row));
    if (value != NULL && !yaml_is_null(value)) config_read_value(reader, row, value, account);
  }
}

static const struct option *email_row(void) {
  const struct option *row;
  for (size_t i = 0; (row = config_option_row(i)) != NULL; i++)
    if (strcmp(row->name, "accounts.email") == 0) return row;
  return NULL;
}

/* False when it has no usable email. */
static bool read_account(const struct config_reader *reader, const struct yaml_node *node,
                         struct config_account *account) {
  *account = (struct config_account){.max_credits = -1,
                                     .keep_credits = -1,
                                     .jobs_per_day = -1,
                                     .token = -1,
                                     .line = node->line,
                                     .column = node->column};
  if (node->kind == YAML_SCALAR) return config_read_value(reader, email_row(), node, account);
  if (!yaml_expect(reader->document, node, "accounts", YAML_MAP)) return false;
  config_check_keys(reader, node, "accounts");
  read_fields(reader, node, account);
  account->token = config_read_token(reader, node, "accounts");
  const struct yaml_node *email = yaml_get(node, "email");
  if (email == NULL || yaml_is_null(email))
    yaml_error(reader->document, node, "an account needs its `email`");
  return account->email != NULL;
}

/* Addresses differ by more than the case of their letters. */
static bool claim_email(const struct config_reader *reader, struct map *emails,
                        const struct yaml_node *node, const struct config_account *account) {
  char *key = arena_string(reader->document->arena, account->email);
  int64_t line;
  for (char *at = key; *at != '\0'; at++)
    *at = (char)tolower((unsigned char)*at);
  if (!map_get(emails, key, &line)) {
    map_set(emails, key, node->line);
    return true;
  }
  yaml_error(reader->document, node, "the account %s comes twice: it is already on line %lld",
             yaml_short(reader->document, account->email), (long long)line);
  return false;
}

void config_read_accounts(struct config_reader *reader, const struct yaml_node *list) {
  struct config *config = reader->config;
  struct map emails;
  if (!yaml_expect(reader->document, list, "accounts", YAML_LIST)) return;
  if (list->count == 0)
    yaml_error(reader->document, list,
               "accounts: the list is empty: leave it out to use every account of the token");
  if (list->count > CONFIG_ACCOUNTS_MAX) {
    yaml_error(reader->document, list, "accounts: more than %zu", CONFIG_ACCOUNTS_MAX);
    return;
  }
  map_init(&emails);
  config->accounts = ARENA_NEW_ARRAY(reader->memory, list->count, struct config_account);
  for (size_t i = 0; i < list->count; i++) {
    struct config_account *account = &config->accounts[config->account_count];
    if (read_account(reader, &list->items[i], account) &&
        claim_email(reader, &emails, &list->items[i], account))
      config->account_count++;
  }
  map_release(&emails);
}
