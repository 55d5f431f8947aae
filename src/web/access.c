/* Who may: whose name was called, from where, with which token, and from whose page. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "web/web.h"

#define BEARER "Bearer "

/* All of the token is compared, however soon they differ. */
static bool has_token(const struct web *web, struct MHD_Connection *connection) {
  const char *given = web_header(connection, "Authorization");
  if (web->token == NULL || given == NULL) return false;
  if (strncasecmp(given, BEARER, strlen(BEARER)) != 0) return false;
  given += strlen(BEARER);
  size_t size = strlen(web->token);
  if (strlen(given) != size) return false; /* its length is no secret */
  unsigned char differ = 0;
  for (size_t i = 0; i < size; i++)
    differ |= (unsigned char)(given[i] ^ web->token[i]);
  return differ == 0;
}

static bool is_peer_here(struct MHD_Connection *connection) {
  char host[INET6_ADDRSTRLEN];
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (info == NULL || info->client_addr == NULL) return false;
  const struct sockaddr *peer = info->client_addr;
  const void *address = NULL;
  if (peer->sa_family == AF_INET)
    address = &((const struct sockaddr_in *)(const void *)peer)->sin_addr;
  if (peer->sa_family == AF_INET6)
    address = &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr;
  if (address == NULL || inet_ntop(peer->sa_family, address, host, sizeof host) == NULL)
    return false;
  return web_host_is_loopback(strncmp(host, "::ffff:", 7) == 0 ? host + 7 : host);
}

/* A proxy on this machine speaks for somebody elsewhere. */
static bool is_forwarded(struct MHD_Connection *connection) {
  static const char *const names[] = {"Forwarded",         "X-Forwarded-For", "X-Forwarded-Host",
                                      "X-Forwarded-Proto", "X-Real-IP",       "Via",
                                      "CF-Connecting-IP",  "True-Client-IP"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (web_header(connection, names[i]) != NULL) return true;
  return false;
}

/* A browser says whose page asks; other programs say nothing. */
static bool is_of_another_page(struct MHD_Connection *connection) {
  const char *site = web_header(connection, "Sec-Fetch-Site");
  const char *origin = web_header(connection, "Origin"), *host = web_header(connection, "Host");
  if (site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0) return true;
  if (origin == NULL) return false;
  const char *theirs = strstr(origin, "://");
  return theirs == NULL || host == NULL || strcasecmp(theirs + 3, host) != 0;
}

unsigned web_refusal(const struct web *web, struct MHD_Connection *connection, enum access access) {
  enum host_kind host =
      web_host_kind(web_header(connection, "Host"), web->public_host, web->page_host);
  if (host == HOST_OF_OTHERS) return MHD_HTTP_NOT_FOUND;
  if (access == ACCESS_ANYBODY) return 0;
  if (host == HOST_PUBLIC) return MHD_HTTP_NOT_FOUND;
  if (access == ACCESS_PAGE) return 0;
  if (is_of_another_page(connection)) return MHD_HTTP_FORBIDDEN;
  if (access == ACCESS_ORDER && web_header(connection, "X-Nightshift-Order") == NULL)
    return MHD_HTTP_FORBIDDEN;
  if (has_token(web, connection)) return 0;
  bool is_here = host == HOST_LOOPBACK && is_peer_here(connection) && !is_forwarded(connection);
  return access == ACCESS_READ && is_here ? 0 : MHD_HTTP_UNAUTHORIZED;
}
