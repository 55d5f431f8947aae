/* What the helper program says of a clip: the clip's path on the first line, the answer after it.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "media/answer.h"
#include "media/container.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_bytes bytes = {data, size};
  struct clip clip = {0};
  char fault[300] = "", again[300] = "";
  char *path = fuzz_line(&bytes);
  char *line = fuzz_line(&bytes);
  clip.path = path;
  answer_read(line, &clip, fault, sizeof fault);
  CHECK(memchr(fault, '\0', sizeof fault) != NULL);
  if (fault[0] == '\0') {
    CHECK(clip.content_type != NULL && clip.length_ms >= 0);
    CHECK(clip.width_px >= 0 && clip.height_px >= 0);
  }
  answer_read(line, &clip, again, sizeof again);
  CHECK(strcmp(fault, again) == 0);
  (void)container_content_type(line, path, path);
  free(line);
  free(path);
  return 0;
}

static void no_end(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "a.mp4\nok ", " length_ms=", "1\n");
}
static void long_reason(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "a.mp4\nno container ", "x", "\n");
}

const struct fuzz_worst fuzz_worst[] = {
    {"one key again and again", no_end}, {"a long reason", long_reason}, {NULL, NULL}};
