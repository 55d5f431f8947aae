/* Finds the command and runs it. What must be done before anything else is done here. */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/environment.h"
#include "cli/fault.h"
#include "cli/help.h"

/* A file of ours must never get a number that others take for standard error. */
static bool open_standard_streams(void) {
  for (int fd = 0; fd <= STDERR_FILENO; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd) return false;
  return true;
}

/* Tokens are in memory: no core files, and no look inside from other programs. The sanitizers and
 * debug builds need both. */
static void keep_memory_private(void) {
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
  const struct rlimit none = {0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    complain("memory could not be kept from core files: %s", strerror(errno));
#endif
}

static int run_command(const struct command *command, struct invocation *invocation) {
  const struct options *options = &invocation->options;
  if (options->help) return help_print_command(command, stdout);
  if (options->arg_count < command->args_least) {
    complain("'%s' needs %s: nightshift %s %s", command->name,
             command->args_least == 1 ? "an argument" : "more arguments", command->name,
             command->args);
    return EXIT_USAGE;
  }
  if (options->arg_count > command->args_most) {
    complain("'%s' has too many arguments, from '%s' on: nightshift %s %s", command->name,
             options->args[command->args_most], command->name, command->args);
    return EXIT_USAGE;
  }
  return command->run(invocation);
}

static int run_plain(struct invocation *invocation) {
  if (invocation->options.version) {
    (void)puts("nightshift " NIGHTSHIFT_VERSION); /* finish_stdout tells a failure */
    return finish_stdout(EXIT_DONE);
  }
  if (invocation->options.help) return help_print(stdout, EXIT_DONE);
  return help_print_short(stderr);
}

/* The arguments without the place of the command's name, which becomes the first. */
static int run_raw(const struct command *command, int argc, char **argv, size_t place) {
  char *name = argv[place];
  memmove(argv + 1, argv, place * sizeof *argv);
  argv[1] = name;
  return command->run_raw(argc - 1, argv + 1);
}

static int parse_and_run(int argc, char **argv, const struct environment *environment,
                         mode_t mask) {
  char **args = argv + 1;
  size_t count = argc > 0 ? (size_t)argc - 1 : 0, place = options_find_command(args, count);
  const struct command *command = place < count ? command_find(args[place]) : NULL;
  struct invocation invocation = {.environment = environment, .mask = mask};
  struct error error = {0};
  if (place < count && command == NULL) {
    command_complain_unknown(args[place]);
    return EXIT_USAGE;
  }
  if (command != NULL && command->run_raw != NULL) return run_raw(command, argc, argv, place + 1);
  int status,
      result = options_parse(args, count, place, command != NULL ? command->name : NULL,
                             command != NULL ? command->options : 0, &invocation.options, &error);
  if (result != 0) {
    complain("%s", error.text);
    status = EXIT_USAGE;
  } else if (command == NULL || invocation.options.version) {
    status = run_plain(&invocation);
  } else {
    status = run_command(command, &invocation);
  }
  options_release(&invocation.options);
  return status;
}

/* A fixed limit: glibc raises its own when a large block is freed, and what reading a batch took
 * would then stay in holes of the heap for the night. */
#define LARGE_BLOCK_BYTES (128 * 1024)
static void give_large_blocks_back(void) {
  (void)mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES); /* a refusal costs memory, nothing else */
}

int main(int argc, char **argv) {
  struct environment environment;
  fault_install();
  environment_hide_tokens(&environment);
  /* A reader that left and a limit on file sizes are errors of a write, not the program's end. */
  if (!open_standard_streams() || signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
      signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
    return EXIT_FAULT;
  keep_memory_private();
  give_large_blocks_back();
  mode_t mask = umask(077); /* of what we write, results alone are for others too */
  int status = parse_and_run(argc, argv, &environment, mask);
  environment_release(&environment);
  return status;
}
