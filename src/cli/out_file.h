/* A file that a command writes for a person: there whole, or not at all. */
#ifndef CLI_OUT_FILE_H
#define CLI_OUT_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "nightshift/error.h"

struct out_file {
  FILE *stream;
  char path[PATH_MAX]; /* "": standard output */
  char temp[PATH_MAX]; /* written to meanwhile, beside it; "": written to at once */
};

/* Begins a file at `path`, or on standard output when that is NULL or "-". What is there stays
 * until out_file_end; a device or pipe is written to at once. ERR_IO names what is wrong. */
int out_file_begin(struct out_file *file, const char *path, struct error *error);
/* Syncs and puts it in its place; ERR_IO or ERR_FULL: what was there before is there still. */
int out_file_end(struct out_file *file, struct error *error);
/* Instead: leaves nothing. */
void out_file_drop(struct out_file *file);

#endif
