/* Every key of the config file, in one table: what it takes, its default, what it is for. The
 * defaults are read from here like a file of their own. */
#include <stdio.h>
#include <string.h>

#include "input/config_parts.h"
#include "nightshift/account.h"
#include "util/check.h"

#define IN_CONFIG(field)  offsetof(struct config, field)
#define IN_ACCOUNT(field) offsetof(struct config_account, field)
#define NUMBER_MOST       INT64_C(1000000000)

/* name, kind, low, high, where, default, help */
static const struct option rows[] = {
    {"api.url", OPTION_URL, 0, 0, IN_CONFIG(api_url), "https://api.useapi.net/v1/runwayml",
     "Where the service is; http only on loopback."},
    {"api.token", OPTION_TOKEN, 0, 0, 0, NULL,
     "The token of useapi.net; ${NAME} reads the environment."},
    {"api.token_file", OPTION_TOKEN_FILE, 0, 0, 0, NULL,
     "A file that holds the token and that nobody else can read (chmod 600); from the config "
     "file's directory."},
    {"api.timeout", OPTION_DURATION, SECOND_MS, HOUR_MS, IN_CONFIG(timeout), "60s",
     "How long one request may take."},
    {"accounts.email", OPTION_EMAIL, 0, 0, IN_ACCOUNT(email), NULL,
     "The account, by its e-mail address; needed."},
    {"accounts.max_jobs", OPTION_INT, MAX_JOBS_LOWEST, MAX_JOBS_HIGHEST, IN_ACCOUNT(max_jobs), NULL,
     "Most jobs at a time; the smaller of this and the service's counts."},
    {"accounts.token", OPTION_TOKEN, 0, 0, 0, NULL, "The token it is behind, when not api.token."},
    {"accounts.token_file", OPTION_TOKEN_FILE, 0, 0, 0, NULL, "The same, from a file."},
    {"accounts.hours", OPTION_HOURS, 0, 0, IN_ACCOUNT(hours), NULL,
     "When jobs are started there, such as 22:00-07:00; left out: always."},
    {"accounts.max_credits", OPTION_NUMBER, 0, NUMBER_MOST, IN_ACCOUNT(max_credits), NULL,
     "Most credits that a run spends there."},
    {"accounts.keep_credits", OPTION_NUMBER, 0, NUMBER_MOST, IN_ACCOUNT(keep_credits), NULL,
     "Credits that are left untouched."},
    {"accounts.jobs_per_day", OPTION_NUMBER, 1, NUMBER_MOST, IN_ACCOUNT(jobs_per_day), NULL,
     "Most jobs started there in a day."},
    {"accounts.min_gap", OPTION_DURATION, 0, 24 * HOUR_MS, IN_ACCOUNT(min_gap), NULL,
     "Shortest time between two jobs started there."},
    {"scheduling.retry_wait", OPTION_DURATIONS, 100, HOUR_MS, IN_CONFIG(retry_wait_low),
     "[10s, 30s]", "Wait after a 429, unless a task ends first: shortest and longest."},
    {"scheduling.poll", OPTION_DURATIONS, 100, HOUR_MS, IN_CONFIG(poll_low), "[3s, 30s]",
     "Pause between looks at an account: shortest and longest; left out, the longest may pass "
     "while no "
     "task there can end."},
    {"scheduling.max_attempts", OPTION_INT, 1, 100, IN_CONFIG(max_attempts), "4",
     "Attempts per job, for failures worth another try; 429s cost none."},
    {"scheduling.upload_ahead", OPTION_INT, 0, 100, IN_CONFIG(upload_ahead), "1",
     "Clips kept uploaded ahead of need, per account."},
    {"moderation.pause_account", OPTION_STRIKES, 1, 1000, IN_CONFIG(pause_account_count), "3 in 1h",
     "After so many moderated tasks in that time the account rests; or off."},
    {"moderation.pause_batch", OPTION_SHARE, 1, NUMBER_MOST, IN_CONFIG(pause_batch_percent),
     "20% of 10", "A moderated share of at least so many jobs stops submitting; or off."},
    {"on_finish", OPTION_COMMAND, 0, 0, IN_CONFIG(on_finish), "\"\"",
     "A command that is run at the end, with counts in its environment."},
    {"on_alert", OPTION_COMMAND, 0, 0, IN_CONFIG(on_alert), "\"\"",
     "A command that is run when a person should look."},
    {"state", OPTION_STATE, 0, 0, IN_CONFIG(state), "\"\"",
     "Where the state is kept: a path from the config file's directory, or postgresql://…; left "
     "out: $XDG_STATE_HOME/nightshift/state.db."},
    {"listen", OPTION_LISTEN, 0, 0, IN_CONFIG(listen), "\"\"",
     "ADDR:PORT of the status page, metrics and callbacks; off when left out."},
    {"public_url", OPTION_URL, 0, 0, IN_CONFIG(public_url), "\"\"",
     "Where the service can reach `listen`; turns callbacks on."},
    {"page_url", OPTION_URL, 0, 0, IN_CONFIG(page_url), "\"\"",
     "Where people reach the page of `listen`, when it has a name; it takes the token there."},
};
#define ROWS (sizeof rows / sizeof rows[0])

