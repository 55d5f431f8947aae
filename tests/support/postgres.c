/* Starting, cutting off and stopping a PostgreSQL server of a test's own. */
#include "support/postgres.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define SETTINGS_MAX 8
#define TRIES        3000
#define TRY_NS       10000000

static char script[512], cache[512];

/* Nothing of the test's own environment may lead libpq elsewhere. */
static void become_server(const struct postgres_server *server, const char *const *settings) {
  const char *arguments[5 + SETTINGS_MAX] = {"bash", script, server->directory, cache};
  size_t count = 4;
  for (; settings != NULL && *settings != NULL && count < 4 + SETTINGS_MAX; settings++)
    arguments[count++] = *settings;
  execvp("bash", (char *const *)(uintptr_t)arguments);
  _exit(127);
}

/* The eighth line of postmaster.pid says when connections are taken. */
static bool is_ready(const struct postgres_server *server) {
  char path[128], text[512];
  snprintf(path, sizeof path, "%s/data/postmaster.pid", server->directory);
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  size_t size = fread(text, 1, sizeof text - 1, file);
  (void)fclose(file);
  text[size] = '\0';
  return strstr(text, "ready") != NULL;
}

static void show_log(const struct postgres_server *server) {
  char command[128];
  snprintf(command, sizeof command, "tail -n 20 '%s/log' >&2", server->directory);
  if (system(command) != 0) fprintf(stderr, "it left no log\n");
}

void postgres_server_start_again(struct postgres_server *server, const char *const *settings) {
  server->process = fork();
  assert_true(server->process >= 0);
  if (server->process == 0) become_server(server, settings);
  for (int i = 0; i < TRIES; i++) {
    if (is_ready(server)) return;
    if (waitpid(server->process, NULL, WNOHANG) != 0) break;
    (void)nanosleep(&(struct timespec){.tv_nsec = TRY_NS}, NULL);
  }
  show_log(server);
  fail_msg("no PostgreSQL server came up in %s", server->directory);
}

void postgres_server_start(struct postgres_server *server, const char *source, const char *build,
                           const char *const *settings) {
  snprintf(script, sizeof script, "%s/tests/support/postgres.sh", source);
  snprintf(cache, sizeof cache, "%s/postgres", build);
  strcpy(server->directory, "/tmp/nightshift-postgres-XXXXXX");
  assert_non_null(mkdtemp(server->directory));
  snprintf(server->url, sizeof server->url, "postgresql://nightshift@/nightshift?host=%s",
           server->directory);
  postgres_server_start_again(server, settings);
}

void postgres_server_kill(struct postgres_server *server) {
  assert_int_equal(kill(server->process, SIGQUIT), 0);
  assert_int_equal(waitpid(server->process, NULL, 0), server->process);
}

void postgres_server_stop(struct postgres_server *server) {
  char command[128];
  postgres_server_kill(server);
  snprintf(command, sizeof command, "rm -rf '%s'", server->directory);
  assert_int_equal(system(command), 0);
}

void postgres_server_sql(const struct postgres_server *server, const char *sql, char *answer,
                         size_t size) {
  char command[2048];
  snprintf(
      command, sizeof command,
      "PGOPTIONS='-c client_min_messages=warning' psql -XAtq -v ON_ERROR_STOP=1 '%s' -c \"%s\"",
      server->url, sql);
  FILE *said = popen(command, "re");
  assert_non_null(said);
  answer[0] = '\0';
  while (fgets(answer, (int)size, said) != NULL)
    answer[strcspn(answer, "\n")] = '\0';
  assert_int_equal(pclose(said), 0);
}
