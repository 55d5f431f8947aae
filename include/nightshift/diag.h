/* Mistakes and warnings with their place in a file, collected so that all are told in one go.
 *
 * Printed as plain text on standard error:
 *     FILE:LINE:COLUMN: message
 *         the offending line
 *         ^
 * Warnings begin with "warning: " after the place. */
#ifndef NIGHTSHIFT_DIAG_H
#define NIGHTSHIFT_DIAG_H

#include <stdarg.h>
#include <stdio.h>

#include "nightshift/types.h"

struct diag {
  const char *file;
  int32_t line, column; /* from 1; 0: the file as a whole */
  bool warning;
  const char *message;
  const char *source; /* the offending line, NULL: not to be had */
};

struct diag_list; /* owns copies of all it is given; keeps at most 200 and counts the rest */

struct diag_list *diag_new(void);
void diag_free(struct diag_list *list);
/* `source` may be NULL. Both are copied. Control characters and over-long lines are made harmless
 * when printed. */
void diag_error(struct diag_list *list, const char *file, int32_t line, int32_t column,
                const char *source, const char *format, ...) __attribute__((format(printf, 6, 7)));
void diag_warning(struct diag_list *list, const char *file, int32_t line, int32_t column,
                  const char *source, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* The same for those that have their arguments in a list already. */
void diag_add(struct diag_list *list, bool warning, const char *file, int32_t line, int32_t column,
              const char *source, const char *format, va_list arguments)
    __attribute__((format(printf, 7, 0)));
/* All that were told, also those not kept. An error is kept in a warning's place when it is full.
 */
size_t diag_error_count(const struct diag_list *list);
size_t diag_warning_count(const struct diag_list *list);
size_t diag_count(const struct diag_list *list); /* kept ones */
const struct diag *diag_at(const struct diag_list *list, size_t index);
/* All, sorted by file in order of first mention, then place; errors and warnings as they come. */
void diag_print(const struct diag_list *list, FILE *stream);

#endif
