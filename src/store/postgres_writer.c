/* Whose turn it is to write: a lease with a fencing number.
 *
 * One row says who writes and when it was last heard of. Whoever takes over raises its number, and
 * every commit begins by asking for the number that it was given: once another has taken over, not
 * one byte of the old one gets in. What the old one may still send is another matter: it asks its
 * own clock right before the bytes of a paid call leave (store_may_send_until), and the next one
 * counts on that (store_stray_ms). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/postgres.h"
#include "util/check.h"
#include "util/text.h"

/* Two boot clocks do not run quite alike, and a call takes its moment from the check to the wire.
 */
#define MARGIN_MS 10000

/* ---- who we are ---- */

/* A file of one line; "" when it cannot be read. */
static void read_line(const char *path, char *line, size_t size) {
  FILE *file = fopen(path, "re");
  line[0] = '\0';
  if (file == NULL) return;
  if (fgets(line, (int)size, file) == NULL) line[0] = '\0';
  (void)fclose(file); /* nothing was written */
  line[strcspn(line, "\n")] = '\0';
}

/* When the process began, in ticks since the boot; 0: there is none. "Status information about the
 * process", proc(5): the 22nd field, the second being in brackets. */
static long long start_of(long pid) {
  char path[32], line[1024];
  snprintf(path, sizeof path, "/proc/%ld/stat", pid);
  read_line(path, line, sizeof line);
  const char *at = strrchr(line, ')');
  for (int field = 2; at != NULL && field < 22; field++)
    at = strchr(at + 1, ' ');
  return at == NULL ? 0 : atoll(at);
}

