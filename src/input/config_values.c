/* One value of the config file into its field, by the kind that the table gives it. */
#include <stdio.h>
#include <string.h>

#include "input/config_parts.h"
#include "input/path.h"
#include "input/shape.h"
#include "util/text.h"

bool duration_parse(const char *text, duration_ms *duration) {
  return text_to_duration(text, duration);
}

/* ---- addresses ---- */

/* The host of "scheme://host…": where it begins, and its length without the port. */
static size_t host_of(const char *rest, const char **host) {
  size_t size = strcspn(rest, "/");
  *host = rest;
  if (*rest == '[') {
    const char *end = memchr(rest, ']', size);
    return end == NULL ? 0 : (size_t)(end - rest) + 1;
  }
  const char *colon = memchr(rest, ':', size);
  return colon == NULL ? size : (size_t)(colon - rest);
}

static bool is_loopback(const char *host, size_t size) {
  if (size == 9 && strncasecmp(host, "localhost", 9) == 0) return true;
  if (size == 5 && memcmp(host, "[::1]", 5) == 0) return true;
  if (size < 7 || memcmp(host, "127.", 4) != 0) return false;
  return strspn(host, "0123456789.") >= size;
}

/* What holds for every URL of ours; *rest is what follows "//". */
static const char *url_fault(const char *url, const char **rest) {
  bool http = text_starts_with(url, "http://"), https = text_starts_with(url, "https://");
  if (!http && !https) return "expected a URL that begins with https://";
  *rest = url + (http ? 7 : 8);
  for (const char *at = url; *at != '\0'; at++)
    if ((unsigned char)*at <= ' ' || *at == 0x7f) return "a URL has no blanks";
  size_t authority = strcspn(*rest, "/?#");
  if (memchr(*rest, '@', authority) != NULL) return "a URL with a user or password is refused";
  if (strpbrk(*rest, "?#") != NULL) return "expected a URL without ? and #";
  const char *host;
  return host_of(*rest, &host) == 0 ? "expected a host after //" : NULL;
}

const char *config_url_fault(const char *url) {
  const char *rest, *host, *fault = url_fault(url, &rest);
  if (fault != NULL) return fault;
  size_t size = host_of(rest, &host);
  if (text_starts_with(url, "http://") && !is_loopback(host, size))
    return "http is for loopback only, a token would be readable on its way: use https";
  return NULL;
}

static bool read_url(const struct config_reader *reader, const struct option *option,
                     const struct yaml_node *node, const char **target) {
  const char *url, *rest;
  if (!yaml_read_text(reader->document, node, option->name, &url)) return false;
  bool api = strcmp(option->name, "api.url") == 0;
  const char *fault = api ? config_url_fault(url) : *url == '\0' ? NULL : url_fault(url, &rest);
  if (fault != NULL) {
    yaml_error(reader->document, node, "%s: %s", option->name, fault);
    return false;
  }
  char *copy = arena_string(reader->memory, url);
  for (size_t size = strlen(copy); size > 0 && copy[size - 1] == '/'; size--)
    copy[size - 1] = '\0';
  *target = copy;
  return true;
}

static bool read_listen(const struct config_reader *reader, const struct option *option,
                        const struct yaml_node *node, const char **target) {
  const char *text;
  int64_t port;
  if (!yaml_read_text(reader->document, node, option->name, &text)) return false;
  const char *colon = strrchr(text, ':');
  bool bare = colon != NULL && *text != '[' && memchr(text, ':', (size_t)(colon - text)) != NULL;
  if (*text != '\0' && (colon == NULL || colon == text || bare || strpbrk(text, " /@") != NULL ||
                        !text_to_int64(colon + 1, 0, 65535, &port))) {
    yaml_error(reader->document, node,
               "%s: expected ADDR:PORT such as 127.0.0.1:9090 or [::1]:9090, found %s",
               option->name, yaml_found(reader->document, node));
    return false;
  }
  *target = arena_string(reader->memory, text);
  return true;
}

/* A URL with "user:password@", or with a password among its parameters. */
static bool has_password(const char *text) {
  const char *host = strstr(text, "://");
  if (strcasestr(text, "password=") != NULL) return true;
  if (host == NULL) return false;
  size_t authority = strcspn(host + 3, "/?#");
  const char *at = memrchr(host + 3, '@', authority);
  return at != NULL && memchr(host + 3, ':', (size_t)(at - host) - 3) != NULL;
}

static bool read_state(const struct config_reader *reader, const struct option *option,
                       const struct yaml_node *node, const char **target) {
  const char *text;
  if (!yaml_read_text(reader->document, node, option->name, &text)) return false;
  if (has_password(text)) {
    yaml_error(reader->document, node,
               "state: a password is refused here: put it into ~/.pgpass (chmod 600)");
    return false;
  }
  bool path = *text != '\0' && strstr(text, "://") == NULL;
  *target = path ? path_resolve(reader->memory, reader->directory, text)
                 : arena_string(reader->memory, text);
  return true;
}

/* ---- words of their own ---- */

static bool read_time_of_day(const char *text, int64_t *minutes) {
  int64_t hour, minute;
  char digits[3] = {text[0], text[0] != '\0' ? text[1] : '\0', '\0'};
  if (!text_to_int64(digits, 0, 23, &hour) || strlen(digits) != 2 || text[2] != ':') return false;
  char rest[3] = {text[3], text[3] != '\0' ? text[4] : '\0', '\0'};
  if (!text_to_int64(rest, 0, 59, &minute) || strlen(rest) != 2) return false;
  *minutes = hour * 60 + minute;
  return true;
}

