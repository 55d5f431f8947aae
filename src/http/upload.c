/* The body of an upload. A clip is known by its content: when the file changes while it is being
 * sent, the last bytes are kept back, so that no asset of mixed content comes to be. */
#include "http/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/transfer.h"
#include "util/check.h"

void upload_init(struct upload *upload) {
  *upload = (struct upload){.fd = -1};
}

static bool refuse(struct upload *upload, const char *why) {
  snprintf(upload->text, sizeof upload->text, "%s: %s", upload->path, why);
  return false;
}

static bool look_at_file(struct upload *upload) {
  struct stat facts;
  if (fstat(upload->fd, &facts) != 0) return refuse(upload, strerror(errno));
  if (!S_ISREG(facts.st_mode)) return refuse(upload, "is not a plain file");
  if (facts.st_size != upload->size_bytes) {
    snprintf(upload->text, sizeof upload->text,
             "%s: the file has changed since it was looked at (%lld bytes, not %lld)", upload->path,
             (long long)facts.st_size, (long long)upload->size_bytes);
    return false;
  }
  upload->modified = facts.st_mtim;
  return true;
}

bool upload_open(struct upload *upload, const char *path, int64_t size_bytes) {
  upload->path = strdup(path);
  CHECK(upload->path != NULL);
  upload->size_bytes = size_bytes;
  upload->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (upload->fd < 0) return refuse(upload, strerror(errno));
  return look_at_file(upload);
}

static bool is_unchanged(struct upload *upload) {
  struct timespec modified = upload->modified;
  if (!look_at_file(upload)) return false;
  if (modified.tv_sec == upload->modified.tv_sec && modified.tv_nsec == upload->modified.tv_nsec)
    return true;
  return refuse(upload, "the file was changed while it was being sent");
}

static ssize_t read_some(const struct upload *upload, char *into, size_t room) {
  for (;;) {
    ssize_t got = pread(upload->fd, into, room, upload->offset);
    if (got >= 0 || errno != EINTR) return got;
  }
}

static size_t on_read(char *into, size_t size, size_t count, void *context) {
  struct upload *upload = context;
  int64_t left = upload->size_bytes - upload->offset;
  if (left == 0) return 0;
  size_t room = size * count;
  if ((int64_t)room > left) room = (size_t)left;
  ssize_t got = read_some(upload, into, room);
  if (got < 0) refuse(upload, strerror(errno));
  if (got == 0) refuse(upload, "the file became shorter while it was being sent");
  if (got <= 0) return CURL_READFUNC_ABORT;
  if (got == left && !is_unchanged(upload)) return CURL_READFUNC_ABORT;
  upload->offset += got;
  transfer_moved(upload->transfer);
  return (size_t)got;
}

/* libcurl begins anew when a pooled connection turns out to be dead. */
static int on_seek(void *context, curl_off_t offset, int origin) {
  struct upload *upload = context;
  if (origin != SEEK_SET || offset < 0 || offset > upload->size_bytes) return CURL_SEEKFUNC_FAIL;
  upload->offset = offset;
  return CURL_SEEKFUNC_OK;
}

void upload_attach(struct upload *upload, struct transfer *transfer) {
  upload->transfer = transfer;
  transfer->stalls = true;
  TRANSFER_SET(transfer, CURLOPT_READFUNCTION, on_read);
  TRANSFER_SET(transfer, CURLOPT_READDATA, upload);
  TRANSFER_SET(transfer, CURLOPT_SEEKFUNCTION, on_seek);
  TRANSFER_SET(transfer, CURLOPT_SEEKDATA, upload);
  TRANSFER_SET(transfer, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)upload->size_bytes);
}

void upload_release(struct upload *upload) {
  if (upload->fd >= 0) close(upload->fd); /* only read from: nothing can be lost */
  free(upload->path);
  upload_init(upload);
}
