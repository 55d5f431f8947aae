/* What the files of the config reader share. Only for files named config*.c. */
#ifndef INPUT_CONFIG_PARTS_H
#define INPUT_CONFIG_PARTS_H

#include "input/yaml.h"
#include "nightshift/config.h"

#define CONFIG_BYTES_MAX    ((size_t)1024 * 1024)
#define CONFIG_ACCOUNTS_MAX ((size_t)1000)
#define TOKEN_MAX           4096 /* bytes of a token, far more than any has */
#define TOKEN_VARIABLE      "USEAPI_TOKEN"

struct config_reader {
  struct config *config;
  const struct config_options *options;
  const struct yaml_document *document; /* the file, or the table's own defaults */
  struct arena *memory;                 /* the config's */
  const char *directory;                /* of the file: where its relative paths begin */
  token_index api_token;                /* -1: the file names none there */
  bool names_token;                     /* it names one there, which may not be set */
};

enum option_kind {
  OPTION_TEXT,
  OPTION_COMMAND, /* text that a shell will read: ${NAME} is left to it */
  OPTION_URL,
  OPTION_LISTEN,
  OPTION_STATE,
  OPTION_TOKEN,
  OPTION_TOKEN_FILE,
  OPTION_EMAIL,
  OPTION_HOURS,
  OPTION_INT,       /* into an int */
  OPTION_NUMBER,    /* into an int64_t */
  OPTION_DURATION,  /* into a duration_ms */
  OPTION_DURATIONS, /* two, into two duration_ms after each other */
  OPTION_STRIKES,   /* pause_account */
  OPTION_SHARE      /* pause_batch */
};

struct option {
  const char *name; /* with its section, as in "api.url" */
  enum option_kind kind;
  int64_t low, high;
  size_t offset; /* into struct config, or struct config_account */
  const char *initial, *help;
};

/* config_table.c. The table's rows, NULL after the last; a row's key is its name after the dot. */
const struct option *config_option_row(size_t index);
const char *config_option_key(const struct option *option);
bool config_option_in(const struct option *option, const char *section);
/* Tells every key of `map` that is not one of the section's; "" is the file itself. */
void config_check_keys(const struct config_reader *reader, const struct yaml_node *map,
                       const char *section);

/* config_values.c: one value into its place in `target`; false when a mistake was told. Tokens are
 * not read here. */
bool config_read_value(const struct config_reader *reader, const struct option *option,
                       const struct yaml_node *node, void *target);

/* config_env.c: ${NAME} in every value of the tree. */
void config_expand(const struct config_reader *reader, struct yaml_node *root);

/* config_tokens.c: the token that `map` names, by `token` or `token_file`, into config->tokens.
 * -1 when it names none or a mistake was told. */
token_index config_read_token(const struct config_reader *reader, const struct yaml_node *map,
                              const char *section);
/* After the whole file: api.token for accounts without their own, USEAPI_TOKEN where there is none.
 */
void config_fill_tokens(const struct config_reader *reader);

/* config_accounts.c */
void config_read_accounts(struct config_reader *reader, const struct yaml_node *list);

#endif
