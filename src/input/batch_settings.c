/* The job keys of an entry or of the defaults, all but `video` and `asset`. */
#include <string.h>

#include "input/batch_parts.h"
#include "input/shape.h"

static bool check_voice(const struct reader *reader, const struct yaml_node *node) {
  const char *name;
  if (!yaml_read_text(reader->document, node, "voice", &name)) return false;
  if (*name != '\0') return true;
  yaml_error(reader->document, node, "voice: expected a voice's id or name, found an empty text");
  return false;
}

static void read_voices(struct reader *reader, const struct yaml_node *node,
                        struct settings *settings) {
  size_t count = yaml_item_count(node);
  if (count == 0) yaml_error(reader->document, node, "voice: the list is empty");
  struct voice *voices = ARENA_NEW_ARRAY(reader->memory, count, struct voice);
  size_t good = 0;
  for (size_t i = 0; i < count; i++) {
    const struct yaml_node *item = yaml_item(node, i);
    if (!check_voice(reader, item)) continue;
    voices[good++] = (struct voice){.name = arena_string(reader->memory, item->text),
                                    .place = place_of(item),
                                    .source_text = batch_keep_line(reader, item->line)};
  }
  settings->voices = voices;
  settings->voice_count = good;
  settings->broken = good == 0;
}

/* In place of an output that was refused: nobody else's, so that no mistake follows from it. */
#define OUTPUT_REFUSED "refused-{n}"

static void read_output(struct reader *reader, const struct yaml_node *node,
                        struct settings *settings) {
  const char *text;
  settings->output_place = place_of(node);
  settings->output_own = true;
  settings->output = OUTPUT_REFUSED;
  if (yaml_read_text(reader->document, node, "output", &text) &&
      batch_check_template(reader, text, settings->output_place))
    settings->output = arena_string(reader->scratch, text);
}

static void read_id(struct reader *reader, const struct yaml_node *node,
                    struct settings *settings) {
  const char *text;
  if (!yaml_read_text(reader->document, node, "id", &text)) return;
  if (*text == '\0' || shape_length(text) > BATCH_ID_MAX || shape_has_control(text)) {
    yaml_error(reader->document, node, "id: expected 1 to %d characters, no control characters",
               BATCH_ID_MAX);
    return;
  }
  settings->id = arena_string(reader->memory, text);
  settings->id_own = true;
}

static void read_explore(struct reader *reader, const struct yaml_node *node,
                         struct settings *settings) {
  const char *text = node->kind == YAML_SCALAR ? node->text : "";
  const char *meant = yaml_meant_bool(text);
  if (strcmp(text, "auto") == 0)
    settings->explore = EXPLORE_AUTO;
  else if (strcmp(text, "true") == 0)
    settings->explore = EXPLORE_ON;
  else if (strcmp(text, "false") == 0)
    settings->explore = EXPLORE_OFF;
  else {
    yaml_error(reader->document, node, "explore: expected true, false or auto, found %s%s%s",
               yaml_found(reader->document, node), meant != NULL ? ": write " : "",
               meant != NULL ? meant : "");
  }
}

static void read_account(struct reader *reader, const struct yaml_node *node,
                         struct settings *settings) {
  const char *text;
  if (!yaml_read_text(reader->document, node, "account", &text)) return;
  if (!shape_is_email(text)) {
    yaml_error(reader->document, node, "account: `%s` is no e-mail address",
               yaml_short(reader->document, text));
    return;
  }
  settings->account = arena_string(reader->memory, text);
  settings->account_own = true;
}

static void read_reference(struct reader *reader, const struct yaml_node *node,
                           struct settings *settings) {
  const char *text;
  if (!yaml_read_text(reader->document, node, "reference", &text)) return;
  if (shape_length(text) > BATCH_REFERENCE_MAX) {
    yaml_error(reader->document, node, "reference: more than %d characters", BATCH_REFERENCE_MAX);
    return;
  }
  settings->reference = arena_string(reader->memory, text);
}

/* Callbacks carry what the service knows of a task: over https, or on this machine. */
static void read_reply_url(struct reader *reader, const struct yaml_node *node,
                           struct settings *settings) {
  const char *text;
  if (!yaml_read_text(reader->document, node, "reply_url", &text)) return;
  if (!shape_is_web_address(text) || strlen(text) > BATCH_REPLY_URL_MAX) {
    yaml_error(reader->document, node,
               "reply_url: expected an address that begins with http:// or https://, without "
               "blanks, of at most %d characters",
               BATCH_REPLY_URL_MAX);
    return;
  }
  settings->reply_url = arena_string(reader->memory, text);
}

static void read_priority(struct reader *reader, const struct yaml_node *node,
                          struct settings *settings) {
  int64_t value;
  if (!yaml_read_integer(reader->document, node, "priority", -BATCH_PRIORITY_MAX,
                         BATCH_PRIORITY_MAX, &value))
    return;
  settings->priority = (int32_t)value;
}

/* A key with a mistake is left at what it was, and its entry's jobs are made all the same: they may
 * have further mistakes to tell. */
void batch_read_settings(struct reader *reader, const struct yaml_node *map,
                         struct settings *settings) {
  static const struct {
    const char *key;
    void (*read)(struct reader *, const struct yaml_node *, struct settings *);
  } keys[] = {{"output", read_output},      {"id", read_id},
              {"explore", read_explore},    {"priority", read_priority},
              {"account", read_account},    {"reference", read_reference},
              {"reply_url", read_reply_url}};
  const struct yaml_node *voice = yaml_get(map, "voice");
  if (voice != NULL) read_voices(reader, voice, settings);
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
    const struct yaml_node *node = yaml_get(map, keys[i].key);
    if (node != NULL) keys[i].read(reader, node, settings);
  }
}
