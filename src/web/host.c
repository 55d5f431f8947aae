/* The Host header: whom a request means. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "web/web.h"

/* "name:port", "[::1]:port" without the port and the brackets; false when there is nothing. */
static bool without_port(const char *text, size_t length, char *host, size_t size) {
  if (length > 0 && text[0] == '[') {
    const char *end = memchr(text, ']', length);
    if (end == NULL) return false;
    length = (size_t)(end - text) - 1;
    text++;
  } else {
    const char *colon = memchr(text, ':', length);
    if (colon != NULL) length = (size_t)(colon - text);
  }
  if (length == 0 || length >= size) return false;
  for (size_t i = 0; i < length; i++)
    host[i] = (char)tolower((unsigned char)text[i]);
  host[length] = '\0';
  return true;
}

void web_host_of(const char *url, char *host, size_t size) {
  const char *start = strstr(url, "://");
  host[0] = '\0';
  if (start == NULL) return;
  start += 3;
  if (!without_port(start, strcspn(start, "/?#"), host, size)) host[0] = '\0';
}

static bool is_address(const char *host) {
  unsigned char bytes[sizeof(struct in6_addr)];
  return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

bool web_host_is_loopback(const char *host) {
  struct in_addr four;
  if (inet_pton(AF_INET, host, &four) == 1) return ntohl(four.s_addr) >> 24 == IN_LOOPBACKNET;
  return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0;
}

enum host_kind web_host_kind(const char *header, const char *public_host, const char *page_host) {
  char host[256];
  if (header == NULL || !without_port(header, strlen(header), host, sizeof host))
    return HOST_OF_OTHERS;
  if (web_host_is_loopback(host)) return HOST_LOOPBACK;
  if (page_host[0] != '\0' && strcmp(host, page_host) == 0) return HOST_OURS;
  if (public_host[0] != '\0' && strcmp(host, public_host) == 0) return HOST_PUBLIC;
  return is_address(host) ? HOST_OURS : HOST_OF_OTHERS;
}
