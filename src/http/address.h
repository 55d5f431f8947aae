/* Where a URL or a socket address leads: to this machine, to a private network, to the world. */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* 127.0.0.0/8 and ::1. */
bool address_is_loopback(const struct sockaddr *address);
/* The same for an address in numbers, "127.0.0.1" or "::1". */
bool address_text_is_loopback(const char *text);

/* Whether a download may connect there: no private, loopback, link-local, shared (100.64/10),
 * unique-local, v4-mapped, multicast, documentation or unspecified address; what NAT64 and 6to4
 * wrap is judged by the IPv4 address inside. After IANA's special-purpose address registries. */
bool address_is_public(const struct sockaddr *address);

struct url_facts {
  bool https;    /* else http */
  bool loopback; /* the host is localhost or a loopback address in numbers */
  bool has_query;
};
/* False for what is not an http or https URL, or carries a user name. */
bool url_look(const char *url, struct url_facts *facts);

#endif
