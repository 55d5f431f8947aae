/* Collecting mistakes and printing them with the line and a caret. Where a mistake is comes from
 * the readers; here is only how it looks. */
#include "nightshift/diag.h"

#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/check.h"
#include "util/utf8.h"

#define KEPT_MOST    200
#define MESSAGE_MOST 2000  /* bytes of one message */
#define SHOWN_MOST   100   /* code points of a source line */
#define SHOWN_BEFORE 60    /* of them before the caret, when the line is longer */
#define COLUMN_MOST  10000 /* a caret further right is not drawn, and its line not kept */

struct diag_list {
  struct diag items[KEPT_MOST];
  size_t count, errors, warnings;
  struct arena arena;
};

struct diag_list *diag_new(void) {
  struct diag_list *list = calloc(1, sizeof *list);
  CHECK(list != NULL && "out of memory");
  arena_init(&list->arena);
  return list;
}

void diag_free(struct diag_list *list) {
  if (list == NULL) return;
  arena_release(&list->arena);
  free(list);
}

/* The place in bytes of the code point `count` steps on. */
static size_t skip(const char *text, size_t size, size_t count) {
  size_t at = 0;
  for (; at < size && count > 0; count--) {
    uint32_t code;
    at += utf8_next(text + at, size - at, &code);
  }
  return at;
}

/* Room for one more: an error takes the place of the last warning when there is none left. */
static bool make_room(struct diag_list *list, bool warning) {
  if (list->count < KEPT_MOST) return true;
  if (warning) return false;
  for (size_t i = list->count; i-- > 0;) {
    if (!list->items[i].warning) continue;
    memmove(&list->items[i], &list->items[i + 1], (list->count - i - 1) * sizeof list->items[0]);
    list->count--;
    return true;
  }
  return false;
}

/* As much of the line as can be shown: a line may be as long as its file. */
static const char *keep_source(struct diag_list *list, const char *source, int32_t column) {
  if (source == NULL || column > COLUMN_MOST) return NULL;
  size_t most = (size_t)(column > 0 ? column : 0) + SHOWN_MOST + 1;
  return arena_bytes(&list->arena, source, skip(source, strnlen(source, most * 4), most));
}

void diag_add(struct diag_list *list, bool warning, const char *file, int32_t line, int32_t column,
              const char *source, const char *format, va_list arguments) {
  char message[MESSAGE_MOST];
  if (warning)
    list->warnings++;
  else
    list->errors++;
  if (!make_room(list, warning)) return;
  vsnprintf(message, sizeof message, format, arguments);
  list->items[list->count++] = (struct diag){.file = arena_string(&list->arena, file),
                                             .line = line,
                                             .column = column,
                                             .warning = warning,
                                             .message = arena_string(&list->arena, message),
                                             .source = keep_source(list, source, column)};
}

void diag_error(struct diag_list *list, const char *file, int32_t line, int32_t column,
                const char *source, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  diag_add(list, false, file, line, column, source, format, arguments);
  va_end(arguments);
}

void diag_warning(struct diag_list *list, const char *file, int32_t line, int32_t column,
                  const char *source, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  diag_add(list, true, file, line, column, source, format, arguments);
  va_end(arguments);
}

size_t diag_error_count(const struct diag_list *list) {
  return list->errors;
}

size_t diag_warning_count(const struct diag_list *list) {
  return list->warnings;
}

size_t diag_count(const struct diag_list *list) {
  return list->count;
}

const struct diag *diag_at(const struct diag_list *list, size_t index) {
  CHECK(index < list->count);
  return &list->items[index];
}

/* ---- printing ---- */

/* Prints up to `most` code points. What could move the cursor or turn the text around becomes
 * U+FFFD; a tab stays where `tabs` says so. */
static void print_clean(FILE *stream, const char *text, size_t size, size_t most, bool tabs) {
  for (size_t at = 0, shown = 0; at < size && shown < most; shown++) {
    uint32_t code;
    size_t length = utf8_next(text + at, size - at, &code);
    bool harmless = (tabs && code == '\t') || (code != UTF8_BROKEN && !utf8_is_control(code));
    if (harmless)
      fwrite(text + at, 1, length, stream);
    else
      fputs("\xef\xbf\xbd", stream);
    at += length;
  }
}

/* Blanks as wide as the text, its tabs kept. */
static void print_blank(FILE *stream, const char *text, size_t size) {
  for (size_t at = 0; at < size;) {
    uint32_t code;
    at += utf8_next(text + at, size - at, &code);
    if (code == '\t')
      fputc('\t', stream);
    else
      fprintf(stream, "%*s", utf8_width(code), "");
  }
}

/* Of an over-long line only the part around the caret is shown. */
static void print_source(FILE *stream, const char *line, int32_t column) {
  size_t size = strlen(line), caret = column > 0 ? (size_t)column - 1 : 0;
  bool long_line = skip(line, size, SHOWN_MOST) < size;
  size_t first = long_line && caret > SHOWN_BEFORE ? caret - SHOWN_BEFORE : 0;
  size_t start = skip(line, size, first);
  const char *window = line + start;
  size_t left = size - start;
  bool cut = skip(window, left, SHOWN_MOST) < left;
  fprintf(stream, "    %s", first > 0 ? "…" : "");
  print_clean(stream, window, left, SHOWN_MOST, true);
  fputs(cut ? "…\n" : "\n", stream);
  if (column <= 0) return;
  fprintf(stream, "    %s", first > 0 ? " " : "");
  print_blank(stream, window, skip(window, left, caret - first));
  fputs("^\n", stream);
}

static void print_one(FILE *stream, const struct diag *diag) {
  print_clean(stream, diag->file, strlen(diag->file), MESSAGE_MOST, false);
  if (diag->line > 0) fprintf(stream, ":%d", (int)diag->line);
  if (diag->line > 0 && diag->column > 0) fprintf(stream, ":%d", (int)diag->column);
  fputs(diag->warning ? ": warning: " : ": ", stream);
  print_clean(stream, diag->message, strlen(diag->message), MESSAGE_MOST, false);
  fputc('\n', stream);
  if (diag->line > 0 && diag->source != NULL) print_source(stream, diag->source, diag->column);
}

/* Number of the first diag that names the same file. */
static size_t file_rank(const struct diag_list *list, const struct diag *diag) {
  size_t rank = 0;
  while (strcmp(list->items[rank].file, diag->file) != 0)
    rank++;
  return rank;
}

struct rank {
  size_t file, index;
  int32_t line, column;
};

static int compare(const void *left, const void *right) {
  const struct rank *a = left, *b = right;
  if (a->file != b->file) return a->file < b->file ? -1 : 1;
  if (a->line != b->line) return a->line < b->line ? -1 : 1;
  if (a->column != b->column) return a->column < b->column ? -1 : 1;
  return a->index < b->index ? -1 : 1;
}

void diag_print(const struct diag_list *list, FILE *stream) {
  struct rank ranks[KEPT_MOST];
  for (size_t i = 0; i < list->count; i++) {
    const struct diag *diag = &list->items[i];
    ranks[i] = (struct rank){file_rank(list, diag), i, diag->line, diag->column};
  }
  if (list->count > 1) qsort(ranks, list->count, sizeof ranks[0], compare);
  for (size_t i = 0; i < list->count; i++)
    print_one(stream, &list->items[ranks[i].index]);
  size_t told = list->errors + list->warnings;
  if (told > list->count) fprintf(stream, "and %zu more\n", told - list->count);
}
