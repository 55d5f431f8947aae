#include "media/container.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "util/text.h"

static bool path_ends(const char *path, const char *ending) {
  size_t length = strlen(path), size = strlen(ending);
  return length >= size && strcasecmp(path + length - size, ending) == 0;
}

static const char *type_of_mp4(const char *brand, const char *path) {
  if (text_starts_with(brand, "qt")) return "video/quicktime";
  if (text_starts_with(brand, "3g")) return "video/3gpp";
  if (strcmp(brand, "-") == 0 && path_ends(path, ".mov")) return "video/quicktime";
  return "video/mp4";
}

const char *container_content_type(const char *format, const char *brand, const char *path) {
  static const struct {
    const char *format, *type;
  } types[] = {
      {"flv", "video/x-flv"},     {"mpeg", "video/mpeg"}, {"mpegts", "video/MP2T"},
      {"avi", "video/x-msvideo"}, {"ogg", "video/ogg"},   {"mjpeg", "video/x-motion-jpeg"},
  };
  if (text_starts_with(format, "mov,mp4")) return type_of_mp4(brand, path);
  if (text_starts_with(format, "matroska"))
    return path_ends(path, ".webm") ? "video/webm" : "video/x-matroska";
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    if (strcmp(format, types[i].format) == 0) return types[i].type;
  return NULL;
}
