/* The few colours of terminals that we use. */
#ifndef REPORT_COLOR_H
#define REPORT_COLOR_H

#include <stdbool.h>

#define COLOR_RED    "\x1b[31m"
#define COLOR_GREEN  "\x1b[32m"
#define COLOR_YELLOW "\x1b[33m"
#define COLOR_CYAN   "\x1b[36m"
#define COLOR_BOLD   "\x1b[1m"
#define COLOR_DIM    "\x1b[2m"

struct buffer;
/* `text` (harmless already) in `color`, which may be "", when colours are wanted. */
void color_put(struct buffer *out, bool wanted, const char *color, const char *text);

#endif
