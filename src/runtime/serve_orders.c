/* Orders given on the page, and questions about one job. An order goes the way of the command
 * line's: it is written down as a request, read from there, given to the core once, and answered by
 * the record that its effects are made durable with. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/serve.h"
#include "util/check.h"
#include "util/json_out.h"

#define OK               200
#define ACCEPTED         202
#define BAD_REQUEST      400
#define NOT_FOUND        404
#define UNAVAILABLE      503
#define STATUS_USAGE     2
#define STATUS_CANNOT    4
#define PATIENCE_MS      5000
#define ANSWER_BYTES_MAX ((size_t)4 * 1024 * 1024)

/* Its thread is the store's from when it is sent until it is back. */
struct serve_question {
  struct store_errand errand; /* first */
  struct serve_question *next;
  web_ticket ticket;
  uint64_t asked_ms;
  bool is_order, back;
  int result;
  struct error error;
  /* an order */
  struct request_record order; /* its texts are ours, but for the verb */
  int64_t request;
  /* a job */
  job_id job;
  struct store_history history;
};

static struct serve_question *question_new(struct run *run, web_ticket ticket) {
  struct serve_question *question = calloc(1, sizeof *question);
  CHECK(question != NULL && "out of memory");
  question->ticket = ticket;
  question->asked_ms = uv_now(&run->loop);
  return question;
}

static void question_free(struct serve_question *question) {
  free((char *)(uintptr_t)question->order.batch);
  free((char *)(uintptr_t)question->order.pattern);
  free((char *)(uintptr_t)question->order.account);
  free((char *)(uintptr_t)question->order.flags);
  store_history_release(&question->history);
  free(question);
}

static void forget(struct run *run, struct serve_question *question) {
  struct serve_question **at = &run->serve->questions;
  while (*at != question)
    at = &(*at)->next;
  *at = question->next;
  question_free(question);
}

/* ---- answers ---- */

/* The exit status that the command would have, and its words. */
static void say(struct run *run, web_ticket ticket, unsigned http_status, int status,
                const char *text) {
  struct json_out json;
  struct buffer out;
  buffer_init(&out, ANSWER_BYTES_MAX);
  json_begin(&json, &out);
  json_open_object(&json, NULL);
  json_number(&json, "status", status);
  json_text(&json, "text", text);
  json_close_object(&json);
  web_answer(run->serve->web, ticket, http_status, buffer_string(&out), out.length);
  buffer_release(&out);
}

static void say_job(struct run *run, const struct serve_question *question) {
  const struct job_record *job = core_job_record(run->core, question->job);
  struct buffer out;
  if (job == NULL || question->result != 0) {
    say(run, question->ticket, job == NULL ? NOT_FOUND : UNAVAILABLE, STATUS_CANNOT,
        job == NULL ? "the run has no such job" : question->error.text);
    return;
  }
  buffer_init(&out, ANSWER_BYTES_MAX);
  board_job(run->core, job, clock_now(&run->clock), &question->history, &out);
  web_answer(run->serve->web, question->ticket, OK, buffer_string(&out), out.length);
  buffer_release(&out);
}

/* ---- on the store's thread ---- */

static void write_down(struct store *store, struct store_errand *errand) {
  struct serve_question *question = (struct serve_question *)errand;
  question->result =
      store_give_request(store, &question->order, &question->request, &question->error);
}

static void read_history(struct store *store, struct store_errand *errand) {
  struct serve_question *question = (struct serve_question *)errand;
  question->result = store_load_history(store, question->job, &question->history, &question->error);
}

/* ---- asking ---- */

/* What is not answered by then is written down and will be: the state takes nothing just now. */
static void on_patience(uv_timer_t *timer) {
  struct run *run = timer->data;
  uint64_t now = uv_now(&run->loop);
  bool any = false;
  for (struct serve_question *question = run->serve->questions; question != NULL;
       question = question->next) {
    if (question->ticket == 0) continue;
    any = true;
    if (now - question->asked_ms < PATIENCE_MS) continue;
    say(run, question->ticket, ACCEPTED, 0,
        question->is_order
            ? "the state takes nothing just now: it is carried out as soon as it does"
            : "the state does not answer just now: ask again");
    question->ticket = 0;
  }
  if (!any) (void)uv_timer_stop(timer);
}

static void send_off(struct run *run, struct serve_question *question,
                     void (*errand)(struct store *, struct store_errand *)) {
  question->errand.run = errand;
  question->next = run->serve->questions;
  run->serve->questions = question;
  CHECK(uv_timer_start(&run->serve->patience, on_patience, PATIENCE_MS / 5, PATIENCE_MS / 5) == 0);
  store_worker_send(run->worker, &question->errand);
}

