#include "media/answer.h"

#include <stdio.h>
#include <string.h>

#include "media/container.h"
#include "nightshift/probe.h"
#include "util/text.h"

#define PIXELS_MAX 65536
#define LENGTH_MAX (INT64_C(10000) * HOUR_MS)

/* Copies the value of ` key=` within `line`; false when it is not there or too long. */
static bool field(const char *line, const char *key, char *value, size_t size) {
  const char *at = strstr(line, key);
  if (at == NULL) return false;
  at += strlen(key);
  size_t length = strcspn(at, " \n");
  if (length == 0 || length >= size) return false;
  memcpy(value, at, length);
  value[length] = '\0';
  return true;
}

static bool number(const char *line, const char *key, int64_t high, int64_t *value) {
  char digits[24];
  return field(line, key, digits, sizeof digits) && text_to_int64(digits, 0, high, value);
}

static bool read_facts(const char *line, struct clip *clip) {
  int64_t width, height, video, sound;
  if (!number(line, " length_ms=", LENGTH_MAX, &clip->length_ms) ||
      !number(line, " width=", PIXELS_MAX, &width) ||
      !number(line, " height=", PIXELS_MAX, &height) || !number(line, " video=", 1, &video) ||
      !number(line, " sound=", 1, &sound))
    return false;
  clip->width_px = (int32_t)width;
  clip->height_px = (int32_t)height;
  clip->has_video = video == 1;
  clip->has_sound = sound == 1;
  char format[64], brand[16];
  if (!field(line, " format=", format, sizeof format) ||
      !field(line, " brand=", brand, sizeof brand))
    return false;
  clip->content_type = container_content_type(format, brand, clip->path);
  return clip->content_type != NULL;
}

#define TAKEN "the service takes mp4, mov, 3gp, mkv, webm, flv, mpeg, ts, avi, mjpeg and ogg"

static void explain_container(const char *detail, char *fault, size_t size) {
  char format[64];
  size_t length = strcspn(detail, " \n");
  if (length == 0 || length >= sizeof format) {
    snprintf(fault, size, "is not a video: " TAKEN);
    return;
  }
  memcpy(format, detail, length);
  format[length] = '\0';
  snprintf(fault, size, "is not a video that the service takes (it looks like %s): " TAKEN, format);
}

static void explain(const char *reason, char *fault, size_t size) {
  static const struct {
    const char *word, *text;
  } reasons[] = {
      {PROBE_NO_HEADER, "cannot be read as a video, it is damaged: export it again"},
      {PROBE_NO_LENGTH, "has no length that can be read: export it again"},
      {PROBE_CUT, "is cut off, its end is missing: copy it again whole"},
      {PROBE_NO_MEMORY, "needs too much memory to be read, it may be damaged: export it again"},
  };
  size_t length = strcspn(reason, " \n");
  for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
    if (length != strlen(reasons[i].word) || strncmp(reason, reasons[i].word, length) != 0)
      continue;
    snprintf(fault, size, "%s", reasons[i].text);
    return;
  }
  if (length == strlen(PROBE_NO_CONTAINER) && text_starts_with(reason, PROBE_NO_CONTAINER))
    explain_container(reason + length + (reason[length] == ' '), fault, size);
  else
    snprintf(fault, size,
             "was answered for in words that nightshift does not know: install " PROBE_PROGRAM
             " of the same version");
}

void answer_read(const char *line, struct clip *clip, char *fault, size_t size) {
  if (text_starts_with(line, "no "))
    explain(line + 3, fault, size);
  else if (!text_starts_with(line, "ok ") || !read_facts(line, clip))
    explain("", fault, size);
}
