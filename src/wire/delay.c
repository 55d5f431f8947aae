#include "wire/delay.h"

#include <stdio.h>
#include <string.h>

#include "util/text.h"
#include "wire/json.h"

/* "Sun, 06 Nov 1994 08:49:37 GMT", the one form of dates that HTTP sends (RFC 9110, 5.6.7): each
 * part has its place, and text_to_time looks at the digits. */
static bool read_http_date(const char *text, time_ms *time) {
  static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char iso[40];
  if (text == NULL || strlen(text) != 29 || strncmp(text + 3, ", ", 2) != 0 ||
      strcmp(text + 25, " GMT") != 0)
    return false;
  for (int i = 0; i < 12; i++) {
    if (strncmp(text + 8, months[i], 3) != 0) continue;
    snprintf(iso, sizeof iso, "%.4s-%02d-%.2sT%.8sZ", text + 12, i + 1, text + 5, text + 17);
    return text_to_time(iso, time);
  }
  return false;
}

static duration_ms clamped(double delay) {
  return delay < 0 ? 0 : delay > (double)DELAY_LONGEST_MS ? DELAY_LONGEST_MS : (duration_ms)delay;
}

static duration_ms until(time_ms then, const struct wire_reply *reply, time_ms now) {
  time_ms there = now;
  (void)read_http_date(reply->date, &there); /* unreadable: our own clock has to do */
  return clamped((double)then - (double)there);
}

static duration_ms from_header(const struct wire_reply *reply, time_ms now) {
  double seconds;
  time_ms then;
  if (text_to_double(reply->retry_after, &seconds))
    return seconds < 0 ? -1 : clamped(seconds * 1e3);
  return read_http_date(reply->retry_after, &then) ? until(then, reply, now) : -1;
}

static duration_ms from_body(const struct wire_reply *reply, const struct cJSON *root,
                             time_ms now) {
  const struct cJSON *wish = json_member(root, "retryAfter");
  if (wish == NULL) wish = json_member(json_member(root, "error"), "retryAfter");
  double seconds;
  time_ms then;
  if (text_to_time(json_string(wish), &then)) return until(then, reply, now);
  return json_read_number(wish, &seconds) && seconds >= 0 ? clamped(seconds * 1e3) : -1;
}

duration_ms delay_read(const struct wire_reply *reply, const struct cJSON *root, time_ms now) {
  duration_ms delay = from_header(reply, now);
  return delay >= 0 ? delay : from_body(reply, root, now);
}
