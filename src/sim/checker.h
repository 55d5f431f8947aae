/* Holds the truth, outside the core and sharing no code with it: what the service really has, what
 * really left the client, byte for byte, and what the store said is durable. Complains when the
 * three do not go together. */
#ifndef SIM_CHECKER_H
#define SIM_CHECKER_H

#include "sim/fault.h"

struct checker;
struct checker *checker_new(const struct fault_plan *plan);
void checker_free(struct checker *checker);
/* Once, before the first run. */
void checker_begin(struct checker *checker, struct world *world);

/* Every moment of the world. */
void checker_moment(struct checker *checker, const struct world_moment *moment);
/* The process is gone, by its own end or not: what it had on the wire is nobody's any more. The
 * state is compared with what was acknowledged. */
void checker_restarted(struct checker *checker);
/* Whether requests leave at all. */
void checker_network(struct checker *checker, bool up);
/* What the next process is told of guards is what holds from now on. */
void checker_guards_read(struct checker *checker);
/* A person is about to give this order; its strings outlive the checker. */
void checker_ordered(struct checker *checker, const struct request_record *order);
/* A signal was sent to the process under way. */
void checker_stopped(struct checker *checker);
/* The run ended with this status. */
void checker_exited(struct checker *checker, int status);
/* Between moments, while a process is at work: reasons of waiting jobs, pace, deadlines. */
void checker_look(struct checker *checker);
/* At the very end; `all_ended` when nothing more is to come. */
void checker_finish(struct checker *checker);

/* Whether a group is on its way to the disk. */
bool checker_in_commit(const struct checker *checker);
bool checker_all_ended(const struct checker *checker);
enum job_state checker_job_state(const struct checker *checker, size_t job);
/* NULL: nothing to complain of. Only the first complaint is kept. */
const char *checker_complaint(const struct checker *checker);
/* Seeds of FAULT_BEYOND: how often a job was paid again because a task was listed too late. */
int64_t checker_paid_again(const struct checker *checker);

#endif
