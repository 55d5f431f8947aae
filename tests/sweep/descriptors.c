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
static unsigned syncs_since_failure[FDS_MAX]; /* with the failed one; 0: none has failed */

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
  syncs_since_failure[fd] = 0;
}

void descriptor_closed(int fd) {
  descriptor_opened(fd, NULL);
}

bool descriptor_sync_is_late(int fd, bool fails) {
  if (fd < 0 || fd >= FDS_MAX || (syncs_since_failure[fd] == 0 && !fails)) return false;
  /* Rolling back, SQLite empties the journal and syncs that; nothing is claimed by it. */
  return ++syncs_since_failure[fd] > (kinds[fd] == journal ? 2 : 1);
}

bool kind_is_visible(const char *kind) {
  return kind == state || kind == journal || kind == lock || kind == part || kind == result ||
         kind == dir || strcmp(kind, "net") == 0;
}
