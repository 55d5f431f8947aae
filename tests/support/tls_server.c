/* Real TLS servers on loopback sockets, good ones and every bad kind. */
#include "support/tls_server.h"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/check.h"

struct tls_authority {
  EVP_PKEY *key;
  X509 *certificate;
};

struct tls_server {
  int listener, port;
  SSL_CTX *context;
  const char *plain;
  tls_reply *reply;
  void *reply_context;
  pthread_t thread;
  atomic_int connections, requests;
};

/* ---- certificates ---- */

static EVP_PKEY *make_key(int rsa_bits) {
  EVP_PKEY *key = rsa_bits > 0 ? EVP_RSA_gen((unsigned)rsa_bits) : EVP_EC_gen("P-256");
  CHECK(key != NULL);
  return key;
}

static void add_extension(X509 *certificate, int id, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, id, value);
  CHECK(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

/* A name that ends for whoever reads it as C does. */
static void add_name_with_nul(X509 *certificate, const char *host) {
  char name[128];
  int size = snprintf(name, sizeof name, "%s%c.example.com", host, '\0');
  GENERAL_NAMES *names = GENERAL_NAMES_new();
  GENERAL_NAME *one = GENERAL_NAME_new();
  ASN1_IA5STRING *text = ASN1_IA5STRING_new();
  CHECK(names != NULL && one != NULL && text != NULL && ASN1_STRING_set(text, name, size) == 1);
  GENERAL_NAME_set0_value(one, GEN_DNS, text);
  CHECK(sk_GENERAL_NAME_push(names, one) > 0);
  CHECK(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1);
  GENERAL_NAMES_free(names);
}

static X509 *make_certificate(EVP_PKEY *key, const char *subject, long serial, int from_days,
                              int to_days) {
  X509 *certificate = X509_new();
  CHECK(certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1);
  CHECK(ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial) == 1);
  CHECK(X509_gmtime_adj(X509_getm_notBefore(certificate), 86400L * from_days) != NULL);
  CHECK(X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * to_days) != NULL);
  CHECK(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                                   (const unsigned char *)subject, -1, -1, 0) == 1);
  CHECK(X509_set_pubkey(certificate, key) == 1);
  return certificate;
}

static void sign(X509 *certificate, const X509 *issuer, EVP_PKEY *key, const EVP_MD *digest) {
  CHECK(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1);
  CHECK(X509_sign(certificate, key, digest) > 0);
}

