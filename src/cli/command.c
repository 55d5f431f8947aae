/* The table of commands, and what all of them share in speaking to a person. */
#include "cli/command.h"
#include "nightshift/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/buffer.h"
#include "util/plain.h"
#include "util/text.h"

const struct command *const command_table[] = {
    &command_run,      &command_check,    &command_status,
    &command_history,  &command_retry,    &command_cancel,
    &command_pause,    &command_resume,   &command_rehearse,
    &command_accounts, &command_voices,   &command_assets,
    &command_init,     &command_report,   &command_simulate,
    &command_help,     &command_complete, NULL,
};

#define NAMES_MAX 24

const struct command *command_find(const char *name) {
  for (size_t i = 0; command_table[i] != NULL; i++)
    if (strcmp(command_table[i]->name, name) == 0) return command_table[i];
  return NULL;
}

void command_complain_unknown(const char *name) {
  const char *names[NAMES_MAX];
  size_t count = 0;
  while (command_table[count] != NULL && count < NAMES_MAX) {
    names[count] = command_table[count]->name;
    count++;
  }
  const char *near = text_nearest(name, names, count);
  if (near != NULL)
    complain("unknown command '%s' (did you mean '%s'?)", name, near);
  else
    complain("unknown command '%s'; 'nightshift help' lists them", name);
}

void complain(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  report_complain_list(stderr, format, arguments);
  va_end(arguments);
}

int exit_of_error(int code) {
  if (code == 0) return EXIT_DONE;
  if (code == ERR_USAGE) return EXIT_USAGE;
  return code == ERR_NOT_FOUND ? EXIT_NOTHING_SUCH : EXIT_STUCK;
}

int finish_stdout(int status) {
  errno = 0;
  if (fflush(stdout) == 0 && ferror(stdout) == 0) return status;
  if (errno == EPIPE) return status;
  complain("the output cannot be written: %s", errno != 0 ? strerror(errno) : "write error");
  return EXIT_STUCK;
}