/* "BOOT NAMESPACE PID START": process numbers mean the same only within one namespace. */
static void machine(char text[96]) {
  char boot[40], space[40] = "";
  read_line("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
  ssize_t size = readlink("/proc/self/ns/pid", space, sizeof space - 1);
  space[size > 0 ? size : 0] = '\0';
  snprintf(text, 96, "%s %s ", boot, space);
}

void postgres_writer_here(char place[128], char shown[160]) {
  char host[64] = "", since[40], where[96];
  struct timespec now = {0};
  machine(where);
  snprintf(place, 128, "%s%ld %lld", where, (long)getpid(), start_of((long)getpid()));
  if (gethostname(host, sizeof host - 1) != 0) snprintf(host, sizeof host, "this host");
  CHECK(clock_gettime(CLOCK_REALTIME, &now) == 0);
  text_from_time((time_ms)now.tv_sec * SECOND_MS, since, sizeof since);
  snprintf(shown, 160, "process %ld on %s since %s", (long)getpid(), host, since);
}

/* ---- who they are ---- */

/* A process of our own machine whose number is gone, or is another's by now. */
static bool is_gone(const char *theirs, const char *ours) {
  size_t same = 0;
  for (size_t spaces = 0; ours[same] != '\0' && spaces < 2; same++)
    if (ours[same] == ' ') spaces++;
  if (same < 30 || strncmp(theirs, ours, same) != 0) return false;
  char *rest;
  long pid = strtol(theirs + same, &rest, 10);
  if (pid <= 0) return false;
  /* /proc may hide other users' processes; a signal that is not sent tells of them all the same. */
  if (kill((pid_t)pid, 0) != 0 && errno == ESRCH) return true;
  long long start = start_of(pid);
  return start != 0 && start != atoll(rest);
}

bool postgres_writer_read(const PGresult *result, struct postgres_writer *writer) {
  if (PQntuples(result) != 1 || PQnfields(result) != 5) return false;
  *writer = (struct postgres_writer){.number = atoll(PQgetvalue(result, 0, 0)),
                                     .ended = atoll(PQgetvalue(result, 0, 1)) != 0,
                                     .age_ms = atoll(PQgetvalue(result, 0, 2))};
  snprintf(writer->place, sizeof writer->place, "%s", PQgetvalue(result, 0, 3));
  snprintf(writer->shown, sizeof writer->shown, "%s", PQgetvalue(result, 0, 4));
  for (char *at = writer->shown; *at != '\0'; at++)
    if (*at < ' ' || *at > '~') *at = '?';
  return true;
}

bool postgres_writer_at_work(const struct postgres_writer *writer, const char *place,
                             int64_t lease_ms) {
  return !writer->ended && writer->age_ms < lease_ms && !is_gone(writer->place, place);
}

/* ---- taking over ---- */

void postgres_writer_extend(struct postgres_store *store, int64_t asked_boot_ms) {
  store->seen_boot_ms = asked_boot_ms;
  atomic_store(&store->until_ms, asked_boot_ms + store->options.lease_ms);
}

static int taken(struct postgres_store *store, const char *shown, struct error *error) {
  int code = error_set(error, ERR_TAKEN,
                       "the state %s was taken over by %s, after this process was not heard of for "
                       "longer than %lld s: nothing more is written or submitted here",
                       store->shown, shown, (long long)store->options.lease_ms / 1000);
  atomic_store(&store->until_ms, 0);
  postgres_disconnect(store);
  return code;
}

static int busy(struct postgres_store *store, const struct postgres_writer *writer,
                struct error *error) {
  int code = error_set(error, ERR_BUSY,
                       "the state %s is in use by %s, heard of %lld s ago; wait for it, stop it, "
                       "or use another --state",
                       store->shown, writer->shown, (long long)writer->age_ms / 1000);
  postgres_disconnect(store);
  return code;
}

static int take(struct postgres_store *store, const struct postgres_writer *before,
                struct error *error) {
  char place[128], shown[160], stray[24];
  postgres_writer_here(place, shown);
  if (store->options.place != NULL) snprintf(place, sizeof place, "%s", store->options.place);
  if (postgres_writer_at_work(before, place, store->options.lease_ms))
    return busy(store, before, error);
  /* One that let go later may have taken over from another who may still be sending: the row says
   * until when. */
  bool certain = before->ended || is_gone(before->place, place);
  snprintf(stray, sizeof stray, "%lld",
           certain ? 0 : (long long)store->options.lease_ms + MARGIN_MS);
  PGresult *result =
      postgres_run(store, POSTGRES_WRITER_TAKE, (const char *const[]){place, shown, stray}, 3);
  if (result == NULL) return postgres_failed(store, error);
  store->number = PQntuples(result) == 1 ? atoll(PQgetvalue(result, 0, 0)) : 0;
  store->stray_ms = PQntuples(result) == 1 ? atoll(PQgetvalue(result, 0, 1)) : 0;
  PQclear(result);
  snprintf(store->number_text, sizeof store->number_text, "%lld", (long long)store->number);
  return store->number > 0 ? 0 : postgres_damaged(store, "it has no writer", error);
}

int postgres_writer_claim(struct postgres_store *store, struct error *error) {
  struct postgres_writer writer;
  /* Others who want to take over wait here for the end of our transaction. */
  if (!postgres_execute(store, "LOCK TABLE writer IN SHARE ROW EXCLUSIVE MODE"))
    return postgres_failed(store, error);
  PGresult *result = postgres_run(store, POSTGRES_WRITER_READ, NULL, 0);
  if (result == NULL) return postgres_failed(store, error);
  bool read = postgres_writer_read(result, &writer);
  PQclear(result);
  if (!read) return postgres_damaged(store, "it has no writer", error);
  if (store->number == 0) return take(store, &writer, error);
  if (writer.number != store->number || writer.ended) return taken(store, writer.shown, error);
  return 0;
}

int postgres_writer_taken(struct postgres_store *store, struct error *error) {
  return taken(store, "another process", error);
}

int postgres_writer_show(struct postgres_store *store, struct error *error) {
  int64_t asked_boot_ms = postgres_boot_ms();
  if (asked_boot_ms - store->seen_boot_ms < store->options.lease_ms / 3) return 0;
  const char *number = store->number_text;
  PGresult *result = postgres_run(store, POSTGRES_WRITER_SEEN, &number, 1);
  if (result == NULL) return postgres_failed(store, error);
  bool ours = strcmp(PQcmdTuples(result), "1") == 0;
  PQclear(result);
  if (!ours) return postgres_writer_taken(store, error);
  postgres_writer_extend(store, asked_boot_ms);
  return 0;
}

/* Tells the next one that nobody has to be waited for. One that cannot be told waits. */
void postgres_writer_let_go(struct postgres_store *store) {
  const char *number = store->number_text;
  atomic_store(&store->until_ms, 0);
  if (store->db == NULL || store->number == 0) return;
  store->haste_end_ms = 0;
  atomic_store(&store->store.in_haste, true);
  PQclear(postgres_run(store, POSTGRES_WRITER_ENDS, &number, 1));
}
