/* A state with damaged rows. The bytes change values of a sound state: table, row, column, value.
 * What the check of a snapshot lets through, the core goes on from. */
#include <string.h>

#include "night.h"
#include "store/snapshot.h"

#define CHANGES_MOST 24
#define STEPS_MOST   40

static const char *const texts[] = {NULL,
                                    "",
                                    "one@example.com",
                                    "two@example.com",
                                    "x@example.com",
                                    "hash-a",
                                    "hash-b",
                                    "task-1",
                                    "task-2",
                                    "task-9",
                                    "ns1:night:a:1",
                                    "ns1:night:b:2",
                                    "ns1:night:z:9 more",
                                    "user:1-runwayml:one@example.com-asset:7",
                                    "night",
                                    "/out/{account}.mp4",
                                    "/out/a.mp4",
                                    "\x1b[31m\xff",
                                    "a b c d e f g h i j"};

static struct job_record job(job_id id, const char *name, enum job_state state) {
  return (struct job_record){.id = id,
                             .batch = 1,
                             .key = name,
                             .name = name,
                             .number = id,
                             .listed = true,
                             .clip_path = "/c/a.mp4",
                             .clip_source = "a.mp4",
                             .clip_hash = id % 2 == 0 ? "hash-b" : "hash-a",
                             .clip_bytes = 1000,
                             .clip_ms = 10000,
                             .clip_type = "video/mp4",
                             .voice = "maya",
                             .voice_id = "maya",
                             .output = "/out/a.mp4",
                             .state = state,
                             .account = state == JOB_QUEUED ? NULL : "one@example.com",
                             .result = "/out/a.mp4",
                             .result_bytes = -1,
                             .changed = START};
}

static struct attempt_record attempt(attempt_id id, job_id of, enum attempt_state state,
                                     const char *ref, const char *task) {
  return (struct attempt_record){.id = id,
                                 .job = of,
                                 .number = 1,
                                 .account = "one@example.com",
                                 .reply_ref = ref,
                                 .asset_id = "asset-a",
                                 .asset_name = "a-1",
                                 .voice_id = "maya",
                                 .state = state,
                                 .task_id = task,
                                 .opened = START,
                                 .over = state == ATTEMPT_UNSURE ? START : 0,
                                 .settled = START};
}

/* A job in every state of interest, with the attempts that belong to it. */
static void add_sound_rows(struct row_memory *memory) {
  static const enum job_state states[] = {JOB_QUEUED,    JOB_SUBMITTING,  JOB_UNSURE,
                                          JOB_RUNNING,   JOB_DOWNLOADING, JOB_SUCCEEDED,
                                          JOB_MODERATED, JOB_UPLOADING};
  static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
  *(struct batch_record *)row_memory_add(memory, TABLE_BATCH) =
      (struct batch_record){.id = 1, .key = "night", .named = true, .created = START};
  *(struct batch_record *)row_memory_add(memory, TABLE_BATCH) =
      (struct batch_record){.id = 2, .key = "other", .named = true, .created = START};
  for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
    *(struct job_record *)row_memory_add(memory, TABLE_JOB) =
        job((job_id)i + 1, names[i], states[i]);
  struct job_record *jobs = (struct job_record *)(void *)memory->lists[TABLE_JOB].rows;
  jobs[3].task_id = "task-1";
  jobs[4].task_id = "task-2";
  jobs[5].task_id = "task-3";
  const struct attempt_record attempts[] = {
      attempt(1, 2, ATTEMPT_OPEN, "ns1:night:b:2", NULL),
      attempt(2, 3, ATTEMPT_UNSURE, "ns1:night:c:3", NULL),
      attempt(3, 4, ATTEMPT_ACCEPTED, "ns1:night:d:4", "task-1"),
      attempt(4, 5, ATTEMPT_SUCCEEDED, "ns1:night:e:5", "task-2"),
      attempt(5, 6, ATTEMPT_SUCCEEDED, "ns1:night:f:6", "task-3"),
      attempt(6, 1, ATTEMPT_ABSENT, "ns1:night:a:1", NULL),
      attempt(7, 7, ATTEMPT_MODERATED, "ns1:night:g:7", "task-4")};
  for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
    *(struct attempt_record *)row_memory_add(memory, TABLE_ATTEMPT) = attempts[i];
  *(struct upload_record *)row_memory_add(memory, TABLE_UPLOAD) =
      (struct upload_record){"one@example.com", "hash-a", "asset-a", "a-1", START};
  *(struct account_record *)row_memory_add(memory, TABLE_ACCOUNT) =
      (struct account_record){.email = "one@example.com", .capacity = 2, .credits = 100};
  *(struct account_record *)row_memory_add(memory, TABLE_ACCOUNT) =
      (struct account_record){.email = "two@example.com", .state = ACCOUNT_EMPTY, .credits = -1};
  *(struct stranger_record *)row_memory_add(memory, TABLE_STRANGER) =
      (struct stranger_record){"task-8", "one@example.com", "Maya_a-1", START};
  *(struct progress_record *)row_memory_add(memory, TABLE_PROGRESS) =
      (struct progress_record){1, START, START};
  *(struct moderation_record *)row_memory_add(memory, TABLE_MODERATION) =
      (struct moderation_record){1, 7, "one@example.com", "hash-c", START, "no"};
}

