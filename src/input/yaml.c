/* libyaml's events made into a tree. The bytes are checked before (yaml_text), what stands in the
 * tree is asked for afterwards (yaml_read). */
#include "input/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <yaml.h>

#include "input/yaml_text.h"
#include "input/yaml_words.h"
#include "nightshift/error.h"
#include "util/buffer.h"
#include "util/check.h"
#include "util/map.h"

/* An open list or mapping: its nodes are on the stack from `base` on, a mapping's key and value
 * after each other. */
struct frame {
  struct yaml_node node;
  size_t base;
};

struct builder {
  struct yaml_document *document;
  struct yaml_node *stack;
  size_t count, room, nodes;
  struct frame frames[YAML_DEPTH_MAX];
  size_t depth;
  bool refused; /* something that leaves no tree, but reading goes on to find more */
};

enum step { STEP_ON, STEP_END, STEP_STOP };

static struct yaml_node node_at(enum yaml_kind kind, const yaml_mark_t *mark) {
  return (struct yaml_node){
      .kind = kind, .line = (int32_t)mark->line + 1, .column = (int32_t)mark->column + 1};
}

static bool expects_key(const struct builder *builder) {
  if (builder->depth == 0) return false;
  const struct frame *frame = &builder->frames[builder->depth - 1];
  return frame->node.kind == YAML_MAP && (builder->count - frame->base) % 2 == 0;
}

static bool push(struct builder *builder, const struct yaml_node *node) {
  if (++builder->nodes > YAML_NODES_MAX) {
    yaml_error(builder->document, node, "the file has more than %zu values", YAML_NODES_MAX);
    return false;
  }
  if (builder->count == builder->room) {
    builder->room = builder->room == 0 ? 64 : builder->room * 2;
    builder->stack = realloc(builder->stack, builder->room * sizeof *builder->stack);
    CHECK(builder->stack != NULL && "out of memory");
  }
  builder->stack[builder->count++] = *node;
  return true;
}

/* Anchors and tags: told, and reading goes on. */
static void refuse_extras(struct builder *builder, const struct yaml_node *node,
                          const yaml_char_t *anchor, const yaml_char_t *tag) {
  if (anchor != NULL)
    yaml_error(builder->document, node,
               "anchors (&) are not read here; a value that begins with & must be in quotes");
  if (tag != NULL)
    yaml_error(builder->document, node,
               "tags (!) are not read here; a value that begins with ! must be in quotes");
  builder->refused = builder->refused || anchor != NULL || tag != NULL;
}

static enum step open_node(struct builder *builder, enum yaml_kind kind, const yaml_event_t *event,
                           const yaml_char_t *anchor, const yaml_char_t *tag) {
  struct yaml_node node = node_at(kind, &event->start_mark);
  if (builder->depth == YAML_DEPTH_MAX) {
    yaml_error(builder->document, &node, "nested more than %d levels deep", YAML_DEPTH_MAX);
    return STEP_STOP;
  }
  if (expects_key(builder)) {
    yaml_error(builder->document, &node,
               "a key must be plain text; a value that begins with { or [ must be in quotes");
    return STEP_STOP;
  }
  refuse_extras(builder, &node, anchor, tag);
  builder->frames[builder->depth++] = (struct frame){.node = node, .base = builder->count};
  return STEP_ON;
}

static enum step add_scalar(struct builder *builder, const yaml_event_t *event) {
  struct yaml_node node = node_at(YAML_SCALAR, &event->start_mark);
  const char *text = (const char *)event->data.scalar.value;
  size_t length = event->data.scalar.length;
  node.quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  node.text = "";
  refuse_extras(builder, &node, event->data.scalar.anchor, event->data.scalar.tag);
  if (length > YAML_SCALAR_MAX) {
    yaml_error(builder->document, &node, "a text of %zu bytes: the most is %zu", length,
               YAML_SCALAR_MAX);
    builder->refused = true;
  } else if (memchr(text, '\0', length) != NULL) {
    yaml_error(builder->document, &node, "a NUL character is not allowed in a text");
    builder->refused = true;
  } else if (length > 0) {
    node.text = arena_bytes(builder->document->arena, text, length);
  }
  const struct frame *frame = builder->depth > 0 ? &builder->frames[builder->depth - 1] : NULL;
  if (expects_key(builder) && builder->count - frame->base >= 2 * YAML_KEYS_MAX) {
    yaml_error(builder->document, &node, "a mapping of more than %zu keys", YAML_KEYS_MAX);
    return STEP_STOP;
  }
  return push(builder, &node) ? STEP_ON : STEP_STOP;
}

