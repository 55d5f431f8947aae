/* Real TLS servers on loopback sockets, good ones and every bad kind, with certificates of an
 * authority that is made for the test and trusted by SSL_CERT_FILE alone. */
#ifndef SUPPORT_TLS_SERVER_H
#define SUPPORT_TLS_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct tls_authority;
struct tls_server;

/* What is wrong with a server; all zero but `hosts`: nothing. */
struct tls_fault {
  const char *hosts;      /* of the certificate, as in "DNS:localhost,IP:127.0.0.1" */
  int from_days, to_days; /* both 0: from yesterday to tomorrow */
  int rsa_bits;           /* 0: a key on P-256 */
  bool sha1, self_signed, for_clients;
  bool by_leaf;        /* issued by a certificate that is no authority's */
  bool nul_in_name;    /* "HOST\0.example.com", HOST being `hosts` */
  int newest_version;  /* of TLS, as TLS1_1_VERSION; 0: any */
  const char *ciphers; /* only these, as "aNULL"; no certificate then */
  const char *plain;   /* no TLS at all: this is what it says */
};

struct tls_authority *tls_authority_new(void);
/* Its certificate as a file for SSL_CERT_FILE. */
bool tls_authority_write(const struct tls_authority *authority, const char *path);
void tls_authority_free(struct tls_authority *authority);

/* Answers each request with what `reply` returns for its head; that is sent as it is, then the
 * connection is closed. */
typedef const char *tls_reply(const char *head, void *context);
struct tls_server *tls_server_start(const struct tls_authority *authority,
                                    const struct tls_fault *fault, tls_reply *reply, void *context);
void tls_server_stop(struct tls_server *server);
int tls_server_port(const struct tls_server *server);
/* Seen so far. */
int tls_server_connections(const struct tls_server *server);
int tls_server_requests(const struct tls_server *server);

#endif
