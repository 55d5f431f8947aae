/* Before the run: which accounts the tokens reach, and which voices they have. Asks, spends
 * nothing. */
#ifndef RUNTIME_PREFLIGHT_H
#define RUNTIME_PREFLIGHT_H

#include "nightshift/config.h"
#include "nightshift/core.h"
#include "nightshift/diag.h"
#include "util/arena.h"

struct run;

struct reach_account {
  const char *email;
  token_index token;
  int max_jobs;    /* the smaller of config and API; 0: neither said */
  int64_t credits; /* -1 unknown, as all of these */
  int64_t credits_permitted, storage_bytes, storage_used_bytes;
  int64_t executing; /* tasks that the service executes there now: preflight_executing */
  bool voices_known;
  struct voice_view *voices;
  size_t voice_count;
  const char *trouble; /* why it could not be asked; NULL: none */
  struct outcome said; /* the same as the service said it; kind OUTCOME_OK: nothing */
};

struct reach {
  struct arena arena;
  struct reach_account *accounts;
  size_t account_count;
  size_t tokens_refused;
  const char *trouble; /* the first trouble met, in words; NULL: none */
  bool broken;         /* with ERR_IO: sessions are broken, so that no voice could be learned */
};

/* Asks once, all accounts at the same time. 0, or ERR_IO: the service could not be reached (worth
 * another try), ERR_USAGE: told in diags (an account of the config that no token reaches),
 * ERR_LIMIT: no token is accepted, so nothing can go on; ERR_BUSY: interrupted. */
int preflight(struct run *run, struct reach *reach, struct diag_list *diags);
/* Only which accounts there are; without voices and credits. The same errors. */
int preflight_accounts(struct run *run, struct reach *reach, struct diag_list *diags);
/* Asks for what the service executes on the accounts now; what is not answered stays unknown. */
void preflight_executing(struct run *run, struct reach *reach);
/* Asks every account of `reach` for its credits into *after, which stays in use until the loop is
 * closed: for some seconds of real time at most, and no longer than until a signal. Those that do
 * not answer stay unknown. */
void preflight_credits(struct run *run, const struct reach *reach, struct reach *after);
int64_t preflight_credits_of(const struct reach *reach, const char *email); /* -1 unknown */
/* What came of asking: the exit status, told on stderr; 0: there is something to show, broken
 * sessions as such. reach.c */
int reach_judge(const struct run *run, int result, const struct reach *reach);
void reach_release(struct reach *reach);

#endif
