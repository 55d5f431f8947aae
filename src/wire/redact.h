/* Texts from outside, made fit to be shown and written down. wire_redact itself is in wire.h. */
#ifndef WIRE_REDACT_H
#define WIRE_REDACT_H

#include <stddef.h>

/* Copies `raw` (NULL: "") as one line without control characters, invalid UTF-8 or secrets, cut to
 * `size` at a character's end. */
void redact_line(const char *raw, char *line, size_t size);

#endif
