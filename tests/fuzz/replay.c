/* A fuzz target without a fuzzer: tries every file of its corpus, small changes of each drawn from
 * one seed, and its worst cases of 1 MiB, which have to be handled in a second and 64 MiB.
 *   TARGET CORPUS [CHANGES]   or   TARGET FILE... */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "fuzz.h"
#include "util/prng.h"

/* Of the address sanitizer, whose header gcc does not bring. */
#if defined(__SANITIZE_ADDRESS__)
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *memory,
                                                                size_t size),
                                              void (*on_free)(const volatile void *memory));
size_t __sanitizer_get_allocated_size(const volatile void *memory);
#define COUNTS_MEMORY 1
#else
#define COUNTS_MEMORY 0
#endif

#define WORST_BYTES  ((size_t)1024 * 1024)
#define WORST_MEMORY ((size_t)64 * 1024 * 1024)
#if COUNTS_MEMORY || !defined(__OPTIMIZE__)
#define WORST_MS 4000 /* sanitizers take their time, too */
#else
#define WORST_MS 1000
#endif
#define FILE_MOST ((size_t)4 * 1024 * 1024)

/* ---- what an input costs ---- */

static size_t in_use, most_in_use; /* stay 0 without the sanitizer */

#if COUNTS_MEMORY
static void on_malloc(const volatile void *memory, size_t size) {
  (void)memory;
  in_use += size;
  if (in_use > most_in_use) most_in_use = in_use;
}
static void on_free(const volatile void *memory) {
  if (memory != NULL) in_use -= __sanitizer_get_allocated_size(memory);
}
#endif

static int64_t processor_ms(void) {
  struct timespec time;
  CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* In an allocation of its own, so that a byte too far is seen. */
static void try_bytes(const void *bytes, size_t size) {
  uint8_t *copy = malloc(size == 0 ? 1 : size);
  CHECK(copy != NULL);
  if (size > 0) memcpy(copy, bytes, size);
  (void)LLVMFuzzerTestOneInput(copy, size);
  free(copy);
}

static bool try_worst(const struct fuzz_worst *worst) {
  struct buffer input;
  buffer_init(&input, 2 * WORST_BYTES);
  worst->make(&input, WORST_BYTES);
  CHECK(!input.overflowed);
  size_t before = most_in_use = in_use;
  int64_t begun = processor_ms();
  (void)LLVMFuzzerTestOneInput((const uint8_t *)input.bytes, input.length);
  int64_t took = processor_ms() - begun;
  size_t memory = most_in_use - before;
  bool well = took <= WORST_MS && memory <= WORST_MEMORY;
  printf("%-32s %8zu bytes %5lld ms %4zu MiB%s\n", worst->name, input.length, (long long)took,
         memory >> 20, well ? "" : "   <- too much");
  buffer_release(&input);
  return well;
}

/* ---- the corpus ---- */

static size_t read_file(const char *path, uint8_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    perror(path);
    exit(2);
  }
  size_t size = fread(bytes, 1, FILE_MOST, file);
  CHECK(fclose(file) == 0);
  return size;
}

static size_t change(struct prng *prng, uint8_t *bytes, size_t size) {
  size_t at = (size_t)prng_between(prng, 0, (int64_t)size);
  switch (prng_between(prng, 0, 3)) {
  case 0: /* another byte */
    if (at < size) bytes[at] = (uint8_t)prng_next(prng);
    return size;
  case 1: /* cut */
    return at;
  case 2: { /* a piece again */
    size_t piece = (size_t)prng_between(prng, 0, size - at < 64 ? (int64_t)(size - at) : 64);
    memmove(bytes + at + piece, bytes + at, size - at);
    return size + piece;
  }
  default: { /* a piece less */
    size_t piece = (size_t)prng_between(prng, 0, size - at < 16 ? (int64_t)(size - at) : 16);
    memmove(bytes + at, bytes + at + piece, size - at - piece);
    return size - piece;
  }
  }
}

static void try_changes(const uint8_t *bytes, size_t size, int changes, uint64_t seed) {
  struct prng prng;
  uint8_t *copy = malloc(size + 8 * 64);
  CHECK(copy != NULL);
  prng_init(&prng, seed);
  for (int i = 0; i < changes; i++) {
    size_t length = size;
    if (size > 0) memcpy(copy, bytes, size);
    for (int64_t left = prng_between(&prng, 1, 6); left > 0; left--)
      length = change(&prng, copy, length);
    try_bytes(copy, length);
  }
  free(copy);
}

static int try_corpus(const char *path, int changes) {
  struct dirent **entries;
  uint8_t *bytes = malloc(FILE_MOST);
  int count = scandir(path, &entries, NULL, alphasort), files = 0;
  CHECK(bytes != NULL);
  for (int i = 0; i < count; i++) {
    char name[1024];
    snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
    if (entries[i]->d_name[0] != '.') {
      size_t size = read_file(name, bytes);
      files++;
      try_bytes(bytes, size);
      try_changes(bytes, size, changes, (uint64_t)files);
    }
    free(entries[i]);
  }
  if (count >= 0) free(entries);
  free(bytes);
  return files;
}

static bool is_directory(const char *path) {
  struct stat facts;
  return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

static int try_files(char **paths) {
  uint8_t *bytes = malloc(FILE_MOST);
  CHECK(bytes != NULL);
  for (; *paths != NULL; paths++)
    try_bytes(bytes, read_file(*paths, bytes));
  free(bytes);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  if (!is_directory(argv[1])) return try_files(argv + 1);
  char *path = realpath(argv[1], NULL); /* targets may go to a directory of their own */
  CHECK(path != NULL);
  int changes = argc > 2 ? atoi(argv[2]) : 0, files = try_corpus(path, changes), bad = 0;
  free(path);
  printf("%d files, %d changes of each\n", files, changes);
  try_bytes("", 0); /* what is made once is made */
#if COUNTS_MEMORY
  CHECK(__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) != 0);
#endif
  for (const struct fuzz_worst *worst = fuzz_worst; worst->name != NULL; worst++)
    bad += !try_worst(worst);
  return files == 0 || bad > 0;
}
