/* Asking many things of the service at the same time, and waiting for the answers. */
#include "runtime/ask.h"

#include "runtime/run.h"

#define ABREAST 16 /* calls at the same time */

static void send_more(struct asking *asking);

static void on_reply(void *context, const struct wire_reply *reply, int64_t begun_boot_ms) {
  struct question *question = context;
  struct asking *asking = question->asking;
  struct arena arena;
  struct answer answer = {0};
  (void)begun_boot_ms;
  arena_init(&arena);
  wire_decode(&question->call, reply, clock_now(&asking->run->clock), &arena, &answer);
  asking->read(asking->context, question, &answer);
  arena_release(&arena);
  asking->under_way--;
  send_more(asking);
}

static void send_more(struct asking *asking) {
  struct arena arena;
  arena_init(&arena);
  while (asking->next < asking->count && asking->under_way < ABREAST && !asking->run->interrupted) {
    struct question *question = &asking->questions[asking->next++];
    struct wire_request request = {0};
    question->asking = asking;
    wire_encode(&question->call, &arena, &request);
    asking->under_way++;
    http_send(asking->run->http, question->call.token, &request, false, on_reply, question);
  }
  arena_release(&arena);
  if (asking->under_way == 0) uv_stop(&asking->run->loop);
}

int ask_all(struct asking *asking) {
  send_more(asking);
  while (asking->under_way > 0)
    (void)uv_run(&asking->run->loop, UV_RUN_DEFAULT);
  return asking->run->interrupted ? ERR_BUSY : 0;
}

static void give_up(uv_timer_t *timer) {
  *(bool *)timer->data = true;
}

void ask_for(struct asking *asking, duration_ms real_ms) {
  struct run *run = asking->run;
  uv_timer_t *timer = &run->retry_commit;
  bool over = false;
  timer->data = &over;
  if (uv_timer_start(timer, give_up, (uint64_t)real_ms, 0) == 0) send_more(asking);
  while (asking->under_way > 0 && !over && !run->interrupted)
    (void)uv_run(&run->loop, UV_RUN_ONCE);
  (void)uv_timer_stop(timer);
  timer->data = run;
}
