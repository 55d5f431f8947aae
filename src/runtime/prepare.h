/* What `run` and `check` do alike before anything is decided: read, ask, resolve, examine. */
#ifndef RUNTIME_PREPARE_H
#define RUNTIME_PREPARE_H

#include "runtime/run.h"

/* Opens the loop and listens for signals. */
int prepare_loop(struct run *run, struct error *error);
/* The same for a reading beside a run at work: signals are that one's. */
int prepare_loop_aside(struct run *run, struct error *error);
/* Stops listening, closes what is open. */
void prepare_close(struct run *run);

/* Opens the way to the service with the config's tokens; prepare does so itself. */
int prepare_http(struct run *run, struct error *error);

/* What the state knows, read without writing; a state that is not there yet is an empty one. The
 * store stays open (*store may be NULL) for clips that are remembered. */
int prepare_state(struct run *run, struct store **store, struct error *error);

struct prepare_wishes {
  bool patient;        /* wait for a service that is away; else go on without it */
  struct store *clips; /* where clips are remembered, NULL: nowhere */
  /* Where they are instead; called on several threads. NULL: there. */
  bool (*recall)(void *context, const char *path, int64_t size_bytes, int64_t mtime_ns,
                 struct clip *clip);
  void *recall_context;
};
/* Reads the batches, asks the service, resolves voices and accounts, examines clips, and prints
 * every mistake. Returns 0, or the exit status: 2, 3 (interrupted), 4, 70. *reached tells whether
 * the service was asked; reach may be released in any case. */
int prepare(struct run *run, const struct prepare_wishes *wishes, struct reach *reach,
            bool *reached);

#endif
