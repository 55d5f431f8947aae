/* Every tests/scenario/NAME.scn: its expectations must hold and its trace must be the one written
 * down. UPDATE_SCENARIOS=1 writes the traces anew; the change is then reviewed as a diff. With
 * names as arguments only those. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/scn.h"
#include "util/check.h"
#include "util/text.h"

static bool write_back(const struct scn_file *file, const char *trace) {
  FILE *stream = fopen(file->path, "wb");
  if (stream == NULL) return false;
  bool good = fputs(file->head, stream) >= 0 && fputs(trace, stream) >= 0;
  return fclose(stream) == 0 && good;
}

static bool run_one(const char *path, bool update) {
  struct scn_file file;
  struct buffer trace;
  if (!scn_read(&file, path)) return false;
  buffer_init(&trace, (size_t)1 << 24);
  bool good = scn_run(&file, &trace) == 0;
  if (strcmp(file.trace, buffer_string(&trace)) != 0) {
    if (update) {
      good = write_back(&file, buffer_string(&trace)) && good;
    } else {
      printf("  another trace than expected (UPDATE_SCENARIOS=1 writes it anew):\n");
      scn_diff(file.trace, buffer_string(&trace));
      good = false;
    }
  }
  buffer_release(&trace);
  scn_release(&file);
  return good;
}

static void say_fault(const char *file, int line, const char *function, const char *what) {
  printf("  %s:%d: %s: %s does not hold\n", file, line, function, what);
  (void)fflush(stdout);
  _exit(1);
}

/* In a process of its own, so that a fault of the core ends one story and not all. */
static bool run_apart(const char *path, bool update) {
  int status = 1;
  (void)fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    check_set_handler(say_fault);
    exit(run_one(path, update) ? 0 : 1);
  }
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static int is_scenario(const struct dirent *entry) {
  return text_ends_with(entry->d_name, ".scn");
}

static bool wanted(const char *name, int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (strncmp(argv[i], name, strlen(argv[i])) == 0) return true;
  return argc == 1;
}

int main(int argc, char **argv) {
  static const char directory[] = TEST_SOURCE_DIR "/tests/scenario";
  const char *flag = getenv("UPDATE_SCENARIOS");
  bool update = flag != NULL && strcmp(flag, "1") == 0;
  struct dirent **entries;
  int count = scandir(directory, &entries, is_scenario, alphasort), failed = 0, ran = 0;
  for (int i = 0; i < count; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
    if (wanted(entries[i]->d_name, argc, argv)) {
      bool good = run_apart(path, update);
      printf("%s %s\n", good ? "ok    " : "FAILED", entries[i]->d_name);
      (void)fflush(stdout);
      ran++;
      failed += !good;
    }
    free(entries[i]);
  }
  free(entries);
  printf("%d scenarios, %d failed\n", ran, failed);
  return ran == 0 || failed > 0;
}
