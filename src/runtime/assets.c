/* `assets`: what is uploaded, page by page; and our uploads that no job needs, forgotten by the
 * state and then deleted. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/ask.h"
#include "runtime/prepare.h"
#include "util/buffer.h"
#include "util/check.h"
#include "util/map.h"

#define PAGE       1000 /* service.md: the most that a list gives */
#define OFFSET_END 1000 /* and the last offset that it takes */

#define ORDER_BYTES_MAX ((size_t)8 * 1024 * 1024)

struct shelf { /* of one account */
  const struct reach_account *account;
  int64_t offset;
  bool more; /* another page may be there */
  const char *trouble;
};

struct stock {
  struct run *run;
  struct arena *arena;
  struct stored_assets *assets;
  size_t room;
  struct shelf *shelves;
  size_t shelf_count;
  struct map listed; /* by assetId: pages move while they are read */
  size_t unread;     /* entries that no assetId could be read of */
  size_t failed;     /* deletions */
};

static int complain(const char *what, const char *why, int status) {
  report_complain(stderr, "%s: %s", what, why);
  return status;
}

/* ---- listing ---- */

static struct stored_asset *add(struct stock *stock) {
  struct stored_assets *all = stock->assets;
  if (all->count == stock->room) {
    stock->room = stock->room == 0 ? 256 : stock->room * 2;
    struct stored_asset *grown = ARENA_NEW_ARRAY(stock->arena, stock->room, struct stored_asset);
    if (all->count > 0) memcpy(grown, all->assets, all->count * sizeof *grown);
    all->assets = grown;
  }
  return &all->assets[all->count++];
}

static void read_page(void *context, const struct question *question, const struct answer *answer) {
  struct stock *stock = context;
  struct shelf *shelf = &stock->shelves[question->place];
  shelf->more = answer->outcome.kind == OUTCOME_OK && answer->asset_count > 0;
  if (answer->outcome.kind != OUTCOME_OK)
    shelf->trouble = arena_printf(stock->arena, "%s: %s", outcome_name(answer->outcome.kind),
                                  answer->outcome.text);
  if (answer->outcome.kind == OUTCOME_OK && !answer->whole) stock->unread++;
  for (size_t i = 0; i < answer->asset_count && shelf->trouble == NULL; i++) {
    const struct asset_view *view = &answer->assets[i];
    if (map_get(&stock->listed, view->asset_id, NULL)) continue;
    map_set(&stock->listed, view->asset_id, 1);
    *add(stock) = (struct stored_asset){.id = arena_string(stock->arena, view->asset_id),
                                        .name = arena_string(stock->arena, view->name),
                                        .email = shelf->account->email,
                                        .length_ms = view->length_ms,
                                        .size_bytes = view->size_bytes};
  }
  shelf->offset += (int64_t)answer->asset_count;
}

/* The next page of every account that may have one. A page that is shorter than what was asked for
 * need not be the last: only an empty one is. */
static int list_pages(struct stock *stock) {
  struct question *questions = ARENA_NEW_ARRAY(stock->arena, stock->shelf_count, struct question);
  struct asking asking = {
      .run = stock->run, .questions = questions, .read = read_page, .context = stock};
  for (size_t i = 0; i < stock->shelf_count; i++) {
    const struct shelf *shelf = &stock->shelves[i];
    if (!shelf->more || shelf->offset > OFFSET_END) continue;
    questions[asking.count].place = i;
    questions[asking.count++].call = (struct call){.kind = CALL_LIST_ASSETS,
                                                   .token = shelf->account->token,
                                                   .email = shelf->account->email,
                                                   .offset = shelf->offset,
                                                   .limit = PAGE};
  }
  if (asking.count == 0) return ERR_NOT_FOUND;
  return ask_all(&asking);
}

/* Pages of several accounts come in between each other. */
static void sort_by_account(struct stock *stock) {
  struct stored_assets *all = stock->assets;
  struct stored_asset *sorted = ARENA_NEW_ARRAY(stock->arena, all->count, struct stored_asset);
  size_t count = 0;
  for (size_t i = 0; i < stock->shelf_count; i++)
    for (size_t k = 0; k < all->count; k++)
      if (all->assets[k].email == stock->shelves[i].account->email)
        sorted[count++] = all->assets[k];
  CHECK(count == all->count);
  all->assets = sorted;
}

static int list_all(struct stock *stock) {
  int result = 0;
  while (result == 0)
    result = list_pages(stock);
  sort_by_account(stock);
  return result == ERR_NOT_FOUND ? 0 : result;
}

