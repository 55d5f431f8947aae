/* What people order: a request as the state keeps it, a field a line, applied to a state at rest.
 */
#include <stdlib.h>
#include <string.h>

#include "night.h"

static const struct batch_record batches[] = {{.id = 1, .key = "night", .named = true},
                                              {.id = 2, .key = "/n/[b].yaml"}};

static struct job_record job(job_id id, batch_id batch, const char *name, enum job_state state) {
  return (struct job_record){.id = id,
                             .batch = batch,
                             .key = name,
                             .name = name,
                             .number = id,
                             .listed = true,
                             .clip_hash = "hash",
                             .voice = "maya",
                             .voice_id = "maya",
                             .output = "/out/a.mp4",
                             .state = state,
                             .result_bytes = -1};
}

/* The answer is for a terminal, and an exit status. */
static void check_output(const struct core_output *output, int64_t id) {
  bool answered = false;
  for (size_t i = 0; i < output->record_count; i++) {
    if (output->records[i].kind != RECORD_REQUEST_ANSWER) continue;
    const struct request_record *request = &output->records[i].as.request;
    CHECK(!answered && request->id == id && request->answer != NULL);
    CHECK(request->status >= 0 && request->status <= 4);
    answered = true;
  }
  CHECK(answered);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_bytes bytes = {data, size};
  struct job_record jobs[] = {job(1, 1, "a", JOB_QUEUED), job(2, 1, "b", JOB_HELD),
                              job(3, 1, "b-2", JOB_MODERATED), job(4, 1, "[x]*", JOB_SUCCEEDED),
                              job(5, 2, "a", JOB_FAILED)};
  struct account_record account = {.email = "one@example.com", .credits = -1};
  struct store_snapshot snapshot = {.latest = START,
                                    .batches = (struct batch_record *)(uintptr_t)batches,
                                    .batch_count = 2,
                                    .jobs = jobs,
                                    .job_count = sizeof jobs / sizeof jobs[0],
                                    .accounts = &account,
                                    .account_count = 1};
  static const char *const verbs[] = {"pause", "resume", "cancel", "retry"};
  char *lines[3];
  unsigned bits = fuzz_byte(&bytes), verb = fuzz_choice(&bytes, 4);
  for (int i = 0; i < 3; i++)
    lines[i] = fuzz_line(&bytes);
  size_t length;
  char *rest = fuzz_rest(&bytes, &length), *pattern = malloc(length + 1);
  CHECK(pattern != NULL);
  size_t used = 0;
  for (size_t i = 0; i < length; i++)
    if (rest[i] != '\0') pattern[used++] = rest[i];
  pattern[used] = '\0';
  struct request_record request = {.id = 1,
                                   .verb = verbs[verb],
                                   .batch = (bits & 1) != 0 ? lines[0] : "night",
                                   .account = (bits & 2) != 0 ? lines[1] : NULL,
                                   .flags = (bits & 4) != 0 ? lines[2] : NULL,
                                   .pattern = (bits & 8) != 0 ? pattern : NULL,
                                   .asked = START};
  if (verb >= 2) request.account = NULL;
  struct core_output output;
  struct core *core = core_at_rest(&snapshot, NULL);
  core_output_init(&output);
  struct control control = core_control_of(&request);
  core_control(core, START, &control, &output);
  check_output(&output, control.request);
  core_output_release(&output);
  core_free(core);
  free(pattern);
  free(rest);
  for (int i = 0; i < 3; i++)
    free(lines[i]);
  return 0;
}

static void lines(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "\x08\x02\n\n\n", "*a*b*\n", "");
}
static void one_pattern(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "\x08\x03\n\n\n", "*[", "");
}
static void ids(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "\x08\x03\n\n\n", "a\n", "");
}

const struct fuzz_worst fuzz_worst[] = {
    {"patterns", lines}, {"one pattern", one_pattern}, {"ids", ids}, {NULL, NULL}};
