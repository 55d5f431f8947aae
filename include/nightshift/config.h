/* The config file: one table of options (name, type, range, default, help), read into this struct.
 * Contract: "Config file". Zero config: with USEAPI_TOKEN set no file is needed. */
#ifndef NIGHTSHIFT_CONFIG_H
#define NIGHTSHIFT_CONFIG_H

#include "nightshift/diag.h"
#include "nightshift/error.h"
#include "nightshift/types.h"

struct secret;

struct config_account {
  const char *email;
  int max_jobs;         /* 0: not said */
  token_index token;    /* into config.tokens; -1: none was given and none is needed */
  const char *hours;    /* as written; NULL: always */
  int64_t max_credits;  /* -1: not said */
  int64_t keep_credits; /* -1 */
  int64_t jobs_per_day; /* -1 */
  duration_ms min_gap;  /* 0 */
  int32_t line, column;
};

struct config {
  const char *path; /* the file read, NULL: none found, none needed */
  const char *api_url;
  duration_ms timeout;
  struct secret **tokens; /* api.token first, where there is one; all different */
  size_t token_count;     /* 0: none given anywhere */
  struct config_account *accounts;
  size_t account_count; /* 0: every account of the token */
  duration_ms retry_wait_low, retry_wait_high;
  duration_ms poll_low, poll_high;
  bool poll_given; /* the file says it */
  int max_attempts;
  int upload_ahead;
  int pause_account_count; /* moderation.pause_account "3 in 1h"; 0: off */
  duration_ms pause_account_window;
  int pause_batch_percent; /* moderation.pause_batch "20% of 10"; 0: off */
  int pause_batch_least;
  const char *on_finish;
  const char *on_alert;
  const char *state; /* "" : the default place */
  const char *listen;
  const char *public_url;
  const char *page_url;
  void *memory;
};

struct config_options {
  const char *path; /* --config; NULL: look in the usual places */
  /* Reads the environment (the cli passes getenv; tests their own). */
  const char *(*getenv)(void *context, const char *name);
  void *context;
  bool token_needed; /* false for commands that can do without */
};

/* Every mistake goes to `diags`. 0, ERR_USAGE, ERR_IO. No token at all is not a mistake here: then
 * token_count is 0 and the command decides. On failure *config may be released. */
int config_load(const struct config_options *options, struct config *config,
                struct diag_list *diags);
void config_release(struct config *config);

/* Why an API's address cannot be used, NULL when it can: https, or http on loopback; no user or
 * password, query or fragment. For api.url and --api. */
const char *config_url_fault(const char *url);

/* The keys of the file, one after another: for help, reference pages and editors. */
struct config_option {
  const char *name;    /* "scheduling.poll"; those of an account are "accounts.…" */
  const char *initial; /* as written in the file; NULL: none */
  const char *help;    /* one sentence */
  char type[64];       /* "a number from 1 to 10" */
};
bool config_option_at(size_t index, struct config_option *option); /* false: no more */

/* "250ms", "10s", "5m", "2h": false when it is none. */
bool duration_parse(const char *text, duration_ms *duration);

#endif
