/* Reading the config and opening the log, the same way for every command. */
#include "cli/setup.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/environment.h"
#include "cli/fault.h"
#include "nightshift/http.h"
#include "nightshift/web.h"

static int load_config(const struct invocation *invocation, bool token_needed,
                       struct config *config, struct diag_list *diags) {
  /* The environment is only read through this pointer. */
  const struct config_options options = {.path = invocation->options.config,
                                         .getenv = environment_get,
                                         .context = (void *)(uintptr_t)invocation->environment,
                                         .token_needed = token_needed};
  return config_load(&options, config, diags);
}

static int read_again(void *context, struct config *config, struct diag_list *diags) {
  return load_config(context, true, config, diags);
}

static void find_state(struct setup *setup, const struct options *options) {
  struct error error = {0};
  bool from_config = options->state == NULL && !setup->failed && setup->config.state != NULL &&
                     setup->config.state[0] != '\0';
  const char *given = from_config ? setup->config.state : options->state;
  if (state_path(given, setup->state, sizeof setup->state, &error) == 0) return;
  const char *where = from_config && setup->config.path != NULL ? setup->config.path : "--state";
  diag_error(setup->diags, where, 0, 0, NULL, "%s", error.text);
  setup->state[0] = '\0';
}

/* The log must not share a file with the state, there already or to come: a second descriptor would
 * lose SQLite's locks. */
static bool is_the_state(const char *file, const char *state) {
  char path[PATH_MAX];
  struct stat one, other;
  if (state_path(file, path, sizeof path, NULL) == 0 && strcmp(path, state) == 0) return true;
  return stat(file, &one) == 0 && stat(state, &other) == 0 && one.st_dev == other.st_dev &&
         one.st_ino == other.st_ino;
}

static void check_options(struct setup *setup, const struct options *options, bool token_needed) {
  setup->api_url = options->api != NULL ? options->api
                   : setup->failed      ? NULL
                                        : setup->config.api_url;
  if (options->speed != 1 && setup->api_url != NULL && !http_api_is_loopback(setup->api_url))
    diag_error(setup->diags, "--speed", 0, 0, NULL,
               "only for a simulator on this machine: %s is not on loopback", setup->api_url);
  if (token_needed && !setup->failed && setup->config.token_count == 0)
    diag_error(setup->diags, setup->config.path != NULL ? setup->config.path : "nightshift", 0, 0,
               NULL,
               "no token: set USEAPI_TOKEN in the environment, or api.token in a config file");
  if (options->log_file != NULL && is_the_state(options->log_file, setup->state))
    diag_error(setup->diags, "--log-file", 0, 0, NULL, "%s is the state: name another file",
               options->log_file);
}

/* Where a key of the config or its option stands, for messages. */
static const char *place_of(const struct setup *setup, const char *option, const char *key) {
  return option != NULL || setup->config.path == NULL ? key : setup->config.path;
}

static void find_listener(struct setup *setup, const struct options *options) {
  const char *listen = options->listen, *url = options->public_url;
  if (listen == NULL) listen = setup->failed ? "" : setup->config.listen;
  if (url == NULL) url = setup->failed ? "" : setup->config.public_url;
  snprintf(setup->public_url, sizeof setup->public_url, "%s", url);
  for (size_t size = strlen(setup->public_url); size > 0 && setup->public_url[size - 1] == '/';)
    setup->public_url[--size] = '\0';
  setup->listen = listen;
  if (url[0] != '\0' && listen[0] == '\0' && !setup->failed)
    diag_error(setup->diags, place_of(setup, options->public_url, "--public-url"), 0, 0, NULL,
               "`public_url` says where `listen` is reached: give `listen` too");
  if (listen[0] != '\0' && !web_is_there())
    diag_error(setup->diags, place_of(setup, options->listen, "--listen"), 0, 0, NULL,
               "this nightshift was built without serving HTTP (WEB=OFF): leave `listen` out");
  if (strlen(url) >= sizeof setup->public_url)
    diag_error(setup->diags, place_of(setup, options->public_url, "--public-url"), 0, 0, NULL,
               "`public_url` is too long: the service takes 1,024 characters with ours behind it");
}

static int open_log(struct setup *setup, const struct options *options) {
  struct error error = {0};
  const struct log_sink_options sink = {.format = options->log_format,
                                        .color = options->color,
                                        .level = options->level,
                                        .file = setup->failed ? NULL : options->log_file};
  int result = log_sink_open(&setup->log, &sink, &error);
  if (result != 0) diag_error(setup->diags, "--log-file", 0, 0, NULL, "%s", error.text);
  return result;
}

static void fill_run_options(struct setup *setup, const struct options *options, mode_t mask) {
  setup->run = (struct run_options){
      .batch_paths = options->args,
      .batch_count = options->arg_count,
      .config = &setup->config,
      .config_failed = setup->failed,
      .state = setup->state,
      .api_url = setup->api_url,
      .speed = options->speed,
      .overwrite = options->overwrite,
      .adopt = options->adopt,
      .allow_absolute_output = options->allow_absolute_output,
      .limit = options->limit,
      .read_config = read_again,
      .read_context = setup->invocation,
      .until = options->until,
      .max_credits = options->max_credits,
      .listen = setup->listen,
      .public_url = setup->public_url,
      .log = setup->log,
      .diags = setup->diags,
      .quiet = options->level > LOG_INFO,
      .mask = mask,
  };
}

bool setup_begin(struct setup *setup, const struct invocation *invocation, bool token_needed,
                 int *status) {
  const struct options *options = &invocation->options;
  *setup = (struct setup){.diags = diag_new(), .invocation = (void *)(uintptr_t)invocation};
  setup->failed = load_config(invocation, token_needed, &setup->config, setup->diags) != 0;
  find_state(setup, options);
  check_options(setup, options, token_needed);
  find_listener(setup, options);
  setup->failed = setup->failed || diag_error_count(setup->diags) > 0;
  if (open_log(setup, options) != 0) {
    diag_print(setup->diags, stderr);
    setup_release(setup);
    *status = EXIT_USAGE;
    return false;
  }
  fault_set_log(setup->log);
  fill_run_options(setup, options, invocation->mask);
  return true;
}

void setup_release(struct setup *setup) {
  fault_set_log(NULL);
  log_sink_close(setup->log);
  config_release(&setup->config);
  diag_free(setup->diags);
}

/* The config's state counts unless the command line names one; then no config is needed. */
int setup_state(const struct invocation *invocation, char path[PATH_MAX]) {
  const struct options *options = &invocation->options;
  struct config config = {0};
  struct error error = {0};
  const char *given = options->state;
  int result = 0;
  if (given == NULL) {
    struct diag_list *diags = diag_new();
    result = load_config(invocation, false, &config, diags);
    if (result != 0) diag_print(diags, stderr);
    diag_free(diags);
    given = result == 0 ? config.state : NULL;
  }
  int status = result != 0 ? EXIT_USAGE : EXIT_DONE;
  if (result == 0 && state_path(given, path, PATH_MAX, &error) != 0) {
    complain("%s", error.text);
    status = EXIT_USAGE;
  }
  config_release(&config);
  return status;
}
