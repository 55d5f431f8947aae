/* `accounts` and `voices`: what the tokens reach, from preflight's answers to what is printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/prepare.h"
#include "util/map.h"

/* ---- accounts ---- */

static const char *trouble_of(const struct reach_account *account, struct arena *arena) {
  const char *words = account->said.text;
  if (account->trouble == NULL) return account->credits == 0 ? "no credits are left" : NULL;
  if (account->said.kind == OUTCOME_BROKEN_SESSION)
    return arena_printf(arena, "its session is broken (596), sign it in again at useapi.net: %s",
                        words);
  if (account->said.kind == OUTCOME_SUSPENDED)
    return arena_printf(arena, "suspended by Runway: %s", words);
  if (account->said.kind == OUTCOME_NO_CREDITS)
    return arena_printf(arena, "no credits are left: %s", words);
  return arena_string(arena, account->trouble);
}

/* Which state the answers alone show; what they leave open is not known. */
static void judge_state(const struct reach_account *account, struct reached_account *shown) {
  enum outcome_kind kind = account->said.kind;
  shown->state_known = kind == OUTCOME_OK || kind == OUTCOME_BROKEN_SESSION ||
                       kind == OUTCOME_SUSPENDED || kind == OUTCOME_NO_CREDITS;
  if (kind == OUTCOME_BROKEN_SESSION)
    shown->state = ACCOUNT_BROKEN;
  else if (kind == OUTCOME_SUSPENDED)
    shown->state = ACCOUNT_LOST;
  else if (kind == OUTCOME_NO_CREDITS || account->credits == 0)
    shown->state = ACCOUNT_EMPTY;
  else
    shown->state = ACCOUNT_READY;
}

static void show_accounts(const struct reach *reach, struct arena *arena, struct reached *reached) {
  reached->account_count = reach->account_count;
  reached->accounts = ARENA_NEW_ARRAY(arena, reach->account_count, struct reached_account);
  for (size_t i = 0; i < reach->account_count; i++) {
    const struct reach_account *account = &reach->accounts[i];
    struct reached_account *shown = &reached->accounts[i];
    shown->email = arena_string(arena, account->email);
    shown->max_jobs = account->max_jobs;
    shown->credits = account->credits;
    shown->voice_count = account->voices_known ? (int64_t)account->voice_count : -1;
    shown->trouble = trouble_of(account, arena);
    judge_state(account, shown);
    if (account->voices_known) reached->asked_count++;
  }
}

/* ---- voices ---- */

/* The voice's place in the list, put there when it is new; `room` accounts fit. */
static struct reached_voice *find_voice(struct reached *reached, struct map *by_id,
                                        const struct voice_view *view, size_t room,
                                        struct arena *arena) {
  int64_t place;
  if (map_get(by_id, view->id, &place)) return &reached->voices[place];
  struct reached_voice *voice = &reached->voices[reached->voice_count];
  map_set(by_id, view->id, (int64_t)reached->voice_count++);
  voice->id = arena_string(arena, view->id);
  voice->accounts = ARENA_NEW_ARRAY(arena, room, const char *);
  return voice;
}

static void add_voices(struct reached *reached, struct map *by_id,
                       const struct reach_account *account, const char *email,
                       struct arena *arena) {
  for (size_t i = 0; i < account->voice_count; i++) {
    const struct voice_view *view = &account->voices[i];
    struct reached_voice *voice = find_voice(reached, by_id, view, reached->asked_count, arena);
    if (voice->name == NULL) voice->name = arena_string(arena, view->name);
    bool listed_twice =
        voice->account_count > 0 && voice->accounts[voice->account_count - 1] == email;
    if (!listed_twice) voice->accounts[voice->account_count++] = email;
  }
}

static int by_name(const void *a, const void *b) {
  const struct reached_voice *one = a, *other = b;
  const char *name = one->name != NULL ? one->name : "";
  int order = strcasecmp(name, other->name != NULL ? other->name : "");
  return order != 0 ? order : strcmp(one->id, other->id);
}

static void show_voices(const struct reach *reach, struct arena *arena, struct reached *reached) {
  struct map by_id;
  size_t most = 0;
  map_init(&by_id);
  for (size_t i = 0; i < reach->account_count; i++)
    most += reach->accounts[i].voice_count;
  reached->voices = ARENA_NEW_ARRAY(arena, most, struct reached_voice);
  for (size_t i = 0; i < reach->account_count; i++)
    if (reach->accounts[i].voices_known)
      add_voices(reached, &by_id, &reach->accounts[i], reached->accounts[i].email, arena);
  map_release(&by_id);
  if (reached->voice_count > 1)
    qsort(reached->voices, reached->voice_count, sizeof *reached->voices, by_name);
}

/* ---- asking ---- */

static int complain(const char *what, const char *why, int status) {
  report_complain(stderr, "%s: %s", what, why);
  return status;
}

int reach_judge(const struct run *run, int result, const struct reach *reach) {
  const char *trouble = reach->trouble;
  if (result == ERR_BUSY || run->interrupted) return 3;
  if (result == ERR_USAGE) return 2; /* stands in the diags */
  if (result == ERR_LIMIT)
    return complain(
        "no usable account or token",
        trouble != NULL ? trouble : "the token reaches no account; link one at useapi.net", 4);
  if (result != 0 && !reach->broken)
    return complain("the service could not be asked", trouble != NULL ? trouble : "no answer", 4);
  if (reach->tokens_refused > 0 && trouble != NULL)
    return complain("a token is refused, so its accounts are not shown", trouble, 0);
  return 0;
}

static int ask(struct run *run, struct reach *reach, struct arena *arena, struct reached *reached) {
  struct error error = {0};
  if (prepare_loop(run, &error) != 0) return complain("cannot begin", error.text, 70);
  if (prepare_http(run, &error) != 0) return complain("cannot ask the service", error.text, 2);
  int result = preflight(run, reach, run->options->diags);
  diag_print(run->options->diags, stderr);
  int status = reach_judge(run, result, reach);
  if (status != 0) return status;
  show_accounts(reach, arena, reached);
  show_voices(reach, arena, reached);
  return 0;
}

int runtime_reach(const struct run_options *options, struct arena *arena, struct reached *reached) {
  struct run run = {.options = options};
  struct reach reach = {0};
  *reached = (struct reached){0};
  if (options->config_failed) {
    diag_print(options->diags, stderr);
    return 2;
  }
  run.inbox_end = &run.inbox;
  clock_start(&run.clock, options->speed, 0);
  int status = ask(&run, &reach, arena, reached);
  prepare_close(&run);
  reach_release(&reach);
  return status;
}