static enum step add_alias(struct builder *builder, const yaml_event_t *event) {
  struct yaml_node node = node_at(YAML_SCALAR, &event->start_mark);
  node.text = "";
  yaml_error(builder->document, &node,
             "aliases (*) are not read here; a value that begins with * must be in quotes, as in "
             "\"*.mp4\"");
  builder->refused = true;
  return push(builder, &node) ? STEP_ON : STEP_STOP;
}

static size_t find_key(const struct yaml_pair *pairs, const uint32_t *hashes, size_t count,
                       const char *key, uint32_t hash) {
  for (size_t i = 0; i < count; i++)
    if (hashes[i] == hash && strcmp(pairs[i].key.text, key) == 0) return i;
  return count;
}

/* The pairs whose key has not come before, put to the front; how many. */
static size_t drop_doubles(struct builder *builder, struct yaml_pair *pairs, size_t count) {
  uint32_t hashes[YAML_KEYS_MAX];
  size_t kept = 0;
  CHECK(count <= YAML_KEYS_MAX);
  for (size_t i = 0; i < count; i++) {
    const struct yaml_node *key = &pairs[i].key;
    uint32_t hash = (uint32_t)hash_bytes(key->text, strlen(key->text));
    size_t first = find_key(pairs, hashes, kept, key->text, hash);
    if (first < kept) {
      yaml_error(builder->document, key, "the key `%s` comes twice: it is already on line %d",
                 yaml_short(builder->document, key->text), (int)pairs[first].key.line);
      continue;
    }
    hashes[kept] = hash;
    pairs[kept++] = pairs[i];
  }
  return kept;
}

static enum step close_node(struct builder *builder) {
  CHECK(builder->depth > 0);
  struct frame *frame = &builder->frames[--builder->depth];
  struct yaml_node node = frame->node;
  size_t count = builder->count - frame->base;
  struct yaml_node *from = count > 0 ? builder->stack + frame->base : NULL;
  if (node.kind == YAML_LIST) {
    node.items = ARENA_NEW_ARRAY(builder->document->arena, count, struct yaml_node);
    if (count > 0) memcpy(node.items, from, count * sizeof *from);
    node.count = count;
  } else {
    CHECK(count % 2 == 0);
    node.pairs = ARENA_NEW_ARRAY(builder->document->arena, count / 2, struct yaml_pair);
    for (size_t i = 0; i < count / 2; i++)
      node.pairs[i] = (struct yaml_pair){.key = from[2 * i], .value = from[2 * i + 1]};
    node.count = drop_doubles(builder, node.pairs, count / 2);
  }
  builder->count = frame->base;
  return push(builder, &node) ? STEP_ON : STEP_STOP;
}

/* After the document only blank lines, comments and `...` may follow. Looked at here, because
 * libyaml would go on to read directives and more. */
static enum step end_document(struct builder *builder, const yaml_event_t *event) {
  const struct yaml_document *document = builder->document;
  for (size_t line = event->end_mark.line + 1; line <= document->line_count; line++) {
    const char *text = yaml_text_line(document, line);
    size_t blank = strspn(text, " \t");
    if (text[blank] == '\0' || text[blank] == '#') continue;
    if (strncmp(text, "...", 3) == 0 && text[3 + strspn(text + 3, " \t")] == '\0') continue;
    yaml_tell(document, line, blank + 1,
              "a second document begins here: a file holds one, put it in a file of its own");
    return STEP_STOP;
  }
  return STEP_END;
}

static enum step take_event(struct builder *builder, const yaml_event_t *event) {
  switch (event->type) {
  case YAML_SCALAR_EVENT:
    return add_scalar(builder, event);
  case YAML_SEQUENCE_START_EVENT:
    return open_node(builder, YAML_LIST, event, event->data.sequence_start.anchor,
                     event->data.sequence_start.tag);
  case YAML_MAPPING_START_EVENT:
    return open_node(builder, YAML_MAP, event, event->data.mapping_start.anchor,
                     event->data.mapping_start.tag);
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT:
    return close_node(builder);
  case YAML_ALIAS_EVENT:
    return add_alias(builder, event);
  case YAML_DOCUMENT_END_EVENT:
    return end_document(builder, event);
  case YAML_STREAM_END_EVENT:
    return STEP_END;
  case YAML_NO_EVENT:
  case YAML_STREAM_START_EVENT:
  case YAML_DOCUMENT_START_EVENT:
    return STEP_ON;
  }
  CHECK_UNREACHABLE();
}

