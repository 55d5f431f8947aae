/* The block of lines at a terminal's lower end: where it stands, and the bytes that put log lines
 * above it and newer lines in its place. Only cursor movements and erasing, no mode that could stay
 * on. */
#ifndef REPORT_SHOWN_H
#define REPORT_SHOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "util/buffer.h"

struct shown {
  struct buffer lines; /* as they are to be shown, newlines between them; empty: none */
  struct buffer drawn; /* as they stand on the terminal */
  size_t drawn_width;  /* of the terminal then */
};

void shown_init(struct shown *shown);
void shown_release(struct shown *shown);
/* Appends what takes the block away, the log's `text` (whole lines, may be empty), and the block.
 */
void shown_put(const struct shown *shown, size_t width, const char *text, struct buffer *out);
/* The bytes have gone out. */
void shown_is_drawn(struct shown *shown, size_t width);
/* Nothing of it stands on the terminal any more. */
void shown_forget(struct shown *shown);

#endif
