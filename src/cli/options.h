/* The command line's options: one table, read before or after the command's name. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "nightshift/error.h"
#include "nightshift/report.h"

enum option_id {
  OPTION_CONFIG,
  OPTION_STATE,
  OPTION_API,
  OPTION_VERBOSE,
  OPTION_QUIET,
  OPTION_LOG_FORMAT,
  OPTION_LOG_FILE,
  OPTION_COLOR,
  OPTION_HELP,
  OPTION_VERSION,
  OPTION_GLOBAL_COUNT, /* those above are every command's */
  OPTION_UNTIL = OPTION_GLOBAL_COUNT,
  OPTION_MAX_CREDITS,
  OPTION_LIMIT,
  OPTION_OVERWRITE,
  OPTION_ADOPT,
  OPTION_LISTEN,
  OPTION_PUBLIC_URL,
  OPTION_SPEED,
  OPTION_ALLOW_ABSOLUTE_OUTPUT,
  OPTION_JSON,
  OPTION_SCENARIO,
  OPTION_FORCE,
  OPTION_AGAIN,
  OPTION_ALL,
  OPTION_ACCOUNT,
  OPTION_OUTPUT,
  OPTION_REMAINING,
  OPTION_CLEAN,
  OPTION_COUNT
};
#define OPTION_BIT(id) (UINT32_C(1) << (id))

struct option {
  const char *name;    /* without "--" */
  char letter;         /* '\0': none */
  const char *value;   /* what its value is called; NULL: it takes none */
  const char *summary; /* for help */
};
extern const struct option option_table[OPTION_COUNT];

struct options {
  const char *config, *state, *api, *log_file; /* NULL: not given */
  const char *listen, *public_url;             /* NULL: not given */
  enum log_format log_format;
  enum color_choice color;
  enum log_level level; /* info; -v debug, -q warn: the last one counts */
  bool help, version, json, overwrite, adopt, allow_absolute_output;
  bool force, again, all;
  bool remaining;
  bool clean;
  const char *account; /* NULL: not given */
  const char *output;  /* -o; NULL: not given */
  int64_t max_credits; /* -1: not given */
  const char *until;   /* HH:MM or a duration; NULL: not given */
  int64_t limit;       /* 0: not given */
  double speed;        /* 1: not given */
  const char **args;   /* what is no option, in order; options_release frees the array */
  size_t arg_count;
};

/* Place in `args` of the command's name: the first that is no option and no option's value; `count`
 * when there is none. Says nothing of mistakes. */
size_t options_find_command(char *const *args, size_t count);
/* The option whose value comes next, after these; -1: none does. */
int options_awaited(char *const *args, size_t count);
/* Reads `args` but the one at `skip`. `allowed` has the bits of the command's own options;
 * `command` is its name for messages, NULL: none was given. ERR_USAGE tells the first mistake;
 * *options may be released in any case. Strings are those of `args`. */
int options_parse(char *const *args, size_t count, size_t skip, const char *command,
                  uint32_t allowed, struct options *options, struct error *error);
void options_release(struct options *options);

#endif
