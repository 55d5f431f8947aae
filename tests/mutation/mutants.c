/* The mutants of C files: each a small change that a test should notice.
 *   mutants FILE...            one a line: FILE OFFSET LENGTH KIND LINE<tab>REPLACEMENT
 *
 * Sources are as clang-format leaves them, so that blanks tell a binary operator from a sign or a
 * pointer. Comments, texts, preprocessor lines, assertions and log lines are left alone. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
  const char *from, *to, *kind;
} operators[] = {
    {" == ", " != ", "relation"},   {" != ", " == ", "relation"},   {" < ", " <= ", "relation"},
    {" <= ", " < ", "relation"},    {" > ", " >= ", "relation"},    {" >= ", " > ", "relation"},
    {" + ", " - ", "arithmetic"},   {" - ", " + ", "arithmetic"},   {" * ", " / ", "arithmetic"},
    {" / ", " * ", "arithmetic"},   {" && ", " || ", "logic"},      {" || ", " && ", "logic"},
    {" += ", " -= ", "assignment"}, {" -= ", " += ", "assignment"}, {"++", "--", "assignment"},
    {"--", "++", "assignment"},     {" |= ", " &= ", "assignment"}, {"true", "false", "constant"},
    {"false", "true", "constant"}};

struct file {
  const char *path;
  char *text; /* as it is */
  char *code; /* the same with what is left alone made blank */
  size_t size;
};

static void read_whole(struct file *file) {
  FILE *stream = fopen(file->path, "rb");
  if (stream == NULL) {
    perror(file->path);
    exit(2);
  }
  file->text = calloc(1, 1 << 20);
  file->code = calloc(1, 1 << 20);
  if (file->text == NULL || file->code == NULL) exit(2);
  file->size = fread(file->text, 1, (1 << 20) - 1, stream);
  memcpy(file->code, file->text, file->size);
  if (fclose(stream) != 0) exit(2);
}

/* ---- what is left alone ---- */

static size_t blank(struct file *file, size_t from, size_t to) {
  for (size_t i = from; i < to; i++)
    if (file->code[i] != '\n') file->code[i] = ' ';
  return to;
}

static size_t end_of_quote(const struct file *file, size_t at) {
  char quote = file->text[at++];
  while (at < file->size && file->text[at] != quote)
    at += file->text[at] == '\\' ? 2 : 1;
  return at + 1;
}

static void blank_texts(struct file *file) {
  for (size_t at = 0; at < file->size;) {
    const char *here = file->text + at;
    if (strncmp(here, "/*", 2) == 0) {
      const char *end = strstr(here, "*/");
      at = blank(file, at, end == NULL ? file->size : (size_t)(end - file->text) + 2);
    } else if (*here == '"' || *here == '\'') {
      at = blank(file, at, end_of_quote(file, at));
    } else {
      at++;
    }
  }
}

/* The statement that begins at `at`, to its semicolon. */
static size_t end_of_statement(const struct file *file, size_t at) {
  while (at < file->size && file->code[at] != ';')
    at++;
  return at;
}

static bool begins_with_any(const char *text, const char *const *words) {
  for (; *words != NULL; words++)
    if (strncmp(text, *words, strlen(*words)) == 0) return true;
  return false;
}

static void blank_lines(struct file *file) {
  static const char *const alone[] = {
      "CHECK", "log_", "struct log_line", "job_log(", "account_log(", "_Static_assert", NULL};
  for (size_t at = 0; at < file->size;) {
    size_t start = at + strspn(file->code + at, " ");
    size_t end = at + strcspn(file->code + at, "\n");
    if (file->code[start] == '#') { /* with its continued lines */
      while (end < file->size && end > 0 && file->text[end - 1] == '\\')
        end = end + 1 + strcspn(file->code + end + 1, "\n");
      blank(file, at, end);
    } else if (begins_with_any(file->code + start, alone)) {
      end = end_of_statement(file, start);
      blank(file, at, end);
      end += strcspn(file->code + end, "\n");
    }
    at = end + 1;
  }
}

/* ---- mutants ---- */

