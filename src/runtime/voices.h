/* Voices by id or by name, over accounts that may have different ones. */
#ifndef RUNTIME_VOICES_H
#define RUNTIME_VOICES_H

#include "runtime/preflight.h"

struct voice_choice {
  const char *id;  /* what identifies the voice in the state; NULL: none was found */
  char fault[500]; /* then why, and what is near */
};

struct voice_wish {
  const char *text;  /* a voice as written */
  const char *pin;   /* the account whose voice is meant; NULL: of any */
  const char *known; /* what identified it when its batch was last run; NULL: nothing */
};

/* An id that any account has is itself. A name is the id that bears it; where accounts give the
 * name different ids, the bytewise smallest identifies it and each account is sent its own. What
 * identified a name once goes on doing so, unless that is another voice by now: an account that
 * comes or goes must not make jobs new. */
void voices_resolve(const struct reach *reach, const struct voice_wish *wish,
                    struct voice_choice *choice);
/* The id to send on this account for a voice as written; NULL: the account does not have it. */
const char *voices_there(const struct reach_account *account, const char *text);

/* The id that all accounts that could be asked have for it: what one that could not be asked is
 * believed to have. NULL: they differ, or one lacks it. A voice that nobody could be asked for is
 * itself. */
const char *voices_everywhere(const struct reach *reach, const char *text);

#endif
