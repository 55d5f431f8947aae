/* The .part file that a download is written to. Blocking; every failure is a fetch_result with a
 * text that names the path. */
#ifndef HTTP_OUTPUT_H
#define HTTP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "http/place.h"
#include "nightshift/core.h"

struct output {
  char *part; /* the path */
  char *base; /* the directory that it may not leave; NULL: the root */
  struct place place;
  int fd; /* -1: closed */
  int64_t bytes;
  mode_t mask;    /* of the file and of directories that are made */
  char text[256]; /* of the last failure */
};

/* What a failed system call means for a fetch. */
enum fetch_result output_result_of(int error_number);

/* Copies both; `base` as place_open takes it. */
void output_init(struct output *output, const char *base, const char *path, mode_t mask);
/* Makes missing directories, opens `path`.part without following a link and learns its length.
 * FETCH_WHOLE means that all went well, here and below. */
enum fetch_result output_open(struct output *output);
enum fetch_result output_write(struct output *output, const char *bytes, size_t size);
/* Begins anew: no bytes. */
enum fetch_result output_empty(struct output *output);
/* Makes what was written and the names above it durable, closes, tells the inode. Meant for a
 * thread. After a failure the file is gone: what its pages hold is not known any more. */
enum fetch_result output_sync(struct output *output, int64_t *inode);
void output_close(struct output *output);
void output_remove(struct output *output);
void output_release(struct output *output);

#endif
