/* A fault of the program's own: told, with what led to it, and exit status 70. */
#ifndef CLI_FAULT_H
#define CLI_FAULT_H

struct log_sink;

void fault_install(void);
/* Whose last lines are told; NULL: none any more. */
void fault_set_log(const struct log_sink *log);

#endif
