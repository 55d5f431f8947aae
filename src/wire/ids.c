/* What an id of the service says by itself: the account it belongs to. */
#include <string.h>

#include "nightshift/wire.h"

/* The last place where `part` stands. */
static const char *last_of(const char *text, const char *part) {
  const char *found = NULL;
  for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
    found = at;
  return found;
}

bool wire_account_of(const char *id, char *email, size_t size) {
  static const char start[] = "-runwayml:";
  if (id == NULL) return false;
  const char *at = strstr(id, start);
  if (at == NULL) return false;
  at += strlen(start);
  /* An e-mail may hold "-asset:" only in theory, and the uuid after it never does. */
  const char *end = last_of(at, "-asset:");
  if (end == NULL) end = last_of(at, "-task:");
  if (end == NULL || end == at || memchr(at, '@', (size_t)(end - at)) == NULL) return false;
  size_t length = (size_t)(end - at);
  if (length >= size) return false;
  memcpy(email, at, length);
  email[length] = '\0';
  return true;
}
