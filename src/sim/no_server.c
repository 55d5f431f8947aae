/* In place of server*.c where the build has no libmicrohttpd (WEB=OFF): says so. The model itself
 * is there, for the tests' virtual world. */
#include "nightshift/sim.h"

bool sim_listen_is_loopback(const char *listen) {
  (void)listen;
  return true; /* nothing will listen */
}

int sim_server_run(const struct sim_server_options *options, struct error *error) {
  (void)options;
  return error_set(error, ERR_USAGE,
                   "this nightshift was built without serving HTTP: build it with WEB=ON");
}
