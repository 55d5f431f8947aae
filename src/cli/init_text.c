/* What `init` writes: a batch and a config, commented. */
#include "cli/init_text.h"

#include <stdio.h>
#include <string.h>

#include "nightshift/config.h"
#include "util/buffer.h"
#include "util/text.h"

/* By it editors complete and check. A path with a line break would be more than a comment. */
static void write_schema(struct buffer *text, const char *schemas, const char *name) {
  if (schemas[0] == '\0' || strpbrk(schemas, "\r\n") != NULL) return;
  buffer_printf(text, "# yaml-language-server: $schema=%s/%s.schema.json\n", schemas, name);
}

void init_write_batch(struct buffer *text, const struct init_clips *clips, const char *schemas) {
  write_schema(text, schemas, "batch");
  buffer_text(text,
              "# A batch: which clips get which voices, and where the results go. A clip with "
              "a voice is a job.\n# A clip lasts 3 to 30 seconds, with picture and sound.\n\n"
              "defaults:\n"
              "  # Take the # away and name a voice; `nightshift voices` lists them.\n"
              "  # voice: Maya\n"
              "  # Relative to this file. {id} {video} {voice} {n} {account} may be used.\n"
              "  output: out/{video}-{voice}.mp4\n"
              "  # explore: false     # true: the relaxed queue, no credits, needs an "
              "Unlimited plan; or auto\n\n");
  buffer_printf(text,
                "# %zu %s when this was written. Paths and globs are relative to this file.\n",
                clips->count, clips->count == 1 ? "clip" : "clips");
  buffer_text(text, "jobs:\n");
  for (size_t i = 0; i < clips->ending_count; i++)
    buffer_printf(text, "  - \"*.%s\"   # %zu\n", clips->endings[i].text, clips->endings[i].count);
}

/* Accounts are a list, and naming one leaves the others out: all of it stays a comment. */
static void write_option(struct buffer *text, const struct config_option *option) {
  const char *dot = strchr(option->name, '.');
  const char *key = dot == NULL ? option->name : dot + 1, *indent = dot == NULL ? "" : "  ";
  bool account = text_starts_with(option->name, "accounts.");
  if (account) indent = strcmp(key, "email") == 0 ? "#   - " : "#     ";
  buffer_printf(text, "%s# %s\n", account ? "#     " : indent, option->help);
  if (option->initial != NULL)
    buffer_printf(text, "%s%s: %s\n", indent, key, option->initial);
  else
    buffer_printf(text, "%s%s%s: %s\n", indent, account ? "" : "# ", key, option->type);
}

void init_write_config(struct buffer *text, const char *schemas) {
  struct config_option option;
  char section[32] = "";
  write_schema(text, schemas, "config");
  buffer_text(text,
              "# What stands here without a # is the default; keep what you change. Without a "
              "token here the one in\n# USEAPI_TOKEN is used. Durations: 250ms, 10s, 5m, 2h.\n");
  for (size_t i = 0; config_option_at(i, &option); i++) {
    size_t size = strchr(option.name, '.') == NULL ? 0 : strcspn(option.name, ".");
    if (strlen(section) != size || strncmp(section, option.name, size) != 0) {
      snprintf(section, sizeof section, "%.*s", (int)size, option.name);
      const char *mark = strcmp(section, "accounts") == 0 ? "# " : "";
      buffer_text(text, "\n");
      if (*mark != '\0') buffer_text(text, "# Left out: every account of the token.\n");
      if (size > 0) buffer_printf(text, "%s%s:\n", mark, section);
    }
    write_option(text, &option);
  }
}
