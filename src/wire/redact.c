/* Takes secrets out of texts that came from outside, and makes such texts fit to be shown: one
 * line, valid UTF-8, no control characters.
 *
 * A secret is known by its look: what follows "Bearer", a token "user:<n>-<secret>", a JWT, the
 * value of a word like "password", the query of a URL (signed links) and the name and password
 * before its host. Ids ("user:<n>-runwayml:…") look like tokens and stay: they are needed. */
#include "wire/redact.h"

#include <stdlib.h>
#include <string.h>

#include "nightshift/wire.h"
#include "util/check.h"
#include "util/utf8.h"
#include "wire/words.h"

#define ELLIPSIS "\xe2\x80\xa6" /* U+2026 */

/* The secret that begins within a match: `keep` bytes stay, the next `drop` go. */
struct match {
  size_t keep, drop;
};

static size_t token_length(const char *text) {
  return strcspn(text, " \t\r\n\"'`,;<>(){}[]&|\\");
}

static size_t base64_length(const char *text) {
  size_t length = 0;
  while (words_is_letter_or_digit(text[length]) ||
         (text[length] != '\0' && strchr("-_.=+/~", text[length]) != NULL))
    length++;
  return length;
}

static struct match match_bearer(const char *at) {
  if (!words_start(at, "bearer")) return (struct match){0};
  size_t gap = strspn(at + 6, " \t:");
  if (gap == 0 && words_start(at + 6, "%20")) gap = 3;
  if (gap == 0) return (struct match){0};
  return (struct match){6 + gap, token_length(at + 6 + gap)};
}

/* "user:123-secret", also percent-encoded; but not the ids of assets and tasks. */
static struct match match_user_token(const char *at) {
  size_t length = words_start(at, "user:") ? 5 : words_start(at, "user%3a") ? 7 : 0;
  if (length == 0) return (struct match){0};
  size_t digits = strspn(at + length, "0123456789");
  const char *secret = at + length + digits + 1;
  if (digits == 0 || secret[-1] != '-') return (struct match){0};
  if (words_start(secret, "runwayml:") || words_start(secret, "runwayml%3a"))
    return (struct match){0};
  return (struct match){length, digits + 1 + base64_length(secret)};
}

/* The header of a JWT is base64 of `{"`: it begins with eyJ. */
static struct match match_jwt(const char *at) {
  if (strncmp(at, "eyJ", 3) != 0) return (struct match){0};
  size_t length = base64_length(at);
  return length >= 8 ? (struct match){0, length} : (struct match){0};
}

/* `password: x`, `"jwt":"x"`, `secret=x`. After "token" an ordinary word may follow ("token:
 * expired"), so there the value has to be long. The value ends with its quote, else with the word;
 * headers go on to the end of the text. */
static struct match match_named(const char *at) {
  static const struct {
    const char *word, *stops;
    size_t least;
  } names[] = {{"authorization", "", 1},        {"cookie", "", 1},
               {"password", " \t\r\n,;&}", 1},  {"passwd", " \t\r\n,;&}", 1},
               {"pwd", " \t\r\n,;&}", 1},       {"secret", " \t\r\n,;&}", 1},
               {"jwt", " \t\r\n,;&}", 1},       {"api_key", " \t\r\n,;&}", 1},
               {"apikey", " \t\r\n,;&}", 1},    {"api-key", " \t\r\n,;&}", 1},
               {"signature", " \t\r\n,;&}", 1}, {"credential", " \t\r\n,;&}", 1},
               {"token", " \t\r\n,;&}", 12}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (!words_start(at, names[i].word)) continue;
    size_t length = strlen(names[i].word);
    length += strspn(at + length, "\"'\\ ");
    if (at[length] != ':' && at[length] != '=') return (struct match){0};
    length += strspn(at + length, ":= \t");
    size_t open = strspn(at + length, "\"'\\");
    length += open;
    const char quote[2] = {at[length - 1], '\0'};
    size_t drop = strcspn(at + length, open > 0 ? quote : names[i].stops);
    if (drop >= names[i].least) return (struct match){length, drop};
  }
  return (struct match){0};
}

