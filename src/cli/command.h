/* A command: its entry in the one table, and what it is given. Each has a file of its own. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/options.h"
#include <sys/types.h>

/* The contract's exit statuses. */
enum {
  EXIT_DONE = 0,
  EXIT_NOTHING_SUCH = 1, /* for `run`: all jobs ended, some not well */
  EXIT_USAGE = 2,
  EXIT_STOPPED = 3, /* only `run` */
  EXIT_STUCK = 4,
  EXIT_FAULT = 70
};

struct environment;

struct invocation {
  struct options options; /* with the arguments after the command's name */
  const struct environment *environment;
  mode_t mask; /* the user's umask, for results */
};

struct command {
  const char *name;
  const char *args;     /* "BATCH.yaml..." for help */
  const char *summary;  /* one line */
  const char *examples; /* lines of the shell, indented; each is run by a test */
  const char *help;     /* what else a person should know; lines of at most 80 columns */
  uint32_t options;     /* bits of its own options */
  size_t args_least, args_most;
  int (*run)(const struct invocation *invocation); /* the exit status */
  int (*run_raw)(int argc, char **argv); /* instead: reads its arguments itself, argv[0] its name */
  bool hidden;                           /* for programs: not in the help */
};
#define ANY_NUMBER SIZE_MAX

extern const struct command command_run, command_check, command_status, command_history,
    command_retry, command_cancel, command_pause, command_resume, command_accounts, command_voices,
    command_report, command_rehearse, command_help, command_complete, command_init, command_assets,
    command_simulate;

/* The table, in the order of the help; ends with NULL. */
extern const struct command *const command_table[];
/* NULL when there is none of that name. */
const struct command *command_find(const char *name);
/* Says on stderr that there is no such command, with the nearest one. */
void command_complain_unknown(const char *name);

/* "nightshift: …" on stderr, made harmless, with a newline. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The exit status that an ERR_* means. */
int exit_of_error(int code);
/* Ends what was printed on stdout: `status`, or 4 with a message when it could not be written. A
 * reader that went away is no failure. */
int finish_stdout(int status);

#endif
