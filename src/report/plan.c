/* `check`: the plan, as tables. What is not known is left open or said, never guessed. */
#include "nightshift/report.h"
#include "report/show.h"
#include "report/table.h"
#include "util/arena.h"
#include "util/buffer.h"
#include "util/plain.h"
#include "util/text.h"

#define PLAN_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define VOICES_SHOWN   30

struct sheet {
  const struct plan *plan;
  struct arena arena;
  struct buffer out;
};

static const char *number(struct arena *arena, int64_t value) {
  return value >= 0 ? arena_printf(arena, "%lld", (long long)value) : NULL;
}

static const char *size(struct arena *arena, int64_t bytes) {
  char text[40];
  show_size(bytes, text, sizeof text);
  return arena_string(arena, text);
}

static void put_batches(struct sheet *sheet) {
  static const struct table_column columns[] = {
      {"BATCH", 26, false}, {"JOBS", 6, true},  {"ENDED", 6, true},  {"AT WORK", 7, true},
      {"PAUSED", 6, true},  {"TO DO", 6, true}, {"CLIPS", 10, true},
  };
  struct arena *arena = &sheet->arena;
  struct table table;
  table_init(&table, arena, columns, sizeof columns / sizeof columns[0], sheet->plan->batch_count);
  for (size_t i = 0; i < sheet->plan->batch_count; i++) {
    const struct plan_batch *batch = &sheet->plan->batches[i];
    struct table_row *row = table_add(&table);
    char length[40];
    text_from_duration(batch->clips_ms, length, sizeof length);
    row->cells[0] = show_name(batch->name);
    row->cells[1] = number(arena, batch->jobs);
    row->cells[2] = number(arena, batch->ended);
    row->cells[3] = number(arena, batch->at_work);
    row->cells[4] = number(arena, batch->paused);
    row->cells[5] = number(arena, batch->to_do);
    row->cells[6] = arena_string(arena, length);
    row->color = "";
  }
  table_print(&table, false, &sheet->out);
}

static void put_uploads(struct sheet *sheet) {
  const struct plan *plan = sheet->plan;
  if (plan->clips == 0) return;
  buffer_printf(&sheet->out,
                plan->clips == 1
                    ? "\n%lld clip to do (%s), uploaded once to every account that works on it"
                    : "\n%lld different clips to do (%s), each uploaded once to every account "
                      "that works on it",
                (long long)plan->clips, size(&sheet->arena, plan->clip_bytes));
  if (plan->clips_there > 0)
    buffer_printf(&sheet->out, ";\non an account already: %lld", (long long)plan->clips_there);
  buffer_text(&sheet->out, "\n");
}

static void put_voices(struct sheet *sheet) {
  static const struct table_column columns[] = {{"VOICE", 28, false}, {"ID", 50, false}};
  const struct plan *plan = sheet->plan;
  struct table table;
  size_t shown = plan->voice_count < VOICES_SHOWN ? plan->voice_count : VOICES_SHOWN;
  if (plan->not_asked != NULL || shown == 0) return;
  buffer_text(&sheet->out, "\n");
  table_init(&table, &sheet->arena, columns, 2, shown);
  for (size_t i = 0; i < shown; i++) {
    struct table_row *row = table_add(&table);
    row->cells[0] = plan->voices[i].written;
    row->cells[1] = plan->voices[i].id;
    row->note = plan->voices[i].places;
    row->color = "";
  }
  table_print(&table, false, &sheet->out);
  if (shown < plan->voice_count)
    buffer_printf(&sheet->out, "and %zu more\n", plan->voice_count - shown);
}

static const char *credits_of(struct arena *arena, const struct plan_account *account) {
  if (account->credits < 0) return NULL;
  if (account->credits_permitted < 0) return number(arena, account->credits);
  return arena_printf(arena, "%lld of %lld", (long long)account->credits,
                      (long long)account->credits_permitted);
}

static const char *storage_of(struct arena *arena, const struct plan_account *account) {
  if (account->storage_bytes < 0) return NULL;
  const char *all = size(arena, account->storage_bytes);
  if (account->storage_used_bytes < 0) return arena_printf(arena, "? of %s", all);
  int64_t left = account->storage_bytes - account->storage_used_bytes;
  return arena_printf(arena, "%s of %s", size(arena, left > 0 ? left : 0), all);
}

static void put_accounts(struct sheet *sheet) {
  static const struct table_column columns[] = {
      {"ACCOUNT", 28, false},     {"MAX JOBS", 8, true},      {"RUNNING", 7, true},
      {"CREDITS LEFT", 20, true}, {"STORAGE LEFT", 20, true},
  };
  const struct plan *plan = sheet->plan;
  struct arena *arena = &sheet->arena;
  struct table table;
  if (plan->not_asked != NULL) {
    buffer_text(&sheet->out, "\nnot checked: voices and accounts, because ");
    plain_text(&sheet->out, plan->not_asked);
    buffer_text(&sheet->out, "\n");
    return;
  }
  buffer_text(&sheet->out, "\n");
  table_init(&table, arena, columns, sizeof columns / sizeof columns[0], plan->account_count);
  for (size_t i = 0; i < plan->account_count; i++) {
    const struct plan_account *account = &plan->accounts[i];
    struct table_row *row = table_add(&table);
    row->cells[0] = account->email;
    row->cells[1] = account->max_jobs > 0 ? number(arena, account->max_jobs) : NULL;
    row->cells[2] = number(arena, account->running);
    row->cells[3] = credits_of(arena, account);
    row->cells[4] = storage_of(arena, account);
    row->note = account->trouble;
    row->color = "";
  }
  table_print(&table, false, &sheet->out);
}

static void put_needs(struct sheet *sheet) {
  const struct plan *plan = sheet->plan;
  buffer_text(&sheet->out, "\n");
  if (plan->credits_needed >= 0)
    buffer_printf(&sheet->out, "needs about %lld credits, as clips of these accounts went\n",
                  (long long)plan->credits_needed);
}

void plan_print(const struct plan *plan, FILE *stream) {
  struct sheet sheet = {.plan = plan};
  arena_init(&sheet.arena);
  buffer_init(&sheet.out, PLAN_BYTES_MAX);
  put_batches(&sheet);
  put_uploads(&sheet);
  put_voices(&sheet);
  put_accounts(&sheet);
  put_needs(&sheet);
  (void)fwrite(buffer_string(&sheet.out), 1, sheet.out.length, stream); /* the caller looks */
  buffer_release(&sheet.out);
  arena_release(&sheet.arena);
}
