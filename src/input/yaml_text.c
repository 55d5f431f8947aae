/* The file as lines: which bytes may be there, where lines begin, which of them could show a
 * secret. What the lines mean is yaml.c's business. */
#include "input/yaml_text.h"

#include <ctype.h>
#include <string.h>

#include "util/text.h"
#include "util/utf8.h"

/* Bytes of the line break at `at`, 0: there is none. As libyaml counts lines, so do we: CR, LF,
 * CRLF, and YAML 1.1's NEL, LS and PS. */
static size_t break_length(const char *at, size_t left) {
  if (*at == '\r') return left > 1 && at[1] == '\n' ? 2 : 1;
  if (*at == '\n') return 1;
  if (left > 1 && memcmp(at, "\xc2\x85", 2) == 0) return 2;
  if (left > 2 && (memcmp(at, "\xe2\x80\xa8", 3) == 0 || memcmp(at, "\xe2\x80\xa9", 3) == 0))
    return 3;
  return 0;
}

static bool could_break(char byte) {
  return byte == '\n' || byte == '\r' || byte == '\xc2' || byte == '\xe2';
}

static size_t count_lines(const char *bytes, size_t size) {
  size_t count = 1;
  for (size_t at = 0; at < size;) {
    size_t length = could_break(bytes[at]) ? break_length(bytes + at, size - at) : 0;
    if (length > 0) count++;
    at += length > 0 ? length : 1;
  }
  return count;
}

static void split_lines(struct yaml_document *document) {
  char *text = document->text;
  size_t size = document->text_size, line = 1;
  document->line_count = count_lines(text, size);
  uint32_t *lines = ARENA_NEW_ARRAY(document->arena, document->line_count, uint32_t);
  for (size_t at = 0; at < size;) {
    size_t length = could_break(text[at]) ? break_length(text + at, size - at) : 0;
    if (length > 0) {
      memset(text + at, 0, length);
      lines[line++] = (uint32_t)(at + length);
    }
    at += length > 0 ? length : 1;
  }
  document->lines = lines;
}

const char *yaml_text_line(const struct yaml_document *document, size_t line) {
  if (line < 1 || line > document->line_count) return "";
  return document->text + document->lines[line - 1];
}

const char *yaml_text_at(const struct yaml_document *document, size_t line, size_t column) {
  const char *at = yaml_text_line(document, line);
  for (size_t left = strlen(at); column > 1 && left > 0; column--) {
    uint32_t code;
    size_t length = utf8_next(at, left, &code);
    at += length;
    left -= length;
  }
  return at;
}

void yaml_tell(const struct yaml_document *document, size_t line, size_t column, const char *format,
               ...) {
  va_list arguments;
  va_start(arguments, format);
  int32_t at_line = (int32_t)line;
  diag_add(document->diags, false, document->shown, at_line, (int32_t)column,
           yaml_line(document, at_line), format, arguments);
  va_end(arguments);
}

/* ---- bytes that may not be there ---- */

static bool is_refused(uint32_t code) {
  if (code == '\t') return false;
  return code < 0x20 || code == 0x7f || (code > 0x7f && code < 0xa0 && code != 0x85) ||
         code == 0xfeff || code == 0xfffe || code == 0xffff;
}

static void tell_byte(const struct yaml_document *document, size_t line, size_t column,
                      unsigned char byte, uint32_t code, bool broken) {
  if (broken)
    yaml_tell(document, line, column, "byte 0x%02x is not valid UTF-8: save the file as UTF-8 text",
              byte);
  else if (code == 0)
    yaml_tell(document, line, column, "a NUL byte: this is not a text file");
  else
    yaml_tell(document, line, column, "the control character U+%04X is not allowed",
              (unsigned)code);
}

/* `bytes` is the file as it came: the copy has lost its line ends. */
static bool check_bytes(const struct yaml_document *document, const char *bytes) {
  size_t size = document->text_size;
  for (size_t at = 0, line = 1, column = 1; at < size; column++) {
    uint32_t code;
    size_t length = could_break(bytes[at]) ? break_length(bytes + at, size - at) : 0;
    if (length > 0) {
      at += length;
      line++;
      column = 0;
      continue;
    }
    length = utf8_next(bytes + at, size - at, &code);
    bool broken = code == UTF8_BROKEN && length == 1;
    if (broken || is_refused(code)) {
      tell_byte(document, line, column, (unsigned char)bytes[at], code, broken);
      return false;
    }
    at += length;
  }
  return true;
}

