/* The table of options, and how a command line is read by it. */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "nightshift/web.h"
#include "util/check.h"
#include "util/text.h"

#define LIMIT_MOST 1000000000
#define SPEED_MOST 10000.0

const struct option option_table[OPTION_COUNT] = {
    [OPTION_CONFIG] = {"config", 'c', "FILE", "read this config file and look for no other"},
    [OPTION_STATE] = {"state", '\0', "PATH",
                      "keep what is known in this file, or in postgresql://…"},
    [OPTION_API] = {"api", '\0', "URL", "the service's address, instead of the config's"},
    [OPTION_VERBOSE] = {"verbose", 'v', NULL, "say more"},
    [OPTION_QUIET] = {"quiet", 'q', NULL, "only warnings and errors"},
    [OPTION_LOG_FORMAT] = {"log-format", '\0', "FORMAT", "auto, pretty, logfmt or json"},
    [OPTION_LOG_FILE] = {"log-file", '\0', "FILE", "write the log there as well"},
    [OPTION_COLOR] = {"color", '\0', "WHEN", "auto, always or never"},
    [OPTION_HELP] = {"help", 'h', NULL, "this help"},
    [OPTION_VERSION] = {"version", 'V', NULL, "which version this is"},
    [OPTION_UNTIL] = {"until", '\0', "HH:MM|DURATION", "start nothing that would not end by then"},
    [OPTION_MAX_CREDITS] = {"max-credits", '\0', "N", "spend at most so many credits"},
    [OPTION_LIMIT] = {"limit", '\0', "N", "start at most N jobs"},
    [OPTION_ADOPT] = {"adopt", '\0', NULL,
                      "take over tasks of this batch that another state ordered"},
    [OPTION_OVERWRITE] = {"overwrite", '\0', NULL, "replace outputs that are there"},
    [OPTION_LISTEN] = {"listen", '\0', "ADDR:PORT", "serve there: a page, metrics, callbacks"},
    [OPTION_PUBLIC_URL] = {"public-url", '\0', "URL",
                           "where the service reaches --listen: turns callbacks on"},
    [OPTION_SPEED] = {"speed", '\0', "N", "let the clock run N times as fast (simulator only)"},
    [OPTION_ALLOW_ABSOLUTE_OUTPUT] = {"allow-absolute-output", '\0', NULL,
                                      "outputs may lie outside the batch's directory"},
    [OPTION_JSON] = {"json", '\0', NULL, "print JSON for programs"},
    [OPTION_SCENARIO] = {"scenario", '\0', "FILE", "what the pretend service does"},
    [OPTION_FORCE] = {"force", '\0', NULL, "moderated clips too"},
    [OPTION_AGAIN] = {"again", '\0', NULL, "pay again for a job whose task finished"},
    [OPTION_ALL] = {"all", '\0', NULL, "the whole batch"},
    [OPTION_OUTPUT] = {"output", 'o', "FILE", "write to this file; - is standard output"},
    [OPTION_REMAINING] = {"remaining", '\0', NULL, "a batch of what is left"},
    [OPTION_ACCOUNT] = {"account", '\0', "EMAIL", "this account alone"},
    [OPTION_CLEAN] = {"clean", '\0', NULL, "delete our uploads that no job needs"},
};

static int find_long(const char *name, size_t length) {
  for (int id = 0; id < OPTION_COUNT; id++)
    if (strlen(option_table[id].name) == length &&
        strncmp(option_table[id].name, name, length) == 0)
      return id;
  return -1;
}

static int find_letter(char letter) {
  for (int id = 0; id < OPTION_COUNT; id++)
    if (option_table[id].letter == letter) return id;
  return -1;
}

static bool is_option(const char *arg) {
  return arg[0] == '-' && arg[1] != '\0';
}

/* The option whose value is the argument after `arg`; -1: none. */
static int awaited_after(const char *arg) {
  int id;
  if (text_starts_with(arg, "--")) {
    id = find_long(arg + 2, strlen(arg + 2)); /* with "=" it is not found */
    return id >= 0 && option_table[id].value != NULL ? id : -1;
  }
  for (const char *letter = arg + 1; *letter != '\0'; letter++) {
    id = find_letter(*letter);
    if (id >= 0 && option_table[id].value != NULL) return letter[1] == '\0' ? id : -1;
  }
  return -1;
}

int options_awaited(char *const *args, size_t count) {
  int awaited = -1;
  for (size_t i = 0; i < count; i++) {
    if (awaited >= 0)
      awaited = -1; /* this one is the value */
    else if (strcmp(args[i], "--") == 0)
      return -1;
    else if (is_option(args[i]))
      awaited = awaited_after(args[i]);
  }
  return awaited;
}

size_t options_find_command(char *const *args, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(args[i], "--") == 0) return i + 1 < count ? i + 1 : count;
    if (!is_option(args[i])) return i;
    if (awaited_after(args[i]) >= 0) i++;
  }
  return count;
}

/* ---- values ---- */

static int bad_value(struct error *error, enum option_id id, const char *wanted,
                     const char *value) {
  return error_set(error, ERR_USAGE, "--%s: %s is wanted, not '%s'", option_table[id].name, wanted,
                   value);
}

