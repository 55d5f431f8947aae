/* A PostgreSQL server of a test program's own: tests/support/postgres.sh with a place and an end.
 */
#ifndef TESTS_SUPPORT_POSTGRES_H
#define TESTS_SUPPORT_POSTGRES_H

#include <stdbool.h>
#include <sys/types.h>

struct postgres_server {
  char directory[64];
  char url[160]; /* of the database `nightshift` */
  pid_t process;
};

/* Starts it and waits until it answers; fails the test otherwise. `source` and `build` are
 * TEST_SOURCE_DIR and TEST_BINARY_DIR; settings are NAME=VALUE, ended by NULL, or NULL. */
void postgres_server_start(struct postgres_server *server, const char *source, const char *build,
                           const char *const *settings);
/* Again on what is there: after postgres_server_kill, or with other settings. */
void postgres_server_kill(struct postgres_server *server); /* at once, as a machine that is cut */
void postgres_server_start_again(struct postgres_server *server, const char *const *settings);
void postgres_server_stop(struct postgres_server *server); /* and removes it */
/* Runs SQL as the server's owner and gives the first value of the last row, "" for none. */
void postgres_server_sql(const struct postgres_server *server, const char *sql, char *answer,
                         size_t size);

#endif
