/* The log line that people read on a terminal, and what its forms share. */
#ifndef REPORT_LOG_PRETTY_H
#define REPORT_LOG_PRETTY_H

#include "nightshift/log.h"

struct buffer;

void log_format_pretty(const struct log_line *line, bool color, struct buffer *out);
/* What it says beyond its time, event, job and account. */
void log_pretty_words(const struct log_line *line, struct buffer *out);

/* Whether the number is a time (log.h says which names are), and whether there is nothing to say.
 */
bool log_field_is_time(const struct log_field *field);
bool log_field_is_empty(const struct log_field *field);

#endif
