#include "runtime/voices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/check.h"
#include "util/text.h"

static const struct voice_view *by_id(const struct reach_account *account, const char *text) {
  for (size_t i = 0; i < account->voice_count; i++)
    if (account->voices[i].id != NULL && strcmp(account->voices[i].id, text) == 0)
      return &account->voices[i];
  return NULL;
}

/* How many different ids bear the name there; *id is the smallest. */
static size_t by_name(const struct reach_account *account, const char *text, const char **id) {
  size_t count = 0;
  *id = NULL;
  for (size_t i = 0; i < account->voice_count; i++) {
    const struct voice_view *voice = &account->voices[i];
    if (voice->name == NULL || voice->id == NULL || strcmp(voice->name, text) != 0) continue;
    if (*id != NULL && strcmp(*id, voice->id) == 0) continue;
    count++;
    if (*id == NULL || strcmp(voice->id, *id) < 0) *id = voice->id;
  }
  return count;
}

const char *voices_there(const struct reach_account *account, const char *text) {
  const char *id;
  if (by_id(account, text) != NULL) return text;
  (void)by_name(account, text, &id);
  return id;
}

const char *voices_everywhere(const struct reach *reach, const char *text) {
  const char *id = NULL;
  for (size_t i = 0; i < reach->account_count; i++) {
    const struct reach_account *account = &reach->accounts[i];
    const char *there = account->voices_known ? voices_there(account, text) : NULL;
    if (!account->voices_known) continue;
    if (there == NULL || (id != NULL && strcmp(there, id) != 0)) return NULL;
    id = there;
  }
  return id != NULL ? id : text;
}

static bool is_meant(const struct voice_wish *wish, const struct reach_account *account) {
  return wish->pin == NULL || strcasecmp(wish->pin, account->email) == 0;
}

static bool any_known(const struct reach *reach) {
  for (size_t i = 0; i < reach->account_count; i++)
    if (reach->accounts[i].voices_known) return true;
  return false;
}

static void tell_unknown(const struct reach *reach, const struct voice_wish *wish,
                         struct voice_choice *choice) {
  size_t room = 0, count = 0;
  for (size_t i = 0; i < reach->account_count; i++)
    room += reach->accounts[i].voice_count;
  const char **names = calloc(room + 1, sizeof *names);
  CHECK(names != NULL && "out of memory");
  for (size_t i = 0; i < reach->account_count; i++)
    for (size_t k = 0; k < reach->accounts[i].voice_count && is_meant(wish, &reach->accounts[i]);
         k++)
      if (reach->accounts[i].voices[k].name != NULL)
        names[count++] = reach->accounts[i].voices[k].name;
  const char *near = text_nearest(wish->text, names, count);
  snprintf(choice->fault, sizeof choice->fault, "%s%s has %s voice `%s`%s%s%s",
           wish->pin == NULL ? "no account" : "the account ", wish->pin == NULL ? "" : wish->pin,
           wish->pin == NULL ? "a" : "no", wish->text, near == NULL ? "" : "; did you mean `",
           near == NULL ? "" : near, near == NULL ? "" : "`?");
  free(names);
}

static void tell_several(const struct reach_account *account, const char *text, size_t count,
                         const char *id, struct voice_choice *choice) {
  snprintf(choice->fault, sizeof choice->fault,
           "%zu voices of %s are named `%s`: write the id of the one you mean, e.g. `%s`", count,
           account->email, text, id);
}

/* Whether an account bears the id under another name than the one written. */
static bool is_another(const struct reach *reach, const char *id, const char *text) {
  for (size_t i = 0; i < reach->account_count; i++) {
    const struct voice_view *voice = by_id(&reach->accounts[i], id);
    if (voice != NULL && voice->name != NULL && strcmp(voice->name, text) != 0) return true;
  }
  return false;
}

/* The smallest id of the name, and whether an account that is meant has it or could not be asked.
 * False: a mistake was told. */
static bool find_name(const struct reach *reach, const struct voice_wish *wish, bool *there,
                      struct voice_choice *choice) {
  for (size_t i = 0; i < reach->account_count; i++) {
    const struct reach_account *account = &reach->accounts[i];
    const char *id;
    size_t count = by_name(account, wish->text, &id);
    if (count > 1 && is_meant(wish, account)) {
      choice->id = NULL;
      tell_several(account, wish->text, count, id, choice);
      return false;
    }
    if (count == 1 && (choice->id == NULL || strcmp(id, choice->id) < 0)) choice->id = id;
    *there |= is_meant(wish, account) && (count == 1 || !account->voices_known);
  }
  return true;
}

/* An id: whether an account that is meant has it or could not be asked. */
static bool find_id(const struct reach *reach, const struct voice_wish *wish, bool *there) {
  bool found = false;
  for (size_t i = 0; i < reach->account_count; i++) {
    const struct reach_account *account = &reach->accounts[i];
    bool here = by_id(account, wish->text) != NULL;
    found |= here;
    *there |= is_meant(wish, account) && (here || !account->voices_known);
  }
  return found;
}

void voices_resolve(const struct reach *reach, const struct voice_wish *wish,
                    struct voice_choice *choice) {
  bool there = false;
  *choice = (struct voice_choice){0};
  if (!any_known(reach)) { /* nobody could be asked: the service will judge */
    choice->id = wish->known != NULL ? wish->known : wish->text;
    return;
  }
  if (find_id(reach, wish, &there))
    choice->id = wish->text;
  else if (!find_name(reach, wish, &there, choice))
    return;
  else if (wish->known != NULL && choice->id != NULL && !is_another(reach, wish->known, wish->text))
    choice->id = wish->known;
  if (choice->id != NULL && there) return;
  choice->id = NULL;
  tell_unknown(reach, wish, choice);
}
