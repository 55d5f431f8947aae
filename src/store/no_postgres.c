/* In place of postgres*.c where the build has no libpq (POSTGRES=OFF). */
#include "store/postgres_kind.h"

int postgres_open(struct store **store, const char *url, enum store_mode mode,
                  const struct postgres_options *options, struct error *error) {
  (void)store;
  (void)mode;
  (void)options;
  return postgres_check_address(url, error);
}

int postgres_check_address(const char *url, struct error *error) {
  (void)url; /* may hold what is nobody's business */
  return error_set(error, ERR_USAGE,
                   "this nightshift was built without PostgreSQL (POSTGRES=OFF): give a path "
                   "instead of a URL");
}

bool postgres_in_use(const char *url) {
  (void)url;
  return false;
}
