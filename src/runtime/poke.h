/* The socket beside the state by which a command wakes the run at work: a datagram without meaning
 * says that there is a request to read. What is ordered stands in the state alone, so a poke that
 * is lost, forged or sent twice changes nothing. */
#ifndef RUNTIME_POKE_H
#define RUNTIME_POKE_H

#include <stdbool.h>
#include <sys/un.h>

#include "nightshift/error.h"

struct poke {
  int fd; /* readable when poked; -1: none */
  struct sockaddr_un address;
  int directory; /* -1, or what the address leads through */
};

/* The run's end: `<state>.sock`, 0600. The caller holds the run's lock, so a socket that is there
 * already is a dead run's and gives way; another kind of file does not. */
int poke_listen(struct poke *poke, const char *state, struct error *error);
/* Takes all pokes so far. */
void poke_drain(const struct poke *poke);
void poke_close(struct poke *poke); /* and removes the socket */

/* The command's end: whether somebody listens and was poked. */
bool poke_send(const char *state);

#endif
