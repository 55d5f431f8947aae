/* Remembers what every descriptor was opened for. */
#include "descriptors.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#define FDS_MAX 4096

static const char loop[] = "loop", std[] = "std", state[] = "state", journal[] = "journal",
                  lock[] = "lock", part[] = "part", result[] = "result", clip[] = "clip",
                  dir[] = "dir", input[] = "input", file[] = "file";

static const char *kinds[FDS_MAX];
static enum { SYNCED, SYNC_FAILED, WRITTEN_AGAIN } syncs[FDS_MAX];

static const struct {
  const char *end, *kind;
} endings[] = {{".db", state},   {".db-journal", journal},    {".lock", lock}, {".part", part},
               {".yaml", input}, {"nightshift-probe", input}, {"/clips", dir}, {"/out", dir}};

const char *path_kind(const char *path, int flags) {
  size_t length = path == NULL ? 0 : strlen(path);
  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
    size_t size = strlen(endings[i].end);
    if (length >= size && strcmp(path + length - size, endings[i].end) == 0) return endings[i].kind;
  }
  if ((flags & O_DIRECTORY) == O_DIRECTORY) return dir;
  if (length > 4 && strcmp(path + length - 4, ".mp4") == 0)
    return strstr(path, "clips/clip-") != NULL ? clip : result;
  return file;
}

const char *descriptor_kind(int fd) {
  if (fd >= 0 && fd <= 2) return std;
  if (fd < 0 || fd >= FDS_MAX || kinds[fd] == NULL) return loop;
  return kinds[fd];
}

void descriptor_opened(int fd, const char *kind) {
  if (fd < 0 || fd >= FDS_MAX) return;
  kinds[fd] = kind;
  syncs[fd] = SYNCED;
}

void descriptor_closed(int fd) {
  descriptor_opened(fd, NULL);
}

void descriptor_written(int fd) {
  if (fd >= 0 && fd < FDS_MAX && syncs[fd] == SYNC_FAILED) syncs[fd] = WRITTEN_AGAIN;
}

bool descriptor_sync_is_late(int fd, bool fails) {
  if (fd < 0 || fd >= FDS_MAX) return false;
  bool rolls_back = syncs[fd] == WRITTEN_AGAIN && (kinds[fd] == journal || kinds[fd] == state);
  bool late = syncs[fd] != SYNCED && !rolls_back;
  if (fails) syncs[fd] = SYNC_FAILED;
  return late;
}

bool kind_is_visible(const char *kind) {
  return kind == state || kind == journal || kind == lock || kind == part || kind == result ||
         kind == dir || strcmp(kind, "net") == 0;
}
