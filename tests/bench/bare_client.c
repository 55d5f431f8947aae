/* The calls of a job with libcurl alone: no state, no decisions, nothing parsed beyond the ids that
 * the next call needs. What the program is measured against.
 *
 * usage: bare_client jobs API COUNT ABREAST ACCOUNTS CLIP   whole jobs: upload, submit, list,
 * download bare_client lists API COUNT                        one list of tasks after the other */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buffer.h"
#include "util/check.h"

#define REPLY_MOST ((size_t)4 * 1024 * 1024)

enum phase { UPLOADING, SUBMITTING, LISTING, FETCHING };

struct work {
  CURL *easy;
  struct curl_slist *headers;
  enum phase phase;
  int account;
  struct buffer reply;
  char asset[200], artifact[200];
};

static struct {
  const char *api, *clip;
  size_t clip_bytes;
  long left, done;
  int accounts;
} plan;

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
  struct work *work = context;
  return buffer_append(&work->reply, bytes, size * count) ? size * count : 0;
}

static void set_url(struct work *work, const char *url) {
  CHECK(curl_easy_setopt(work->easy, CURLOPT_URL, url) == CURLE_OK);
}

static void set_header(struct work *work, const char *line) {
  curl_slist_free_all(work->headers);
  work->headers = curl_slist_append(NULL, "Authorization: Bearer user:1234-demo-secret");
  if (line != NULL) work->headers = curl_slist_append(work->headers, line);
  CHECK(curl_easy_setopt(work->easy, CURLOPT_HTTPHEADER, work->headers) == CURLE_OK);
}

static void set_post(struct work *work, const char *type, const char *bytes, size_t size) {
  set_header(work, type);
  CHECK(curl_easy_setopt(work->easy, CURLOPT_POSTFIELDSIZE, (long)size) == CURLE_OK);
  CHECK(curl_easy_setopt(work->easy, CURLOPT_COPYPOSTFIELDS, bytes) == CURLE_OK);
}

static void set_get(struct work *work) {
  set_header(work, NULL);
  CHECK(curl_easy_setopt(work->easy, CURLOPT_HTTPGET, 1L) == CURLE_OK);
}

/* The text between `before` and the next quote. */
static void cut_out(const char *text, const char *before, char *value, size_t size) {
  const char *found = strstr(text, before);
  CHECK(found != NULL);
  found += strlen(before);
  size_t length = strcspn(found, "\"");
  CHECK(length < size);
  memcpy(value, found, length);
  value[length] = '\0';
}

static void ask_list(struct work *work) {
  char url[300];
  snprintf(url, sizeof url, "%s/tasks/?email=a%d%%40example.com&offset=0&limit=10", plan.api,
           work->account);
  set_url(work, url);
  set_get(work);
}

static void begin(struct work *work) {
  char url[300];
  work->phase = UPLOADING;
  work->account = (int)(plan.left-- % plan.accounts);
  snprintf(url, sizeof url, "%s/assets/?email=a%d%%40example.com&name=clip-%ld", plan.api,
           work->account, plan.left);
  set_url(work, url);
  set_post(work, "Content-Type: video/mp4", plan.clip, plan.clip_bytes);
}

static void submit(struct work *work) {
  char url[300], body[400];
  cut_out(buffer_string(&work->reply), "\"assetId\":\"", work->asset, sizeof work->asset);
  snprintf(url, sizeof url, "%s/gen4/act-two-voice", plan.api);
  snprintf(body, sizeof body,
           "{\"video_assetId\":\"%s\",\"voiceId\":\"voice-maya\",\"replyRef\":\"%ld\"}",
           work->asset, plan.left);
  set_url(work, url);
  set_post(work, "Content-Type: application/json", body, strlen(body));
}

