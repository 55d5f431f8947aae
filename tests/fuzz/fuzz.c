/* Bytes as values, files, and what the targets' worst cases are made of. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nightshift/diag.h"
#include "util/prng.h"
#include "util/utf8.h"

static void tell(const char *file, int line, const char *function, const char *what) {
  fprintf(stderr, "%s:%d: %s: CHECK(%s) does not hold\n", file, line, function, what);
}

__attribute__((constructor)) static void begin(void) {
  check_set_handler(tell);
}

uint8_t fuzz_byte(struct fuzz_bytes *bytes) {
  if (bytes->left == 0) return 0;
  bytes->left--;
  return *bytes->at++;
}

unsigned fuzz_choice(struct fuzz_bytes *bytes, unsigned count) {
  return fuzz_byte(bytes) % count;
}

int64_t fuzz_number(struct fuzz_bytes *bytes) {
  static const int64_t edges[] = {0,         1,         -1,   2,     INT32_MAX,     INT32_MIN,
                                  INT64_MAX, INT64_MIN, 1000, 60000, 1767225600000, INT64_MAX - 1};
  unsigned kind = fuzz_byte(bytes);
  if (kind < 48) return edges[kind % (sizeof edges / sizeof edges[0])];
  if (kind < 160) return kind - 48;
  uint64_t number = 0;
  for (unsigned size = kind % 8 + 1; size > 0; size--)
    number = number << 8 | fuzz_byte(bytes);
  return (int64_t)number;
}

char *fuzz_line(struct fuzz_bytes *bytes) {
  size_t length = 0;
  while (length < bytes->left && bytes->at[length] != '\n')
    length++;
  char *text = malloc(length + 1);
  CHECK(text != NULL && "out of memory");
  size_t used = 0;
  for (size_t i = 0; i < length; i++)
    if (bytes->at[i] != 0) text[used++] = (char)bytes->at[i];
  text[used] = '\0';
  size_t taken = length + (length < bytes->left);
  bytes->at += taken;
  bytes->left -= taken;
  return text;
}

char *fuzz_rest(struct fuzz_bytes *bytes, size_t *size) {
  char *rest = malloc(bytes->left == 0 ? 1 : bytes->left);
  CHECK(rest != NULL && "out of memory");
  if (bytes->left > 0) memcpy(rest, bytes->at, bytes->left);
  *size = bytes->left;
  bytes->at += bytes->left;
  bytes->left = 0;
  return rest;
}

/* ---- files ---- */

static char directory[64];

static void remove_directory(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", directory);
  if (chdir("/") != 0 || system(command) != 0) fprintf(stderr, "%s is left over\n", directory);
}

const char *fuzz_directory(void) {
  if (directory[0] != '\0') return directory;
  strcpy(directory, "/tmp/nightshift-fuzz-XXXXXX");
  CHECK(mkdtemp(directory) != NULL);
  CHECK(chdir(directory) == 0);
  CHECK(atexit(remove_directory) == 0);
  return directory;
}

void fuzz_write(const char *path, const char *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL);
  CHECK(fwrite(bytes, 1, size, file) == size);
  CHECK(fclose(file) == 0);
}

/* ---- what people are shown ---- */

bool fuzz_is_harmless(const char *text, size_t size, bool lines) {
  uint32_t code;
  for (size_t at = 0; at < size; at += utf8_next(text + at, size - at, &code)) {
    (void)utf8_next(text + at, size - at, &code);
    if (lines && (code == '\n' || code == '\t')) continue;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
    if (code == UTF8_BROKEN && (unsigned char)text[at] != 0xef) return false;
  }
  return true;
}

void fuzz_check_diags(const struct diag_list *diags, const char *canary) {
  char *text = NULL;
  size_t size = 0;
  FILE *stream = open_memstream(&text, &size);
  CHECK(stream != NULL);
  diag_print(diags, stream);
  CHECK(fclose(stream) == 0);
  CHECK(fuzz_is_harmless(text, size, true));
  CHECK(canary == NULL || strstr(text, canary) == NULL);
  free(text);
}

/* ---- the worst ---- */

void fuzz_repeat(struct buffer *out, size_t size, const char *head, const char *piece,
                 const char *tail) {
  buffer_text(out, head);
  while (out->length + strlen(piece) + strlen(tail) <= size)
    buffer_text(out, piece);
  buffer_text(out, tail);
}

void fuzz_count(struct buffer *out, size_t size, const char *head, const char *piece,
                const char *after, const char *tail) {
  buffer_text(out, head);
  for (int64_t number = 1; out->length + strlen(piece) + strlen(after) + 12 <= size; number++)
    buffer_printf(out, "%s%lld%s", piece, (long long)number, after);
  buffer_text(out, tail);
}

void worst_flow_lists(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "", "[", "");
}
void worst_flow_maps(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "", "{a: ", "");
}
void worst_block_lists(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "", "- ", "");
}
void worst_anchors(struct buffer *out, size_t size) {
  fuzz_count(out, size, "jobs:\n", "- &a", " x\n", "");
}
void worst_plain(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "jobs: ", "x", "\n");
}
void worst_quoted(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "jobs: \"", "x ", "\"\n");
}
void worst_escapes(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "jobs: [\"", "\\u00e9", "\"]\n");
}
void worst_keys(struct buffer *out, size_t size) {
  fuzz_count(out, size, "", "key", ":\n", "");
}
void worst_key(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "", "jobs:\n", "");
}
void worst_lines(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "jobs:", "\n", "x\n");
}
void worst_flow_items(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "jobs: [", "a,", "]\n");
}
void worst_items(struct buffer *out, size_t size) {
  fuzz_count(out, size, "jobs:\n", "- {k", ": x}\n", "");
}
void worst_folded(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "jobs: >-\n", "  x\n\n", "");
}
void worst_comment(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "#", "#", "\njobs: []\n");
}
void worst_questions(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "", "? ", "");
}
void worst_noise(struct buffer *out, size_t size) {
  struct prng prng;
  prng_init(&prng, 7);
  while (out->length < size) {
    uint64_t eight = prng_next(&prng);
    buffer_append(out, &eight, sizeof eight);
  }
}
void worst_broken(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "jobs: [", "\xff", "]\n");
}
