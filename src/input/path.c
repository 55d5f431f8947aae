#include "input/path.h"

#include <string.h>

/* Takes the last component off `out`, whose text is `length` long; false when it is `..` or when
 * there is none. `root` is 1 for an absolute path. */
static bool drop_last(const char *out, size_t *length, size_t root) {
  size_t start = *length;
  while (start > root && out[start - 1] != '/')
    start--;
  bool dots = *length - start == 2 && memcmp(out + start, "..", 2) == 0;
  if (*length == root || dots) return false;
  *length = start > root ? start - 1 : root;
  return true;
}

/* `out` may be `path` itself: it is never ahead of what is read. Room for two bytes at least. */
static void normalise(char *out, const char *path) {
  size_t root = *path == '/' ? 1 : 0, length = root;
  if (root == 1) out[0] = '/';
  for (const char *at = path; *at != '\0';) {
    size_t size = strcspn(at, "/");
    bool more = at[size] == '/';
    bool here = size == 0 || (size == 1 && *at == '.');
    bool up = size == 2 && memcmp(at, "..", 2) == 0;
    bool dropped = up && (drop_last(out, &length, root) || root == 1);
    if (!here && !dropped) {
      if (length > root) out[length++] = '/';
      memmove(out + length, at, size);
      length += size;
    }
    at += size + (more ? 1 : 0);
  }
  if (length == 0) out[length++] = '.';
  out[length] = '\0';
}

char *path_normalise(struct arena *arena, const char *path) {
  char *out = arena_alloc(arena, strlen(path) + 2);
  normalise(out, path);
  return out;
}

char *path_resolve(struct arena *arena, const char *directory, const char *path) {
  if (*path == '/') return path_normalise(arena, path);
  size_t directory_size = strlen(directory), path_size = strlen(path);
  char *joined = arena_alloc(arena, directory_size + path_size + 2);
  memcpy(joined, directory, directory_size);
  joined[directory_size] = '/';
  memcpy(joined + directory_size + 1, path, path_size + 1);
  normalise(joined, joined);
  return joined;
}

const char *path_below(const char *directory, const char *path) {
  size_t size = strlen(directory);
  if (size > 0 && directory[size - 1] == '/') size--;
  if (strncmp(directory, path, size) != 0 || path[size] != '/' || path[size + 1] == '\0')
    return NULL;
  return path + size + 1;
}

bool path_climbs(const char *normalised) {
  return strncmp(normalised, "..", 2) == 0 && (normalised[2] == '\0' || normalised[2] == '/');
}

const char *path_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

const char *path_extension(const char *path) {
  const char *name = path_name(path), *dot = strrchr(name, '.');
  return dot == NULL || dot == name ? name + strlen(name) : dot;
}
