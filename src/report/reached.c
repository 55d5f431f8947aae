/* `accounts` and `voices`: what the tokens reach, as tables and as JSON. */
#include "nightshift/report.h"
#include "report/color.h"
#include "report/table.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/json_out.h"

#define REACHED_BYTES_MAX ((size_t)1024 * 1024 * 1024)

/* What could not be written shows in ferror(stream), which the caller looks at. */
static void print(struct buffer *out, FILE *stream) {
  (void)fwrite(buffer_string(out), 1, out->length, stream);
  buffer_release(out);
}

/* ---- accounts ---- */

static const char *number(struct arena *arena, int64_t value, bool known) {
  return known ? arena_printf(arena, "%lld", (long long)value) : NULL;
}

static const char *state_color(const struct reached_account *account) {
  if (!account->state_known) return COLOR_YELLOW;
  return account->state == ACCOUNT_READY ? COLOR_GREEN : COLOR_RED;
}

void reached_print_accounts(const struct reached *reached, bool color, FILE *stream) {
  static const struct table_column columns[] = {
      {"ACCOUNT", 40, false}, {"STATE", 7, false}, {"MAX JOBS", 8, true},
      {"CREDITS", 9, true},   {"VOICES", 6, true},
  };
  struct arena arena;
  struct buffer out;
  struct table table;
  arena_init(&arena);
  buffer_init(&out, REACHED_BYTES_MAX);
  table_init(&table, &arena, columns, sizeof columns / sizeof columns[0], reached->account_count);
  for (size_t i = 0; i < reached->account_count; i++) {
    const struct reached_account *account = &reached->accounts[i];
    struct table_row *row = table_add(&table);
    row->cells[0] = account->email;
    row->cells[1] = account->state_known ? account_state_name(account->state) : NULL;
    row->cells[2] = number(&arena, account->max_jobs, account->max_jobs > 0);
    row->cells[3] = number(&arena, account->credits, account->credits >= 0);
    row->cells[4] = number(&arena, account->voice_count, account->voice_count >= 0);
    row->note = account->trouble;
    row->color = state_color(account);
  }
  table_print(&table, color, &out);
  print(&out, stream);
  arena_release(&arena);
}

static void put_known(struct json_out *json, const char *name, int64_t value, bool known) {
  if (known)
    json_number(json, name, value);
  else
    json_null(json, name);
}

void reached_print_accounts_json(const struct reached *reached, FILE *stream) {
  struct buffer out;
  struct json_out json;
  buffer_init(&out, REACHED_BYTES_MAX);
  json_begin(&json, &out);
  json_open_object(&json, NULL);
  json_open_array(&json, "accounts");
  for (size_t i = 0; i < reached->account_count; i++) {
    const struct reached_account *account = &reached->accounts[i];
    json_open_object(&json, NULL);
    json_text(&json, "email", account->email);
    put_known(&json, "max_jobs", account->max_jobs, account->max_jobs > 0);
    put_known(&json, "credits", account->credits, account->credits >= 0);
    json_text(&json, "trouble", account->trouble);
    json_close_object(&json);
  }
  json_close_array(&json);
  json_close_object(&json);
  buffer_text(&out, "\n");
  print(&out, stream);
}

/* ---- voices ---- */

/* Where the voice is, when some account lacks it. */
static const char *places_of(struct arena *arena, const struct reached *reached,
                             const struct reached_voice *voice) {
  struct buffer text;
  if (voice->account_count == reached->asked_count) return NULL;
  buffer_init(&text, REACHED_BYTES_MAX);
  for (size_t i = 0; i < voice->account_count; i++)
    buffer_printf(&text, "%s%s", i == 0 ? "only on " : ", ", voice->accounts[i]);
  const char *places = arena_string(arena, buffer_string(&text));
  buffer_release(&text);
  return places;
}

void reached_print_voices(const struct reached *reached, FILE *stream) {
  static const struct table_column columns[] = {{"VOICE", 28, false}, {"ID", 50, false}};
  struct arena arena;
  struct buffer out;
  struct table table;
  arena_init(&arena);
  buffer_init(&out, REACHED_BYTES_MAX);
  table_init(&table, &arena, columns, sizeof columns / sizeof columns[0], reached->voice_count);
  for (size_t i = 0; i < reached->voice_count; i++) {
    struct table_row *row = table_add(&table);
    row->cells[0] = reached->voices[i].name;
    row->cells[1] = reached->voices[i].id;
    row->note = places_of(&arena, reached, &reached->voices[i]);
  }
  table_print(&table, false, &out);
  print(&out, stream);
  arena_release(&arena);
}

void reached_print_voices_json(const struct reached *reached, FILE *stream) {
  struct buffer out;
  struct json_out json;
  buffer_init(&out, REACHED_BYTES_MAX);
  json_begin(&json, &out);
  json_open_object(&json, NULL);
  json_open_array(&json, "voices");
  for (size_t i = 0; i < reached->voice_count; i++) {
    const struct reached_voice *voice = &reached->voices[i];
    json_open_object(&json, NULL);
    json_text(&json, "id", voice->id);
    json_text(&json, "name", voice->name);
    json_open_array(&json, "accounts");
    for (size_t k = 0; k < voice->account_count; k++)
      json_text(&json, NULL, voice->accounts[k]);
    json_close_array(&json);
    json_close_object(&json);
  }
  json_close_array(&json);
  json_close_object(&json);
  buffer_text(&out, "\n");
  print(&out, stream);
}
