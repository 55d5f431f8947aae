/* What the words of our files look like: e-mail addresses, asset ids, tokens. Loose checks that
 * catch a slip of the hand; whether a thing is real only the service knows. */
#ifndef INPUT_SHAPE_H
#define INPUT_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/arena.h"

bool shape_is_email(const char *text);
/* user:<user id>-runwayml:<account email>-asset:<uuid> (service.md, Names): the email, and where
 * the uuid begins; NULL when the text is none. */
const char *shape_asset_email(struct arena *arena, const char *text);
const char *shape_asset_name(const char *text);
/* user:<number>-<secret>, without blanks. */
bool shape_is_token(const char *text);
/* http:// or https:// with something behind it, printable ASCII without blanks. */
bool shape_is_web_address(const char *text);
/* Code points of the text; whether any is a control character. */
size_t shape_length(const char *text);
bool shape_has_control(const char *text);

#endif