static int begin_shelves(struct stock *stock, const struct reach *reach, const char *email) {
  stock->shelves = ARENA_NEW_ARRAY(stock->arena, reach->account_count, struct shelf);
  for (size_t i = 0; i < reach->account_count; i++) {
    if (email != NULL && strcasecmp(reach->accounts[i].email, email) != 0) continue;
    stock->shelves[stock->shelf_count++] =
        (struct shelf){.account = &reach->accounts[i], .more = true};
  }
  if (stock->shelf_count > 0) return 0;
  return complain(email, "no such account; 'nightshift accounts' lists them", 1);
}

/* What is missing in the list is told; it is a list all the same, unless all is missing. */
static int tell_gaps(const struct stock *stock) {
  size_t troubled = 0;
  for (size_t i = 0; i < stock->shelf_count; i++) {
    const struct shelf *shelf = &stock->shelves[i];
    if (shelf->trouble != NULL) {
      report_complain(stderr, "the uploads on %s could not all be listed: %s",
                      shelf->account->email, shelf->trouble);
      troubled++;
    } else if (shelf->more) {
      report_complain(stderr,
                      "the service lists the newest %lld uploads on %s; older ones, if any, are "
                      "not shown: delete some, and ask again",
                      (long long)shelf->offset, shelf->account->email);
    }
  }
  if (stock->unread > 0)
    report_complain(stderr, "%zu pages have entries that could not be read; they are left out",
                    stock->unread);
  return troubled == stock->shelf_count ? 4 : 0;
}

/* ---- which are ours ---- */

static void note_ours(struct map *ours, const char *id, const char *name) {
  if (id != NULL) map_set(ours, id, 1);
  if (name != NULL) map_set(ours, name, 1);
}

/* By id; or by name, which is unique in the world: one that was forgotten has only that. */
static void mark_ours(struct stored_assets *assets, const struct store_snapshot *snapshot) {
  struct map ours;
  map_init(&ours);
  for (size_t i = 0; i < snapshot->upload_count; i++)
    note_ours(&ours, snapshot->uploads[i].asset_id, snapshot->uploads[i].asset_name);
  for (size_t i = 0; i < snapshot->attempt_count; i++)
    if (snapshot->attempts[i].asset_name != NULL) /* else the batch named it: somebody else's */
      note_ours(&ours, snapshot->attempts[i].asset_id, snapshot->attempts[i].asset_name);
  for (size_t i = 0; i < assets->count; i++) {
    struct stored_asset *asset = &assets->assets[i];
    asset->ours = map_get(&ours, asset->id, NULL) ||
                  (asset->name != NULL && map_get(&ours, asset->name, NULL));
  }
  map_release(&ours);
}

/* ---- cleaning ---- */

static void read_fates(const struct stock *stock, const char *text) {
  struct map fates;
  map_init(&fates);
  char *copy = arena_string(stock->arena, text), *next = copy;
  for (char *line = strsep(&next, "\n"); line != NULL; line = strsep(&next, "\n")) {
    char *tab = strchr(line, '\t');
    if (tab == NULL) continue;
    *tab = '\0';
    map_set(&fates, line, (int64_t)(tab + 1 - copy));
  }
  for (size_t i = 0; i < stock->assets->count; i++) {
    struct stored_asset *asset = &stock->assets->assets[i];
    int64_t place;
    if (!asset->ours) continue;
    asset->fate = ASSET_KEPT;
    asset->why = map_get(&fates, asset->id, &place) ? copy + place : "the state does not tell";
    if (strcmp(asset->why, CORE_FORGOTTEN) == 0) asset->why = NULL; /* to be deleted */
  }
  map_release(&fates);
}

/* Whoever holds the state forgets what no job needs, so that none counts on it any more. */
static int forget(const struct stock *stock) {
  struct buffer lines;
  struct control_answer answer;
  struct error error = {0};
  buffer_init(&lines, ORDER_BYTES_MAX);
  for (size_t i = 0; i < stock->assets->count; i++)
    if (stock->assets->assets[i].ours)
      buffer_printf(&lines, "%s\t%s\n", stock->assets->assets[i].email,
                    stock->assets->assets[i].id);
  CHECK(!lines.overflowed);
  if (lines.length == 0) return 0;
  const struct request_record order = {
      .verb = "forget", .pattern = buffer_string(&lines), .asked = clock_now(&stock->run->clock)};
  int result = control_give(stock->run->options->state, &order, &answer, &error), status = 0;
  if (result != 0)
    status = complain("nothing is deleted, because the state cannot be asked", error.text, 4);
  else if (!answer.answered)
    status =
        complain("nothing is deleted", "the run at work has not answered in 2 s; ask again", 4);
  else
    read_fates(stock, answer.text);
  control_answer_release(&answer);
  buffer_release(&lines);
  return status;
}

