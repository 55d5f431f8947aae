/* Where the state is kept: the path or address that a person gave, or the place that the XDG rules
 * give. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nightshift/runtime.h"
#include "nightshift/store.h"
#include "util/text.h"

/* Never shows the address: what is in it could be secret. */
static int refuse_url(const char *given, struct error *error) {
  const char *rest = strstr(given, "://");
  const char *host = rest != NULL ? rest + 3 : given;
  size_t authority = strcspn(host, "/?#");
  const char *at = memchr(host, '@', authority);
  bool password = (at != NULL && memchr(host, ':', (size_t)(at - host)) != NULL) ||
                  strcasestr(given, "password") != NULL || strcasestr(given, "passwd") != NULL;
  if (password)
    return error_set(error, ERR_USAGE,
                     "the state's address holds a password: leave it out, others can read it in "
                     "the process list");
  return error_set(error, ERR_USAGE,
                   "the state is a path of a file or an address postgresql://USER@HOST/DATABASE");
}

/* libpq's other spelling, "host=db password=…"; and an address that lacks a slash, which would be a
 * file of that name: a state of its own beside the shared one, that knows of nothing paid. */
static bool is_address(const char *given) {
  return strstr(given, "://") != NULL || strcasestr(given, "password=") != NULL ||
         strcasestr(given, "postgresql:") != NULL || strcasestr(given, "postgres:") != NULL;
}

static int put(char *path, size_t size, struct error *error, const char *a, const char *b) {
  int length = snprintf(path, size, "%s%s", a, b);
  if (length >= 0 && (size_t)length < size) return 0;
  return error_set(error, ERR_USAGE, "the state's path is too long");
}

static int use_given(const char *given, char *path, size_t size, struct error *error) {
  char here[PATH_MAX];
  struct stat facts;
  if (store_is_shared(given)) {
    int result = store_check_address(given, error);
    return result == 0 ? put(path, size, error, given, "") : result;
  }
  if (is_address(given)) return refuse_url(given, error);
  if (text_ends_with(given, "/") || (stat(given, &facts) == 0 && S_ISDIR(facts.st_mode)))
    return error_set(error, ERR_USAGE, "the state %s is a directory: name a file in it", given);
  if (given[0] == '/') return put(path, size, error, given, "");
  if (getcwd(here, sizeof here - 1) == NULL)
    return error_set(error, ERR_IO, "the working directory cannot be found: %s", strerror(errno));
  if (strcmp(here, "/") != 0) strcat(here, "/");
  return put(path, size, error, here, given);
}

int state_path(const char *given, char *path, size_t size, struct error *error) {
  if (given != NULL && given[0] != '\0') return use_given(given, path, size, error);
  /* A relative XDG directory is to be ignored: the XDG base directory rules say so. */
  const char *xdg = getenv("XDG_STATE_HOME");
  if (xdg != NULL && xdg[0] == '/') return put(path, size, error, xdg, "/nightshift/state.db");
  const char *home = getenv("HOME");
  if (home != NULL && home[0] == '/')
    return put(path, size, error, home, "/.local/state/nightshift/state.db");
  return error_set(error, ERR_USAGE,
                   "neither HOME nor XDG_STATE_HOME says where the state is kept: give --state "
                   "PATH");
}
