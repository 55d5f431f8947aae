/* libyaml's complaints in words that a person can act on: one table from its texts to ours. */
#include "input/yaml_words.h"

#include <string.h>

#include "input/yaml_text.h"
#include "util/check.h"

struct words {
  const char *context, *problem; /* how libyaml's begin; NULL: any */
  bool at_context;               /* the place to point at is where the thing began */
  const char *message;           /* NULL: depends on the character there */
};

static const struct words table[] = {
    {NULL, "found character that cannot start any token", false, NULL},
    {NULL, "found a tab character", false, NULL},
    {"while scanning an alias", NULL, true,
     "a value that begins with * must be in quotes, as in \"*.mp4\""},
    {"while scanning an anchor", NULL, true, "a value that begins with & must be in quotes"},
    {"while parsing a node", "found undefined tag handle", false,
     "a value that begins with ! must be in quotes"},
    {"while scanning a tag", NULL, true, "a value that begins with ! must be in quotes"},
    {"while scanning a simple key", "could not find expected ':'", true,
     "expected `key: value` here: is a colon missing, or the indentation wrong?"},
    {"while scanning a quoted scalar", "found unexpected end of stream", true,
     "this quote is never closed"},
    {"while scanning a quoted scalar", "found unexpected document indicator", true,
     "this quote is never closed"},
    {"while parsing a quoted scalar", "found unknown escape character", false,
     "unknown escape: write a backslash twice, or use single quotes"},
    {"while scanning a plain scalar", "found unexpected ':'", false,
     "a colon here needs quotes around the value"},
    {NULL, "mapping values are not allowed in this context", false,
     "a colon is not allowed here: check the indentation, or put the value in quotes"},
    {NULL, "block sequence entries are not allowed in this context", false,
     "a list cannot begin here: put its `- ` on the next line"},
    {"while parsing a block mapping", "did not find expected key", false, NULL},
    {"while parsing a block node", "did not find expected node content", false,
     "expected a value here"},
    {"while parsing a block collection", "did not find expected '-' indicator", false,
     "expected `- ` here: check the indentation"},
    {"while parsing a flow sequence", NULL, true, NULL},
    {"while parsing a flow mapping", NULL, true, NULL},
    {NULL, "did not find expected <document start>", false,
     "something follows the end of the document: check the indentation"},
};

static bool begins(const char *text, const char *start) {
  return start == NULL || (text != NULL && strncmp(text, start, strlen(start)) == 0);
}

static const struct words *find(const yaml_parser_t *parser) {
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (begins(parser->context, table[i].context) && begins(parser->problem, table[i].problem))
      return &table[i];
  return NULL;
}

static void tell_character(const struct yaml_document *document, size_t line, size_t column) {
  char c = *yaml_text_at(document, line, column);
  if (c == '\t')
    yaml_tell(document, line, column, "a tab cannot be used for indentation: use spaces");
  else
    yaml_tell(document, line, column, "a value that begins with %c must be in quotes", c);
}

/* Where the value of a line's `key: value` begins, in bytes; 0: the line has none. */
static size_t value_start(const char *text) {
  const char *colon = strstr(text, ": ");
  return colon == NULL ? 0 : (size_t)(colon - text) + 1 + strspn(colon + 1, " ");
}

/* Something stands where a key should: most often after a value like {id}.mp4 or "a" b. */
static void tell_key(const struct yaml_document *document, size_t line, size_t column) {
  const char *text = yaml_text_line(document, line);
  size_t start = value_start(text);
  if (start > 0 && yaml_text_at(document, line, column) > text + start && text[start] != '\0' &&
      strchr("{[\"'", text[start]) != NULL)
    yaml_tell(document, line, column,
              "not expected after this: a value that begins with %c must be in quotes as a whole",
              text[start]);
  else
    yaml_tell(document, line, column, "expected a key here: check the indentation");
}

/* A list in [] or a mapping in {} goes wrong where a sign of theirs stands in a value, or it is
 * never closed. */
static void tell_flow(const struct yaml_document *document, const yaml_parser_t *parser) {
  const yaml_mark_t *start = &parser->context_mark, *end = &parser->problem_mark;
  bool list = strstr(parser->context, "sequence") != NULL;
  if (start->line == end->line && *yaml_text_at(document, end->line + 1, end->column + 1) != '\0')
    yaml_tell(document, end->line + 1, end->column + 1,
              "expected `,` or `%c` here: a value that holds one of [ ] { } , must be in quotes",
              list ? ']' : '}');
  else
    yaml_tell(document, start->line + 1, start->column + 1, "this %c is never closed by a %c",
              list ? '[' : '{', list ? ']' : '}');
}

/* The message depends on what stands there. */
static void tell_by_place(const struct yaml_document *document, const yaml_parser_t *parser) {
  size_t line = parser->problem_mark.line + 1, column = parser->problem_mark.column + 1;
  if (begins(parser->context, "while parsing a flow"))
    tell_flow(document, parser);
  else if (begins(parser->problem, "did not find expected key"))
    tell_key(document, line, column);
  else
    tell_character(document, line, column);
}

void yaml_tell_syntax(const struct yaml_document *document, const yaml_parser_t *parser) {
  CHECK(parser->error != YAML_MEMORY_ERROR && "out of memory");
  const struct words *words = find(parser);
  bool context = words != NULL && words->at_context;
  const yaml_mark_t *mark = context ? &parser->context_mark : &parser->problem_mark;
  const char *thing = parser->context == NULL ? "" : parser->context;
  if (words == NULL)
    yaml_tell(document, mark->line + 1, mark->column + 1, "not valid YAML: %s%s%s", thing,
              *thing == '\0' ? "" : ": ", parser->problem == NULL ? "unreadable" : parser->problem);
  else if (words->message == NULL)
    tell_by_place(document, parser);
  else
    yaml_tell(document, mark->line + 1, mark->column + 1, "%s", words->message);
}
