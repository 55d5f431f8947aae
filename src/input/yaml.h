/* YAML for people's files: batch, config, scenario. libyaml's events made into a small tree whose
 * every node knows its place, with getters that tell mistakes there.
 *
 * Only what such files need is read: mappings with text keys, lists, scalars. Refused with their
 * place, and in time linear in the file's size: aliases and anchors, tags, directives, several
 * documents, more than YAML_DEPTH_MAX levels, keys that come twice, NUL and other control
 * characters, bytes that are not UTF-8, tabs as indentation, scalars above YAML_SCALAR_MAX. A
 * byte order mark and CRLF are fine. */
#ifndef INPUT_YAML_H
#define INPUT_YAML_H

#include "nightshift/diag.h"
#include "nightshift/types.h"
#include "util/arena.h"

#define YAML_DEPTH_MAX  16
#define YAML_SCALAR_MAX ((size_t)64 * 1024) /* bytes of one scalar */
#define YAML_KEYS_MAX   ((size_t)256)       /* keys of one mapping */
#define YAML_NODES_MAX  ((size_t)8000000)   /* all nodes, keys too */

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_pair;
struct yaml_node {
  enum yaml_kind kind;
  bool quoted;          /* SCALAR: in quotes, or a block with | or > */
  bool hidden;          /* SCALAR: no message may show it */
  int32_t line, column; /* from 1; columns count code points */
  size_t count;         /* LIST, MAP */
  union {
    const char *text;        /* SCALAR: never NULL */
    struct yaml_node *items; /* LIST */
    struct yaml_pair *pairs; /* MAP: in the order of the file, keys all different */
  };
};
struct yaml_pair {
  struct yaml_node key; /* always a SCALAR */
  struct yaml_node value;
};

/* All memory is the arena's. */
struct yaml_document {
  const struct yaml_node *root;
  const char *shown; /* the file's name in messages */
  struct diag_list *diags;
  struct arena *arena;
  char *text; /* a copy of the file, its line ends made NULs */
  size_t text_size;
  const uint32_t *lines; /* where each line starts in it */
  size_t line_count;
  const bool *hidden; /* lines that could show a secret; NULL: the file holds none */
};

enum yaml_secrets { YAML_NO_SECRETS, YAML_SECRETS };

/* Reads `bytes`. Returns 0 and the tree; or ERR_USAGE when there is none, the reason told in
 * `diags`. A key that comes twice is told but the tree is there (with the first one), so that all
 * the file's mistakes can be told in one go: whether there were any, diag_error_count says. An
 * empty file is ERR_USAGE with `when_empty` as its message; with NULL it is an empty map. */
int yaml_parse(struct yaml_document *document, const char *shown, const char *bytes, size_t size,
               const char *when_empty, enum yaml_secrets secrets, struct arena *arena,
               struct diag_list *diags);
/* The same from a file, of at most `size_max` bytes. ERR_IO when it cannot be read (told too). */
int yaml_load(struct yaml_document *document, const char *path, const char *shown, size_t size_max,
              const char *when_empty, enum yaml_secrets secrets, struct arena *arena,
              struct diag_list *diags);

/* The source line, or NULL when there is none or, in a file that may hold secrets, when the line
 * could show one. Lives as long as the arena. */
const char *yaml_line(const struct yaml_document *document, int32_t line);

/* A mistake at a node. */
void yaml_error(const struct yaml_document *document, const struct yaml_node *node,
                const char *format, ...) __attribute__((format(printf, 3, 4)));
void yaml_warning(const struct yaml_document *document, const struct yaml_node *node,
                  const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- looking into the tree ---- */

/* The value of a mapping's key; NULL when there is none, or `map` is NULL or no mapping. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);
/* A list's items; anything else counts as a list of itself, so that `a` and `[a]` are the same. */
size_t yaml_item_count(const struct yaml_node *node);
const struct yaml_node *yaml_item(const struct yaml_node *node, size_t index);
/* Nothing after the colon, `~` or `null`. */
bool yaml_is_null(const struct yaml_node *node);

/* Each of these tells a mistake at the node and returns false, leaving *value alone, when the node
 * is of another type or out of range. `name` is what the message calls it: the key. */
bool yaml_read_text(const struct yaml_document *document, const struct yaml_node *node,
                    const char *name, const char **value);
bool yaml_read_bool(const struct yaml_document *document, const struct yaml_node *node,
                    const char *name, bool *value);
bool yaml_read_integer(const struct yaml_document *document, const struct yaml_node *node,
                       const char *name, int64_t low, int64_t high, int64_t *value);
bool yaml_read_real(const struct yaml_document *document, const struct yaml_node *node,
                    const char *name, double low, double high, double *value);
bool yaml_read_duration(const struct yaml_document *document, const struct yaml_node *node,
                        const char *name, duration_ms low, duration_ms high, duration_ms *value);
bool yaml_expect(const struct yaml_document *document, const struct yaml_node *node,
                 const char *name, enum yaml_kind kind);
/* Every key of the mapping is one of `names`; tells each that is not, with the nearest. */
bool yaml_check_keys(const struct yaml_document *document, const struct yaml_node *map,
                     const char *const *names, size_t count);

/* Tells one unknown key, with the nearest of `names`. */
void yaml_unknown_key(const struct yaml_document *document, const struct yaml_node *key,
                      const char *const *names, size_t count);
/* What the node is, for "found …": `text`, a list, a mapping, nothing. */
const char *yaml_found(const struct yaml_document *document, const struct yaml_node *node);
/* "true" or "false" where the text is another word for it (yes, on, True): to say what to write. */
const char *yaml_meant_bool(const char *text);
/* A text of the file for use in a message: cut after 60 code points; "…" when it could be a secret.
 */
const char *yaml_short(const struct yaml_document *document, const char *text);
/* Overwrites all that was read, for files with secrets: the tree and its lines are gone then. */
void yaml_wipe(struct yaml_document *document);

#endif
