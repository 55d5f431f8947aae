/* The service's rules for a clip, in words that say what is wrong and what to do. */
#include <inttypes.h>
#include <stdio.h>

#include "nightshift/media.h"
#include "util/buffer.h"

#define WORDS_MAX ((size_t)512)

static void add(struct buffer *words, const char *reason) {
  if (words->length > 0) (void)buffer_text(words, "; "); /* room for all is certain */
  (void)buffer_text(words, reason);
}

static void judge_length(const struct clip *clip, struct buffer *words) {
  char reason[128];
  const char *remedy = clip->length_ms < CLIP_SHORTEST_MS ? "take a longer one" : "cut it";
  if (clip->length_ms >= CLIP_SHORTEST_MS - CLIP_GRACE_MS &&
      clip->length_ms <= CLIP_LONGEST_MS + CLIP_GRACE_MS)
    return;
  snprintf(reason, sizeof reason,
           "lasts %" PRId64 ".%02" PRId64 " s: the service takes %" PRId64 " to %" PRId64 " s; %s",
           clip->length_ms / SECOND_MS, clip->length_ms % SECOND_MS / 10,
           CLIP_SHORTEST_MS / SECOND_MS, CLIP_LONGEST_MS / SECOND_MS, remedy);
  add(words, reason);
}

const char *media_judge(const struct clip *clip, char *text, size_t size) {
  struct buffer words;
  buffer_init(&words, WORDS_MAX);
  if (!clip->has_video)
    add(&words,
        "has no picture: the service takes videos only; name the clip that this sound is of");
  if (!clip->has_sound)
    add(&words, "has no sound: there is no voice to swap; export it with its sound");
  if (clip->length_ms <= 0)
    add(&words, "has no length that can be read: export it again");
  else
    judge_length(clip, &words);
  bool good = words.length == 0;
  if (!good) snprintf(text, size, "%s", buffer_string(&words));
  buffer_release(&words);
  return good ? NULL : text;
}
