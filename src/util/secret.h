/* A text that is kept from being seen: opaque, so that the compiler refuses to print it, and wiped
 * when it is let go. What reveals one, and why, is listed in tests/house/secrets.sh. */
#ifndef UTIL_SECRET_H
#define UTIL_SECRET_H

#include <stdbool.h>

struct secret;

/* Copies the text. Never NULL: no memory is a fault that ends the program (check.h). */
struct secret *secret_new(const char *text);
struct secret *secret_copy(const struct secret *secret);
bool secret_is(const struct secret *secret, const char *text);
/* Valid as long as the secret. For the request that carries it, and for what reads the text's form.
 */
const char *secret_reveal(const struct secret *secret);
/* Wipes it; NULL does nothing. */
void secret_free(struct secret *secret);

#endif