/* False: the store would not have read such a value either. */
static bool change(struct row_memory *memory, struct fuzz_bytes *bytes) {
  static const enum table_id tables[] = {
      TABLE_BATCH,   TABLE_JOB,     TABLE_JOB,      TABLE_ATTEMPT,  TABLE_ATTEMPT,   TABLE_UPLOAD,
      TABLE_ACCOUNT, TABLE_ACCOUNT, TABLE_STRANGER, TABLE_PROGRESS, TABLE_MODERATION};
  enum table_id id = tables[fuzz_choice(bytes, sizeof tables / sizeof tables[0])];
  const struct table *table = table_at(id);
  struct row_list *list = &memory->lists[id];
  char *row = list->rows + fuzz_byte(bytes) % list->count * table->row_size;
  const struct column *column = &table->columns[fuzz_byte(bytes) % table->column_count];
  if (!column_is_text(column)) return column_set_number(column, row, fuzz_number(bytes));
  if (column->type != COLUMN_TEXT) { /* an enum: the words of all of them */
    static const char *const words[] = {
        "queued", "uploading", "submitting", "unsure",  "running", "downloading", "succeeded",
        "failed", "moderated", "cancelled",  "held",    "open",    "refused",     "not-sent",
        "absent", "accepted",  "ready",      "cooling", "empty",   "broken",      "paused",
        "lost",   "false",     "true",       "auto"};
    unsigned at = fuzz_choice(bytes, sizeof words / sizeof words[0]);
    while (!column_set_text(column, row, words[at]))
      at = (at + 1) % (sizeof words / sizeof words[0]);
    return true;
  }
  const char *text = texts[fuzz_choice(bytes, sizeof texts / sizeof texts[0])];
  if (text == NULL && column->required) return false; /* NOT NULL */
  return column_set_text(column, row, text);
}

static void go_on(struct night *night, const struct store_snapshot *snapshot) {
  static const batch_id batches[] = {1, 2};
  struct core_options options = {.seed = 1,
                                 .retry_wait_low = 10 * SECOND_MS,
                                 .retry_wait_high = 30 * SECOND_MS,
                                 .poll_low = 3 * SECOND_MS,
                                 .poll_high = 30 * SECOND_MS,
                                 .max_attempts = 4,
                                 .upload_ahead = 1,
                                 .strikes = 2,
                                 .strike_window = HOUR_MS,
                                 .batch_percent = 20,
                                 .batch_least = 2};
  night->core = core_new(&options);
  (void)core_add_account(night->core,
                         &(struct core_account){.email = "one@example.com", .credits = -1});
  (void)core_add_account(night->core,
                         &(struct core_account){.email = "two@example.com", .credits = 50});
  core_load(night->core, snapshot, NULL, batches, 2);
  if (snapshot->latest > night->now) night->now = snapshot->latest;
  core_start(night->core, night->now, &night->output);
  night_take(night);
  for (int step = 0; step < STEPS_MOST && night->bytes->left > 0; step++)
    night_step(night);
  night_ask(night);
}

static void look_at_rest(const struct store_snapshot *snapshot) {
  struct core_output output;
  struct core *core = core_at_rest(snapshot, NULL);
  core_output_init(&output);
  core_control(core, START, &(struct control){.verb = CONTROL_PAUSE, .batch = "night"}, &output);
  core_control(
      core, START,
      &(struct control){.verb = CONTROL_RETRY, .batch = "night", .again = true, .force = true},
      &output);
  core_control(core, START,
               &(struct control){.verb = CONTROL_CANCEL, .batch = "night", .all = true}, &output);
  core_output_release(&output);
  core_free(core);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_bytes bytes = {data, size};
  struct store_snapshot snapshot = {.last_attempt = 7, .last_batch = 2, .last_job = 8};
  struct row_memory *memory = row_memory_new();
  bool readable = true;
  add_sound_rows(memory);
  snapshot.latest = (fuzz_byte(&bytes) & 1) != 0 ? START : fuzz_number(&bytes);
  unsigned changes = fuzz_choice(&bytes, CHANGES_MOST);
  for (unsigned i = 0; i < changes && readable; i++)
    readable = change(memory, &bytes);
  snapshot_finish(&snapshot, memory);
  if (readable && core_load_fault(&snapshot) == NULL) {
    struct night night;
    night_init(&night, &bytes);
    night.jobs = 8;
    look_at_rest(&snapshot);
    go_on(&night, &snapshot);
    night_release(&night);
  }
  store_snapshot_release(&snapshot);
  return 0;
}

static void same(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "\x01\x17", "\x03\x01\x07\x01", "");
}

const struct fuzz_worst fuzz_worst[] = {{"one change again and again", same}, {NULL, NULL}};
