/* nightshift simulate: the pretend service on a port of this machine, until a signal comes. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/help.h"
#include "nightshift/sim.h"
#include "util/text.h"

static volatile int stop;

static void on_signal(int number) {
  (void)number;
  stop = 1;
}

struct simulate_options {
  const char *listen, *scenario, *ledger, *speed, *through;
  bool help;
};

/* Its own, and those of every command that mean nothing here. */
struct argument {
  const char *name;
  bool takes_value;
  const char **value; /* NULL: passed over */
};

static const struct argument *find(const struct argument *known, size_t count, const char *arg,
                                   size_t length) {
  for (size_t i = 0; i < count; i++)
    if (strlen(known[i].name) == length && strncmp(known[i].name, arg, length) == 0)
      return &known[i];
  return NULL;
}

/* Reads the argument at argv[*at], and its value, which may be the next one. */
static bool read_argument(int argc, char **argv, int *at, const struct argument *known,
                          size_t count) {
  const char *arg = argv[*at];
  size_t length = strcspn(arg, "=");
  const struct argument *found = find(known, count, arg, length);
  const char *value = arg[length] == '=' ? arg + length + 1 : NULL;
  if (found == NULL || (!found->takes_value && value != NULL)) {
    complain("simulate knows no \"%s\"; see nightshift simulate --help", arg);
    return false;
  }
  if (found->takes_value && value == NULL) {
    if (*at + 1 == argc) {
      complain("%s needs a value", arg);
      return false;
    }
    value = argv[++*at];
  }
  if (found->value != NULL) *found->value = found->takes_value ? value : arg;
  return true;
}

static bool read_arguments(int argc, char **argv, struct simulate_options *options) {
  const char *help = NULL;
  const struct argument known[] = {{"--listen", true, &options->listen},
                                   {"--scenario", true, &options->scenario},
                                   {"--speed", true, &options->speed},
                                   {"--ledger", true, &options->ledger},
                                   {"--callbacks-through", true, &options->through},
                                   {"--help", false, &help},
                                   {"-h", false, &help},
                                   {"--config", true, NULL},
                                   {"-c", true, NULL},
                                   {"--state", true, NULL},
                                   {"--api", true, NULL},
                                   {"--log-format", true, NULL},
                                   {"--log-file", true, NULL},
                                   {"--color", true, NULL},
                                   {"-v", false, NULL},
                                   {"--verbose", false, NULL},
                                   {"-q", false, NULL},
                                   {"--quiet", false, NULL}};
  for (int at = 1; at < argc; at++)
    if (!read_argument(argc, argv, &at, known, sizeof known / sizeof known[0])) return false;
  options->help = help != NULL;
  return true;
}

static bool read_speed(const char *text, double *speed) {
  if (text_to_double(text, speed) && *speed >= 0.01 && *speed <= 10000) return true;
  complain("--speed must be a number from 0.01 to 10000, not \"%s\"", text);
  return false;
}

static bool catch_signals(void) {
  struct sigaction action = {.sa_handler = on_signal};
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  return sigaction(SIGINT, &action, NULL) == 0 && sigaction(SIGTERM, &action, NULL) == 0 &&
         sigaction(SIGPIPE, &ignore, NULL) == 0;
}

static int serve(const struct simulate_options *options, double speed,
                 const struct sim_scenario *scenario) {
  struct error error = {0};
  const struct sim_server_options server = {.listen = options->listen,
                                            .scenario = scenario,
                                            .speed = speed,
                                            .ledger_path = options->ledger,
                                            .callbacks_through = options->through,
                                            .out = stdout,
                                            .stop = &stop};
  if (!catch_signals()) {
    complain("cannot catch signals");
    return EXIT_STUCK;
  }
  if (sim_server_run(&server, &error) == 0) return EXIT_DONE;
  complain("%s", error.text);
  return exit_of_error(error.code);
}

/* Reads its arguments itself. */
static int cmd_simulate(int argc, char **argv) {
  struct simulate_options options = {.listen = "127.0.0.1:8080", .speed = "1"};
  double speed;
  struct sim_scenario *scenario = NULL;
  if (!read_arguments(argc, argv, &options) || !read_speed(options.speed, &speed))
    return EXIT_USAGE;
  if (options.help) return help_print_command(&command_simulate, stdout);
  struct diag_list *diags = diag_new();
  int rc = sim_scenario_load(options.scenario, &scenario, diags);
  diag_print(diags, stderr);
  diag_free(diags);
  if (rc != 0) return EXIT_USAGE;
  if (!sim_listen_is_loopback(options.listen))
    complain("warning: %s can be reached from other machines; the simulator trusts everybody",
             options.listen);
  int status = serve(&options, speed, scenario);
  sim_scenario_free(scenario);
  return status;
}

const struct command command_simulate = {
    .name = "simulate",
    .args = "",
    .summary = "the pretend service on loopback, for trying things out",
    .examples = "  nightshift simulate --speed 60\n"
                "  nightshift simulate --scenario scenario.yaml --ledger ledger.json\n",
    .help =
        "  --listen ADDR:PORT  where to listen (127.0.0.1:8080; port 0 picks a free one)\n"
        "  --scenario FILE     accounts, capacities, faults; left out: two accounts, gentle\n"
        "  --speed N           let its clock run N times as fast (1)\n"
        "  --callbacks-through ADDR:PORT\n"
        "                      send callbacks there, on this machine, whatever host they\n"
        "                      name: to a web server that speaks https to the one in front\n"
        "                      of the run\n"
        "  --ledger FILE       write every request, task and the totals there at the end\n"
        "\nIt prints the address to give as --api; `run --speed N` goes along with it. While it\n"
        "runs, GET /_ledger tells what --ledger writes. SIGINT or SIGTERM ends it.\n",
    .run_raw = cmd_simulate,
};