static void read_deletion(void *context, const struct question *question,
                          const struct answer *answer) {
  struct stock *stock = context;
  struct stored_asset *asset = &stock->assets->assets[question->place];
  enum outcome_kind kind = answer->outcome.kind;
  if (kind == OUTCOME_OK) {
    asset->fate = ASSET_DELETED;
  } else if (kind == OUTCOME_NOT_FOUND || kind == OUTCOME_EXPIRED) {
    asset->fate = ASSET_GONE;
  } else {
    asset->why = arena_printf(stock->arena, "it could not be deleted: %s: %s", outcome_name(kind),
                              answer->outcome.text);
    stock->failed++;
  }
}

static token_index token_of(const struct stock *stock, const char *email) {
  for (size_t i = 0; i < stock->shelf_count; i++)
    if (strcmp(stock->shelves[i].account->email, email) == 0)
      return stock->shelves[i].account->token;
  CHECK_UNREACHABLE();
}

static int delete_forgotten(struct stock *stock) {
  struct question *questions = ARENA_NEW_ARRAY(stock->arena, stock->assets->count, struct question);
  struct asking asking = {
      .run = stock->run, .questions = questions, .read = read_deletion, .context = stock};
  for (size_t i = 0; i < stock->assets->count; i++) {
    const struct stored_asset *asset = &stock->assets->assets[i];
    if (asset->fate != ASSET_KEPT || asset->why != NULL) continue;
    questions[asking.count].place = i;
    questions[asking.count++].call = (struct call){.kind = CALL_DELETE_ASSET,
                                                   .token = token_of(stock, asset->email),
                                                   .email = asset->email,
                                                   .asset_id = asset->id};
  }
  int result = asking.count > 0 ? ask_all(&asking) : 0;
  for (size_t i = 0; i < stock->assets->count; i++) {
    struct stored_asset *asset = &stock->assets->assets[i];
    if (asset->fate == ASSET_KEPT && asset->why == NULL) asset->why = "interrupted before its turn";
  }
  return result;
}

static int clean(struct stock *stock) {
  int status = forget(stock);
  if (status != 0) return status;
  stock->assets->cleaned = true;
  if (delete_forgotten(stock) != 0) return 3;
  return stock->failed > 0 ? 4 : 0;
}

/* ---- the command ---- */

static int reach_accounts(struct run *run, struct reach *reach) {
  struct error error = {0};
  if (prepare_loop(run, &error) != 0) return complain("cannot begin", error.text, 70);
  if (prepare_http(run, &error) != 0) return complain("cannot ask the service", error.text, 2);
  int result = preflight_accounts(run, reach, run->options->diags);
  diag_print(run->options->diags, stderr);
  return reach_judge(run, result, reach);
}

static int serve(struct stock *stock, const struct reach *reach, const char *email,
                 const struct store_snapshot *snapshot, bool cleans) {
  int status = begin_shelves(stock, reach, email);
  if (status != 0) return status;
  if (list_all(stock) != 0) return 3;
  status = tell_gaps(stock);
  if (status != 0) return status;
  mark_ours(stock->assets, snapshot);
  return cleans ? clean(stock) : 0;
}

int runtime_assets(const struct run_options *options, const char *email,
                   const struct store_snapshot *snapshot, bool cleans, struct arena *arena,
                   struct stored_assets *assets) {
  struct run run = {.options = options};
  struct reach reach = {0};
  struct stock stock = {.run = &run, .arena = arena, .assets = assets};
  *assets = (struct stored_assets){0};
  if (options->config_failed) {
    diag_print(options->diags, stderr);
    return 2;
  }
  run.inbox_end = &run.inbox;
  clock_start(&run.clock, options->speed, 0);
  map_init(&stock.listed);
  int status = reach_accounts(&run, &reach);
  if (status == 0) status = serve(&stock, &reach, email, snapshot, cleans);
  for (size_t i = 0; i < assets->count; i++) /* the reach goes, the list stays */
    assets->assets[i].email = arena_string(arena, assets->assets[i].email);
  map_release(&stock.listed);
  prepare_close(&run);
  reach_release(&reach);
  return status;
}
