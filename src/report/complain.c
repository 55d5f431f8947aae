/* What is told a person in one line beside the log, made harmless: paths, and words of others. */
#include <stdio.h>

#include "nightshift/report.h"
#include "util/buffer.h"
#include "util/plain.h"

#define COMPLAINT_BYTES_MAX ((size_t)64 * 1024)

void report_complain_list(FILE *stream, const char *format, va_list arguments) {
  char text[2048];
  struct buffer line;
  int length = vsnprintf(text, sizeof text, format, arguments);
  buffer_init(&line, COMPLAINT_BYTES_MAX);
  buffer_text(&line, "nightshift: ");
  if (length > 0) plain_text(&line, text);
  buffer_text(&line, "\n");
  (void)fputs(buffer_string(&line), stream); /* nowhere left to tell it */
  buffer_release(&line);
}

void report_complain(FILE *stream, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  report_complain_list(stream, format, arguments);
  va_end(arguments);
}