/* A password in an address is seen by everybody who lists the processes. */
static int set_api(struct options *options, const char *value, struct error *error) {
  const char *rest = strstr(value, "://");
  bool web = text_starts_with(value, "https://") || text_starts_with(value, "http://");
  if (!web) return bad_value(error, OPTION_API, "an http:// or https:// address", value);
  if (memchr(rest + 3, '@', strcspn(rest + 3, "/?#")) != NULL)
    return error_set(error, ERR_USAGE,
                     "--api: an address with a name or password in it is refused; the token comes "
                     "from USEAPI_TOKEN or the config");
  options->api = value;
  return 0;
}

static int set_listen(struct options *options, const char *value, struct error *error) {
  if (!web_listen_is_well(value))
    return bad_value(error, OPTION_LISTEN, "ADDR:PORT, like 127.0.0.1:9090,", value);
  options->listen = value;
  return 0;
}

/* The service calls it as it stands, with a path of ours behind it. */
static int set_public_url(struct options *options, const char *value, struct error *error) {
  bool web = text_starts_with(value, "https://") || text_starts_with(value, "http://");
  size_t host = web ? strcspn(strstr(value, "://") + 3, "/") : 0;
  if (host == 0 || strpbrk(value, "@?# ") != NULL)
    return bad_value(error, OPTION_PUBLIC_URL,
                     "an http:// or https:// address without name, password or query", value);
  options->public_url = value;
  return 0;
}

static int set_level(struct options *options, enum log_level level) {
  options->level = level;
  return 0;
}

static int set_flag(bool *flag) {
  *flag = true;
  return 0;
}

static int set_text(const char **text, enum option_id id, const char *value, struct error *error) {
  if (value[0] == '\0')
    return error_set(error, ERR_USAGE, "--%s: its value is empty", option_table[id].name);
  *text = value;
  return 0;
}

static int set_speed(struct options *options, const char *value, struct error *error) {
  double speed;
  if (!text_to_double(value, &speed) || speed <= 0 || speed > SPEED_MOST)
    return bad_value(error, OPTION_SPEED, "a number above 0 and up to 10000", value);
  options->speed = speed;
  return 0;
}

/* "HH:MM" */
static bool is_time_of_day(const char *text) {
  int64_t hour, minute;
  if (strlen(text) != 5 || text[2] != ':') return false;
  const char digits[] = {text[0], text[1], '\0'};
  return text_to_int64(digits, 0, 23, &hour) && text_to_int64(text + 3, 0, 59, &minute);
}

static int set_until(struct options *options, const char *value, struct error *error) {
  duration_ms duration;
  bool good = is_time_of_day(value) || (text_to_duration(value, &duration) && duration > 0);
  if (!good)
    return bad_value(error, OPTION_UNTIL, "a time such as 06:30 or a duration such as 8h", value);
  options->until = value;
  return 0;
}

static int set_limit(struct options *options, const char *value, struct error *error) {
  if (text_to_int64(value, 1, LIMIT_MOST, &options->limit)) return 0;
  return bad_value(error, OPTION_LIMIT, "a number of jobs from 1 on", value);
}

static int set(struct options *options, enum option_id id, const char *value, struct error *error) {
  switch (id) {
  case OPTION_CONFIG:
    return set_text(&options->config, id, value, error);
  case OPTION_STATE:
    return set_text(&options->state, id, value, error);
  case OPTION_LOG_FILE:
    return set_text(&options->log_file, id, value, error);
  case OPTION_API:
    return set_api(options, value, error);
  case OPTION_VERBOSE:
    return set_level(options, LOG_DEBUG);
  case OPTION_QUIET:
    return set_level(options, LOG_WARN);
  case OPTION_LOG_FORMAT:
    if (log_format_parse(value, &options->log_format)) return 0;
    return bad_value(error, id, "auto, pretty, logfmt or json", value);
  case OPTION_COLOR:
    if (color_choice_parse(value, &options->color)) return 0;
    return bad_value(error, id, "auto, always or never", value);
  case OPTION_LIMIT:
    return set_limit(options, value, error);
  case OPTION_MAX_CREDITS:
    if (text_to_int64(value, 0, LIMIT_MOST, &options->max_credits)) return 0;
    return bad_value(error, id, "a number of credits", value);
  case OPTION_UNTIL:
    return set_until(options, value, error);
  case OPTION_SPEED:
    return set_speed(options, value, error);
  case OPTION_HELP:
    return set_flag(&options->help);
  case OPTION_VERSION:
    return set_flag(&options->version);
  case OPTION_ADOPT:
    return set_flag(&options->adopt);
  case OPTION_OVERWRITE:
    return set_flag(&options->overwrite);
  case OPTION_ALLOW_ABSOLUTE_OUTPUT:
    return set_flag(&options->allow_absolute_output);
  case OPTION_JSON:
    return set_flag(&options->json);
  case OPTION_FORCE:
    return set_flag(&options->force);
  case OPTION_AGAIN:
    return set_flag(&options->again);
  case OPTION_ALL:
    return set_flag(&options->all);
  case OPTION_ACCOUNT:
    return set_text(&options->account, id, value, error);
  case OPTION_OUTPUT:
    return set_text(&options->output, id, value, error);
  case OPTION_CLEAN:
    return set_flag(&options->clean);
  case OPTION_REMAINING:
    return set_flag(&options->remaining);
  case OPTION_LISTEN:
    return set_listen(options, value, error);
  case OPTION_PUBLIC_URL:
    return set_public_url(options, value, error);
  case OPTION_SCENARIO: /* only `simulate`, which reads its own, has it */
  case OPTION_COUNT:
    break;
  }
  CHECK_UNREACHABLE();
}

