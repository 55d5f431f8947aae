/* The PostgreSQL store as its neighbours see it, with libpq or (no_postgres.c) without. */
#ifndef STORE_POSTGRES_KIND_H
#define STORE_POSTGRES_KIND_H

#include "nightshift/store.h"

struct postgres_options; /* for tests: store/postgres.h; NULL: the defaults */

int postgres_open(struct store **store, const char *url, enum store_mode mode,
                  const struct postgres_options *options, struct error *error);
int postgres_check_address(const char *url, struct error *error);
/* Whether somebody is at work on the state. False also when that cannot be found out. */
bool postgres_in_use(const char *url);

#endif