static bool build(struct builder *builder, const char *bytes, size_t size) {
  yaml_parser_t parser;
  yaml_event_t event;
  enum step step = STEP_ON;
  CHECK(yaml_parser_initialize(&parser) == 1 && "out of memory");
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, size);
  while (step == STEP_ON) {
    if (yaml_parser_parse(&parser, &event) == 0) {
      yaml_tell_syntax(builder->document, &parser);
      step = STEP_STOP;
      break;
    }
    step = take_event(builder, &event);
    yaml_event_delete(&event);
  }
  yaml_parser_delete(&parser);
  return step == STEP_END && !builder->refused;
}

int yaml_parse(struct yaml_document *document, const char *shown, const char *bytes, size_t size,
               const char *when_empty, enum yaml_secrets secrets, struct arena *arena,
               struct diag_list *diags) {
  size_t start;
  *document =
      (struct yaml_document){.shown = arena_string(arena, shown), .diags = diags, .arena = arena};
  CHECK(size < UINT32_MAX);
  if (!yaml_text_prepare(document, bytes, size, secrets == YAML_SECRETS, &start)) return ERR_USAGE;
  struct builder builder = {.document = document};
  bool built = build(&builder, bytes + start, size - start);
  if (built && builder.count == 1 && !yaml_is_null(&builder.stack[0])) {
    struct yaml_node *root = ARENA_NEW(arena, struct yaml_node);
    *root = builder.stack[0];
    document->root = root;
  } else if (built && when_empty == NULL) {
    struct yaml_node *root = ARENA_NEW(arena, struct yaml_node);
    *root = (struct yaml_node){.kind = YAML_MAP, .line = 1, .column = 1};
    document->root = root;
  } else if (built) {
    diag_error(diags, shown, 1, 1, NULL, "%s", when_empty);
  }
  free(builder.stack);
  return document->root != NULL ? 0 : ERR_USAGE;
}

/* ---- from a file ---- */

/* 0, or the errno that stopped it. */
static int read_all(int fd, struct buffer *buffer) {
  static const size_t piece_bytes = (size_t)64 * 1024;
  char *piece = malloc(piece_bytes);
  CHECK(piece != NULL && "out of memory");
  int failure = 0;
  for (;;) {
    ssize_t got = read(fd, piece, piece_bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) failure = errno;
    if (got <= 0 || !buffer_append(buffer, piece, (size_t)got)) break;
  }
  explicit_bzero(piece, piece_bytes);
  free(piece);
  return failure;
}

/* A pipe is read, as of a shell's <(…), but one that nobody writes to is not waited for. */
static int read_file(const char *path, struct buffer *buffer) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return errno;
  int failure = fcntl(fd, F_SETFL, 0) == 0 ? read_all(fd, buffer) : errno;
  close(fd);
  return failure;
}

int yaml_load(struct yaml_document *document, const char *path, const char *shown, size_t size_max,
              const char *when_empty, enum yaml_secrets secrets, struct arena *arena,
              struct diag_list *diags) {
  struct buffer buffer;
  int result = 0;
  *document =
      (struct yaml_document){.shown = arena_string(arena, shown), .diags = diags, .arena = arena};
  buffer_init(&buffer, size_max + 1);
  int failure = read_file(path, &buffer);
  if (failure != 0) {
    diag_error(diags, shown, 0, 0, NULL, "cannot be read: %s", strerror(failure));
    result = ERR_IO;
  } else if (buffer.overflowed) {
    diag_error(diags, shown, 0, 0, NULL, "the file is larger than %zu KB", size_max / 1024);
    result = ERR_USAGE;
  } else {
    result = yaml_parse(document, shown, buffer_string(&buffer), buffer.length, when_empty, secrets,
                        arena, diags);
  }
  if (buffer.bytes != NULL) explicit_bzero(buffer.bytes, buffer.length);
  buffer_release(&buffer);
  return result;
}