/* ---- reading ---- */

struct reader {
  char *const *args;
  size_t count, skip, next;
  const char *command;
  uint32_t allowed;
  struct options *options;
  struct error *error;
};

static int unknown_option(const struct reader *reader, const char *arg) {
  const char *names[OPTION_COUNT], *near;
  char name[64];
  size_t count = 0;
  for (int id = 0; id < OPTION_COUNT; id++)
    if (id < OPTION_GLOBAL_COUNT || (reader->allowed & OPTION_BIT(id)) != 0)
      names[count++] = option_table[id].name;
  size_t length = strcspn(arg + 2, "=");
  snprintf(name, sizeof name, "%.*s", (int)(length < 63 ? length : 63), arg + 2);
  near = text_starts_with(arg, "--") ? text_nearest(name, names, count) : NULL;
  if (near != NULL)
    return error_set(reader->error, ERR_USAGE, "unknown option '%.*s' (did you mean '--%s'?)",
                     (int)(length + 2), arg, near);
  return error_set(reader->error, ERR_USAGE, "unknown option '%s'", arg);
}

/* Whether the option may stand here. */
static int admit(const struct reader *reader, int id) {
  const struct option *option = &option_table[id];
  if (id >= OPTION_GLOBAL_COUNT && (reader->allowed & OPTION_BIT(id)) == 0)
    return reader->command != NULL
               ? error_set(reader->error, ERR_USAGE, "'--%s' is no option of '%s'", option->name,
                           reader->command)
               : error_set(reader->error, ERR_USAGE, "'--%s' needs a command", option->name);
  return 0;
}

/* The argument after the option, which is no other option by mistake. */
static int next_value(struct reader *reader, int id, const char **value) {
  if (reader->next >= reader->count)
    return error_set(reader->error, ERR_USAGE, "--%s needs a value: --%s %s", option_table[id].name,
                     option_table[id].name, option_table[id].value);
  *value = reader->args[reader->next++];
  return 0;
}

static int read_long(struct reader *reader, const char *arg) {
  const char *name = arg + 2, *value = NULL, *equals = strchr(name, '=');
  int id = find_long(name, equals != NULL ? (size_t)(equals - name) : strlen(name));
  if (id < 0) return unknown_option(reader, arg);
  int result = admit(reader, id);
  if (result != 0) return result;
  if (option_table[id].value == NULL && equals != NULL)
    return error_set(reader->error, ERR_USAGE, "--%s takes no value", option_table[id].name);
  if (option_table[id].value != NULL && equals != NULL) value = equals + 1;
  if (option_table[id].value != NULL && equals == NULL) result = next_value(reader, id, &value);
  if (result != 0) return result;
  return set(reader->options, (enum option_id)id, value, reader->error);
}

/* "-v", "-vq", "-cFILE", "-c FILE". */
static int read_letters(struct reader *reader, const char *arg) {
  for (const char *letter = arg + 1; *letter != '\0'; letter++) {
    int id = find_letter(*letter);
    if (id < 0) return unknown_option(reader, arg);
    int result = admit(reader, id);
    const char *value = letter + 1;
    bool takes = option_table[id].value != NULL;
    if (result == 0 && takes && *value == '\0') result = next_value(reader, id, &value);
    if (result == 0) result = set(reader->options, (enum option_id)id, value, reader->error);
    if (result != 0 || takes) return result;
  }
  return 0;
}

int options_parse(char *const *args, size_t count, size_t skip, const char *command,
                  uint32_t allowed, struct options *options, struct error *error) {
  *options = (struct options){.level = LOG_INFO, .speed = 1, .max_credits = -1};
  options->args = calloc(count + 1, sizeof *options->args);
  CHECK(options->args != NULL);
  struct reader reader = {args, count, skip, 0, command, allowed, options, error};
  bool ended = false;
  while (reader.next < count) {
    size_t at = reader.next++;
    const char *arg = args[at];
    int result = 0;
    if (at == skip) continue;
    if (!ended && strcmp(arg, "--") == 0)
      ended = true;
    else if (ended || !is_option(arg))
      options->args[options->arg_count++] = arg;
    else
      result = text_starts_with(arg, "--") ? read_long(&reader, arg) : read_letters(&reader, arg);
    if (result != 0) return result;
  }
  return 0;
}

void options_release(struct options *options) {
  free(options->args);
  options->args = NULL;
}
