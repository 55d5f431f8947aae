/* What failures of PostgreSQL mean to the one who runs the program, and what is to be done. */
#include <stdio.h>
#include <string.h>

#include "store/postgres.h"

static void flatten(char *text) {
  for (char *at = text; *at != '\0'; at++)
    if (*at == '\n' || *at == '\t') *at = ' ';
  for (size_t size = strlen(text); size > 0 && text[size - 1] == ' ';)
    text[--size] = '\0';
}

void postgres_note(struct postgres_store *store, const PGresult *result) {
  const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message == NULL) message = PQresultErrorMessage(result);
  snprintf(store->failure.state, sizeof store->failure.state, "%s", state == NULL ? "" : state);
  snprintf(store->failure.text, sizeof store->failure.text, "%s", message);
}

/* SQLSTATE codes: "PostgreSQL Error Codes", appendix A of its manual. The longest that fits counts;
 * what is not here is the connection's or the server's passing trouble. */
static const struct {
  const char *begins;
  int code;
  const char *remedy;
} meanings[] = {
    {"22", ERR_DAMAGED, "it refuses a value: this is a fault of nightshift; nothing was written"},
    {"23", ERR_DAMAGED,
     "it refuses what does not go with the rest of it: this is a fault of nightshift; nothing of "
     "it was written"},
    {"25006", ERR_AWAY, "it is read-only: let the address lead to the primary server"},
    {"3D000", ERR_IO, "make the database, or name another"},
    {"40", ERR_BUSY, "it is tried again"},
    {"42501", ERR_IO, "give this user its rights (docs/postgresql.md)"},
    {"42", ERR_DAMAGED, "put back a copy of it, or name another --state"},
    {"53100", ERR_FULL, "make room on the server's device"},
    {"55P03", ERR_BUSY, "another session holds what is needed"},
    {"57014", ERR_BUSY, "the server is overloaded, or another session holds what is needed"},
    {"58030", ERR_IO, "look at the server's log"},
    {"XX001", ERR_DAMAGED, "put back a copy of the database"},
    {"XX002", ERR_DAMAGED, "rebuild the index (REINDEX), or put back a copy of the database"},
};

static int explain(struct postgres_store *store, struct error *error) {
  flatten(store->failure.text);
  if (store->failure.late)
    return error_set(error, ERR_AWAY, "the state %s does not answer within %lld ms", store->shown,
                     (long long)store->options.patience_ms);
  size_t best = 0;
  int code = ERR_AWAY;
  const char *remedy = NULL;
  for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
    size_t size = strlen(meanings[i].begins);
    if (strncmp(store->failure.state, meanings[i].begins, size) != 0 || size <= best) continue;
    best = size;
    code = meanings[i].code;
    remedy = meanings[i].remedy;
  }
  return error_set(error, code, "the state %s: %s%s%s", store->shown, store->failure.text,
                   remedy == NULL ? "" : "; ", remedy == NULL ? "" : remedy);
}

int postgres_failed(struct postgres_store *store, struct error *error) {
  int result = explain(store, error);
  postgres_disconnect(store);
  return result;
}

int postgres_damaged(struct postgres_store *store, const char *what, struct error *error) {
  int code = error_set(error, ERR_DAMAGED,
                       "the state %s is damaged (%s): put back a copy of it; or name another "
                       "--state to begin anew, but look first which tasks the accounts have, for "
                       "what was submitted from it would be submitted again",
                       store->shown, what);
  postgres_disconnect(store);
  return code;
}
