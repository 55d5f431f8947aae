/* `status --json`: exactly the contract's objects. */
#include "nightshift/report.h"
#include "util/buffer.h"
#include "util/json_out.h"
#include "util/text.h"

#define STATUS_BYTES_MAX ((size_t)1024 * 1024 * 1024)

static const char *const phases[] = {"idle", "running", "finished"};

static void put_time(struct json_out *json, const char *name, time_ms time) {
  char text[40];
  text_from_time(time, text, sizeof text);
  json_text(json, name, time == 0 ? NULL : text);
}

/* -1 is "not known". */
static void put_known(struct json_out *json, const char *name, int64_t number) {
  if (number < 0)
    json_null(json, name);
  else
    json_number(json, name, number);
}

static void put_counts(struct json_out *json, const struct core_counts *counts) {
  json_open_object(json, "counts");
  for (int state = 0; state < JOB_STATE_COUNT; state++)
    json_number(json, job_state_name((enum job_state)state), counts->by_state[state]);
  json_close_object(json);
}

static void put_account(struct json_out *json, const struct status_account *account) {
  json_open_object(json, NULL);
  json_text(json, "email", account->email);
  json_text(json, "state", account_state_name(account->state));
  put_time(json, "until", account->until);
  put_known(json, "running", account->running);
  put_known(json, "capacity", account->capacity);
  put_known(json, "credits", account->credits);
  json_close_object(json);
}

static void put_job(struct json_out *json, const struct status_job *job) {
  json_open_object(json, NULL);
  json_text(json, "id", job->id);
  json_text(json, "state", job_state_name(job->state));
  json_text(json, "account", job->account);
  json_text(json, "task", job->task);
  json_number(json, "attempts", job->attempts);
  json_text(json, "output", job->output);
  json_text(json, "error", job->error);
  json_text(json, "why", job->why);
  json_close_object(json);
}

static void put_batch(struct json_out *json, const struct status_batch *batch, bool jobs) {
  json_open_object(json, NULL);
  json_text(json, "batch", batch->batch);
  json_text(json, "phase", phases[batch->phase]);
  put_counts(json, &batch->counts);
  put_time(json, "eta", batch->eta);
  json_open_array(json, "accounts");
  for (size_t i = 0; i < batch->account_count; i++)
    put_account(json, &batch->accounts[i]);
  json_close_array(json);
  if (jobs) {
    json_open_array(json, "jobs");
    for (size_t i = 0; i < batch->job_count; i++)
      put_job(json, &batch->jobs[i]);
    json_close_array(json);
  }
  json_close_object(json);
}

/* What could not be written shows in ferror(stream), which the caller looks at. */
static void print(struct buffer *out, FILE *stream) {
  buffer_text(out, "\n");
  (void)fwrite(out->bytes, 1, out->length, stream);
  buffer_release(out);
}

void status_print_json(const struct status_batch *batch, FILE *stream) {
  struct buffer out;
  struct json_out json;
  buffer_init(&out, STATUS_BYTES_MAX);
  json_begin(&json, &out);
  put_batch(&json, batch, true);
  print(&out, stream);
}

void status_print_all_json(const struct status_batch *batches, size_t count, FILE *stream) {
  struct buffer out;
  struct json_out json;
  buffer_init(&out, STATUS_BYTES_MAX);
  json_begin(&json, &out);
  json_open_object(&json, NULL);
  json_open_array(&json, "batches");
  for (size_t i = 0; i < count; i++)
    put_batch(&json, &batches[i], false);
  json_close_array(&json);
  json_close_object(&json);
  print(&out, stream);
}
