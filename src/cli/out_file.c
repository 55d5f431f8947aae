/* Files that commands write for a person: beside their place first, then renamed. */
#include "cli/out_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(const char *path, const char *what, struct error *error) {
  int code = errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
  return error_set(error, code, "%s cannot be %s: %s", path, what, strerror(errno));
}

/* Where a symbolic link leads, the file itself; for one that is not there yet its directory. */
static int resolve(const char *path, char resolved[PATH_MAX], struct error *error) {
  char copy[PATH_MAX], directory[PATH_MAX];
  if (realpath(path, resolved) != NULL) return 0;
  if (errno != ENOENT || snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy)
    return failed(path, "written", error);
  char *slash = strrchr(copy, '/');
  const char *name = slash == NULL ? copy : slash + 1;
  if (*name == '\0') return error_set(error, ERR_IO, "%s is a directory: name a file", path);
  if (slash != NULL) *slash = '\0';
  if (realpath(slash == NULL ? "." : slash == copy ? "/" : copy, directory) == NULL)
    return failed(path, "written", error);
  bool top = strcmp(directory, "/") == 0;
  if (snprintf(resolved, PATH_MAX, "%s/%s", top ? "" : directory, name) >= PATH_MAX) {
    errno = ENAMETOOLONG;
    return failed(path, "written", error);
  }
  return 0;
}

static int begin_temp(struct out_file *file, struct error *error) {
  if (snprintf(file->temp, sizeof file->temp, "%s.XXXXXX", file->path) >= (int)sizeof file->temp) {
    errno = ENAMETOOLONG;
    return failed(file->path, "written", error);
  }
  int fd = mkostemp(file->temp, O_CLOEXEC);
  if (fd < 0) {
    file->temp[0] = '\0';
    return failed(file->path, "written", error);
  }
  file->stream = fdopen(fd, "w"); /* for its owner alone */
  if (file->stream != NULL) return 0;
  int result = failed(file->path, "written", error);
  (void)close(fd);
  (void)unlink(file->temp);
  return result;
}

int out_file_begin(struct out_file *file, const char *path, struct error *error) {
  struct stat status;
  *file = (struct out_file){.stream = NULL};
  if (path == NULL || strcmp(path, "-") == 0) {
    file->stream = stdout;
    return 0;
  }
  int result = resolve(path, file->path, error);
  if (result != 0) return result;
  bool there = stat(file->path, &status) == 0;
  if (there && S_ISDIR(status.st_mode))
    return error_set(error, ERR_IO, "%s is a directory: name a file", path);
  if (!there || S_ISREG(status.st_mode)) return begin_temp(file, error);
  file->stream = fopen(file->path, "we");
  return file->stream == NULL ? failed(path, "written", error) : 0;
}

int out_file_end(struct out_file *file, struct error *error) {
  bool named = file->temp[0] != '\0';
  const char *name = file->path[0] != '\0' ? file->path : "standard output";
  errno = 0;
  bool good = fflush(file->stream) == 0 && ferror(file->stream) == 0;
  if (good && named) good = fsync(fileno(file->stream)) == 0;
  if (!good && errno == EPIPE && !named) good = true; /* a reader that went away */
  int result = good ? 0 : failed(name, "written", error);
  if (file->stream != stdout && fclose(file->stream) != 0 && result == 0)
    result = failed(name, "written", error);
  if (result == 0 && named && rename(file->temp, file->path) != 0)
    result = failed(name, "put in its place", error);
  if (result != 0 && named) (void)unlink(file->temp);
  return result;
}

void out_file_drop(struct out_file *file) {
  if (file->stream != stdout) (void)fclose(file->stream);
  if (file->temp[0] != '\0') (void)unlink(file->temp);
}
