/* The texts that `init` writes into a folder of clips. */
#ifndef CLI_INIT_TEXT_H
#define CLI_INIT_TEXT_H

#include <stddef.h>

struct buffer;

#define INIT_ENDINGS_MOST 64
#define INIT_ENDING_SIZE  8

struct init_ending {
  char text[INIT_ENDING_SIZE]; /* as it is written there: a glob minds capitals */
  size_t count;
};

struct init_clips {
  struct init_ending endings[INIT_ENDINGS_MOST];
  size_t ending_count, count;
};

/* `schemas` is the directory of the JSON Schemas; "": they are not there, and not named. */
void init_write_batch(struct buffer *text, const struct init_clips *clips, const char *schemas);
void init_write_config(struct buffer *text, const char *schemas);

#endif
