/* The least that loading a batch can take: libyaml's events of its file, and its jobs' rows put
 * into a table with the same columns. Prints the processor time of each.
 *
 * usage: bare_load BATCH.yaml STATE.db NEW.db   (the rows are those of STATE.db) */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <yaml.h>

#include "util/check.h"

static double used_ms(void) {
  struct rusage usage;
  CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static long read_events(const char *path) {
  yaml_parser_t parser;
  yaml_event_t event = {0};
  long count = 0;
  FILE *file = fopen(path, "re");
  CHECK(file != NULL && yaml_parser_initialize(&parser) == 1);
  yaml_parser_set_input_file(&parser, file);
  for (bool on = true; on; count++) {
    CHECK(yaml_parser_parse(&parser, &event) == 1);
    on = event.type != YAML_STREAM_END_EVENT;
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  CHECK(fclose(file) == 0);
  return count;
}

static void run(sqlite3 *db, const char *sql) {
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK) return;
  fprintf(stderr, "bare_load: %s\n", sqlite3_errmsg(db));
  exit(1);
}

/* The rows are in memory before the clock starts. */
static double insert(const char *state, const char *new_state) {
  sqlite3 *db;
  char sql[4300];
  sqlite3_stmt *statement;
  CHECK(sqlite3_open(new_state, &db) == SQLITE_OK);
  snprintf(sql, sizeof sql, "ATTACH '%s' AS old", state);
  run(db, sql);
  CHECK(sqlite3_prepare_v2(db, "SELECT sql FROM old.sqlite_schema WHERE name = 'job'", -1,
                           &statement, NULL) == SQLITE_OK);
  CHECK(sqlite3_step(statement) == SQLITE_ROW);
  snprintf(sql, sizeof sql, "%s", (const char *)sqlite3_column_text(statement, 0));
  CHECK(sqlite3_finalize(statement) == SQLITE_OK);
  run(db, "PRAGMA journal_mode=PERSIST; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY");
  run(db, sql);
  run(db, "CREATE TEMP TABLE row AS SELECT * FROM old.job");
  double before = used_ms();
  run(db, "INSERT INTO main.job SELECT * FROM temp.row");
  double taken = used_ms() - before;
  CHECK(sqlite3_close(db) == SQLITE_OK);
  return taken;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: bare_load BATCH.yaml STATE.db NEW.db\n");
    return 2;
  }
  double before = used_ms();
  long events = read_events(argv[1]);
  double events_ms = used_ms() - before;
  printf("events=%ld\nevents_ms=%.1f\ninsert_ms=%.1f\n", events, events_ms,
         insert(argv[2], argv[3]));
  return 0;
}
