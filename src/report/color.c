/* When to write colours, and how. */
#include "report/color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nightshift/report.h"
#include "util/buffer.h"

bool color_choice_parse(const char *text, enum color_choice *choice) {
  static const char *const names[] = {"auto", "always", "never"};
  for (int i = 0; i < 3; i++) {
    if (strcmp(names[i], text) != 0) continue;
    *choice = (enum color_choice)i;
    return true;
  }
  return false;
}

bool color_wanted(enum color_choice choice, int fd) {
  if (choice != COLOR_AUTO) return choice == COLOR_ALWAYS;
  const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
  if (no_color != NULL && no_color[0] != '\0') return false;
  if (terminal == NULL || strcmp(terminal, "dumb") == 0) return false;
  return isatty(fd) == 1;
}

void color_put(struct buffer *out, bool wanted, const char *color, const char *text) {
  bool on = wanted && color[0] != '\0';
  if (on) buffer_text(out, color);
  buffer_text(out, text);
  if (on) buffer_text(out, "\x1b[0m");
}
