#include "runtime/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "nightshift/runtime.h"
#include "runtime/clock.h"
#include "runtime/poke.h"
#include "util/check.h"

#define PATIENCE_NS INT64_C(2000000000) /* contract: a command acts within 2 s, real ones */
#define NAP_NS      20000000

/* ---- applied to a state that nobody works on ---- */

static int core_of(struct store *store, struct core **core, time_ms *now, struct error *error) {
  struct store_snapshot snapshot = {0};
  int result = state_read(store, &snapshot, error);
  if (result != 0) return result;
  int64_t *counts = calloc(snapshot.job_count + 1, sizeof *counts);
  CHECK(counts != NULL && "out of memory");
  result = store_event_counts(store, &snapshot, counts, error);
  if (result == 0) {
    *core = core_at_rest(&snapshot, counts);
    struct clock clock;
    clock_start(&clock, 1, snapshot.latest);
    *now = clock_now(&clock);
  }
  free(counts);
  store_snapshot_release(&snapshot);
  return result;
}

static int apply_all(struct store *store, const struct store_requests *requests,
                     struct error *error) {
  struct core *core = NULL;
  struct core_output output;
  time_ms now;
  int result = core_of(store, &core, &now, error);
  if (result != 0) return result;
  core_output_init(&output);
  for (size_t i = 0; result == 0 && i < requests->count; i++) {
    struct control control = core_control_of(&requests->requests[i]);
    core_output_reset(&output);
    core_control(core, now, &control, &output);
    result = store_commit(store, now, output.records, output.record_count, error);
  }
  core_output_release(&output);
  core_free(core);
  return result;
}

int control_apply(struct store *store, struct error *error) {
  struct store_requests requests = {0};
  int result = store_load_requests(store, &requests, error);
  if (result == 0 && requests.count > 0) result = apply_all(store, &requests, error);
  store_requests_release(&requests);
  return result;
}

/* Orders to be carried out, or an older nightshift's state, which opening it for writing brings up
 * to date. */
static bool has_work_before(const char *state) {
  struct store_requests requests = {0};
  struct store *store = NULL;
  int result = store_open(&store, state, STORE_READ, NULL);
  if (result != 0) return result == ERR_OLDER;
  bool any = store_load_requests(store, &requests, NULL) == 0 && requests.count > 0;
  store_requests_release(&requests);
  store_close(store);
  return any;
}

void control_apply_before(const char *state) {
  struct run_lock *lock = NULL;
  struct store *store = NULL;
  if (!has_work_before(state) || run_lock_take(&lock, state, NULL) != 0) return;
  if (store_open(&store, state, STORE_WRITE, NULL) == 0) (void)control_apply(store, NULL);
  store_close(store);
  run_lock_release(lock);
}

/* ---- the command ---- */

struct giving {
  const char *state;
  const struct request_record *order;
  struct control_answer *answer;
  struct store *store; /* beside a run at work; NULL: not open */
  int64_t id;          /* 0: not written down yet */
  bool poked;
};

static int write_down(struct giving *giving, struct store *store, struct error *error) {
  if (giving->id != 0) return 0;
  return store_give_request(store, giving->order, &giving->id, error);
}

static int read_answer(struct giving *giving, struct store *store, struct error *error) {
  struct store_requests found = {0};
  int result = store_find_request(store, giving->id, &found, error);
  if (result == 0 && found.count == 1 && found.requests[0].answered != 0) {
    const char *text = found.requests[0].answer;
    giving->answer->answered = true;
    giving->answer->status = found.requests[0].status;
    giving->answer->text = strdup(text == NULL ? "" : text);
    CHECK(giving->answer->text != NULL && "out of memory");
  }
  store_requests_release(&found);
  return result;
}

/* Nobody works on the state: the command does it itself. ERR_BUSY: somebody does by now. */
static int act(struct giving *giving, struct error *error) {
  struct run_lock *lock = NULL;
  struct store *store = NULL;
  store_close(
      giving->store); /* a second descriptor on the file would lose the locks of the first */
  giving->store = NULL;
  int result = run_lock_take(&lock, giving->state, error);
  if (result != 0) return result;
  result = store_open(&store, giving->state, STORE_WRITE, error);
  if (result == 0) result = write_down(giving, store, error);
  if (result == 0) result = control_apply(store, error);
  if (result == 0) result = read_answer(giving, store, error);
  store_close(store);
  run_lock_release(lock);
  /* A file that is busy for that long is no run that began. */
  return result == ERR_BUSY && !store_is_shared(giving->state) ? ERR_IO : result;
}

/* Somebody works on it: written down and announced, until there is an answer. */
static int ask(struct giving *giving, struct error *error) {
  int result =
      giving->store == NULL ? store_open(&giving->store, giving->state, STORE_ASK, error) : 0;
  if (result == 0) result = write_down(giving, giving->store, error);
  if (result != 0) return result;
  /* A run looks at a shared state by itself. */
  if (!giving->poked) giving->poked = store_is_shared(giving->state) || poke_send(giving->state);
  return read_answer(giving, giving->store, error);
}

static int give(struct giving *giving, struct error *error) {
  int64_t end = clock_boot_ns() + PATIENCE_NS;
  int result;
  do {
    result = run_lock_is_held(giving->state) ? ask(giving, error) : act(giving, error);
    if (result != 0 && result != ERR_BUSY) return result;
    if (giving->answer->answered) return 0;
    (void)nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL); /* cut short: only sooner */
  } while (clock_boot_ns() < end);
  return giving->id != 0 ? 0 : result;
}

int control_give(const char *state, const struct request_record *order,
                 struct control_answer *answer, struct error *error) {
  struct giving giving = {.state = state, .order = order, .answer = answer};
  *answer = (struct control_answer){0};
  int result = give(&giving, error);
  store_close(giving.store);
  answer->poked = giving.poked;
  return result;
}

void control_answer_release(struct control_answer *answer) {
  free(answer->text);
  *answer = (struct control_answer){0};
}