static bool read_hours(const struct config_reader *reader, const struct option *option,
                       const struct yaml_node *node, const char **target) {
  const char *text;
  int64_t from, to;
  if (!yaml_read_text(reader->document, node, option->name, &text)) return false;
  if (strlen(text) != 11 || text[5] != '-' || !read_time_of_day(text, &from) ||
      !read_time_of_day(text + 6, &to) || from == to) {
    yaml_error(reader->document, node, "%s: expected hours such as 22:00-07:00, found %s",
               option->name, yaml_found(reader->document, node));
    return false;
  }
  *target = arena_string(reader->memory, text);
  return true;
}

static bool read_email(const struct config_reader *reader, const struct option *option,
                       const struct yaml_node *node, const char **target) {
  const char *text;
  if (!yaml_read_text(reader->document, node, option->name, &text)) return false;
  if (!shape_is_email(text)) {
    yaml_error(reader->document, node, "%s: expected an e-mail address, found %s", option->name,
               yaml_found(reader->document, node));
    return false;
  }
  *target = arena_string(reader->memory, text);
  return true;
}

static bool read_durations(const struct config_reader *reader, const struct option *option,
                           const struct yaml_node *node, duration_ms *target) {
  duration_ms values[2];
  if (node->kind != YAML_LIST || node->count != 2) {
    yaml_error(reader->document, node,
               "%s: expected two durations, the shortest and the longest, such as %s", option->name,
               option->initial);
    return false;
  }
  for (size_t i = 0; i < 2; i++)
    if (!yaml_read_duration(reader->document, &node->items[i], option->name, option->low,
                            option->high, &values[i]))
      return false;
  if (values[0] > values[1]) {
    yaml_error(reader->document, node, "%s: the first duration is longer than the second",
               option->name);
    return false;
  }
  target[0] = values[0];
  target[1] = values[1];
  return true;
}

/* Splits "A<between>B" into copies of A and B. */
static bool split(const struct config_reader *reader, const char *text, const char *between,
                  const char **left, const char **right) {
  const char *at = strstr(text, between);
  if (at == NULL) return false;
  *left = arena_bytes(reader->memory, text, (size_t)(at - text));
  *right = arena_string(reader->memory, at + strlen(between));
  return true;
}

/* "3 in 1h" */
static bool read_strikes(const struct config_reader *reader, const struct option *option,
                         const struct yaml_node *node, struct config *config) {
  const char *text, *left, *right;
  int64_t count = 0;
  duration_ms window = 0;
  if (!yaml_read_text(reader->document, node, option->name, &text)) return false;
  if (strcmp(text, "off") != 0 && (!split(reader, text, " in ", &left, &right) ||
                                   !text_to_int64(left, option->low, option->high, &count) ||
                                   !text_to_duration(right, &window) || window < SECOND_MS)) {
    yaml_error(reader->document, node, "%s: expected something like %s, or off; found %s",
               option->name, option->initial, yaml_found(reader->document, node));
    return false;
  }
  config->pause_account_count = (int)count;
  config->pause_account_window = window;
  return true;
}

/* "20% of 10" */
static bool read_share(const struct config_reader *reader, const struct option *option,
                       const struct yaml_node *node, struct config *config) {
  const char *text, *left, *right;
  int64_t percent = 0, least = 0;
  if (!yaml_read_text(reader->document, node, option->name, &text)) return false;
  if (strcmp(text, "off") != 0 &&
      (!split(reader, text, "% of ", &left, &right) || !text_to_int64(left, 1, 100, &percent) ||
       !text_to_int64(right, option->low, option->high, &least))) {
    yaml_error(reader->document, node, "%s: expected something like %s, or off; found %s",
               option->name, option->initial, yaml_found(reader->document, node));
    return false;
  }
  config->pause_batch_percent = (int)percent;
  config->pause_batch_least = (int)least;
  return true;
}

static bool read_text(const struct config_reader *reader, const struct option *option,
                      const struct yaml_node *node, const char **target) {
  const char *text;
  if (!yaml_read_text(reader->document, node, option->name, &text)) return false;
  *target = arena_string(reader->memory, text);
  return true;
}

static bool read_int(const struct config_reader *reader, const struct option *option,
                     const struct yaml_node *node, int *target) {
  int64_t number;
  if (!yaml_read_integer(reader->document, node, option->name, option->low, option->high, &number))
    return false;
  *target = (int)number;
  return true;
}

bool config_read_value(const struct config_reader *reader, const struct option *option,
                       const struct yaml_node *node, void *target) {
  void *field = (char *)target + option->offset;
  switch (option->kind) {
  case OPTION_TEXT:
  case OPTION_COMMAND:
    return read_text(reader, option, node, field);
  case OPTION_URL:
    return read_url(reader, option, node, field);
  case OPTION_LISTEN:
    return read_listen(reader, option, node, field);
  case OPTION_STATE:
    return read_state(reader, option, node, field);
  case OPTION_EMAIL:
    return read_email(reader, option, node, field);
  case OPTION_HOURS:
    return read_hours(reader, option, node, field);
  case OPTION_INT:
    return read_int(reader, option, node, field);
  case OPTION_NUMBER:
    return yaml_read_integer(reader->document, node, option->name, option->low, option->high,
                             field);
  case OPTION_DURATION:
    return yaml_read_duration(reader->document, node, option->name, option->low, option->high,
                              field);
  case OPTION_DURATIONS:
    return read_durations(reader, option, node, field);
  case OPTION_STRIKES:
    return read_strikes(reader, option, node, target);
  case OPTION_SHARE:
    return read_share(reader, option, node, target);
  case OPTION_TOKEN:
  case OPTION_TOKEN_FILE:
    return true;
  }
  return false;
}
