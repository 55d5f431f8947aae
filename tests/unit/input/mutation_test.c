/* Files with random damage: whatever they hold, they are read or refused, never a crash, and what
 * is refused says why. One seed, so that a failure comes again. */
#include "input/yaml.h"
#include "nightshift/batch.h"
#include "nightshift/config.h"
#include "nightshift/error.h"
#include "unit/input/files.h"
#include "util/prng.h"

#define ROUNDS         4000
#define SIZE_MAX_BYTES 1200

static const char sample[] =
    "batch: spring\n"
    "api: {url: https://x.example/v1, token: ${T}, timeout: 60s}\n"
    "accounts:\n  - email: one@example.com\n    hours: 22:00-07:00\n  - two@example.com\n"
    "scheduling:\n  retry_wait: [10s, 30s]\nmoderation: {pause_batch: 20% of 10}\n"
    "defaults:\n  voice: \"M\\u00e9\"\n  output: out/{video}-{voice}.mp4\n"
    "jobs:\n  - clips/a.mp4\n  - video: [clips/*.mp4, 'b.mp4']\n    voice: [Leo, Ivy]\n"
    "    id: x\n    explore: auto\n    reference: |\n      take\n      3\n"
    "  - asset: \"user:1-runwayml:one@example.com-asset:ff\"\n    voice: >-\n      Leo\n";

static const char *const pieces[] = {"\t", "\n", "  ", "- ",    ": ",       "{",    "}",  "[",
                                     "]",  "\"", "'",  "|\n",   ">",        "&a ",  "*a", "!x ",
                                     "%",  "#",  "?",  "\\x4",  "${",       "}",    "..", "/",
                                     "\r", "~",  ",",  "---\n", "\xc3\xa9", "\xff", "@",  "null"};

static size_t damage(struct prng *prng, char *text, size_t size) {
  size_t at = (size_t)prng_between(prng, 0, (int64_t)size);
  int64_t kind = prng_between(prng, 0, 3);
  if (kind == 0 && at < size) {
    text[at] = (char)prng_between(prng, 0, 255);
  } else if (kind == 1) {
    size_t cut =
        (size_t)prng_between(prng, 0, (int64_t)(size - at) < 20 ? (int64_t)(size - at) : 20);
    memmove(text + at, text + at + cut, size - at - cut);
    size -= cut;
  } else {
    const char *piece = pieces[prng_between(prng, 0, sizeof pieces / sizeof pieces[0] - 1)];
    size_t length = strlen(piece);
    if (size + length > SIZE_MAX_BYTES) return size;
    memmove(text + at + length, text + at, size - at);
    memcpy(text + at, piece, length);
    size += length;
  }
  return size;
}

static const char *no_environment(void *context, const char *name) {
  (void)context;
  return strcmp(name, "T") == 0 ? "user:1-canary" : NULL;
}

static void check(int result, const struct diag_list *diags) {
  assert_int_equal(result == 0, diag_error_count(diags) == 0);
  char *told = diags_as_text(diags);
  assert_not_in(told, "canary");
  free(told);
}

static void damaged_files_are_read_or_refused(void **state) {
  (void)state;
  struct prng prng;
  char text[SIZE_MAX_BYTES];
  prng_init(&prng, 42);
  struct config_options options = {.path = "f.yaml", .getenv = no_environment};
  for (int round = 0; round < ROUNDS; round++) {
    size_t size = sizeof sample - 1;
    memcpy(text, sample, size);
    for (int64_t i = prng_between(&prng, 1, 6); i > 0; i--)
      size = damage(&prng, text, size);
    file_write_bytes("f.yaml", text, size);
    struct batch batch;
    struct config config;
    struct diag_list *diags = diag_new();
    check(batch_load("f.yaml", NULL, &batch, diags), diags);
    batch_release(&batch);
    diag_free(diags);
    diags = diag_new();
    check(config_load(&options, &config, diags), diags);
    config_release(&config);
    diag_free(diags);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(damaged_files_are_read_or_refused, files_begin, files_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
