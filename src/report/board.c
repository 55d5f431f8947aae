/* The picture that watchers of a run are shown: looks at all of it, and keeps by which change each
 * part of it last became another. board_json.c writes it. */
#include <stdlib.h>
#include <string.h>

#include "report/board.h"
#include "report/log_pretty.h"
#include "util/check.h"

#define RECKON_EVERY_MS 5000 /* real: ends of batches */
#define UNTIL_STEADY_MS (10 * SECOND_MS)
#define WORDS_BYTES_MAX ((size_t)4096)

struct board *board_new(void) {
  struct board *board = calloc(1, sizeof *board);
  CHECK(board != NULL && "out of memory");
  board->reckon_anew = true;
  return board;
}

static void forget_line(struct board_line *line) {
  free(line->job);
  free(line->account);
  free(line->words);
}

void board_free(struct board *board) {
  if (board == NULL) return;
  for (size_t i = 0; i < BOARD_LINES; i++)
    forget_line(&board->lines[i]);
  free(board->seats);
  free(board->accounts);
  free(board->batches);
  free(board);
}

/* ---- lines of the log ---- */

static char *copy_of(const char *text) {
  char *copy = text == NULL ? NULL : strdup(text);
  CHECK((text == NULL || copy != NULL) && "out of memory");
  return copy;
}

static const char *field_of(const struct log_line *line, const char *name) {
  for (size_t i = 0; i < line->field_count; i++)
    if (strcmp(line->fields[i].name, name) == 0) return line->fields[i].text;
  return NULL;
}

static bool changes_batches(enum log_event event) {
  return event == LOG_BATCH_PAUSED || event == LOG_BATCH_RESUMED || event == LOG_CONFIG_RELOADED;
}

void board_log(struct board *board, const struct log_line *line) {
  struct buffer words;
  if (line->level < LOG_INFO || line->event == LOG_PROGRESS) return;
  struct board_line *kept = &board->lines[board->line_count++ % BOARD_LINES];
  forget_line(kept);
  buffer_init(&words, WORDS_BYTES_MAX);
  log_pretty_words(line, &words);
  *kept = (struct board_line){.revision = board->revision + 1,
                              .time = line->time,
                              .level = line->level,
                              .event = line->event,
                              .job = copy_of(field_of(line, "job")),
                              .account = copy_of(field_of(line, "account")),
                              .words = copy_of(buffer_string(&words))};
  buffer_release(&words);
  board->lines_came = true;
  if (changes_batches(line->event)) board->reckon_anew = true;
}

/* ---- accounts ---- */

