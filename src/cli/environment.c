/* Hiding tokens: what was in the environment is copied and overwritten in place. */
#include "cli/environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/check.h"
#include "util/secret.h"
#include "util/text.h"

struct hidden_variable {
  char *name;
  struct secret *value;
};

/* "user:<number>-<secret>", the form that service.md gives. */
static bool looks_like_token(const char *value) {
  if (!text_starts_with(value, "user:")) return false;
  size_t digits = strspn(value + 5, "0123456789");
  return digits > 0 && value[5 + digits] == '-' && value[6 + digits] != '\0';
}

static bool is_secret(const char *variable, const char *equals) {
  static const char token[] = "USEAPI_TOKEN=";
  return text_starts_with(variable, token) || looks_like_token(equals + 1);
}

static void hide(struct environment *environment, char *variable, char *equals) {
  struct hidden_variable *grown =
      realloc(environment->hidden, (environment->count + 1) * sizeof *grown);
  CHECK(grown != NULL);
  environment->hidden = grown;
  struct hidden_variable *hidden = &grown[environment->count++];
  hidden->name = strndup(variable, (size_t)(equals - variable));
  hidden->value = secret_new(equals + 1);
  CHECK(hidden->name != NULL);
  explicit_bzero(equals + 1, strlen(equals + 1));
  CHECK(unsetenv(hidden->name) == 0);
}

void environment_hide_tokens(struct environment *environment) {
  *environment = (struct environment){0};
  if (environ == NULL) return;
  for (size_t i = 0; environ[i] != NULL;) {
    char *equals = strchr(environ[i], '=');
    if (equals != NULL && equals != environ[i] && is_secret(environ[i], equals))
      hide(environment, environ[i], equals); /* the next one moves into its place */
    else
      i++;
  }
}

const char *environment_get(void *context, const char *name) {
  const struct environment *environment = context;
  for (size_t i = 0; i < environment->count; i++)
    if (strcmp(environment->hidden[i].name, name) == 0)
      return secret_reveal(environment->hidden[i].value);
  return getenv(name);
}

void environment_release(struct environment *environment) {
  for (size_t i = 0; i < environment->count; i++) {
    struct hidden_variable *hidden = &environment->hidden[i];
    secret_free(hidden->value);
    free(hidden->name);
  }
  free(environment->hidden);
  *environment = (struct environment){0};
}