struct tls_authority *tls_authority_new(void) {
  struct tls_authority *authority = calloc(1, sizeof *authority);
  CHECK(authority != NULL);
  authority->key = make_key(0);
  authority->certificate = make_certificate(authority->key, "nightshift's tests", 1, -9, 9);
  add_extension(authority->certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(authority->certificate, NID_key_usage, "critical,keyCertSign");
  sign(authority->certificate, authority->certificate, authority->key, EVP_sha256());
  return authority;
}

bool tls_authority_write(const struct tls_authority *authority, const char *path) {
  FILE *file = fopen(path, "we");
  if (file == NULL) return false;
  bool good = PEM_write_X509(file, authority->certificate) == 1;
  return fclose(file) == 0 && good;
}

void tls_authority_free(struct tls_authority *authority) {
  EVP_PKEY_free(authority->key);
  X509_free(authority->certificate);
  free(authority);
}

/* ---- a server's certificate ---- */

static X509 *issue(const struct tls_authority *authority, const struct tls_fault *fault,
                   EVP_PKEY *key) {
  bool usual = fault->from_days == 0 && fault->to_days == 0;
  X509 *certificate = make_certificate(key, "a server", 2, usual ? -1 : fault->from_days,
                                       usual ? 1 : fault->to_days);
  if (fault->nul_in_name)
    add_name_with_nul(certificate, fault->hosts);
  else
    add_extension(certificate, NID_subject_alt_name, fault->hosts);
  add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE");
  if (fault->for_clients) add_extension(certificate, NID_ext_key_usage, "clientAuth");
  bool alone = fault->self_signed;
  sign(certificate, alone ? certificate : authority->certificate, alone ? key : authority->key,
       fault->sha1 ? EVP_sha1() : EVP_sha256());
  return certificate;
}

static void use_certificate(struct tls_server *server, const struct tls_authority *authority,
                            const struct tls_fault *fault) {
  EVP_PKEY *key = make_key(fault->rsa_bits);
  X509 *certificate = issue(authority, fault, key);
  if (fault->by_leaf) { /* the one above signs another one */
    EVP_PKEY *own = make_key(0);
    X509 *below = make_certificate(own, "below a server", 3, -1, 1);
    add_extension(below, NID_subject_alt_name, fault->hosts);
    sign(below, certificate, key, EVP_sha256());
    CHECK(SSL_CTX_add1_chain_cert(server->context, certificate) == 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    certificate = below;
    key = own;
  }
  CHECK(SSL_CTX_use_certificate(server->context, certificate) == 1);
  CHECK(SSL_CTX_use_PrivateKey(server->context, key) == 1);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

static void set_up(struct tls_server *server, const struct tls_authority *authority,
                   const struct tls_fault *fault) {
  server->context = SSL_CTX_new(TLS_server_method());
  CHECK(server->context != NULL);
  SSL_CTX_set_security_level(server->context, 0); /* it is for the client to refuse */
  CHECK(SSL_CTX_set_min_proto_version(server->context, TLS1_VERSION) == 1);
  if (fault->newest_version != 0)
    CHECK(SSL_CTX_set_max_proto_version(server->context, fault->newest_version) == 1);
  if (fault->ciphers == NULL) {
    use_certificate(server, authority, fault);
    return;
  }
  CHECK(SSL_CTX_set_max_proto_version(server->context, TLS1_2_VERSION) == 1);
  CHECK(SSL_CTX_set_cipher_list(server->context, fault->ciphers) == 1);
  CHECK(SSL_CTX_set_dh_auto(server->context, 1) == 1);
}

/* ---- connections, one after another ---- */

static void answer(struct tls_server *server, SSL *tls) {
  char head[8192];
  size_t length = 0;
  while (length + 1 < sizeof head) {
    int got = SSL_read(tls, head + length, (int)(sizeof head - length) - 1);
    if (got <= 0) return;
    length += (size_t)got;
    head[length] = '\0';
    if (strstr(head, "\r\n\r\n") != NULL) break;
  }
  atomic_fetch_add(&server->requests, 1);
  const char *reply = server->reply(head, server->reply_context);
  (void)SSL_write(tls, reply, (int)strlen(reply)); /* the peer may have gone */
  (void)SSL_shutdown(tls);
}

/* Speaks plainly where TLS is expected; what comes must not be a request. */
static void answer_plainly(struct tls_server *server, int fd) {
  char head[4096];
  ssize_t got = recv(fd, head, sizeof head - 1, 0);
  head[got > 0 ? got : 0] = '\0';
  if (strstr(head, "HTTP/1.1") != NULL) atomic_fetch_add(&server->requests, 1);
  (void)send(fd, server->plain, strlen(server->plain), MSG_NOSIGNAL);
}

static void serve(struct tls_server *server, int fd) {
  atomic_fetch_add(&server->connections, 1);
  if (server->plain != NULL) {
    answer_plainly(server, fd);
    return;
  }
  SSL *tls = SSL_new(server->context);
  CHECK(tls != NULL && SSL_set_fd(tls, fd) == 1);
  if (SSL_accept(tls) == 1) answer(server, tls);
  SSL_free(tls);
  ERR_clear_error();
}

static void *accept_all(void *context) {
  struct tls_server *server = context;
  for (;;) {
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) return NULL;
    serve(server, fd);
    close(fd);
  }
}

struct tls_server *tls_server_start(const struct tls_authority *authority,
                                    const struct tls_fault *fault, tls_reply *reply,
                                    void *context) {
  struct tls_server *server = calloc(1, sizeof *server);
  CHECK(server != NULL);
  server->plain = fault->plain;
  server->reply = reply;
  server->reply_context = context;
  if (fault->plain == NULL) set_up(server, authority, fault);
  server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  CHECK(bind(server->listener, (struct sockaddr *)&address, size) == 0);
  CHECK(listen(server->listener, 16) == 0);
  CHECK(getsockname(server->listener, (struct sockaddr *)&address, &size) == 0);
  server->port = ntohs(address.sin_port);
  CHECK(pthread_create(&server->thread, NULL, accept_all, server) == 0);
  return server;
}

void tls_server_stop(struct tls_server *server) {
  CHECK(shutdown(server->listener, SHUT_RDWR) == 0);
  CHECK(pthread_join(server->thread, NULL) == 0);
  close(server->listener);
  SSL_CTX_free(server->context);
  free(server);
}

int tls_server_port(const struct tls_server *server) {
  return server->port;
}

int tls_server_connections(const struct tls_server *server) {
  return atomic_load(&server->connections);
}

int tls_server_requests(const struct tls_server *server) {
  return atomic_load(&server->requests);
}