const struct option *config_option_row(size_t index) {
  return index < ROWS ? &rows[index] : NULL;
}

const char *config_option_key(const struct option *option) {
  const char *dot = strchr(option->name, '.');
  return dot == NULL ? option->name : dot + 1;
}

bool config_option_in(const struct option *option, const char *section) {
  const char *dot = strchr(option->name, '.');
  size_t size = dot == NULL ? 0 : (size_t)(dot - option->name);
  return strlen(section) == size && memcmp(option->name, section, size) == 0;
}

/* ---- unknown keys ---- */

#define NAMES_MOST 16

static size_t section_names(const char *section, const char **names) {
  size_t count = 0;
  static const char *const sections[] = {"api", "accounts", "scheduling", "moderation"};
  if (*section == '\0')
    for (; count < sizeof sections / sizeof sections[0]; count++)
      names[count] = sections[count];
  for (size_t i = 0; i < ROWS; i++) {
    if (!config_option_in(&rows[i], section)) continue;
    CHECK(count < NAMES_MOST);
    names[count++] = config_option_key(&rows[i]);
  }
  return count;
}

static bool is_one_of(const char *key, const char *const *names, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(names[i], key) == 0) return true;
  return false;
}

/* A key that belongs elsewhere: `poll` without `scheduling:` above it. */
static const struct option *find_elsewhere(const char *key) {
  for (size_t i = 0; i < ROWS; i++)
    if (strcmp(config_option_key(&rows[i]), key) == 0) return &rows[i];
  return NULL;
}

void config_check_keys(const struct config_reader *reader, const struct yaml_node *map,
                       const char *section) {
  const char *names[NAMES_MOST];
  size_t count = section_names(section, names);
  for (size_t i = 0; i < map->count; i++) {
    const struct yaml_node *key = &map->pairs[i].key;
    if (is_one_of(key->text, names, count)) continue;
    const struct option *elsewhere = find_elsewhere(key->text);
    const char *dot = elsewhere == NULL ? NULL : strchr(elsewhere->name, '.');
    if (elsewhere == NULL)
      yaml_unknown_key(reader->document, key, names, count);
    else if (dot == NULL)
      yaml_error(reader->document, key, "`%s` belongs at the beginning of a line, not under `%s:`",
                 key->text, section);
    else
      yaml_error(reader->document, key, "`%s` belongs under `%.*s:`", key->text,
                 (int)(dot - elsewhere->name), elsewhere->name);
  }
}

/* ---- for help and reference pages ---- */

static void describe_durations(const struct option *row, char *type, size_t size) {
  const char *what = row->kind == OPTION_DURATION ? "a duration" : "two durations";
  duration_ms low = row->low, high = row->high;
  if (low % SECOND_MS == 0)
    snprintf(type, size, "%s from %llds to %lldh", what, (long long)(low / SECOND_MS),
             (long long)(high / HOUR_MS));
  else
    snprintf(type, size, "%s from %lldms to %lldh", what, (long long)low,
             (long long)(high / HOUR_MS));
}

static void describe(const struct option *row, char *type, size_t size) {
  static const char *const words[] = {"text",
                                      "a command",
                                      "a URL",
                                      "ADDR:PORT",
                                      "a path or URL",
                                      "user:NUMBER-SECRET",
                                      "a path",
                                      "an e-mail address",
                                      "HH:MM-HH:MM",
                                      NULL,
                                      NULL,
                                      NULL,
                                      NULL,
                                      "N in DURATION, or off",
                                      "N% of N, or off"};
  if (row->kind == OPTION_DURATION || row->kind == OPTION_DURATIONS)
    describe_durations(row, type, size);
  else if (row->kind == OPTION_INT || row->kind == OPTION_NUMBER)
    snprintf(type, size, "a number from %lld to %lld", (long long)row->low, (long long)row->high);
  else
    snprintf(type, size, "%s", words[row->kind]);
}

bool config_option_at(size_t index, struct config_option *option) {
  if (index >= ROWS) return false;
  *option = (struct config_option){
      .name = rows[index].name, .initial = rows[index].initial, .help = rows[index].help};
  describe(&rows[index], option->type, sizeof option->type);
  return true;
}