/* "://name:password@host" */
static struct match match_user_info(const char *at) {
  if (strncmp(at, "://", 3) != 0) return (struct match){0};
  size_t length = strcspn(at + 3, "/?# \t\r\n\"'<>@");
  return at[3 + length] == '@' ? (struct match){3, length} : (struct match){0};
}

/* Whether a matcher may find something here, by two letters: nearly all places of a text are none.
 * A word for a matcher above needs its beginning here; what is let through in vain costs time only.
 */
static bool may_match(const char *at) {
  static const char seconds[256][2] = {
      ['a'] = "up", ['b'] = "e",  ['c'] = "or", ['e'] = "y", ['j'] = "w",
      ['p'] = "aw", ['s'] = "ei", ['t'] = "o",  ['u'] = "s", [':'] = "/"};
  const char *second = seconds[(unsigned char)at[0] | 0x20];
  char next = (char)(at[1] | 0x20); /* never '\0' */
  return next == second[0] || next == second[1];
}

static struct match match_at(const char *at, bool in_url) {
  struct match (*const matchers[])(const char *) = {match_bearer, match_user_token, match_jwt,
                                                    match_named, match_user_info};
  if (in_url && (*at == '?' || *at == '#'))
    return (struct match){1, strcspn(at + 1, " \t\r\n\"'<>")};
  if (!may_match(at)) return (struct match){0};
  for (size_t i = 0; i < sizeof matchers / sizeof matchers[0]; i++) {
    struct match match = matchers[i](at);
    if (match.drop > 0) return match;
  }
  return (struct match){0};
}

/* Never longer than what it stands for, so that the text can be changed in place. */
static size_t write_ellipsis(char *to, size_t room) {
  if (room < strlen(ELLIPSIS)) {
    memset(to, '*', room);
    return room;
  }
  memcpy(to, ELLIPSIS, strlen(ELLIPSIS));
  return strlen(ELLIPSIS);
}

void wire_redact(char *text) {
  char *to = text;
  bool in_url = false;
  for (const char *at = text; *at != '\0';) {
    if (*at == ':' && strncmp(at, "://", 3) == 0) in_url = true;
    if (in_url && strchr(" \t\r\n\"'<>", *at) != NULL) in_url = false;
    struct match match = match_at(at, in_url);
    if (match.drop == 0) {
      *to++ = *at++;
      continue;
    }
    memmove(to, at, match.keep);
    to += match.keep;
    at += match.keep + match.drop;
    to += write_ellipsis(to, match.drop);
  }
  *to = '\0';
}

/* Signs that would act on a terminal or end the line become spaces, broken bytes "?". */
static void make_printable(char *text) {
  for (char *at = text; *at != '\0';) {
    uint32_t code;
    size_t length = utf8_next(at, strnlen(at, 4), &code);
    if (code == UTF8_BROKEN && length == 1)
      *at = '?';
    else if (utf8_is_control(code))
      memset(at, ' ', length);
    at += length;
  }
}

void redact_line(const char *raw, char *line, size_t size) {
  CHECK(size > 0);
  line[0] = '\0';
  if (raw == NULL) return;
  /* The whole text is redacted before it is cut: half a secret no longer looks like one. */
  char *copy = strdup(raw);
  CHECK(copy != NULL && "out of memory");
  make_printable(copy);
  wire_redact(copy);
  const char *start = copy + strspn(copy, " ");
  size_t length = strlen(start);
  if (length >= size) length = size - 1;
  while (length > 0 && ((unsigned char)start[length] & 0xc0) == 0x80)
    length--;
  while (length > 0 && start[length - 1] == ' ')
    length--;
  memcpy(line, start, length);
  line[length] = '\0';
  free(copy);
}
