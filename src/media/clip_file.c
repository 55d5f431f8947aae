#include "media/clip_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nightshift/error.h"

#define CHUNK_BYTES ((size_t)256 * 1024)

static int64_t mtime_ns(const struct stat *status) {
  return (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

bool clip_file_stat(struct clip *clip) {
  struct stat status;
  if (stat(clip->path, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  clip->size_bytes = status.st_size;
  clip->mtime_ns = mtime_ns(&status);
  return true;
}

static void explain_errno(int code, char *fault, size_t size) {
  if (code == ENOENT || code == ENOTDIR)
    snprintf(fault, size, "is not there: check the path");
  else if (code == EACCES || code == EPERM)
    snprintf(fault, size, "may not be read by this user: give it read permission");
  else if (code == ENOMEM || code == EMFILE || code == ENFILE)
    snprintf(fault, size, "cannot be read now (%s): run again", strerror(code));
  else
    snprintf(fault, size, "cannot be read (%s): check the disk that it is on", strerror(code));
}

/* True when it is a file with something in it. */
static bool is_content(const struct stat *status, char *fault, size_t size) {
  if (S_ISDIR(status->st_mode))
    snprintf(fault, size,
             "is a directory: name a clip in it, or all of them with a glob (DIR/*.mp4)");
  else if (!S_ISREG(status->st_mode))
    snprintf(fault, size, "is a %s, not a file: save the clip as a file first",
             S_ISFIFO(status->st_mode)   ? "pipe"
             : S_ISSOCK(status->st_mode) ? "socket"
                                         : "device");
  else if (status->st_size == 0)
    snprintf(fault, size, "is empty: copy or export it again");
  else
    return true;
  return false;
}

int clip_file_open(struct clip *clip, char *fault, size_t size) {
  struct stat status;
  /* Looked at before opening, because opening a device can have effects; and opened without
   * blocking and looked at again, because a pipe may have taken its place. */
  if (stat(clip->path, &status) != 0) {
    explain_errno(errno, fault, size);
    return -1;
  }
  if (!is_content(&status, fault, size)) return -1;
  int file;
  do
    file = open(clip->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  while (file < 0 && errno == EINTR); /* network filesystems */
  if (file < 0 || fstat(file, &status) != 0) {
    explain_errno(errno, fault, size);
  } else if (is_content(&status, fault, size)) {
    clip->size_bytes = status.st_size;
    clip->mtime_ns = mtime_ns(&status);
    return file;
  }
  if (file >= 0) (void)close(file); /* opened for reading only: nothing to lose */
  return -1;
}

bool clip_file_unchanged(int file, const struct clip *clip) {
  struct stat status;
  return fstat(file, &status) == 0 && status.st_size == clip->size_bytes &&
         mtime_ns(&status) == clip->mtime_ns;
}

static void write_hex(const unsigned char *bytes, unsigned count, char *text) {
  static const char hex[] = "0123456789abcdef";
  for (unsigned i = 0; i < count; i++) {
    *text++ = hex[bytes[i] >> 4];
    *text++ = hex[bytes[i] & 15];
  }
  *text = '\0';
}

/* Feeds the file to the digest. 0, ERR_BUSY, or ERR_IO with errno set (0: it is shorter now). */
static int digest_file(EVP_MD_CTX *digest, int file, int64_t size_bytes, const atomic_bool *stop,
                       unsigned char *chunk) {
  for (int64_t at = 0; at < size_bytes;) {
    if (atomic_load(stop)) return ERR_BUSY;
    errno = 0;
    ssize_t count = pread(file, chunk, CHUNK_BYTES, at);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return ERR_IO;
    if (EVP_DigestUpdate(digest, chunk, (size_t)count) != 1) {
      errno = ENOMEM;
      return ERR_IO;
    }
    at += count;
  }
  return 0;
}

int clip_file_hash(int file, const struct clip *clip, const atomic_bool *stop, char hash[HASH_TEXT],
                   char *fault, size_t size) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  int code = ERR_IO;
  errno = ENOMEM;
  unsigned char *chunk = malloc(CHUNK_BYTES);
  EVP_MD_CTX *digest = EVP_MD_CTX_new();
  if (chunk != NULL && digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1)
    code = digest_file(digest, file, clip->size_bytes, stop, chunk);
  int cause = errno;
  if (code == 0 && EVP_DigestFinal_ex(digest, bytes, &length) != 1) code = ERR_IO;
  if (code == 0 && !clip_file_unchanged(file, clip)) {
    code = ERR_IO;
    cause = 0;
  }
  if (code == 0)
    write_hex(bytes, length, hash);
  else if (code == ERR_IO && cause == 0)
    snprintf(fault, size,
             "changed while it was read: wait until it is written whole, then run again");
  else if (code == ERR_IO)
    explain_errno(cause, fault, size);
  EVP_MD_CTX_free(digest);
  free(chunk);
  return code;
}