/* What comes after the reply; false: nothing more. */
static bool next(struct work *work) {
  switch (work->phase) {
  case UPLOADING:
    submit(work);
    work->phase = SUBMITTING;
    break;
  case SUBMITTING:
    ask_list(work);
    work->phase = LISTING;
    break;
  case LISTING:
    cut_out(buffer_string(&work->reply), "\"url\":\"", work->artifact, sizeof work->artifact);
    set_url(work, work->artifact);
    set_get(work);
    work->phase = FETCHING;
    break;
  case FETCHING:
    plan.done++;
    if (plan.left == 0) return false;
    begin(work);
    break;
  }
  buffer_clear(&work->reply);
  return true;
}

static void work_init(struct work *work) {
  *work = (struct work){.easy = curl_easy_init()};
  CHECK(work->easy != NULL);
  buffer_init(&work->reply, REPLY_MOST);
  CHECK(curl_easy_setopt(work->easy, CURLOPT_PRIVATE, work) == CURLE_OK);
  CHECK(curl_easy_setopt(work->easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK);
  CHECK(curl_easy_setopt(work->easy, CURLOPT_WRITEDATA, work) == CURLE_OK);
  CHECK(curl_easy_setopt(work->easy, CURLOPT_PROXY, "") == CURLE_OK);
}

static void work_release(struct work *work) {
  curl_easy_cleanup(work->easy);
  curl_slist_free_all(work->headers);
  buffer_release(&work->reply);
}

static void go_on(CURLM *multi, const CURLMsg *message) {
  char *private = NULL;
  CHECK(message->data.result == CURLE_OK);
  CHECK(curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private) == CURLE_OK);
  struct work *work = (struct work *)(void *)private;
  CHECK(curl_multi_remove_handle(multi, work->easy) == CURLM_OK);
  if (next(work)) CHECK(curl_multi_add_handle(multi, work->easy) == CURLM_OK);
}

static void do_jobs(int abreast) {
  CURLM *multi = curl_multi_init();
  struct work *works = calloc((size_t)abreast, sizeof *works);
  long all = plan.left;
  int running = 1, left;
  CHECK(multi != NULL && works != NULL);
  CHECK(curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)abreast) == CURLM_OK);
  for (int i = 0; i < abreast; i++) {
    work_init(&works[i]);
    if (plan.left == 0) continue;
    begin(&works[i]);
    CHECK(curl_multi_add_handle(multi, works[i].easy) == CURLM_OK);
  }
  while (plan.done < all) {
    CHECK(curl_multi_perform(multi, &running) == CURLM_OK);
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left)) != NULL;) {
      go_on(multi, message);
      running = 0; /* what was begun wants to be looked at first */
    }
    if (running > 0) CHECK(curl_multi_poll(multi, NULL, 0, 1, NULL) == CURLM_OK);
  }
  for (int i = 0; i < abreast; i++)
    work_release(&works[i]);
  free(works);
  CHECK(curl_multi_cleanup(multi) == CURLM_OK);
}

static void do_lists(long count) {
  struct work work;
  work_init(&work);
  for (long i = 0; i < count; i++) {
    ask_list(&work);
    buffer_clear(&work.reply);
    CHECK(curl_easy_perform(work.easy) == CURLE_OK);
  }
  work_release(&work);
}

static void read_clip(const char *path) {
  static char bytes[1024 * 1024];
  FILE *file = fopen(path, "re");
  CHECK(file != NULL);
  plan.clip_bytes = fread(bytes, 1, sizeof bytes, file);
  plan.clip = bytes;
  CHECK(plan.clip_bytes > 0 && fclose(file) == 0);
}

int main(int argc, char **argv) {
  bool jobs = argc == 7 && strcmp(argv[1], "jobs") == 0;
  if (!jobs && !(argc == 4 && strcmp(argv[1], "lists") == 0)) {
    fprintf(stderr, "usage: bare_client jobs API COUNT ABREAST ACCOUNTS CLIP | lists API COUNT\n");
    return 2;
  }
  CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
  plan.api = argv[2];
  plan.left = strtol(argv[3], NULL, 10);
  if (jobs) {
    plan.accounts = (int)strtol(argv[5], NULL, 10);
    read_clip(argv[6]);
    do_jobs((int)strtol(argv[4], NULL, 10));
  } else {
    do_lists(plan.left);
  }
  curl_global_cleanup();
  return 0;
}
