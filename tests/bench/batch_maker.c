/* A batch of many clips without the work of looking at them: names for a few files that are there,
 * a batch file with a line for each, and a state that remembers every clip as examined, each with
 * content of its own.
 *
 * usage: batch_maker DIRECTORY JOBS CLIP   (makes DIRECTORY/clips, batch.yaml and state.db) */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nightshift/store.h"
#include "util/arena.h"
#include "util/check.h"

#define NAMES_MOST 50000 /* of one file: filesystems allow 65000 */

static void copy_file(const char *from, const char *to) {
  char bytes[65536];
  size_t got;
  FILE *in = fopen(from, "re"), *out = fopen(to, "we");
  CHECK(in != NULL && out != NULL);
  while ((got = fread(bytes, 1, sizeof bytes, in)) > 0)
    CHECK(fwrite(bytes, 1, got, out) == got);
  CHECK(fclose(in) == 0 && fclose(out) == 0);
}

static struct record remembered(struct arena *texts, const char *path, int64_t number) {
  struct stat facts;
  CHECK(stat(path, &facts) == 0);
  return (struct record){
      .kind = RECORD_CLIP,
      .as.clip = {.path = path,
                  .size_bytes = facts.st_size,
                  .mtime_ns = (int64_t)facts.st_mtim.tv_sec * 1000000000 + facts.st_mtim.tv_nsec,
                  .hash =
                      arena_printf(texts, "%064" PRIx64, (uint64_t)number * 0x9e3779b97f4a7c15u),
                  .length_ms = 4000 + number % 8000,
                  .width_px = 640,
                  .height_px = 360,
                  .has_video = true,
                  .has_sound = true,
                  .content_type = "video/mp4"}};
}

static void make(const char *directory, int64_t jobs, const char *clip, struct record *records,
                 struct arena *texts) {
  const char *file = NULL;
  FILE *batch = fopen(arena_printf(texts, "%s/batch.yaml", directory), "we");
  CHECK(batch != NULL);
  CHECK(mkdir(arena_printf(texts, "%s/clips", directory), 0700) == 0 || errno == EEXIST);
  fprintf(batch, "batch: large\ndefaults: {voice: Maya}\njobs:\n");
  for (int64_t i = 0; i < jobs; i++) {
    const char *path = arena_printf(texts, "%s/clips/scene-%07" PRId64 ".mp4", directory, i);
    if (i % NAMES_MOST == 0)
      copy_file(clip, file = arena_printf(texts, "%s/clip-%" PRId64 ".mp4", directory, i));
    CHECK(link(file, path) == 0);
    records[i] = remembered(texts, path, i);
    fprintf(batch, "  - clips/scene-%07" PRId64 ".mp4\n", i);
  }
  CHECK(fclose(batch) == 0);
}

int main(int argc, char **argv) {
  struct error error = {0};
  struct store *store = NULL;
  struct arena texts;
  if (argc != 4) {
    fprintf(stderr, "usage: batch_maker DIRECTORY JOBS CLIP\n");
    return 2;
  }
  int64_t jobs = strtoll(argv[2], NULL, 10);
  char *directory = realpath(argv[1], NULL);
  struct record *records = calloc((size_t)jobs, sizeof *records);
  CHECK(jobs > 0 && directory != NULL && records != NULL);
  arena_init(&texts);
  make(directory, jobs, argv[3], records, &texts);
  CHECK(store_open(&store, arena_printf(&texts, "%s/state.db", directory), STORE_WRITE, &error) ==
        0);
  CHECK(store_commit(store, 1, records, (size_t)jobs, &error) == 0);
  store_close(store);
  arena_release(&texts);
  free(records);
  free(directory);
  return 0;
}
