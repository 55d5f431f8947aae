/* Tokens: from the file, from a file of their own, from the environment. No message shows one. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/config_parts.h"
#include "input/path.h"
#include "input/shape.h"
#include "util/check.h"
#include "util/secret.h"

/* The token's place in the list; it is put there when it is new. */
static token_index add_token(struct config *config, const char *text) {
  for (size_t i = 0; i < config->token_count; i++)
    if (secret_is(config->tokens[i], text)) return (token_index)i;
  config->tokens = realloc(config->tokens, (config->token_count + 1) * sizeof *config->tokens);
  CHECK(config->tokens != NULL && "out of memory");
  config->tokens[config->token_count] = secret_new(text);
  return (token_index)config->token_count++;
}

/* A token goes into a header: printable, no blanks. NULL when it can. */
static const char *token_fault(const char *text) {
  if (*text == '\0') return "the token is empty";
  if (strlen(text) > TOKEN_MAX) return "the token is too long to be one";
  for (const char *at = text; *at != '\0'; at++)
    if (*at <= ' ' || *at == 0x7f) return "the token holds blanks or signs that no token has";
  return NULL;
}

static bool check_token(const struct config_reader *reader, const struct yaml_node *node,
                        const char *name, const char *text) {
  const char *fault = token_fault(text);
  if (fault != NULL)
    yaml_error(reader->document, node, "%s: %s", name, fault);
  else if (!shape_is_token(text))
    yaml_warning(reader->document, node, "%s: the token does not look like user:<number>-<secret>",
                 name);
  return fault == NULL;
}

/* ---- from a file of its own ---- */

/* Reads at most TOKEN_MAX + 1 bytes; the text's last line ends are taken off. */
static const char *read_token(int fd, char *text) {
  size_t length = 0;
  while (length <= TOKEN_MAX) {
    ssize_t got = read(fd, text + length, TOKEN_MAX + 1 - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return strerror(errno);
    if (got == 0) break;
    length += (size_t)got;
  }
  while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
    length--;
  text[length] = '\0';
  return strlen(text) != length ? "it is not a text file" : NULL;
}

/* Mode and type are those of the file that is open, not of whatever has the name by then. */
static const char *read_open_file(int fd, char *text) {
  struct stat status;
  if (fstat(fd, &status) != 0) return strerror(errno);
  if (!S_ISREG(status.st_mode)) return "it is not a regular file";
  if ((status.st_mode & 077) != 0) return "others can read it";
  return read_token(fd, text);
}

static token_index read_token_file(const struct config_reader *reader, const struct yaml_node *node,
                                   const char *name) {
  const char *written;
  char text[TOKEN_MAX + 2];
  token_index index = -1;
  if (!yaml_read_text(reader->document, node, name, &written)) return -1;
  const char *path = path_resolve(reader->document->arena, reader->directory, written);
  const char *shown = strstr(path, "user:") == NULL ? path : "…"; /* a token in the wrong place */
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  const char *fault = fd < 0 ? strerror(errno) : read_open_file(fd, text);
  if (fd >= 0) close(fd);
  if (fault != NULL && strcmp(fault, "others can read it") == 0)
    yaml_error(reader->document, node, "%s: others can read %s: run `chmod 600 %s`", name, shown,
               shown);
  else if (fault != NULL)
    yaml_error(reader->document, node, "%s: %s cannot be used: %s", name, shown, fault);
  else if (check_token(reader, node, name, text))
    index = add_token(reader->config, text);
  explicit_bzero(text, sizeof text);
  return index;
}

/* ---- from the config file ---- */

token_index config_read_token(const struct config_reader *reader, const struct yaml_node *map,
                              const char *section) {
  const struct yaml_node *token = yaml_get(map, "token"), *file = yaml_get(map, "token_file");
  const char *text, *name = arena_printf(reader->document->arena, "%s.token", section);
  const char *file_name = arena_printf(reader->document->arena, "%s.token_file", section);
  if (token != NULL && yaml_is_null(token)) token = NULL;
  if (file != NULL && yaml_is_null(file)) file = NULL;
  if (token != NULL && file != NULL) {
    yaml_error(reader->document, file, "%s: there is a `token` as well: leave one of them out",
               file_name);
    return -1;
  }
  if (file != NULL) return read_token_file(reader, file, file_name);
  if (token == NULL || !yaml_read_text(reader->document, token, name, &text)) return -1;
  return check_token(reader, token, name, text) ? add_token(reader->config, text) : -1;
}

/* ---- from the environment ---- */

static token_index read_variable(const struct config_reader *reader) {
  const struct config_options *options = reader->options;
  const char *text =
      options->getenv == NULL ? NULL : options->getenv(options->context, TOKEN_VARIABLE);
  if (text == NULL || *text == '\0') return -1;
  const char *fault = token_fault(text);
  if (fault == NULL) return add_token(reader->config, text);
  diag_error(reader->document->diags, TOKEN_VARIABLE, 0, 0, NULL, "%s", fault);
  return -1;
}

void config_fill_tokens(const struct config_reader *reader) {
  struct config *config = reader->config;
  token_index index = reader->api_token;
  bool needed = config->account_count == 0;
  for (size_t i = 0; i < config->account_count; i++)
    needed = needed || config->accounts[i].token < 0;
  if (needed && index < 0 && !reader->names_token) index = read_variable(reader);
  for (size_t i = 0; i < config->account_count; i++)
    if (config->accounts[i].token < 0) config->accounts[i].token = index;
}
