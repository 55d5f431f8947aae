/* The schema of a state in SQLite: a list of numbered migrations. A state's number is how many it
 * has been through (PRAGMA user_version); its application_id says that it is ours. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stdint.h>

#define SCHEMA_APPLICATION_ID 0x4e534654 /* "NSFT" */

struct schema {
  const char *const *migrations; /* SQL; migrations[n] leads from version n to n + 1 */
  int version;                   /* how many there are */
};

/* This program's. */
extern const struct schema schema_current;

enum schema_verdict {
  SCHEMA_NEW,     /* nothing there yet */
  SCHEMA_OURS,    /* this version */
  SCHEMA_OLDER,   /* ours, before the newest migrations */
  SCHEMA_NEWER,   /* a newer version of this program wrote it */
  SCHEMA_FOREIGN, /* a database of something else */
  SCHEMA_DAMAGED  /* no database at all */
};

/* Judges by the two numbers in the header of a database that is there. */
enum schema_verdict schema_judge(const struct schema *schema, int64_t application_id,
                                 int64_t version);
/* Judges a file by its size and first 100 bytes, so that what is not ours is never touched.
 * SCHEMA_DAMAGED also for a header of zeroes, which an unfinished first transaction may leave: only
 * SQLite, which knows the journal, can tell. */
enum schema_verdict schema_judge_header(const struct schema *schema, int64_t file_bytes,
                                        const unsigned char header[100]);

#endif
