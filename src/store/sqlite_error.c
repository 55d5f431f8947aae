/* What SQLite's errors mean to the one who runs the program, and what is to be done about them. */
#include <errno.h>
#include <string.h>

#include "store/sqlite.h"

static const char what_to_do_with_damage[] =
    "put back a copy of it; or move it away to begin anew, but look first which tasks the accounts "
    "have, for what was submitted from it would be submitted again";

static int damaged_error(const struct sqlite_store *store, const char *what, struct error *error) {
  return error_set(error, ERR_DAMAGED, "the state %s is damaged (%s): %s", store->path, what,
                   what_to_do_with_damage);
}

int sqlite_damaged(struct sqlite_store *store, const char *what, struct error *error) {
  int code = damaged_error(store, what, error);
  sqlite_disconnect(store);
  return code;
}

/* What the system said to SQLite last; SQLite itself keeps it in one place or the other. */
static int system_number(sqlite3 *db) {
  int number = sqlite3_system_errno(db);
  if (number != 0) return number;
  /* untouched when the file could not be opened */
  (void)sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &number);
  return number;
}

/* A full device shows itself as an I/O error when it is not the write of a page that meets it; a
 * quota or a limit on the size of files is the same thing to its owner. */
static bool is_full(sqlite3 *db, int code) {
  if ((code & 0xff) == SQLITE_FULL) return true;
  if ((code & 0xff) != SQLITE_IOERR && (code & 0xff) != SQLITE_CANTOPEN) return false;
  int number = system_number(db);
  return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

static int explain(const struct sqlite_store *store, struct error *error) {
  int code = sqlite3_extended_errcode(store->db);
  const char *message = sqlite3_errmsg(store->db);
  if (is_full(store->db, code))
    return error_set(error, ERR_FULL, "no room for the state %s: make room on its device",
                     store->path);
  if (code == SQLITE_READONLY_DBMOVED)
    return error_set(error, ERR_DAMAGED,
                     "the state %s was moved or removed while in use: put it back", store->path);
  switch (code & 0xff) {
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
  case SQLITE_ERROR: /* our statements are fixed: a table or column is not there */
    return damaged_error(store, message, error);
  case SQLITE_CONSTRAINT:
  case SQLITE_MISMATCH:
    return error_set(error, ERR_DAMAGED,
                     "the state %s refuses what does not go with the rest of it (%s): this is a "
                     "fault of nightshift; nothing of it was written",
                     store->path, message);
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return error_set(error, ERR_BUSY, "another program holds the state %s for over %d ms",
                     store->path, store->options.busy_timeout_ms);
  case SQLITE_NOMEM:
    return error_set(error, ERR_NOMEM, "no memory for the state %s", store->path);
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
    if (system_number(store->db) == 0) break; /* SQLite does not keep a failed commit's */
    return error_set(error, ERR_IO, "the state %s: %s (%s)", store->path, message,
                     strerror(system_number(store->db)));
  default:
    break;
  }
  return error_set(error, ERR_IO, "the state %s: %s", store->path, message);
}

int sqlite_failed(struct sqlite_store *store, struct error *error) {
  int result = explain(store, error);
  sqlite_disconnect(store);
  return result;
}

int sqlite_refused(struct sqlite_store *store, enum schema_verdict verdict, struct error *error) {
  sqlite_disconnect(store);
  switch (verdict) {
  case SCHEMA_NEWER:
    return error_set(error, ERR_NEWER,
                     "the state %s was written by a newer nightshift: use that one, or another "
                     "--state",
                     store->path);
  case SCHEMA_FOREIGN:
    return error_set(error, ERR_DAMAGED,
                     "%s is a database, but no state of nightshift: name another --state",
                     store->path);
  case SCHEMA_OLDER:
    return error_set(error, ERR_OLDER,
                     "the state %s was written by an older nightshift: the next `nightshift run` "
                     "brings it up to date",
                     store->path);
  case SCHEMA_NEW:
    if (!store->opened && !store->store.writable)
      return error_set(error, ERR_NOT_FOUND, "there is no state yet at %s", store->path);
    return damaged_error(store, "it is empty", error);
  case SCHEMA_DAMAGED:
  case SCHEMA_OURS:
    break;
  }
  return damaged_error(store, "it is no database", error);
}
