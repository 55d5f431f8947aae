/* A config file of any bytes: read or refused, with values in their ranges, and no token told. */
#include <string.h>

#include "fuzz.h"
#include "nightshift/config.h"

#define CANARY "user:1234-canarysecret"

static const char *environment(void *context, const char *name) {
  (void)context;
  return strcmp(name, "T") == 0 || strcmp(name, "USEAPI_TOKEN") == 0 ? CANARY : NULL;
}

static void check_values(const struct config *config) {
  CHECK(config_url_fault(config->api_url) == NULL);
  CHECK(config->timeout > 0);
  CHECK(config->retry_wait_low >= 0 && config->retry_wait_low <= config->retry_wait_high);
  CHECK(config->poll_low > 0 && config->poll_low <= config->poll_high);
  CHECK(config->max_attempts >= 1 && config->upload_ahead >= 0);
  CHECK(config->pause_batch_percent >= 0 && config->pause_batch_percent <= 100);
  for (size_t i = 0; i < config->account_count; i++) {
    const struct config_account *account = &config->accounts[i];
    CHECK(account->email != NULL && account->email[0] != '\0');
    CHECK(account->max_jobs >= 0 && account->max_jobs <= 10);
    CHECK(account->token >= -1 && account->token < (token_index)config->token_count);
  }
  for (size_t i = 0; i < config->token_count; i++)
    CHECK(config->tokens[i] != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct config config;
  struct config_options options = {.path = "config.yaml", .getenv = environment};
  struct diag_list *diags = diag_new();
  (void)fuzz_directory();
  fuzz_write("config.yaml", (const char *)data, size);
  int result = config_load(&options, &config, diags);
  CHECK(result == 0 || result == ERR_USAGE);
  CHECK((result == 0) == (diag_error_count(diags) == 0));
  if (result == 0) check_values(&config);
  fuzz_check_diags(diags, "canarysecret");
  config_release(&config);
  diag_free(diags);
  return 0;
}

static void many_accounts(struct buffer *out, size_t size) {
  fuzz_count(out, size, "accounts:\n", "- a", "@b.c\n", "");
}
static void many_tokens(struct buffer *out, size_t size) {
  fuzz_count(out, size, "accounts:\n", "- {email: a@b.c, token: t", "}\n", "");
}
static void variables(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "api: {token: '", "${T}", "'}\n");
}

const struct fuzz_worst fuzz_worst[] = {FUZZ_WORST_YAML,
                                        {"many accounts", many_accounts},
                                        {"many tokens", many_tokens},
                                        {"variables", variables},
                                        {NULL, NULL}};
