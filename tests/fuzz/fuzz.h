/* What the fuzz targets share. A target is NAME_fuzz.c: it takes bytes and ends the program (CHECK,
 * a sanitizer) when what came of them is wrong. clang's libFuzzer looks for such bytes (./dev
 * fuzz); the corpus, small changes of it and each target's worst cases are tried with the tests. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "util/arena.h"
#include "util/buffer.h"
#include "util/check.h"

/* The name is libFuzzer's. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Inputs that cost most, made when they are needed: `make` appends about `size` bytes. Each is
 * handled in a second and 64 MiB when it has 1 MiB. The list ends with a NULL name. */
struct fuzz_worst {
  const char *name;
  void (*make)(struct buffer *out, size_t size);
};
extern const struct fuzz_worst fuzz_worst[];

/* ---- bytes as values: when none are left, zeroes ---- */

struct fuzz_bytes {
  const uint8_t *at;
  size_t left;
};
uint8_t fuzz_byte(struct fuzz_bytes *bytes);
/* One of 0..count-1. */
unsigned fuzz_choice(struct fuzz_bytes *bytes, unsigned count);
/* Any number, those at the edges often. */
int64_t fuzz_number(struct fuzz_bytes *bytes);
/* Up to the next newline or the end, as a text of its own allocation's length (so that a byte too
 * far is seen) without NULs. */
char *fuzz_line(struct fuzz_bytes *bytes);
/* What is left, in an allocation of exactly that size (one byte when there is none). */
char *fuzz_rest(struct fuzz_bytes *bytes, size_t *size);

/* ---- for targets that read files: a directory of their own, removed at the end ---- */

const char *fuzz_directory(void);
void fuzz_write(const char *path, const char *bytes, size_t size);

struct diag_list;
/* Prints them all to memory: harmless for a terminal, and without `canary` (NULL: none). */
void fuzz_check_diags(const struct diag_list *diags, const char *canary);
/* No byte that a terminal would act on. */
bool fuzz_is_harmless(const char *text, size_t size, bool lines);

/* `head`, then `piece` again and again, then `tail`. */
void fuzz_repeat(struct buffer *out, size_t size, const char *head, const char *piece,
                 const char *tail);
/* The same with a number after each `piece`, then `after`. */
void fuzz_count(struct buffer *out, size_t size, const char *head, const char *piece,
                const char *after, const char *tail);
/* The worst YAML, below these keys; shared by all that read YAML. */
#define FUZZ_WORST_YAML                                                                            \
  {"nested flow lists", worst_flow_lists}, {"nested flow maps", worst_flow_maps},                  \
      {"nested block lists", worst_block_lists}, {"anchors", worst_anchors},                       \
      {"one long plain scalar", worst_plain}, {"one long quoted scalar", worst_quoted},            \
      {"escapes", worst_escapes}, {"many keys", worst_keys},                                       \
      {"one key again and again", worst_key}, {"empty lines", worst_lines},                        \
      {"a flow list of many", worst_flow_items}, {"a list of many", worst_items},                  \
      {"a folded scalar", worst_folded}, {"a comment", worst_comment},                             \
      {"question marks", worst_questions}, {"noise", worst_noise}, {                               \
    "broken UTF-8", worst_broken                                                                   \
  }
void worst_flow_lists(struct buffer *out, size_t size);
void worst_flow_maps(struct buffer *out, size_t size);
void worst_block_lists(struct buffer *out, size_t size);
void worst_anchors(struct buffer *out, size_t size);
void worst_plain(struct buffer *out, size_t size);
void worst_quoted(struct buffer *out, size_t size);
void worst_escapes(struct buffer *out, size_t size);
void worst_keys(struct buffer *out, size_t size);
void worst_key(struct buffer *out, size_t size);
void worst_lines(struct buffer *out, size_t size);
void worst_flow_items(struct buffer *out, size_t size);
void worst_items(struct buffer *out, size_t size);
void worst_folded(struct buffer *out, size_t size);
void worst_comment(struct buffer *out, size_t size);
void worst_questions(struct buffer *out, size_t size);
void worst_noise(struct buffer *out, size_t size);
void worst_broken(struct buffer *out, size_t size);

#endif