/* libyaml takes time quadratic in the number of %TAG lines, and nobody needs them. */
static bool check_directives(const struct yaml_document *document) {
  for (size_t line = 1; line <= document->line_count; line++) {
    const char *text = yaml_text_line(document, line);
    if (*text == '%') {
      yaml_tell(document, line, 1,
                "directives are not read here: remove this line, or put a value that begins "
                "with %% in quotes");
      return false;
    }
    text += strspn(text, " \t");
    if (*text != '\0' && *text != '#') return true;
  }
  return true;
}

/* ---- secrets ---- */

/* "user:" and a digit: the beginning of a token, wherever it stands. */
static bool has_token(const char *text) {
  for (const char *at = text; (at = strcasestr(at, "user:")) != NULL; at += 5)
    if (at[5] >= '0' && at[5] <= '9') return true;
  return false;
}

static bool has_login(const char *text) {
  const char *host = strstr(text, "://");
  return host != NULL && strchr(host, '@') != NULL;
}

bool yaml_text_is_secret(const char *text) {
  static const char *const words[] = {"password", "passwd", "secret", "bearer", "authorization"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (strcasestr(text, words[i]) != NULL) return true;
  return has_token(text) || has_login(text);
}

static bool is_key_end(const char *text) {
  return text[strspn(text, " \t\"'")] == ':';
}

/* `token`, or nearly so: a slip of the hand must not show one. A key may be further off. */
static bool is_like_token(const char *word, size_t size) {
  char lower[12];
  if (size < 3 || size >= sizeof lower) return false;
  for (size_t i = 0; i < size; i++)
    lower[i] = (char)tolower((unsigned char)word[i]);
  lower[size] = '\0';
  return text_distance(lower, "token") <= (is_key_end(word + size) ? 2 : 1);
}

static bool is_letter(char c) {
  return isalpha((unsigned char)c) || c == '_';
}

static bool names_token(const char *text) {
  const char *start = text + strspn(text, " -"), *colon = strchr(start, ':');
  if (text_starts_with(start, "token_file:") && strchr(colon + 1, ':') == NULL) return false;
  for (const char *at = start; *at != '\0';) {
    size_t size = 0;
    while (is_letter(at[size]))
      size++;
    if (is_like_token(at, size)) return true;
    at += size > 0 ? size : 1;
  }
  return false;
}

/* A value may go on below its key: deeper, or as deep when the key's line ends before it. */
static bool goes_on(const char *text) {
  size_t length = strlen(text);
  while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
    length--;
  return length > 0 && strchr(":|>-+{[,", text[length - 1]) != NULL;
}

static const bool *find_hidden(const struct yaml_document *document) {
  bool *hidden = ARENA_NEW_ARRAY(document->arena, document->line_count, bool);
  size_t key_indent = SIZE_MAX;
  bool next_too = false;
  for (size_t i = 0; i < document->line_count; i++) {
    const char *text = yaml_text_line(document, i + 1);
    size_t indent = strspn(text, " -");
    if (text[indent] == '\0') {
      hidden[i] = key_indent != SIZE_MAX;
      continue;
    }
    bool key = names_token(text);
    bool below = next_too || (key_indent != SIZE_MAX && indent > key_indent);
    hidden[i] = key || below || yaml_text_is_secret(text);
    if (!below || key) key_indent = key ? indent : SIZE_MAX;
    next_too = key && goes_on(text);
  }
  return hidden;
}

bool yaml_text_prepare(struct yaml_document *document, const char *bytes, size_t size, bool secrets,
                       size_t *start) {
  *start = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  document->text = arena_bytes(document->arena, bytes + *start, size - *start);
  document->text_size = size - *start;
  split_lines(document);
  if (secrets) document->hidden = find_hidden(document);
  return check_bytes(document, bytes + *start) && check_directives(document);
}
