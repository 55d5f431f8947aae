/* A scenario of the simulator of any bytes: read, and then a service can be made of it, or refused.
 */
#include <stdlib.h>

#include "fuzz.h"
#include "nightshift/diag.h"
#include "nightshift/sim.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_bytes bytes = {data, size};
  size_t length;
  char *text = fuzz_rest(&bytes, &length);
  struct sim_scenario *scenario = NULL;
  struct diag_list *diags = diag_new();
  int result = sim_scenario_parse(text, length, "s.yaml", &scenario, diags);
  CHECK((result == 0) == (diag_error_count(diags) == 0));
  CHECK((result == 0) == (scenario != NULL));
  if (scenario != NULL) sim_service_free(sim_service_new(scenario, 1767225600000));
  fuzz_check_diags(diags, NULL);
  sim_scenario_free(scenario);
  diag_free(diags);
  free(text);
  return 0;
}

static void many_accounts(struct buffer *out, size_t size) {
  fuzz_count(out, size, "accounts:\n", "- {email: a", "@b.c}\n", "");
}
static void many_faults(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "faults:\n", "- {kind: cut, call: submit, rate: 5%}\n", "");
}

const struct fuzz_worst fuzz_worst[] = {
    FUZZ_WORST_YAML, {"many accounts", many_accounts}, {"many faults", many_faults}, {NULL, NULL}};
