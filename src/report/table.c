/* Laying out tables and wrapping notes. */
#include "report/table.h"

#include <string.h>

#include "report/color.h"
#include "util/check.h"
#include "util/plain.h"

#define GAP         2
#define NOTE_INDENT 4

void table_init(struct table *table, struct arena *arena, const struct table_column *columns,
                size_t column_count, size_t rows) {
  CHECK(column_count <= TABLE_COLUMNS_MAX);
  *table = (struct table){.columns = columns, .column_count = column_count};
  table->rows = ARENA_NEW_ARRAY(arena, rows, struct table_row);
}

struct table_row *table_add(struct table *table) {
  struct table_row *row = &table->rows[table->row_count++];
  row->color = "";
  return row;
}

static const char *cell_of(const struct table_row *row, size_t column) {
  return row->cells[column] != NULL ? row->cells[column] : "-";
}

/* As wide as the widest cell, but not above the column's most. */
static size_t width_of(const struct table *table, size_t column) {
  size_t width = plain_columns(table->columns[column].title);
  for (size_t i = 0; i < table->row_count; i++) {
    size_t wanted = plain_columns(cell_of(&table->rows[i], column));
    if (wanted > width) width = wanted;
  }
  size_t most = table->columns[column].most;
  return width < most ? width : most;
}

static void trim(struct buffer *out) {
  while (out->length > 0 && out->bytes[out->length - 1] == ' ')
    out->bytes[--out->length] = '\0';
}

static void gap(struct buffer *out, size_t columns) {
  for (size_t i = 0; i < columns; i++)
    buffer_text(out, " ");
}

static void put_cell(struct buffer *out, const char *text, size_t width, bool right,
                     const char *color) {
  bool colored = color[0] != '\0';
  if (colored) buffer_text(out, color);
  plain_cell(out, text, width, right);
  if (colored) buffer_text(out, "\x1b[0m");
}

/* `note` at the end of the line when it fits there, below it otherwise. */
static void end_row(struct buffer *out, const char *note, size_t used) {
  bool fits = note != NULL && used + GAP + plain_columns(note) <= TABLE_WIDTH;
  if (fits) {
    gap(out, GAP);
    plain_text(out, note);
  }
  trim(out);
  buffer_text(out, "\n");
  if (note != NULL && !fits) table_wrap(out, note, NOTE_INDENT);
}

void table_print(const struct table *table, bool color, struct buffer *out) {
  size_t widths[TABLE_COLUMNS_MAX], used = 0;
  for (size_t c = 0; c < table->column_count; c++) {
    widths[c] = width_of(table, c);
    used += widths[c] + (c > 0 ? GAP : 0);
    if (c > 0) gap(out, GAP);
    put_cell(out, table->columns[c].title, widths[c], table->columns[c].right, "");
  }
  end_row(out, NULL, used);
  for (size_t i = 0; i < table->row_count; i++) {
    const struct table_row *row = &table->rows[i];
    for (size_t c = 0; c < table->column_count; c++) {
      if (c > 0) gap(out, GAP);
      put_cell(out, cell_of(row, c), widths[c], table->columns[c].right,
               color && c == 1 ? row->color : "");
    }
    end_row(out, row->note, used);
  }
}

/* The next word of `text` as plain text into `word`; returns what follows it. */
static const char *next_word(const char *text, struct buffer *word) {
  char written[PLAIN_CHAR_MAX];
  buffer_clear(word);
  while (*text == ' ')
    text++;
  while (*text != '\0' && *text != ' ') {
    text += plain_char(text, written);
    buffer_text(word, written);
  }
  return text;
}

void table_wrap(struct buffer *out, const char *text, size_t indent) {
  struct buffer word;
  size_t used = 0;
  buffer_init(&word, (size_t)64 * 1024);
  for (;;) {
    text = next_word(text, &word);
    if (word.length == 0) break;
    size_t width = plain_columns(buffer_string(&word));
    if (used > 0 && used + 1 + width > TABLE_WIDTH) {
      buffer_text(out, "\n");
      used = 0;
    }
    gap(out, used > 0 ? 1 : indent);
    used += (used > 0 ? 1 : indent) + width;
    buffer_text(out, buffer_string(&word));
  }
  buffer_text(out, "\n");
  buffer_release(&word);
}