static int line_of(const struct file *file, size_t offset) {
  int line = 1;
  for (size_t i = 0; i < offset; i++)
    line += file->text[i] == '\n';
  return line;
}

static void print(const struct file *file, size_t offset, size_t length, const char *kind,
                  const char *to, int to_length) {
  printf("%s %zu %zu %s %d\t%.*s\n", file->path, offset, length, kind, line_of(file, offset),
         to_length, to);
}

static bool is_word(char c) {
  return isalnum((unsigned char)c) || c == '_';
}

static void find_operators(const struct file *file) {
  for (size_t at = 1; at < file->size; at++)
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
      size_t length = strlen(operators[i].from);
      if (strncmp(file->code + at, operators[i].from, length) != 0) continue;
      bool word = isalpha((unsigned char)operators[i].from[0]) != 0;
      if (word && (is_word(file->code[at - 1]) || is_word(file->code[at + length]))) continue;
      print(file, at, length, operators[i].kind, operators[i].to, 80);
    }
}

static void find_numbers(const struct file *file) {
  char text[32];
  for (size_t at = 1; at < file->size; at++) {
    if (!isdigit((unsigned char)file->code[at]) || is_word(file->code[at - 1]) ||
        file->code[at - 1] == '.')
      continue;
    size_t length = strspn(file->code + at, "0123456789");
    char next = file->code[at + length];
    if (is_word(next) || next == '.' || length > 9) continue;
    snprintf(text, sizeof text, "%ld", atol(file->code + at) + 1);
    print(file, at, length, "constant", text, 80);
    at += length;
  }
}

/* The place after the parenthesis that closes the one at `at`. */
static size_t after_closing(const struct file *file, size_t at) {
  int depth = 0;
  for (; at < file->size; at++) {
    if (file->code[at] == '(') depth++;
    if (file->code[at] == ')' && --depth == 0) return at + 1;
  }
  return at;
}

static void find_conditions(const struct file *file) {
  for (size_t at = 0; at + 4 < file->size; at++) {
    if (strncmp(file->code + at, "if (", 4) != 0 || (at > 0 && is_word(file->code[at - 1])))
      continue;
    size_t open = at + 3, length = after_closing(file, open) - open;
    char *to = malloc(length + 8);
    if (to == NULL) exit(2);
    int to_length = sprintf(to, "(!%.*s)", (int)length, file->text + open);
    for (int i = 0; i < to_length; i++)
      if (to[i] == '\n') to[i] = ' ';
    print(file, open, length, "negation", to, to_length);
    free(to);
  }
}

/* Calls and assignments within functions that stand alone. */
static void find_statements(const struct file *file) {
  static const char *const not_these[] = {"return ", "case ",   "const ",      "struct ",   "enum ",
                                          "static ", "int",     "bool ",       "size_t ",   "char ",
                                          "double ", "time_ms", "duration_ms", "uint",      "for ",
                                          "if ",     "while ",  "else",        "switch ",   "do ",
                                          "default", "break",   "goto ",       "unsigned ", NULL};
  for (size_t at = 0; at < file->size; at += strcspn(file->code + at, "\n") + 1) {
    size_t start = at + strspn(file->code + at, " ");
    if (start == at || !islower((unsigned char)file->code[start])) continue;
    if (begins_with_any(file->code + start, not_these)) continue;
    size_t end = end_of_statement(file, start);
    size_t brace = start + strcspn(file->code + start, "{}");
    if (end >= file->size || brace < end) continue;
    size_t word = start + strspn(file->code + start, "abcdefghijklmnopqrstuvwxyz_0123456789");
    if (strchr("(-.[ ;", file->code[word]) == NULL) continue;
    if (file->code[word] == ' ' && strchr("=+-|&", file->code[word + 1]) == NULL) continue;
    print(file, start, end + 1 - start, "removal", ";", 1);
  }
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    struct file file = {.path = argv[i]};
    read_whole(&file);
    blank_texts(&file);
    blank_lines(&file);
    find_operators(&file);
    find_numbers(&file);
    find_conditions(&file);
    find_statements(&file);
    free(file.text);
    free(file.code);
  }
  return 0;
}
