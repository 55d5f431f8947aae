/* Texts that are kept from being seen. */
#include "util/secret.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "util/check.h"

struct secret {
  size_t size;
  char text[];
};

struct secret *secret_new(const char *text) {
  size_t size = strlen(text) + 1;
  struct secret *secret = malloc(sizeof *secret + size);
  CHECK(secret != NULL && "out of memory");
  secret->size = size;
  memcpy(secret->text, text, size);
  return secret;
}

struct secret *secret_copy(const struct secret *secret) {
  return secret_new(secret->text);
}

bool secret_is(const struct secret *secret, const char *text) {
  return strcmp(secret->text, text) == 0;
}

const char *secret_reveal(const struct secret *secret) {
  return secret->text;
}

void secret_free(struct secret *secret) {
  if (secret == NULL) return;
  explicit_bzero(secret->text, secret->size);
  free(secret);
}