static bool is_at_work(struct run *run, web_ticket ticket) {
  if (run->worker != NULL && run->begun != 0 && !run->ended) return true;
  say(run, ticket, UNAVAILABLE, STATUS_CANNOT, "the run is not at work just now");
  return false;
}

void serve_on_job(void *context, int64_t job, web_ticket ticket) {
  struct run *run = context;
  if (!is_at_work(run, ticket)) return;
  struct serve_question *question = question_new(run, ticket);
  question->job = job;
  send_off(run, question, read_history);
}

static const char *verb_of(const char *given) {
  static const char *const verbs[] = {"pause", "resume", "retry", "cancel"};
  for (size_t i = 0; given != NULL && i < sizeof verbs / sizeof verbs[0]; i++)
    if (strcmp(verbs[i], given) == 0) return verbs[i];
  return NULL;
}

static bool has_text(const char *text) {
  return text != NULL && text[0] != '\0';
}

/* As the command line has it: what is wrong with it; NULL: nothing. */
static const char *fault_of(const struct web_order *order) {
  const char *verb = verb_of(order->verb);
  if (verb == NULL) return "verb: pause, resume, retry or cancel";
  bool account = has_text(order->account);
  if (account == has_text(order->batch)) return "either a batch or an account is meant";
  if (account && strcmp(verb, "pause") != 0 && strcmp(verb, "resume") != 0)
    return "an account is only paused and resumed";
  if (account && has_text(order->pattern)) return "an account stands alone, without jobs";
  if (order->all && has_text(order->pattern)) return "all is for the whole batch";
  return NULL;
}

static char *copy_of(const char *text) {
  char *copy = has_text(text) ? strdup(text) : NULL;
  CHECK((!has_text(text) || copy != NULL) && "out of memory");
  return copy;
}

void serve_on_order(void *context, const struct web_order *order, web_ticket ticket) {
  struct run *run = context;
  const char *fault = fault_of(order);
  char flags[32];
  if (fault != NULL) {
    say(run, ticket, BAD_REQUEST, STATUS_USAGE, fault);
    return;
  }
  if (!is_at_work(run, ticket)) return;
  struct serve_question *question = question_new(run, ticket);
  snprintf(flags, sizeof flags, "%s%s%s", order->force ? "force " : "",
           order->again ? "again " : "", order->all ? "all " : "");
  question->is_order = true;
  question->order = (struct request_record){.verb = verb_of(order->verb),
                                            .batch = copy_of(order->batch),
                                            .pattern = copy_of(order->pattern),
                                            .account = copy_of(order->account),
                                            .flags = copy_of(flags),
                                            .asked = clock_now(&run->clock)};
  send_off(run, question, write_down);
}

/* ---- back from the store's thread ---- */

static void on_back(struct run *run, struct serve_question *question) {
  question->back = true;
  if (question->is_order && question->result == 0) {
    store_worker_look(run->worker); /* as if poked: it is read with all others */
    return;
  }
  if (question->is_order)
    say(run, question->ticket, UNAVAILABLE, STATUS_CANNOT, question->error.text);
  else
    say_job(run, question);
  forget(run, question);
}

void serve_on_store(struct run *run) {
  struct store_errand *errand;
  while (run->serve != NULL && run->worker != NULL &&
         (errand = store_worker_back(run->worker)) != NULL)
    on_back(run, (struct serve_question *)errand);
}

static void on_answer(struct run *run, const struct request_record *answer) {
  struct serve_question *question = run->serve->questions;
  while (question != NULL && (!question->is_order || question->request != answer->id))
    question = question->next;
  if (question == NULL || !question->back) return; /* ordered by a command */
  say(run, question->ticket, OK, answer->status, answer->answer);
  forget(run, question);
}

void serve_on_durable(struct run *run, const struct core_output *output) {
  if (run->serve == NULL || run->serve->questions == NULL) return;
  for (size_t i = 0; i < output->record_count; i++)
    if (output->records[i].kind == RECORD_REQUEST_ANSWER)
      on_answer(run, &output->records[i].as.request);
}

void serve_drop_questions(struct run *run) {
  struct serve *serve = run->serve;
  while (serve != NULL && serve->questions != NULL) {
    struct serve_question *question = serve->questions;
    say(run, question->ticket, UNAVAILABLE, STATUS_CANNOT, "the run has ended");
    forget(run, question);
  }
}
