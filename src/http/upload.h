/* The body of an upload: a file's bytes, as long as the file stays as it was. */
#ifndef HTTP_UPLOAD_H
#define HTTP_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct transfer;

struct upload {
  int fd; /* -1: none */
  int64_t size_bytes, offset;
  struct timespec modified; /* when it was opened */
  struct transfer *transfer;
  char *path;
  char text[256]; /* why it cannot go on, else "" */
};

/* A name for "no upload". */
void upload_init(struct upload *upload);
/* False with a text when it cannot be read or has not `size_bytes`. */
bool upload_open(struct upload *upload, const char *path, int64_t size_bytes);
/* Makes it the body of the POST. */
void upload_attach(struct upload *upload, struct transfer *transfer);
void upload_release(struct upload *upload);

#endif
