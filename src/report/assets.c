/* `assets`: what is uploaded, and what was deleted of it, as tables and as JSON. */
#include "nightshift/report.h"
#include "report/show.h"
#include "report/table.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/json_out.h"
#include "util/plain.h"
#include "util/text.h"

#define ASSETS_BYTES_MAX ((size_t)1024 * 1024 * 1024)

/* What could not be written shows in ferror(stream), which the caller looks at. */
static void print(struct buffer *out, FILE *stream) {
  (void)fwrite(buffer_string(out), 1, out->length, stream);
  buffer_release(out);
}

/* ---- the list ---- */

static const char *size_of(struct arena *arena, int64_t bytes) {
  char text[40];
  if (bytes < 0) return NULL;
  show_size(bytes, text, sizeof text);
  return arena_string(arena, text);
}

static const char *length_of(struct arena *arena, duration_ms length) {
  return length > 0 ? arena_printf(arena, "%.1f s", (double)length / 1000) : NULL;
}

/* Where it is, and the id that a batch names it by: too long for a column. */
void assets_print(const struct stored_assets *assets, FILE *stream) {
  static const struct table_column columns[] = {
      {"NAME", 40, false}, {"LENGTH", 8, true}, {"SIZE", 8, true}, {"OURS", 4, false}};
  struct arena arena;
  struct buffer out;
  struct table table;
  arena_init(&arena);
  buffer_init(&out, ASSETS_BYTES_MAX);
  table_init(&table, &arena, columns, sizeof columns / sizeof columns[0], assets->count);
  for (size_t i = 0; i < assets->count; i++) {
    const struct stored_asset *asset = &assets->assets[i];
    struct table_row *row = table_add(&table);
    row->cells[0] = asset->name;
    row->cells[1] = length_of(&arena, asset->length_ms);
    row->cells[2] = size_of(&arena, asset->size_bytes);
    row->cells[3] = asset->ours ? "yes" : "no";
    row->note = arena_printf(&arena, "%s", asset->id);
    row->color = "";
  }
  table_print(&table, false, &out);
  print(&out, stream);
  arena_release(&arena);
}

static void put_asset(struct json_out *json, const struct stored_asset *asset) {
  json_open_object(json, NULL);
  json_text(json, "asset", asset->id);
  json_text(json, "name", asset->name);
  json_text(json, "account", asset->email);
  if (asset->length_ms > 0)
    json_real(json, "seconds", (double)asset->length_ms / 1000);
  else
    json_null(json, "seconds");
  if (asset->size_bytes >= 0)
    json_number(json, "bytes", asset->size_bytes);
  else
    json_null(json, "bytes");
  json_bool(json, "ours", asset->ours);
  if (asset->why != NULL) json_text(json, "why", asset->why);
  json_close_object(json);
}

static bool has_fate(const struct stored_asset *asset, const char *list) {
  switch (asset->fate) {
  case ASSET_DELETED:
    return list[0] == 'd';
  case ASSET_GONE:
    return list[0] == 'g';
  case ASSET_KEPT:
    return list[0] == 'k';
  case ASSET_LISTED:
    break;
  }
  return false;
}

void assets_print_json(const struct stored_assets *assets, FILE *stream) {
  struct buffer out;
  struct json_out json;
  buffer_init(&out, ASSETS_BYTES_MAX);
  json_begin(&json, &out);
  json_open_object(&json, NULL);
  json_open_array(&json, "assets");
  for (size_t i = 0; i < assets->count; i++)
    put_asset(&json, &assets->assets[i]);
  json_close_array(&json);
  json_close_object(&json);
  buffer_text(&out, "\n");
  print(&out, stream);
}

/* ---- what was deleted ---- */

static const char *words_of(const struct stored_asset *asset) {
  if (asset->fate == ASSET_DELETED) return "deleted";
  return asset->fate == ASSET_GONE ? "gone already" : "kept: ";
}

static void tell_fate(struct buffer *out, const struct stored_asset *asset) {
  plain_text(out, asset->name != NULL ? asset->name : asset->id);
  buffer_printf(out, " on %s: %s", asset->email, words_of(asset));
  if (asset->fate == ASSET_KEPT) plain_text(out, asset->why);
  buffer_text(out, "\n");
}

void assets_print_cleaned(const struct stored_assets *assets, FILE *stream) {
  struct buffer out;
  char freed[40];
  size_t deleted = 0, kept = 0, others = 0;
  int64_t bytes = 0;
  buffer_init(&out, ASSETS_BYTES_MAX);
  for (size_t i = 0; i < assets->count; i++) {
    const struct stored_asset *asset = &assets->assets[i];
    others += asset->fate == ASSET_LISTED;
    kept += asset->fate == ASSET_KEPT;
    deleted += asset->fate == ASSET_DELETED;
    if (asset->fate == ASSET_DELETED && asset->size_bytes > 0) bytes += asset->size_bytes;
    if (asset->fate != ASSET_LISTED) tell_fate(&out, asset);
  }
  show_size(bytes, freed, sizeof freed);
  buffer_printf(&out, "%zu deleted (%s), %zu kept; %zu of others were left alone\n", deleted, freed,
                kept, others);
  print(&out, stream);
}

void assets_print_cleaned_json(const struct stored_assets *assets, FILE *stream) {
  static const char *const lists[] = {"deleted", "gone", "kept"};
  struct buffer out;
  struct json_out json;
  int64_t others = 0;
  buffer_init(&out, ASSETS_BYTES_MAX);
  json_begin(&json, &out);
  json_open_object(&json, NULL);
  for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++) {
    json_open_array(&json, lists[l]);
    for (size_t i = 0; i < assets->count; i++)
      if (has_fate(&assets->assets[i], lists[l])) put_asset(&json, &assets->assets[i]);
    json_close_array(&json);
  }
  for (size_t i = 0; i < assets->count; i++)
    others += assets->assets[i].fate == ASSET_LISTED;
  json_number(&json, "others", others);
  json_close_object(&json);
  buffer_text(&out, "\n");
  print(&out, stream);
}
