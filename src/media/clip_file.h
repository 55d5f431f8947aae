/* A clip's file: opened so that nothing can hang, and its content hash. */
#ifndef MEDIA_CLIP_FILE_H
#define MEDIA_CLIP_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "nightshift/job.h"

#define HASH_TEXT 65 /* SHA-256 in hex, with its NUL */

/* Size and time of what lies at clip->path, when it is a regular file. */
bool clip_file_stat(struct clip *clip);
/* Opens clip->path, fills in size and time. -1 when it is no file to upload: `fault` says why. The
 * caller closes. */
int clip_file_open(struct clip *clip, char *fault, size_t size);
/* Whether the open file still has the size and time that it was opened with. */
bool clip_file_unchanged(int file, const struct clip *clip);
/* SHA-256 of clip->size_bytes bytes. 0, or ERR_IO with `fault`, or ERR_BUSY when *stop was set. */
int clip_file_hash(int file, const struct clip *clip, const atomic_bool *stop, char hash[HASH_TEXT],
                   char *fault, size_t size);

#endif
