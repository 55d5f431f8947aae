/* Headers of a reply, a line each: Retry-After, Date, Content-Type; then the body of a 429. However
 * wrong a date is, nobody waits longer than the limit. Then the same texts as times and durations.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "nightshift/wire.h"
#include "util/text.h"
#include "wire/delay.h"

static void check_delay(char *const lines[3], const char *body, size_t length, time_ms now) {
  struct arena arena;
  struct answer answer;
  struct call call = {.kind = CALL_SUBMIT, .email = "one@example.com"};
  struct wire_reply reply = {.transport = WIRE_REPLIED,
                             .status = 429,
                             .retry_after = lines[0],
                             .date = lines[1],
                             .content_type = lines[2],
                             .body = body,
                             .body_bytes = length};
  arena_init(&arena);
  wire_decode(&call, &reply, now, &arena, &answer);
  CHECK(answer.outcome.refused);
  CHECK(answer.outcome.retry_after_ms >= -1);
  CHECK(answer.outcome.retry_after_ms <= DELAY_LONGEST_MS);
  CHECK(fuzz_is_harmless(answer.outcome.text, strlen(answer.outcome.text), false));
  arena_release(&arena);
}

/* What is read is what is written, and the other way round. */
static void check_text(const char *text) {
  int64_t time, again;
  char written[64];
  if (text_to_time(text, &time)) {
    text_from_time(time, written, sizeof written);
    CHECK(text_to_time(written, &again) && again == time);
  }
  if (text_to_duration(text, &time)) {
    CHECK(time >= 0);
    text_from_duration(time, written, sizeof written);
    CHECK(written[0] != '\0');
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_bytes bytes = {data, size};
  int64_t now = fuzz_number(&bytes);
  char *lines[3];
  size_t length;
  for (int i = 0; i < 3; i++)
    lines[i] = fuzz_line(&bytes);
  char *body = fuzz_rest(&bytes, &length);
  if (now > 0 && now < INT64_C(253402300800000)) check_delay(lines, body, length, now);
  check_delay(lines, body, length, 1767225600000);
  check_text(lines[0]);
  check_text(lines[1]);
  for (int i = 0; i < 3; i++)
    free(lines[i]);
  free(body);
  return 0;
}

static void digits(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "1", "9", "\n");
}
static void date(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "1Sun, 06 Nov 1994 08:49:37 ", "G", "MT\n");
}

const struct fuzz_worst fuzz_worst[] = {{"digits", digits}, {"a long date", date}, {NULL, NULL}};
