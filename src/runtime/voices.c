#include "runtime/voices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool any_known(const struct reach *reach) {
  for (size_t i = 0; i < reach->account_count; i++)
    if (reach->accounts[i].voices_known) return true;
  return false;
}

static void tell_unknown(const struct reach *reach, const char *text, struct voice_choice *choice) {
  size_t room = 0, count = 0;
  for (size_t i = 0; i < reach->account_count; i++)
    room += reach->accounts[i].voice_count;
  const char **names = calloc(room + 1, sizeof *names);
  CHECK(names != NULL && "out of memory");
  for (size_t i = 0; i < reach->account_count; i++)
    for (size_t k = 0; k < reach->accounts[i].voice_count; k++)
      if (reach->accounts[i].voices[k].name != NULL)
        names[count++] = reach->accounts[i].voices[k].name;
  const char *near = text_nearest(text, names, count);
  snprintf(choice->fault, sizeof choice->fault, "no account has a voice `%s`%s%s%s", text,
           near == NULL ? "" : "; did you mean `", near == NULL ? "" : near,
           near == NULL ? "" : "`?");
  free(names);
}

void voices_resolve(const struct reach *reach, const char *text, struct voice_choice *choice) {
  *choice = (struct voice_choice){0};
  if (!any_known(reach)) { /* nobody could be asked: the service will judge */
    choice->id = text;
    return;
  }
  for (size_t i = 0; i < reach->account_count; i++)
    if (by_id(&reach->accounts[i], text) != NULL) {
      choice->id = text;
      return;
    }
  for (size_t i = 0; i < reach->account_count; i++) {
    const char *id;
    size_t count = by_name(&reach->accounts[i], text, &id);
    if (count > 1) {
      choice->id = NULL;
      snprintf(choice->fault, sizeof choice->fault,
               "%zu voices of %s are named `%s`: write the id of the one you mean, e.g. `%s`",
               count, reach->accounts[i].email, text, id);
      return;
    }
    if (id != NULL && (choice->id == NULL || strcmp(id, choice->id) < 0)) choice->id = id;
  }
  if (choice->id == NULL) tell_unknown(reach, text, choice);
}
