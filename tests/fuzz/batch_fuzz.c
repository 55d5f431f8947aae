/* A batch file of any bytes: read or refused with every mistake told, never outside its directory.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "nightshift/batch.h"

static void prepare(void) {
  static bool ready;
  if (ready) return;
  ready = true;
  (void)fuzz_directory();
  CHECK(system("mkdir -p clips/deep out") == 0);
  for (const char *const *path = (const char *const[]){"a.mp4", "clips/a.mp4", "clips/b b.mov",
                                                       "clips/deep/\xc3\xa9.mp4", NULL};
       *path != NULL; path++)
    fuzz_write(*path, "x", 1);
}

static void check_job(const struct batch *batch, const struct batch_job *job) {
  size_t length = strlen(batch->directory);
  CHECK(job->voice != NULL && job->output != NULL && job->id != NULL);
  CHECK((job->asset == NULL) != (job->clip_path == NULL));
  CHECK(strncmp(job->output, batch->directory, length) == 0 && job->output[length] == '/');
  CHECK(strstr(job->output, "/../") == NULL && strstr(job->output, "/./") == NULL);
  CHECK(fuzz_is_harmless(job->output, strlen(job->output), false));
  CHECK(fuzz_is_harmless(job->id, strlen(job->id), false));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  prepare();
  struct batch batch;
  struct diag_list *diags = diag_new();
  struct batch_options options = {.jobs_max = 20000};
  fuzz_write("batch.yaml", (const char *)data, size);
  int result = batch_load("batch.yaml", &options, &batch, diags);
  CHECK(result == 0 || result == ERR_USAGE);
  CHECK((result == 0) == (diag_error_count(diags) == 0));
  for (size_t i = 0; result == 0 && i < batch.job_count; i++) {
    CHECK(batch.jobs[i].number == (int64_t)i + 1);
    check_job(&batch, &batch.jobs[i]);
  }
  fuzz_check_diags(diags, NULL);
  batch_release(&batch);
  diag_free(diags);
  return 0;
}

static void many_jobs(struct buffer *out, size_t size) {
  fuzz_count(out, size, "defaults: {voice: V, output: 'o/{id}'}\njobs:\n", "- {video: a.mp4, id: i",
             "}\n", "");
}
static void many_short_jobs(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "defaults: {voice: V}\njobs:\n", "- a.mp4\n", "");
}
static void many_voices(struct buffer *out, size_t size) {
  fuzz_count(out, size, "jobs:\n- video: a.mp4\n  voice: [", "v", ",", "]\n");
}
static void many_globs(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "defaults: {voice: V}\njobs:\n", "- '*'\n", "");
}
static void stars(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "defaults: {voice: V}\njobs:\n- '", "*a", "*'\n");
}
static void placeholders(struct buffer *out, size_t size) {
  fuzz_repeat(out, size, "defaults: {voice: V}\njobs:\n- {video: a.mp4, output: '", "{id}", "'}\n");
}

const struct fuzz_worst fuzz_worst[] = {FUZZ_WORST_YAML,
                                        {"many jobs", many_jobs},
                                        {"many short jobs", many_short_jobs},
                                        {"many voices", many_voices},
                                        {"many globs", many_globs},
                                        {"stars", stars},
                                        {"placeholders", placeholders},
                                        {NULL, NULL}};