static bool is_same_text(const char *a, const char *b) {
  return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same_account(const struct core_account_view *a, const struct core_account_view *b) {
  return a->state == b->state && a->until == b->until && a->running == b->running &&
         a->others == b->others && a->capacity == b->capacity && a->credits == b->credits &&
         is_same_text(a->reason, b->reason);
}

static void make_room(void **array, size_t size, size_t have, size_t wanted) {
  if (wanted <= have) return;
  *array = realloc(*array, wanted * size);
  CHECK(*array != NULL && "out of memory");
  memset((char *)*array + have * size, 0, (wanted - have) * size);
}

static bool look_at_accounts(struct board *board, const struct board_source *source) {
  size_t count = core_account_count(source->core);
  bool changed = false;
  make_room((void **)&board->accounts, sizeof *board->accounts, board->account_count, count);
  for (size_t i = 0; i < count; i++) {
    struct board_account *account = &board->accounts[i];
    struct core_account_view view = core_account_at(source->core, (account_index)i, source->now);
    bool is_known = i < board->account_count;
    if (is_known && is_same_account(&account->view, &view)) continue;
    *account = (struct board_account){.view = view, .revision = board->revision + 1};
    changed = true;
  }
  board->account_count = count;
  return changed;
}

int board_account_of(const struct board *board, const char *email) {
  for (size_t i = 0; email != NULL && i < board->account_count; i++)
    if (board->accounts[i].view.email == email) return (int)i;
  for (size_t i = 0; email != NULL && i < board->account_count; i++)
    if (strcmp(board->accounts[i].view.email, email) == 0) return (int)i;
  return -1;
}

/* ---- batches ---- */

static bool is_same_batch(const struct board_batch *a, const struct board_batch *b) {
  return a->view.id == b->view.id && a->view.paused == b->view.paused &&
         is_same_text(a->view.why, b->view.why) && a->view.eta == b->view.eta &&
         memcmp(&a->counts, &b->counts, sizeof a->counts) == 0;
}

/* Ends are reckoned now and then only; counts are kept by look_at_jobs. */
static void reckon(struct board *board, const struct board_source *source) {
  size_t most = core_batch_count(source->core);
  struct core_batch_view *views = calloc(most + 1, sizeof *views);
  CHECK(views != NULL && "out of memory");
  size_t count = core_batches(source->core, source->now, views);
  make_room((void **)&board->batches, sizeof *board->batches, board->batch_count, count);
  for (size_t i = 0; i < count; i++)
    board->batches[i].view = views[i];
  board->batch_count = count;
  board->whole.eta = core_eta(source->core, source->now);
  board->reckoned_ms = source->real_ms;
  board->reckon_anew = false;
  free(views);
}

static bool look_at_batches(struct board *board) {
  bool changed = false;
  for (size_t i = 0; i < board->batch_count; i++) {
    struct board_batch *batch = &board->batches[i];
    struct board_batch told = {.view = batch->told, .counts = batch->told_counts};
    if (batch->revision != 0 && is_same_batch(batch, &told)) continue;
    batch->told = batch->view;
    batch->told_counts = batch->counts;
    batch->revision = board->revision + 1;
    changed = true;
  }
  return changed;
}

/* ---- jobs ---- */

/* An expected end moves a little with all that is learned: not worth telling. */
static void steady(const struct core_job_view *known, struct core_job_view *view) {
  duration_ms off = view->until - known->until;
  if (known->until != 0 && view->until != 0 && off < UNTIL_STEADY_MS && off > -UNTIL_STEADY_MS)
    view->until = known->until;
}

static bool is_same_job(const struct core_job_view *a, const struct core_job_view *b) {
  return a->state == b->state && a->account == b->account && a->error == b->error &&
         a->advice == b->advice && a->percent == b->percent && a->attempts == b->attempts &&
         a->paused == b->paused && a->cancel_wanted == b->cancel_wanted && a->since == b->since &&
         a->until == b->until && a->changed == b->changed;
}

/* Jobs come batch by batch: `hint` is the place of the last one's. */
static size_t batch_of(const struct board *board, batch_id id, size_t hint) {
  if (hint < board->batch_count && board->batches[hint].view.id == id) return hint;
  for (size_t i = 0; i < board->batch_count; i++)
    if (board->batches[i].view.id == id) return i;
  return board->batch_count;
}

static bool look_at_job(struct board *board, const struct board_source *source, size_t place,
                        size_t *batch) {
  struct board_seat *seat = &board->seats[place];
  struct core_job_view view;
  bool there = core_job_at(source->core, place, &view);
  if (there) *batch = batch_of(board, view.batch, *batch);
  if (there && *batch == board->batch_count) there = false; /* reckoned with the next look */
  if (!there && !seat->there) return false;
  if (there) {
    steady(&seat->view, &view);
    board->batches[*batch].counts.jobs++;
    board->batches[*batch].counts.by_state[view.state]++;
    if (seat->there && is_same_job(&seat->view, &view)) return false;
    seat->account = board_account_of(board, view.account);
    seat->view = view;
    seat->batch = *batch;
  }
  seat->there = there;
  seat->revision = board->revision + 1;
  return true;
}

static bool look_at_jobs(struct board *board, const struct board_source *source) {
  size_t count = core_job_count(source->core), batch = 0;
  bool changed = false;
  make_room((void **)&board->seats, sizeof *board->seats, board->seat_count, count);
  board->seat_count = count;
  for (size_t i = 0; i < board->batch_count; i++)
    board->batches[i].counts = (struct core_counts){0};
  for (size_t i = 0; i < count; i++)
    changed |= look_at_job(board, source, i, &batch);
  return changed;
}

/* ---- the whole ---- */

static bool look_at_whole(struct board *board, const struct board_source *source) {
  struct board_whole whole = board->whole;
  whole.per_hour = core_per_hour(source->core, source->now);
  whole.speed = source->speed;
  whole.stopping = source->stopping;
  whole.over = source->over;
  whole.exit_status = source->exit_status;
  whole.revision = board->whole_told.revision;
  board->whole = whole;
  if (whole.revision != 0 && whole.per_hour == board->whole_told.per_hour &&
      whole.eta == board->whole_told.eta && whole.stopping == board->whole_told.stopping &&
      whole.over == board->whole_told.over)
    return false;
  board->whole.revision = board->revision + 1;
  board->whole_told = board->whole;
  return true;
}

bool board_update(struct board *board, const struct board_source *source) {
  board->now = source->now;
  if (board->reckon_anew || source->real_ms - board->reckoned_ms >= RECKON_EVERY_MS || source->over)
    reckon(board, source);
  bool changed = board->lines_came;
  changed |= look_at_accounts(board, source);
  changed |= look_at_jobs(board, source);
  changed |= look_at_batches(board);
  changed |= look_at_whole(board, source);
  board->lines_came = false;
  if (changed) board->revision++;
  return changed;
}
